"""A target of an export, and how it spells a network's expressions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.equations.calculation import Calculation, formulas
from backcalc.equations.optimizers import Descent
from backcalc.equations.program import Equation, dependents, loss_name, needed
from backcalc.errors import BackcalcError, texts
from backcalc.exporting.lines import identifiers, statement
from backcalc.formulas import expression as tree
from backcalc.formulas.functions import (
    CONVENTIONS,
    FUNCTIONS,
    Formula,
    formula,
    in_basic_functions,
    partials,
)
from backcalc.formulas.notation import Notation, formula_text
from backcalc.formulas.quantity import Derivative

CODE = Notation("code", "*", "{}**{}", "d{}/d{}", str, "", "", digits=17)

LAYOUT = """
F Network after agree ahead at backprop before data forward found functools gradients jax jnp loss
lr math memory net nn np optimizer sample samples self slopes step torch trained updated weights
"""
"""Names that the layouts use themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One row: how a library spells what networks are made of."""

    name: str
    """Its name for `--to`."""
    needs: str
    """The library that runs the code."""
    opening: tuple[str, ...]
    """The lines that come first."""
    functions: Mapping[str, str]
    """Functions of the table that it has, and how they are called."""
    layout: Callable[[ExportedCode], list[list[str]]]
    """The parts of the code: what is given, then the functions, and the figures asserted."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Functions that need lines of their own, with {} for the sign that decides a tie."""
    where: str = ""
    """How one of two values is picked for each sample; empty: Python's own if and else."""
    autograd: bool = False
    """True if the library makes the derivatives."""
    number: str = "{}"
    """A known number."""
    weight: str = "{}"
    """A weight in an equation."""
    plain: bool = False
    """True if an overflow inside a formula is no error."""
    reserved: tuple[str, ...] = ()
    """Further names that must not be hidden."""


def sources(library: str) -> dict[str, str]:
    """Return the lines of the functions that a library lacks, by the names that formulas use."""
    heads = ((head.partition(" "), lines) for head, lines in texts(__package__, "code.txt").items())
    return {name: lines.rstrip("\n") for (own, _, name), lines in heads if own == library}


BUILT = sources("every")
"""Functions that read the same in every library."""

AT_KINKS = {
    ("relu_at_zero", Fraction(1)): "z if z >= 0 else 0",
    ("abs_at_zero", Fraction(1)): "z if z >= 0 else -z",
    ("abs_at_zero", Fraction(-1)): "z if z > 0 else -z",
}
"""Formulas by which a library's own derivatives follow a convention that is not theirs."""


def at_ties(needs: str, where: str) -> dict[str, str]:
    """The sources of max and min for a library whose own share the gradient at a tie."""
    return {
        name: f"def {name}imum(best, *others):\n"
        f"    for each in others:  # at a tie {needs} would share the gradient\n"
        f"        best = {where}(best {sign}{{}} each, best, each)\n    return best"
        for name, sign in (("max", ">"), ("min", "<"))
    }


class ExportedCode:
    """One calculation on its way into one target."""

    def __init__(self, calculation: Calculation, target: Target, plain_names: bool = False) -> None:
        self.calculation, self.target = calculation, target
        self.network = network = calculation.network
        ahead = network.descent.optimizer.ahead
        level = replace(network, descent=Descent()) if ahead else network
        self.forward, self.backward = formulas(level)
        self.helpers: dict[str, str] = {}
        """The functions that the code has to define, in order."""
        self.data = [*network.inputs, *network.targets]
        """The inputs and targets by their own names."""
        made = [equation.name for equation in (*self.forward, *self.backward)]
        known = (*network.weights, *network.constants, *self.data, *made)
        reserved = {*LAYOUT.split(), *FUNCTIONS, "maximum", "minimum", *target.reserved}
        self.names = identifiers(known, reserved | {*network.descent.numbers})
        """The name of each quantity in the code: v0, v1, ... if `plain_names`."""
        if plain_names:
            self.names = {name: f"v{place}" for place, name in enumerate(self.names)}
        self.weights = {self.names[name]: float(value) for name, value in network.weights.items()}
        """The weights' numbers under their names in the code."""
        self.trained = [self.names[n] for n in network.weights if n not in network.frozen]
        """The weights that a step changes, as the code calls them."""
        self.given = [self.names[name] for name in (*network.weights, *self.data)]
        """The weights, inputs and targets, as the code calls them."""
        start = network.descent.start or {}
        states = network.descent.state_names
        self.memory = {self.names[n]: [float(start.get(state, 0)) for state in states(n)]
                       for n in network.weights if n not in network.frozen and start}  # fmt: skip
        """What is remembered of each weight before the step, where the file says so."""
        self.own = loss_name(network)
        """The loss of one sample."""
        self.slopes = {name: Derivative(self.own, name) for name in network.weights}
        """The derivative of one sample's loss by each weight."""
        self.unused = {*network.weights} - needed(self.forward, self.own)
        """The weights that the loss does not depend on."""
        self.several = len(network.samples) > 1
        """True if there are several samples."""
        self.over_samples = f": the {network.reduction} over the samples" if self.several else ""
        """The reduction over several samples, for a docstring."""
        self.library = target.where.partition(".")[0]
        """The target's library in the code: np."""
        if target.where:
            self._check_branches()
        if target.autograd:
            self._check_conventions()

    def columns(self, array: str, number: str = "{}") -> dict[str, str]:
        """The text of each input's and target's numbers: a number, or an array of all samples."""
        found = {}
        for name in self.data:
            numbers = [float(sample[name]) for sample in self.network.samples]
            text = array.format(numbers) if self.several else number.format(numbers[0])
            found[self.names[name]] = text
        return found

    def reduced(self, each: str, template: str, names: Collection[str] = ()) -> str:
        """Values of all samples as one, by the library's mean or sum.

        `each` is a sample's; `names` are the quantities that it may be, the loss unless given.
        """
        reduction = self.network.reduction
        if not self.several:
            return each
        differ = dependents((*self.forward, *self.backward), self.data)
        if reduction == "sum" and not differ.issuperset(names or [self.own]):
            # A sum is of as many as there are samples.
            each = f"({each} + {self.library}.zeros({len(self.network.samples)}))"
        return template.format(reduction, each)

    def called(self, name: str) -> str:
        """A quantity as the code calls it in an equation."""
        own = self.names.get(name, name)
        return self.target.weight.format(own) if name in self.network.weights else own

    def written(self, expression: tree.Expression) -> str:
        """An expression whose names are those of the code."""
        return formula_text(self._spelled(expression), CODE)

    def lines(self, equations: Iterable[Equation]) -> list[str]:
        """A line for each equation; the outputs of one softmax share theirs."""
        lines: list[str] = []
        done: set[str] = set()
        for equation in equations:
            if equation.name in done:
                continue
            call, names = equation.expression, equation.siblings or (equation.name,)
            if self.target.autograd and not tree.names_in(call):  # a library needs an array
                number = float(tree.evaluate(call, {}))
                lines.append(f"{self.names[equation.name]} = {self.library}.asarray({number})")
                continue
            if isinstance(call, tree.Call) and equation.siblings:
                call = tree.Call(call.function, call.arguments)
            done.update(names)
            alone = isinstance(call, tree.Call) and call.function.outputs and len(names) == 1
            left = ", ".join(self.names[name] for name in names) + "," * alone
            lines += statement(f"{left} = ", self.written(tree.renamed(call, self.called)))
        return lines

    def _spelled(self, node: tree.Expression) -> tree.Expression:
        """The expression with every call by the name that it has in the target."""
        if isinstance(node, tree.Choice) and self.target.where:
            return self._where(node)
        node = tree.rebuilt(node, self._spelled)
        if (
            not isinstance(node, tree.Call)
            or FUNCTIONS.get(node.function.name) is not node.function
        ):
            return node
        if node.function.name == "identity":
            return node.arguments[0]
        if self.target.name == "torch" and not tree.names_in(node):
            return tree.Number(tree.evaluate(node, {}))  # its functions take tensors only
        output = None if node.output is None else node.output - 1  # counted from 0
        return tree.Call(called(self._function(node.function)), node.arguments, output)

    def _where(self, node: tree.Choice) -> tree.Expression:
        """A choice for each sample, or the one that is always taken."""
        condition = node.condition
        left, right = self._spelled(condition.left), self._spelled(condition.right)
        if not tree.names_in(left) and not tree.names_in(right):
            holds = tree.RELATIONS[condition.relation](
                tree.evaluate(left, {}), tree.evaluate(right, {})
            )
            return self._spelled(node.then if holds else node.otherwise)
        text = formula_text(tree.Comparison(left, condition.relation, right), CODE)
        sides = (self._spelled(node.then), self._spelled(node.otherwise))
        return tree.Call(called(self.target.where), (tree.Name(text), *sides))

    def _function(self, function: tree.Function) -> str:
        """Return the name of a function; define it if the target has none."""
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
            source = source.replace("{}", "=" if convention else "") if source else None
            self.helpers[own] = source or self._defined(name)  # after those that it uses
        return own

    def _defined(self, name: str) -> str:
        """The lines of a function that follow from its row."""
        row = FUNCTIONS[name]
        call = tree.Call(row, tuple(map(tree.Name, row.parameters)))
        basic = in_basic_functions(call, plain=self.target.plain)
        assert basic is not None, f"{self.target.name} needs a spelling of {name}"
        lines = textwrap.indent("\n".join(statement("return ", self.written(basic))), "    ")
        stable = isinstance(row.value, Formula) and row.value.plain
        if stable and not self.target.plain:
            lines = f"    # below this bound the first formula would overflow\n{lines}"
        return f"def {name}({', '.join(row.parameters)}):\n{lines}"

    # What a target cannot say.

    def _check_conventions(self) -> None:
        """A library's own derivatives are those of one side of a kink or the other."""
        can = {*AT_KINKS, ("first_at_tie", Fraction(0))}
        for equation in self.forward:
            for call in tree.walk(equation.expression):
                name = call.function.convention if isinstance(call, tree.Call) else None
                value = self.network.conventions[name] if name else None
                if name and value != CONVENTIONS[name].default and (name, value) not in can:
                    message = f"{self.target.name} cannot say {name} = {value} of {equation.name}"
                    raise BackcalcError(message, hint="--to numpy and --to python can")

    def _check_branches(self) -> None:
        """A library works out both sides of a choice, so both need a value and derivatives."""
        values, conventions = dict(self.calculation.values), self.network.conventions
        for equation in self.calculation.program.forward:
            choices = (
                node for node in tree.walk(equation.expression) if isinstance(node, tree.Choice)
            )
            try:
                for side in (side for node in choices for side in (node.then, node.otherwise)):
                    for expression in (side, *partials(side, (), conventions).values()):
                        tree.evaluate(expression, values)
            except (ArithmeticError, ValueError):
                message = (
                    f"{self.target.name} works out both sides of a choice, and one in"
                    f" {equation.name} = {formula_text(equation.expression)[:200]} is undefined"
                )
                raise BackcalcError(message, hint="--to python takes only one") from None


def called(name: str) -> tree.Function:
    """A function that is only a name."""
    return tree.Function(name, ("z...",), float, "1", None)
