"""What the whole sheet tells of each claim: its step, how its matrix lies, its error's sign."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import takewhile
from math import inf

from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Expression,
    Name,
    Number,
    Product,
    names_in,
    rebuilt,
    renamed,
    replaced,
    walk,
)
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.reading.changes import CHANGE, settled
from backcalc.reading.figures import (
    ChainPart,
    Claim,
    SheetValues,
    also_meant,
    bare_name,
    by_of,
    near,
    of_both_losses,
    starts_from,
    worked,
)
from backcalc.reading.names import ERRORS, WHICH_SAMPLE, NameReader, Unreadable
from backcalc.reading.pieces import Unread

FAIR_COPY = 3  # figures of the first pass that cannot be those of a later one
MOST_APART = 30  # claims between two figures of one pass that are compared with the one before


@record(frozen=True, slots=True, eq=False)
class Assertion:
    """One statement of a sheet: what is said of which quantity."""

    quantity: str
    """The quantity, with a prime for each step that it comes after."""
    chain: tuple[ChainPart, ...]
    """The parts behind the name; the last is what is said."""
    start: int
    """Where it begins in the document."""
    end: int
    """Where it ends."""

    @property
    def said(self) -> ChainPart:
        """The last part, which counts."""
        return self.chain[-1]


@dataclass(eq=False)
class Settler:
    """Goes through the claims of a sheet in order, and decides what each is about."""

    names: NameReader
    claims: list[Claim]
    figures: SheetValues
    unread: list[Unread] = field(default_factory=list)
    found: list[Assertion] = field(default_factory=list)
    second: list[Assertion] = field(default_factory=list)
    step: int = 0
    """After how many steps the pass is that is being read."""
    derived: bool = False
    """Whether the sheet has come to derivatives in this pass."""
    updated: bool = False
    """Whether it has come to new weights in this pass."""
    worked_out: bool = False
    """Whether one of these was worked out, and not only stated as a result."""
    run: bool = False
    """Whether the claim before was a new weight."""
    blanks: list[str] = field(default_factory=list)
    """Quantities that are named with nothing behind."""
    plain: bool = False
    """Whether the sheet is a list of answers and no document, so that given numbers count too."""
    leapt: bool = False
    """Whether no new weight stood before this pass, so that what follows may be old."""
    recalled: bool = False
    """Whether derivatives of the pass before were said again in this one."""
    ahead: set[str] = field(default_factory=set)
    """Quantities of the next pass that were read, as their primes say, before it has begun."""
    update_lost: float = inf
    """Where it first says of a weight what was not read, so that a step may stand there."""
    begun: float = -1
    """Where the forward pass begins: weights before it are of no step if new ones stand below."""
    unsure: bool = False
    """Whether the forward pass that is being read may be before or after a step."""
    borne: dict[str, str] = field(default_factory=dict)
    """The damaged names that their figures have borne out, each with its quantity."""
    seen: dict[str, Claim] = field(default_factory=dict)
    """The first claim that says a number of each quantity."""
    counted: bool | None = False
    """Whether titles with numbers count passes; None where they may count other things too."""
    denied: set[str] = field(default_factory=set)
    """Names of no network that the sheet's own formulas say to be other quantities."""

    def leave_out_loose_names(self) -> None:
        """List what is said of a name without its number that has two figures: z = 1, z = 2."""
        said: dict[tuple[str, str], Claim] = {}
        loose, leaves = set[tuple[str, str]](), {*self.figures.given, *self.names.network.targets}
        for claim in self.claims:
            if claim.primes or claim.quantity in self.names.weights:
                said.clear()  # a new pass may follow
            elif claim.numeric and not (
                claim.second or re.search(r"\d", claim.word) or claim.quantity in leaves
            ):
                key = claim.word, claim.quantity
                if self._differs(claim, said.setdefault(key, claim)):
                    loose.add(key)
        own, network = self.names.vocabulary.tiers[0], self.names.network
        alone = len(network.samples) == len(network.outputs) == 1  # then a loss has no number
        for claim in [c for c in self.claims if (c.word, c.quantity) in loose]:
            formulas = (part.expression for part in claim.parts)
            told = any(self.figures.is_formula_of(claim.quantity, each) for each in formulas)
            by = getattr(parsed(claim.quantity), "by", "")
            whole = claim.word in own or claim.word == claim.quantity.replace("/", "")
            whole |= alone and claim.quantity == self.names.loss
            whole |= by in own and claim.word in (f"d{by}", f"grad{by}", f"delta{by}")
            if told or whole or self._fits(claim, 0):
                continue
            self.skip(claim, Unreadable("this name has two different figures: whose are they?"))
            self.claims.remove(claim)

    def leave_out_two_names(self) -> None:
        """List what does not fit under two letters for one quantity with different figures.

        The file calls it by the one; in the sheet the letters seem to be of two quantities.
        """
        groups: dict[str, list[tuple[str, Claim]]] = {}
        own = self.names.forward.keys() & self.names.network.names.keys()
        for claim in (each for each in self.claims if each.quantity in own):
            if claim.numeric and not (claim.primes or claim.second or claim.said == "new"):
                letter = claim.word.rstrip(string.digits)
                groups.setdefault(claim.quantity, []).append((letter, claim))
        letters: set[str] = set()
        for group in groups.values():
            first, one = group[0]
            for other, claim in group:
                if other != first and self._differs(claim, one):
                    letters |= {first, other}
        for letter, claim in [each for group in groups.values() for each in group]:
            if letter in letters and not self._fits(claim, 0):
                said = "the sheet has another letter for it too, with another figure"
                self.skip(claim, Unreadable(said))
                self.claims.remove(claim)

    def settle(self) -> None:
        """Turn the claims into assertions."""
        self.orient()
        self.leave_out_loose_names()
        self.leave_out_two_names()
        new = {parsed(each).after(1) for each in self.names.weights}
        lost = [each.start for each in self.unread if not new.isdisjoint(each.meant)]
        start = min((c.start for c in self.claims if c.quantity in self.names.forward), default=inf)
        weights, layers = {*self.names.weights}, self.names.of_layers
        told = (u for u in self.unread if u.start > start and u.meant)
        old = [u.start for u in told if {*u.meant} <= weights]
        lost += old if len(old) > 1 else []  # an update under the old names
        if any(c.primes and c.start > start and c.quantity in weights for c in self.claims):
            self.begun = start
        self.update_lost = min((each for each in lost if each > self.begun), default=inf)
        denied = {
            c.word for c in self.claims
            if self.goes_backwards(c) or self.is_foreign(c) or c.word[:1] in layers
        }  # fmt: skip
        denied = (denied | self.names.denied) - self.names.vocabulary.tiers[0].keys()
        self.denied = denied | self.names.doubled
        self.counted = self.titles_count_passes()
        for place, claim in enumerate(self.claims):
            try:
                self.hear_title(claim)
                if claim.error == CHANGE:
                    claim = settled(claim, self.names, self.figures, self.step)
                if claim.error and not self.names.signs.get(claim.error, 1):
                    raise Unreadable(f"{claim.error} may be the derivative or minus the derivative")
                if not claim.parts:
                    self.blanks.append(parsed(claim.quantity).after(claim.primes))
                    continue
                if claim.numeric and (each := self.names.sampled(claim.quantity)):
                    raise Unreadable(WHICH_SAMPLE, each)
                steps = self.steps(claim, place)
                if steps == 0 and claim.second_pass and claim.quantity not in self.names.weights:
                    why = "its heading says a later pass, but no update stands before it"
                    raise Unreadable(why)
                if steps is not None:
                    self.take(claim, steps)
            except Unreadable as error:
                self.skip(claim, error)
        said = {each.quantity for each in self.found if not each.said.names}
        self.found += [each for each in self.second if each.quantity not in said]
        self.found.sort(key=lambda each: each.start)

    def skip(self, claim: Claim, error: Unreadable) -> None:
        """List a claim as unread."""
        if not claim.second:
            meant = error.meant or (parsed(claim.quantity).after(claim.primes),)
            self.unread.append(Unread(claim.start, claim.end, str(error), meant))
            old = self.figures.given.get(claim.quantity)
            given = not claim.primes and old is not None and claim.value == float(old)
            if claim.quantity in self.names.weights and not given and claim.start > self.begun:
                self.update_lost = min(self.update_lost, claim.start)

    # After how many steps.

    def titles_count_passes(self) -> bool | None:
        """True if titles such as Step 1 and Step 2 count passes, and no steps of the work.

        The figures below them tell: those below the second that are right after a step, by the
        sheet's own figures or the right ones, and not before it. None if they do not tell it, but
        new weights stand below the first title, or figures of one name below both.
        """
        passes, lone = self.figures.afresh(), self.figures.afresh()
        told = [c for c in self.claims if c.steps_above >= 0 and not (c.primes or c.second)]
        told = [c for c in told if c.numeric and c.quantity not in self.figures.fixed]
        weights = {c.quantity for c in told if self.is_state(c.quantity)} | {*self.names.weights}
        new = [c for c in told if c.quantity in weights and not self.is_given(c)]
        figures = [c for c in told if c.quantity not in weights]
        for claim in [*figures, *new]:
            steps, value = claim.steps_above + (claim.quantity in weights), claim.value or 0
            passes.claimed.setdefault(self.figures.at(claim.quantity, steps), value)
            if claim.quantity not in weights:
                lone.claimed.setdefault(claim.quantity, value)

        def comes(claim: Claim, exactly: bool) -> tuple[bool, bool]:
            own, made = claim.steps_above, claim.quantity in weights
            room = 1.01 * 10.0**-claim.places if exactly else inf
            value = claim.value or 0

            def fits(values: SheetValues, steps: int) -> bool:
                ways = values.ways(self.figures.at(claim.quantity, steps))
                return any(near(value, way) and abs(value - way) < room for way in ways)

            return fits(passes, own + made), fits(*((lone, int(made)) if own else (passes, 1)))

        votes = {True: 0, False: 0}
        for claim in [*figures, *(c for c in new if c.steps_above)]:
            then, now = comes(claim, False)
            then, now = comes(claim, True) if then and now else (then, now)
            again = now and claim.quantity in weights and claim.steps_above == 1  # its start
            if then != now and (claim.steps_above or now) and not again:
                votes[then] += 1
        if votes[True] > 3 * votes[False]:
            return True
        seen = dict[str, Claim]()
        for claim in figures:
            first = seen.setdefault(claim.quantity, claim)
            if claim.steps_above > first.steps_above and self._differs(claim, first):
                return None
        doubtful = votes[True] or (not votes[False] and any(not c.steps_above for c in new))
        return None if doubtful and any(c.steps_above for c in told) else False

    def is_given(self, claim: Claim) -> bool:
        """True for the number that the exercise gives."""
        given = self.figures.given.get(claim.quantity)
        return given is not None and abs((claim.value or 0) - float(given)) < 1e-9

    def hear_title(self, claim: Claim) -> None:
        """Go on to the pass that a title above a claim counts.

        Raises Unreadable where it may be of that pass or of the present one.
        """
        ahead = claim.steps_above > self.step and not claim.primes
        if self.counted and claim.steps_above > 1 and not claim.primes and (
            claim.quantity not in self.names.weights
        ):  # fmt: skip
            more = claim.steps_above + 1
            raise Unreadable(f"this is of pass {more}, and only two passes are read")
        if self.counted and ahead:
            self.begin(claim.steps_above)
            self.leapt = False
        if self.counted is None and ahead and claim.numeric:
            name = self.figures.at(claim.quantity, self.step)
            self.doubt(name, claim.quantity not in self.figures.fixed)

    def is_new_of_title(self, claim: Claim) -> bool:
        """True for the weight below a title that counts passes which its step makes."""
        if not self.counted or claim.steps_above != self.step or not claim.numeric:
            return False
        beside = [
            c for c in self.claims
            if c.quantity in self.names.weights and c.steps_above == self.step and c.numeric
        ]  # fmt: skip
        fits = [self._fits(c, self.step + 1) for c in beside]
        return 2 * fits.count(True) > len(fits)

    def steps(self, claim: Claim, place: int) -> int | None:
        """After how many steps a claim is; None for what the exercise gives.

        Raises Unreadable where that is not sure.
        """
        if claim.said == "gradient":
            self.take_for_slope(claim)
        name, network = claim.quantity, self.names.network
        again = not claim.primes and self.repeats(claim)
        if again and name in network.weights:
            if claim.said == "new" and self._fits(claim, 1):
                return 1
            again = False
        drawn = not claim.primes and (claim.first_pass or again)
        slope, now = isinstance(parsed(name), Derivative), 0 if drawn else self.step
        aimed = slope and claim.numeric and by_of(name) in network.targets
        if aimed and not self._fits(claim, now):
            raise Unreadable("no derivative by a target is taken here: is a hat missing?")
        if drawn and name not in self.figures.given and name not in network.targets:
            self.derived |= slope
            return 0
        if self.plain and self.restates(claim, place):
            return 0
        if name in self.names.weights and not drawn:
            steps = self.of_weight(claim, place)
            given, value = self.figures.given.get(name), claim.value
            other = given is not None and value is not None and not near(value, float(given))
            counted = claim.word[-1:].isdecimal() and not name[-1:].isdecimal()
            first = not (steps or self.step) and len(claim.parts) == 1
            self.doubt(name, counted and other and first)  # b_1 may be b after the first step
            far = steps is not None and steps > 1 and claim.primes < steps and not self.derived
            titled = self.counted and steps == claim.steps_above + 1
            if steps and far and not titled:  # without gradients of this pass
                earlier = self.figures.at(name, steps - 1)
                sure = earlier in self.seen and not self._fits(claim, steps - 1)
                self.doubt(earlier, not (sure and self._fits(claim, steps)))
            figures = any(isinstance(n, Number) for p in claim.parts for n in walk(p.expression))
            rule = not (figures or self.seen)  # at the head of a sheet, before any figure
            self.run = steps is not None and steps > self.step and not rule
            self.updated |= self.run
            self.worked_out |= self.run and (claim.assigned or len(claim.parts) > 1)
            return steps
        self.run = False
        if self.step and self.starts_over(place):
            self.begin(0)
        leaf = name in self.figures.given or name in (*network.inputs, *network.targets)
        if leaf and not claim.primes:
            return self.of_given(claim)
        if self.is_aim(claim):
            return None
        forward = name in self.names.forward
        known = slope or (forward and not claim.primes)
        once = self.summed_up(claim, place) if known and claim.said == "again" else None
        if once is not None:
            return once
        here = (slope or forward) and claim.primes and claim.numeric and self._fits(claim)
        if not self.updated and here and not self._fits(claim, claim.primes):
            raise Unreadable("the prime may mark the new value or be a speck")
        if slope:
            return self.of_slope(claim, place, drawn)
        if name in self.names.passing and not claim.primes:
            return self.step
        if claim.primes or not forward:
            if claim.primes > self.step and forward:
                self.ahead.add(name)
                if self.derived or self.worked_out:  # else results are told beforehand
                    self.begin(claim.primes)
            return claim.primes
        if claim.said == "old":
            return 0
        if claim.said == "new" and self.works_with(claim):
            return self.step
        newly = claim.newly or (claim.carried and not self.step)
        if newly and not (self.updated or self.derived):
            if self.step and self._fits(claim):
                return self.step
            self.doubt(name, not self.is_next(claim))
            return self.step + 1
        bare = claim.said == "new" and claim.numeric and all("'" in each for each in self.seen)
        if bare and not self._fits(claim, 0):  # nothing stands before it
            self.doubt(name, not self._fits(claim, 1))
            return 1
        past = self.updated or self.derived
        self.doubt(name, past and self.is_old(claim) and not self.is_again(claim))
        if (self.updated or (self.derived and claim.said == "new")) and self.goes_on(place):
            self.begin(self.step + 1)
            self.unsure = False
            return self.step
        if past:
            seen = self.seen_of(claim)
            anew = claim.said == "new" and self.updated and len(claim.parts) > 1
            if seen and claim.numeric and (anew or self._differs(claim, seen)):
                self.unsure = True
            block = takewhile(lambda c: c.quantity in self.names.forward, self.claims[place:])
            off = claim.numeric and not (seen or self._fits(claim))
            self.unsure |= off and any(map(self.is_other, block))
        self.unsure |= self.has_other_weights(claim)
        self.doubt(name, self.unsure)
        inner = self.names.vocabulary.before(name) - {name}
        if self.ahead and claim.numeric and not self._fits(claim):
            behind, then = not self.ahead.isdisjoint(inner), self._fits(claim, self.step + 1)
            if behind and then:
                return self.step + 1  # yhat' = 0, L = 3
            self.doubt(name, behind or then)
        if claim.said == "new" and self._fits(claim, self.step + 1):
            before = self.seen_of(claim)
            now = self._fits(claim, exactly=True)
            if (before or not self.step) and self.is_other(claim) and not now:
                return self.step + 1  # no update stands before it
            self.doubt(name, (before or self.derived) and not now)
        return self.one_of_several(claim, place)

    def of_slope(self, claim: Claim, place: int, drawn: bool) -> int:
        """After how many steps a derivative is."""
        name, seen = claim.quantity, self.seen_of(claim)
        anew = self.updated and not claim.primes and claim.numeric and not self._fits(claim)
        if anew and seen and self._differs(claim, seen):  # of the next step, not its results
            self.doubt(name, not self._fits(claim, self.step + 1))
            self.begin(self.step + 1)
        told = self.updated and not (self.derived or claim.primes or drawn)
        self.doubt(name, told and self.is_next(claim))  # behind results of the next pass
        bare = self.step and not claim.primes
        if bare and not self._fits(claim):
            if self.recalls(claim):
                self.recalled = True
                return self.step - 1
            near_by = self.claims[place : place + MOST_APART]
            self.doubt(name, self.recalled or any(map(self.recalls, near_by)))
        old = self.leapt and self._fits(claim, self.step - 1)
        self.doubt(name, bare and (old or self.is_late(place)))
        further = name not in self.names.vocabulary.derivatives and not claim.primes
        asked = further and name not in self.seen and self._fits(claim, 0)
        steps = 0 if asked else max(self.step, claim.primes)  # or below the step's end
        self.check_step(claim, steps)
        self.derived = True
        return steps

    def works_with(self, claim: Claim) -> bool:
        """True for a working with the numbers of the present pass, before any update."""
        if self.updated or self.derived:
            return False
        now, then = (
            any(self.figures.is_working_of(name, part.expression) for part in claim.parts)
            for name in (self.figures.at(claim.quantity, self.step + n) for n in (0, 1))
        )
        return now and not then

    def one_of_several(self, claim: Claim, place: int) -> int:
        """The present pass. Raises Unreadable where several figures are others than before."""
        near_by = self.claims[max(place - MOST_APART, 0) : place + MOST_APART]
        if self.is_other(claim):
            if len({c.quantity for c in near_by if self.is_other(c)}) > 1:
                why = "this figure is not the one before: is it a correction or of a later pass?"
                raise Unreadable(why)
            then = self._fits(claim, self.step + 1, exactly=True)
            self.doubt(claim.quantity, then and not self._fits(claim))
        elif claim.numeric and any(map(self.is_other, near_by)):  # a pass that no words told
            said = self.seen_of(claim) is not None
            then = self._fits(claim, self.step + 1, exactly=said)
            self.doubt(claim.quantity, then and not self._fits(claim, exactly=said))
        return self.step

    def repeats(self, claim: Claim) -> bool:
        """True for a result in a drawing most of whose figures are those of the first pass.

        One of them must not be that of the next pass as well. So are the derivatives of a table,
        with the new weights beside them.
        """
        weight, slopes = claim.quantity in self.names.weights, claim.table >= 0
        if claim.quantity in self.names.forward if slopes else weight or claim.drawing < 0:
            return False
        group = [
            c for c in self.claims
            if (c.drawing, c.table) == (claim.drawing, claim.table) and c.numeric
            and (not slopes or isinstance(parsed(c.quantity), Derivative))
        ]  # fmt: skip
        told = [(c, s) for c in group if not c.primes and (s := self.seen.get(c.quantity))]
        same = [c for c, seen in told if apart(c, seen) < max(c.room, seen.room)]
        sure = any(not self._fits(each, 1, exactly=True) for each in same)
        return sure and 2 * len(same) > len(told)

    def recalls(self, claim: Claim) -> bool:
        """True for a derivative's figure of the pass before, which does not fit in this one."""
        seen = self.seen_of(claim, self.step - 1)
        slope = isinstance(parsed(claim.quantity), Derivative) and not claim.primes
        again = claim.parts and claim.numeric and seen and not self._differs(claim, seen)
        return bool(slope and again) and not self._fits(claim)

    def is_late(self, place: int) -> bool:
        """True for a formula of a derivative in a later pass, where no such figure is near."""
        near_by = () if self.derived else self.claims[place : place + MOST_APART]
        slopes = (c for c in near_by if isinstance(parsed(c.quantity), Derivative))
        return not self.derived and not any(c.numeric or c.second_pass for c in slopes)

    def begin(self, step: int) -> None:
        """Go on to a further pass."""
        self.step, self.leapt, self.recalled = step, not self.updated, False
        self.updated = self.worked_out = self.derived = False

    def starts_over(self, place: int) -> bool:
        """True if the first pass is written once more here: a fair copy, figure for figure."""
        block: dict[str, Claim] = {}
        for claim in self.claims[place:]:
            if claim.quantity not in self.names.forward or claim.primes or claim.said == "new":
                break
            block.setdefault(claim.quantity, claim)
        same = all((old := self.seen_of(c, 0)) and c.value == old.value for c in block.values())
        return same and sum(not self._fits(claim) for claim in block.values()) >= FAIR_COPY

    def is_again(self, claim: Claim) -> bool:
        """True if a claim gives the figure of the pass that is ending once more, and no new one."""
        seen = self.seen_of(claim)
        again = seen is not None and claim.numeric and not self._differs(claim, seen)
        return again and not self._fits(claim, self.step + 1, exactly=True)

    def is_old(self, claim: Claim) -> bool:
        """True if words say that a bare figure is new, and it is right before the step alone."""
        value = claim.value
        right = self.figures.right(self.figures.at(claim.quantity, self.step))
        if claim.said != "new" or len(claim.parts) > 1 or value is None or right is None:
            return False
        close = abs(value - right) < claim.room
        now = close or self._fits(claim)
        return now and not self._fits(claim, self.step + 1, exactly=close)

    def is_other(self, claim: Claim) -> bool:
        """True if a claim says a quantity to be another number than what was said before.

        Or one that does not fit where what was said before could not be read.
        """
        seen = self.seen_of(claim)
        again = claim.primes or claim.second or claim.said == "old"
        forward = claim.quantity in self.names.forward and claim.parts and claim.numeric
        if again or not forward:
            return False
        off = not self._fits(claim)
        if seen is None:
            return self.is_torn(claim, surely=True) and off
        right = self.figures.right(self.figures.at(claim.quantity, self.step))
        exactly = right is not None and abs(right - (seen.value or 0)) < 1e-9  # 1, and not 1.02
        return self._differs(claim, seen) or (exactly and off)

    def is_torn(self, claim: Claim, *, surely: bool = False) -> bool:
        """True if something that was said before of a quantity, or may be, could not be read."""
        told = [u for u in self.unread if u.start < claim.start and claim.quantity in u.meant]
        return any(len(u.meant) == 1 or not surely for u in told)

    def has_other_weights(self, claim: Claim) -> bool:
        """True if a second figure is worked with other numbers than the weights that were read."""
        name = self.figures.at(claim.quantity, self.step)
        seen, equation = self.seen.get(name), self.figures.equation(name)
        if not (seen and equation and claim.numeric) or claim.value == seen.value:
            return False
        used = {*names_in(equation)}
        owns = (self.figures.own(each) for each in used if each.strip("'") in self.names.weights)
        weights = [abs(own) for own in owns if own]
        least = sum(self.figures.own(each) != 1 for each in used)  # 2*0.4952 - 0.3024 where x2 is 1
        for part in claim.parts[:-1]:
            numbers = [abs(float(n.value)) for n in walk(part.expression) if isinstance(n, Number)]
            if len(numbers) >= least and not part.names:
                return any(all(abs(w - n) > w / 1000 for n in numbers) for w in weights)
        return False

    def restates(self, claim: Claim, place: int) -> bool:
        """True for a number of the exercise at the head of an answers file, right or misread.

        Only such ones stand before it, and the first result below is of the forward pass.
        """
        if claim.primes or claim.assigned or claim.said or len(claim.parts) > 1:
            return False
        if any(each.assigned or len(each.parts) > 1 for each in self.claims[:place]):
            return False
        value, given = claim.value, self.figures.given.get(claim.quantity)
        known = given is not None and near(value, float(given))
        if claim.word != claim.quantity and value is not None and not known:
            return False  # by another name: b_1 may be b after the first step
        targets = self.names.network.targets
        leaves = {*self.figures.given, *self.names.network.inputs, *targets, *self.names.weights}
        ahead = next((n for n, c in enumerate(self.claims) if c.quantity not in leaves), 0)
        result, others = self.claims[ahead], {c.quantity for c in self.claims[:ahead]} - {*targets}
        if claim.quantity in targets and not others:
            return False  # y alone may be the output
        return place < ahead and not result.primes and result.quantity in self.names.forward

    def is_aim(self, claim: Claim) -> bool:
        """True for a bare number of an output that is its target's and no result: Y = 1."""
        network, value = self.names.network, claim.value
        aims = dict(zip(network.outputs, network.targets, strict=False))
        aim = self.figures.given.get(aims.get(claim.quantity, ""))
        bare = len(claim.parts) == 1 and not (claim.primes or self.derived or self.updated)
        taken = {key.replace("_", "") for key in self.names.taken}  # as Y, and not with a hat
        bare &= claim.word.rstrip(string.digits) in ("y", "Y") and claim.word in taken
        begun = any(each in self.names.forward for each in self.figures.claimed)
        wrong = aim is not None and bare and not begun and not self._fits(claim, 0)
        return wrong and near(value, float(aim or 0))

    def of_given(self, claim: Claim) -> int | None:
        """A number of the exercise, written once more. Raises Unreadable where it is another."""
        value, given = claim.value, self.figures.given.get(claim.quantity)
        worked_out = claim.assigned or len(claim.parts) > 1 or self._fits(claim, self.step + 1)
        beside = (n.rstrip("'") for n in self.figures.claimed if n.endswith("'"))
        other = value is not None and abs(value - float(given or 0)) > 1e-9
        worked_out = worked_out or (other and any(map(self.is_state, beside)))  # as another is
        begun = self.derived or self.updated or value is None or value != float(given or 0)
        if value and self.is_state(claim.quantity) and worked_out and begun:
            return self.step + 1
        if self.plain and value is not None and given is not None:
            network = self.names.network
            if claim.quantity in network.targets and abs(value - float(given)) > 1e-9:
                raise Unreadable(f"{claim.quantity} is a target here: is it meant as the output?")
            return 0
        if value is None or given is None or abs(value - float(given)) < 1e-9:
            return None
        if claim.places > 2 and abs(value - float(given)) < claim.room:
            return None  # rounded
        if claim.word == "t" and value.is_integer():
            return None  # a step in time, and not the target
        raise Unreadable(f"the exercise gives {claim.quantity} as {float(given):g}")

    def is_state(self, name: str) -> bool:
        """True for what an optimizer remembers, which is 0 before the first step."""
        given = name in self.figures.given and name not in self.names.weights
        return given and self.figures.equation(parsed(name).after(1)) is not None

    def is_of_its_primes(self, claim: Claim) -> bool:
        """True for a weight of a pass whose successor has begun: said again, or beside it."""
        name, primes, value = claim.quantity, claim.primes, claim.value
        said = self.figures.claimed.get(self.figures.at(name, primes))
        if said is not None:
            return said == value
        if self.leapt:
            further = self._fits(claim, primes + 1) and not self._fits(claim, primes)
            before = [c for c in self.claims if c.start < claim.start]
            last = next((c for c in reversed(before) if c.quantity not in self.names.weights), None)
            beside = last is not None and last.quantity in self.names.forward  # and no gradient
            return beside and not further
        old = self.figures.stated(self.figures.at(name, primes - 1))
        started = old is not None and any(starts_from(part, old) for part in claim.parts)
        return started or self._fits(claim, primes)

    def take_for_slope(self, claim: Claim) -> None:
        """Take the bare name of a unit's quantity below words for derivatives for one by it.

        Raises Unreadable where the figure shows neither this nor the quantity itself.
        """
        name, names, acts = claim.quantity, self.names, self.names.network.activations
        bare = name in names.forward and len(claim.parts) == 1 and claim.numeric
        if not bare or name == names.loss or claim.primes or self._fits(claim):
            return
        sums = {acts[unit.name]: unit.pre_activation for unit in names.network.units}
        by = [name, *([sums[name]] if name in sums else [])]
        slopes = [str(Derivative(names.loss_of(each, claim.sample), each)) for each in by]
        fits = [each for each in slopes if self.figures.fits(claim.value, each)]
        if not fits:
            raise Unreadable(f"below words for derivatives this may be {name} or {slopes[0]}")
        claim.quantity = fits[0]

    def of_weight(self, claim: Claim, place: int) -> int | None:
        """After how many steps a weight is meant."""
        name, value = claim.quantity, claim.value
        now = self.figures.at(name, self.step)
        if claim.primes:
            own = claim.primes > self.step or self.is_of_its_primes(claim)
            return claim.primes if own else self.step + 1
        itself = any(name in part.names for part in claim.parts[:2])
        current = self.figures.claimed.get(now, self.figures.right(now) if not self.step else None)
        room = claim.room if claim.places > 2 and not self.step else 1e-9  # 0.667 for 2/3
        same = value is not None and current is not None and abs(value - current) < max(room, 1e-9)
        begun = self.derived or self.worked_out or self.step
        first = {*self.names.network.inputs} | (set() if self.seen else {*self.names.forward})
        if claim.assigned and (same or claim.parts[0].plain) and not begun and any(
            each.assigned and each.quantity in first for each in self.claims
        ):  # fmt: skip
            self.doubt(name, not same)
            return None  # code that begins with the numbers of the exercise: x <- 1; w <- 0.5
        if claim.assigned or (itself and not isinstance(claim.parts[0].expression, Name)):
            return self.step + 1
        started = current is not None and any(starts_from(p, current) for p in claim.parts)
        loss, either_one = self.names.loss_of(name, claim.sample), new_or_slope(name)
        if claim.said != "new" and not started and self.is_slope(claim):
            claim.quantity = str(self.names._by(loss, name))
            return self.step
        if claim.said == "gradient" and value is not None and not same and not started:
            turned = replace(claim, quantity=f"d{loss}/d{name}")
            if value == self.figures.given.get(name) and not self._fits(turned):
                return None  # the weight at the start, once more
            if self._fits(claim, self.step + 1) and not self._fits(turned):
                if self.run or len(claim.parts[-1].plain.strip("-0.")) > 3:
                    return self.step + 1
                raise either_one
            claim.quantity = str(self.names._by(loss, name))
            self.derived = True
            return self.step
        if claim.said == "again" and value == self.figures.given.get(name):
            return None  # recall that w1 was 0.5
        if value is not None and same:
            new = self.derived and (claim.said == "new" or self.run) and not claim.earlier
            new = new and not self.is_start(claim, place, value)
            later = self.figures.ways(self.figures.at(name, self.step + 1))
            still = any(abs(value - way) <= 1e-3 * abs(value) for way in later)
            self.doubt(name, new and not (self.run or still))
            return self.step + 1 if new else self.step if self.step or self.plain else None
        slope, worked_out = f"d{self.names.loss}/d{name}", len(claim.parts) > 1
        stated = self.figures.claimed.get(slope)
        rated = self.figures.right(parsed(name).after(self.step + 1)) is not None
        fits = self._fits(claim, self.step + 1) if rated else claim.said == "new"
        new = fits and (self.run or claim.said == "new")
        if stated is not None and value == stated and not (worked_out or new):
            raise either_one
        ways = [stated, self.figures.right(slope)]
        if any(isinstance(parsed(each), Derivative) for each in self.figures.claimed):
            ways.append(self.figures.own(slope))
        alike = value is not None and any(
            w is not None and (abs(w - value) < claim.room or near(w, value)) for w in ways
        )
        sure = alike and value and claim.places > 1  # one digit is like any other figure
        said = self.seen_of(claim, self.step + 1)
        if said and not worked_out and self._differs(claim, said):
            raise Unreadable(f"{name}' has another figure above: is this its gradient?")
        self.doubt(name, claim.said == "new" and not (fits or self.seen or worked_out))
        stepped = self.run and value is not None and (new or not alike)
        told = claim.said == "new" and (fits or not sure or worked_out)
        if told or started or stepped:
            return self.step + 1
        if alike and not (fits and worked_out):
            raise either_one
        further = self.derived and value is not None and (fits or worked_out)
        if further or self.is_new_of_title(claim):
            return self.step + 1
        if self.plain:
            return self.step
        given = "" if current is None else f"the exercise gives {name} as {current:g}"
        raise Unreadable(given or "no number stands here")

    def is_start(self, claim: Claim, place: int, value: float) -> bool:
        """True for the number that a weight has, which its new one is worked out from below.

        Or whose new one has been said with another number: W = 0.5 beside W new = 0.48.
        """
        said = self.seen_of(claim, self.step + 1)
        below = [c for c in self.claims[place + 1 :] if c.quantity == claim.quantity and c.numeric]
        marked = any(c.primes > self.step for c in below[:1])
        from_it = any(starts_from(part, value) for c in below[:1] for part in c.parts)
        return from_it or marked or bool(said and self._differs(claim, said))

    def is_slope(self, claim: Claim) -> bool:
        """True for a weight's name above the working of its derivative: dL/dz2 * h1 = 0.25.

        Raises Unreadable where the working shows neither that nor a step from the old weight.
        """
        inner = {n for p in claim.parts[:-1] for n in p.names}
        if not inner or inner & {claim.quantity, RATE}:
            return False
        turned = replace(claim, quantity=f"d{self.names.loss}/d{claim.quantity}")
        if any("/" in n for n in inner) or self._fits(turned):
            return True
        raise new_or_slope(claim.quantity)

    def summed_up(self, claim: Claim, place: int) -> int | None:
        """In a summary: the pass in which the quantity has this value, else the present one.

        A formula alone is of the first one. None for a new figure behind an update, which may be of
        the next pass.
        """
        if claim.value is None:
            return 0
        for steps in range(self.step + 1):
            seen = self.seen_of(claim, steps)
            if seen and not self._differs(claim, seen):
                return steps
        if self.step and isinstance(parsed(claim.quantity), Derivative):
            fit = [n for n in range(self.step + 1) if self._fits(claim, n, room=claim.room)]
            if fit and self.step not in fit:  # first said here
                return fit[-1]
        return None if self.updated else self.one_of_several(claim, place)

    def goes_on(self, place: int) -> bool:
        """True if a forward pass with the new weights begins here.

        The words before it say so, or a figure that is another than before. Raises Unreadable where
        words alone do, and no figure was read before or fits.
        """
        block: list[Claim] = []
        most = max(MOST_APART, 2 * len(self.names.forward))
        for claim in self.claims[place : place + most]:
            summary = claim.said == "again" != self.claims[place].said
            if claim.quantity in self.names.weights or summary:
                break
            if claim.quantity in self.names.forward and claim.parts and not claim.primes:
                block.append(claim)
        if self.claims[place].said == "new" and not self.updated:
            return any(claim.numeric and self.is_next(claim) for claim in block)
        if self.claims[place].said == "new":
            told = any(self._fits(c, self.step + 1) or self.seen_of(c) for c in block)
            self.doubt(self.claims[place].quantity, block and not told)
            return not block or not all(self.is_again(c) or self.is_old(c) for c in block)
        others: set[str] = set()
        for claim in (each for each in block if each.numeric):
            seen = self.seen_of(claim)
            if not seen or self._differs(claim, seen):
                others |= {claim.quantity} if seen else set()
                if self.is_next(claim):
                    return True
        return len(others) > 1

    def doubt(self, quantity: str, doubtful: object) -> None:
        """Raise Unreadable where a quantity may be from before the update or from after it."""
        if not doubtful:
            return
        new = parsed(quantity).after(1)
        why = f"this may be {quantity} from before the update or {new} from after it"
        raise Unreadable(why, (str(quantity), str(new)))

    def seen_of(self, claim: Claim, steps: int | None = None) -> Claim | None:
        """The first figure of a claim's quantity in this pass, or after so many steps."""
        return self.seen.get(self.figures.at(claim.quantity, self.step if steps is None else steps))

    def is_next(self, claim: Claim) -> bool:
        """True if a figure is nearly right after the next step, and not before it."""
        return self._fits(claim, self.step + 1) and not self._fits(claim)

    def _differs(self, claim: Claim, seen: Claim) -> bool:
        digits = max(min(claim.places, seen.places), 1)  # 3 is not 3.375 in few digits
        return apart(claim, seen) > max(0.51 * 10.0**-digits, 0.005 * abs(seen.value or 0))

    def _fits(
        self, claim: Claim, steps: int | None = None, *, exactly: bool = False, room: float = 0
    ) -> bool:
        """True if a figure is nearly right in this pass or after so many steps.

        Or to its last digit, or no further off than by some `room`.
        """
        steps = self.step if steps is None else steps
        value, ways = claim.value, self.figures.ways(self.figures.at(claim.quantity, steps))
        room = 1.01 * 10.0**-claim.places if exactly else room
        if room and value is not None:
            return any(abs(value - way) < room for way in ways)
        return any(near(value, way) for way in ways)

    # Assertions.

    def take(self, claim: Claim, steps: int) -> None:
        """Make a claim an assertion."""
        weight = claim.quantity in self.names.weights or self.is_state(claim.quantity)
        before = steps - 1 if weight and steps else steps
        inner = [each for part in claim.parts for each in part.names]
        passed = claim.quantity in self.names.forward or "/" in claim.quantity
        mixed = not steps and passed and any("'" in each for each in inner)
        if mixed and not self.goes_back_anew(claim, inner):
            raise Unreadable("quantities from before and after the update are mixed")
        moving = {*inner} - self.names.vocabulary.constant
        if claim.primes > self.step + 1 and moving and not any("'" in each for each in moving):
            raise Unreadable("quantities from before and after the update are mixed")
        if self.goes_backwards(claim):
            raise Unreadable("this uses a quantity that is worked out from it")
        if claim.word in self.denied and not self._fits(claim, steps):
            raise Unreadable(f"the sheet's own formula for {claim.word} is of another quantity")
        formulas = [p.names for p in claim.parts if not isinstance(p.expression, Name)]
        if passed and any(claim.quantity in names for names in formulas):
            raise Unreadable("it stands on both sides: two statements may have run together")
        name = parsed(claim.quantity).after(steps)
        states = self.names.network.descent.state_names(claim.quantity) if claim.assigned else ()
        made = {each: parsed(each).after(steps) for each in states}
        now = {each: new for each, new in made.items() if new in self.figures.claimed}
        now |= self.states_made(name, {*inner}, before + 1)
        meaning: dict[str, Expression] = {CLOCK: Number(Fraction(before + 1))}
        for each in {*inner} - {CLOCK} if before or now else ():
            meaning[each] = Name(now.get(each) or self.figures.at(each, before))
        moved = before or now or CLOCK in inner
        chain = [
            replace(p, expression=replaced(p.expression, meaning)) if moved else p
            for p in claim.parts
        ]
        chain[-1] = self.put_in(name, chain[-1])
        known = {*chain[-1].names} <= self.figures.given.keys()
        if known and worked(chain[-1].expression, self.figures.own) is None:
            raise Unreadable("it has no value")  # 1/0
        value = claim.value
        if value is not None and not (weight or "/" in claim.quantity):
            self.check_step(claim, steps)
        further = 0 < claim.primes < steps and value is not None
        if further and self._fits(claim, claim.primes) and not self._fits(claim, steps):
            raise Unreadable("it may come after fewer steps than stand before it")
        if claim.supposed and not self._fits(claim, steps):
            raise Unreadable("its figure is wrong, or the words before it only assume it")
        if claim.second and not claim.twin and value is not None and not self._fits(claim, steps):
            raise Unreadable("a name between two equals signs may begin the next statement")
        if claim.torn and self.is_of_another(claim, name) and not self._fits(claim, steps):
            raise Unreadable(f"it has the figure of another quantity, and {claim.torn}")
        letter, said = self.doubted_letter(claim), chain[-1].expression
        if letter and not (self._fits(claim, steps) or self.figures.is_formula_of(name, said)):
            raise Unreadable(f"the sheet has another letter for {letter} too: what is it?")
        instead = also_meant(claim, self.names)
        if value is not None and instead and not self._fits(claim, steps):
            digits = claim.parts[-1].plain.lstrip("-0.").replace(".", "")
            slope = claim.error == "delta" or ("/" in claim.quantity and not claim.error)
            told = slope or claim.word in self.names.aliases
            forward = () if told or len(digits) < 3 else self.names.forward
            alone = not claim.error and {*instead} == {claim.quantity}  # the name has one meaning
            others = [*instead, *forward]  # a derivative is no output, whatever its figure
            for each in others:
                other = replace(claim, quantity=each)
                if each == claim.quantity or self.is_said_apart(other, steps):
                    continue
                if any(self._fits(other, n, exactly=alone) for n in (before, steps)):
                    raise either(claim.quantity, each)
            if claim.doubted & self.names.own_unsure and of_both_losses(claim, self.names):
                raise either(name, instead[-1])
        if value is None and instead:
            self.check_formula(claim, instead, name, said)
        if claim.doubtful:
            self.bear_out(claim, name, said)
        chain = self.mended(chain, value)
        assertion = Assertion(name, tuple(chain), claim.start, claim.end)
        (self.second if claim.second else self.found).append(assertion)
        if value is not None and not claim.second:
            self.figures.say(name, value)
            self.seen.setdefault(name, claim)

    def states_made(self, name: str, inner: set[str], steps: int) -> dict[str, Quantity]:
        """What an optimizer remembers, as it is after the step where only that is used.

        The m of mhat = m/(1 - beta1**t) is the new one.
        """
        equation = self.figures.equation(name)
        used = {*names_in(equation)} if equation else set[str]()
        made = {each: parsed(each).after(steps) for each in inner - used if self.is_state(each)}
        return {each: new for each, new in made.items() if new in used}

    def is_said_apart(self, claim: Claim, steps: int) -> bool:
        """True if the sheet says a quantity by a name that is of it alone, and another figure."""
        return any(
            each.quantity == claim.quantity and each.numeric and {*each.instead} <= {each.quantity}
            and not (each.doubtful or each.second or each.twofold or each.word == claim.word)
            and self._differs(claim, each)
            for each in self.claims if each.primes == claim.primes and not (each.sample or steps)
        )  # fmt: skip

    def is_of_another(self, claim: Claim, name: str) -> bool:
        """True if a number is that of another unit's quantity, as the sheet says it or rightly."""
        value, said, acts = claim.value, self.figures.claimed, self.names.network.activations
        both = [{u.pre_activation, acts[u.name]} for u in self.names.network.units]
        own = next((names for names in both if by_of(claim.quantity) in names), {name})
        others = {*self.names.forward, *self.names.vocabulary.derivatives, *said} - {name}
        room = claim.room if claim.places > 2 else 1e-9
        ways = [way for n in others if by_of(n) not in own for way in self.figures.ways(n)]
        ways += [said[n] for n in others & said.keys()]
        return value is not None and any(abs(way - value) < room for way in ways)

    def doubted_letter(self, claim: Claim) -> str:
        """A name in a claim that may be a sum or an output, and has a twin: u1 beside s1 for z1."""
        taken, places, at = self.names.taken, self.names.places, claim.start
        here = (t for t in taken if at in places.get(t, ()) and len(self.names.options(t)) > 1)
        twins = (t for t in here if any(taken[o] == taken[t] and o[0] != t[0] for o in taken))
        return next(twins, "")

    def goes_backwards(self, claim: Claim) -> bool:
        """True for a quantity of the forward pass with a formula of what is worked out from it."""
        if claim.quantity not in self.names.forward:
            return False
        later = self.names.forward.keys() - self.names.vocabulary.before(claim.quantity)
        if claim.numeric and claim.quantity in self.names.network.outputs:
            later -= {*self.names.network.outputs}  # p2 = 1 - p1 = 0.4
        formulas = [p for p in claim.parts if not isinstance(p.expression, Name)]
        return any(bare_name(n)[0] in later for each in formulas for n in each.names)

    def is_foreign(self, claim: Claim) -> bool:
        """True for a weighted sum with a formula of numbers that are none of it: u = 3x + 1."""
        unit = self.names.activation(claim.quantity)
        if not unit or claim.quantity != unit.pre_activation or claim.primes:
            return False
        known = [float(each) for each in self.figures.given.values()]
        known += [own for name in self.names.forward if (own := self.figures.own(name)) is not None]
        for part in (each for each in claim.parts if each.names):
            numbers = [abs(float(n.value)) for n in walk(part.expression) if isinstance(n, Number)]
            foreign = any(not any(near(abs(k), n) for k in known) for n in numbers)
            if foreign and not self.figures.is_formula_of(claim.quantity, part.expression):
                return True
        return False

    def goes_back_anew(self, claim: Claim, inner: Sequence[str]) -> bool:
        """True for a derivative worked out from new weights that the sheet says, as a mistake."""
        new = {each for each in inner if "'" in each}
        weights = all(bare_name(each)[0] in self.names.weights for each in new)
        if not (weights and new <= self.figures.claimed.keys() and "/" in claim.quantity):
            return False
        ways = [worked(part.expression, self.figures.own) for part in claim.parts]
        return claim.numeric and all(near(way, claim.value) for way in ways)

    def put_in(self, name: str, said: ChainPart) -> ChainPart:
        """A result of figures and given names, 0.00028*x1, with the given numbers put in."""
        named, equation = set(said.names), self.figures.equation(name)
        given = self.figures.given.keys()
        if not named or equation is None or not named - {*self.names.weights} <= given:
            return said
        numbers = (node.value for node in walk(said.expression) if isinstance(node, Number))
        if all(Fraction(each).denominator == 1 for each in numbers):
            return said
        upstream = self.names.vocabulary.before(bare_name(name)[0])
        if upstream and not named <= upstream:
            raise Unreadable("a number and a name stand side by side that do not belong together")
        missing = set(names_in(equation)) - named
        if missing <= given:
            return said
        put = {each: Number(Fraction(self.figures.given[each])) for each in named}
        return replace(said, expression=replaced(said.expression, put))

    def check_step(self, claim: Claim, steps: int) -> None:
        """Raise Unreadable where a figure is wrong here and may be right before or after a step."""
        lost = self.update_lost < claim.start
        new, forward = claim.said == "new", claim.quantity in self.names.forward
        seen, before = self.seen_of(claim, steps), self.seen_of(claim, steps - 1) if steps else None
        room = 0.51 * 10.0 ** -max(claim.places, 1)
        again = steps > 0 and self._fits(claim, steps - 1, exactly=True)  # and not seen before
        if before:
            again = apart(claim, before) < room and len(claim.parts) == 1
        anew = new and steps == 1 and forward and not again
        if claim.primes or not claim.numeric or anew:
            return
        if lost and forward and seen:  # a little off, as after a small step
            least = 1.5 * 10.0 ** -min(claim.places, seen.places)
            self.doubt(claim.quantity, apart(claim, seen) > least)
        told = self._fits(claim, steps) or (seen and apart(claim, seen) < room)
        if told or (steps == self.step and self.works_with(claim)):
            return
        around = (steps - 1, steps + 1)[not steps : 1 + (forward or lost)]
        fits = any(self._fits(claim, each) for each in around)
        past = steps or self.updated or self.derived or seen or lost
        doubtful = fits and (past or self.is_torn(claim))
        self.doubt(claim.quantity, doubtful or (not steps and (lost or new) and forward))

    def check_formula(self, claim: Claim, ways: Sequence[str], name: str, said: Expression) -> None:
        """Raise Unreadable for a formula that is right for another quantity of such a name."""
        amount, right = worked(said, self.figures.right), self.figures.right(name)
        if amount is None or right is None or near(amount, right):
            return
        for each in ways:
            if near(amount, self.figures.right(each)):
                raise either(claim.quantity, each)

    def bear_out(self, claim: Claim, name: str, formula: Expression) -> None:
        """Take a damaged name only if the figure is what the sheet's own figures make of it."""
        quantity = parsed(claim.quantity)
        word, taken = claim.doubtful, self.names.taken
        said = [part.text for part in claim.parts]
        copies = {c.start for c in self.claims if [part.text for part in c.parts] == said}
        used = self.names.places.get(word, set()) - copies
        known = self.borne.get(word) or (taken.get(word) if used else None)
        if isinstance(quantity, Derivative) and known in (quantity, quantity.by):
            return  # the sheet has used the name so elsewhere
        old = self.figures.given.get(claim.quantity) if claim.primes == 1 else None
        begun = old is not None and any(starts_from(part, float(old)) for part in claim.parts)
        fits = begun or self.figures.fits(claim.value, name)  # wS' = 0.4 + ... is w5'
        if not (fits or self.figures.is_formula_of(name, formula)):
            raise Unreadable(f"{word} may be {claim.quantity}, but its figure does not fit")
        self.borne[word] = claim.quantity
        whole = word.startswith(("∂", "\\frac", "8", *ERRORS))  # dL/dz_hl, and not z_hl in it
        if (meant := claim.quantity if whole else by_of(claim.quantity)) not in taken.values():
            taken[word] = meant

    def mended(self, chain: list[ChainPart], value: float | None) -> list[ChainPart]:
        """The chain without parts that damage has made numbers: 22 for z2, 1.1 for 1·1."""
        if value is None or len(chain) < 2:
            return chain
        kept: list[ChainPart] = []
        unit = 10.0 ** -len(chain[-1].plain.partition(".")[2])
        lost = {float(word): name for word, name in self.borne.items() if word.isdecimal()}
        for part in chain[:-1]:
            whole = re.fullmatch(r"\s*\d+\s*", part.text) is not None
            nodes = [*walk(part.expression)]
            found = {n for n in nodes if isinstance(n, Number) and float(n.value) in lost}
            numbers = whole or found or any(map(_dots, nodes))
            amount = worked(part.expression, self.figures.own) if numbers else None
            if amount is not None and not near(value, amount) and abs(value - amount) > unit:
                named = {node: Name(lost[float(node.value)]) for node in found}
                mended = [_dotted(part.expression), _with_names(part.expression, named)]
                fits = [e for e in mended if near(value, worked(e, self.figures.own))]
                if fits:
                    kept.append(replace(part, expression=fits[0]))
                    continue
                if whole and self.names.taken.keys() & {
                    part.text.strip(), f"2_{part.text.strip()[1:]}"
                }:  # fmt: skip
                    continue
            kept.append(part)
        return [*kept, chain[-1]]

    # Matrices.

    def orient(self) -> None:
        """Decide for each matrix whether its rows are rows; else its two readings are one."""
        groups: dict[int, list[Claim]] = {}
        for claim in self.claims:
            if claim.other:
                groups.setdefault(claim.start, []).append(claim)
        figures = {
            c.quantity: value for c in reversed(self.claims)
            if not (c.other or c.primes or c.second or c.said == "new")
            and c.numeric and (value := c.value) is not None
        }  # fmt: skip
        turned: set[str] = set()
        straight, slopes = set[str](), dict[str, float]()
        seen: dict[bool, set[bool]] = {True: set(), False: set()}  # how weights, and others, stand
        undecided = list[list[Claim]]()
        for last, group in self._twice(groups.values(), undecided):
            weights = {by_of(claim.quantity) for claim in group}
            steps = int(any(c.assigned or c.primes or c.said == "new" for c in group))
            steps = steps if group[0].quantity in self.names.weights else 0
            rows, columns = (
                self._agreeing(group, steps, each, slopes, figures) for each in (False, True)
            )
            own = group[0].quantity in self.names.weights
            direct, across = rows == len(group), columns == len(group) > rows
            if not direct and not across:  # then as the sheet writes the weights themselves
                direct = not weights.isdisjoint(straight) and (own or rows > columns)
                across = not weights.isdisjoint(turned) and (own or columns > rows)
            if direct == across and not last:
                undecided.append(group)
                continue
            if direct == across:  # as the other matrices of the sheet stand
                ways = seen[own] or seen[not own]
                direct, across = ways == {False}, ways == {True}
            if rows != columns:
                seen[own].add(across)
            if across and not direct:
                turned |= weights if own else set()
                mirror = {by_of(c.quantity): by_of(c.other) for c in group if c.other}
                for claim in group:
                    claim.quantity, claim.other = claim.other, claim.quantity
                    claim.parts = [
                        replace(part, expression=renamed(part.expression, _mirrored(mirror)))
                        for part in claim.parts
                    ]
            elif direct == across:
                for claim in group:
                    self.skip(claim, either(claim.quantity, claim.other, ": rows may be columns"))
                    self.claims.remove(claim)
            elif own:
                straight |= weights
            else:
                slopes |= {by_of(claim.quantity): claim.value or 0 for claim in group}

    @staticmethod
    def _twice(
        groups: Iterable[list[Claim]], undecided: list[list[Claim]]
    ) -> Iterator[tuple[bool, list[Claim]]]:
        """Yield each group, and then those that were put off, for the last time."""
        yield from ((False, group) for group in groups)
        yield from ((True, group) for group in [*undecided])

    def _agreeing(
        self, group: Sequence[Claim], steps: int, across: bool, slopes: Mapping[str, float],
        said: Mapping[str, float],
    ) -> int:  # fmt: skip
        """The number of entries of a matrix that are right when it is read this way.

        Or that follow from the sheet's own gradient, which was read before, or its other figures.
        """
        count, given = 0, self.figures.given
        for claim in group:
            name = claim.other if across else claim.quantity
            right = self.figures.right(parsed(name).after(steps))
            value, formula = claim.value, claim.parts[0].expression
            room = 1.01 * 10.0**-claim.places if claim.places > 1 else 0
            inner = {by_of(name) for name in names_in(formula)}  # of W its rows may be columns
            spelled = bool(inner) and inner.isdisjoint(self.names.weights)
            told = worked(formula, self.figures.right) if spelled else None
            follows = right
            if steps and name in slopes and RATE in given:
                follows = float(given[name]) - float(given[RATE]) * slopes[name]
            if value is not None and right is not None and follows is not None:
                equation, own = None if steps else self.figures.equation(name), None
                if equation is not None:
                    own = worked(equation, lambda n: said.get(n, self.figures.right(n)))
                ways = (right, follows, right if own is None else own)
                fits = any(near(value, way) or abs(value - way) <= room for way in ways)
                count += fits or near(told, right)
        return count


def _dots(node: Expression) -> tuple[str, ...]:
    """The digits around the point of a number such as 1.1; none for anything else."""
    value = node.value if isinstance(node, Number) else -1
    short = 0 <= value < 10 and 10 % Fraction(value).denominator == 0
    return (*str(float(value)).split("."),) if short else ()


def _dotted(expression: Expression) -> Expression:
    """The formula with a.b read as a times b."""
    if digits := _dots(expression):
        return Product(tuple(Number(Fraction(each)) for each in digits))
    return rebuilt(expression, _dotted)


def _with_names(expression: Expression, named: Mapping[Number, Name]) -> Expression:
    """The formula with names for some of its numbers."""
    if isinstance(expression, Number):
        return named.get(expression, expression)
    return rebuilt(expression, lambda inner: _with_names(inner, named))


def _mirrored(mirror: Mapping[str, str]) -> Callable[[str], str]:
    """Rename the entries of a matrix, and the derivatives by them, whose rows are columns."""

    def renaming(name: str) -> str:
        own = parsed(name)
        if isinstance(own, Derivative):
            return Derivative(own.of, mirror.get(own.by, own.by))
        return mirror.get(name, name)

    return renaming


def either(one: str, other: str, why: str = "") -> Unreadable:
    """Return the error of what may be one quantity or the other."""
    return Unreadable(f"this may be {one} or {other}{why}", (one, other))


def apart(one: Claim, two: Claim) -> float:
    """Return how far apart the numbers of two claims are; infinitely where one says none."""
    return inf if one.value is None or two.value is None else abs(one.value - two.value)


def new_or_slope(weight: str) -> Unreadable:
    """Return the error of what may be the new value of a weight or the derivative by it."""
    return Unreadable(f"this may be the new weight {weight}' or its gradient")
