"""THE table of PyTorch's operations: by the name of each function or method, how it is written.

torch.nn's modules are traced down to these functions. Each row gets the lowering, which turns an
argument into a term, and then PyTorch's own arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.importing import layers
from backcalc.importing.arguments import Arguments, Fixed
from backcalc.importing.draft import CONDITION, POWER, PRODUCT, Term, UnknownError
from backcalc.importing.layers import number, only

TorchRow = Callable[..., Any]  # the lowering and the arguments to a term, or several


def _settings(usual: dict[str, float], given: Sequence[Any], named: dict[str, Any]) -> list[Any]:
    """The settings of a function: by position, by name, or the usual ones."""
    own = {**usual, **dict(zip(usual, given, strict=False))}
    return [named.get(word, value) for word, value in own.items()]


def _function(name: str, **usual: float) -> TorchRow:
    """An activation with its settings, which PyTorch names so."""
    return lambda c, input, *given, **named: layers.call(
        c.d, name, c(input), *_settings(usual, given, named)
    )


def _formula(template: str, **usual: float) -> TorchRow:
    """A formula of one operand with PyTorch's settings."""
    return lambda c, input, *given, **named: layers.formula(
        c.d, template, c(input), *_settings(usual, given, named)
    )


def _hardsigmoid(c: Any, *_: Any, **__: Any) -> Term:
    raise UnknownError("hardsigmoid, whose derivative PyTorch has to single precision")


_THRESHOLD = _formula("{x} if {x} > {0} else {1}", threshold=0.0, value=0.0)


def _dropout(
    c: Any, input: Any, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Any:
    why = "in eval mode it does nothing (--eval, or module.eval())"
    only(not training or p == 0, f"dropout in training mode, which is drawn anew each time; {why}")
    return input


def _signed(sign: str) -> TorchRow:
    def row(c: Any, input: Any, other: Any, *, alpha: float = 1, **_: Any) -> Term:
        right = c(other)
        if alpha != 1:
            right = layers.times(c.d, number(alpha), right)
        return layers.plus(c.d, c(input), right, sign)

    return row


def _twice(sign: str) -> TorchRow:
    def row(c: Any, input: Any, other: Any, **named: Any) -> Term:
        only(named.get("rounding_mode") is None, "division that rounds")
        return layers.times(c.d, c(input), c(other), sign)

    return row


def _addmm(
    c: Any, input: Any, first: Any, second: Any, *, beta: float = 1, alpha: float = 1
) -> Term:
    only(beta == alpha == 1, "addmm with beta or alpha")
    return layers.plus(c.d, layers.product(c.d, c(first), c(second)), c(input))


def _conv(
    c: Any, input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Term:  # fmt: skip
    return layers.convolved(
        c.d, c(input), c(weight), c.maybe(bias), stride, padding, dilation, groups
    )


def _max_pool(axes: int) -> TorchRow:
    def row(
        c: Any, input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
        dilation: Any = 1, ceil_mode: bool = False, return_indices: bool = False,
    ) -> Term:  # fmt: skip
        only(not return_indices, "the indices of max pooling")
        return layers.pooled(
            c.d, "max_pool", c(input), kernel_size, stride, padding, axes, ceil=ceil_mode,
            dilation=dilation,
        )  # fmt: skip

    return row


def _mean_pool(axes: int) -> TorchRow:
    def row(
        c: Any, input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: Any = None,
    ) -> Term:  # fmt: skip
        only(divisor_override is None, "pooling with divisor_override")
        return layers.pooled(
            c.d, "mean_pool", c(input), kernel_size, stride, padding, axes, ceil=ceil_mode
        )

    return row


def _adaptive(name: str, axes: int) -> TorchRow:
    def row(c: Any, input: Any, output_size: Any, return_indices: bool = False) -> Term:
        sizes = (output_size,) * axes if isinstance(output_size, int) else tuple(output_size)
        return layers.adapted(c.d, name, c(input), sizes)

    return row


def _batch_norm(
    c: Any, input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Term:  # fmt: skip
    if not training:
        own = c.named(running_mean, "m"), c.named(running_var, "v")
    else:
        own = (None, None)
        c.notes.append(f"{c.d.note or 'batch norm'} is in training mode: it uses the mean and the"
                       " variance of this batch (--eval takes the running ones)")  # fmt: skip
    return layers.batch_norm(c.d, c(input), *own, c.maybe(weight), c.maybe(bias), eps)


def _instance_norm(
    c: Any, input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Term:  # fmt: skip
    only(use_input_stats, "instance norm by running statistics")
    x = c(input)
    return layers.group_norm(c.d, x, x.shape[1], c.maybe(weight), c.maybe(bias), eps)


def _rms_norm(
    c: Any, input: Any, normalized_shape: Any, weight: Any = None, eps: Any = None
) -> Term:
    only(len(normalized_shape) == 1, "rms_norm over several axes")
    small = 2.220446049250313e-16 if eps is None else eps
    found = layers.formula(
        c.d, "{x}/sqrt(mean({x}**2, axis=-1, keep=True) + {0})", c(input), small, stem="n"
    )
    return layers.scaled(c.d, found, c.maybe(weight), None)


def _normalize(c: Any, input: Any, p: float = 2, dim: int = 1, eps: float = 0, **_: Any) -> Term:
    only(p == 2, f"a norm with p={p}")
    return layers.formula(c.d, f"{{x}}/norm({{x}}, axis={dim}, keep=True)", c(input), stem="n")


def _norm(c: Any, input: Any, p: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Term:
    only(p in (2, "fro", None), f"a norm with p={p}")
    axes = [dim] if isinstance(dim, int) else dim
    only(axes is None or len(axes) == 1, "a norm over several axes")
    return layers.reduced(c.d, "norm", c(input), axes, keepdim)


def _reduced(name: str) -> TorchRow:
    def row(c: Any, input: Any, dim: Any = None, keepdim: bool = False, **named: Any) -> Term:
        dim = named.get("axis", dim)
        return layers.reduced(
            c.d, name, c(input), [dim] if isinstance(dim, int) else dim, bool(keepdim)
        )

    return row


def _extreme(name: str) -> TorchRow:
    """The rows of max and min: of all, along an axis with the places, or of two."""

    def row(c: Any, input: Any, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        other = named.get("other", dim)
        if other is not None and not isinstance(other, int):
            return layers.extreme(c.d, name, c(input), c(other))
        if dim is None:
            return layers.reduced(c.d, name, c(input), None)
        return layers.reduced(c.d, name, c(input), [dim], keepdim), Fixed(c.result[1])

    return row


def _variance(c: Any, input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False,
              *, correction: Any = None, root: bool = False) -> Term:  # fmt: skip
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    own = 1 if correction is None else correction
    own = own if unbiased is None else int(unbiased)
    axes = [dim] if isinstance(dim, int) else dim
    found = layers.variance(c.d, c(input), axes, own, keepdim)
    return layers.call(c.d, "sqrt", found) if root else found


def _softmax(name: str, sign: str = "") -> TorchRow:
    def row(c: Any, input: Any, dim: Any = None, *_: Any, **__: Any) -> Term:
        x = c(input)
        if dim is None:  # PyTorch's own choice
            dim = 0 if len(x.shape) in (0, 1, 3) else 1
        return layers.line_wise(c.d, name, layers.negative(c.d, x) if sign else x, dim)

    return row


def _clamp(c: Any, input: Any, min: Any = None, max: Any = None) -> Term:
    for each in (min, max):
        only(each is None or isinstance(each, int | float), "clamp by tensors")
    x: Term = c(input)
    text = x.text if min is None else f"max({x.text}, {number(min).text})"
    found: Term = c.d.line("h", text if max is None else f"min({text}, {number(max).text})")
    return found


def _prelu(c: Arguments, input: Any, weight: Any) -> Term:
    x, slope = c(input), c(weight)
    c.d.name(slope, "a")
    if slope.shape != (1,):
        slope = c.d.across(slope, layers.channels(slope, max(len(x.shape) - 2, 0)))
    elif not x.shape:
        slope = Term(f"{slope.text}[0]", ())
    return c.d.line("h", "{0} if {0} > 0 else {1}*{0}", x, slope)


def _glu(c: Arguments, input: Any, dim: int = -1) -> Term:
    first, second = _chunk(c, c(input), 2, dim)
    return c.d.line("h", "{}*sigmoid({})", first, second, level=PRODUCT)


def _compared(relation: str) -> TorchRow:
    return lambda c, input, other: layers.compared(c.d, c(input), c(other), relation)


MOST_COPIES = 16
LOW = -1e9  # what stands for -inf: its exp is 0


def _masked_fill(c: Any, input: Any, mask: Any, value: Any) -> Term:
    if value == -math.inf:
        c.notes.append(f"{c.d.note or 'masked_fill'}: -1000000000 stands for -inf, whose exp is 0")
        value = LOW
    return layers.chosen(c.d, c(mask), c(value), c(input))


def _cast(c: Any, input: Any, *_: Any, **__: Any) -> Any:
    """The same numbers; a condition becomes 1 or 0."""
    if isinstance(input, Term) and input.level == CONDITION:
        return layers.chosen(c.d, input, number(1), number(0))
    only(
        "float64" in str(c.result.dtype), f"{c.called}(), after which numbers have 32 bits or fewer"
    )
    return input


def _expand(c: Any, input: Any, *_: Any, **__: Any) -> Any:
    """The same numbers several times along some axes."""
    x, wanted = c(input), c.shape
    x = c.d.reshaped(x, (*(1,) * (len(wanted) - len(x.shape)), *x.shape))
    for axis, (size, goal) in enumerate(zip(x.shape, wanted, strict=True)):
        only(
            goal // size <= MOST_COPIES, f"{goal // size} copies of a value; at most {MOST_COPIES}"
        )
        x = layers.concatenated(c.d, [x] * (goal // size), axis)
    return x


def _transpose(c: Any, input: Any, first: int, second: int) -> Term:
    x = c(input)
    order = [*range(len(x.shape))]
    order[first], order[second] = order[second], order[first]
    return layers.permuted(c.d, x, order)


def _permute(c: Any, input: Any, *dims: Any) -> Term:
    order = dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims
    return layers.permuted(c.d, c(input), order)


def _turned(c: Any, input: Any) -> Term:
    x = c(input)
    return layers.permuted(c.d, x, [*range(len(x.shape))][::-1])


def _attribute(c: Any, input: Any, name: str) -> Any:
    if name in ("T", "mT", "H"):
        x = c(input)
        return _transpose(c, x, -1, -2) if len(x.shape) > 1 else x
    if isinstance(input, tuple):
        return input[("values", "indices").index(name)]
    only(name in ("data", "real"), f"the attribute {name}")
    return _detach(c, input) if name == "data" else input


def _detach(c: Any, input: Any) -> Term:
    return layers.call(c.d, "detach", c(input), stem="e")


def _item(c: Any, input: Any, at: Any) -> Any:
    if isinstance(input, tuple | list):
        return input[at]
    places: list[Any] = []
    x = c(input)
    given = at if isinstance(at, tuple) else (at,)
    wide = sum(each is not None and each is not Ellipsis for each in given)
    for each in map(c.index, given):
        if each is Ellipsis:
            places += [slice(None)] * (len(x.shape) - wide)
        elif each is None or isinstance(each, int | slice):
            places.append(each)
        else:
            return _picked(c, x, given, each)
    return layers.taken(c.d, x, tuple(places))


def _picked(c: Any, x: Term, given: Any, rows: Any) -> Term:
    """A list of rows along the first axis."""
    found = c.rows(rows)
    only(len(given) == 1 and found, "an index by a tensor that is no list of rows")
    if len(x.shape) == 1:
        parts = [Term(f"{x.text}[{row}:{row + 1}]", (1,)) for row in found]
    else:
        parts = [Term(f"{x.text}[{row}]", x.shape[1:]) for row in found]
    return layers.joined(c.d, parts, c.shape)


def _select(c: Any, input: Any, dim: int, index: int | slice) -> Term:
    x = c(input)
    at: list[Any] = [slice(None)] * len(x.shape)
    at[dim] = index
    return layers.taken(c.d, x, tuple(at))


def _narrow(c: Any, input: Any, dim: int, start: int, length: int) -> Term:
    return _select(c, input, dim, slice(start, start + length))


def _split(c: Any, input: Any, sizes: Any, dim: int = 0) -> tuple[Term, ...]:
    x = c(input)
    whole = x.shape[dim]
    if isinstance(sizes, int):
        sizes = [min(sizes, whole - start) for start in range(0, whole, sizes)]
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return tuple(_narrow(c, x, dim, *each) for each in zip(starts, sizes, strict=True))


def _chunk(c: Any, input: Any, chunks: int, dim: int = 0) -> tuple[Term, ...]:
    x = c(input)
    return _split(c, x, math.ceil(x.shape[dim] / chunks), dim)


def _unbind(c: Any, input: Any, dim: int = 0) -> tuple[Term, ...]:
    x = c(input)
    return tuple(_select(c, x, dim, place) for place in range(x.shape[dim]))


def _cat(c: Any, tensors: Any, dim: int = 0, **named: Any) -> Term:
    return layers.concatenated(c.d, [c(each) for each in tensors], named.get("axis", dim))


def _embedding(
    c: Any, input: Any, weight: Any, padding_idx: Any = None, max_norm: Any = None, *_: Any,
    **named: Any,
) -> Term:  # fmt: skip
    only(max_norm is None, "an embedding with max_norm")
    still = padding_idx if padding_idx is not None and padding_idx >= 0 else None
    rows = c.rows(input) or []
    return layers.looked_up(c.d, c(weight), rows, tuple(input.value.shape), still)


def _cell(kind: str) -> TorchRow:
    def row(c: Any, input: Any, state: Any, w: Any, u: Any, b: Any = None, k: Any = None) -> Any:
        weights = c(w), c(u), c.maybe(b), c.maybe(k)
        x = c(input)
        base = c.d.bases.get(x.text)
        like = base if base and x.shape == (1, *base.shape) else x
        first, *others = state if kind == "lstm" else (state,)
        h = c.state(first, like)
        found: tuple[Term, ...]
        if kind == "lstm":
            found = layers.lstm_cell(c.d, like, h, c.state(*others, like, "c"), weights)
        elif kind == "gru":
            found = (layers.gru_cell(c.d, like, h, weights),)
        else:
            first, second = layers.both(c.d, like, h, weights)
            c.d.once |= {first.text, second.text}
            found = (layers.call(c.d, kind, layers.plus(c.d, first, second)),)
        if like is not x:
            found = tuple(c.d.reshaped(each, (1, *each.shape)) for each in found)
        return found if kind == "lstm" else found[0]

    return row


def _sequence(kind: str) -> TorchRow:
    """A recurrent net over a sequence, layer by layer."""

    def row(
        c: Any, input: Any, state: Any, params: Any, has_biases: bool, num_layers: int,
        dropout: float, train: bool, bidirectional: bool, batch_first: bool,
    ) -> Any:  # fmt: skip
        only(not (train and dropout and num_layers > 1), "dropout between layers in training mode")
        cell, d, x = _cell(kind), c.d, c(input)
        axis = 1 if batch_first and len(x.shape) == 3 else 0
        inputs: list[Term] = [_select(c, x, axis, at) for at in range(x.shape[axis])]
        states = state if kind == "lstm" else (state,)
        ways, size = 1 + bidirectional, 4 if has_biases else 2
        ends: list[list[Term]] = [[] for _ in states]
        for layer in range(num_layers):
            runs: list[list[Term]] = []
            for way in range(ways):
                at = layer * ways + way
                own = params[at * size : (at + 1) * size]
                only(len(own) == size and len(params) == size * ways * num_layers, "proj_size")
                now = tuple(c.part(each, at) for each in states)
                outputs: list[Term] = []
                for each in inputs[::-1] if way else inputs:
                    worked = cell(c, each, now if kind == "lstm" else now[0], *own)
                    now = worked if isinstance(worked, tuple) else (worked,)
                    outputs.append(now[0])
                runs.append(outputs[::-1] if way else outputs)
                for place, end in enumerate(now):
                    ends[place].append(end)
            inputs = runs[0] if ways == 1 else [
                layers.concatenated(d, pair, -1) for pair in zip(*runs, strict=True)
            ]  # fmt: skip
        return layers.stacked(d, inputs, axis), *(layers.stacked(d, each, 0) for each in ends)

    return row


def _attention(
    c: Any, query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: Any = None, **_: Any,
) -> Term:  # fmt: skip
    only(dropout_p == 0, "attention with dropout")
    q, k, v = c(query), c(key), c(value)
    only(attn_mask is None, "attn_mask; masked_fill before a softmax is")
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = layers.product(c.d, q, _transpose(c, k, -1, -2))
    c.d.once.add(scores.text)
    scores = layers.times(c.d, scores, number(scale))
    if is_causal:
        size = q.shape[-2], k.shape[-2]
        ones = [float(column <= row) for row in range(size[0]) for column in range(size[1])]
        mask = c.d.give("constants", size, ones, "M", "1 where attention is allowed")
        scores = layers.chosen(c.d, mask, scores, number(LOW))
    return layers.product(c.d, layers.line_wise(c.d, "softmax", scores, -1), v)


def _reduction(named: dict[str, Any]) -> str:
    found = named.get("reduction", "mean")
    only(found in ("mean", "sum"), f"a loss with reduction={found!r}")
    return str(found)


def _loss(name: str, *words: str) -> TorchRow:
    """A loss of single outputs; `words` are PyTorch's names for its numbers."""

    def row(c: Any, input: Any, target: Any, *given: Any, **named: Any) -> Any:
        only(not given or words, "a loss with settings by position")
        for word in ("weight", "pos_weight"):
            only(named.get(word) is None, f"a loss with {word}")
        settings = [named.get(word, 1.0) for word in words]
        if name == "smooth_l1" and settings == [0]:
            return _loss("l1")(c, input, target, **named)
        p, y = c(input), c(target)
        if c.last and p.shape == y.shape:
            p = c.line(p)
        return layers.lost(c.d, name, p, y, _reduction(named), *settings, last=c.last)

    return row


def _classes(*, logs: bool) -> TorchRow:
    """Cross entropy of scores, or of log-probabilities."""

    def row(c: Any, input: Any, target: Any, *given: Any, **named: Any) -> Any:
        only(not given and named.get("weight") is None, "a loss with weights of classes")
        p = c(input)
        only(0 < len(p.shape) < 3, f"cross entropy of {len(p.shape)} axes; it takes rows of scores")
        if c.d.stem(p) == "p" and not logs:
            c.notes.append("PyTorch's cross_entropy takes scores, but this module ends in softmax:"
                           " there is a softmax twice, as in PyTorch")  # fmt: skip
        y = c.distribution(target, p.shape, named.get("label_smoothing", 0.0))
        return layers.classified(c.d, p, y, _reduction(named), logs=logs, last=c.last)

    return row


ROWS: dict[str, TorchRow] = {
    **{name: _function(name) for name in (
        "relu", "selu", "silu", "mish", "sigmoid", "tanh", "exp", "log", "expm1", "log1p", "sqrt",
        "square", "abs", "sin", "cos", "erf", "erfc", "sign",
    )},
    "absolute": _function("abs"),
    "leaky_relu": _function("leaky_relu", negative_slope=0.01),
    "elu": _function("elu", alpha=1.0),
    "gelu": lambda c, input, approximate="none": layers.call(
        c.d, "gelu_tanh" if approximate == "tanh" else "gelu", c(input)),
    "softplus": lambda c, input, beta=1, threshold=20: (
        layers.call(c.d, "softplus", c(input)) if beta == 1 else
        layers.formula(c.d, "softplus({0}*{x})/{0}", c(input), beta)),
    "hardtanh": _formula("min(max({x}, {0}), {1})", min_val=-1.0, max_val=1.0),
    "relu6": _formula("min(max({x}, 0), 6)"),
    "hardsigmoid": _hardsigmoid,
    "hardswish": _formula("{x}*min(max({x} + 3, 0), 6)/6"),
    "logsigmoid": _formula("-softplus(-{x})"), "log_sigmoid": _formula("-softplus(-{x})"),
    "softsign": _formula("{x}/(1 + abs({x}))"),
    "tanhshrink": _formula("{x} - tanh({x})"),
    "reciprocal": _formula("1/{x}"),
    "rsqrt": _formula("1/sqrt({x})"),
    "celu": _formula("max({x}, 0) + min(0, {0}*expm1({x}/{0}))", alpha=1.0),
    "threshold": _THRESHOLD, "_threshold": _THRESHOLD,
    "hardshrink": _formula("{x} if abs({x}) > {0} else 0", lambd=0.5),
    "softshrink": _formula("max({x} - {0}, 0) - max(-{x} - {0}, 0)", lambd=0.5),
    "prelu": _prelu,
    "glu": _glu,
    "neg": lambda c, input: layers.negative(c.d, c(input)),
    "clamp": _clamp, "clip": _clamp,
    "add": _signed("+"), "sub": _signed("-"), "subtract": _signed("-"),
    "rsub": lambda c, input, other, **_: layers.plus(c.d, c(other), c(input), "-"),
    "mul": _twice("*"), "multiply": _twice("*"),
    "div": _twice("/"), "truediv": _twice("/"), "divide": _twice("/"),
    "pow": lambda c, input, exponent: c.d.line(
        "u", "{}**{}", c(input), c(exponent), level=POWER),
    "maximum": lambda c, a, b: layers.extreme(c.d, "max", c(a), c(b)),
    "minimum": lambda c, a, b: layers.extreme(c.d, "min", c(a), c(b)),
    "gt": _compared(">"), "lt": _compared("<"), "ge": _compared(">="), "le": _compared("<="),
    "eq": _compared("=="), "ne": _compared("!="),
    "where": lambda c, condition, input, other: layers.chosen(
        c.d, c(condition), c(input), c(other)),
    "masked_fill": _masked_fill,
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot"),
                    lambda c, a, b: layers.product(c.d, c(a), c(b))),
    "addmm": _addmm,
    "outer": lambda c, input, other: c.d.line("s", "outer({}, {})", c(input), c(other)),
    "linear": lambda c, input, weight, bias=None: layers.linear(
        c.d, c(input), c(weight), c.maybe(bias)),
    "conv1d": _conv, "conv2d": _conv,
    **{f"{kind}{axes}d": make(axes) for axes in (1, 2)
       for kind, make in (("max_pool", _max_pool), ("_max_pool", _max_pool),
                          ("avg_pool", _mean_pool),
                          ("adaptive_avg_pool", partial(_adaptive, "mean_pool")),
                          ("adaptive_max_pool", partial(_adaptive, "max_pool")),
                          ("_adaptive_max_pool", partial(_adaptive, "max_pool")))},
    "batch_norm": _batch_norm, "instance_norm": _instance_norm,
    "layer_norm": lambda c, input, normalized_shape, weight=None, bias=None, eps=1e-5:
        layers.layer_norm(c.d, c(input), normalized_shape, c.maybe(weight), c.maybe(bias), eps),
    "group_norm": lambda c, input, num_groups, weight=None, bias=None, eps=1e-5:
        layers.group_norm(c.d, c(input), num_groups, c.maybe(weight), c.maybe(bias), eps),
    "rms_norm": _rms_norm, "normalize": _normalize,
    "norm": _norm, "vector_norm": _norm,
    "sum": _reduced("sum"), "mean": _reduced("mean"),
    "amax": _reduced("max"), "amin": _reduced("min"),
    "max": _extreme("max"), "min": _extreme("min"),
    "var": _variance, "std": partial(_variance, root=True),
    "softmax": _softmax("softmax"), "log_softmax": _softmax("log_softmax"),
    "softmin": _softmax("softmax", "-"),
    "dropout": _dropout, "dropout1d": _dropout, "dropout2d": _dropout, "alpha_dropout": _dropout,
    "feature_dropout": _dropout, "feature_alpha_dropout": _dropout,
    "float": _cast, "double": _cast, "to": _cast, "type_as": _cast, "type": _cast,
    **dict.fromkeys(("contiguous", "clone", "requires_grad", "cpu"),
                    lambda c, input, *_, **__: input),
    "detach": _detach,
    **dict.fromkeys(
        ("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "ravel", "view_as",
         "reshape_as"), lambda c, input, *_, **__: c.d.reshaped(c(input), c.shape)),
    "expand": _expand, "expand_as": _expand, "repeat": _expand, "broadcast_to": _expand,
    "transpose": _transpose, "swapaxes": _transpose, "permute": _permute, "t": _turned,
    "getattr": _attribute, "getitem": _item,
    "select": _select, "narrow": _narrow, "split": _split, "chunk": _chunk, "unbind": _unbind,
    "cat": _cat, "concat": _cat, "concatenate": _cat,
    "stack": lambda c, tensors, dim=0: layers.stacked(c.d, [c(each) for each in tensors], dim),
    "embedding": _embedding,
    "rnn_tanh_cell": _cell("tanh"), "rnn_relu_cell": _cell("relu"), "gru_cell": _cell("gru"),
    "lstm_cell": _cell("lstm"),
    "rnn_tanh": _sequence("tanh"), "rnn_relu": _sequence("relu"), "gru": _sequence("gru"),
    "lstm": _sequence("lstm"),
    "scaled_dot_product_attention": _attention,
    "mse_loss": _loss("mse"), "l1_loss": _loss("l1"), "binary_cross_entropy": _loss("bce"),
    "binary_cross_entropy_with_logits": _loss("bce_with_logits"),
    "huber_loss": _loss("huber", "delta"), "smooth_l1_loss": _loss("smooth_l1", "beta"),
    "soft_margin_loss": _loss("soft_margin"),
    "cross_entropy": _classes(logs=False), "nll_loss": _classes(logs=True),
}  # fmt: skip
"""How each of PyTorch's functions and methods is written, by its name."""

PYTORCH_LOSSES = {
    "mse": "mse_loss", "l1": "l1_loss", "bce": "binary_cross_entropy",
    "bce_with_logits": "binary_cross_entropy_with_logits", "cross_entropy": "cross_entropy",
    "nll": "nll_loss", "huber": "huber_loss", "smooth_l1": "smooth_l1_loss",
    "soft_margin": "soft_margin_loss",
}  # fmt: skip
"""The losses that mean what PyTorch's function of this name means."""

OWN_LOSSES: dict[str, Callable[..., Any]] = {
    "l2": lambda p, y: (p - y) ** 2,
    "half_l2": lambda p, y: (p - y) ** 2 / 2,
    "hinge": lambda p, y: (1 - y * p).clamp(min=0),
    "perceptron": lambda p, y: (-(y * p)).clamp(min=0),
    "log_cosh": lambda p, y: p.sub(y).cosh().log(),
}
"""The losses of backcalc's own, for each output as PyTorch works it out."""

CLASSES = ("cross_entropy", "nll")  # the losses whose target may be the number of a class


def loss_row(name: str, reduction: str) -> TorchRow:
    """The row of a loss by its name; raise BackcalcError where there is none.

    backcalc's own are the sum over the outputs of a row, and the mean over rows.
    """
    if name in PYTORCH_LOSSES:
        return partial(ROWS[PYTORCH_LOSSES[name]], reduction=reduction)
    if name not in OWN_LOSSES:
        known = sorted([*PYTORCH_LOSSES, *OWN_LOSSES])
        hint = did_you_mean(name, known) or f"there are {listed(known)}"
        raise BackcalcError(f"no such loss: {name[:60]}", hint=hint)
    how = "by row" if reduction == "mean" else "sum"
    return lambda c, p, y: layers.lost(c.d, name, c.line(c(p)), c(y), how, last=c.last)
