"""The search for numbers that make a good sheet, from a seed: the same seed, the same numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import gcd, lcm
from random import Random
from typing import TypeAlias

from backcalc.arithmetic import decimal_of
from backcalc.arithmetic.intervals import FAILURES, Numeric, number, numeric
from backcalc.checking.key import FORWARD, key_for
from backcalc.checking.mistakes.form import Spot
from backcalc.checking.naming import same
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.equations.matrix_form import MatrixForm, element_names
from backcalc.equations.named import elements_named, with_numbers
from backcalc.equations.network import Givens, Network
from backcalc.equations.program import Equation
from backcalc.errors import BackcalcError, UndefinedError, did_you_mean, listed
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Name,
    Number,
    Scalar,
    Sum,
    Values,
    answers,
    bounded,
    evaluate,
    finite,
    names_in,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS, call_derivatives, kinks_of
from backcalc.formulas.notation import PLAIN, is_exact
from backcalc.formulas.quantity import Quantity, parsed
from backcalc.worksheets.asked import Exercise, Room, exercise, given

COMMON = 0.02  # the weight of a mistake that is looked for, made in that way
MOST_NAMES = 400  # in the lines of a sheet that is not too large to look for mistakes
NEVER = 100  # times as small as what is seen: a mistake that no numbers show

Hidden: TypeAlias = Callable[[Values], list[tuple[str, str]]]
"""Gives the lines, each with a mistake, that have the right figure at some numbers."""


def hiding(sheet: Exercise, rate: Fraction | None, digits: int) -> Hidden:
    """Take apart the lines that a sheet asks, to see which common mistakes some numbers hide."""
    room = Room.of(sheet)
    asked = {str(step.name): sheet.digits.get(step.name, digits) for step in sheet.steps}
    forms: list[tuple[str, str, Numeric]] = []

    def hidden(values: Values, below: int = 1) -> list[tuple[str, str]]:
        at = {name: float(value) for name, value in values.items()}
        rooms = {each: room.at(at, each) for each in {*asked.values()} if forms}
        return [*dict.fromkeys(
            (line, mistake) for line, mistake, formula in forms
            if (value := number(formula, at)) is not None and not same(value, at[line])
            and below * abs(value - at[line]) <= rooms[asked[line]][line]
        )]  # fmt: skip

    if sum(len(names) for _, _, names, _ in room.lines) <= MOST_NAMES:
        key = key_for(sheet.network, rate, len(sheet.calculation.rounds))
        work = OwnWork(key, frozenset())
        work.own.at.update((name, float(value)) for name, value in sheet.values.items())
        spots = [Spot(key.lines[name], work, asked[name]) for name in asked if name in key.lines]
        forms += ((each.line.name, *form) for each in spots for form in _forms(each))
        never = hidden(sheet.values, NEVER)
        forms[:] = [each for each in forms if each[:2] not in never]
    return hidden


def _forms(spot: Spot) -> Iterator[tuple[str, Numeric]]:
    """Yield a line with each common mistake in its formula, none of which holds the numbers."""
    right = {*walk(spot.equation.expression)}
    for slip in SLIPS.values():
        for form in slip.forms(spot) if not slip.about_one_figure else ():
            formula = form.expression
            held = slip.own and any(isinstance(n, Number) and n not in right for n in walk(formula))
            if slip.weight * form.share >= COMMON and not held:
                yield slip.name, numeric(formula)


DIGITS = 4  # of a figure worked by hand
TRIES = 2000  # for one variant
POLISH = 100  # further ones for numbers that are nicer than the first that will do
PROBES = 200  # to find out what no numbers avoid
PROBED = 50_000  # lines for it, of which a large sheet has many; but a quarter of the probes
USED = 250_000  # names in them, of which a softmax of 100 outputs has 30 000; but a tenth of all
ALIKE = "the same numbers as another variant"
UNDEFINED = "a line that has no value"

Drawn: TypeAlias = dict[str, Fraction]  # numbers that differ from the file's, by name

Findings: TypeAlias = tuple[Counter[str], tuple[int, int, int]]
"""Faults that could be avoided; else how many blemishes, mistakes that hide, and rising losses."""


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A network with other numbers, and its sheet."""

    index: int
    """Its place among the variants, from 1."""
    numbers: Drawn
    exercise: Exercise
    """Its sheet."""

    @property
    def network(self) -> Network:
        """The network with these numbers."""
        return self.exercise.network

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"variant-{self.index:02}"


@dataclass(frozen=True, slots=True, eq=False)
class VariantSearch:
    """The measure of good numbers for one network."""

    judge: Examiner
    """The sheet with the file's own numbers, taken apart."""
    rate: Fraction | None
    """The learning rate, where it is not the file's."""
    draws: tuple[DrawnAlike, ...]
    """The ways in which numbers are drawn."""
    allowed: frozenset[str]
    """Conditions that nobody minds."""
    unavoidable: Counter[str]
    """The least number of times that each condition is met."""
    hidden: Hidden
    """The common mistakes in its lines that numbers hide."""

    @property
    def model(self) -> Exercise:
        """The sheet with the file's own numbers."""
        return self.judge.model

    def numbers(self, rng: Random) -> Drawn:
        """Draw numbers that may do."""
        return dict(pair for each in self.draws for pair in each.drawn(rng))

    def network(self, numbers: Drawn, title: str = "") -> Network:
        """Return the network with these numbers."""
        network = with_numbers(self.model.network, numbers)
        title = title or network.title
        return replace(network, random=(), expect=(), errata=(), title=title)

    def sheet(self, numbers: Drawn, title: str = "") -> Exercise:
        """Work out the sheet with these numbers."""
        steps = max(len(self.model.calculation.rounds), 1)
        return exercise(self.network(numbers, title), self.rate, steps)

    def roughly(self, numbers: Drawn, *, whole: bool = False) -> Findings:
        """Judge numbers by doubles, or by their sheet where doubles have no answer.

        Unless the whole sheet is asked for, its first pass may be enough to refuse them.
        Raises UndefinedError where the sheet has none either.
        """
        values = dict(given(self.network(numbers), self.model.calculation))  # so in doubles
        try:
            for faults in self.judge.work_out(values):
                if not whole and (wrong := self._avoidable(faults)):
                    return wrong, (0, 0, 0)
            return self.judged(values)
        except (UndefinedError, ArithmeticError, ValueError, KeyError):
            # KeyError: a line of `points:` may need more than the sheet asks
            return self.judged(self.sheet(numbers).values)

    def judged(self, values: Values) -> Findings:
        """Judge the numbers of all lines, in their own digits or in doubles."""
        if wrong := self._avoidable(self.judge.conditions(values)):
            return wrong, (0, 0, 0)
        small = self.judge.blemishes(values)
        nicety = sum(small[name] for name in BLEMISHES)
        return Counter(), (nicety, len(self.hidden(values)), small[RISING])

    def _avoidable(self, found: Counter[str]) -> Counter[str]:
        """Return the conditions that are not allowed and met more often than they must be."""
        return Counter({
            name: found[name] for name in CONDITIONS
            if name not in self.allowed and found[name] > self.unavoidable[name]
        })  # fmt: skip


def search(
    network: Network, rate: Fraction | None = None, steps: int = 1, allowed: Collection[str] = (),
    keep: Collection[str] = (), digits: int = DIGITS,
) -> VariantSearch:  # fmt: skip
    """Find out what good numbers are for a network, some of which stay as they are.

    What no numbers avoid, such as the zero that a max gives all but one of its arguments, is no
    reason to refuse any. Raises BackcalcError where no number may vary.
    """
    found = tuple(_varying(draws(network), network, keep))
    if not found:
        raise BackcalcError("no number of this network may vary", hint="zeros and constants stay")
    judge = Examiner.of(exercise(network, rate, steps))
    hidden = hiding(judge.model, rate, digits)
    start = VariantSearch(judge, rate, found, frozenset(allowed), Counter(), hidden)
    return replace(start, unavoidable=_unavoidable(start))


def _varying(
    drawn: Sequence[DrawnAlike], network: Network, keep: Collection[str]
) -> Iterator[DrawnAlike]:
    """Yield what is drawn but for numbers that stay; classes change places all or none."""
    words = {word: name for name, word in network.names.items()}
    names = {name: parsed(name, several=True) for each in drawn for name in each.names}
    stay: set[str] = set()
    for asked in keep:
        own = elements_named(network, words.get(asked, asked))
        found = {name for name, at in names.items() if name in own or at.of_sample(None) in own}
        if not found:
            hint = did_you_mean(asked, names) or f"these vary: {listed(names, 20)}"
            raise BackcalcError(f"{asked[:60]!r} is no number that varies", hint=hint)
        stay |= found
    for each in drawn:
        left = tuple(name for name in each.names if name not in stay)
        if left and (each.minus is not None or left == each.names):
            yield replace(each, names=left)


def lost(wanted: VariantSearch, found: Iterable[Variant]) -> list[str]:
    """Return the faults of the file's first pass that none of its variants has: a kink, say."""
    sheets = (wanted.model, *(each.exercise for each in found))
    own, *others = (wanted.judge.faults(each.values, 1) for each in sheets)
    kept = set().union(*others)
    return [name for name in (DEAD, KINK, SATURATED) if name in own and name not in kept]


def _unavoidable(start: VariantSearch) -> Counter[str]:
    """Return the least of each condition over many draws, which have a seed of their own."""
    rng = Random("what no numbers avoid")
    least: Counter[str] | None = None
    probes = max(PROBES // 4, min(PROBES, PROBED // max(len(start.judge.lines), 1)))
    for _ in range(_affordable(start, probes)):
        try:
            found, _ = start.roughly(start.numbers(rng), whole=True)
        except UndefinedError:
            continue
        least = found if least is None else least & found
        if not least:
            break
    return least or Counter()


def _affordable(wanted: VariantSearch, times: int) -> int:
    """Return how many of so many times a sheet is worked out, fewer where its lines are long."""
    names = sum(len(names_in(step.equation.expression)) for step in wanted.model.steps)
    return max(times // 10, min(times, USED // max(names, 1)))


def variants(wanted: VariantSearch, seed: int, count: int) -> Iterator[Variant]:
    """Yield so many variants, no two alike; the first ones do not depend on how many follow.

    Raises BackcalcError, with what stood in the way, where none is found.
    """
    taken = {tuple(with_drawn(wanted).items())}
    for index in range(1, count + 1):
        variant = _variant(wanted, seed, index, taken)
        taken.add(tuple(variant.numbers.items()))
        yield variant


def with_drawn(wanted: VariantSearch) -> Drawn:
    """Return the file's own numbers of all that varies."""
    network = wanted.model.network
    several = len(network.samples) > 1
    own = dict(network.weights)
    for place, sample in enumerate(network.samples, 1):
        own |= {f"{name}[{place}]" if several else name: v for name, v in sample.items()}
    return {name: own[name] for each in wanted.draws for name in each.names}


def _variant(
    wanted: VariantSearch,
    seed: int,
    index: int,
    taken: Collection[tuple[tuple[str, Fraction], ...]],
) -> Variant:
    """Try numbers in doubles; work out the sheet of those that are the best so far."""
    rng = Random(f"{seed}, {index}")
    failed: Counter[str] = Counter()
    title = f"{wanted.model.network.title or wanted.model.network.file}, variant {index}"
    best: tuple[tuple[int, int, int], Variant] | None = None
    tries = 0
    while tries < TRIES:
        tries += 1
        numbers = wanted.numbers(rng)
        if tuple(numbers.items()) in taken:
            failed[ALIKE] += 1
            continue
        try:
            found, blemishes = wanted.roughly(numbers)
            failed.update(found.keys())
            if found or (best and blemishes >= best[0]):
                continue
            sheet = wanted.sheet(numbers, title)
        except UndefinedError:
            failed[UNDEFINED] += 1
            continue
        found, blemishes = wanted.judged(sheet.values)
        failed.update(found.keys())
        if not found and (best is None or blemishes < best[0]):
            tries = max(tries, TRIES - _affordable(wanted, POLISH))
            best = blemishes, Variant(index, numbers, sheet)
            if not any(blemishes):
                break
    if best:
        return best[1]
    (most, times), *_ = failed.most_common(1)
    message = (
        f"no variant {index} was found: of {TRIES} sets of numbers {times} have"
        f" {CONDITIONS.get(most, most)}"
    )
    hint = f"add --allow {most}" if most in CONDITIONS else "ask for fewer"
    raise BackcalcError(message, hint=hint)


# Numbers in the style of the file's own.

FEWEST = 4  # magnitudes to choose from
MOST = 100
SMALLEST = Fraction(1, 10)  # of the largest magnitude
CLASSES = ((0, 1), (-1, 1))
NEARLY = Fraction(1, 10)  # targets of 0.1 and 0.9, or nearer to 0 and 1, are classes too
FIVES = Fraction(1, 10)
MINUS_SIGNS = Fraction(1, 4)  # among weights, where the file has none


@dataclass(frozen=True, slots=True)
class DrawnAlike:
    """Numbers that are drawn alike, each other than the ones before while there are enough."""

    names: tuple[str, ...]
    """The quantities that get them."""
    choices: tuple[Fraction, ...]
    """The numbers to choose from: magnitudes, or the classes of targets, which change places."""
    minus: Fraction | None = None
    """The share of magnitudes that gets a minus sign; None for classes."""

    def drawn(self, rng: Random) -> Iterator[tuple[str, Fraction]]:
        """Draw a number for each name."""
        left: list[Fraction] = []
        for name in self.names:
            left = left or [*self.choices]
            number = left.pop(rng.randrange(len(left)))
            negative = self.minus is not None and rng.random() < self.minus
            yield name, -number if negative else number


def draws(network: Network) -> tuple[DrawnAlike, ...]:
    """Return the way in which each number is drawn; zeros and constants stay as they are.

    Where there are several samples inputs and targets that are all 0 or 1 stay too, and so do
    the numbers of classes: XOR is XOR.
    """
    biases = {name: v for name, v in network.weights.items() if name in network.biases}
    weights = {name: v for name, v in network.weights.items() if name not in biases}
    found: list[DrawnAlike | None] = [
        _group(weights, network, MINUS_SIGNS),
        _group(biases, network, MINUS_SIGNS),
    ]
    if len(network.samples) == 1:
        (sample,) = network.samples
        found.append(_group({name: sample[name] for name in network.inputs}, network))
        form = network.matrices
        rows = [*_rows(form)] if form else []
        hot = {name for row in rows for name in row}
        targets = {name: sample[name] for name in network.targets if name not in hot}
        found.append(_targets(targets, network) if targets else None)
        found += (DrawnAlike(row, tuple(sample[name] for name in row)) for row in rows)
    else:
        for name in (*network.inputs, *network.targets):
            values = [sample[name] for sample in network.samples]
            if not (_classes(values) or (name in network.targets and network.target_is_class)):
                numbers = {f"{name}[{place}]": value for place, value in enumerate(values, 1)}
                found.append(_group(numbers, network))
    return tuple(each for each in found if each)


def _rows(form: MatrixForm) -> Iterator[tuple[str, ...]]:
    """Yield the names of each row that holds a single 1, where the right class stands."""
    for name in form.classes:
        names, shape = element_names(name, form.shapes[name]), form.shapes[name]
        width = int(shape[-1])
        yield from (names[start : start + width] for start in range(0, len(names), width))


def _targets(targets: Givens, network: Network) -> DrawnAlike | None:
    """Return the way in which the targets of a single sample are drawn."""
    names, values = tuple(targets), tuple(targets.values())
    if network.target_is_class:
        return DrawnAlike(names, tuple(map(Fraction, range(len(network.outputs)))))
    classes = _classes(values)
    if not classes:
        return _group(targets, network)
    return DrawnAlike(names, values if len(values) > 1 else classes)


def _classes(values: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return the classes that numbers are from; none where they are just numbers."""
    for pair in CLASSES:
        if values and set(values) <= set(pair):
            return tuple(map(Fraction, pair))
    near = {min(value, 1 - value) for value in values}
    if len(near) == 1 and 0 < (low := near.pop()) <= NEARLY:
        return low, 1 - low
    return ()


def _group(numbers: Givens, network: Network, minus: Fraction = Fraction(0)) -> DrawnAlike | None:
    """Return the group of numbers of one kind, zeros left out."""
    kept = {name: value for name, value in numbers.items() if value}
    if not kept:
        return None
    some_minus = any(value < 0 for value in kept.values())
    sizes = _sizes([abs(value) for value in kept.values()], fractions=network.fractions)
    return DrawnAlike(tuple(kept), sizes, Fraction(1, 2) if some_minus else minus)


def _sizes(values: Sequence[Fraction], *, fractions: bool) -> tuple[Fraction, ...]:
    """Return magnitudes in the style of some: multiples of one, up to about the largest."""
    most = max(values)
    below = lcm(*(value.denominator for value in values))
    places = next((n for n in range(3) if 10**n % below == 0), None)
    if fractions:
        unit = Fraction(1, below if most >= 1 else 2 * below)
    elif len(set(values)) >= 3:
        unit = Fraction(gcd(*(int(value * below) for value in values)), below)
    else:
        unit = Fraction(1, below) if places is None else Fraction(1, 10**places)
        if all(value % (5 * unit) == 0 for value in values) and unit < FIVES:
            unit *= 5  # 0.35 and 0.6: 0.05, 0.1, 0.15, ...
    while unit * MOST < most:
        unit = Fraction(10) ** (decimal_of(unit, MOST).adjusted() + 1)  # the next power of ten
    few = FEWEST if most >= 1 or fractions else 9  # 0.1, 0.2, ... 0.9
    most = max(most, min(few * unit, 1 - unit) if most < 1 else few * unit)
    count = most // unit
    return tuple(unit * times for times in range(1, count + 1) if unit * times >= SMALLEST * most)


# What the numbers of a variant must not do.

DEAD, KINK, ZERO, SATURATED = "dead", "kink", "zero", "saturated"
CANCELLED, SIZE = "cancelled", "size"
EQUAL, LONG = "equal", "long"
RISING = "rising"  # a loss that rises where the file's falls, which is of least weight
CONDITIONS = {
    DEAD: "a unit that passes nothing on in any sample",
    KINK: "a value at which a derivative jumps",
    ZERO: "an answer that is 0",
    SATURATED: "a unit so far out that almost nothing flows back through it",
    CANCELLED: "a sum that is almost nothing beside its terms",
    SIZE: "an answer that is far smaller or larger than the file's own",
}
"""Faults that no variant has, unless one is allowed by its word."""

BLEMISHES = {
    EQUAL: "a result equal to a number that its line starts from, where the file's differs",
    LONG: "an exact answer that is no short decimal or fraction, where the file's is",
}
"""Faults that a variant has as seldom as possible."""

HALF = Fraction(1, 2)
FLAT = 0.02  # a sigmoid's derivative at 4, a tanh's at 2.7
LEAST = 0.01  # of a softmax
FAR = 1000  # times as small or as large
FAR_OUT = 30  # where what saturates is flat
SHORT = 6  # significant digits

SHORT_NUMBERS = PLAIN.with_numbers(SHORT, fractions=False)


@dataclass(frozen=True, slots=True)
class _Watched:
    """One call of the forward pass that can be dead, at a kink or saturated."""

    group: str
    """The unit, which is one for all samples."""
    kinks: tuple[Expression, ...]
    """Expressions that are 0 where the derivative jumps."""
    slope: Expression | None
    """The derivative of a call of one argument."""
    share: Expression | None
    """The call itself where it is a softmax."""
    kept: bool
    """True if the file's own numbers give that share more than almost nothing."""

    def fault(self, values: Values, flat: Mapping[str, list[bool]]) -> str:
        """Return the fault of the call, or ""; note in `flat` if nothing flows back through it."""
        if any(evaluate(kink, values) == 0 for kink in self.kinks):
            return KINK
        if self.share is not None:
            share = evaluate(self.share, values)
            return SATURATED if share > 1 - FLAT or (self.kept and share < LEAST) else ""
        if self.slope is not None:
            slope = evaluate(self.slope, values)
            if self.kinks:
                flat[self.group].append(slope == 0)
            elif abs(float(slope)) < FLAT:
                return SATURATED
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class _Total:
    """A sum, taken apart."""

    whole: Expression
    """The sum, or the name of the line that it is all of."""
    terms: tuple[tuple[Expression, Numeric], ...]
    """Its terms, each with its function on floats."""

    def cancels(self, values: Values, at: Mapping[str, float]) -> bool:
        """Return True if the sum is small beside its terms; one that is exactly 0 is a zero."""
        found = evaluate(self.whole, values)
        if type(found) is Fraction and not found:
            return False
        try:
            sizes = sum([abs(worked_out(at)) for _, worked_out in self.terms])
        except FAILURES:  # in doubles one has no value
            sizes = sum(abs(float(evaluate(term, values))) for term, _ in self.terms)
        return FAR * abs(float(found)) < sizes


def _totals(line: Equation) -> Iterator[_Total]:
    for node in walk(line.expression):
        if isinstance(node, Sum):
            whole = Name(line.name) if node is line.expression else node
            yield _Total(whole, tuple((term, numeric(term)) for term in node.terms))


def _is_trivial(line: Equation, values: Values) -> bool:
    """Return True if its result is one of the numbers that it starts from: a factor was 1."""
    value = values[line.name]
    if isinstance(line.expression, (Call, Choice, Name)) or value == 0:
        return False
    return any(values[name] == value for name in names_in(line.expression))


@dataclass(frozen=True, slots=True)
class Examiner:
    """The lines of a sheet, taken apart once, to judge many sets of numbers for them."""

    model: Exercise
    """The sheet with the file's own numbers."""
    lines: tuple[Equation, ...]
    """All its lines, each after those that it uses."""
    calls: Mapping[Quantity, int]
    """For each line that is one answer of a function with several the number of the call."""
    watched: tuple[tuple[_Watched, ...], ...]
    """The calls of each of its forward passes."""
    first: int
    """The number of lines of the first pass."""
    sums: tuple[tuple[_Total, ...], ...]
    """The sums of each line."""
    sizes: Mapping[Quantity, float]
    """The file's own number of each line, in doubles."""
    short: frozenset[str]
    """The answers that the file's own numbers make short."""
    equal: frozenset[str]
    """The lines that they make trivial."""

    @classmethod
    def of(cls, model: Exercise) -> Examiner:
        """Take a sheet apart."""
        lines = tuple(replace(step.equation, terms=()) for step in model.steps)
        passes = [part.steps for part in model.parts if part.role == FORWARD]
        watched = tuple(
            tuple(each for step in steps for each in _calls(step.equation, model))
            for steps in passes
        )
        first = len(passes[0]) if model.parts[:1] and model.parts[0].role == FORWARD else 0
        short = {step.name for step in model.steps if is_exact(step.value, SHORT_NUMBERS)}
        calls: dict[Quantity, int] = {}
        known: dict[Call, int] = {}
        for line in lines:
            if isinstance(line.expression, Call) and line.expression.output is not None:
                whole = replace(line.expression, output=None)
                calls[line.name] = known.setdefault(whole, len(known))
        equal = {line.name for line in lines if _is_trivial(line, model.values)}
        sums = tuple(found for each in lines if (found := tuple(_totals(each))))
        sizes = {line.name: float(model.values[line.name]) for line in lines}
        return cls(
            model, lines, calls, watched, first, sums, sizes, frozenset(short), frozenset(equal)
        )

    def work_out(self, values: dict[str, Scalar]) -> Iterator[Counter[str]]:
        """Add each line's number, in doubles; yield the faults of the first pass behind it.

        Raises what evaluating a formula raises.
        """
        known: dict[int, Scalar | tuple[Scalar, ...]] = {}
        for place, line in enumerate(self.lines, 1):
            value = self._number(line, values, known)
            if not finite(value):
                raise OverflowError(line.name)
            values[line.name] = value
            if place == self.first:
                yield self.faults(values, 1)

    def _number(
        self, line: Equation, values: Values, known: dict[int, Scalar | tuple[Scalar, ...]]
    ) -> Scalar:
        """Return a line's number; all answers of one call are worked out at once."""
        call, place = line.expression, self.calls.get(line.name)
        if place is None or not isinstance(call, Call):
            return bounded(evaluate(call, values))
        if place not in known:
            known[place] = answers(call.function, [evaluate(e, values) for e in call.arguments])
        found = known[place]
        return found[call.output or 0] if isinstance(found, tuple) else found

    def faults(self, values: Values, passes: int | None = None) -> Counter[str]:
        """Return how often the calls of the first passes are dead, at a kink or saturated."""
        flat: defaultdict[str, list[bool]] = defaultdict(list)
        watched = self.watched[:passes]
        found = Counter(each.fault(values, flat) for calls in watched for each in calls)
        found[DEAD] = sum(all(flags) for flags in flat.values())
        del found[""]
        return +found

    def conditions(self, values: Values) -> Counter[str]:
        """Return how often each condition is met, in the arithmetic of the values."""
        found = self.faults(values)
        at = {name: float(value) for name, value in values.items()}
        found[CANCELLED] = sum(any(each.cancels(values, at) for each in line) for line in self.sums)
        found[SIZE] = sum(_is_far(at[name], own) for name, own in self.sizes.items())
        whole = (line.name for line in self.lines if line.name.sample is None)  # of all samples
        found[ZERO] = sum(values[name] == 0 for name in whole)
        return +found

    def blemishes(self, values: Values) -> Counter[str]:
        """Return how often each blemish is met, and how often the loss rises."""
        names = [line.name for line in self.lines]
        trivial = {line.name for line in self.lines if _is_trivial(line, values)}
        long = (n for n in names if n in self.short and not is_exact(values[n], SHORT_NUMBERS))
        rises = (
            values[each.of.after(1)] > values[each.of] and each.loss_after < each.loss_before
            for each in self.model.calculation.rounds
        )
        counts = {EQUAL: len(trivial - self.equal), LONG: sum(1 for _ in long), RISING: sum(rises)}
        return +Counter(counts)


def _is_far(value: float, own: float) -> bool:
    """Return True if a value is far smaller than the file's own and 1, or far larger than both.

    By chance the file's own may be almost 0; then other values are the better ones.
    """
    size, model = abs(value), abs(own) or 1.0
    return size > 0 and not min(model, 1) <= FAR * size <= FAR * FAR * max(model, 1)


def _calls(line: Equation, model: Exercise) -> Iterator[_Watched]:
    """Yield the calls of a line of the forward pass that may have a fault."""
    calls = [part for part in walk(line.expression) if isinstance(part, Call)]
    for place, call in enumerate(calls):
        answer: Expression = Name(line.name) if call is line.expression else call
        kinks = tuple(kink for kink in kinks_of(call) if names_in(kink))
        share = answer if call.function.name == "softmax" else None
        slope = None
        if saturates(call.function.name) or (call.function.kinks and not call.function.variadic):
            (slope, *_) = call_derivatives(call, [answer], model.network.conventions)
        if kinks or share or slope:
            kept = share is not None and evaluate(share, model.values) >= LEAST
            yield _Watched(f"{line.name.of_sample(None)} {place}", kinks, slope, share, kept)


@cache
def saturates(name: str) -> bool:
    """Return True if a function is flat on both sides: sigmoid, tanh."""
    function = FUNCTIONS[name]
    if function.parameters != ("z",) or function.kinks:
        return False
    call = Call(function, (Name("z"),))
    (slope,) = call_derivatives(call, [call], {})
    try:
        ends = [abs(float(evaluate(slope, {"z": Fraction(far)}))) for far in (-FAR_OUT, FAR_OUT)]
        return max(ends) < 1e-6 and abs(float(evaluate(slope, {"z": HALF}))) > FLAT
    except (ArithmeticError, ValueError):
        return False
