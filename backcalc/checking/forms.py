"""What a mistake makes of one line: each function gives the line's equation as it then reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from backcalc.calculus import partials
from backcalc.checking.key import FORWARD, GRADIENT, UPDATE, Key, Line
from backcalc.checking.work import Work, worked_out
from backcalc.checking.written import rounded_to
from backcalc.errors import BackcalcError
from backcalc.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Scalar,
    Sum,
    multiplied,
    names_in,
    negated,
    rebuilt,
    renamed,
    replaced,
)
from backcalc.functions import call_derivatives
from backcalc.notation import Part, Phrase
from backcalc.program import (
    RATE,
    Equation,
    Term,
    accumulated,
    denominator,
    derivative_name,
    numerator,
    primed,
)

MOST_COPIED = 200  # other quantities that a value may have been copied from


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A line as it reads with one mistake in it."""

    equation: Equation
    """The equation that was worked out instead of the right one."""
    parts: tuple[Part | Phrase, ...] = ()
    """What the advice names: the path that was dropped, the value that was copied."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where a mistake may have been made."""

    line: Line
    """The right line; its equation may already hold another mistake."""
    work: Work
    """The person's own figures before it."""
    digits: int
    """Significant digits of the answer."""

    @property
    def key(self) -> Key:
        """The right lines."""
        return self.work.key

    @property
    def equation(self) -> Equation:
        """The line's equation."""
        return self.line.equation

    @property
    def terms(self) -> tuple[Term, ...]:
        """For a derivative one term for each use."""
        return self.equation.terms

    @property
    def weights(self) -> frozenset[str]:
        """The weights by their names at this line."""
        return self.key.weights(self.line.steps)

    @property
    def of_loss(self) -> bool:
        """Whether a term of this derivative comes straight from the loss."""
        return self.line.role == GRADIENT and any(map(is_first, self.terms))


Forms = Iterator[Form]
Slope = Callable[[Call, Expression, Expression], Expression | None]
"""Gives the derivative that somebody takes for a call's from the call, its answer and the right
one; None where the mistake cannot be made."""


# Building.


def reads(spot: Spot, expression: Expression, *parts: Part | Phrase) -> Form:
    """The line with another right side."""
    return Form(Equation(spot.line.name, expression), parts)


def with_terms(spot: Spot, terms: Iterable[Term], *parts: Part | Phrase) -> Form:
    """The derivative with other terms."""
    equation = accumulated(numerator(spot.line.name), spot.line.by, tuple(terms))
    return Form(replace(equation, name=spot.line.name), parts)


def each_term(spot: Spot, change: Callable[[Term], Expression | None]) -> Forms:
    """The derivative with another local derivative in one of its terms, then in all of them."""
    new = [change(term) for term in spot.terms]
    made = [place for place, local in enumerate(new) if local is not None]
    for chosen in [[place] for place in made] + ([made] if len(made) > 1 else []):
        yield with_terms(
            spot,
            (
                replace(term, local=new[place] or term.local) if place in chosen else term
                for place, term in enumerate(spot.terms)
            ),
            Name(spot.terms[chosen[0]].through),
        )


def is_first(term: Term) -> bool:
    """Whether a term comes straight from what is differentiated."""
    return len(set(term.upstream[1:].split("/d"))) == 1


# The loss.


def loss_sign(spot: Spot) -> Forms:
    """The derivative of the loss with its sign turned."""
    if spot.of_loss:
        turned = (replace(t, local=negated(t.local)) if is_first(t) else t for t in spot.terms)
        yield with_terms(spot, turned, _direction(spot))


def _direction(spot: Spot) -> Phrase:
    """Whether the loss grows or falls with a value, and for an output why."""
    network, name = spot.key.network, spot.line.by
    stem, bracket, sample = name.replace("'", "").partition("[")
    right = spot.work.value(spot.equation.expression) or 0
    grows, sign = ("grows", "positive") if right > 0 else ("falls", "negative")
    side: Phrase = ()
    if stem in network.outputs and len(network.targets) == len(network.outputs):
        target = network.targets[network.outputs.index(stem)] + bracket + sample
        output, aim = (spot.work.value(Name(each)) for each in (name, target))
        if output is not None and aim is not None and output != aim:
            compared = " is above " if output > aim else " is below "
            side = (Name(name), compared, Name(target), ", so ")
    loss = Name(numerator(spot.line.name))
    return (*side, loss, f" {grows} with ", Name(name), f" and the derivative is {sign}")


def loss_factor(spot: Spot) -> Forms:
    """A factor 2 or one half of the loss missing or extra."""
    of_loss = spot.of_loss or _is_loss(spot)
    for factor, words in ((Fraction(2), "2"), (Fraction(1, 2), "1/2")) if of_loss else ():
        yield reads(spot, multiplied(Number(factor), spot.equation.expression), words)


def _is_loss(spot: Spot) -> bool:
    stem = spot.line.name.replace("'", "").partition("[")[0]
    return stem in (spot.key.program.loss, spot.key.program.loss.replace("J", "L"))


def mean_or_sum(spot: Spot) -> Forms:
    """A mean taken for a sum, or a sum for a mean."""
    counts = {len(spot.key.network.outputs), len(spot.key.network.samples)} - {1}
    if spot.of_loss or _is_loss(spot) or "/d" in spot.line.name:
        for count in counts:
            for factor in (Fraction(count), Fraction(1, count)):
                expression = multiplied(Number(factor), spot.equation.expression)
                yield reads(spot, expression, str(count))


def target_omitted(spot: Spot) -> Forms:
    """The derivative of the loss without its target."""
    network = spot.key.network
    targets = dict.fromkeys(network.targets, ZERO)
    if spot.of_loss:
        gone = {
            n: ZERO for n in names_in(spot.equation.expression) if n.partition("[")[0] in targets
        }
        if gone:
            yield reads(spot, replaced(spot.equation.expression, gone))
    output = _output_of(spot)
    if output:
        yield reads(spot, Name(output))


def turned_short_form(spot: Spot) -> Forms:
    """Target minus output at an output whose loss and activation belong together."""
    if _output_of(spot):
        yield reads(spot, negated(spot.equation.expression))


def _output_of(spot: Spot) -> str | None:
    """The output whose pre-activation a derivative is by, under softmax or sigmoid with log loss."""
    if spot.line.role != GRADIENT or spot.key.network.loss_name not in ("cross_entropy", "bce"):
        return None
    stems = set(spot.key.network.outputs)
    for term in spot.terms:
        forward = spot.key.lines.get(term.through)
        if forward and forward.name.replace("'", "").partition("[")[0] in stems:
            match forward.equation.expression:
                case Call(function, arguments, output) if function.name in (
                    "softmax",
                    "sigmoid",
                ) and arguments[output or 0] == Name(spot.line.by):
                    return forward.name
    return None


# Local derivatives.


def activation_slope(slope: Slope) -> Callable[[Spot], Forms]:
    """Forms in which a call's derivative is taken to be something else."""

    def forms(spot: Spot) -> Forms:
        def local(term: Term) -> Expression | None:
            forward = spot.key.lines.get(term.through)
            if forward is None or _is_loss(replace(spot, line=forward)):
                return None
            changed = _mistaken(forward.equation.expression, slope, spot.key.network.conventions)
            if changed is forward.equation.expression:
                return None
            answers = forward.equation.siblings or (forward.name,)
            found = partials(changed, answers, spot.key.network.conventions)
            return found.get(denominator(term.local_name), ZERO)

        yield from each_term(spot, local)

    return forms


def _mistaken(node: Expression, slope: Slope, conventions: Mapping[str, Fraction]) -> Expression:
    """An expression whose calls of activations have another derivative, or the very same one."""
    if not isinstance(node, Call) or isinstance(node.function.derivative, str) is False:
        operands = rebuilt(node, lambda operand: _mistaken(operand, slope, conventions))
        return node if operands == node else operands
    answer = Name("a")
    (right, *_) = call_derivatives(node, [answer], conventions)
    taken = slope(node, answer, right)
    if taken is None:
        return node

    def derivative(
        arguments: tuple[Expression, ...], answers: tuple[Expression, ...], context: object
    ) -> tuple[Expression, ...]:
        return (replaced(taken, {"a": answers[0]}),)

    return replace(node, function=replace(node.function, derivative=derivative))


def slope_one(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """No derivative at all."""
    return ONE


def slope_at_answer(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """The derivative at the activation instead of the pre-activation."""
    moved = replace(call, arguments=(answer, *call.arguments[1:]))
    return call_derivatives(moved, [moved], {"relu_at_zero": NOUGHT, "abs_at_zero": NOUGHT})[0]


def slope_at_input(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """The pre-activation where the derivative's formula wants the activation."""
    return replaced(right, {"a": call.arguments[0]})


def slope_as_answer(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """The function's value in place of its derivative."""
    return answer


def slope_closed_as_one(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """1 where the unit is closed."""
    return _by_side(call, right, ONE)


def slope_open_as_zero(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """0 where the unit is open."""
    return _by_side(call, ZERO, right)


def _by_side(call: Call, opened: Expression, closed: Expression) -> Expression | None:
    if "z" not in call.function.kinks or call.function.name == "abs":
        return None
    return Choice(Comparison(call.arguments[0], ">", ZERO), opened, closed)


NOUGHT = Fraction(0)


# Terms and factors of a derivative.


def whole_sign(spot: Spot) -> Forms:
    """The line, or one term of it, with its sign turned."""
    if spot.terms:
        if not spot.of_loss:
            yield from each_term(spot, lambda term: negated(term.local))
        return
    expression = spot.equation.expression
    if spot.line.role != UPDATE:
        yield reads(spot, negated(expression))
        if isinstance(expression, Sum):
            for place, term in enumerate(expression.terms):
                yield reads(spot, _with_part(expression, place, negated(term)))


def _with_part(total: Sum, place: int, term: Expression) -> Sum:
    """A sum with one term changed."""
    return Sum((*total.terms[:place], term, *total.terms[place + 1 :]))


def path_dropped(spot: Spot) -> Forms:
    """One term of a derivative left out, or all but one."""
    terms = spot.terms
    if (
        len(terms) < 2
        and isinstance(spot.equation.expression, Product)
        and spot.line.role == GRADIENT
    ):
        yield from _sample_dropped(spot, spot.equation.expression)
    if len(terms) > 1:
        for gone in terms:
            yield with_terms(spot, (t for t in terms if t is not gone), Name(gone.through))
    if len(terms) > 2:
        for kept in terms:
            others = [t for t in terms if t is not kept]
            yield with_terms(spot, [kept], Name(others[0].through))


def _sample_dropped(spot: Spot, mean: Product) -> Forms:
    """A mean over samples without one of them."""
    match mean.factors:
        case (Sum(terms), *rest):
            for gone in terms:
                kept = tuple(term for term in terms if term is not gone)
                if isinstance(gone, Name) and kept:
                    yield reads(spot, Product((Sum(kept), *rest)), gone)


def input_omitted(spot: Spot) -> Forms:
    """A weight's derivative without the input that the weight multiplies."""
    if "/d" in spot.line.name and spot.line.by in spot.weights:
        yield from each_term(spot, lambda term: None if is_first(term) and spot.of_loss else ONE)


def weight_for_input(spot: Spot) -> Forms:
    """The weight itself where the input that it multiplies belongs."""
    if "/d" in spot.line.name and spot.line.by in spot.weights:
        yield from each_term(spot, lambda term: Name(spot.line.by))


def input_for_weight(spot: Spot) -> Forms:
    """The value itself where the weight that multiplies it belongs."""
    if "/d" in spot.line.name and spot.line.by not in spot.weights:
        yield from each_term(
            spot, lambda term: Name(spot.line.by) if isinstance(term.local, Name) else None
        )


def upstream_omitted(spot: Spot) -> Forms:
    """A local derivative without what comes from above."""
    if spot.line.role != GRADIENT:
        return
    of = numerator(spot.line.name)
    bare = [t if is_first(t) else replace(t, upstream=derivative_name(of, of)) for t in spot.terms]
    for place, term in enumerate(spot.terms):
        if not is_first(term):
            yield with_terms(spot, (*spot.terms[:place], bare[place], *spot.terms[place + 1 :]))
    if len(bare) > 1:
        yield with_terms(spot, bare)


def multiplied_terms(spot: Spot) -> Forms:
    """Terms multiplied that belong added."""
    match spot.equation.expression:
        case Sum(terms) if spot.line.role != UPDATE:
            yield reads(spot, multiplied(*terms))


# The update.


def update_sign(spot: Spot) -> Forms:
    """The gradient added."""
    if spot.line.role == UPDATE:
        old, gradient = _update_parts(spot)
        yield reads(spot, Sum((old, Product((Name(RATE), gradient)))))


def rate_omitted(spot: Spot) -> Forms:
    """The whole gradient subtracted."""
    if spot.line.role == UPDATE:
        old, gradient = _update_parts(spot)
        yield reads(spot, Sum((old, Negation(gradient))))


def _update_parts(spot: Spot) -> tuple[Name, Name]:
    """The old weight and its gradient."""
    gradient = next(n for n in names_in(spot.equation.expression) if "/d" in n)
    return Name(spot.equation.before or denominator(gradient)), Name(gradient)


def updated_weights(spot: Spot) -> Forms:
    """New weights in the backward pass; or the whole step done by somebody who overwrote them."""
    steps = spot.line.steps
    if spot.line.role == GRADIENT and RATE in spot.work.shown:
        new = {n: f"{n}'" for n in names_in(spot.equation.expression) if n in spot.weights}
        known = {old: name for old, name in new.items() if name in spot.key.lines}
        if known:
            meaning = {old: _found(spot, name) for old, name in known.items()}
            for term in (replaced(spot.equation.expression, meaning),):
                yield reads(spot, term)
    if steps < 2 and spot.line.role in (FORWARD, UPDATE) and "'" in spot.line.name:
        value = overwritten(spot.key).get(spot.line.name)
        if value is not None:
            yield reads(spot, Number(value))


def _found(spot: Spot, name: str) -> Expression:
    """A quantity of a later line: its right value, as long as the person has none."""
    value = spot.work.shown.get(name)
    return Number(spot.key.value(name) if value is None else value)


@lru_cache(maxsize=8)
def overwritten(key: Key) -> Mapping[str, Scalar]:
    """The first step of somebody who overwrites each weight as soon as its derivative is known."""
    values: dict[str, Scalar] = dict(key.given)
    if RATE not in values or len(key.network.samples) > 1:
        return {}
    new: dict[str, Scalar] = {}
    first = [key.lines[each.name] for each in (*key.program.forward, *key.program.backward)]
    layers: list[tuple[str, Scalar]] = []
    for line in first:
        if line.role == GRADIENT and line.by not in key.network.weights:
            values.update(layers)  # a whole layer's weights are overwritten before the next one
            layers = []
        value = worked_out(line.equation.expression, values)
        if value is None:
            return {}
        values[line.name] = value
        if line.role == GRADIENT and primed(line.by, 1) in key.lines:
            new[primed(line.by, 1)] = values[line.by] - values[RATE] * value
            layers.append((line.by, new[primed(line.by, 1)]))
    after = dict(key.given) | new
    for line in key.lines.values():
        if line.steps == 1 and line.role == FORWARD:
            value = worked_out(line.equation.expression, after)
            if value is not None:
                after[line.name] = new[line.name] = value
    return new


def old_weights(spot: Spot) -> Forms:
    """The forward pass after the step with the weights from before it."""
    if spot.line.role == FORWARD and spot.line.steps:
        shorter = {
            n: n.replace("'", "", 1)
            for n in names_in(spot.equation.expression)
            if n in spot.weights
        }
        if shorter:
            yield reads(spot, renamed(spot.equation.expression, lambda n: shorter.get(n, n)))
        yield reads(spot, Name(spot.line.name.replace("'", "", 1)))


# The forward pass.


def bias_omitted(spot: Spot) -> Forms:
    """A weighted sum without its bias."""
    yield from _without_terms(spot, lambda term: isinstance(term, Name) and term.id in spot.weights)


def input_dropped(spot: Spot) -> Forms:
    """A weighted sum without one of its inputs."""
    yield from _without_terms(spot, lambda term: not isinstance(term, Name))


def _without_terms(spot: Spot, droppable: Callable[[Expression], bool]) -> Forms:
    match spot.equation.expression:
        case Sum(terms) if spot.line.role == FORWARD:
            for gone in terms:
                kept = tuple(term for term in terms if term is not gone)
                if droppable(gone):
                    yield reads(spot, Sum(kept) if len(kept) > 1 else kept[0], gone)


def activation_omitted(spot: Spot) -> Forms:
    """The pre-activation passed on as the activation."""
    match spot.equation.expression:
        case Call(function, arguments, output) if spot.line.role == FORWARD:
            yield reads(spot, arguments[output or 0], function.name)
        case Power(base) if spot.line.role == FORWARD:
            yield reads(spot, base, "the power")


def swapped_weights(spot: Spot) -> Forms:
    """Two weights of a line swapped, or one taken for its neighbour in the file."""
    names = names_in(spot.equation.expression)
    used = [name for name in names if name in spot.weights]
    if spot.line.role == UPDATE:
        return
    for place, first in enumerate(used[:12]):
        for second in used[place + 1 : 12]:
            swap = {first: second, second: first}
            swapped = renamed(spot.equation.expression, lambda n: swap.get(n, n))  # noqa: B023
            yield reads(spot, swapped, Name(first), Name(second))
    order = (
        sorted(spot.weights, key=list(spot.key.network.weights).index)
        if not spot.line.steps
        else [
            name if name in spot.weights else primed(name, spot.line.steps)
            for name in spot.key.network.weights
        ]
    )
    for name in used[:12]:
        place = order.index(name)
        for other in order[max(place - 1, 0) : place + 2]:
            if other not in used:
                taken = replaced(spot.equation.expression, {name: Name(other)})
                yield reads(spot, taken, Name(name), Name(other))


# Figures.


def decimal_point(spot: Spot) -> Forms:
    """The decimal point one, two or three places off."""
    for places in (1, -1, 2, -2, 3, -3):
        power = Number(Fraction(10) ** places)
        yield reads(spot, multiplied(power, spot.equation.expression))


def digits_transposed(spot: Spot) -> Forms:
    """Two digits that stand side by side the wrong way round."""
    value = spot.work.value(spot.equation.expression)
    if value is None or not spot.digits:
        return
    text = f"{abs(float(value)):.{spot.digits - 1}e}"
    mantissa, power = text.split("e")
    digits = mantissa.replace(".", "")
    for place in range(len(digits) - 1):
        pair = digits[place : place + 2]
        if pair[0] != pair[1]:
            turned = digits[:place] + pair[::-1] + digits[place + 2 :]
            size = Fraction(int(turned)) * Fraction(10) ** (int(power) - len(digits) + 1)
            yield reads(spot, Number(-size if value < 0 else size), " and ".join(pair))


def rounded_early(spot: Spot) -> Forms:
    """Earlier figures rounded to fewer digits than the answer has."""
    for digits in range(min(spot.digits - 1, 4), 0, -1):
        coarse = {
            name: Number(Fraction(rounded_to(spot.work.shown[name], digits)))
            for name in names_in(spot.equation.expression)
            if name in spot.work.shown
        }
        yield reads(spot, replaced(spot.equation.expression, coarse), str(digits))


def copied(spot: Spot) -> Forms:
    """The value of another quantity of the same kind, nearest first."""
    lines = spot.key.lines.values()
    names = [line.name for line in lines if line.role == spot.line.role and " " not in line.name]
    place = names.index(spot.line.name) if spot.line.name in names else 0
    near = sorted(range(len(names)), key=lambda other: abs(other - place))[1 : MOST_COPIED + 1]
    for other in near:
        name = names[other]
        value = spot.work.shown.get(name)
        with suppress(BackcalcError):
            value = spot.key.value(name) if value is None else value
        if value:
            yield reads(spot, Number(value), Name(name))
