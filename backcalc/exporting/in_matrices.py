"""Exports in matrix form: the code that a student would write, to NumPy, PyTorch and JAX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from backcalc.equations.derivation import distributions
from backcalc.equations.matrices import MatrixForm, elements_called, matrix_gradients
from backcalc.equations.optimizers import RATE
from backcalc.exporting.lines import (
    bracketed,
    defined,
    identifiers,
    indented,
    mapping,
    statement,
)
from backcalc.exporting.target import LAYOUT, ExportedCode, called
from backcalc.formulas.expression import (
    TWO,
    Call,
    Expression,
    Name,
    Operation,
    Power,
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
    operation,
    settings_of,
    shape_of,
)
from backcalc.formulas.quantity import Derivative, parsed

PREFIX = {"numpy": "np", "jax": "jnp", "torch": "torch"}
"""How each target spells its library; the others have no matrices."""

KEPT = ("@", ".T", "index", "upright")
"""Operations that all targets write with the same signs."""

CALLS = {
    "sum": "sum", "mean": "mean", "variance": "var", "max": "max", "min": "min",
    "trace": "trace", "outer": "outer", "reshape": "reshape", "concat": "concatenate",
    "spread": "broadcast_to", "eye": "eye",
}  # fmt: skip
"""Operations that the libraries have under these names."""
IN_TORCH = {"concat": "cat"}
ALONG = ("sum", "mean", "variance", "max", "min")
TIES = ("max", "min")
"""What shares the gradient at a tie in a library that makes the derivatives itself."""

HELPERS = {
    "softmax": """def softmax(z, axis=-1):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers/powers.sum(axis=axis, keepdims=True)""",
    "log_softmax": """def log_softmax(z, axis=-1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))""",
    "layer_norm": """def layer_norm(x, eps):
    middle, spread = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - middle)/np.sqrt(spread + eps)""",
    "batch_norm": """def batch_norm(x, eps):
    middle, spread = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
    return (x - middle)/np.sqrt(spread + eps)""",
    "placed": """def placed(values, shape, place):
    whole = np.zeros(shape)
    whole[place] = values
    return whole""",
    "is_max": """def is_max(a, axis=None):
    if axis is None:
        return is_max(a.ravel(), 0).reshape(a.shape)
    first = np.expand_dims(a.argmax(axis=axis), axis)
    whole = np.zeros(a.shape)
    np.put_along_axis(whole, first, 1.0, axis)
    return whole""",
    "is_min": """def is_min(a, axis=None):
    return is_max(-a, axis)""",
}
"""The lines of operations that NumPy has not."""

BUILT_IN = {"softmax", "log_softmax"}
"""Those that PyTorch and JAX have."""

FLOATS = {"numpy": "np.array({})", "jax": "jnp.array({})", "torch": "torch.tensor({})"}

AGREE = [
    "def agree(what, found, expected):",
    '    """Every figure is the expected one."""',
    "    for name, figures in expected.items():",
    "        own = np.asarray(found[name])",
    "        assert np.allclose(own, figures, rtol=1e-9, atol=1e-12), (",
    '            f"{what} {name}: {own} instead of {figures}"',
    "        )",
]


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
        reserved = {*LAYOUT.split(), *FUNCTIONS, *HELPERS, "agree", "lr", "slopes", "after"}
        self.names = identifiers(known, {*reserved, "maximum", "minimum", *code.target.reserved})

    def can_say(self, expression: Expression) -> bool:
        """True if the target has every operation of a formula."""
        known = {*KEPT, *CALLS, "dot", "norm", *HELPERS}
        if self.target.autograd:
            known -= {*TIES, "placed", "is_max", "is_min", "spread"}
        for node in walk(expression):
            if isinstance(node, Operation) and node.row.name not in known:
                return False
        return all(len(shape_of(each, self.shapes)) <= 3 for each in walk(expression))

    # Formulas.

    def written(self, expression: Expression) -> str:
        """A formula as the target writes it."""
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
            own_name = IN_TORCH[name] if self.library == "torch" else CALLS[name]
            return self.call(own_name, Name(joined), *map(Name, axis))
        if name == "eye":
            return self.call("eye", Name(str(settings["size"])))
        if name in ("reshape", "spread"):
            shape = shape_of(node, self.shapes)
            return self.call(CALLS[name], *arguments, Name(_shape_text(shape)))
        if name in CALLS:
            words = self.along(settings) if name in ALONG else []
            if name == "variance" and self.library == "torch":
                words.append(Name("correction=0"))
            return self.call(CALLS[name], *arguments, *words)
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

    def along(self, settings: Mapping[str, object]) -> list[Expression]:
        """The axis of a reduction, as far as it is not the usual one."""
        words: list[Expression] = []
        if settings.get("axis") is not None:
            words.append(Name(f"axis={settings['axis']}"))
        if settings.get("keep"):
            words.append(Name("keepdims=True"))
        return words

    def call(self, name: str, *arguments: Expression) -> Expression:
        """A call of a function of the library."""
        return Call(called(f"{self.library}.{name}"), arguments)

    def helped(
        self, name: str, arguments: list[Expression], settings: Mapping[str, object]
    ) -> Expression:
        """A call of a function that the code defines, or that only some libraries have."""
        if name in BUILT_IN and self.target.autograd:
            prefix = "torch" if self.library == "torch" else "jax.nn"
            return Call(called(f"{prefix}.{name}"), (*arguments, Name(f"axis={settings['axis']}")))
        if name == "is_min":
            self.helper("is_max")
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
        """Let the code define a function."""
        source = HELPERS[name].replace("np.", f"{self.library}.")
        if self.library == "torch":
            source = source.replace("x.var(", "x.var(correction=0, ")
        self.code.helpers.setdefault(f"matrix {name}", source)

    # The code.

    def nested(self, elements: Sequence[float], shape: Shape) -> object:
        """Numbers as nested lists."""
        if not shape:
            return elements[0]
        size = len(elements) // int(shape[0])
        return [
            self.nested(elements[at : at + size], Shape(shape[1:]))
            for at in range(0, len(elements), size)
        ]

    def figures(self, name: str, missing: float | None = None) -> object:
        """The numbers of a quantity of the calculation, as nested lists."""
        values = self.code.calculation.values
        quantity = parsed(name)
        own = elements_called(quantity, self.form.shapes)
        base = (quantity.by if isinstance(quantity, Derivative) else quantity).at_step(0)
        numbers = [float(values[each] if missing is None else values.get(each, missing))
                   for each in own]  # fmt: skip
        return self.nested(numbers, self.form.shapes.get(base, SCALAR))

    def array(self, name: str) -> str:
        """A known vector or matrix as the target writes it."""
        return FLOATS[self.target.name].format(self.figures(name))

    def equations(self, lines: Sequence[tuple[str, Expression]]) -> Iterator[str]:
        """A line of code for each equation."""
        for name, expression in lines:
            text = self.written(expression)
            shape, own = self.shapes.get(name, SCALAR), shape_of(expression, self.shapes)
            if tuple(own) != tuple(shape):
                text = f"{self.library}.broadcast_to({text}, {_shape_text(shape)})"
            yield from statement(f"{self.names[name]} = ", text)

    def parts(
        self,
        lines: Sequence[tuple[str, Expression]],
        back: Sequence[tuple[str, Expression]],
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
        main = ['if __name__ == "__main__":', *indented([*STEPS[self.library], *self.expected()])]
        return [given, function, AGREE, main]

    def expected(self) -> Iterator[str]:
        """The figures of the calculation, asserted."""
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


STEPS = {
    "np": [
        "before, slopes = backprop(**weights)",
        "after = {name: w - lr*slopes[name] for name, w in weights.items()}",
        'found = {"before": before, "after": backprop(**after)[0]}',
    ],
    "jnp": [
        "before, slopes = jax.value_and_grad(lambda own: loss(**own))(weights)",
        "after = {name: w - lr*slopes[name] for name, w in weights.items()}",
        'found = {"before": before, "after": loss(**after)}',
    ],
    "torch": [
        "optimizer = torch.optim.SGD(weights.values(), lr)",
        "before = loss(**weights)",
        "before.backward()",
        "slopes = {",
        "    name: torch.zeros_like(w) if w.grad is None else w.grad",
        "    for name, w in weights.items()",
        "}",
        "optimizer.step()",
        "after = {name: w.detach() for name, w in weights.items()}",
        'found = {"before": before.item(), "after": loss(**after).item()}',
    ],
}
"""One step of gradient descent."""


def _assigned(name: str, text: str, sign: str = " = ", end: str = "") -> list[str]:
    """A line that gives an array, a line for each of its rows where it is long."""
    line = f"{name}{sign}{text}{end}"
    if len(line) <= WIDTH or "], [" not in text:
        return [line] if len(line) <= WIDTH else bracketed_numbers(name + sign, text, end)
    before, _, rest = text.partition("[[")
    inside, _, after = rest.rpartition("]]")
    rows = inside.split("], [")
    return [
        f"{name}{sign}{before}[",
        *(f"    [{row}]," for row in rows),
        f"]{after}{end}",
    ]


WIDTH = 84


def bracketed_numbers(start: str, text: str, end: str) -> list[str]:
    """A long list of numbers over several lines."""
    before, _, rest = text.partition("[")
    inside, _, after = rest.rpartition("]")
    return bracketed(f"{start}{before}[", inside.split(", "), f"]{after}{end}")


def _shape_text(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
