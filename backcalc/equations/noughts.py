"""What is 0 in a network, and why: derivatives that are surely 0, units that are dead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from backcalc.equations.calculation import Calculation
from backcalc.equations.matrix_form import whole_names
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, assemble, dependents, loss_name, lower
from backcalc.formulas.expression import (
    ZERO,
    Call,
    Expression,
    Name,
    Number,
    Scalar,
    evaluate,
    names_in,
    replaced,
)
from backcalc.formulas.functions import call_derivatives
from backcalc.formulas.quantity import Quantity, parsed

FAR = Fraction(-(10**6))  # a number at which a unit that can be dead is dead


def surely_zero(worked: Calculation) -> dict[Quantity, tuple[Quantity, ...]]:
    """Return the derivatives that are 0 whatever the targets are, each with the factors that are 0.

    It has no factors where no path leads to it, or where its paths cancel. What depends on a target
    is taken for an unknown number, and each derivative for a sum of these, each times a number.
    """
    forward, values = worked.program.forward, worked.values
    targets = worked.network.targets
    moved = dependents(forward, [n for n in values if parsed(n).of_sample(None) in targets])
    shares: dict[str, dict[str, Scalar]] = {}
    """For each derivative the number that each unknown is multiplied by."""
    factors: dict[str, dict[Quantity, None]] = {}
    found: dict[Quantity, tuple[Quantity, ...]] = {}
    for each in worked.program.backward:
        own, mine = shares.setdefault(each.name, {}), factors.setdefault(each.name, {})
        for term in each.terms:
            # Which class is right may stand in the loss itself, where no target is named.
            open_ = not moved.isdisjoint(names_in(term.local)) or (term.starts and targets)
            local = Fraction(1) if open_ else evaluate(term.local, values)
            above = {"": Fraction(1)} if term.starts else shares.get(term.upstream, {})
            if open_:
                own[term.local_name] = Fraction(1)
                continue
            for unknown, share in above.items():
                nothing = _is_nought(share) or _is_nought(local)
                own[unknown] = own.get(unknown, Fraction(0)) + (0 if nothing else share * local)
            if _is_nought(local):
                mine[term.local_name] = None
            elif not any(above.values()):
                mine |= factors.get(term.upstream, {})
        for used in [] if each.terms else names_in(each.expression):
            own |= {f"{used} {unknown}": share for unknown, share in shares[used].items()}
            mine |= factors[used]
        if all(map(_is_nought, own.values())):
            found[each.name] = tuple(mine)
    return found


def _is_nought(number: Scalar) -> bool:
    """Return True for an exact 0: a number that is too small for a double is none."""
    return isinstance(number, Fraction) and not number


def always_zero(network: Network) -> frozenset[Quantity]:
    """Return the derivatives by weights that are 0 whatever the numbers are: no path leads there.

    A path ends where a function is flat everywhere, as sign and detach are.
    """
    found: set[str] = set()
    for each in assemble(network).backward:
        alive = [term for term in each.terms if term.starts or term.upstream not in found]
        used = [] if each.terms else names_in(each.expression)
        if not alive and found.issuperset(used):
            found.add(each.name)
    return frozenset(map(parsed, found))


def units_that_may_die(network: Network) -> tuple[Equation, ...]:
    """Return the equations of units that pass nothing on over a whole range, such as relu."""
    equations = lower(network)
    judged = dependents(equations, network.targets) | {loss_name(network)}
    return tuple(each for each in equations if each.name not in judged and _may_die(each, network))


def _may_die(equation: Equation, network: Network) -> bool:
    """Return True for a function whose derivative is 0 on a whole side, and a value otherwise."""
    call = equation.expression
    if not isinstance(call, Call) or not call.function.exact:
        return False
    if not (call.function.kinks or call.function.convention):
        return False
    moving = [place for place, each in enumerate(call.arguments) if names_in(each)]
    if call.function.variadic and len(moving) != 1:
        return False  # of several values max and min always pass one on
    far = (Number(FAR) if place in moving else each for place, each in enumerate(call.arguments))
    slopes = call_derivatives(replace(call, arguments=tuple(far)), [ZERO], network.conventions)
    return evaluate(slopes[moving[0]], {}) == 0


def _slopes(equation: Equation, network: Network) -> Iterator[Expression]:
    """Yield the derivatives of a unit by what comes in."""
    call = equation.expression
    assert isinstance(call, Call)
    slopes = call_derivatives(call, [Name(equation.name)], network.conventions)
    for argument, slope in zip(call.arguments, slopes, strict=False):
        if names_in(argument):
            yield slope


def dead_units(worked: Calculation) -> Iterator[Quantity]:
    """Yield the units through which nothing flows back in any sample."""
    network = worked.network
    shared = {*network.weights, *network.constants}
    for each in units_that_may_die(network):
        slopes = (_of_sample(slope, mark, shared)
                  for slope in _slopes(each, network) for mark in network.numbers)  # fmt: skip
        if all(evaluate(slope, worked.values) == 0 for slope in slopes):
            yield each.name


def _of_sample(formula: Expression, number: int | None, shared: set[str]) -> Expression:
    names = (name for name in names_in(formula) if name not in shared)
    return replaced(formula, {name: Name(parsed(name).of_sample(number)) for name in names})


def chain(network: Network) -> tuple[Quantity, ...]:
    """Return the activations through which every path from the first weight to the loss leads.

    In a recurrence they are the states, one for each step.
    """
    forward = lower(network)
    weights, last = {*network.weights}, loss_name(network)
    first = next((e.name for e in forward if not weights.isdisjoint(names_in(e.expression))), last)
    ahead: dict[str, int] = {}
    """For each value the number of paths that lead to it, and further down from it to the loss."""
    for each in forward:
        came = sum(ahead.get(name, 0) for name in names_in(each.expression))
        ahead[each.name] = 1 if each.name == first else came
    behind: dict[str, int] = {last: 1}
    for each in reversed(forward):
        for name in names_in(each.expression):
            behind[name] = behind.get(name, 0) + behind.get(each.name, 0)
    own = {*network.activations.values()}
    own |= {each.name for each in forward if each.name.element or _activates(each.expression)}
    kept = [
        each for each in forward if each.name in own and each.name != last
        and ahead[each.name] * behind.get(each.name, 0) == ahead[last] != 0
    ]  # fmt: skip
    sums = {
        name for each in kept
        for part in (each.expression, *getattr(each.expression, "arguments", ())[:1])
        if isinstance(part, Name) for name in names_in(part)
    }  # fmt: skip
    return tuple(each.name for each in kept if each.name not in sums)


def layers(network: Network) -> Iterator[tuple[Quantity | None, tuple[Quantity, ...]]]:
    """Yield the activations of each layer, or the states of each time step, from the first one on.

    Each comes with its name where it is one vector, or one number. A layer holds the activations
    with as many activations before them; states are what later time steps use.
    """
    forward = lower(network)
    whole = whole_names(network.matrices) if network.matrices else {}
    judged = dependents(forward, network.targets) | {loss_name(network)}
    own, made = {*network.activations.values()}, {each.name for each in forward}
    before: dict[str, int] = {}
    depths: dict[int, list[Quantity]] = {}
    states: dict[str, list[Quantity]] = {}
    for each in forward:
        used = [parsed(name) for name in names_in(each.expression) if name in made]
        place = max((before[name] for name in used), default=0)
        active = each.name in own or _activates(each.expression)
        before[each.name] = place + active
        if active and each.name not in judged:
            depths.setdefault(place, []).append(each.name)
        for name in used:
            if each.name.element and name.element and name.element != each.name.element:
                states[whole.get(name, name).stem] = []
    for each in forward:
        stem = whole.get(each.name, each.name).stem
        if stem in states and each.name.element:
            states[stem].append(each.name)
    groups: dict[object, list[Quantity]] = dict(depths.items())
    for state in [*states.values()][:1]:
        groups = {name.element: [n for n in state if n.element == name.element] for name in state}
    for group in groups.values():
        names = {whole.get(name, name) for name in group}
        yield (names.pop() if len(names) == 1 else None), tuple(group)


def _activates(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.function.activation
