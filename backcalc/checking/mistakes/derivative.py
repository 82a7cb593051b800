"""Mistakes with the terms and the factors of a derivative."""

from __future__ import annotations

from dataclasses import replace

from backcalc.checking.key import FORWARD, GRADIENT, UPDATE
from backcalc.checking.mistakes.form import (
    RARE,
    Forms,
    Spot,
    each_term,
    exchanges,
    reads,
    with_terms,
)
from backcalc.checking.own_work import is_first
from backcalc.equations.program import ChainTerm
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Expression,
    Name,
    Negation,
    Product,
    Sum,
    added,
    multiplied,
    names_in,
    negated,
    rebuilt,
    walk,
)
from backcalc.formulas.notation import sentence
from backcalc.formulas.quantity import Derivative, derivative, parsed

ALL_BUT = "every path but the one through {}"


def whole_sign(spot: Spot) -> Forms:
    """The line, or one term of it, with its sign turned."""
    if spot.terms:
        if not spot.of_loss:
            yield from each_term(spot, lambda term: negated(term.local), RARE)
        return
    expression = spot.equation.expression
    if spot.line.role != UPDATE and _has_minus(spot):
        yield reads(negated(expression))
        if isinstance(expression, Sum):
            for place, term in enumerate(terms := expression.terms):
                turned = (*terms[:place], negated(term), *terms[place + 1 :])
                yield reads(Sum(turned), share=RARE)


def _has_minus(spot: Spot) -> bool:
    """True if there is a minus sign in a line, or a number below 0 that it goes on from."""
    at = spot.work.own.at
    nodes = [*walk(spot.equation.expression)]
    names = (node.id for node in nodes if isinstance(node, Name))
    return any(isinstance(n, Negation) for n in nodes) or any(at.get(n, 0) < 0 for n in names)


def sign_inside(spot: Spot) -> Forms:
    """A minus inside a local derivative turned into a plus: h*(1 + h) for h*(1 - h)."""

    def local(term: ChainTerm) -> Expression | None:
        turned = _with_plus(term.local)
        return None if turned == term.local else turned

    right = {Name(term.through): term.local for term in spot.terms}
    for form in each_term(spot, local, RARE):
        yield replace(form, parts=tuple(right[part] for part in form.parts if part in right))


def _with_plus(node: Expression) -> Expression:
    """The same with the terms of its sums added that it subtracts."""
    if isinstance(node, Sum):
        node = Sum(tuple(t.operand if isinstance(t, Negation) else t for t in node.terms))
    return rebuilt(node, _with_plus)


def path_dropped(spot: Spot) -> Forms:
    """One term of a derivative left out, or all but one."""
    terms = spot.terms
    if len(terms) > 1:
        for gone in terms:
            path = sentence("the path through {}", Name(gone.through))
            yield with_terms(spot, (t for t in terms if t is not gone), path)
    if len(terms) > 2:
        for kept in terms:
            yield with_terms(spot, [kept], sentence(ALL_BUT, Name(kept.through)))


def sample_dropped(spot: Spot) -> Forms:
    """A mean over samples without one of them."""
    match spot.equation.expression:
        case Product((Sum(terms), *rest)) if spot.line.role == GRADIENT and not spot.terms:
            for gone in terms:
                kept = tuple(term for term in terms if term is not gone)
                if isinstance(gone, Name) and kept:
                    yield reads(Product((Sum(kept), *rest)), gone)


def one_sample(spot: Spot) -> Forms:
    """The part of one sample where the total of all belongs."""
    total: Expression = spot.equation.expression
    shares: tuple[Expression, ...] = ()
    match total:
        case Product((Sum() as added_up, *rest)):
            total, shares = added_up, tuple(rest)
    if isinstance(total, Sum) and all(isinstance(each, Name) for each in total.terms):
        for part in total.terms:
            if isinstance(part, Name) and parsed(part.id).sample is not None:
                yield reads(part, part, share=1.0 if part is total.terms[-1] else RARE)
                if shares:
                    yield reads(Product((part, *shares)), part, share=RARE)


def path_twice(spot: Spot) -> Forms:
    """One of several terms of a derivative added twice."""
    for term in spot.terms if len(spot.terms) > 1 else ():
        yield with_terms(spot, (*spot.terms, term), Name(term.through))


def input_omitted(spot: Spot) -> Forms:
    """A weight's derivative without the input that the weight multiplies."""
    if "/d" in spot.line.name and spot.line.by in spot.weights:
        yield from each_term(spot, lambda term: None if is_first(term) and spot.of_loss else ONE)


def input_for_bias(spot: Spot) -> Forms:
    """A bias's derivative with an input of its unit as a factor, as that of a weight has."""
    if all(term.local == ONE for term in spot.terms) and spot.line.by in spot.weights:
        unit = {term.upstream for term in spot.terms}
        for line in spot.key.kin(spot.line.name):
            terms = line.equation.terms
            inputs = [term.local for term in terms if isinstance(term.local, Name)]
            if inputs and len(inputs) == len(terms) and unit == {each.upstream for each in terms}:
                yield with_terms(spot, terms, inputs[0])


def bias_as_constant(spot: Spot) -> Forms:
    """The derivative by a bias taken as 0."""
    added_on = spot.terms and all(term.local == ONE for term in spot.terms)
    if added_on and spot.line.by in spot.weights:
        yield reads(ZERO)


def other_step(spot: Spot) -> Forms:
    """In a recurrence the values of the next time step, or of the one before, or all reversed."""
    if len(spot.key.network.samples) > 1:
        return
    for by, share in ((1, 1.0), (-1, RARE)):

        def local(term: ChainTerm, by: int = by) -> Expression | None:
            return _at_step(spot, term.local, by)

        for form in each_term(spot, local, RARE):
            yield replace(form, parts=(), share=form.share * share)
        for name in names_in(spot.equation.expression) if spot.line.role == FORWARD else ():
            other = _at_step(spot, Name(name), -by)
            if other and spot.key.order.get(other.id, -1) < spot.key.order[spot.line.name]:
                yield exchanges(spot, {name: other}, share=share)
    steps = [term.local for term in spot.terms if _at_step(spot, term.local, 0)]
    if len(steps) == len(spot.terms) > 1:
        turned = zip(spot.terms, reversed(steps), strict=True)
        yield with_terms(spot, (replace(term, local=local) for term, local in turned))


def _at_step(spot: Spot, value: Expression, by: int) -> Name | None:
    """The same value so many time steps later, where the network has it."""
    stem, _, step = (value.id if isinstance(value, Name) else "").rstrip("]").partition("[")
    other = f"{stem}[{int(step) + by}]" if step.isdecimal() else ""
    return Name(other) if other in spot.key.order or other in spot.key.given else None


def weight_omitted(spot: Spot) -> Forms:
    """A value's derivative without the weight on the edge that it feeds."""
    if "/d" in spot.line.name and spot.line.by not in spot.weights:
        yield from each_term(
            spot, lambda term: ONE if isinstance(term.local, Name) and not is_first(term) else None
        )


def weight_for_input(spot: Spot) -> Forms:
    """The weight itself where the input that it multiplies belongs; a bias multiplies none."""
    if "/d" in spot.line.name and spot.line.by in spot.weights:
        yield from each_term(spot, lambda term: None if term.local == ONE else Name(spot.line.by))


def input_for_weight(spot: Spot) -> Forms:
    """The value itself where the weight that multiplies it belongs."""
    if "/d" in spot.line.name and spot.line.by not in spot.weights:
        yield from each_term(
            spot, lambda term: Name(spot.line.by) if isinstance(term.local, Name) else None
        )


def sum_for_input(spot: Spot) -> Forms:
    """The pre-activation of the unit before where its activation is the input."""

    def local(term: ChainTerm) -> Expression | None:
        unit = spot.key.lines.get(term.local.id) if isinstance(term.local, Name) else None
        match unit and unit.equation.expression:
            case Call(_, (before, *_), None):
                return before
        return None

    if spot.line.by in spot.weights:
        yield from each_term(spot, local)


def upstream_omitted(spot: Spot) -> Forms:
    """A local derivative without what comes from above."""
    if spot.line.role != GRADIENT:
        return
    of = derivative(spot.line.name).of
    bare = [t if is_first(t) else replace(t, upstream=Derivative(of, of)) for t in spot.terms]
    for place, term in enumerate(spot.terms):
        if not is_first(term):
            yield with_terms(spot, (*spot.terms[:place], bare[place], *spot.terms[place + 1 :]))
    if len(bare) > 1:
        yield with_terms(spot, bare)


def multiplied_terms(spot: Spot) -> Forms:
    """Terms multiplied that belong added."""
    match spot.equation.expression:
        case Sum(terms) if spot.line.role != UPDATE:
            yield reads(multiplied(*terms))


def added_factors(spot: Spot) -> Forms:
    """Factors added that belong multiplied: upstream and local derivative, weight and input."""
    match spot.equation.expression:
        case _ if spot.line.role == UPDATE:
            return
        case Product(factors):
            yield reads(added(*factors))
        case Sum(terms):
            places = [place for place, term in enumerate(terms) if isinstance(term, Product)]
            alone = [[place] for place in places] if len(places) > 1 else []
            for chosen in [places, *alone] if places else []:
                turned = (
                    added(*term.factors) if isinstance(term, Product) and place in chosen else term
                    for place, term in enumerate(terms)
                )  # fmt: skip
                yield reads(Sum(tuple(turned)))
