"""A person's own work, line by line: each figure as written and as it was before rounding."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backcalc.checking.key import Key
from backcalc.checking.written import FEWEST_DIGITS, Written, rounded_to, roundings
from backcalc.formulas.expression import (
    Expression,
    Name,
    Number,
    Scalar,
    evaluate,
    finite,
    names_in,
    rebuilt,
)

MOST_NAMES = 2000  # in those lines
LEEWAY = 0.4  # of the range on either side: it is only right to the first order
MOST_HIDDEN = 60  # lines left out before a line whose rounding is looked at

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What is known of a sheet so far.

    A later line may go on from a figure as it stands on the sheet or as it still stood on the
    calculator, so each quantity has both; a line that the sheet leaves out is worked out from them.
    """

    key: Key
    """The right lines."""
    shown: dict[str, Scalar]
    """Each quantity as it was written; where it was not, from the lines that were."""
    kept: dict[str, Scalar]
    """Each quantity before it was rounded."""
    listed: set[str] = field(default_factory=set)
    """The lines that stand on the sheet."""
    left_out: dict[str, bool] = field(default_factory=dict)
    """The lines so far that do not, and whether a later line shows that they were right."""
    sources: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each line the nearest own ones that it rests on and that are wrong or follow."""
    assumed: dict[str, Scalar] = field(default_factory=dict)
    """What lines left out must have been, as wrong ones after them show."""
    instead: dict[str, Scalar] = field(default_factory=dict)
    """For each wrong figure what should stand there, going by the person's own before it."""
    rests: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each of these the nearest own ones that it rests on and that are wrong or follow."""
    formulas: dict[str, Expression] = field(default_factory=dict)
    """The wrong formulas on the sheet."""

    def value(self, expression: Expression, *, kept: bool = False) -> Scalar | None:
        """An expression worked out from the person's own values; None where it has no answer."""
        return worked_out(expression, self.kept if kept else self.shown)

    def leave_out(self, name: str) -> None:
        """A line that the sheet does not show."""
        expression = self.key.lines[name].equation.expression
        self.set(name, self.value(expression), self.value(expression, kept=True))
        self.sources[name] = self.sources_of(expression)
        self.left_out.setdefault(name, False)

    def vouch(self, name: str) -> None:
        """A line on the sheet is right, and so must be those left out before it."""
        for hidden in self.key.needs(name, self.listed)[:-1] if self.left_out else ():
            self.left_out[hidden] = True

    def assume(self, name: str, value: Scalar, source: str) -> None:
        """A line that was left out must have had this value, as a later one shows."""
        self.set(name, value, value)
        self.assumed[name] = value
        self.sources[name] = frozenset((source,))
        for later in self.left_out:
            if self.key.order[later] > self.key.order[name]:
                self.leave_out(later)

    def unassumed(self) -> Work:
        """The same work by what the sheet itself holds."""
        plain = replace(self.copy(), assumed={})
        for name in self.left_out:
            plain.leave_out(name)
        return plain

    def copy(self) -> Work:
        """The same work, to try something out on."""
        return replace(
            self, shown=dict(self.shown), kept=dict(self.kept), sources=dict(self.sources),
            left_out=dict(self.left_out), assumed=dict(self.assumed),
        )  # fmt: skip

    def rough(self) -> Work:
        """The same work in floats."""
        return replace(self, shown=Floats(self.shown), kept=Floats(self.kept))

    def corrected(self, digits: int, *, carried: bool = False) -> Work:
        """The same work with every wrong figure put right, as it may stand on scrap paper.

        A figure behind another wrong one is right there, or only right from that one: `carried`.
        """
        doubtful = [name for name, sources in self.sources.items() if sources]
        right: dict[str, Scalar] = {name: self.key.value(name) for name in doubtful}
        own = right | {
            name: value for name, value in self.instead.items()
            if name in right and (carried or not self.rests[name])
        }  # fmt: skip
        near: dict[str, Scalar] = {
            name: rounded_to(value, digits or FEWEST_DIGITS) for name, value in own.items()
        }
        return replace(self, shown=self.shown | near, kept=self.kept | right, assumed={})

    def set(self, name: str, shown: Scalar | None, kept: Scalar | None) -> None:
        """Go on from this figure; None: nothing that needs it can be worked out."""
        for values, value in ((self.shown, shown), (self.kept, kept)):
            values.pop(name, None)
            if value is not None:
                values[name] = value

    def sources_of(self, expression: Expression) -> frozenset[str]:
        """The person's own values, wrong or following from wrong ones, that an expression uses."""
        return frozenset[str]().union(*(self.sources.get(n, ()) for n in names_in(expression)))

    def reaches(self, expression: Expression, written: Written) -> bool:
        """Whether right work on the person's own figures, rounded on the way, gives a number."""
        for kept in (False, True):
            value = self.value(expression, kept=kept)
            if value is not None and written.fits(value):
                return True
        if not (written.digits or written.places):
            return False
        found = self._range(expression, written)
        if found is None:
            return False
        least, most = found
        further = LEEWAY * (most - least) if self.key.before(expression, self.listed) else 0.0
        return written.fits(least, most) or written.rounds(least - further, most + further)

    def _range(self, expression: Expression, written: Written) -> Range | None:
        """The least and the most that honest rounding on the way makes of a line.

        Each line left out before it may be rounded, cut off or carried on whole, each figure used
        as written or as it was, independently of the others, to the first order; and all steps in
        a line may be rounded.
        """
        digits = written.digits if written.digits >= FEWEST_DIGITS else FEWEST_DIGITS + 1
        hidden = self.key.before(expression, self.listed)[-MOST_HIDDEN:]
        if sum(len(self.key.used(each)) for each in hidden) > MOST_NAMES:
            return None  # a network of this size is worked out by no one in steps
        lines = [self.key.lines[each].equation.expression for each in hidden]
        used = dict.fromkeys(each for line in (*lines, expression) for each in names_in(line))

        def outcome(moved: str = "", way: int = 0, *, by_steps: bool = False) -> Scalar | None:
            """The line with all figures rounded but one, which is carried on in another way."""
            work_out = _stepwise if by_steps else worked_out
            rounded = {moved: self.kept[moved]} if moved in self.kept else {}
            values = ChainMap(rounded, self.shown)
            for each, line in zip(hidden, lines, strict=True):
                found = self.assumed.get(each)
                if found is None:
                    found = work_out(line, values, digits)
                if found is not None:
                    ways = roundings(found, digits, written.places)
                    rounded[each] = ways[min(way, len(ways) - 1) if each == moved else 0]
            return work_out(expression, values, digits)

        start = outcome()
        if start is None:
            return None
        least = most = float(start)
        other = [(each, 0) for each in used if self.shown.get(each) != self.kept.get(each)]
        for each, ways in [*((each, 3) for each in hidden), *other]:
            ends = [outcome(each, way) for way in range(1, ways + 1)] or [outcome(each)]
            changes = [float(end - start) for end in ends if end is not None]
            least, most = least + min([0.0, *changes]), most + max([0.0, *changes])
        ends = [outcome(by_steps=True), self.value(expression, kept=True)]
        values = [float(end) for end in ends if end is not None]
        return min([least, *values]), max([most, *values])


class Floats(dict[str, Scalar]):
    """Numbers as floats, turned when first used: quick where no exact digit is wanted."""

    def __init__(self, values: Mapping[str, Scalar]) -> None:
        super().__init__()
        self.exact = values

    def __missing__(self, name: str) -> float:
        number = self[name] = float(self.exact[name])
        return number


def worked_out(
    expression: Expression, values: Mapping[str, Scalar], digits: int = 0
) -> Scalar | None:
    """The value of an expression; None where it has none or a name in it has none."""
    try:
        value = evaluate(expression, values)
    except (KeyError, ArithmeticError, ValueError):
        return None
    return value if finite(value) else None


def _stepwise(expression: Expression, values: Mapping[str, Scalar], digits: int) -> Scalar | None:
    """An expression worked out with every step on the way rounded to so many digits."""

    def step(operand: Expression) -> Expression:
        if isinstance(operand, (Name, Number)):
            return operand
        value = evaluate(rebuilt(operand, step), values)
        return Number(rounded_to(value, digits))

    try:
        return worked_out(rebuilt(expression, step), values)
    except (KeyError, ArithmeticError, ValueError):
        return None
