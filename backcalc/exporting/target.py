"""What a target of an export is, and how it spells a network's expressions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from backcalc.equations.calculation import Calculation, formulas
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, dependents, loss_name, needed
from backcalc.errors import BackcalcError
from backcalc.exporting.lines import assigned, returned
from backcalc.exporting.names import identifiers
from backcalc.formulas.calculus import partials
from backcalc.formulas.expression import (
    RELATIONS,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Name,
    Number,
    Scalar,
    evaluate,
    names_in,
    rebuilt,
    renamed,
    walk,
)
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS, Formula, formula, in_basic_functions
from backcalc.formulas.notation import Notation, formula_text
from backcalc.formulas.quantity import Derivative

CODE = Notation("code", "*", "{}**{}", "d{}/d{}", str, "", "", digits=17)

LAYOUT = """
F Network after agree backprop before data forward found functools gradients jax jnp loss lr math
memory net nn np optimizer sample samples self slopes step torch trained updated weights
"""
"""Names that the layouts use themselves."""


class Layout:
    """The parts of the code, after its opening."""

    def __init__(self, given: list[str], *functions: list[str]) -> None:
        self.given, self.functions = given, functions


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One row: how a library spells what networks are made of."""

    name: str
    """What `--to` calls it."""
    needs: str
    """What runs the code."""
    opening: tuple[str, ...]
    """The lines that come first."""
    functions: Mapping[str, str]
    """Functions of the table that it has, and how they are called."""
    layout: Callable[[Code], Layout]
    """The lines that compute the loss, the gradients and the step, and assert the figures."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Functions that need lines of their own, with {} for the sign that decides a tie."""
    where: str = ""
    """How one of two values is picked for each sample; empty: Python's own if and else."""
    autograd: bool = False
    """Whether derivatives are the library's own."""
    number: str = "{}"
    """A known number."""
    weight: str = "{}"
    """What an equation calls a weight."""
    plain: bool = False
    """Whether an overflow inside a formula is no error."""
    reserved: tuple[str, ...] = ()
    """Further names that must not be hidden."""


BUILT = {
    "mean": "def mean(*z):\n    return sum(z)/len(z)",
    "product": "def product(*z):\n    return math.prod(z)",
    "variance": "def variance(*z):\n    middle = sum(z)/len(z)\n"
    "    return sum((each - middle)**2 for each in z)/len(z)",
}
"""Functions that read the same in every library."""

AT_KINKS = {
    ("relu_at_zero", Fraction(1)): "z if z >= 0 else 0",
    ("abs_at_zero", Fraction(1)): "z if z >= 0 else -z",
    ("abs_at_zero", Fraction(-1)): "z if z > 0 else -z",
}
"""What gives a library's own derivatives the convention that is not theirs."""


class Code:
    """One calculation on its way into one target."""

    def __init__(self, calculation: Calculation, target: Target) -> None:
        self.calculation, self.target = calculation, target
        self.network: Network = calculation.network
        self.forward, self.backward = formulas(self.network)
        self.helpers: dict[str, str] = {}
        """The functions that the code has to define, in order."""
        network = self.network
        known = [*network.weights, *network.constants, *network.inputs, *network.targets]
        made = [equation.name for equation in (*self.forward, *self.backward)]
        reserved = {*LAYOUT.split(), *FUNCTIONS, "maximum", "minimum", *target.reserved}
        self.names = identifiers((*known, *made), reserved | {*network.descent.numbers})
        if target.where:
            self._check_branches()
        if target.autograd:
            self._check_conventions()

    # What is in it.

    @property
    def several(self) -> bool:
        """Whether there are several samples."""
        return len(self.network.samples) > 1

    @property
    def weights(self) -> dict[str, float]:
        """The weights' numbers under their names in the code."""
        return {self.names[name]: float(value) for name, value in self.network.weights.items()}

    @property
    def data(self) -> list[str]:
        """The inputs and targets by their own names."""
        return [*self.network.inputs, *self.network.targets]

    @property
    def trained(self) -> list[str]:
        """The weights that a step changes, as the code calls them."""
        frozen = self.network.frozen
        return [self.names[name] for name in self.network.weights if name not in frozen]

    def sampled(self, name: str) -> bool:
        """Whether a value differs by sample."""
        return name in dependents((*self.forward, *self.backward), self.data)

    @property
    def losses(self) -> list[str]:
        """What one sample's loss is called."""
        return [loss_name(self.network)]

    @property
    def slopes(self) -> list[str]:
        """What the derivatives of one sample's loss by the weights are called."""
        own = loss_name(self.network)
        return [Derivative(own, name) for name in self.network.weights]

    @property
    def over_samples(self) -> str:
        """What becomes of several samples, for a docstring."""
        return f": the {self.network.reduction} over the samples" if self.several else ""

    @property
    def library(self) -> str:
        """What the code calls the target's library."""
        return self.target.where.partition(".")[0]

    @property
    def unused(self) -> set[str]:
        """The weights that the loss does not depend on."""
        return {*self.network.weights} - needed(self.forward, loss_name(self.network))

    def reduced(self, each: str, names: Iterable[str], template: str) -> str:
        """Values of all samples as one, by the library's mean or sum."""
        reduction = self.network.reduction
        if not self.several:
            return each
        if reduction == "sum" and not all(map(self.sampled, names)):  # as many as samples
            each = f"({each} + {self.library}.zeros({len(self.network.samples)}))"
        return template.format(reduction, each)

    # Expressions.

    def text(self, expression: Expression) -> str:
        """An expression as the target writes it, in the names of the code."""

        def called(name: str) -> str:
            own = self.names.get(name, name)
            return self.target.weight.format(own) if name in self.network.weights else own

        return self.written(renamed(expression, called))

    def written(self, expression: Expression) -> str:
        """An expression whose names are those of the code."""
        return formula_text(self._spelled(expression), CODE)

    def lines(self, equations: Iterable[Equation], prefix: str = "") -> list[str]:
        """A line for each equation; the outputs of one softmax share theirs."""
        lines: list[str] = []
        done: set[str] = set()
        for equation in equations:
            if equation.name in done:
                continue
            call, names = equation.expression, equation.siblings or (equation.name,)
            if self.target.autograd and not names_in(call):
                lines += [f"{prefix}{self.names[names[0]]} = {self._alone(call)}"]
                continue
            if isinstance(call, Call) and equation.siblings:
                call = Call(call.function, call.arguments)
            done.update(names)
            left = ", ".join(self.names[name] for name in names)
            lines += assigned(f"{prefix}{left}", self.text(call))
        return lines

    def _alone(self, number: Expression) -> str:
        """A number that a library differentiates as it does any other value."""
        return f"{self.library}.asarray({float(evaluate(number, {}))!r})"

    def _spelled(self, node: Expression) -> Expression:
        """The expression with every call by the name that it has in the target."""
        if isinstance(node, Choice) and self.target.where:
            return self._where(node)
        node = rebuilt(node, self._spelled)
        if not isinstance(node, Call):
            return node
        if node.function.name == "identity":
            return node.arguments[0]
        if self.target.name == "torch" and not names_in(node):
            return Number(evaluate(node, {}))  # its functions take tensors only
        output = None if node.output is None else node.output - 1  # counted from 0
        return Call(_called(self._function(node.function)), node.arguments, output)

    def _where(self, node: Choice) -> Expression:
        """A choice for each sample, or the one that is always taken."""
        condition = node.condition
        left, right = self._spelled(condition.left), self._spelled(condition.right)
        if not names_in(left) and not names_in(right):
            holds = RELATIONS[condition.relation](evaluate(left, {}), evaluate(right, {}))
            return self._spelled(node.then if holds else node.otherwise)
        text = formula_text(Comparison(left, condition.relation, right), CODE)
        sides = (self._spelled(node.then), self._spelled(node.otherwise))
        return Call(_called(self.target.where), (Name(text), *sides))

    def _function(self, function: Function) -> str:
        """What a function is called; one that the target has not is defined."""
        name, target = function.name, self.target
        settled = function.convention or ""
        convention = self.network.conventions.get(settled, Fraction(0))
        kink = AT_KINKS.get((settled, convention))
        if target.autograd and kink:
            text = self.written(formula(kink))
            self.helpers[name] = f"def {name}(z):\n    return {text}"
            return name
        if name in target.functions:
            return target.functions[name]
        own = {"max": "maximum", "min": "minimum"}.get(name, name)
        if own not in self.helpers:
            source = target.sources.get(name) or BUILT.get(name)
            self.helpers[own] = (
                source.replace("{}", "=" if convention else "") if source else self._defined(name)
            )
            self.helpers[own] = self.helpers.pop(own)  # after those that it uses
        return own

    def _defined(self, name: str) -> str:
        """The lines of a function that follow from its row."""
        row = FUNCTIONS[name]
        call = Call(row, tuple(map(Name, row.parameters)))
        basic = in_basic_functions(call, plain=self.target.plain)
        assert basic is not None, f"{self.target.name} needs a spelling of {name}"
        lines = textwrap.indent("\n".join(returned(self.written(basic))), "    ")
        stable = isinstance(row.value, Formula) and row.value.plain
        if stable and not self.target.plain:
            lines = f"    # below this bound the first formula would overflow\n{lines}"
        return f"def {name}({', '.join(row.parameters)}):\n{lines}"

    # What a target cannot say.

    def _check_conventions(self) -> None:
        """A library's own derivatives are those of one side of a kink or the other."""
        can = {*AT_KINKS, ("first_at_tie", Fraction(0))}
        for equation in self.forward:
            for call in walk(equation.expression):
                name = call.function.convention if isinstance(call, Call) else None
                if name is None or (name, self.network.conventions[name]) in can:
                    continue
                value = self.network.conventions[name]
                if value != CONVENTIONS[name].default:
                    message = f"{self.target.name} cannot say {name} = {value} of {equation.name}"
                    raise BackcalcError(message, hint="--to numpy and --to python can")

    def _check_branches(self) -> None:
        """A library works out both sides of a choice, so both need a value and derivatives."""
        values = dict(self.calculation.values)
        for equation in self.calculation.program.forward:
            for node in walk(equation.expression):
                if not isinstance(node, Choice):
                    continue
                try:
                    _try_out(node.then, values, self.network)
                    _try_out(node.otherwise, values, self.network)
                except (ArithmeticError, ValueError):
                    message = (
                        f"{self.target.name} works out both sides of a choice, and one in"
                        f" {equation.name} = {formula_text(equation.expression)[:200]} is undefined"
                    )
                    raise BackcalcError(message, hint="--to python takes only one") from None


def _called(name: str) -> Function:
    """A function that is only a name."""
    return Function(name, ("z...",), float, "1", None)


def _try_out(side: Expression, values: Mapping[str, Scalar], network: Network) -> None:
    for expression in (side, *partials(side, (), network.conventions).values()):
        evaluate(expression, values)
