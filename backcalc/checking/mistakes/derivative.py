"""Mistakes with the terms and the factors of a derivative."""

from __future__ import annotations

from dataclasses import replace

from backcalc.checking.key import GRADIENT, UPDATE
from backcalc.checking.mistakes.form import Forms, Spot, each_term, is_first, reads, with_terms
from backcalc.equations.program import derivative_name, numerator
from backcalc.formulas.expression import ONE, Expression, Name, Product, Sum, multiplied, negated


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
