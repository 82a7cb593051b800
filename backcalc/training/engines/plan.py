"""Equations as a graph of operations, each done once, with all that is known folded in.

It follows the evaluator step by step, so that its figures are the evaluator's: numbers of the file
stay exact until they meet a float, sums and products go from the left. Only a zero's sign is free.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from backcalc.equations.network import Network
from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.equations.program import TOTAL, Equation
from backcalc.formulas.expression import (
    RELATIONS,
    TWO,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Scalar,
    Sum,
    apply,
    bounded,
    evaluate,
    names_in,
    walk,
)
from backcalc.formulas.functions import in_basic_functions
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.training.engines.engine import Batches
from backcalc.training.engines.equations import InFloats

UNDEFINED = (ArithmeticError, ValueError)  # the errors of arithmetic that has no answer


class Node(NamedTuple):
    """One operation, an input, or something known before the first epoch."""

    kind: str
    """`known`, `input`, `+ - * /`, `neg`, `pow`, a basic function's name, or a relation for a
    choice: left, right, then, otherwise."""
    of: tuple[int, ...] = ()
    """The operands by their places in the graph, all of them earlier."""
    name: str = ""
    """An input's name; of what is known which numbers are exact."""
    values: tuple[Scalar, ...] = ()
    """Known numbers: one, or one for each sample."""


EXTREMES = {"max": ">=", "min": "<="}
"""The functions whose value is one of their arguments, and when they keep an earlier one."""

NOUGHT = Node("known", (), "=", (Fraction(0),))


class NodeGraph:
    """Operations in an order in which each uses only earlier ones.

    A hasty one takes shorter ways that fail, or are found out by its checks, where the full way may
    have an answer; whatever fails is then computed again with care.
    """

    def __init__(self, *, hasty: bool = False) -> None:
        self.hasty = hasty
        self.checks: list[int] = []
        """Places of values that must not be zero in a hasty graph."""
        self.nodes: list[Node] = []
        self.places: dict[Node, int] = {}
        self.calls: dict[tuple[str, int | None, tuple[int, ...]], int] = {}

    def place(self, node: Node) -> int:
        """Where a node stands, added if it is new."""
        found = self.places.get(node)
        if found is None:
            found = self.places[node] = len(self.nodes)
            self.nodes.append(node)
        return found

    def input(self, name: str) -> int:
        """The place of a value that is given only as the code runs."""
        return self.place(Node("input", name=name))

    def known(self, *values: Scalar) -> int:
        """A number, or one for each sample; they stay exact."""
        if len({(type(value), value) for value in values}) == 1:
            values = values[:1]
        exact = "".join("f="[type(value) is Fraction] for value in values)
        return self.place(Node("known", name=exact, values=values))

    def build(self, expression: Expression, meaning: Mapping[str, int]) -> int:
        """The place of an expression's value; `meaning` says where its names stand."""
        match expression:
            case Number(value):
                return self.known(value)
            case Name(name):
                return meaning[name]
            case Sum(terms):
                return self._sum(terms, meaning)
            case Product(factors):
                return self._product(factors, meaning)
            case Negation(operand):
                return self._negated(self.build(operand, meaning))
            case Inverse(operand):
                return self.operation("/", self.known(Fraction(1)), self.build(operand, meaning))
            case Power(base, exponent):
                return self._power(self.build(base, meaning), exponent, meaning)
            case Call():
                return self._call(expression, meaning)
            case Choice():
                return self._choice(expression, meaning)
        raise TypeError(f"{expression} has no number, only its elements have")

    def _sum(self, terms: Sequence[Expression], meaning: Mapping[str, int]) -> int:
        total = self.known(Fraction(0))
        for term in terms:
            if isinstance(term, Negation):
                total = self.operation("-", total, self.build(term.operand, meaning))
            else:
                total = self.operation("+", total, self.build(term, meaning))
        return total

    def _product(self, factors: Sequence[Expression], meaning: Mapping[str, int]) -> int:
        total = self.known(Fraction(1))
        nought, divisors = False, []
        for factor in factors:
            if isinstance(factor, Inverse):
                divisors.append(self.build(factor.operand, meaning))
                total = self.operation("/", total, divisors[-1])
            else:
                place = self.build(factor, meaning)
                nought = nought or self.nodes[place] == NOUGHT
                total = self.operation("*", total, place)
        # An exact zero times anything that has a value is zero.
        if not nought or not all(_total(factor, self.hasty) for factor in factors):
            return total
        self.checks += [place for place in divisors if self.nodes[place].kind != "known"]
        return self.known(Fraction(0))

    def total(self, places: Sequence[int]) -> int:
        """Values added from the left."""
        first, *others = places
        for place in others:
            first = self.operation("+", first, place)
        return first

    def operation(self, kind: str, left: int, right: int) -> int:
        """Two values added, subtracted, multiplied or divided."""
        folded = self._folded(_FOLD[kind], left, right)
        if folded is not None:
            return folded
        if kind in "+-" and self._is(left, 0):
            return right if kind == "+" else self._negated(right)
        if self._is(right, 0 if kind in "+-" else 1):
            return left
        if kind == "*" and self._is(left, 1):
            return right
        if kind in "*/" and self._is(right, -1):
            return self._negated(left)
        if kind == "*" and self._is(left, -1):
            return self._negated(right)
        if kind == "/" and (inverse := _exact_inverse(self.nodes[right])):
            kind, right = "*", self.known(inverse)
        if kind == "+" and self.nodes[right].kind == "neg":  # a + (-b) is a - b
            kind, (right,) = "-", self.nodes[right].of
        return self.place(Node(kind, (left, right)))

    def _negated(self, place: int) -> int:
        folded = self._folded(operator.neg, place)
        if folded is not None:
            return folded
        node = self.nodes[place]
        return node.of[0] if node.kind == "neg" else self.place(Node("neg", (place,)))

    def _power(self, base: int, exponent: Expression, meaning: Mapping[str, int]) -> int:
        if exponent == TWO:
            return self.operation("*", base, base)
        power = self.build(exponent, meaning)
        folded = self._folded(lambda b, e: evaluate(Power(Number(b), Number(e)), {}), base, power)
        return self.place(Node("pow", (base, power))) if folded is None else folded

    def _call(self, call: Call, meaning: Mapping[str, int]) -> int:
        places = tuple(self.build(argument, meaning) for argument in call.arguments)
        if call.function.value is float:  # which changes nothing in what is given as the code runs
            return self.rounded(places[0])
        key = call.function.name, call.output, places
        if key not in self.calls:
            self.calls[key] = self._called(call, places)
        return self.calls[key]

    def _called(self, call: Call, places: tuple[int, ...]) -> int:
        """A function of values, in more basic ones where it has such."""
        folded = self._folded(lambda *values: apply(call.function, [*values], call.output), *places)
        if folded is not None:
            return folded
        if relation := EXTREMES.get(call.function.name):
            return self._extreme(relation, places)
        arguments = [f"#{number}" for number in range(len(places))]
        plain = Call(call.function, tuple(map(Name, arguments)), call.output)
        meant = in_basic_functions(plain, plain=self.hasty)
        if meant is None:
            return self.place(Node(call.function.name, places))
        return self.build(meant, dict(zip(arguments, places, strict=True)))

    def _extreme(self, relation: str, places: Sequence[int]) -> int:
        """The greatest or least value, the first one of equals: one choice for each further one."""
        holds = RELATIONS[relation]
        best, *others = places
        for other in others:
            folded = self._folded(lambda a, b: a if holds(a, b) else b, best, other)
            if folded is None and best != other:
                folded = self.place(Node(relation, (best, other, best, other)))
            best = best if folded is None else folded
        return best

    def _choice(self, choice: Choice, meaning: Mapping[str, int]) -> int:
        if names := names_in(choice):
            folded = self._folded(
                lambda *row: evaluate(choice, dict(zip(names, row, strict=True))),
                *(meaning[name] for name in names),
            )
            if folded is not None:
                return folded
        relation = choice.condition.relation
        left, right = (
            self.build(side, meaning) for side in (choice.condition.left, choice.condition.right)
        )
        sides = self.nodes[left], self.nodes[right]
        if all(side.kind == "known" and len(side.values) == 1 for side in sides):
            holds = RELATIONS[relation](sides[0].values[0], sides[1].values[0])
            return self.build(choice.then if holds else choice.otherwise, meaning)
        then, otherwise = (self.build(side, meaning) for side in (choice.then, choice.otherwise))
        if then == otherwise:
            return then
        return self.place(Node(relation, (left, right, then, otherwise)))

    def _is(self, place: int, number: int) -> bool:
        node = self.nodes[place]
        return node.kind == "known" and node.values == (number,)

    def rounded(self, place: int) -> int:
        """A value as a float, where it is known exactly."""
        node = self.nodes[place]
        return place if node.kind != "known" else self.known(*map(float, node.values))

    def _folded(self, operation: Callable[..., Scalar], *places: int) -> int | None:
        """The result of an operation on what is known; None if there is something that is not.

        None too where it has no answer, so that the code that runs has none either.
        """
        nodes = [self.nodes[place] for place in places]
        if any(node.kind != "known" for node in nodes):
            return None
        samples = max(len(node.values) for node in nodes)
        columns = [node.values * (samples // len(node.values)) for node in nodes]
        try:
            return self.known(*(bounded(operation(*row)) for row in zip(*columns, strict=True)))
        except UNDEFINED:
            return None


_FOLD = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def _exact_inverse(node: Node) -> Scalar | None:
    """One over a known power of two: to multiply by it gives the same bits as to divide."""
    if node.kind != "known" or len(node.values) > 1 or not node.values[0]:
        return None
    value = Fraction(node.values[0])
    numbers = abs(value.numerator), value.denominator
    small = all(number & (number - 1) == 0 and number < 2**60 for number in numbers)
    return 1 / value if small else None


_NEVER_FAIL = (Name, Number, Sum, Product, Negation)


def _total(factor: Expression, unless_zero: bool) -> bool:
    """True if a factor has a value whatever its names stand for, or unless it divides by zero."""
    if unless_zero and isinstance(factor, Inverse):
        factor = factor.operand
    return all(isinstance(node, _NEVER_FAIL) for node in walk(factor))


MOST_UNROLLED = 2000
"""Operations up to which the samples of an epoch are written out, each with its own numbers."""
MOST_ALONE = 150_000  # the same where there is one sample

COUNT = "#n"
"""The number of samples in a batch, where it is known only as the code runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """Operations with what goes in and what comes out, by their places in the graph."""

    graph: NodeGraph
    """The operations."""
    inputs: Mapping[str, int]
    """Values that are given as the code runs, by name."""
    results: tuple[int, ...]
    """The results; those of an update: new weights, then what the optimizer remembers."""
    checks: tuple[int, ...] = ()
    """Values that must not be zero, or the results do not hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """The pieces of code that one network needs."""

    network: Network
    batches: Batches
    """How an epoch goes through the samples."""
    trained: tuple[str, ...]
    """The weights that change."""
    remembered: tuple[str, ...]
    """The optimizer's memory."""
    loss: Fragment
    """One sample's loss, or that of all samples where they are written out."""
    epoch: Fragment | None = None
    """A whole epoch, where its samples are written out: an update, after the loss before it."""
    sample: Fragment | None = None
    """Else one sample: the derivative by each trained weight."""
    update: Fragment | None = None
    """Else an update from the samples' sums of derivatives."""

    @property
    def operations(self) -> int:
        """How many operations an epoch takes, about."""
        samples = len(self.network.samples)
        counts = (
            (self.epoch, 1), (self.sample, samples), (self.update, self.batches.each(samples))
        )  # fmt: skip
        return sum(len(piece.graph.nodes) * count for piece, count in counts if piece)

    @property
    def statements(self) -> int:
        """How many operations are written out as code, about."""
        pieces = (self.epoch, self.sample, self.update)
        return sum(len(piece.graph.nodes) for piece in pieces if piece)


class Planner(InFloats):
    """The equations of one network, placed in graphs.

    A hasty plan may fail where the network has an answer after all.
    """

    def __init__(self, network: Network, batches: Batches, *, hasty: bool = True) -> None:
        super().__init__(network, batches)
        self.hasty = hasty

    def plan(self) -> Fragments:
        """Return everything that code has to compute."""
        samples = len(self.network.samples)
        most = MOST_UNROLLED if samples > 1 else MOST_ALONE
        equations = (*self.forward, *self.backward)
        operations = sum(isinstance(n, Name) for e in equations for n in walk(e.expression))
        known = self.network, self.batches, self.trained, self.remembered
        if operations * samples <= most and not (self.batches.shuffled and samples > 1):
            return Fragments(*known, *self.epoch())
        sample, loss = self.sample(range(samples))
        return Fragments(*known, loss, sample=sample, update=self.updated())

    def epoch(self) -> tuple[Fragment, Fragment]:
        """The loss over all samples, and an epoch of all their operations."""
        graph, inputs, meaning = self._start(*self.remembered, RATE, CLOCK, hasty=self.hasty)
        clock, before = inputs[CLOCK], dict(meaning)
        forward: dict[int, dict[str, int]] = {}
        checks: list[int] = []
        for number, batch in enumerate(self.batches.order(len(self.network.samples), 0, 0), 1):
            at = self._moved(graph, meaning)
            own = [self._forward(graph, at, range(place, place + 1)) for place in batch]
            # At another point the loss has to be worked out with the weights before the epoch.
            if number == 1 and not self.points:
                forward |= zip(batch, own, strict=True)
                checks += graph.checks
            own = [self._placed(graph, each, self.backward) for each in own]
            step = graph.total([clock, graph.known(Fraction(number))])
            size = graph.known(Fraction(len(batch)))
            sums = {
                weight: graph.total([graph.rounded(each[self._by(weight)]) for each in own])
                for weight in self.trained
            }
            self._update(graph, meaning | {CLOCK: step}, meaning, sums, size)
        for place in range(len(self.network.samples)):
            if place not in forward:
                done = len(graph.checks)
                forward[place] = self._forward(graph, before, range(place, place + 1))
                checks += graph.checks[done:]
        losses = [graph.rounded(forward[place][self.own_loss]) for place in sorted(forward)]
        total = graph.total(losses)
        if self.network.reduction == "mean":
            total = graph.operation("/", total, graph.known(Fraction(len(losses))))
        loss = Fragment(graph, inputs, (total,), tuple(checks))
        return loss, Fragment(graph, inputs, self._state(meaning), tuple(graph.checks))

    def sample(self, places: range) -> tuple[Fragment, Fragment]:
        """One sample of many: the derivatives of its loss, and its loss."""
        memory = self.remembered if self.points else ()
        graph, inputs, meaning = self._start(*memory, hasty=self.hasty)
        own = self._forward(graph, meaning, places)
        loss = graph.rounded(own[self.own_loss])
        checks = tuple(graph.checks)
        if self.points:
            own = self._forward(graph, self._moved(graph, meaning), places)
        own = self._placed(graph, own, self.backward)
        results = tuple(own[self._by(weight)] for weight in self.trained)
        return (
            Fragment(graph, inputs, results, tuple(graph.checks)),
            Fragment(graph, inputs, (loss,), checks),
        )

    def updated(self) -> Fragment:
        """The state after an update, from sums of derivatives and the number of samples."""
        sums = {weight: self._by(weight) for weight in self.trained}
        graph, inputs, meaning = self._start(*self.remembered, RATE, CLOCK, *sums.values(), COUNT)
        totals = {weight: inputs[name] for weight, name in sums.items()}
        self._update(graph, dict(meaning), meaning, totals, inputs[COUNT])
        return Fragment(graph, inputs, self._state(meaning))

    def _start(
        self, *names: str, hasty: bool = False
    ) -> tuple[NodeGraph, dict[str, int], dict[str, int]]:
        """A graph with the weights and further inputs, and with the numbers that never change."""
        graph = NodeGraph(hasty=hasty)
        inputs = {name: graph.input(name) for name in (*self.network.weights, *names)}
        return graph, inputs, inputs | {n: graph.known(value) for n, value in self.given.items()}

    def _moved(self, graph: NodeGraph, meaning: Mapping[str, int]) -> Mapping[str, int]:
        """What is meant where the gradient is taken."""
        own = self._placed(graph, meaning, self.points)
        return {**meaning, **{weight: own[point] for weight, point in self.ahead.items()}}

    def _by(self, weight: str) -> str:
        return Derivative(self.own_loss, weight)

    def _state(self, meaning: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(meaning[name] for name in (*self.trained, *self.remembered))

    def _forward(
        self, graph: NodeGraph, meaning: Mapping[str, int], places: range
    ) -> dict[str, int]:
        """Every value that the loss needs of one sample, or of one out of these."""
        samples = [self.network.samples[place] for place in places]
        own = dict(meaning)
        for name in (*self.network.inputs, *self.network.targets):
            own[name] = graph.known(*(sample[name] for sample in samples))
        return self._placed(graph, own, self.forward)

    def _placed(
        self, graph: NodeGraph, meaning: Mapping[str, int], equations: tuple[Equation, ...]
    ) -> dict[str, int]:
        own = dict(meaning)
        for equation in equations:
            own[equation.name] = graph.build(equation.expression, own)
        return own

    def _update(
        self, graph: NodeGraph, own: dict[str, int], meaning: dict[str, int],
        sums: Mapping[str, int], size: int,
    ) -> None:  # fmt: skip
        """Give `meaning` the new weights and states, with `own` for what is meant on the way."""
        mean = self.network.reduction == "mean"
        for weight, total in sums.items():
            gradient = graph.operation("/", total, size) if mean else total
            own[Derivative(TOTAL, weight)] = gradient
        own = self._placed(graph, own, self.update)
        for name in (*self.trained, *self.remembered):
            meaning[name] = own[parsed(name).after(1)]
