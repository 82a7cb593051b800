"""Which of several readings of a sheet agrees with its own figures and formulas."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.equations.network import Network, Unit
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Negation,
    Number,
    Sum,
    names_in,
    renamed,
    walk,
)
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.changes import CHANGE, is_changed, way_of_changes
from backcalc.reading.collecting import Collector
from backcalc.reading.documents import Document
from backcalc.reading.figures import (
    ChainPart,
    Claim,
    SheetValues,
    by_of,
    near,
    of_both_losses,
    starts_from,
    worked,
)
from backcalc.reading.names import ERRORS, NameReader
from backcalc.reading.signs import FUNCTION_NAMES
from backcalc.reading.vocabulary import Quantities

MOST_TURNS = 3  # readings of a sheet, each with what the one before told of its names
LAYERS_OR_SAMPLES = "the numbers above its names may count layers or samples"
COUNTED_FROM = "the {} may be counted from 0 or from 1"
SUM_OR_OUTPUT = "{} may be the weighted sum of a unit or its output"


@dataclass(eq=False)
class Attempts:
    """Readings of one sheet, each with some names in another sense than usual."""

    sheet: Document
    network: Network
    rate: Fraction | None
    from_nought: bool
    """Whether brackets behind its names count elements from 0, as in code."""
    layered: bool | None = None
    """Whether numbers in brackets above its names count layers; None while nothing tells."""
    raising: bool = True
    """Whether bare numbers above its names may count layers, and are no powers."""
    own_losses: Mapping[str, bool] = field(default_factory=dict)
    """Letters of error terms and losses: whether they are of one sample's loss."""

    def chosen(self) -> Collector:
        """The reading that the sheet's own figures bear out."""
        collector = self.collected({})
        if collector.names.alone and (found := agreement(collector)).fits < found.fails:
            self.raising = False
            collector = self.collected({})
        turned = self.turned(collector)
        if turned:
            collector = self.collected(turned)
        beside = sums_by_a(collector) or sums_by_outputs(collector)
        if beside:
            other, usual = self.collected({**turned, **beside}), agreement(collector)
            found = agreement(other)
            more = found.fits - usual.fits
            if more >= 0 and more >= found.fails - usual.fails:
                collector, turned = other, {**turned, **beside}
        unsure = False
        if collector.names.layered is None and any(claim.twofold for claim in collector.claims):
            self.layered = True
            other = self.collected(turned)
            self.layered = counts_layers(collector, other)
            unsure = self.layered is None
            collector = other if self.layered else collector
        self.own_losses, doubtful = own_losses(collector)
        if self.own_losses != collector.names.own_losses:
            collector = self.collected(turned)
        collector = self.with_units(collector, turned, bool(beside))
        if unsure:
            collector.forget(lambda claim: bool(claim.twofold), LAYERS_OR_SAMPLES)
        collector.names.own_unsure = doubtful
        return collector

    def turned(self, collector: Collector) -> dict[str, Quantities]:
        """The outputs by the letters of targets, where the sheet calls them so."""
        network, names = self.network, collector.names
        found: dict[str, Quantities] = {**outputs_by_targets(collector)}
        others = {name for name in network.targets if not name.startswith("y")}
        meant = [{*each.meant} for each in collector.unread]
        either = any({*network.outputs} & each and {*network.targets} & each for each in meant)
        if either and not names.asked.isdisjoint(others):
            found |= names.put_out(network.outputs)  # y is what comes out, beside t
        return found

    def with_units(
        self, collector: Collector, turned: Mapping[str, Quantities], beside: bool
    ) -> Collector:
        """The reading with other names of units, where more of its figures fit so.

        `beside`: the sheet has two names where one may be a sum and the other an output. What may
        be of either is not read.
        """
        names, usual = collector.names, agreement(collector)
        nought = names.layers_from_nought(self.sheet.work)
        counted = not nought and names.counts_from_one(collector.heads)
        units = names.from_one() if counted else {}
        sums = names.exchanged() if usual.exchanged["a"] > 1 and not beside else {}
        capital = names.capital() if usual.exchanged["H"] > 1 else {}
        other_sums = any(re.fullmatch(r"[us]_?\d+", n) for n in (*collector.heads, *names.taken))
        outputs = names.outputs_by_z() if usual.exchanged["z"] and other_sums else {}
        put_out = names.put_out(self.network.outputs)
        ways: tuple[tuple[dict[str, Quantities], str], ...] = (
            (nought, COUNTED_FROM.format("layers")),
            (units, COUNTED_FROM.format("units")),
            ({**outputs, **put_out} if outputs else {}, SUM_OR_OUTPUT.format("z")),
            ({**sums, **put_out}, SUM_OR_OUTPUT.format("a") if sums else ""),
            (capital, SUM_OR_OUTPUT.format("H")),
        )
        moved, reason = next((way for way in ways if way[0]), ({}, ""))
        if not moved:
            return collector
        other = self.collected({**turned, **moved})
        found = agreement(other)
        enough = max(3, usual.fits + 2, 3 * found.fails) if reason else usual.fits + 1
        if formulas_off(other) + 1 < formulas_off(collector) and usual.fits <= found.fits:
            enough = found.fits
        if found.fits >= enough and found.fails <= max(usual.fails, found.fits // 3):
            aims = {} if reason else names.put_out(self.network.targets)  # by y beside yhat
            aimed = self.collected({**turned, **aims}) if aims and formulas_off(other) else other
            return min(other, aimed, key=formulas_off)
        if reason and (units or found.fits > usual.fits):
            collector.forget_units(reason)
        return collector

    def collected(self, moved: Mapping[str, Quantities]) -> Collector:
        """What is said, with some names taken in another sense than usual."""
        aliases: dict[str, Quantities] = {}
        settled: set[str] = set()
        left, shown, slopes = set[str](), set[str](), set[str]()
        formulas: dict[str, Expression] = {}
        stepped = counting = by_sums = False
        signs = {"delta": 1, "d": 1}
        for _ in range(MOST_TURNS):
            names = NameReader(
                self.network, dict(aliases), moved, signs=dict(signs), settled=set(settled),
                left=left, shown=shown, slopes=slopes, formulas=formulas, stepped=stepped,
                counting=counting, layered=self.layered, own_losses=self.own_losses,
                raising=self.raising, from_nought=self.from_nought, by_sums=by_sums,
            )  # fmt: skip
            collector = Collector(self.sheet, names, SheetValues(names, self.rate))
            collector.read()
            found = {**signs, **signs_of(collector.claims, names, collector.figures)}
            turned = any(found.get(each, -1) != signs.get(each, -1) for each in ERRORS)
            if not (names.late or turned or names.stepped != stepped):
                names.signs = found
                break
            stepped, counting, by_sums = names.stepped, names.counting, names.by_sums
            aliases, settled, signs = dict(names.aliases), set(names.settled), found
        return collector


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the figures of a sheet about units agree with the way in which its names are taken."""

    fits: int
    """How many are right, or follow from what the sheet says."""
    fails: int
    """How many are not."""
    exchanged: Mapping[str, int]
    """For the letters a, H and z how many quantities called so do not fit, or were not read."""


def agreement(collector: Collector) -> Agreement:
    """Count the figures of the first pass that fit the names under which they stand."""
    names, figures = collector.names, collector.figures
    fits: list[bool] = []
    strange = {head for head in collector.heads if re.fullmatch(r"[aHz]\d+", head)}
    for claim in collector.claims:
        strange.discard(claim.word)
        value = claim.value if claim.parts and not claim.primes else None
        unit = claim.quantity in names.forward or isinstance(parsed(claim.quantity), Derivative)
        if value is None or claim.said == "new" or not unit or claim.second:
            continue
        fits.append(figures.fits(value, claim.quantity))
        if not fits[-1] and re.fullmatch(r"([aH]|.?z)\d*(\^\d+)?", claim.word):  # Ez1 for dE/dz1
            strange.add(f"{claim.word.lstrip('dEJL')} {claim.quantity}")  # of a vector each element
        elif not fits[-1] and claim.word.startswith("delta") and claim.word in names.aliases:
            outputs = {*names.network.activations.values()}
            strange |= {f"a {claim.quantity}"} if by_of(claim.quantity) in outputs else set()
    letters = Counter(head[0] for head in strange)
    return Agreement(sum(fits), len(fits) - sum(fits), letters)


def sums_by_a(collector: Collector) -> dict[str, Quantities]:
    """The weighted sums by the letter a, where a sheet has h for what comes of them.

    Where a unit is relu and open both have one figure, so that no figure tells.
    """
    names, first = collector.names, dict[str, int]()
    for claim in collector.claims:
        first.setdefault(claim.word, claim.start)
    letters = {word for word in first if re.fullmatch(r"a\d*", word)}
    beside = any(first[a] < first.get(f"h{a[1:]}", 0) for a in letters)
    functions = {unit.activation.name for unit in names.network.units}
    words = (re.escape(n) for n, of in FUNCTION_NAMES.items() if of in functions)
    applied = rf"(?:{'|'.join(words)})(?:\\left)?\s*\(\s*a\s*[_^0-9)]"  # tanh(a^{{(1)}})
    beside = beside or bool(re.search(applied, collector.document.work))
    if not beside or any(re.fullmatch(r"z(?:\^?\d)*", word) for word in first):
        return {}
    own, exchanged = names.vocabulary.tiers[0], names.exchanged()
    return {key: meant for key, meant in exchanged.items() if key[0] == "a" and key not in own}


def sums_by_outputs(collector: Collector) -> dict[str, Quantities]:
    """The weighted sums by the names of what units put out, where a sheet has others for these.

    So h1 is a sum where h1 = w1 x1 + w2 x2 and a_h1 = sigmoid(h1), or where it has but sigmoid(h1)
    for what is put out; a function that is nowhere applied may be forgotten. Where a is a sum and
    z what is put out, these letters are exchanged.
    """
    names, figures, text = collector.names, collector.figures, collector.document.work
    units = {names.network.activations[unit.name]: unit for unit in names.network.units}
    told: dict[str, dict[str, set[str]]] = {}
    outs = {unit.pre_activation: out for out, unit in units.items()}
    for claim in (each for each in collector.claims if not each.primes):
        kinds = told.setdefault(claim.quantity, {}).setdefault(claim.word, set())
        out = outs.get(claim.quantity, claim.quantity)
        for part in claim.parts if out in units else ():
            kinds |= _role_of(part, units[out], out, figures)
    stems = set[str]()
    for out, unit in units.items():
        words = told.get(out, {})
        sums = [word for word, kinds in words.items() if kinds == {"sum"}]
        alone = unit.pre_activation not in told  # its sum has no name of its own
        put_in = alone and any(_is_put_in(each, unit, text) for each in sums)
        if put_in or {"out"} in words.values():
            stems |= {each.rstrip(string.digits) for each in sums}
        if any(each[0] == "a" for each in sums) and any(
            each[0] == "z" and kinds == {"out"}
            for each, kinds in told.get(unit.pre_activation, {}).items()
        ):  # fmt: skip
            return names.exchanged()  # a = w x + b and z = sigmoid(a)
    if any(re.fullmatch(r"z\d*", head) for head in collector.heads):
        stems.discard("a")  # then a and z are exchanged
    return {
        word: unit.pre_activation
        for out, unit in units.items() for word, kinds in told.get(out, {}).items()
        if word.rstrip(string.digits) in stems and "out" not in kinds
    }  # fmt: skip


def _is_put_in(word: str, unit: Unit, text: str) -> bool:
    """True if a unit's activation function is applied to a name with a number: sigmoid(h_1)."""
    functions = (re.escape(n) for n, of in FUNCTION_NAMES.items() if of == unit.activation.name)
    letters = re.escape(word.rstrip(string.digits))
    name = rf"{letters}_?\{{?{word[len(word.rstrip(string.digits)) :]}\}}?"
    applied = rf"(?:{'|'.join(functions)})'?(?:\\left)?\(\s*{name}\s*(?:\\right)?\)"
    return word[-1:] in string.digits and bool(re.search(applied, text))


def _role_of(part: ChainPart, unit: Unit, out: str, figures: SheetValues) -> set[str]:
    """Return whether what is said of a unit is its sum or what it puts out; nothing for neither."""
    made, amount = part.expression, part.amount
    if isinstance(made, Call) and made.function is unit.activation and names_in(made) == [out]:
        return {"out"}
    ways = {"sum": unit.pre_activation, "out": out}
    fits = {
        kind for kind, name in ways.items()
        if figures.is_formula_of(name, made) or figures.fits(amount, name)
    }  # fmt: skip
    return fits if len(fits) == 1 else set()


def counts_layers(by_samples: Collector, by_layers: Collector) -> bool | None:
    """True if the numbers above names count layers in a sheet that was read in both ways.

    False if they count samples, None where its figures and formulas do not show it.
    """
    (fits, fails), (others, misses) = map(_counted, (by_samples, by_layers))
    if others > fits and misses <= fails:
        return True
    decided = fits > others and fails <= misses
    sure = (fits and not fails) or (by_samples.names.sampling and fits >= others)
    return False if decided or sure else None


def _counted(collector: Collector) -> tuple[int, int]:
    """How many figures and formulas agree with the names whose number may count both."""
    names, figures = collector.names, collector.figures
    fits: list[bool] = []
    for claim in collector.claims:
        if not claim.twofold or not claim.parts or claim.primes:
            continue
        quantities = names.sampled(claim.quantity)
        for part in claim.parts:
            if isinstance(part.expression, Name):
                continue
            number = not part.names
            found = False
            for place, quantity in enumerate(quantities or (claim.quantity,), 1):
                sample = str(place if quantities else names.quantity(quantity).sample)

                def value(name: str, sample: str = sample) -> float | None:
                    own = names.in_sample(name, sample) if "[" not in name else None
                    return figures.right(str(own or name))

                each = replace(claim, quantity=quantity)
                ways = [figures.right(way) for way in of_both_losses(each, names) or (quantity,)]
                ways += [figures.own(quantity)] if number else []
                said = worked(part.expression, value)
                found |= any(near(said, way) for way in ways)
            fits.append(found)
    return sum(fits), len(fits) - sum(fits)


def own_losses(collector: Collector) -> tuple[Mapping[str, bool], frozenset[str]]:
    """The letters of losses and error terms: whether they are of one sample's; and the unsure ones.

    Many write ∂L or delta for the derivative of one sample's loss, and others for that of the
    total, which is another number where it is a mean.
    """
    names, figures = collector.names, collector.figures
    votes: dict[str, list[bool]] = {}
    for claim in collector.claims:
        pair = of_both_losses(claim, names)
        said = worked(claim.expression, figures.right) if pair and claim.parts else None
        rights = [figures.right(each) for each in pair]
        fits = [said is not None and r is not None and near(abs(said), abs(r)) for r in rights]
        for letter in claim.doubted if pair else ():
            votes.setdefault(letter, []).extend(fits[1:] if fits[0] != fits[1] else [])
    told = {letter: all(each) for letter, each in votes.items() if len({*each}) == 1}
    return told, frozenset(votes.keys() - told.keys())


def formulas_off(collector: Collector) -> int:
    """Count the formulas that do not come to the figures behind them."""
    own = collector.figures.stated
    return sum(
        (way := worked(part.expression, own)) is not None and not near(way, claim.value or 0)
        for claim in collector.claims
        if claim.parts and claim.numeric
        for part in claim.parts[:-1]
        if part.names
    )


def outputs_by_targets(collector: Collector) -> dict[str, str]:
    """The outputs by the names of the targets, where a sheet shows that it calls them so.

    Many write y1 for what comes out. All its figures and formulas with y1 must agree with that,
    two of them where it has a name for the output beside.
    """
    names, figures = collector.names, collector.figures
    targets, outputs = names.network.targets, names.network.outputs
    if len(targets) != len(outputs):
        return {}
    meant = dict(zip(targets, outputs, strict=True))
    votes: list[bool] = []

    def fits(expression: Expression, said: float | None) -> bool:
        own = lambda each: figures.right(each) if each in meant else figures.own(each)  # noqa: E731
        ways = [worked(expression, each) for each in (figures.right, own)]
        signs = (1, -1) if claim.error else (1,)  # its sign is not known yet
        return any(way is not None and near(sign * way, said) for way in ways for sign in signs)

    for claim in collector.claims:
        if claim.primes or not claim.parts:
            continue
        name, value = claim.quantity, claim.value
        if name in meant:
            given = figures.given.get(name)
            if value is not None and given is not None and abs(value - float(given)) < 1e-9:
                votes.append(False)
            elif fits(Name(meant[name]), value):
                votes.append(True)
            continue
        said = figures.right(name) if value is None else value
        for part in claim.parts:
            if not meant.keys().isdisjoint(part.names):
                turned = renamed(part.expression, lambda each: meant.get(each, each))
                usual, other = fits(part.expression, said), fits(turned, said)
                votes += [other] if usual != other else []
    hatted = not names.asked.isdisjoint(outputs)  # and one y may have lost its hat
    return meant if all(votes) and len(votes) > hatted else {}


def signs_of(claims: Iterable[Claim], names: NameReader, figures: SheetValues) -> dict[str, int]:
    """The sign of each letter for error terms, as the sheet defines it or its figures show it.

    0 where neither is so.
    """
    claims = list(claims)
    found = {**names.defined, **way_of_changes(claims, names, figures)}
    way = found.get(CHANGE, 0)
    changed = [c for c in claims if c.error == CHANGE and is_changed(c, way, names, figures)]
    claims = [claim for claim in claims if claim.error != CHANGE]
    votes: dict[str, list[int | None]] = {}
    told: dict[str, list[int | None]] = {}
    worded = set[str]()  # letters with a formula that shows their sign
    terms = {claim.quantity for claim in claims if claim.error}
    declared = {claim.error for claim in claims if names.declares(claim.word)}
    forward = SheetValues(names)  # what the sheet's forward pass makes of them, whatever their sign
    kept = names.forward.keys() - terms
    forward.claimed = {name: n for name, n in figures.claimed.items() if name in kept}
    for claim in claims:
        if not claim.error:
            continue
        turn = names.signs.get(claim.error, -1) or 1  # parts are turned where this is -1
        first = claim.parts[0].expression
        if first == Name(claim.quantity):
            found[claim.error] = turn
        elif first == Negation(Name(claim.quantity)):
            found[claim.error] = -turn
        rights = [figures.right(claim.quantity), forward.own(claim.quantity)]
        formulas = [p.expression for p in claim.parts if names_in(p.expression)]
        value, *others = claim.value, *(
            worked(f, figures.right) for f in formulas if terms.isdisjoint(names_in(f))
        )  # fmt: skip
        room = claim.room if claim.places else 0.0
        each = [_sign(turn * value, rights, room)] if value and any(rights) else []
        each += [_sign(turn * way, rights) for way in others if way and any(rights)]
        sign = next((sign for sign in each if sign is not None), None)
        put_in = sign == -1 and any(_is_target_less(p.expression, figures) for p in claim.parts)
        if put_in or any(way and _sign(turn * way, rights) == -1 for way in others):
            worded.add(claim.error)
        follows = figures.own(claim.quantity)
        if sign is None and value and follows and near(value, follows):
            sign = 0  # it goes on from a wrong one, whatever its sign
        if each:
            (told if value is None else votes).setdefault(claim.error, []).append(sign)
    for letter, signs in told.items():  # formulas, where there are no figures
        if letter not in votes and (letter != "delta" or {*signs} - {None} == {1}):
            votes[letter] = [sign for sign in signs if sign is not None] or signs
    slopes = [_slope_sign(claim, figures, names) for claim in claims if not claim.error]
    upright = slopes.count(1) + len(changed if way > 0 or CHANGE in names.defined else ())
    mirrored = slopes.count(-1)
    for letter, signs in votes.items():
        plus, minus, fails = map(signs.count, (1, -1, None))
        delta = letter == "delta"  # which is minus the derivative only if all figures are so
        turned = minus and not plus and minus >= fails and mirrored <= upright
        if letter in declared:  # what else the sheet has must show that it is none of the course's
            found.setdefault(letter, -1 if turned and mirrored < upright else 1)
            continue
        if delta or letter == "d":  # and more than figures of its own shows it
            turned = turned and bool(upright or (letter in worded and not fails))
        sure = delta or (plus >= fails and not minus)
        if delta and turned and len(signs) == 1 and letter not in worded:
            turned, sure = False, False  # the one figure may be wrong
        found.setdefault(letter, -1 if turned else int(sure))
    return {**dict.fromkeys((claim.error for claim in claims if claim.error), 0), **found}


def _is_target_less(working: Expression, figures: SheetValues) -> bool:
    """True if a working in numbers has a target minus its output: (0.01 - 0.7514)*0.7514*0.2486."""
    network = figures.names.network
    pairs = [*zip(network.targets, network.outputs, strict=False)]
    return any(
        near(float(node.terms[0].value), figures.right(target) or 0.0)
        and figures.fits(float(node.terms[1].operand.value), output)
        for node in walk(working)
        if isinstance(node, Sum) and len(node.terms) == 2 and isinstance(node.terms[0], Number)
        if isinstance(node.terms[1], Negation) and isinstance(node.terms[1].operand, Number)
        for target, output in pairs
    )


def _slope_sign(claim: Claim, figures: SheetValues, names: NameReader) -> int | None:
    """1 for a derivative by a weight, or a new weight, that is right, -1 for one turned around.

    Figures that are turned around tell that an error term was none with another sign, but a wrong
    one that was gone on from.
    """
    by, value = by_of(claim.quantity), claim.value
    right = figures.right(claim.quantity)
    if by not in names.weights or not value:
        return None
    if claim.quantity != by:
        return _sign(value, [right])
    old, new = right, figures.right(parsed(by).after(1))
    started = claim.primes == 1 or claim.assigned or claim.said == "new"
    if old is None or new is None or not (
        started or any(starts_from(part, old) for part in claim.parts)
    ):  # fmt: skip
        return None
    change, room = new - old, claim.room
    if abs(abs(value - old) - abs(change)) > max(room, abs(change) / 2) or room > abs(change):
        return None
    return 1 if (value > old) == (change > 0) else -1


def _sign(said: float, rights: Iterable[float | None], room: float = 0.0) -> int | None:
    """1 for a number that is right, -1 for minus one, 0 where both may be, None for another.

    It may be off by some `room` of its last digit.
    """
    known = [way for way in rights if way]
    plus, minus = (
        any(near(s * said, way) or abs(s * said - way) < room for way in known) for s in (1, -1)
    )
    return plus - minus if plus or minus else None
