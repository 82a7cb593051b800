"""Claims of a sheet, and what the network and the sheet's own figures make of quantities."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from backcalc.equations.calculation import start_values
from backcalc.equations.network import Network, learning_rate
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import after_steps, update
from backcalc.errors import BackcalcError
from backcalc.errors.patterns import regex
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Expression,
    Name,
    Negation,
    Number,
    Product,
    Scalar,
    Sum,
    evaluate,
    names_in,
    rebuilt,
    renamed,
    walk,
)
from backcalc.formulas.functions import partials
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.names import NameReader
from backcalc.reading.vocabulary import Quantities

FAILURES = (ArithmeticError, ValueError, KeyError, RecursionError, BackcalcError)
POINTED = regex(r"-?\d*(?:\.(\d*))?")
DRAWS = 6  # points at which two formulas are compared
ROUNDED = 0.006  # how far off, relatively, a number may be that is put in
NEAR = 0.02  # how far off, relatively, a figure may be that bears out how a name was read


@record(frozen=True, slots=False)
class ChainPart:
    """One part of a chain."""

    text: str
    """As it stands in the document."""
    expression: Expression
    """What it means."""
    plain: str = ""
    """For a number how it is written in the signs of formulas: -0.250, 1.5e-3."""

    @cached_property
    def names(self) -> list[str]:
        """The names in it."""
        return names_in(self.expression)

    @cached_property
    def amount(self) -> float | None:
        """The number that it is; None for a formula."""
        return None if self.names else worked(self.expression, names=[])


@dataclass(slots=True)
class Claim:
    """What is said of one quantity, before it is known after how many steps."""

    quantity: str
    """The quantity, without primes."""
    primes: int
    """How many primes the name itself has."""
    parts: list[ChainPart]
    """The chain; the last part is what is said."""
    start: int
    """Where it begins in the document."""
    end: int
    """Where it ends."""
    said: str = ""
    """What the words around it say: new, again, gradient."""
    newly: bool = False
    """Whether the words right before it say that it is new."""
    carried: bool = False
    """Whether words further up on its line say so of it too."""
    earlier: bool = False
    """Whether the words right before it say that it is as at the start."""
    assigned: bool = False
    """Whether an arrow gives the quantity this value."""
    doubtful: str = ""
    """How the name was read where it is damaged; the chain must bear it out."""
    second: bool = False
    """Whether it is the second name of a chain, which counts where nothing else says it."""
    twin: bool = False
    """Whether it is another quantity of the first one's kind: z_h1 = z_h2 = 0.7."""
    supposed: bool = False
    """Whether the clause before it may only suppose it; its figure must bear it out."""
    torn: str = ""
    """Why a part of its chain was not read; then its figure must not be that of another."""
    error: str = ""
    """The letter of an error term, whose sign the sheet may turn."""
    instead: tuple[str, ...] = ()
    """What else a name of this kind may mean."""
    word: str = ""
    """The name as it is written, in one word."""
    first_pass: bool = False
    """Whether the heading says that it is of the first pass, wherever it stands."""
    drawing: int = -1
    """Where the drawing begins in which it stands; -1 outside of any."""
    table: int = -1
    """Which of the document's items the table is in which it stands; -1 outside of any."""
    second_pass: bool = False
    """Whether the heading says that a pass has gone before."""
    steps_above: int = -1
    """How many steps are made before the pass that the title above counts; -1 for no such title."""
    spelled: bool = False
    """Whether it is an element of a matrix of names, each at its place."""
    sample: str = ""
    """The sample that words further up say the names are of."""
    twofold: Mapping[Quantities, Quantities] = field(default_factory=dict)
    """The other meaning of its names whose number above may count layers or samples."""
    doubted: frozenset[str] = frozenset()
    """The letters in it for a loss that may be the total or that of one sample."""
    other: str = ""
    """In a matrix the quantity that it is where rows are columns."""

    @property
    def expression(self) -> Expression:
        """What is said."""
        return self.parts[-1].expression

    @property
    def numeric(self) -> bool:
        """Whether it is a number; a blank is none."""
        return bool(self.parts) and not self.parts[-1].names

    @property
    def value(self) -> float | None:
        """The number that it says; None for a formula."""
        return self.parts[-1].amount if self.parts else None

    @property
    def places(self) -> int:
        """The digits behind the point of what it says."""
        match = POINTED.fullmatch(self.parts[-1].plain or "?")
        return len(match[1] or "") if match else 9

    @property
    def room(self) -> float:
        """How far off its number may be where that is rounded."""
        return 0.51 * 10.0**-self.places


def of_both_losses(claim: Claim, names: NameReader) -> tuple[str, ...]:
    """A derivative of a loss as that of the total and of its sample; none where it is sure."""
    said = names.quantity(claim.quantity)
    if not (isinstance(said, Derivative) and claim.doubted):
        return ()
    own = names.in_sample(names.loss, str(said.of.sample or said.by.sample))
    both = (names.loss, str(own)) if own else ()
    return tuple(Derivative(of, said.by) for of in both) if said.of in both else ()


def also_meant(claim: Claim, names: NameReader) -> tuple[str, ...]:
    """What a claim may be about as well: another sample, the total, or a unit of a layer."""
    said = names.quantity(claim.quantity)
    slope = said if isinstance(said, Derivative) else None
    found: list[str] = [*claim.instead]
    for chosen, other in claim.twofold.items():
        if isinstance(other, str) and chosen in (said, slope and slope.by):
            each_of = names.sampled(other) or (other,)
            found += [Derivative(slope.of, each) if slope else each for each in each_of]
    if claim.sample and said.sample is not None:
        numbers = range(1, len(names.network.samples) + 1)
        found += [said.of_sample(number) for number in numbers if number != said.sample]
    if slope:
        found += [each for each in of_both_losses(claim, names) if each != slope]
    elif claim.sample and said == names.in_sample(names.loss, claim.sample):
        found.append(names.loss)
    return tuple(found)


def bare_name(name: str) -> tuple[str, int]:
    """A quantity's name without primes, and how many there are.

    >>> bare_name("dL'/dw0'"), bare_name("z0'[2]")
    (('dL/dw0', 1), ('z0[2]', 1))
    """
    if "'" not in name:
        return name, 0
    runs = re.findall(r"'+", name)
    return name.replace("'", ""), max(map(len, runs), default=0)


@dataclass(eq=False)
class _Known:
    """Equations and right values of one network, found out once for all its sheets."""

    tables: dict[int, dict[str, Expression]] = field(default_factory=dict)
    """By number of steps every equation up to the update at the end."""
    equations: dict[str, tuple[Expression, list[str]] | None] = field(default_factory=dict)
    """The right side of each quantity that was asked for, and the names in it."""
    users: dict[str, list[str]] = field(default_factory=dict)
    """The quantities among these whose right sides have a name."""
    values: dict[str, float | None] = field(default_factory=dict)
    """The right values."""


@lru_cache(maxsize=16)
def _known(network: Network, rate: Fraction | None) -> _Known:
    return _Known()


class SheetValues:
    """The values of quantities: the right ones, and those that go on from the sheet's own."""

    def __init__(self, names: NameReader, rate: Fraction | None = None) -> None:
        self.names = names
        self.claimed: dict[str, float] = {}
        self.following: dict[str, float | None] = {}
        """What follows from what is claimed, as far as it was asked for and has not changed."""
        self.given = {**names.network.descent.numbers, **start_values(names.network)}
        self.rate = rate = learning_rate(names.network, rate)
        if rate is not None:
            self.given[RATE] = rate
        self.known = _known(names.network, rate)
        network = names.network
        trained = {*network.weights} - {*network.frozen}
        states = {each for name in trained for each in network.descent.state_names(name)}
        self.fixed = {*self.given, *network.frozen} - trained - states
        """The names of what never changes."""

    def afresh(self) -> SheetValues:
        """The values of the same network, where a sheet has said nothing yet."""
        return SheetValues(self.names, self.rate)

    def claim(self, claim: Claim) -> None:
        """Take in the first number that is said of a quantity."""
        value = claim.value
        if value is not None and claim.quantity not in self.claimed:
            self.say(claim.quantity, value)

    def say(self, name: str, value: float) -> None:
        """Go on from a number that the sheet says of a quantity."""
        if self.claimed.get(name) == value:
            return
        self.claimed[name] = value
        self._forget_from(name)

    def take_back(self, name: str) -> None:
        """Forget the number that the sheet said of a quantity."""
        if self.claimed.pop(name, None) is not None:
            self._forget_from(name)

    def _forget_from(self, name: str) -> None:
        """Forget what follows from a quantity."""
        changed = [name]
        while changed:
            users = self.known.users.get(changed.pop(), ())
            changed += [each for each in users if self.following.pop(each, self) is not self]

    def bears_out(self, claim: Claim, weight: str) -> bool:
        """True if a claim fits only with this weight in the place of a damaged name."""
        equation = self.equation(claim.quantity)
        for part in claim.parts:
            names = part.names
            if equation is not None and weight in names and {*names} == {*names_in(equation)}:
                draw = random.Random(claim.quantity)
                at = {name: draw.uniform(0.5, 2) for name in names}
                one, two = worked(part.expression, at.get), worked(equation, at.get)
                return one is not None and two is not None and abs(one - two) < 1e-9
        value, own = claim.value, self.own(claim.quantity)
        bare = claim.quantity.endswith(weight) and len(claim.parts) > 1
        return bare and near(value, own)

    def is_formula_of(self, name: str, said: Expression) -> bool:
        """True if a formula is that of a quantity in whatever form, given numbers put in or not."""
        inner, draw, same = names_in(said), random.Random(name), 0
        for _ in range(DRAWS if inner and name not in inner else 0):
            at = {each: draw.uniform(-2, 2) for each in inner}
            one, two = worked(said, at.get), self._value(name, at, {})
            if (one is None) != (two is None):
                return False
            if one is not None and two is not None:
                same += 1
                if abs(one - two) > 1e-9 * max(1, abs(one)):
                    return False
        return same > 1

    def is_working_of(self, name: str, said: Expression) -> bool:
        """True if a formula is that of a quantity with the sheet's own numbers put in.

        All numbers but those of the equation itself stand for letters: 0.5*0.2 + 0.3 is w*x + b.
        """
        equation = self.equation(name)
        if equation is None or names_in(said) or isinstance(said, (Number, Negation)):
            return False
        own, written = (
            {abs(float(n.value)) for n in walk(each) if isinstance(n, Number)}
            for each in (equation, said)
        )
        own, letters, put_in = own | {0.0}, written - own - {0.0}, dict[str, float]()
        for each in names_in(equation):
            value = self.stated(each)
            number = min(letters | own, key=lambda n: abs(abs(value or 0) - n))
            room = ROUNDED if each in self.claimed or each in self.given else 1e-3
            if value is None or abs(abs(value) - number) > abs(value) * room:
                return False
            put_in[each] = -number if value < 0 else number

        def lettered(node: Expression) -> Expression:
            value = abs(float(node.value)) if isinstance(node, Number) else 0.0
            return Name(f"{value}") if value in letters else rebuilt(node, lettered)

        working, draw = lettered(said), random.Random(name)
        for _ in range(DRAWS):
            at = {n: draw.uniform(0.5, 2) if n in letters else n for n in sorted(written | own)}
            signed = {each: at[abs(n)] * (-1 if n < 0 else 1) for each, n in put_in.items()}
            one = worked(working, {f"{n}": drawn for n, drawn in at.items()}.get)
            two = worked(equation, signed.get)
            if one is None or two is None or abs(one - two) > 1e-9 * max(1, abs(one)):
                return False
        return not letters.isdisjoint(map(abs, put_in.values()))

    def equation(self, name: str) -> Expression | None:
        """The right side of a quantity's equation."""
        found = self._equation(name)
        return found and found[0]

    def _equation(self, name: str) -> tuple[Expression, list[str]] | None:
        """The right side of a quantity's equation, with the names in it."""
        equations = self.known.equations
        if name not in equations:
            found = self._right_side(name)
            equations[name] = None if found is None else (found, names_in(found))
            for each in names_in(found) if found is not None else ():
                self.known.users.setdefault(each, []).append(name)
        return equations[name]

    def _right_side(self, name: str) -> Expression | None:
        bare, steps = bare_name(name)
        if steps > 3:
            return None
        for number in (steps, steps - 1):
            found = self._table(number).get(name) if number >= 0 else None
            if found is not None:
                return found
        derivative = self.names.quantity(bare)
        if not isinstance(derivative, Derivative):
            return None
        of, by = derivative.of, derivative.by
        alone = self.names.in_sample(of, str(by.sample)) if of == self.names.loss else None
        if alone and alone != by:  # dJ/dz1[2] goes through L[2]
            sides = (Derivative(of, str(alone)), Derivative(str(alone), by))
            return Product(tuple(Name(self.at(each, steps)) for each in sides))
        source = self.names.forward.get(of)
        if source is None or source.siblings or by not in names_in(source.expression):
            return None
        local = partials(source.expression, (of,), self.names.network.conventions).get(by)
        return local and renamed(local, lambda each: self.at(each, steps))

    def _table(self, steps: int) -> dict[str, Expression]:
        """The equations after so many steps, the update at their end included."""
        if steps not in self.known.tables:
            network = self.names.network
            program = self.names.vocabulary.program
            lines = [*program.forward, *program.backward, *update(network, program.loss, steps + 1)]
            after = after_steps(lines, steps, network)
            self.known.tables[steps] = {equation.name: equation.expression for equation in after}
        return self.known.tables[steps]

    def at(self, name: str, steps: int) -> str:
        """The name of a quantity after so many steps; what never changes keeps its name."""
        return name if "'" in name or name in self.fixed else parsed(name).after(steps)

    def right(self, name: str) -> float | None:
        """The right value of a quantity."""
        return self._value(name, {}, self.known.values)

    def own(self, name: str) -> float | None:
        """The value of a quantity that follows from what the sheet says before it."""
        return self._value(name, self.claimed, self.following)

    def ways(self, *names: str) -> list[float]:
        """What quantities come to by the sheet's own figures, and by the right ones."""
        found = [find(name) for name in names for find in (self.own, self.right)]
        return [way for way in found if way is not None]

    def fits(self, said: float | None, *names: str) -> bool:
        """True for a number that one of some quantities comes to."""
        return any(near(way, said) for way in self.ways(*names))

    def stated(self, name: str) -> float | None:
        """The value that the sheet says of a quantity, or else what follows from the others."""
        return self.claimed[name] if name in self.claimed else self.own(name)

    def _value(
        self, name: str, said: Mapping[str, float], known: dict[str, float | None]
    ) -> float | None:
        """The value of a quantity, from what is said of others; `known` keeps what was found."""
        if name in known:
            return known[name]

        def inner(each: str) -> float | None:
            return said[each] if each in said and each != name else known.get(each)

        waiting, opened = [name], set[str]()
        while waiting:
            each = waiting[-1]
            found = None if each in known or each in self.given else self._equation(each)
            if each not in known and each in self.given:
                known[each] = float(self.given[each])
            elif each not in known and found is None:
                known[each] = None
            elif found is not None and each not in opened:
                opened.add(each)
                missing = [n for n in found[1] if n not in known and (n not in said or n == name)]
                waiting += [n for n in missing if n not in opened]
                continue
            elif found is not None:
                known[each] = worked(found[0], inner, found[1])
            waiting.pop()
        return known[name]


def worked(
    expression: Expression,
    value: Callable[[str], float | None] = lambda name: None,
    names: list[str] | None = None,
) -> float | None:
    """The number that a formula, with these names in it, comes to; None where it has none."""
    try:
        if isinstance(expression, Number):
            return float(expression.value)
        found: dict[str, Scalar] = {}
        for name in names_in(expression) if names is None else names:
            known = value(name)
            if known is None:
                return None
            found[name] = known
        return float(evaluate(expression, found))
    except FAILURES:
        return None


def called_by(formula: Expression, names: NameReader) -> list[str]:
    """The quantities of the forward pass that a formula is of, in whatever form, in their order."""
    draw, forward, inner = random.Random(1), names.forward, {*names_in(formula)}
    known = names.vocabulary.before
    found = [each for each in forward if inner and inner < known(each) and each not in inner]
    leaves = {n for each in forward.values() for n in names_in(each.expression)} - {*forward}
    for _ in range(DRAWS if found else 0):
        at = {name: draw.uniform(-2, 2) for name in sorted(leaves)}
        for name, equation in forward.items():
            value = worked(equation.expression, at.get)
            at |= {} if value is None else {name: value}
        said = worked(formula, at.get)
        if said is not None:
            found = [n for n in found if n in at and abs(at[n] - said) < 1e-9]
    return found


def room_of(digits: str) -> float:
    """Return how far off a number may be that is rounded to these digits."""
    return 0.51 * 10.0 ** -len(digits.partition(".")[2])


def near(one: float | None, two: float | None) -> bool:
    """True if two figures are known and the same but for rounding."""
    if one is None or two is None:
        return False
    return abs(one - two) <= NEAR * max(abs(one), abs(two)) + 1e-12


def starts_from(part: ChainPart, old: float) -> bool:
    """True for the old weight's own number with something added or subtracted."""
    first = part.expression.terms[0] if isinstance(part.expression, Sum) else None
    value = None if first is None or names_in(first) else worked(first)
    return value is not None and abs(value - old) < 1e-9


def by_of(quantity: str) -> str:
    """Return what a derivative is by, and any other quantity as it is."""
    name = parsed(quantity)
    return name.by if isinstance(name, Derivative) else name
