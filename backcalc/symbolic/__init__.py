"""Closed forms down to inputs and weights, as far as the line stays readable; sympy's slopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from decimal import MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any, TypeAlias

import sympy

from backcalc.arithmetic import decimal_of
from backcalc.equations.program import Equation, loss_terms, needed
from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import (
    EXACT_BITS,
    RELATIONS,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Scalar,
    Sum,
    Values,
    added,
    evaluate,
    holds,
    multiplied,
    names_in,
    negated,
    parts,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.functions import defined, formula, simplified
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import Derivative, parsed

Conditions: TypeAlias = tuple[Comparison, ...]
"""The conditions that a piece of an expression depends on, in order."""


@record(frozen=True, slots=True)
class Branch:
    """Expressions with every choice made as the numbers have it."""

    values: Mapping[str, Scalar]
    """The number of every name."""
    constants: dict[str, tuple[Expression, Conditions]] = field(default_factory=dict)
    """Names that turned out to be plain numbers."""

    def taken(self, node: Expression) -> tuple[Expression, Conditions]:
        """Return an expression on this branch and the conditions that it depends on."""
        match node:
            case Name(name):
                return self.constants.get(name, (node, ()))
            case Choice(condition, then, otherwise):
                side, met = self.taken(then if holds(condition, self.values) else otherwise)
                return side, (*met, self.strict(condition))
            case Call(Function(name="abs" | "sign" as name), (operand,)):
                return self.signed(name, operand)
            case Call(function) if function.variadic and function.convention:
                return self.extreme(node)
            case Call():
                definition = defined(node)
                if isinstance(definition, Choice):
                    return self.taken(definition)
        return self.whole(node)

    def whole(self, node: Expression) -> tuple[Expression, Conditions]:
        """Return a node with its operands on this branch; a product ends at its first zero."""
        conditions: dict[Comparison, None] = {}
        operands: dict[int, Expression] = {}
        for place, part in enumerate(parts(node)):
            operands[place], met = self.taken(part)
            if isinstance(node, Product) and operands[place] == ZERO:
                return ZERO, met
            conditions.update(dict.fromkeys(met))
        left = iter(operands.values())
        node = rebuilt(node, lambda _: next(left))
        match node:
            case Sum(terms):
                node = added(*terms)
            case Product(factors):
                node = multiplied(*factors)
            case Negation(operand):
                node = negated(operand)
        return node, tuple(conditions)

    def signed(self, name: str, operand: Expression) -> tuple[Expression, Conditions]:
        """Return abs(u) as u or -u, sign(u) as 1, -1 or 0."""
        value = evaluate(operand, self.values)
        sign = Number(Fraction((value > 0) - (value < 0)))
        condition = self.strict(Comparison(operand, "==", ZERO))
        if name == "sign" or sign == ZERO:
            return sign, (condition,)
        inner, met = self.taken(operand)
        return multiplied(sign, inner), (*met, condition)

    def extreme(self, call: Call) -> tuple[Expression, Conditions]:
        """Return the winner of max or min, the first at a tie, compared with each of the others."""
        best, *others = call.arguments
        for rival in others:
            if holds(
                Comparison(rival, ">" if call.function.name == "max" else "<", best), self.values
            ):
                best = rival
        winner, met = self.taken(best)
        rivals = (rival for rival in call.arguments if rival != best)
        return winner, (*met, *(self.strict(Comparison(best, "==", rival)) for rival in rivals))

    def strict(self, condition: Comparison) -> Comparison:
        """Return a condition as the numbers have it (<, > or ==), a difference on both sides."""
        left, right = (
            side if names_in(side) else Number(evaluate(side, self.values))
            for side in (condition.left, condition.right)
        )
        if isinstance(left, Number):
            left, right = right, left
        match left:
            case Sum((Negation(second), first) | (first, Negation(second))) if right == ZERO:
                left, right = first, second
        if isinstance(left, Number):
            left, right = right, left
        found = (Comparison(left, relation, right) for relation in TURNED)
        return next(each for each in found if holds(each, self.values))


TURNED = {">": "<", "<": ">", "==": "=="}  # the relation of the sides in the other order


def implied(condition: Comparison, others: Iterable[Comparison]) -> bool:
    """Return True if another condition on the same quantity says this one: z > 1 says z > 0."""
    return any(
        other.left == condition.left
        and other != condition
        and other.relation in ("==", condition.relation)
        and isinstance(other.right, Number)
        and isinstance(condition.right, Number)
        and RELATIONS[condition.relation](other.right.value, condition.right.value)
        for other in others
    )


_BASIC = {name: name for name in ("exp", "log", "sign", "sin", "cos", "erf")} | {"abs": "Abs"}
_RELATIONAL = {">": "Gt", ">=": "Ge", "<": "Lt", "<=": "Le", "==": "Eq", "!=": "Ne"}


def to_sympy(expression: Expression) -> Any:
    """Build the same expression in sympy: no text is read.

    Names are real symbols; a call is what its row defines.
    """

    def built(node: Expression) -> Any:
        match node:
            case Number(value):
                return sympy.Rational(*value.as_integer_ratio())
            case Name(name):
                return sympy.Symbol(name, real=True)
            case Sum(terms):
                return sympy.Add(*map(built, terms))
            case Product(factors):
                return sympy.Mul(*map(built, factors))
            case Negation(operand):
                return -built(operand)
            case Inverse(operand):
                return 1 / built(operand)
            case Power(base, exponent):
                return sympy.Pow(built(base), built(exponent))
            case Call(function, arguments):
                definition = defined(node)
                if definition is not None:
                    return built(definition)
                return getattr(sympy, _BASIC[function.name])(*map(built, arguments))
            case Choice(Comparison(left, relation, right), then, otherwise):
                condition = getattr(sympy, _RELATIONAL[relation])(built(left), built(right))
                return sympy.Piecewise(
                    (built(then), condition), (built(otherwise), True), evaluate=False
                )
        raise TypeError(f"{node} has no closed form, only its elements have")

    return built(expression)


MOST = 40  # operands in a line that is still readable
LARGEST = 4 * MOST  # operands that are tidied at all
MOST_OPENED = 4  # arguments of a mean or variance that is written out
DEEPEST = 100  # levels of a composed tree

ANSWERS, FORWARD, ALL = range(3)
"""The names that are kept: answers such as sigmoid's, all values of the forward pass, all."""


@record(frozen=True, slots=True)
class ClosedForm:
    """A value in terms of inputs, weights, targets and constants, on the branch that was taken."""

    name: str
    """The value."""
    expression: Expression
    """Its formula."""
    conditions: Conditions = ()
    """The conditions under which it holds, in order of the forward pass."""
    shared: tuple[Equation, ...] = ()
    """The meaning of names that it keeps, because it would be too long without them."""


def closed_forms(
    equations: Sequence[Equation], wanted: Sequence[str], values: Mapping[str, Scalar] | None = None
) -> list[ClosedForm]:
    """Write each wanted value down to what is given, as far as the line stays readable.

    With `values`, the numbers of a run, on the branch that they took; else choices stay choices.
    A line with more than MOST operands keeps names, whose meaning it lists.
    """
    forms = _Forms(equations, wanted, values)
    return [forms.closed_form(name) for name in wanted]


class _Forms:
    """The closed forms of some equations, and the names that they keep at each level."""

    def __init__(
        self,
        equations: Sequence[Equation],
        wanted: Sequence[str],
        values: Mapping[str, Scalar] | None,
    ) -> None:
        reached = needed(equations, *wanted)
        self.order: dict[str, int] = {line.name: place for place, line in enumerate(equations)}
        self.leaves = _leaf_ranks(equations)
        self.met: dict[str, Conditions] = {}
        self.lines: dict[str, Expression] = {}
        branch = Branch(values or {})
        for equation in equations:
            if (own := equation.name) in reached:
                taken = branch.taken(_line(equation)) if values else (_line(equation), ())
                if isinstance(taken[0], Number):
                    branch.constants[own] = taken
                self.lines[own], self.met[own] = _opened(taken[0]), taken[1]
        answers = {own.name for own in equations if _is_answer(own, self.lines)}
        backward = {name for name in self.lines if isinstance(parsed(name), Derivative)}
        self.replaced = [self.lines.keys() - answers, backward, set[str]()]
        self.composed = [self.compose(names) for names in self.replaced]
        self.cut = cache(self.readable)

    def compose(self, open_names: Collection[str]) -> dict[str, Expression]:
        """Replace these names by their lines in every line that does not become too long."""
        extents: dict[str, tuple[int, int]] = {}
        meaning: dict[str, Expression] = {}
        composed: dict[str, Expression] = {}
        for name, line in self.lines.items():
            count, depth = extent = _extent(line, extents)
            if count <= LARGEST and depth <= DEEPEST:
                composed[name] = replaced(line, meaning)
            if name in open_names:
                extents[name] = extent
                meaning[name] = composed.get(name, line)
        return composed

    def rank(self, name: str) -> tuple[int, ...]:
        """Return the place of a name in a product: derivatives, weights, inputs, later values."""
        if name in self.order:
            return (0 if isinstance(parsed(name), Derivative) else 2, self.order[name])
        return (1, *self.leaves[name])

    def readable(self, name: str) -> tuple[int, Expression]:
        """Return the lowest level at which a value's line is readable, and the line."""
        for level in (ANSWERS, FORWARD, ALL):
            if name in self.composed[level]:
                line = tidied(self.composed[level][name], self.rank)
                if size(line) <= MOST or level == ALL:
                    return level, line
        return ALL, simplified(self.lines[name])

    def closed_form(self, name: str) -> ClosedForm:
        """Return a value's line, those of the names that it keeps, and the conditions of all."""
        if name not in self.lines:
            return ClosedForm(name, Name(name))
        conditions: dict[Comparison, None] = {}
        lines: dict[str, Expression] = {}
        pending = [name]
        while pending:
            if (own := pending.pop()) not in lines:
                level, lines[own] = self.cut(own)
                conditions.update(dict.fromkeys(self.conditions(own, level)))
                pending += [inner for inner in names_in(lines[own]) if inner in self.lines]
        expression = lines.pop(name)
        kept = sorted(lines, key=self.order.__getitem__)
        shared = tuple(Equation(parsed(own), lines[own]) for own in kept)
        return ClosedForm(name, expression, self.sorted(conditions), shared)

    def conditions(self, name: str, level: int) -> Iterator[Comparison]:
        """Yield the conditions met on the way to a line at that level."""
        seen = {name: None}
        pending = [name]
        while pending:
            own = pending.pop()
            yield from self.met[own]
            inner = [each for each in names_in(self.lines[own]) if each in self.replaced[level]]
            pending += [each for each in inner if each not in seen]
            seen.update(dict.fromkeys(inner))

    def sorted(self, conditions: Mapping[Comparison, None]) -> Conditions:
        """Return conditions in order of the forward pass, without those that others imply."""

        def place(condition: Comparison) -> tuple[int, str]:
            names = [*names_in(condition.left), *names_in(condition.right)]
            last = max((self.order.get(name, -1) for name in names), default=-1)
            return last, formula_text(condition)

        kept: dict[Comparison, None] = {}
        for each in sorted(conditions, key=place):
            turned = Comparison(each.right, TURNED[each.relation], each.left)
            if turned not in kept and not implied(each, conditions):
                kept[each] = None
        return tuple(kept)


def _extent(node: Expression, extents: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Count the operands and levels of an expression once its names are replaced."""
    if isinstance(node, Name):
        return extents.get(node.id, (1, 0))
    inner = [_extent(part, extents) for part in parts(node)]
    depth = max((depth for _, depth in inner), default=0)
    return max(sum(count for count, _ in inner), 1), 1 + depth


def _line(equation: Equation) -> Expression:
    """Return an equation's right side; a derivative's uses in order of the forward pass."""
    if len(equation.terms) > 1 and isinstance(equation.expression, Sum):
        return Sum(equation.expression.terms[::-1])
    return equation.expression


def _opened(node: Expression) -> Expression:
    """Write out means, squares and products of a few arguments."""
    node = rebuilt(node, _opened)
    if isinstance(node, Call) and len(node.arguments) <= MOST_OPENED:
        function = node.function
        if function.exact and not (function.kinks or function.convention):
            return defined(node) or node
    return node


def _leaf_ranks(equations: Sequence[Equation]) -> dict[str, tuple[int, int]]:
    """Return for each given name its first place in a product, and its appearance."""
    ranks: dict[str, tuple[int, int]] = {}
    for equation in equations:
        for node in walk(equation.expression):
            inner = node.factors if isinstance(node, Product) else (node,)
            for place, factor in enumerate(inner):
                if isinstance(factor, Name):
                    ranks.setdefault(factor.id, (place, len(ranks)))
    return ranks


def _is_answer(equation: Equation, lines: Mapping[str, Expression]) -> bool:
    """Return True if a call's derivative is written in its answer, as sigmoid's a*(1 - a)."""
    call, line = equation.expression, lines.get(equation.name)
    if line is None or not isinstance(call, Call) or isinstance(line, (Number, Name)):
        return False
    if callable(call.function.derivative):
        return call.function.outputs
    inner = any(isinstance(node, (Call, Choice)) for node in walk(line))
    return inner and "a" in names_in(formula(call.function.derivative))


# Formulas as a student tidies them: sympy takes sums apart, the author's own stay as written.
# Every name, call, choice and odd power is a generator of a polynomial ring. Past a small bound
# nothing is multiplied out.

MOST_TERMS, MOST_DEGREE = 80, 16  # of a sum that is multiplied out
MOST_SPREAD = 64  # generators times degree of a sum that sympy factors
LAST = 3  # the class of what is no name, in the order of a product
Rank: TypeAlias = Callable[[str], tuple[int, ...]]  # the place of a name in a product

Summand: TypeAlias = tuple[Fraction, dict[Any, int]]
"""A number times powers of sympy's irreducible polynomials."""


def size(node: Expression) -> int:
    """Count the operands of a formula."""
    return sum(not parts(inner) for inner in walk(node))


def tidied(node: Expression, rank: Rank) -> Expression:
    """Return the shorter of a formula as it stands and with its common factors drawn out."""

    def inside(part: Expression) -> Expression:
        return rebuilt(part, inside if _is_rational(part) else lambda each: tidied(each, rank))

    plain = simplified(inside(node))
    if not parts(plain):
        return plain
    try:
        return min(_Algebra.of(plain, rank).tidied(plain), plain, key=size)
    except ArithmeticError:  # too long, or a division by zero
        return simplified(rebuilt(plain, lambda part: tidied(part, rank)))


def _is_rational(node: Expression) -> bool:
    """Return True if a node adds, multiplies, divides or takes a whole power of its operands."""
    if isinstance(node, Power):
        exponent = node.exponent
        return isinstance(exponent, Number) and Fraction(exponent.value).denominator == 1
    return isinstance(node, (Sum, Product, Negation, Inverse))


def _atoms(node: Expression) -> Iterator[Expression]:
    """Yield the parts of a formula that are no sums, products or whole powers."""
    if _is_rational(node):
        for part in parts(node):
            yield from _atoms(part)
    elif not isinstance(node, Number):
        yield node


@record(slots=True)
class _Algebra:
    """One formula in sympy's ring, and the way back."""

    atoms: Sequence[Expression]
    """The meaning of each generator, in the order in which they stand in a product."""
    ring: Any
    """sympy's ring of polynomials in them."""
    known: dict[Expression, Summand] = field(default_factory=dict)
    """Formulas taken apart already."""
    sums: dict[Any, tuple[Fraction, Expression]] = field(default_factory=dict)
    """Factors that the author wrote as a sum: so many times that sum."""

    @classmethod
    def of(cls, node: Expression, rank: Rank) -> _Algebra:
        """Return the ring of all names, calls, choices and odd powers of a formula."""
        from sympy.polys.domains import QQ
        from sympy.polys.rings import PolyRing

        def place(atom: Expression) -> tuple[int, ...]:
            return rank(atom.id) if isinstance(atom, Name) else (LAST, size(atom))

        atoms = sorted(dict.fromkeys(_atoms(node)), key=place)
        return cls(atoms, PolyRing([f"g{number}" for number in range(len(atoms))], QQ))

    def tidied(self, node: Expression) -> Expression:
        """Factor the formula. Raises ArithmeticError where it is too long or has no value."""
        return self.written(*self.apart(node))

    def apart(self, node: Expression) -> Summand:
        """Return a formula as a product."""
        if node not in self.known:
            inner = map(self.apart, parts(node) if _is_rational(node) else ())
            match node:
                case Number(value):
                    self.known[node] = Fraction(value), {}
                case Negation():
                    self.known[node] = times((Fraction(-1), {}), *inner)
                case Inverse():
                    self.known[node] = raised(next(inner), -1)
                case Power(_, Number(exponent)) if exponent == int(exponent):
                    self.known[node] = raised(next(inner), int(exponent))
                case Product():
                    self.known[node] = times(*inner)
                case Sum():
                    self.known[node] = self.total([term for term in inner if term[0]])
                case _:
                    self.known[node] = Fraction(1), {self.ring.gens[self.atoms.index(node)]: 1}
        return self.known[node]

    def total(self, terms: Sequence[Summand]) -> Summand:
        """Return a sum as a product: what all terms share, and the rest as sympy factors it."""
        shared = {
            factor: -min(powers.get(factor, 0) for _, powers in terms)
            for factor in dict.fromkeys(factor for _, powers in terms for factor in powers)
        }
        rest = [times(term, (Fraction(1), shared)) for term in terms]
        counts = (prod(len(f) ** power for f, power in powers.items()) for _, powers in rest)
        if sum(counts) > MOST_TERMS:
            raise OverflowError
        total = self.ring.zero
        for number, powers in rest:
            product = (factor**power for factor, power in powers.items())
            total += prod(product, start=self.ring(self.ring.domain(*number.as_integer_ratio())))
        if not total:
            return Fraction(0), {}
        number, factors = self.factored(total)
        for factor in factors:
            if len(factors) == factors[factor] == 1 and len(factor) > 1:
                self.remember(factor, number, rest)
        return times((number, factors), raised((Fraction(1), shared), -1))

    def factored(self, polynomial: Any) -> Summand:
        """Return a number and sympy's factors of a polynomial where these are shorter than it."""
        content, primitive = polynomial.primitive()
        if primitive.LC < 0:
            content, primitive = -content, -primitive
        number = _fraction(content)
        if primitive.is_ground:  # sympy factors no polynomial that has no generators
            return number, {}
        used = sum(degree > 0 for degree in primitive.degrees())
        small = used * max(map(sum, primitive.monoms())) <= MOST_SPREAD
        if small and not self.is_irreducible(primitive):
            more, factors = primitive.factor_list()
            found = times((_fraction(more), dict(factors)))
            brackets = all(len(factor) > 1 for factor in found[1])
            if not (found[1] and brackets) or size(self.written(*found)) < size(
                self.plain(primitive)
            ):
                return times((number, {}), found)
        return number, {primitive: 1}

    def is_irreducible(self, polynomial: Any) -> bool:
        """Return True if this is plain to see: it is A*g + B, and A and B have no common factor."""
        degrees = zip(*polynomial.monoms(), strict=True)
        best = min((each for each in degrees if max(each) == 1), key=sum, default=())
        terms = list(zip(polynomial.terms(), best, strict=False))
        with_it, without = (
            self.ring.from_dict(dict(term for term, degree in terms if degree == side))
            for side in (1, 0)
        )
        return bool(best) and bool(with_it.gcd(without).is_ground)

    def remember(self, factor: Any, number: Fraction, terms: Iterable[Summand]) -> None:
        """Keep a sum as the author wrote it: so many times this factor."""
        decimal = number.denominator % 5 == 0 and any(abs(each) != 1 for each in factor.values())
        drawn = Fraction(1) if decimal else abs(number)
        written = [self.written(own / drawn, powers) for own, powers in terms]
        opened = [part for term in written for part in _terms(term)]
        if all(map(_is_minus, opened)):
            opened, drawn = [negated(part) for part in opened], -drawn
        if factor not in self.sums and sum(map(size, opened)) <= size(self.plain(factor)):
            self.sums[factor] = drawn / number, Sum(tuple(opened))

    def written(self, number: Fraction, factors: dict[Any, int]) -> Expression:
        """Return a product of names, calls and sums, in a fixed order."""
        found: list[tuple[tuple[int, ...], Expression, int]] = []
        for factor, power in sorted(factors.items(), key=lambda pair: pair[0] not in self.sums):
            places = [place for place, degree in enumerate(factor.degrees()) if degree > 0]
            if len(factor) == 1:
                found.append(((places[0],), self.atoms[places[0]], power))
                continue
            turned = number < 0 and power % 2 and any(each < 0 for each in factor.values())
            sign = -1 if turned else 1
            scale, inner = self.sums.get(factor) or (Fraction(sign), self.plain(factor * sign))
            number *= scale**power
            place = (places[0], 1) if len(places) == 1 else (len(self.atoms), size(inner), *places)
            found.append((place, inner, power))
        found.sort(key=lambda entry: entry[0])
        return _product(number, [(inner, power) for _, inner, power in found])

    def plain(self, polynomial: Any) -> Expression:
        """Return a polynomial term by term in sympy's order, subtracted ones last."""
        terms = [
            _product(_fraction(value), zip(self.atoms, powers, strict=True))
            for powers, value in polynomial.terms()
        ]
        return Sum(tuple(sorted(terms, key=_is_minus)))


def times(*terms: Summand) -> Summand:
    """Return the product; what cancels is gone. Raises OverflowError past all reading."""
    powers: dict[Any, int] = {}
    for _, own in terms:
        for factor, power in own.items():
            powers[factor] = powers.get(factor, 0) + power
    number = prod((number for number, _ in terms), start=Fraction(1))
    bits = max(each.bit_length() for each in number.as_integer_ratio())
    if bits > EXACT_BITS or any(abs(power) > MOST_DEGREE for power in powers.values()):
        raise OverflowError
    return number, {factor: power for factor, power in powers.items() if power}


def raised(term: Summand, exponent: int) -> Summand:
    """Return an integer power. Raises ZeroDivisionError for 1/0, OverflowError past all reading."""
    if abs(exponent) > MOST_DEGREE:
        raise OverflowError
    number, powers = term
    return times((number**exponent, {factor: power * exponent for factor, power in powers.items()}))


def _product(number: Fraction, factors: Iterable[tuple[Expression, int]]) -> Expression:
    """Return a number times powers, the divisors last; only a decimal stays a fraction."""
    divisor = number.denominator if number.denominator % 5 else 1
    numbers = Number(number * divisor), Inverse(Number(Fraction(divisor)))
    sides: tuple[list[Expression], list[Expression]] = [], []
    for base, power in factors:
        part = base if abs(power) == 1 else Power(base, Number(Fraction(abs(power))))
        if power:
            sides[power < 0].append(Inverse(part) if power < 0 else part)
    return multiplied(*numbers, *sides[0], *sides[1])


def _terms(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Sum(terms):
            return terms
        case Negation(Sum(terms)):
            return tuple(map(negated, terms))
    return (node,)


def _is_minus(term: Expression) -> bool:
    return isinstance(term, Negation) or (isinstance(term, Number) and term.value < 0)


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.numerator), int(value.denominator))


MOST_WORK = 160_000  # operands times names of all terms that sympy differentiates while one waits


def sympy_slopes(
    equations: Sequence[Equation], of: str, by: Collection[str], values: Values, digits: int
) -> dict[str, Decimal]:
    """Return the derivative of one value by each name, at the numbers of a calculation.

    sympy differentiates each term once, whatever its names, on the branch that the numbers take;
    among choices it is very slow. The work is linear in the number of equations.

    Raises BackcalcError where the terms are too long for it, and ArithmeticError where a
    derivative has no number.
    """
    wanted = needed(equations, of)
    branch, rules = Branch(values), _Rules()
    known = {name: decimal_of(value, digits) for name, value in values.items()}
    local: dict[str, list[tuple[str, Decimal]]] = {}
    with localcontext(Context(prec=digits, Emin=MIN_EMIN)):
        for equation in equations:
            if (own := equation.name) in wanted:
                total, local[own] = Decimal(0), []
                for term in loss_terms(branch.taken(equation.expression)[0]):
                    names = names_in(term)
                    shape = replaced(term, {name: Name(str(n)) for n, name in enumerate(names)})
                    place = {
                        _symbol(str(n)): sympy.Float(str(known[name]), digits)
                        for n, name in enumerate(names)
                    }
                    number, *slopes = (
                        Decimal(str(each.evalf(digits, place))) for each in rules[shape]
                    )
                    total += number
                    local[own] += zip(names, slopes, strict=True)
                known[own] = total
        found: defaultdict[str, Decimal] = defaultdict(Decimal, {of: Decimal(1)})
        for name in reversed(local):
            for used, slope in local[name]:
                found[used] += found[name] * slope
    return {name: found[name] for name in by}


class _Rules(dict[Expression, list[Any]]):
    """In sympy's words each shape, a term with its names numbered, and its derivatives."""

    spent = 0

    def __missing__(self, shape: Expression) -> list[Any]:
        names, whole = names_in(shape), to_sympy(shape)
        self.spent += size(shape) * len(names)
        if self.spent > MOST_WORK:
            raise BackcalcError("its formulas are too long for sympy")
        self[shape] = [whole, *(sympy.diff(whole, _symbol(name)) for name in names)]
        return self[shape]


def _symbol(name: str) -> Any:
    return sympy.Symbol(name, real=True)
