"""A student's formula and the right one: the same function, or right only on one side of a kink.

Both are worked out at seeded points, with fractions where these stay exact and else with 60 digits,
of which 30 must agree.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from typing import TypeAlias

from backcalc.arithmetic import decimal_of, digits_of
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import Equation, needed, sample_names
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    bounded,
    evaluate,
    finite,
    names_in,
    parts,
    rebuilt,
    walk,
)
from backcalc.formulas.functions import kinks_of
from backcalc.formulas.notation import Phrase

Amount: TypeAlias = Fraction | float | Decimal
Kink: TypeAlias = tuple[Expression, Expression]
"""Two sides: the kink is where they are equal."""

MOST_NODES = 1500  # of a formula that is looked at
BASE_POINTS, FEWER_POINTS = 24, 5  # as many as are compared, of long formulas too
BASE_WORK = 10_000  # those points times the formula's length
FEWEST_POINTS = 4  # for the verdict that two formulas are the same
MOST_DRAWN, MOST_WORK = 200, 200_000  # points, and points times equations
MOST_KINKS, MOST_COMPARED = 60, 12  # of a verdict; arguments of a max whose ties count
MOST_SIDES, MOST_CONDITIONS = 24, 3  # that a remark is made from
MOST_JUDGED = 2000  # pairs of formulas whose verdicts are kept
FEWEST_SHOWN = 3  # points at which a formula is right before that is more than chance
DIGITS = 60  # twice as many as are compared, for what cancels
AGREE, NOTHING = Decimal("1e-30"), Decimal("1e-40")
FAILURES = (ArithmeticError, ValueError, KeyError, RecursionError)

NOWHERE: Mapping[str, Fraction] = {}
LITERAL, ABOVE, BELOW = 0, 1, -1
"""How a condition reads whose sides are equal: as it is written, or as if one were a bit larger."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Whether a formula is the right one."""

    same: bool | None
    """None: neither proved nor refuted."""
    remark: Phrase = ()
    """For a wrong one where it is right, if that follows the kinks."""


@dataclass(slots=True, eq=False)
class _Chain:
    """The equations worked out at one point, as far as they were needed."""

    values: dict[str, Amount]
    """What each name stands for; a name whose equation has no answer is missing."""
    done: int = 0
    """How many equations were worked out."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The points at which formulas of one network are compared; worked out when they are used."""

    network: Network
    """The network, for its constants and what its targets may be."""
    equations: tuple[Equation, ...]
    """Every quantity that a formula may use, each from earlier ones."""
    places: Mapping[str, int]
    """The number of equations that must be worked out for each name."""
    leaves: tuple[str, ...]
    """The names that no equation defines."""
    chains: dict[tuple[int, int, int], _Chain] = field(default_factory=dict)
    """What was worked out: by point, reading of conditions, and digits (0: as fractions)."""
    leaning: dict[tuple[int, int], Expression] = field(default_factory=dict)
    """The equations' right sides with their conditions read otherwise."""
    near: Mapping[str, Fraction] = field(default_factory=dict)
    """The numbers of a sheet around which points are drawn; none: they are drawn anywhere."""
    judged: dict[tuple[Expression, Expression], Judgement] = field(default_factory=dict)
    """What came out for each pair of formulas so far: a class writes the same ones."""

    def values(self, point: int, through: int, lean: int, digits: int) -> Mapping[str, Amount]:
        """What the names of the first so many equations stand for at a point."""
        known = self.chains.get((point, lean, digits))
        if known is None:
            drawn = _drawn(self.network, self.leaves, point) | _beside(self.near, point)
            if digits:
                drawn = {n: decimal_of(v, digits) for n, v in drawn.items()}  # type: ignore[arg-type]
            known = _Chain(drawn)
            self.chains[point, lean, digits] = known
        for number in range(known.done, through):
            equation = self.equations[number]
            if lean and (number, lean) not in self.leaning:
                self.leaning[number, lean] = _leaning(equation.expression, lean, self.leaves)
            expression = self.leaning[number, lean] if lean else equation.expression
            value = _worked(expression, known.values, digits)
            if value is not None:
                known.values[equation.name] = value
        known.done = max(known.done, through)
        return known.values


def sample_points(
    network: Network, equations: Sequence[Equation], near: Mapping[str, Fraction] = NOWHERE
) -> Points:
    """The points for all formulas over these equations, each of which uses only earlier ones."""
    places: dict[str, int] = {equation.name: number for number, equation in enumerate(equations, 1)}
    given = [*network.weights, *network.constants, RATE]
    given += sample_names(network, [*network.inputs, *network.targets])
    used = [name for equation in equations for name in names_in(equation.expression)]
    leaves = [name for name in dict.fromkeys([*given, *used]) if name not in places]
    return Points(network, tuple(equations), places, tuple(leaves), near=near)


# Drawing points.


def _drawn(network: Network, leaves: Sequence[str], point: int) -> dict[str, Amount]:
    """Values for the leaves: of any sign, all positive, or mostly positive by turns.

    Ordinary ones first; smaller and larger ones for the kinks that these do not reach.
    """
    rng = random.Random(f"backcalc {point}")
    negative = (0.5, 0.0, 0.25)[point % 3]
    largest, unit = ((40, 16), (40, 256), (640, 64), (640, 16))[point // BASE_POINTS % 4]
    values: dict[str, Amount] = {}
    for name in leaves:
        size = Fraction(rng.randint(1, largest), unit)
        values[name] = -size if rng.random() < negative else size
    values[RATE] = Fraction(rng.randint(1, 16), 16)
    for number in range(1, len(network.samples) + 1):
        suffix = f"[{number}]" if len(network.samples) > 1 else ""
        targets = [name + suffix for name in network.targets]
        values.update(zip(targets, _targets(network, rng) or (), strict=False))
    return values | dict(network.constants)


def _beside(numbers: Mapping[str, Fraction], point: int) -> dict[str, Amount]:
    """Some numbers, each moved by up to a hundredth: no kink is near but one that is met."""
    rng = random.Random(f"backcalc near {point}")
    moved = {n: Fraction(rng.randint(-64, 64), 6400) for n in numbers}
    return {n: value + moved[n] * (abs(value) or 1) for n, value in numbers.items()}


def _targets(network: Network, rng: random.Random) -> list[Fraction] | None:
    """Targets of one sample from the loss's domain; None: any numbers will do."""
    count, outputs = len(network.targets), len(network.outputs)
    match network.loss_name:
        case "cross_entropy" if count == 1 < outputs:
            return [Fraction(rng.randrange(outputs))]
        case "cross_entropy":
            shares = [rng.randint(1, 15) for _ in range(count)]
            return [Fraction(share, sum(shares)) for share in shares]
        case "bce":
            return [Fraction(rng.randint(1, 15), 16) for _ in range(count)]
        case "hinge":
            return [Fraction(rng.choice((-1, 1))) for _ in range(count)]
    return None


# Working formulas out.


def _worked(expression: Expression, values: Mapping[str, Amount], digits: int = 0) -> Amount | None:
    """An expression's value, or None where it has none."""
    try:
        if digits:
            return digits_of(expression, values, digits)  # type: ignore[arg-type]
        value = bounded(evaluate(expression, values))  # type: ignore[arg-type]
        return value if finite(value) else None
    except FAILURES:
        return None


def _leaning(node: Expression, lean: int, leaves: Collection[str]) -> Expression:
    """The expression with each condition read as if sides that are equal were not quite.

    A dead unit holds the next one at its kink, where a formula that differs only in > and >= must
    not be told apart from the right one, but a formula that forgets the dead unit must.
    """
    match node := rebuilt(node, lambda part: _leaning(part, lean, leaves)):
        case Call(function, (z,)) if function.name == "sign":
            above = Comparison(z, ">" if lean == BELOW else ">=", ZERO)
            return Choice(above, ONE, Number(Fraction(-1)))
        case Choice(Comparison(left, relation, right), then, otherwise):
            if relation in ("==", "!="):
                if isinstance(left, Name) and left.id in leaves:
                    return node  # a class number
                return otherwise if relation == "==" else then
            turned = names_in(left) < names_in(right)  # so that 0 < z reads as z > 0
            or_equal = (relation[0] == ">") == ((lean == ABOVE) != turned)
            relation = relation[0] + ("=" if or_equal else "")
            return Choice(Comparison(left, relation, right), then, otherwise)
    return node


# Kinks.


def _kinks(expression: Expression) -> Iterator[Kink]:
    """The kinks and conditions that stand in an expression."""
    for node in walk(expression):
        match node:
            case Choice(Comparison(left, relation, right)) if relation not in ("==", "!="):
                yield left, right
            case Call(function, arguments) if function.name == "sign":
                yield _sides(arguments[0])
            case Call(_, arguments) if len(arguments) <= MOST_COMPARED:
                yield from map(_sides, kinks_of(node))


def _sides(kink: Expression) -> Kink:
    """What is zero at a kink as two sides: yhat - y as yhat and y."""
    match kink:
        case Sum((left, Negation(right))):
            return left, right
        case Negation(operand):
            return operand, ZERO
    return kink, ZERO


def _sign(kink: Kink, values: Mapping[str, Amount]) -> int | None:
    """On which side of a kink a point lies; 0: on it."""
    left, right = (_worked(side, values) for side in kink)
    if left is None or right is None:
        return None
    return (left > right) - (left < right)


# Judging.


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """Two formulas at one point."""

    point: int
    """Which point."""
    signs: tuple[int | None, ...]
    """On which side of each kink it lies."""
    exact: tuple[Amount, Amount]
    """The values of the formula and of the right one."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """A formula and the right one over the points of their network."""

    formula: Expression
    right: Expression
    points: Points
    through: int
    """How many equations they need."""
    kinks: tuple[Kink, ...]
    """Every kink that they or the equations before them reach."""
    base: int
    """How many points are compared, and more only for the other side of a kink."""
    most: int
    """How many points may be drawn."""

    def rows(self) -> tuple[list[_Row], bool]:
        """Points where both have a value, until each kink has both sides and not all is zero.

        And whether the formula has a value on every side of a kink on which the right one has.
        """
        rows: list[_Row] = []
        full, alive = 2 * len(self.kinks), 0
        seen: set[tuple[int, int | None]] = set()
        met: set[tuple[int, int | None]] = set()
        for point in range(self.most):
            values = self.points.values(point, self.through, LITERAL, 0)
            ours, theirs = _worked(self.formula, values), _worked(self.right, values)
            if theirs is None:
                continue
            signs = tuple(_sign(kink, values) for kink in self.kinks)
            sides = {(number, sign) for number, sign in enumerate(signs) if sign}
            met |= sides
            if ours is None:
                continue
            alive += (shown := bool(ours or theirs))
            needed_here = not sides <= seen or (shown and alive <= FEWEST_POINTS)
            if needed_here or len(rows) < self.base:
                rows.append(_Row(point, signs, (ours, theirs)))
            seen |= sides
            if alive >= FEWEST_POINTS and len(rows) >= self.base and len(seen) == full:
                break
        return rows, met == seen

    def agree(self, row: _Row, digits: int) -> bool | None:
        """Whether both are the same at a point; None where that cannot be worked out."""
        literal = self._agree(row, LITERAL, digits)
        if literal is False and 0 in row.signs:
            leaning = [self._agree(row, lean, digits) for lean in (ABOVE, BELOW)]
            return False if False in leaning else None if None in leaning else True
        return literal

    def _agree(self, row: _Row, lean: int, digits: int) -> bool | None:
        """Whether they agree; a no counts only where more digits change neither much."""
        if not (lean or digits):
            return row.exact[0] == row.exact[1]
        ours, theirs = self._values(row, lean, digits)
        if not isinstance(ours, Decimal) or not isinstance(theirs, Decimal):
            return None if ours is None or theirs is None else ours == theirs
        if _close(ours, theirs):
            return True
        our_more, their_more = self._values(row, lean, 2 * digits)
        if not isinstance(our_more, Decimal) or not isinstance(their_more, Decimal):
            return None
        doubt = abs(ours - our_more) + abs(theirs - their_more)
        if 1000 * doubt < abs(our_more - their_more):
            return False
        return _close(our_more, their_more) or None

    def _values(self, row: _Row, lean: int, digits: int) -> list[Amount | None]:
        values = self.points.values(row.point, self.through, lean, digits)
        sides = [self.formula, self.right]
        if lean:
            sides = [_leaning(side, lean, self.points.leaves) for side in sides]
        return [_worked(side, values, digits) for side in sides]


def judge(formula: Expression, right: Expression, points: Points) -> Judgement:
    """Whether a formula is the same function as the right one, and if not where it still is.

    Names stand for what the equations make of them: upstream derivatives may be used or expanded.
    """
    if _size(formula) > MOST_NODES:
        return Judgement(None)
    if _shape(formula) == _shape(right):
        return Judgement(True)
    known = points.judged.get((formula, right))
    if known is None:
        known = _compared(_paired(formula, right, points))
        if len(points.judged) < MOST_JUDGED:
            points.judged[formula, right] = known
    return known


def is_same(formula: Expression, right: Expression, points: Points) -> bool:
    """True if a formula is judged the same; most others are told apart at the first points."""
    if _size(formula) <= MOST_NODES and (formula, right) not in points.judged:
        pair = replace(_paired(formula, right, points), most=FEWEST_POINTS)
        if any(agrees is False for _, agrees in _verdicts(pair, pair.rows()[0])):
            return False
    return bool(judge(formula, right, points).same)


def _shape(node: Expression) -> Hashable:
    """The formula as something that is equal where only the order of terms or factors differs."""
    sign, node = (-1, node.operand) if isinstance(node, Negation) else (1, node)
    match node:
        case Name(name):
            inner: Hashable = name
        case Number(value):
            inner = value
        case Sum(terms) | Product(terms):
            each = Counter(map(_shape, terms))
            inner = (type(node), frozenset(each.items()))
        case Call(function, arguments, output):
            inner = (function.name, output, tuple(map(_shape, arguments)))
        case Choice(condition):
            inner = (condition.relation, tuple(map(_shape, parts(node))))
        case _:
            inner = (type(node), tuple(map(_shape, parts(node))))
    return sign, inner


def _compared(pair: _Pair) -> Judgement:
    rows, everywhere = pair.rows()
    verdicts: list[tuple[_Row, bool | None]] = []
    for row, agrees in _verdicts(pair, rows):
        if agrees is False and not pair.kinks:
            return Judgement(False)  # and there is no side on which it would be right
        verdicts.append((row, agrees))
    wrong = [row for row, agrees in verdicts if agrees is False]
    same = [row for row, agrees in verdicts if agrees]
    if wrong:
        return Judgement(False, _remark(pair.kinks, same, wrong))
    return Judgement(True if everywhere and len(same) >= FEWEST_POINTS else None)


def _verdicts(pair: _Pair, rows: list[_Row]) -> Iterator[tuple[_Row, bool | None]]:
    """Whether both are the same, point by point."""
    exact = all(isinstance(value, Fraction) for row in rows for value in row.exact)
    for row in rows:
        yield row, pair.agree(row, 0 if exact else DIGITS)


def _paired(formula: Expression, right: Expression, points: Points) -> _Pair:
    """Both formulas with the equations and the kinks that they reach."""
    names = [*names_in(formula), *names_in(right)]
    through = max((points.places.get(name, 0) for name in names), default=0)
    before = points.equations[:through]
    reached = needed(before, *names)
    sources = [equation.expression for equation in before if equation.name in reached]
    found: dict[Kink, None] = {}
    size = _size(formula, right)
    room = MOST_NODES
    for kink in chain.from_iterable(map(_kinks, (formula, right, *sources))):
        room -= _size(*kink)
        if room < 0 or len(found) == MOST_KINKS:
            break
        found[kink] = None
    base = max(FEWER_POINTS, min(BASE_POINTS, BASE_WORK // size))
    most = max(BASE_POINTS, min(MOST_DRAWN, MOST_WORK // (through + size + MOST_NODES - room)))
    return _Pair(formula, right, points, through, tuple(found), base, most)


def _size(*expressions: Expression) -> int:
    return sum(1 for expression in expressions for _ in walk(expression))


def _remark(kinks: Sequence[Kink], same: Sequence[_Row], wrong: Sequence[_Row]) -> Phrase:
    """Right only where: the fewest signs of kinks that part the right points from the wrong ones.

    Two zeros show no one right: they are left out where a dead unit makes them, and if need be
    everywhere, which the remark then says.
    """
    shown = [row for row in same if any(row.exact)]
    for rows, but in (
        ([*shown, *(row for row in same if 0 not in row.signs)], ""),
        (shown, ", or where both are 0"),
    ):
        sides = [
            (number, sign)
            for number in range(len(kinks))
            for sign in (1, -1)
            if {row.signs[number] for row in rows} == {sign}
            and any(row.signs[number] != sign for row in wrong)
        ][:MOST_SIDES]
        for count in range(1, MOST_CONDITIONS + 1 if len(shown) >= FEWEST_SHOWN else 1):
            for chosen in combinations(sides, count):
                if not any(all(row.signs[at] == sign for at, sign in chosen) for row in wrong):
                    signs = ((kinks[at], ">" if sign > 0 else "<") for at, sign in chosen)
                    sides_of = (Comparison(left, sign, right) for (left, right), sign in signs)
                    joined = [part for side in sides_of for part in (" and ", side)][1:]
                    return ("right only where ", *joined, *filter(None, [but]))
    return ()


def _close(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) <= max(AGREE * max(abs(ours), abs(theirs)), NOTHING)
