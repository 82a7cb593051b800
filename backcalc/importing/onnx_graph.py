"""ONNX files as equations: the graph is read, and nothing of it is run as code.

THE table of ONNX's operations stands here; most of its rows are PyTorch's with other arguments.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.importing import layers
from backcalc.importing.arguments import Arguments, Fixed, Unclear, check_shapes
from backcalc.importing.draft import Asked, Draft, Imported, Term, UnknownError, Values, plain
from backcalc.importing.layers import only
from backcalc.importing.torch_tables import CLASSES, ROWS, loss_row
from backcalc.loading.matrix_files import MOST_ELEMENTS

INSTALL = "onnx is not installed; `pip install onnx` brings it"
MOST_BYTES = 20_000_000
"""The longest file that is read."""
MOST_SLOPES = 200
"""Derivatives that are measured by differences; more are measured at as many places."""
NEAR = 1e-7
"""How near differences come to a derivative."""
H = 1e-4
"""The first step of a difference."""


def library() -> Any:
    """ONNX; BackcalcError, saying what to install, without it."""
    try:
        import onnx
        import onnx.reference.op_run
    except ImportError:
        raise BackcalcError(INSTALL) from None
    return onnx


# The table.


def _as(name: str, *attributes: str, **renamed: str) -> Callable[..., Any]:
    """PyTorch's row with these attributes, in PyTorch's words where they differ."""

    def row(c: Any, at: Mapping[str, Any], *operands: Any) -> Any:
        words = {**{word: word for word in attributes}, **renamed}
        given = {other: at[word] for word, other in words.items() if word in at}
        return ROWS[name](c, *operands, **given)

    return row


def _gemm(c: Any, at: Mapping[str, Any], a: Any, b: Any, bias: Any = None) -> Term:
    only(at.get("alpha", 1) == at.get("beta", 1) == 1, "Gemm with alpha or beta")
    x = c(a)
    x = layers.permuted(c.d, x, (1, 0)) if at.get("transA") else x
    if at.get("transB"):
        return layers.linear(c.d, x, c(b), c.maybe(bias))
    found = layers.product(c.d, x, c(b))
    return layers.plus(c.d, c.once(found), c(bias)) if bias is not None else found


def _pads(at: Mapping[str, Any], axes: int) -> list[int]:
    pads = list(at.get("pads", [0] * 2 * axes))
    only(pads[:axes] == pads[axes:], "padding that differs on both sides")
    only(at.get("auto_pad", "NOTSET") in ("NOTSET", "VALID"), "auto_pad")
    return pads[:axes]


def _conv(c: Any, at: Mapping[str, Any], x: Any, kernel: Any, bias: Any = None) -> Term:
    k = c(kernel)
    axes = len(k.shape) - 2
    return layers.convolved(
        c.d, c(x), k, c.maybe(bias), at.get("strides", 1), _pads(at, axes),
        at.get("dilations", 1), at.get("group", 1),
    )  # fmt: skip


def _pool(name: str) -> Callable[..., Term]:
    def row(c: Any, at: Mapping[str, Any], x: Any) -> Term:
        size = at["kernel_shape"]
        return layers.pooled(
            c.d, name, c(x), size, at.get("strides", [1] * len(size)), _pads(at, len(size)),
            len(size), ceil=bool(at.get("ceil_mode", 0)), dilation=at.get("dilations", 1),
        )  # fmt: skip

    return row


def _whole_pool(name: str) -> Callable[..., Term]:
    def row(c: Any, at: Mapping[str, Any], x: Any) -> Term:
        term = c(x)
        return layers.reduced(c.d, name, term, range(2, len(term.shape)), keep=True)

    return row


def _batch_norm(
    c: Any, at: Mapping[str, Any], x: Any, gain: Any, shift: Any, mean: Any, spread: Any
) -> Term:
    only(not at.get("training_mode"), "BatchNormalization in training mode")
    own = (c.held(mean, "m"), c.held(spread, "v"), c(gain), c(shift))
    return layers.batch_norm(c.d, c(x), *own, at["epsilon"])


def _layer_norm(c: Any, at: Mapping[str, Any], x: Any, gain: Any, shift: Any = None) -> Term:
    term = c(x)
    sizes = term.shape[at.get("axis", -1) :]
    return layers.layer_norm(c.d, term, sizes, c(gain), c.maybe(shift), at["epsilon"])


def _reduced(name: str) -> Callable[..., Term]:
    def row(c: Any, at: Mapping[str, Any], x: Any, axes: Any = None) -> Term:
        own = at.get("axes") if axes is None else c.rows(axes)
        return layers.reduced(c.d, name, c(x), own, bool(at.get("keepdims", 1)))

    return row


def _softmax(name: str) -> Callable[..., Term]:
    def row(c: Any, at: Mapping[str, Any], x: Any) -> Term:
        term = c(x)
        only(c.opset >= 13 or len(term.shape) == 2, f"{name} of an opset before 13")
        return layers.line_wise(c.d, name, term, at.get("axis", -1 if c.opset >= 13 else 1))

    return row


def _gather(c: Any, at: Mapping[str, Any], data: Any, indices: Any) -> Any:
    axis, x = at.get("axis", 0), c(data)
    rows = c.rows(indices) or []
    if axis == 0 and c.d.held.get(x.text) and c.d.held[x.text].section == "weights":
        return layers.looked_up(c.d, x, rows, tuple(indices.value.shape), None)
    only(not indices.value.shape, "Gather of several places")
    return ROWS["select"](c, x, axis, rows[0])


def _slice(c: Any, at: Mapping[str, Any], x: Any, *given: Any) -> Term:
    starts, ends, axes, steps = [*map(c.rows, given), None, None][:4]
    term = c(x)
    own: list[Any] = [slice(None)] * len(term.shape)
    axes = axes or [*range(len(starts))]
    for axis, start, end, step in zip(axes, starts, ends, steps or [1] * len(axes), strict=True):
        own[axis] = slice(start, end, step)
    return layers.taken(c.d, term, tuple(own))


def _split(c: Any, at: Mapping[str, Any], x: Any, sizes: Any = None) -> Any:
    term, axis = c(x), at.get("axis", 0)
    own = c.rows(sizes) if sizes is not None else at.get("split")
    return ROWS["split"](c, term, own or term.shape[axis] // c.outputs, axis)


def _clip(c: Any, at: Mapping[str, Any], x: Any, low: Any = None, high: Any = None) -> Term:
    ends = [float(each.value) if isinstance(each, Fixed) else each for each in (low, high)]
    return layers.clamped(c.d, c(x), at.get("min", ends[0]), at.get("max", ends[1]))


def _folded(row: str) -> Callable[..., Term]:
    """A sum, a max or a min of any number of operands."""

    def several(c: Any, at: Mapping[str, Any], *operands: Any) -> Any:
        found = operands[0]
        for each in operands[1:]:
            found = ROWS[row](c, found, each)
        return found

    return several


OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: _as(name.lower()) for name in (
        "Relu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Sin", "Cos", "Erf", "Sign", "Neg",
        "Reciprocal", "Softplus", "Softsign", "Mish", "Add", "Sub", "Mul",
        "Div", "Pow", "Where", "PRelu", "MatMul",
    )},
    "LeakyRelu": _as("leaky_relu", alpha="negative_slope"), "Elu": _as("elu", "alpha"),
    "Selu": lambda c, at, x: layers.formula(
        c.d, "{0}*({x} if {x} > 0 else {1}*expm1({x}))", c(x), at["gamma"], at["alpha"]
    ),
    "Celu": _as("celu", "alpha"), "Gelu": _as("gelu", "approximate"),
    "Max": _folded("maximum"), "Min": _folded("minimum"), "Sum": _folded("add"),
    "Greater": _as("gt"), "Less": _as("lt"), "GreaterOrEqual": _as("ge"),
    "LessOrEqual": _as("le"), "Equal": _as("eq"),
    "Clip": _clip, "Gemm": _gemm, "Conv": _conv,
    "MaxPool": _pool("max_pool"), "AveragePool": _pool("mean_pool"),
    "GlobalAveragePool": _whole_pool("mean"), "GlobalMaxPool": _whole_pool("max"),
    "BatchNormalization": _batch_norm, "LayerNormalization": _layer_norm,
    "ReduceMean": _reduced("mean"), "ReduceSum": _reduced("sum"), "ReduceMax": _reduced("max"),
    "ReduceMin": _reduced("min"), "ReduceL2": _reduced("norm"),
    "Softmax": _softmax("softmax"), "LogSoftmax": _softmax("log_softmax"),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"),
                    lambda c, at, x, *_: c.d.reshaped(c(x), c.shape)),
    **dict.fromkeys(("Expand", "Tile"), lambda c, at, x, *_: ROWS["expand"](c, x)),
    **dict.fromkeys(("Identity", "Dropout"), lambda c, at, x, *_: x),
    "Cast": lambda c, at, x, *_: ROWS["to"](c, x),
    "Transpose": lambda c, at, x: layers.permuted(
        c.d, c(x), at.get("perm", [*range(len(c(x).shape))][::-1])
    ),
    "Concat": lambda c, at, *parts: layers.concatenated(c.d, [*map(c, parts)], at["axis"]),
    "Gather": _gather, "Slice": _slice, "Split": _split,
}  # fmt: skip
"""How each of ONNX's operations is written, by its name."""


# The graph.


@dataclass(eq=False)
class Graph(Arguments):
    """A graph on its way to equations."""

    opset: int = 0
    """The version of the operations."""
    outputs: int = 1
    """How many results the operation at hand has."""
    initial: dict[str, Any] = field(default_factory=dict)
    """The arrays that the file holds."""
    values: dict[str, Any] = field(default_factory=dict)
    """What every name of the graph comes to."""
    env: dict[str, Any] = field(default_factory=dict)
    """What every name is written as."""
    terms: dict[str, Term] = field(default_factory=dict)
    """The weights and the inputs by their names in the graph."""
    uses: dict[str, int] = field(default_factory=dict)
    """How often each name is used."""

    def once(self, term: Term) -> Term:
        """A line that only this operation uses."""
        self.d.once.add(term.text)
        return term

    def held(self, value: Any, stem: str) -> Term:
        """An array of the file as a constant."""
        if isinstance(value, Term):
            found = self.d.held[value.text]
            found.section, found.stem, found.own = "constants", stem, False
            return value
        return self.named(value, stem)

    def given(self, name: str) -> Any:
        """An operand: what was written before, or an array of the file."""
        if not name:
            return None
        if name not in self.env:
            array = self.initial[name]
            weight = array.dtype.kind == "f" and array.ndim > 0
            self.env[name] = self._weight(name, array) if weight else Fixed(array)
        return self.env[name]

    def _weight(self, name: str, array: Any) -> Term:
        numbers = array.flatten().tolist()
        term = self.d.give("weights", array.shape, numbers, plain(name, "w"), name)
        if self.uses[name] == 1:
            self.d.once.add(term.text)
        self.terms[name] = term
        return term

    def write(self, node: Any, at: Mapping[str, Any]) -> None:
        """Write one node."""
        operands = [self.given(name) for name in node.input]
        while operands and operands[-1] is None:
            operands.pop()
        values = [self.values[name] for name in node.output if name]
        found: Any
        if any(isinstance(each, Unclear) for each in operands):
            found = Unclear()
        elif node.op_type in ("Shape", "Size") or not any(isinstance(e, Term) for e in operands):
            found = tuple(map(Fixed, values))
        else:
            found = self._written(node, at, operands, values)
        several = found if isinstance(found, tuple) else [found] * len(node.output)
        for name, own in zip(node.output, several, strict=False):
            self.env[name] = own
            if isinstance(own, Term) and self.uses.get(name) == 1:
                self.d.once.add(own.text)

    def _written(
        self, node: Any, at: Mapping[str, Any], operands: Sequence[Any], values: Sequence[Any]
    ) -> Any:
        self.d.note = node.name.strip("/") or node.output[0]
        self.result, self.called, self.outputs = values[0], node.op_type, len(node.output)
        self.shape = tuple(values[0].shape)
        try:
            row = OPERATIONS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
            only(row, node.op_type)
            assert row is not None
            found = row(self, at, *operands)
            check_shapes(found, values if isinstance(found, tuple) else values[0])
        except TypeError as error:
            if "argument" not in str(error):
                raise
            self.miss(f"{node.op_type} with these inputs", self.d.note)
            return Unclear()
        except BackcalcError as error:
            self.miss(error.message, self.d.note)
            return Unclear()
        return found


def imported_graph(
    path: str, inputs: Sequence[Any], targets: Sequence[Any], loss: str | None, asked: Asked
) -> Imported:
    """The network file of an ONNX file at these inputs and targets."""
    onnx = library()
    model, initial = _read(onnx, path, asked.digits)
    graph = model.graph
    names = [each.name for each in graph.input if each.name not in initial]
    if len(names) != len(inputs):
        message = f"the graph takes {listed(names)}, and {len(inputs)} inputs are given"
        raise BackcalcError(message, hint="give --input once for each")
    feeds = {name: _array(graph, name, value) for name, value in zip(names, inputs, strict=True)}
    known = [name for node in graph.node for name in node.output if name]
    evaluate = _evaluator(onnx, model, known)
    found = Graph(Draft(), initial=initial)
    found.values = {**feeds, **dict(zip(known, evaluate(feeds), strict=True))}
    found.opset = max(
        (e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), default=1
    )
    ends = [each.name for each in graph.output]
    end = _picked(ends, asked.output)
    for name in [*(name for node in graph.node for name in node.input), end]:
        found.uses[name] = found.uses.get(name, 0) + 1
    for name, array in feeds.items():
        if array.dtype.kind == "f":
            term = found.d.give("inputs", array.shape, array.flatten().tolist(), plain(name, "x"))
            found.terms[name] = found.env[name] = term
            if found.uses[name] == 1:
                found.d.once.add(term.text)
        else:
            found.env[name] = Fixed(array)
    for node in graph.node:
        found.write(node, _attributes(onnx, node, found.opset))
    if found.unknown:
        first, *others = [UnknownError(each) for each in dict.fromkeys(found.unknown)]
        first.others = tuple(others)
        raise first
    last = _ended(found, end, targets, loss, asked.reduction)
    called = f"{loss}, reduction={asked.reduction!r}" if loss else "the graph's own output"
    text, written = found.d.text(asked.title, asked.rate)
    lines = {
        name: term.text for name, term in found.env.items()
        if isinstance(term, Term) and term.text in found.d.lines and name in found.values
    }  # fmt: skip
    values = {
        written[line]: found.values[name].flatten().tolist() for name, line in lines.items()
        if found.values[name].shape == found.d.lines[line].shape
    }  # fmt: skip
    leaves = {name: term for name, term in found.terms.items() if term.text in written
              and found.d.held[term.text].section != "constants"}  # fmt: skip
    again = _Slopes(
        onnx, model, end, feeds, initial, {n: written[t.text] for n, t in leaves.items()}
    )
    return Imported(
        text, values, {}, (f"loss: {called}", *found.notes), "those of ONNX's reference", NEAR,
        output=written.get(last.text, ""), slopes=again,
    )  # fmt: skip


def _read(onnx: Any, path: str, digits: int | None) -> tuple[Any, dict[str, Any]]:
    """The model in a file, in doubles, and its arrays; BackcalcError where it is damaged."""
    if not os.path.isfile(path):
        raise BackcalcError(f"no such file: {path[:200]}")
    if os.path.getsize(path) > MOST_BYTES:
        message = f"{os.path.basename(path)} has {os.path.getsize(path)} bytes"
        raise BackcalcError(message, hint=f"a network file holds at most {MOST_ELEMENTS} numbers")
    try:
        model = onnx.load(path, load_external_data=False)
        onnx.checker.check_model(model)
        texts = [
            text for node in model.graph.node for text in (node.name, *node.input, *node.output)
        ]
        if not all(isinstance(text, str) for text in texts):  # what is no UTF-8 is bytes
            raise ValueError("a name is no text")
        return model, _in_doubles(onnx, model, digits)
    except BackcalcError:
        raise
    except Exception as error:  # noqa: BLE001 - protobuf and ONNX have errors of their own
        why = f"{os.path.basename(path)} is no ONNX file in order: {_short(error)}"
        raise BackcalcError(why) from None


def _in_doubles(onnx: Any, model: Any, digits: int | None) -> dict[str, Any]:
    """Let a model hold doubles, and return its arrays."""
    import numpy

    helper = onnx.numpy_helper
    found: dict[str, Any] = {}
    size = sum(numpy.prod(each.dims, dtype=object) for each in model.graph.initializer)
    if size > MOST_ELEMENTS:
        message = f"the graph holds {size} numbers"
        raise BackcalcError(message, hint=f"a network file holds at most {MOST_ELEMENTS}")

    def doubled(tensor: Any) -> Any:
        if tensor.external_data:
            raise BackcalcError("the graph's numbers stand in other files",
                                hint="save it as one file")  # fmt: skip
        array = helper.to_array(tensor)
        if array.dtype.kind != "f":
            return array
        if digits:
            return numpy.array([float(f"{each:.{digits}g}") for each in array.flatten().tolist()]
                               ).reshape(array.shape)  # fmt: skip
        return numpy.array([float(str(each)) for each in array.flatten()]).reshape(array.shape)

    for each in model.graph.initializer:
        found[each.name] = doubled(each)
        each.CopyFrom(helper.from_array(found[each.name], each.name))
    for node in model.graph.node:
        for at in node.attribute:
            if at.type == onnx.AttributeProto.TENSOR:
                at.t.CopyFrom(helper.from_array(doubled(at.t), at.t.name))
            if node.op_type == "Cast" and at.name == "to" and at.i in (1, 10):
                at.i = onnx.TensorProto.DOUBLE
    for each in (*model.graph.input, *model.graph.output):
        if each.type.tensor_type.elem_type in (1, 10):
            each.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    del model.graph.value_info[:]
    return found


def _array(graph: Any, name: str, value: Any) -> Any:
    import numpy

    kind = next(each for each in graph.input if each.name == name).type.tensor_type.elem_type
    whole = kind in (6, 7)
    array = numpy.array(value, dtype=numpy.int64 if whole else numpy.float64)
    wanted = next(each for each in graph.input if each.name == name).type.tensor_type.shape.dim
    if array.ndim == 1 and len(wanted) == 2:  # one row of a batch
        array = array.reshape(1, -1)
    return array


def _evaluator(onnx: Any, model: Any, names: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    """The reference evaluator with all results as outputs."""
    own = onnx.ModelProto()
    own.CopyFrom(model)
    del own.graph.output[:]
    own.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    try:
        session = onnx.reference.ReferenceEvaluator(own, new_ops=[_erf(onnx)])
    except Exception as error:  # noqa: BLE001 - it may fail in any way
        raise BackcalcError(f"ONNX cannot read the graph: {_short(error)}") from None

    def run(feeds: Mapping[str, Any]) -> Any:
        try:
            return session.run(None, dict(feeds))
        except Exception as error:  # noqa: BLE001 - it may fail in any way
            raise BackcalcError(f"ONNX cannot run the graph: {_short(error)}") from None

    return run


def _erf(onnx: Any) -> Any:
    """Erf in doubles: that of the reference has single precision."""
    import numpy

    class Erf(onnx.reference.op_run.OpRun):  # type: ignore[misc]
        """Erf of every element."""

        op_domain = ""

        def _run(self, x: Any) -> Any:
            return (numpy.vectorize(math.erf, otypes=["d"])(x),)

    return Erf


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:150]}"


def _attributes(onnx: Any, node: Any, opset: int) -> dict[str, Any]:
    """The attributes of a node, those that are left out by ONNX's defaults."""
    found = {each.name: each for each in node.attribute}
    if node.domain in ("", "ai.onnx") and onnx.defs.has(node.op_type, ""):
        usual = onnx.defs.get_schema(node.op_type, opset, "").attributes
        found = {**{name: each.default_value for name, each in usual.items()
                    if each.default_value.type}, **found}  # fmt: skip
    values = {name: onnx.helper.get_attribute_value(each) for name, each in found.items()}
    return {name: value.decode() if isinstance(value, bytes) else value
            for name, value in values.items()}  # fmt: skip


def _picked(ends: Sequence[str], output: str | int | None) -> str:
    """The output that the loss compares."""
    if output is None and len(ends) > 1:
        raise BackcalcError(f"the graph has {len(ends)} outputs: {listed(ends)}",
                            hint="say which: --which 0")  # fmt: skip
    if output is None:
        return ends[0]
    output = str(output)
    if output in ends:
        return output
    if output.isdigit() and int(output) < len(ends):
        return ends[int(output)]
    raise BackcalcError(f"the graph has no output {output!r}", hint=did_you_mean(output, ends))


def _ended(c: Graph, end: str, targets: Sequence[Any], loss: str | None, reduction: str) -> Term:
    """Write the loss; the output that it compares."""
    import numpy

    last = c.env[end]
    if not isinstance(last, Term):
        raise BackcalcError("the output depends on no weight and on no input")
    last = c.line(last)
    c.d.once.discard(last.text)
    if loss is None:
        only(not last.shape or numpy.prod(last.shape) == 1, "a loss of several numbers: name one")
        c.d.loss = (c.d.reshaped(last, ()).text, "")
        return last
    row, array = loss_row(loss, reduction), numpy.array(targets[0]) if len(targets) == 1 else None
    classes = loss in CLASSES and array is not None and array.shape != last.shape
    wanted = last.shape[:-1] if classes else last.shape
    if array is None or array.size != numpy.prod(wanted, dtype=int):
        size = "x".join(map(str, last.shape))
        raise BackcalcError(f"the output is {size}", hint="give one --target that fits")
    array = array.reshape(wanted)
    c.last, c.called = True, loss
    row(c, last, Fixed(array if classes else array.astype(float), 0))
    return last


class _Slopes:
    """Derivatives by differences of what ONNX's reference gives."""

    def __init__(
        self, onnx: Any, model: Any, end: str, feeds: Mapping[str, Any],
        initial: Mapping[str, Any], leaves: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.model, self.leaves, self.feeds, self.initial = model, leaves, feeds, initial
        own = onnx.ModelProto()
        own.CopyFrom(model)
        kept = [each for each in own.graph.initializer if each.name not in leaves]
        del own.graph.initializer[:]
        own.graph.initializer.extend(kept)
        have = {each.name for each in own.graph.input}
        own.graph.input.extend(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, initial[name].shape)
            for name in leaves if name in initial and name not in have
        )  # fmt: skip
        self.run = _evaluator(onnx, own, [end])
        self.start = {**feeds, **{name: initial[name] for name in leaves if name in initial}}
        self.total = sum(self.start[name].size for name in leaves)

    def __call__(self, slopes: Sequence[float]) -> Values:
        """The derivatives, from those of the loss by the output; None for what is not measured."""
        import numpy

        upstream = numpy.array(slopes)
        found: dict[str, list[Any]] = {}
        stride = -(-self.total // MOST_SLOPES)
        place = 0
        for name, own in self.leaves.items():
            row: list[Any] = []
            for index in numpy.ndindex(self.start[name].shape):
                row.append(self._slope(name, index, upstream) if place % stride == 0 else None)
                place += 1
            found[own] = row
        return found

    def _slope(self, name: str, index: tuple[int, ...], upstream: Any) -> float:
        """One derivative, by two differences that cancel each other's error."""
        wide, near = (self._difference(name, index, upstream, h) for h in (H, H / 2))
        return (4 * near - wide) / 3

    def _difference(self, name: str, index: tuple[int, ...], upstream: Any, h: float) -> float:
        ends = []
        for sign in (1, -1):
            moved = self.start[name].copy()
            moved[index] += sign * h
            ends.append(self.run({**self.start, name: moved})[0].flatten())
        return float(((ends[0] - ends[1]) * upstream).sum() / (2 * h))
