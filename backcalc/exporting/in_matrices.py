"""Exports in matrix form: the code that a student would write, to NumPy, PyTorch and JAX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from backcalc.equations.derivation import distributions
from backcalc.equations.matrix_form import MatrixForm, elements_called, matrix_gradients
from backcalc.equations.optimizers import RATE
from backcalc.errors import texts
from backcalc.exporting.lines import bracketed, defined, identifiers, indented, mapping, statement
from backcalc.exporting.target import LAYOUT, ExportedCode, called
from backcalc.formulas.expression import (
    TWO,
    Call,
    Expression,
    Name,
    Operation,
    Power,
    evaluate,
    rebuilt,
    renamed,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import (
    SCALAR,
    Row,
    Shape,
    Shapes,
    elements_of,
    nested,
    operation,
    settings_of,
    shape_of,
    steps_of,
    windows,
)
from backcalc.formulas.quantity import Derivative, parsed

PREFIX = {"numpy": "np", "jax": "jnp", "torch": "torch"}
"""How each target spells its library; the others have no matrices."""

KEPT = ("@", ".T", "index", "upright")  # operations that all targets write with the same signs

CALLS = {
    "sum": "sum", "mean": "mean", "variance": "var", "max": "max", "min": "min",
    "trace": "trace", "outer": "outer", "reshape": "reshape", "concat": "concatenate",
    "spread": "broadcast_to", "eye": "eye",
}  # fmt: skip
"""Operations that the libraries have under these names."""
IN_TORCH = {"concat": "cat", "max": "amax", "min": "amin"}
ALONG = ("sum", "mean", "variance", "max", "min")
TIES = ("max", "min", "max_pool")
"""What shares the gradient at a tie in a library that makes the derivatives itself."""

HELPERS = {
    name: (needs.split(), lines.rstrip("\n"))
    for head, lines in texts(__package__, "code.txt").items()
    for name, _, needs in [head.partition(": ")]
}
"""The functions that code in matrix form may define: those that each one calls, and its lines."""
SLIDING = ("conv", "full_conv", "correlation", "max_pool", "mean_pool", "max_unpool", "mean_unpool")
"""What slides along an image; NumPy has none of them."""

BUILT_IN = {"softmax", "log_softmax"}  # those that PyTorch and JAX have

FLOATS = {"numpy": "np.array({})", "jax": "jnp.array({})", "torch": "torch.tensor({})"}


def matrix_layout(code: ExportedCode) -> list[list[str]] | None:
    """Return the parts of code in matrix form; None where only scalars can say it."""
    network, target = code.network, code.target
    form = network.matrices
    plain = not network.frozen and network.descent.plain and len(network.samples) == 1
    if form is None or not form.elements or target.name not in PREFIX or not plain:
        return None
    writer = _MatrixCode(code, form)
    lines = [(line.name, line.expression) for line in form.lines]
    gradients = matrix_gradients(form, network.conventions, distributions=distributions(network))
    back = [] if target.autograd else [(line.name, line.expression) for line in gradients]
    if not all(writer.can_say(expression) for _, expression in (*lines, *back)):
        return None
    return writer.parts(lines, back)


class _MatrixCode:
    """A network in matrix notation on its way into one target."""

    def __init__(self, code: ExportedCode, form: MatrixForm) -> None:
        self.code, self.form = code, form
        self.target, self.library = code.target, PREFIX[code.target.name]
        gradients = matrix_gradients(form, code.network.conventions)
        self.shapes: Shapes = {**form.shapes, **{line.name: line.shape for line in gradients}}
        known = [*form.weights, *form.constants, *form.inputs, *form.targets]
        known += [line.name for line in (*form.lines, *gradients)]
        reserved = {*LAYOUT.split(), *FUNCTIONS, *HELPERS, "maximum", "minimum"}
        self.names = identifiers(known, {*reserved, *code.target.reserved})

    def can_say(self, expression: Expression) -> bool:
        known = {*KEPT, *CALLS, "dot", "norm", *HELPERS}
        for node in walk(expression):
            if isinstance(node, Operation) and node.row.name not in known:
                return False
            if self.target.autograd and isinstance(node, Operation) and self.tied(node):
                return False
        return True

    def tied(self, node: Operation) -> bool:
        """True if two elements share a gradient, for which each library has its own convention."""
        if node.row.name not in TIES:
            return False
        values = self.code.calculation.values
        name = "min" if node.row.name == "min" else "max"
        for element in elements_of(node, self.form.elements).elements:
            if isinstance(element, Call) and element.function.name == name:
                numbers = [evaluate(each, values) for each in element.arguments]
                if numbers.count({"min": min, "max": max}[name](numbers)) > 1:
                    return True
        return False

    def written(self, expression: Expression) -> str:
        return self.code.written(renamed(self.spelled(expression), self.named))

    def named(self, name: str) -> str:
        return self.names.get(name, name)

    def spelled(self, node: Expression) -> Expression:
        """A formula whose operations are called as in the target."""
        inner = rebuilt(node, self.spelled)
        if not isinstance(node, Operation) or not isinstance(inner, Operation):
            return inner
        name, settings = node.row.name, settings_of(node)
        own = [shape_of(each, self.shapes) for each in node.arguments]
        if name == "@":
            return self.product(inner, own)
        if name == ".T":
            return inner if len(own[0]) == 2 else inner.arguments[0]
        if name in KEPT:
            return inner
        if name == "dot":
            return Operation(operation("@"), inner.arguments)
        if name == "norm":
            squares = Power(inner.arguments[0], TWO)
            return self.call("sqrt", self.call("sum", squares, *self.along(settings)))
        arguments = [*inner.arguments]
        if name == "concat":
            parts = (self.code.written(renamed(each, self.named)) for each in arguments)
            joined = f"({', '.join(parts)})"
            axis = [f"axis={settings['axis']}"] if settings["axis"] else []
            return self.call(self.own_name(name), Name(joined), *map(Name, axis))
        if name == "eye":
            return self.call("eye", Name(str(settings["size"])))
        if name in ("reshape", "spread"):
            shape = shape_of(node, self.shapes)
            return self.call(CALLS[name], *arguments, Name(_shape_text(shape)))
        if name in CALLS:
            words = self.along(settings) if name in ALONG else []
            if name == "variance" and self.library == "torch":
                words.append(Name("correction=0"))
            return self.call(self.own_name(name), *arguments, *words)
        if name in SLIDING:
            return self.sliding(name, arguments, settings, own)
        return self.helped(name, arguments, settings)

    def product(self, node: Operation, shapes: Sequence[Shape]) -> Expression:
        """A product; of a column and a row the outer one, as the libraries' vectors do not lie."""
        first, second = shapes
        left, right = node.arguments
        if len(first) == 1 and not isinstance(first, Row) and isinstance(second, Row):
            return self.call("outer", left, right)
        column = len(first) == 1 and not isinstance(first, Row)
        if column and len(second) == 2 and first[0] != second[0]:
            left = Operation(operation("upright"), (left,), (("axis", 1),))
        if isinstance(second, Row) and len(first) == 2:
            right = self.call("reshape", right, Name(f"(1, {second[0]})"))
        return Operation(node.row, (left, right))

    def own_name(self, name: str) -> str:
        return IN_TORCH.get(name, CALLS[name]) if self.library == "torch" else CALLS[name]

    def sliding(
        self,
        name: str,
        arguments: list[Expression],
        settings: Mapping[str, object],
        own: Sequence[Shape],
    ) -> Expression:
        """A call of what slides along an image: convolution, pooling, and their derivatives."""
        shape = settings.get("shape")
        image = shape if isinstance(shape, Shape) else own[0]
        words = [] if shape is None or name == "max_unpool" else [_shape_text(image)]
        if name in ("conv", "full_conv", "correlation"):
            sizes = [*steps_of(image if name == "correlation" else own[1], settings)]
        else:
            sizes = [*windows(own[1] if name == "max_unpool" else image, settings)]
        self.helper(name)
        words += [_shape_text(Shape(each)) for each in sizes]
        return Call(called(name), (*arguments, *map(Name, words)))

    def along(self, settings: Mapping[str, object]) -> list[Expression]:
        words: list[Expression] = []
        if settings.get("axis") is not None:
            words.append(Name(f"axis={settings['axis']}"))
        if settings.get("keep"):
            words.append(Name("keepdims=True"))
        return words

    def call(self, name: str, *arguments: Expression) -> Expression:
        return Call(called(f"{self.library}.{name}"), arguments)

    def helped(
        self, name: str, arguments: list[Expression], settings: Mapping[str, object]
    ) -> Expression:
        """A call of a function that the code defines, or that only some libraries have."""
        if name in BUILT_IN and self.target.autograd:
            prefix = "torch" if self.library == "torch" else "jax.nn"
            return Call(called(f"{prefix}.{name}"), (*arguments, Name(f"axis={settings['axis']}")))
        self.helper(name)
        words: list[Expression] = []
        if settings.get("axis", -1) not in (-1, None):
            words.append(Name(f"axis={settings['axis']}"))
        if "eps" in settings:
            assert isinstance(settings["eps"], Fraction | int)
            words.append(Name(repr(float(settings["eps"]))))
        if name == "placed":
            shape = settings["shape"]
            assert isinstance(shape, Shape)
            at = Operation(operation("index"), (Name("np.s_"),), (("at", settings["at"]),))
            words += [Name(_shape_text(shape)), at]
        return Call(called(name), (*arguments, *words))

    def helper(self, name: str) -> None:
        """Let the code define a function, after those that it calls."""
        native = f"{self.library} {name}"
        needs, source = HELPERS.get(native) or HELPERS[name]
        for each in needs:
            self.helper(each)
        if native not in HELPERS:
            source = re.sub(r"np\.(?!ndindex)", f"{self.library}.", source)
        if self.library == "torch":
            source = source.replace("x.var(", "x.var(correction=0, ")
        self.code.helpers.setdefault(f"matrix {name}", source)

    def figures(self, name: str, missing: float | None = None) -> Any:
        """The numbers of a quantity of the calculation, as nested lists."""
        values = self.code.calculation.values
        quantity = parsed(name)
        own = elements_called(quantity, self.form.shapes)
        base = (quantity.by if isinstance(quantity, Derivative) else quantity).at_step(0)
        numbers = [float(values[each] if missing is None else values.get(each, missing))
                   for each in own]  # fmt: skip
        return nested(numbers, self.form.shapes.get(base, SCALAR))

    def array(self, name: str) -> str:
        return FLOATS[self.target.name].format(self.figures(name))

    def equations(self, lines: Sequence[tuple[str, Expression]]) -> Iterator[str]:
        for name, expression in lines:
            text = self.written(expression)
            shape, own = self.shapes.get(name, SCALAR), shape_of(expression, self.shapes)
            if tuple(own) != tuple(shape):
                text = f"{self.library}.broadcast_to({text}, {_shape_text(shape)})"
            yield from statement(f"{self.names[name]} = ", text)

    def parts(
        self, lines: Sequence[tuple[str, Expression]], back: Sequence[tuple[str, Expression]]
    ) -> list[list[str]]:
        """What is given, then the functions, and the figures asserted."""
        form, names = self.form, self.names
        given: list[str] = []
        for name in (*form.inputs, *form.targets, *form.constants):
            given += _assigned(names[name], self.array(name))
        weights = {names[name]: self.array(name) for name in form.weights}
        if self.library == "torch":
            weights = {name: f"{text[:-1]}, requires_grad=True)" for name, text in weights.items()}
        given += ["weights = {"]
        for name, text in weights.items():
            given += indented(_assigned(f'"{name}": ', text, "", ","))
        given += ["}", f"lr = {float(self.code.calculation.values[RATE])}"]
        parameters = [names[name] for name in form.weights]
        forward, loss = [*self.equations(lines)], names[form.loss]
        if self.target.autograd:
            function = defined("loss", parameters, "The loss.", [*forward, f"return {loss}"])
        else:
            slopes = {
                names[name]: names.get(Derivative(form.loss, name), f"np.zeros_like({names[name]})")
                for name in form.weights
            }
            body = ["# forward", *forward, "# backward", *self.equations(back)]
            body += mapping(f"return {loss}, ", slopes)
            meaning = "The loss, and its derivative by each weight."
            function = defined("backprop", parameters, meaning, body)
        main = [
            'if __name__ == "__main__":',
            *indented([*_code(f"{self.library} step"), *self.expected()]),
        ]
        return [given, function, _code("agree"), main]

    def expected(self) -> Iterator[str]:
        form, names = self.form, self.names
        first = self.code.calculation.rounds[0]
        yield "# What backcalc works out."
        losses = {"before": first.loss_before, "after": first.loss_after}
        texts = {name: repr(float(value)) for name, value in losses.items()}
        yield from mapping('agree("the loss", found, ', texts, ")")
        for what, found in (("the gradient by", "slopes"), ("the new", "after")):
            yield f'agree("{what}", {found}, {{'
            for name in form.weights:
                wanted = Derivative(form.loss, name) if found == "slopes" else parsed(name).after(1)
                text = repr(self.figures(wanted, 0.0 if found == "slopes" else None))
                yield from indented(_assigned(f'"{names[name]}": ', text, "", ","))
            yield "})"
        yield 'print("all figures agree")'


def _code(name: str) -> list[str]:
    return HELPERS[name][1].splitlines()


def _assigned(name: str, text: str, sign: str = " = ", end: str = "") -> list[str]:
    """A line that gives an array, a line for each of its rows where it is long."""
    line = f"{name}{sign}{text}{end}"
    if len(line) <= WIDTH:
        return [line]
    before, _, rest = text.partition("[")
    inside, _, after = rest.rpartition("]")
    if "], [" not in text:  # one row, folded
        return bracketed(f"{name}{sign}{before}[", inside.split(", "), f"]{after}{end}")
    rows = inside[1:-1].split("], [")
    return [f"{name}{sign}{before}[", *(f"    [{row}]," for row in rows), f"]{after}{end}"]


WIDTH = 84


def _shape_text(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
