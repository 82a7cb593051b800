"""THE table of functions and losses: one row each, from which everything else follows.

A derivative is written as in a textbook, in the function's parameters and in its answer `a`,
so that sigmoid says a*(1 - a). Formulas of the table use the table itself.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, reduce

from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    TWO,
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
    added,
    chosen,
    evaluate,
    multiplied,
    names_in,
    negated,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.parser import parse

HALF = Fraction(1, 2)
NOUGHT = Fraction(0)


@record(frozen=True, slots=True, eq=False)
class Convention:
    """The value that a derivative is given where it has none."""

    name: str
    """The key under `conventions:`."""
    default: Fraction
    """The value unless the file sets another."""
    other: Fraction
    """The other choice in common use, for the note that says what it would change."""
    meaning: str
    """A sentence for the list of conventions; {} is the value."""


CONVENTIONS = {
    row.name: row
    for row in (
        Convention("relu_at_zero", NOUGHT, Fraction(1), "relu'(0) is taken as {}"),
        Convention(
            "abs_at_zero", NOUGHT, Fraction(1), "the derivative of |u| at u = 0 is taken as {}"
        ),
        Convention(
            "first_at_tie", Fraction(1), NOUGHT,
            "at a tie of max or min the first argument's share of the gradient is {}",
        ),
    )
}  # fmt: skip

LAYOUTS = {
    "denominator": "A derivative of the loss has the shape of what it is taken by.",
    "numerator": "A derivative of the loss has the transposed shape of what it is taken by.",
}
"""How derivatives are laid out, and the sentence that says so."""


def default_conventions() -> dict[str, Fraction]:
    """Every convention at its default."""
    return {row.name: row.default for row in CONVENTIONS.values()}


@record(frozen=True, slots=True)
class Formula:
    """A value in more basic functions; numbers and code both follow from it."""

    text: str
    """The formula."""
    parameters: tuple[str, ...] = ("z",)
    """The names of its arguments."""
    plain: str = ""
    """A shorter formula that gives the same bits wherever it does not overflow."""

    def __call__(self, *arguments: Scalar) -> Scalar:
        """The value on numbers."""
        return evaluate(formula(self.text), dict(zip(self.parameters, arguments, strict=True)))


def _added(*z: Scalar) -> Scalar:
    return reduce(operator.add, z)  # from the left; Python's own sum corrects for rounding


def _softmax(*z: float) -> tuple[float, ...]:
    top = max(z)
    powers = [math.exp(each - top) for each in z]
    total = _added(*powers)
    return tuple(power / total for power in powers)


def _log_softmax(*z: float) -> tuple[float, ...]:
    top = max(z)
    powers = [math.exp(each - top) if each < top else 0.0 for each in z]
    # Without the largest, so that it is exact to the last digits where one argument wins by far.
    total = math.log1p(_added(*powers, z.count(top) - 1))
    return tuple(each - top - total for each in z)


def _product(*z: Scalar) -> Scalar:
    nought = any(type(each) is Fraction and not each for each in z)
    return NOUGHT if nought else math.prod(z[1:], start=z[0])  # as with *: an exact zero stays one


def _mean(*z: Scalar) -> Scalar:
    return _added(*z) / len(z)


def _variance(*z: Scalar) -> Scalar:
    middle = _mean(*z)
    return _mean(*((each - middle) * (each - middle) for each in z))


# Derivatives and definitions of functions with several arguments, one expression for each.

Operands = tuple[Expression, ...]
Answers = Sequence[Expression]


def _alone(arguments: Operands, relation: str, *, late: bool) -> Operands:
    """1 for the argument that wins, else 0; at a tie for the first or, if `late`, the last one."""
    order = list(range(len(arguments)))[:: -1 if late else 1]
    results: list[Expression] = [ZERO] * len(arguments)
    for rank, position in enumerate(order):
        result: Expression = ONE
        for other_rank, other_position in enumerate(order):
            if other_rank != rank:
                sign = relation if other_rank < rank else f"{relation}="
                wins = Comparison(arguments[position], sign, arguments[other_position])
                result = chosen(wins, result, ZERO)
        results[position] = result
    return tuple(results)


def _extreme(relation: str) -> Callable[..., Operands]:
    """Derivatives of max or min: 1 for what wins; first and last share it at a tie."""

    def derivative(
        arguments: Operands, answers: Answers, conventions: Mapping[str, Fraction]
    ) -> Operands:
        share = Number(conventions["first_at_tie"]), Number(1 - conventions["first_at_tie"])
        if len(arguments) == 2:
            first, second = arguments
            tie = Comparison(first, "==", second)
            ways = ((first, second, share[0]), (second, first, share[1]))
            return tuple(
                chosen(Comparison(mine, f"{relation}=", other), ONE, ZERO)
                if at_tie == ONE
                else chosen(Comparison(mine, relation, other), ONE, chosen(tie, at_tie, ZERO))
                for mine, other, at_tie in ways
            )
        ways_to_win = (_alone(arguments, relation, late=late) for late in (False, True))
        return tuple(
            added(multiplied(share[0], early), multiplied(share[1], late))
            for early, late in zip(*ways_to_win, strict=True)
        )

    return derivative


def _extreme_definition(relation: str) -> Callable[..., Expression]:
    def definition(*arguments: Expression) -> Expression:
        *rest, best = reversed(arguments)
        for argument in reversed(rest):
            best = chosen(Comparison(best, f"{relation}=", argument), best, argument)
        return best

    return definition


def _mean_definition(*arguments: Expression) -> Expression:
    return Product((Sum(arguments), Inverse(Number(Fraction(len(arguments))))))


def _variance_definition(*arguments: Expression) -> Expression:
    middle = _mean_definition(*arguments)
    squares = (Power(added(each, negated(middle)), Number(Fraction(2))) for each in arguments)
    return _mean_definition(*squares)


def _variance_derivative(arguments: Operands, answers: Answers, conventions: object) -> Operands:
    middle = Call(FUNCTIONS["mean"], arguments)
    share = Number(Fraction(2, len(arguments)))
    return tuple(multiplied(share, added(each, negated(middle))) for each in arguments)


def _softmax_definition(*arguments: Expression) -> tuple[Expression, ...]:
    powers = tuple(Call(FUNCTIONS["exp"], (each,)) for each in arguments)
    return tuple(multiplied(power, Inverse(Sum(powers))) for power in powers)


def _softmax_derivative(arguments: Operands, answers: Answers, output: int) -> Operands:
    mine = answers[output]
    return tuple(
        multiplied(mine, added(ONE, negated(mine)))
        if position == output
        else negated(multiplied(mine, answers[position]))
        for position in range(len(arguments))
    )


def _softmax_code(*arguments: Expression) -> tuple[Expression, ...]:
    top = Call(FUNCTIONS["max"], arguments)
    powers = tuple(Call(FUNCTIONS["exp"], (added(z, negated(top)),)) for z in arguments)
    return tuple(Product((power, Inverse(Sum(powers)))) for power in powers)


def _log_softmax_code(*arguments: Expression) -> tuple[Expression, ...]:
    top = Call(FUNCTIONS["max"], arguments)
    less = [Sum((z, Negation(top))) for z in arguments]
    powers = [
        Choice(Comparison(z, "<", top), Call(FUNCTIONS["exp"], (each,)), ZERO)
        for z, each in zip(arguments, less, strict=True)
    ]
    ties = (Choice(Comparison(z, "<", top), ZERO, ONE) for z in arguments)
    total = Call(FUNCTIONS["log1p"], (Sum((*powers, Sum((*ties, Number(Fraction(-1)))))),))
    return tuple(Sum((*each.terms, Negation(total))) for each in less)


def _log_softmax_derivative(arguments: Operands, answers: Answers, output: int) -> Operands:
    powers = [Call(FUNCTIONS["exp"], (answer,)) for answer in answers]
    return tuple(
        added(ONE, negated(power)) if position == output else negated(power)
        for position, power in enumerate(powers)
    )


_ROWS = (
    Function("identity", ("z",), Formula("z"), "1", "z", exact=True,
             latex=r"\operatorname{id}", torch="torch.nn.Identity()"),
    Function("relu", ("z",), Formula("z if z > 0 else 0"), "1 if z > 0 else 0",
             "z if z > 0 else 0", exact=True, kinks=("z",), convention="relu_at_zero",
             torch="torch.relu"),
    Function("leaky_relu", ("z", "slope"), Formula("z if z > 0 else slope*z", ("z", "slope")),
             "1 if z > 0 else slope", "z if z > 0 else slope*z", exact=True, kinks=("z",),
             defaults=(Fraction(1, 100),), torch="torch.nn.functional.leaky_relu"),
    Function("elu", ("z", "alpha"), Formula("z if z > 0 else alpha*expm1(z)", ("z", "alpha")),
             "1 if z > 0 else a + alpha", "z if z > 0 else alpha*(exp(z) - 1)", kinks=("z",),
             defaults=(Fraction(1),), torch="torch.nn.functional.elu"),
    Function("selu", ("z",),
             Formula("1.0507009873554804934193349852946*z if z > 0"
                     " else 1.7580993408473768599402175208123*expm1(z)"),
             "1.0507009873554804934193349852946 if z > 0"
             " else a + 1.7580993408473768599402175208123",
             "1.0507009873554804934193349852946*z if z > 0"
             " else 1.7580993408473768599402175208123*(exp(z) - 1)",
             kinks=("z",), torch="torch.nn.functional.selu"),
    Function("gelu", ("z",), Formula("z*erfc(-z/sqrt(2))/2"),
             "(1 + erf(z/sqrt(2)))/2 + z*exp(-z**2/2)/2.5066282746310005024157652848110",
             "z*(1 + erf(z/sqrt(2)))/2", exact_at=((0, NOUGHT),),
             latex=r"\operatorname{gelu}", torch="torch.nn.functional.gelu"),
    Function("gelu_tanh", ("z",),
             Formula("z*sigmoid(1.5957691216057307117597842397374*(z + 0.044715*z*z*z))"),
             "(1 + tanh(0.7978845608028653558798921198687*(z + 0.044715*z**3)))/2"
             " + z/2*(1 - tanh(0.7978845608028653558798921198687*(z + 0.044715*z**3))**2)"
             "*0.7978845608028653558798921198687*(1 + 0.134145*z**2)",
             "z*(1 + tanh(0.7978845608028653558798921198687*(z + 0.044715*z**3)))/2",
             exact_at=((0, NOUGHT),),
             torch="lambda z: torch.nn.functional.gelu(z, approximate='tanh')"),
    Function("softplus", ("z",), Formula("(z if z > 0 else 0) + log1p(exp(-abs(z)))"),
             "sigmoid(z)", "log(1 + exp(z))",
             torch="lambda z: torch.nn.functional.softplus(z, threshold=40)"),
    Function("silu", ("z",), Formula("z*sigmoid(z)"), "sigmoid(z)*(1 + z - a)",
             "z/(1 + exp(-z))", exact_at=((0, NOUGHT),), torch="torch.nn.functional.silu"),
    Function("mish", ("z",), Formula("z*tanh(softplus(z))"),
             "tanh(softplus(z)) + z*sigmoid(z)*(1 - tanh(softplus(z))**2)",
             "z*tanh(softplus(z))", exact_at=((0, NOUGHT),), torch="torch.nn.functional.mish"),
    Function("sigmoid", ("z",), Formula("1/(1 + exp(-z)) if z >= -709.782712893384 else exp(z)",
                                       plain="1/(1 + exp(-z))"),
             "a*(1 - a)", "1/(1 + exp(-z))",
             exact_at=((0, HALF),), latex=r"\sigma", torch="torch.sigmoid"),
    Function("tanh", ("z",), math.tanh, "1 - a**2", "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
             exact_at=((0, NOUGHT),), latex=r"\tanh", torch="torch.tanh"),
    Function("hard_tanh", ("z",), Formula("(z if z > -1 else -1) if z < 1 else 1"),
             "(1 if z > -1 else 0) if z < 1 else 0", "(z if z > -1 else -1) if z < 1 else 1",
             exact=True, kinks=("z + 1", "z - 1"), torch="torch.nn.functional.hardtanh"),
    Function("softmax", ("z...",), _softmax, _softmax_derivative, _softmax_definition, outputs=True,
             code=_softmax_code, torch="lambda z: torch.softmax(z, dim=0)"),
    Function("log_softmax", ("z...",), _log_softmax, _log_softmax_derivative,
             lambda *z: tuple(Call(FUNCTIONS["log"], (each,)) for each in _softmax_definition(*z)),
             outputs=True, code=_log_softmax_code,
             torch="lambda z: torch.log_softmax(z, dim=0)"),
    Function("exp", ("z",), math.exp, "a", None, exact_at=((0, Fraction(1)),),
             latex=r"\exp", torch="torch.exp"),
    Function("log", ("z",), math.log, "1/z", None, exact_at=((1, NOUGHT),),
             latex=r"\log", torch="torch.log"),
    Function("expm1", ("z",), math.expm1, "a + 1", "exp(z) - 1", exact_at=((0, NOUGHT),),
             torch="torch.expm1"),
    Function("log1p", ("z",), math.log1p, "1/(1 + z)", "log(1 + z)", exact_at=((0, NOUGHT),),
             torch="torch.log1p"),
    Function("sqrt", ("z",), math.sqrt, "1/(2*a)", "z**0.5",
             exact_at=((0, NOUGHT), (1, Fraction(1)), (4, Fraction(2)), (9, Fraction(3))),
             latex=r"\sqrt{{{}}}", torch="torch.sqrt"),
    Function("square", ("z",), Formula("z*z"), "2*z", "z**2", exact=True, torch="torch.square"),
    Function("abs", ("z",), abs, "sign(z)", None, exact=True, kinks=("z",),
             convention="abs_at_zero", torch="torch.abs"),
    Function("sign", ("z",), Formula("1 if z > 0 else (-1 if z < 0 else 0)"), "0", None,
             exact=True, latex=r"\operatorname{sign}", torch="torch.sign"),
    Function("sin", ("z",), math.sin, "cos(z)", None, exact_at=((0, NOUGHT),),
             latex=r"\sin", torch="torch.sin"),
    Function("cos", ("z",), math.cos, "-sin(z)", None, exact_at=((0, Fraction(1)),),
             latex=r"\cos", torch="torch.cos"),
    Function("cosh", ("z",), Formula("(exp(z) + exp(-z))/2"), "(exp(z) - exp(-z))/2",
             "(exp(z) + exp(-z))/2", exact_at=((0, Fraction(1)),), latex=r"\cosh",
             torch="torch.cosh"),
    Function("sech", ("z",),
             Formula("2*exp(-z)/(1 + exp(-2*z)) if z > 0 else 2*exp(z)/(1 + exp(2*z))"),
             "-a*tanh(z)", "2/(exp(z) + exp(-z))", exact_at=((0, Fraction(1)),),
             latex=r"\operatorname{sech}", torch="lambda z: 1/torch.cosh(z)"),
    Function("erf", ("z",), math.erf, "2*exp(-z**2)/1.7724538509055160272981674833411", None,
             exact_at=((0, NOUGHT),), torch="torch.erf"),
    Function("erfc", ("z",), math.erfc, "-2*exp(-z**2)/1.7724538509055160272981674833411",
             "1 - erf(z)", exact_at=((0, Fraction(1)),), torch="torch.special.erfc"),
    Function("detach", ("z",), Formula("z"), "0", "z", exact=True, activation=False, held=True,
             latex=r"\operatorname{detach}", torch="torch.Tensor.detach"),
    Function("max", ("z...",), lambda *z: max(z), _extreme(">"),
             _extreme_definition(">"), exact=True, convention="first_at_tie", activation=False,
             latex=r"\max", torch="torch.max"),
    Function("min", ("z...",), lambda *z: min(z), _extreme("<"),
             _extreme_definition("<"), exact=True, convention="first_at_tie", activation=False,
             latex=r"\min", torch="torch.min"),
    Function("product", ("z...",), _product,
             lambda z, *_: tuple(multiplied(*z[:k], *z[k + 1 :]) for k in range(len(z))),
             lambda *z: multiplied(*z), exact=True, activation=False, torch="torch.prod"),
    Function("mean", ("z...",), _mean,
             lambda z, *_: (Number(Fraction(1, len(z))),) * len(z), _mean_definition, exact=True,
             activation=False, torch="torch.mean"),
    Function("variance", ("z...",), _variance, _variance_derivative, _variance_definition,
             exact=True, activation=False, torch="lambda z: torch.var(z, correction=0)"),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}


@cache
def formula(text: str) -> Expression:
    """A formula of the tables as an expression, parsed once."""
    return parse(text, FUNCTIONS)


# Derivatives of calls and definitions, from the rows.


def call_derivatives(
    call: Call, answers: Sequence[Expression], conventions: Mapping[str, Fraction]
) -> tuple[Expression, ...]:
    """The derivative of a call by each of its arguments.

    `answers` are what the outputs are called (one, or one for each argument); trailing
    parameters with a default, such as a slope, are settings and have no derivative here.
    """
    function = call.function
    if callable(function.derivative):
        context = call.output if function.outputs else conventions
        return function.derivative(call.arguments, answers, context)
    meaning = dict(zip(function.parameters, call.arguments, strict=False), a=answers[0])
    derivative = simplified(replaced(formula(function.derivative), meaning))
    if function.convention:
        chosen_value = conventions[function.convention]
        if chosen_value != CONVENTIONS[function.convention].default:
            kink = Comparison(kinks_of(call)[0], "==", ZERO)
            derivative = chosen(kink, Number(chosen_value), derivative)
    return (derivative,)


def kinks_of(call: Call) -> tuple[Expression, ...]:
    """Expressions that are zero where the call's derivative jumps."""
    function = call.function
    if function.variadic and function.convention:
        return tuple(
            added(first, negated(second))
            for place, first in enumerate(call.arguments)
            for second in call.arguments[place + 1 :]
        )
    meaning = dict(zip(function.parameters, call.arguments, strict=False))
    return tuple(replaced(formula(kink), meaning) for kink in function.kinks)


def kinks_in(expression: Expression) -> Iterator[Expression]:
    """Yield what is zero at the kinks of an expression and where its choices change sides."""
    for node in walk(expression):
        if isinstance(node, Call):
            yield from kinks_of(node)
        elif isinstance(node, Choice):
            yield added(node.condition.left, negated(node.condition.right))


def defined(call: Call) -> Expression | None:
    """The call in more basic functions, as its row defines it; None for a basic function."""
    function = call.function
    if function.definition is None:
        return None
    if callable(function.definition):
        meaning = function.definition(*call.arguments)
        return meaning[call.output or 0] if isinstance(meaning, tuple) else meaning
    meanings = dict(zip(function.parameters, call.arguments, strict=False))
    return replaced(formula(function.definition), meanings)


def in_basic_functions(call: Call, *, plain: bool) -> Expression | None:
    """The call as code computes it, to the same figures; None for what is computed at one blow.

    With `plain` by formulas that may overflow where the function has a value.
    """
    function = call.function
    if isinstance(function.value, Formula):
        meaning = dict(zip(function.value.parameters, call.arguments, strict=True))
        text = function.value.plain if plain and function.value.plain else function.value.text
        return replaced(formula(text), meaning)
    if function.code:
        return function.code(*call.arguments)[call.output or 0]
    return defined(call) if function.variadic else None


def simplified(expression: Expression) -> Expression:
    """The expression with ones, zeros and nested products tidied away."""
    node = rebuilt(expression, simplified)
    match node:
        case Sum(terms):
            return added(*terms)
        case Product(factors):
            return multiplied(*factors)
        case Negation(operand):
            return negated(operand)
        case Choice(condition, then, otherwise):
            return chosen(condition, then, otherwise)
    return node


Partials = dict[str, Expression]


def partials(
    expression: Expression, answers: Sequence[str], conventions: Mapping[str, Fraction]
) -> Partials:
    """The local derivative by each name, in order of appearance; a zero one is left out.

    `answers` names what the expression as a whole is called, so that a derivative may use it.
    One walk from the top with the factors met on the way: the cost grows with the length of the
    expression, not with length times names.

    >>> from backcalc.formulas.parser import parse
    >>> from backcalc.formulas.notation import formula_text
    >>> found = partials(parse("w2*h1 + ws*h0", FUNCTIONS), ["z2"], {})
    >>> {name: formula_text(local) for name, local in found.items()}
    {'w2': 'h1', 'h1': 'w2', 'ws': 'h0', 'h0': 'ws'}
    """
    found: dict[str, list[Expression]] = {}
    _collect(expression, ONE, [Name(answer) for answer in answers], conventions, found)
    sums = {name: terms[0] if len(terms) == 1 else added(*terms) for name, terms in found.items()}
    return {name: each for name, each in sums.items() if type(each) is Name or each != ZERO}


def _collect(
    node: Expression, outer: Expression, answers: Sequence[Expression] | None,
    conventions: Mapping[str, Fraction], found: dict[str, list[Expression]],
) -> None:  # fmt: skip
    """Add what each name below `node` contributes; `outer` is the derivative by `node`."""
    match node:
        case Name(name):
            found.setdefault(name, []).append(outer)
        case Sum(terms):
            for term in terms:
                _collect(term, outer, None, conventions, found)
        case Choice(condition, then, otherwise):
            sides: tuple[dict[str, list[Expression]], ...] = ({}, {})
            for side, branch in zip(sides, (then, otherwise), strict=True):
                _collect(branch, ONE, None, conventions, side)
            for name in dict.fromkeys([*sides[0], *sides[1]]):
                then_slope, else_slope = (added(*side.get(name, ())) for side in sides)
                slope = chosen(condition, then_slope, else_slope)
                found.setdefault(name, []).append(multiplied(outer, slope))
        case _:
            own: Sequence[Expression] = [node]  # nested outputs have no names but the calls' own
            if isinstance(node, Call):
                each = range(len(node.arguments)) if node.function.outputs else ()
                own = answers or [replace(node, output=place) for place in each] or own
            for operand, slope in slopes(node, own, conventions):
                plain = type(slope) is Name
                if plain or slope != ZERO:
                    inner = (slope,) if outer is ONE else (outer, slope)
                    chained = slope if plain and outer is ONE else multiplied(*inner)
                    _collect(operand, chained, None, conventions, found)


def slopes(
    node: Expression, answers: Sequence[Expression], conventions: Mapping[str, Fraction]
) -> Iterator[tuple[Expression, Expression]]:
    """Yield the operands of a node with the derivatives by them: the rules of calculus.

    `answers` are what the node's value is called, or the outputs of a call.
    """
    match node:
        case Sum(terms):
            yield from ((term, ONE) for term in terms)
        case Negation(operand):
            yield operand, negated(ONE)
        case Product(factors):
            for place, factor in enumerate(factors):
                others = factors[:place] + factors[place + 1 :]
                yield factor, Product(others) if len(others) > 1 else (*others, ONE)[0]
        case Inverse(operand):
            yield operand, negated(Inverse(Power(operand, TWO)))
        case Power(base, exponent):
            yield base, power_slope(base, exponent)
            if names_in(exponent):
                yield exponent, multiplied(answers[0], Call(FUNCTIONS["log"], (base,)))
        case Call(_, arguments):
            yield from zip(arguments, call_derivatives(node, answers, conventions), strict=False)
        case Choice(condition, then, otherwise):
            yield then, chosen(condition, ONE, ZERO)
            yield otherwise, chosen(condition, ZERO, ONE)


def power_slope(base: Expression, exponent: Expression) -> Expression:
    """n·base^(n - 1), with the first power left out."""
    match exponent:
        case Number(value):
            lower = Number(value - 1)
        case Negation(Number(value)):
            lower = Number(-value - 1)
        case _:
            lower = added(exponent, negated(ONE))  # type: ignore[assignment]
    if lower == ONE:
        return multiplied(exponent, base)
    return ZERO if exponent == ZERO else multiplied(exponent, Power(base, lower))
