"""ONNX files as modules of PyTorch, which are then imported as such: no code of a file is run.

THE table of ONNX's operations stands here, each by functions of PyTorch. What they come to is
compared with ONNX's own reference, result by result, before anything is written.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce as folded
from importlib.util import find_spec
from typing import Any

from backcalc.errors import BackcalcError, counted, did_you_mean, listed
from backcalc.importing import tracing
from backcalc.importing.draft import NEAR, Imported, ImportRequest, UnknownError, plain
from backcalc.importing.layers import only
from backcalc.importing.proof import DifferentError, difference
from backcalc.importing.tracing import from_module
from backcalc.loading.matrix_files import MOST_ELEMENTS

INSTALL = "onnx is not installed; `pip install onnx torch` brings what an ONNX file takes"
MOST_BYTES = 20_000_000  # the longest file that is read


def library() -> Any:
    """ONNX; BackcalcError, saying what to install, without it or without PyTorch."""
    try:
        import onnx
        import onnx.reference.op_run
    except ImportError:
        raise BackcalcError(INSTALL) from None
    try:
        tracing.library()
    except BackcalcError as error:
        hint = "ONNX has no derivatives: PyTorch proves those of the file"
        raise BackcalcError(error.message, hint=hint) from None
    return onnx


@dataclass(eq=False)
class GraphNode:
    """An operation at hand."""

    called: str
    """Its name."""
    at: dict[str, Any]
    """Its attributes."""
    opset: int
    """The version of the operations."""
    results: Sequence[Any]
    """What ONNX's reference has for it."""
    of_weight: bool
    """True if its first operand is a weight."""
    weights: Sequence[Any] = ()
    """The weights of its own, where PyTorch has them in another order."""

    @property
    def torch(self) -> Any:
        """PyTorch."""
        return tracing.library()

    @property
    def functions(self) -> Any:
        """PyTorch's functions of layers."""
        return self.torch.nn.functional

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its first result."""
        return tuple(self.results[0].shape)

    def pads(self, x: Any, axes: int) -> list[int]:
        """The padding of each axis, alike on both sides."""
        pads = list(self.at.get("pads", [0] * 2 * axes))
        if self.at.get("auto_pad", "NOTSET").startswith("SAME"):
            sizes = zip(x.shape[-axes:], self.shape[-axes:], self.window, self.steps, strict=True)
            whole = [max((n - 1) * step + wide - size, 0) for size, n, wide, step in sizes]
            pads = [each // 2 for each in whole] + [each - each // 2 for each in whole]
        only(pads[:axes] == pads[axes:], "padding that differs on both sides")
        return pads[:axes]

    @property
    def window(self) -> Any:
        """The size of the kernel."""
        return self.at["kernel_shape"]

    @property
    def steps(self) -> Any:
        """The stride of each axis."""
        return self.at.get("strides", [1] * len(self.window))


def _function(name: str, *attributes: str) -> Callable[..., Any]:
    """A function of PyTorch, which takes these attributes after its operands, in their order."""

    def row(n: GraphNode, *operands: Any) -> Any:
        own = getattr(n.torch, name, None) or getattr(n.functions, name)
        return own(*operands, *(n.at[each] for each in attributes if each in n.at))

    return row


def _folded(name: str) -> Callable[..., Any]:
    """A function of two, over any number of operands."""
    return lambda n, *operands: folded(getattr(n.torch, name), operands)


def _gemm(n: GraphNode, a: Any, b: Any, bias: Any = None) -> Any:
    x, usual = n.torch.t(a) if n.at.get("transA") else a, n.at["alpha"] == n.at["beta"] == 1
    if n.at.get("transB") and usual and (bias is None or bias.dim() == 1):
        return n.functions.linear(x, b, bias)
    found = n.torch.matmul(x, n.torch.t(b) if n.at.get("transB") else b)
    found = found if n.at["alpha"] == 1 else found * n.at["alpha"]
    if bias is None:
        return found
    return found + (bias if n.at["beta"] == 1 else bias * n.at["beta"])


def _conv(n: GraphNode, x: Any, kernel: Any, bias: Any = None) -> Any:
    axes = kernel.dim() - 2
    n.at = {"kernel_shape": [*kernel.shape[2:]], **n.at}
    only(axes in (1, 2), f"Conv over {axes} axes; 1 and 2 are")
    own = getattr(n.functions, f"conv{axes}d")
    dilations = n.at.get("dilations", [1] * axes)
    return own(x, kernel, bias, n.steps, n.pads(x, axes), dilations, n.at.get("group", 1))


def _pool(name: str) -> Callable[..., Any]:
    def row(n: GraphNode, x: Any) -> Any:
        axes = len(n.window)
        own, pads = getattr(n.functions, f"{name}{axes}d"), n.pads(x, axes)
        only(axes in (1, 2) and not any(pads), "pooling with padding, or over more than 2 axes")
        only(set(n.at.get("dilations", [1])) == {1}, "pooling with dilations")
        return own(x, n.window, n.steps, ceil_mode=bool(n.at.get("ceil_mode")))

    return row


def _batch_norm(n: GraphNode, x: Any, gain: Any, shift: Any, mean: Any, spread: Any) -> Any:
    only(not n.at.get("training_mode"), "BatchNormalization in training mode")
    return n.functions.batch_norm(x, mean, spread, gain, shift, False, 0.0, n.at["epsilon"])


def _layer_norm(n: GraphNode, x: Any, gain: Any, shift: Any = None) -> Any:
    sizes = [*x.shape[n.at["axis"] :]]
    fit = all(each is None or [*each.shape] == sizes for each in (gain, shift))
    only(fit, "LayerNormalization with weights of another shape")
    return n.functions.layer_norm(x, sizes, gain, shift, n.at["epsilon"])


def _group_norm(n: GraphNode, x: Any, gain: Any, shift: Any) -> Any:
    only(n.opset >= 21, "GroupNormalization of an opset before 21")
    return n.functions.group_norm(x, n.at["num_groups"], gain, shift, n.at["epsilon"])


def _reduced(work: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the operand, its axes and whether to keep them."""

    def row(n: GraphNode, x: Any, axes: Any = None) -> Any:
        own = n.at.get("axes") if axes is None else axes.tolist()
        if not own and n.at.get("noop_with_empty_axes"):
            return work(n, x.unsqueeze(-1), [-1], False)
        return work(n, x, own or [*range(x.dim())], bool(n.at["keepdims"]))

    return row


def _whole_pool(name: str) -> Callable[..., Any]:
    return lambda n, x: getattr(n.torch, name)(x, [*range(2, x.dim())], True)


def _softmax(name: str) -> Callable[..., Any]:
    def row(n: GraphNode, x: Any) -> Any:
        only(n.opset >= 13 or x.dim() == 2, f"{name} of an opset before 13")
        return getattr(n.functions, name)(x, n.at["axis"])

    return row


def _gather(n: GraphNode, x: Any, places: Any) -> Any:
    axis, own = n.at["axis"], n.torch.remainder(places, x.shape[n.at["axis"]])
    if n.of_weight and axis == 0 and x.dim() == 2:
        return n.functions.embedding(own, x)
    if not own.dim():
        return n.torch.select(x, axis, int(own))
    parts = [n.torch.select(x, axis, each) for each in own.flatten().tolist()]
    return n.torch.reshape(n.torch.stack(parts, axis), n.shape)


def _slice(n: GraphNode, x: Any, *given: Any) -> Any:
    named: list[Any] = [n.at.get(each) for each in ("starts", "ends", "axes", "steps")]
    own = [None if each is None else each.tolist() for each in given] or named
    starts, ends, axes, steps = [*own, None, None][:4]
    at = [slice(None)] * x.dim()
    axes = axes or [*range(len(starts))]
    for axis, start, end, step in zip(axes, starts, ends, steps or [1] * len(axes), strict=True):
        only(step == 1, f"a slice with step {step}")
        at[axis] = slice(start, end)
    return x[tuple(at)]


def _split(n: GraphNode, x: Any, sizes: Any = None) -> Any:
    own = [each.shape[n.at["axis"]] for each in n.results]
    found = n.torch.split(x, own, n.at["axis"])
    return tuple(found[place] for place in range(len(own)))


def _clip(n: GraphNode, x: Any, low: Any = None, high: Any = None) -> Any:
    ends = [n.at.get("min"), n.at.get("max")]
    for place, each in enumerate((low, high)):
        if each is not None:
            ends[place] = each if each.requires_grad else float(each)
    return n.torch.clamp(x, *ends)


def _is_low(n: GraphNode, x: Any) -> Any:
    """Where a constant is -inf, as in a mask before a softmax; None where it is not."""
    if not isinstance(x, n.torch.Tensor) or x.requires_grad or not x.is_floating_point():
        return None
    low = x == -math.inf
    return low if low.any() else None


def _where(n: GraphNode, condition: Any, x: Any, other: Any) -> Any:
    low = _is_low(n, x)
    if low is None or not low.all() or not isinstance(condition, n.torch.Tensor):
        return n.torch.where(condition, x, other)
    return n.torch.masked_fill(other, condition, -math.inf)


def _add(n: GraphNode, x: Any, other: Any) -> Any:
    for one, mask in ((x, other), (other, x)):
        low = _is_low(n, mask)
        if low is not None:
            rest = n.torch.where(low, 0.0, mask)
            return n.torch.masked_fill(one + rest if rest.any() else one, low, -math.inf)
    return n.torch.add(x, other)


def _dropout(n: GraphNode, x: Any, ratio: Any = None, training: Any = None) -> Any:
    only(training is None or not bool(training), "Dropout in training mode, which is drawn anew")
    return x


def _cast(n: GraphNode, x: Any) -> Any:
    only(n.at["to"] == 11, "Cast to whole numbers")
    return x.to(n.torch.float64)


def _along(name: str) -> Callable[..., Any]:
    return _reduced(lambda n, x, axes, keep: getattr(n.torch, name)(x, axes, keep))


GATES = {"RNN": (0,), "GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
"""Where ONNX has each of PyTorch's gates, one block of rows each."""


def _cell_weights(kind: str, arrays: Sequence[Any]) -> dict[str, Any]:
    """The weights of a recurrent operation, W, R and B, as PyTorch has them."""
    import numpy

    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    blocks = [*arrays[:2], *(half for both in arrays[2:] for half in numpy.split(both, 2, 1))]
    found = {}
    for way in range(len(arrays[0])):
        for name, block in zip(names[: len(blocks)], blocks, strict=True):
            gates = numpy.split(block[way], len(GATES[kind]))
            own = [gates[place] for place in GATES[kind]]
            found[f"{name}_l0{'_reverse' * way}"] = numpy.concatenate(own)
    return found


def _recurrent(n: GraphNode, x: Any, w: Any, r: Any, b: Any = None, *rest: Any) -> Any:
    kind, at = n.called, n.at
    lengths, *states = [*rest, None, None, None][:3]
    strange = [name for name in ("clip", "layout", "input_forget") if at.get(name)]
    strange += ["lengths"] * (lengths is not None) + ["peepholes"] * (len(rest) > 3)
    strange += ["direction"] * (at["direction"] == "reverse")
    strange += ["linear_before_reset=0"] * (kind == "GRU" and not at["linear_before_reset"])
    inside = [each.lower() for each in at.get("activations") or ["tanh"]]
    strange += ["activations"] * (kind != "RNN" and len(inside) > 1)
    only(not strange, f"{kind} with {listed(strange)}")
    ways = 1 + (at["direction"] == "bidirectional")
    nought = n.torch.zeros(ways, x.shape[1], at["hidden_size"], dtype=n.torch.float64)
    start = tuple(nought if each is None else each for each in states)
    own = getattr(n.torch, f"rnn_{inside[0]}" if kind == "RNN" else kind.lower())
    found = own(x, start if kind == "LSTM" else start[0], n.weights, b is not None, 1, 0.0, False,
                ways == 2, False)  # fmt: skip
    by_way = n.torch.reshape(found[0], (*x.shape[:2], ways, at["hidden_size"]))
    ends = (found[place] for place in range(1, 3 if kind == "LSTM" else 2))
    return n.torch.permute(by_way, (0, 2, 1, 3)), *ends


OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: _function(name.lower()) for name in (
        "Relu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Sin", "Cos", "Erf", "Sign", "Neg",
        "Reciprocal", "Softsign", "Mish", "HardSwish", "Sub", "Mul", "Div", "Pow",
        "MatMul",
    )},
    "Softplus": lambda n, x: n.functions.softplus(x, 1, 700),  # beyond 20 PyTorch says x
    "LeakyRelu": _function("leaky_relu", "alpha"), "Elu": _function("elu", "alpha"),
    "Celu": _function("celu", "alpha"), "ThresholdedRelu": lambda n, x: n.functions.threshold(
        x, n.at["alpha"], 0.0),
    "Selu": lambda n, x: n.at["gamma"] * n.functions.elu(x, n.at["alpha"]),
    "Gelu": lambda n, x: n.functions.gelu(x, approximate=n.at["approximate"]),
    "HardSigmoid": lambda n, x: n.torch.clamp(n.at["alpha"] * x + n.at["beta"], 0, 1),
    "PRelu": lambda n, x, slope: n.torch.where(x > 0, x, slope * x),
    "Max": _folded("maximum"), "Min": _folded("minimum"), "Sum": _folded("add"),
    "Mean": lambda n, *parts: folded(n.torch.add, parts) / len(parts),
    "Add": _add, "Where": _where,
    "Greater": _function("gt"), "Less": _function("lt"), "GreaterOrEqual": _function("ge"),
    "LessOrEqual": _function("le"), "Equal": _function("eq"),
    "Clip": _clip, "Gemm": _gemm, "Conv": _conv,
    "MaxPool": _pool("max_pool"), "AveragePool": _pool("avg_pool"),
    "GlobalAveragePool": _whole_pool("mean"), "GlobalMaxPool": _whole_pool("amax"),
    "BatchNormalization": _batch_norm, "LayerNormalization": _layer_norm,
    "InstanceNormalization": lambda n, x, gain, shift: n.functions.instance_norm(
        x, None, None, gain, shift, True, 0.0, n.at["epsilon"]),
    "GroupNormalization": _group_norm,
    "ReduceMean": _along("mean"), "ReduceSum": _along("sum"), "ReduceMax": _along("amax"),
    "ReduceMin": _along("amin"), "ReduceL2": _reduced(
        lambda n, x, axes, keep: n.torch.norm(x, 2, axes, keep)),
    "ReduceSumSquare": _reduced(lambda n, x, axes, keep: n.torch.sum(x * x, axes, keep)),
    "Softmax": _softmax("softmax"), "LogSoftmax": _softmax("log_softmax"),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"),
                    lambda n, x, *_: n.torch.reshape(x, n.shape)),
    "Expand": lambda n, x, _: x.expand(n.shape),
    "Tile": lambda n, x, times: x.repeat(times.tolist()),
    "Identity": lambda n, x: x, "Dropout": _dropout,
    "Cast": _cast,
    "Transpose": lambda n, x: n.torch.permute(x, n.at.get("perm", [*range(x.dim())][::-1])),
    "Concat": lambda n, *parts: n.torch.cat(parts, n.at["axis"]),
    "Gather": _gather, "Slice": _slice, "Split": _split,
    **dict.fromkeys(GATES, _recurrent),
}  # fmt: skip
"""How PyTorch works out each of ONNX's operations, by its name."""


def _module(
    onnx: Any, model: Any, end: str, initial: Mapping[str, Any], known: Mapping[str, Any]
) -> Any:
    """A module of PyTorch that gives a result of a graph; `known` is what ONNX has for names."""
    torch = tracing.library()
    opset = max((e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), default=1)
    floats = {name: array for name, array in initial.items() if array.dtype.kind == "f"}
    # A number and a mask of -inf are no weights.
    flowing = {name for name, own in floats.items() if own.ndim and math.isfinite(own.sum())}
    flowing |= {name for name in _feeds(model, initial) if known[name].dtype.kind == "f"}
    for node in model.graph.node:
        if node.op_type == "BatchNormalization":  # what was measured is no weight
            flowing -= {*node.input[3:]}
        if node.op_type in GATES:  # whose weights are its own
            flowing -= {*node.input[1:4]}

    used = Counter(name for node in model.graph.node for name in node.input)

    class Step(torch.nn.Module):  # type: ignore[misc, name-defined]
        """A node of the graph."""

        __module__ = torch.nn.__name__  # so that weights of its own are named as a layer's

        def __init__(self, node: Any) -> None:
            super().__init__()
            self.inputs, self.results = [*node.input], [*node.output]
            results = [known[name] for name in node.output if name]
            at = _attributes(onnx, node, opset)
            self.node = GraphNode(node.op_type, at, opset, results, node.input[0] in initial)
            own = OPERATIONS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
            self.row: Any = own
            if node.op_type not in GATES:
                return
            held = [name for name in node.input[1:4] if name]
            if any(used[name] > 1 or name not in initial for name in held):
                self.row = None
                self.node.called += " with weights that are computed, or that others use"
                return
            found = _cell_weights(node.op_type, [initial[name] for name in held])
            for name, array in found.items():
                self.register_parameter(name, torch.nn.Parameter(torch.tensor(array)))

        def forward(self, *operands: Any) -> Any:
            """The results of the node."""
            only(self.row, self.node.called)
            names = [*self._parameters]
            self.node.weights = [torch.nn.Module.__getattr__(self, name) for name in names]
            found = self.row(self.node, *operands)
            return found if isinstance(found, tuple) else (found,)

    class Graph(torch.nn.Module):  # type: ignore[misc, name-defined]
        """The graph, with its weights as parameters and its nodes as modules, by their names."""

        def __init__(self) -> None:
            super().__init__()
            for name in initial:  # in their order
                if name in flowing:
                    self._parameters[name] = torch.nn.Parameter(torch.tensor(initial[name]))
            for node in model.graph.node:
                if node.op_type not in ("Shape", "Size") and flowing.intersection(node.input):
                    flowing.update(filter(None, node.output))
                    known_as = (node.name.strip("/"), *node.output, node.op_type)
                    name = next(filter(None, known_as)).replace(".", "/")  # no part of a path
                    while name in self._modules:
                        name += "'"
                    self._modules[name] = Step(node)

        def results(self, data: Sequence[Any], missed: list[str] | None = None) -> dict[str, Any]:
            """Every result that depends on inputs or weights; what is `missed` is ONNX's."""
            env = dict(zip(_feeds(model, initial), data, strict=True))
            for name, step in self._modules.items():
                try:
                    operands = [self._operand(env, each) for each in step.inputs]
                    while operands and operands[-1] is None:
                        operands.pop()
                    found = step(*operands)
                except Exception as error:
                    if missed is None:
                        raise
                    why = f"{step.node.called} with these inputs"
                    why = error.message if isinstance(error, BackcalcError) else why
                    missed.append(f"not known: {why} ({name})")
                    found = [torch.tensor(known[each]) if each else None for each in step.results]
                env |= zip(step.results, found, strict=False)
                env.pop("", None)  # a result that nothing asks for
            return env

        def _operand(self, env: Mapping[str, Any], name: str) -> Any:
            if name in self._parameters:
                return torch.nn.Module.__getattr__(self, name)
            if name in flowing:
                return env[name]
            return torch.tensor(known[name]) if name else None

        def forward(self, *data: Any) -> Any:
            """The output that the loss compares."""
            return self.results(data)[end]

    return Graph()


def _feeds(model: Any, initial: Mapping[str, Any]) -> list[str]:
    return [each.name for each in model.graph.input if each.name not in initial]


def imported_graph(
    path: str, inputs: Sequence[Any], targets: Sequence[Any], loss: str | None, asked: ImportRequest
) -> Imported:
    """The network file of an ONNX file at these inputs and targets."""
    if find_spec("onnx") and not os.path.isfile(path):  # said before PyTorch is loaded
        raise BackcalcError(f"no such file: {path[:200]}")
    onnx, torch = library(), tracing.library()
    model, initial = _read(onnx, path, asked.digits)
    names = _feeds(model, initial)
    if len(names) != len(inputs):
        message = f"the graph takes {listed(names)}, and {counted(len(inputs), 'input')} given"
        raise BackcalcError(message, hint="give --input once for each")
    feeds = {name: _array(model.graph, name, value)
             for name, value in zip(names, inputs, strict=True)}  # fmt: skip
    results = [name for node in model.graph.node for name in node.output if name]
    found = _evaluated(onnx, model, results, feeds)
    known = {**initial, **feeds, **dict(zip(results, found, strict=True))}
    end = _picked([each.name for each in model.graph.output], asked.output)
    module = _module(onnx, model, end, initial, known)
    data = [torch.tensor(feeds[name]) for name in names]
    missed: list[str] = []
    for name, value in module.results(data, missed).items():
        _compare(name, value, known[name])
    if missed:
        first, *others = map(UnknownError, missed)
        raise first.beside(others)
    words = tuple(plain(name, "x") for name in names)
    made = from_module(module, data, targets, loss, replace(asked, output=None, names=words))
    return replace(made, notes=(*made.notes, AGREED))


AGREED = (
    f"PyTorch works out the graph in doubles: each of its results equals that of ONNX's reference"
    f" to {NEAR:g}"
)


def _compare(name: str, value: Any, known: Any) -> None:
    """Raise DifferentError where PyTorch and ONNX's reference differ."""
    if tuple(value.shape) != known.shape:
        raise UnknownError(f"{name} has another shape in PyTorch than by ONNX's reference")
    for ours, theirs in zip(value.flatten().tolist(), known.flatten().tolist(), strict=True):
        same = ours == theirs or (ours != ours and theirs != theirs)
        if not (same or difference(ours, theirs) <= NEAR):
            message = f"{name} is {ours!r} in PyTorch, and {theirs!r} by ONNX's reference"
            raise DifferentError(message, hint="nothing was written; please report it")


def _read(onnx: Any, path: str, digits: int | None) -> tuple[Any, dict[str, Any]]:
    """The model in a file, in doubles, and its arrays; BackcalcError where it is damaged."""
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


KINDS = {("Cast", "to"), ("GroupNormalization", "stash_type")}
"""Attributes that say what kind of numbers an operation works with."""


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
            if (node.op_type, at.name) in KINDS and at.i in (1, 10):
                at.i = onnx.TensorProto.DOUBLE
        if node.op_type == "GroupNormalization" and not any(
            at.name == "stash_type" for at in node.attribute
        ):
            node.attribute.append(onnx.helper.make_attribute("stash_type", onnx.TensorProto.DOUBLE))
    for each in (*model.graph.input, *model.graph.output):
        if each.type.tensor_type.elem_type in (1, 10):
            each.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    del model.graph.value_info[:]
    return found


def _array(graph: Any, name: str, value: Any) -> Any:
    import numpy

    kind = next(each for each in graph.input if each.name == name).type.tensor_type
    array = numpy.array(value, dtype=numpy.int64 if kind.elem_type in (6, 7) else numpy.float64)
    if array.ndim == 1 and len(kind.shape.dim) == 2:  # one row of a batch
        array = array.reshape(1, -1)
    return array


def _evaluated(onnx: Any, model: Any, names: Sequence[str], feeds: Mapping[str, Any]) -> Any:
    import numpy

    own = onnx.ModelProto()
    own.CopyFrom(model)
    del own.graph.output[:]
    own.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    try:
        session = onnx.reference.ReferenceEvaluator(own, new_ops=_in_full(onnx))
    except Exception as error:  # noqa: BLE001 - it may fail in any way
        raise BackcalcError(f"ONNX cannot read the graph: {_short(error)}") from None
    try:
        with numpy.errstate(all="ignore"):
            found = session.run(None, dict(feeds))
        return [numpy.array(each, order="C") for each in found]
    except Exception as error:  # noqa: BLE001 - it may fail in any way
        raise BackcalcError(f"ONNX cannot run the graph: {_short(error)}") from None


def _gelu(x: float, approximate: str = "none") -> float:
    if approximate == "tanh":
        return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x / 2 * (1 + math.erf(x / math.sqrt(2)))


IN_FULL: dict[str, Callable[..., float]] = {
    "Erf": math.erf, "Gelu": _gelu, "HardSwish": lambda x: x * max(0, min(1, x / 6 + 0.5)),
}  # fmt: skip
"""What ONNX's reference has to single precision, of one element."""


def _in_full(onnx: Any) -> list[Any]:
    """The operations of that table, as the reference evaluator takes them."""
    import numpy

    def made(work: Callable[..., float]) -> Any:
        def run(self: Any, x: Any, **at: Any) -> Any:
            return (numpy.vectorize(lambda each: work(each, **at), otypes=["d"])(x),)

        return run

    kind = onnx.reference.op_run.OpRun
    return [type(name, (kind,), {"op_domain": "", "_run": made(work)})
            for name, work in IN_FULL.items()]  # fmt: skip


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

    def text(value: Any) -> Any:
        return value.decode() if isinstance(value, bytes) else value

    return {name: [*map(text, value)] if isinstance(value, list) else text(value)
            for name, value in values.items()}  # fmt: skip


def _picked(ends: Sequence[str], output: str | int | None) -> str:
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
