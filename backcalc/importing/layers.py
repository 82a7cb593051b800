"""Layers as equations: one function for each, which PyTorch's and ONNX's tables share.

Each takes the draft and its operands and returns what stands for the result; the conventions are
PyTorch's, which ONNX shares.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import reduce as folded
from typing import TypeAlias

from backcalc.importing.draft import (
    ATOM,
    CHOICE,
    CONDITION,
    POWER,
    PRODUCT,
    SUM,
    Draft,
    Held,
    Sizes,
    Term,
    UnknownError,
    number_text,
)

MOST_UNROLLED = 64  # products of matrices that a product of batches of matrices may be

Several: TypeAlias = "int | Sequence[int]"


def number(value: float) -> Term:
    """A number in a formula."""
    text = number_text(value)
    return Term(text, (), SUM if text.startswith("-") else ATOM)


def only(condition: object, why: str) -> None:
    """Raise UnknownError unless this holds."""
    if not condition:
        raise UnknownError(why)


def plus(d: Draft, left: Term, right: Term, sign: str = "+") -> Term:
    """Left + right, or left - right."""
    if left.text == "0" and sign == "+":  # where Python's sum begins
        return right
    z = affine(d, left) or affine(d, right)
    layer = next((d.lines[each.text].number for each in (left, right) if affine(d, each)), None)
    for each in (left, right) if layer else ():
        d.name(each, "b", layer)
    left, right = d.opened(left), d.opened(right)
    text = f"{d.inside(left, SUM)} {sign} {d.inside(right, PRODUCT if sign == '-' else SUM)}"
    if right.text.startswith("-"):
        text = f"{d.inside(left, SUM)} {sign} ({right.text})"
    return d.line("z" if z else "s", text, level=SUM, number=layer)


def affine(d: Draft, term: Term) -> bool:
    """True for a line that is a product of matrices or a convolution."""
    found = d.lines.get(term.text)
    return found is not None and found.stem == "z" and term.text in d.once


def times(d: Draft, left: Term, right: Term, sign: str = "*") -> Term:
    """Left * right, or left / right."""
    left, right = (each if d.stem(each) == "z" else d.opened(each) for each in (left, right))
    between = f" {sign} " if "@" in left.text or sign == "/" else sign
    text = f"{d.inside(left, PRODUCT)}{between}{d.inside(right, POWER)}"
    return d.line("s" if "@" in left.text else "u", text, level=PRODUCT)


def negative(d: Draft, x: Term) -> Term:
    """-x."""
    return d.line("u", "-{}", x, level=SUM)


def call(d: Draft, name: str, x: Term, *settings: float, stem: str = "h") -> Term:
    """A function of the table, element by element, with its settings."""
    x = d.opened(x) if d.stem(x) in ("u", "s") else x
    words = "".join(f", {number_text(each)}" for each in settings)
    return d.line(stem, f"{name}({x.text}{words})")


def extreme(d: Draft, name: str, left: Term, right: Term) -> Term:
    """The larger or the smaller one, element by element."""
    return d.line("h", f"{name}({left.text}, {right.text})")


def compared(d: Draft, left: Term, right: Term, relation: str) -> Term:
    """A condition, element by element."""
    shape = d.shape(f"({d.inside(left, ATOM)}) + ({d.inside(right, ATOM)})")
    text = f"{d.inside(left, SUM)} {relation} {d.inside(right, SUM)}"
    return Term(text, shape, CONDITION)


def chosen(d: Draft, condition: Term, then: Term, otherwise: Term) -> Term:
    """One or the other, element by element."""
    text = condition.text if condition.level == CONDITION else f"{condition.text} > 0"
    parts = f"{d.inside(then, SUM)} if {text} else {d.inside(otherwise, SUM)}"
    return d.line("h", parts, level=CHOICE)


def formula(d: Draft, template: str, x: Term, *settings: float, stem: str = "h") -> Term:
    """A formula of one operand `x`, its numbers in order as `{0}`, `{1}`."""
    texts = [number_text(each) for each in settings]
    return d.line(stem, template.format(*texts, x=d.inside(x, POWER)), level=SUM)


def product(d: Draft, left: Term, right: Term) -> Term:
    """The product of two matrices, of vectors, or of batches of matrices."""
    left, right = (_whole_line(d, each) for each in (left, right))
    if max(len(left.shape), len(right.shape)) < 3:
        whole = [each for each in (left, right) if each.text in d.held and _weight(d, each)]
        layer = d.layer(whole[0]) if whole else None
        for each in whole:
            d.name(each, "W", layer)
        stem = "z" if whole or (".T" in right.text and _weight(d, right)) else "s"
        text = f"{d.inside(left, PRODUCT)} @ {d.inside(right, POWER)}"
        return d.line(stem, text, level=PRODUCT, number=layer)
    if len(right.shape) < 3:
        flat = d.reshaped(left, (math.prod(left.shape[:-1]), left.shape[-1]))
        found = product(d, flat, right)
        return d.reshaped(found, (*left.shape[:-1], *right.shape[1:]))
    before = folded(_together, (left.shape[:-2], right.shape[:-2]))
    only(math.prod(before) <= MOST_UNROLLED, f"a product of {math.prod(before)} pairs of matrices")
    parts = [
        Term(f"{_at(left, place)} @ {_at(right, place)}", (), PRODUCT)
        for place in itertools.product(*map(range, before))
    ]
    rows = (1,) if len(left.shape) == 1 else left.shape[-2:-1]
    return joined(d, parts, (*before, *rows, right.shape[-1]), "s")


def _weight(d: Draft, term: Term) -> bool:
    found = d.held.get(term.text.removesuffix(".T"))
    return found is not None and found.section == "weights"


def _whole_line(d: Draft, term: Term) -> Term:
    """An operand with a name or an index of its own."""
    return term if term.level == ATOM else d.line("s", term.text, level=term.level)


def _together(left: Sizes, right: Sizes) -> Sizes:
    pairs = itertools.zip_longest(reversed(left), reversed(right), fillvalue=1)
    return tuple(max(pair) for pair in pairs)[::-1]


def _at(term: Term, place: Sizes) -> str:
    own = len(term.shape) - 2
    if own <= 0:
        return term.text
    at = [0 if size == 1 else index for size, index in
          zip(term.shape[:own], place[len(place) - own :], strict=True)]  # fmt: skip
    return f"{term.text}[{', '.join(map(str, at))}]"


def linear(d: Draft, x: Term, weight: Term, bias: Term | None, layer: int | None = None) -> Term:
    """W x + b; of a batch each row x is multiplied: X W.T + b."""
    layer = d.layer(weight) if layer is None else layer
    d.name(weight, "W", layer)
    d.name(bias, "b", layer)
    rank = len(x.shape)
    flat = x if rank < 3 else d.reshaped(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    text = "{1} @ {0}" if rank == 1 else "{0} @ {1}.T"
    terms = [flat, weight, *([bias] if bias else [])]
    text += " + {2}" if bias else ""
    found = d.line("z", text, *terms, level=SUM if bias else PRODUCT, number=layer)
    return found if rank < 3 else d.reshaped(found, (*x.shape[:-1], *weight.shape[:-1]))


def convolved(
    d: Draft, x: Term, kernel: Term, bias: Term | None, stride: Several = 1,
    padding: Several | str = 0, dilation: Several = 1, groups: int = 1,
) -> Term:  # fmt: skip
    """A convolution of one image or a batch, group by group."""
    axes = len(kernel.shape) - 2
    only(1 <= axes <= 2, f"a convolution over {axes} axes; 1 and 2 are")
    dilations, strides = several(dilation, axes), several(stride, axes)
    only(set(dilations) == {1}, f"a convolution with dilation={dilations}")
    if isinstance(padding, str):
        odd = all(size % 2 for size in kernel.shape[2:])
        only(padding == "valid" or odd, "padding='same' with a kernel of even length")
        padding = 0 if padding == "valid" else [size // 2 for size in kernel.shape[2:]]
    words = spoken("stride", strides, 1) + spoken("padding", several(padding, axes), 0)
    layer = d.layer(kernel)
    d.name(kernel, "K", layer)
    d.name(bias, "c", layer)
    if groups == 1:
        text = f"conv({x.text}, {kernel.text}{words})"
    else:
        own, made = kernel.shape[1], kernel.shape[0] // groups
        before = ":, " * (len(x.shape) - axes - 1)
        parts = [
            f"conv({x.text}[{before}{each * own}:{(each + 1) * own}],"
            f" {kernel.text}[{each * made}:{(each + 1) * made}]{words})"
            for each in range(groups)
        ]
        parts = [d.line("z", part).text for part in parts]
        text = f"concat({', '.join(parts)}, axis={len(x.shape) - axes - 1})"
    level = ATOM
    if bias:
        shifted = bias if kernel.shape[0] == 1 else d.across(bias, channels(bias, axes))
        text, level = f"{text} + {shifted.text}", SUM
    return d.line("z", text, level=level, number=layer)


def channels(term: Term, axes: int) -> Sizes:
    """The shape in which there is one number for each channel of what has so many more axes."""
    return (*term.shape, *(1,) * axes)


def several(value: Several, axes: int) -> Sizes:
    """A setting for each axis."""
    if isinstance(value, int):
        return (value,) * axes
    values = tuple(value)
    return values * axes if len(values) == 1 else values


def spoken(word: str, values: Sizes, usual: int | Sizes | None) -> str:
    """A setting as a formula says it, one number where all are alike; nothing if it is usual."""
    if values == usual or set(values) == {usual}:
        return ""
    alike = len(set(values)) == 1 and len(values) > 1
    text = str(values[0]) if alike else f"({', '.join(map(str, values))})"
    if len(values) == 1 and word != "size":
        text = str(values[0])
    return f", {word}={text}"


# Pooling, and means over axes.


def pooled(
    d: Draft, name: str, x: Term, size: Several, stride: Several | None, padding: Several,
    axes: int, *, ceil: bool = False, dilation: Several = 1,
) -> Term:  # fmt: skip
    """The max or the mean of each window."""
    window = several(size, axes)
    steps = several(stride, axes) if stride or stride == 0 else window
    only(set(several(padding, axes)) == {0}, "pooling with padding")
    only(set(several(dilation, axes)) == {1}, "pooling with dilation")
    even = all((s - w) % step == 0 for s, w, step in
               zip(x.shape[-axes:], window, steps, strict=True))  # fmt: skip
    only(even or not ceil, "pooling with ceil_mode")
    words = spoken("size", window, None) + ("" if steps == window else spoken("stride", steps, 0))
    return d.line("m", f"{name}({x.text}{words})")


def adapted(d: Draft, name: str, x: Term, wanted: Sequence[int | None]) -> Term:
    """The max or the mean of as many windows as are wanted."""
    axes = len(wanted)
    pairs = [(size, goal or size) for size, goal in zip(x.shape[-axes:], wanted, strict=True)]
    only(all(size % goal == 0 for size, goal in pairs), f"windows of different lengths: {pairs}")
    size = [size // goal for size, goal in pairs]
    return pooled(d, name, x, size, None, 0, axes)


def reduced(d: Draft, name: str, x: Term, axes: Sequence[int] | None, keep: bool = False) -> Term:
    """The sum, the mean, the max or the min over some axes, or over all."""
    if not x.shape:
        return x
    text, rank = x.text, len(x.shape)
    whole = {axis % rank for axis in axes} if axes else {*range(rank)}
    if len(whole) == rank and not keep:
        return d.line("a", f"{name}({text})")
    for axis in sorted(whole, reverse=True):
        text = f"{name}({text}, axis={axis}{', keep=True' if keep else ''})"
    return d.line("a", text)


def variance(d: Draft, x: Term, axes: Sequence[int] | None, correction: float, keep: bool) -> Term:
    """The variance over some axes, by n minus the correction."""
    rank = len(x.shape)
    whole = sorted({axis % rank for axis in axes} if axes else {*range(rank)})
    n = math.prod(x.shape[axis] for axis in whole)
    scale = "" if not correction else f"*{n}/{number_text(n - correction)}"
    if len(whole) in (1, rank) and not (keep and len(whole) > 1):
        words = f", axis={whole[0]}{', keep=True' if keep else ''}" if len(whole) < rank else ""
        return d.line("v", f"variance({x.text}{words}){scale}", level=PRODUCT)
    middle = reduced(d, "mean", x, whole, keep=True)
    apart = d.line("d", "({} - {})**2", x, middle)
    found = reduced(d, "mean", apart, whole, keep)
    return d.line("v", f"{{}}{scale}", found, level=PRODUCT) if scale else found


def line_wise(d: Draft, name: str, x: Term, axis: int) -> Term:
    """Softmax or log_softmax along an axis."""
    rank = len(x.shape)
    only(rank, f"{name} of a number")
    words = "" if axis % rank == rank - 1 else f", axis={axis % rank}"
    stem = "p" if name == "softmax" else "logp"
    return d.line(stem, f"{name}({x.text}{words})")


def scaled(d: Draft, x: Term, gain: Term | None, shift: Term | None, axes: int = 0) -> Term:
    """What was normalised times a gain plus a shift, for each channel before so many axes."""
    if gain is None and shift is None:
        return x
    d.name(gain, "gain")
    d.name(shift, "shift")
    own = [d.across(each, channels(each, axes)) if each and axes else each
           for each in (gain, shift)]  # fmt: skip
    text = f"{own[0].text}*{x.text}" if own[0] else x.text
    return d.line("s", f"{text} + {own[1].text}" if own[1] else text, level=SUM)


def layer_norm(
    d: Draft, x: Term, sizes: Sequence[int], gain: Term | None, shift: Term | None, eps: float
) -> Term:
    """Each row with mean 0 and variance 1."""
    axes = len(sizes)
    flat = x if axes == 1 else d.reshaped(x, (*x.shape[:-axes], math.prod(sizes)))
    found = d.line("n", f"layer_norm({flat.text}, eps={number_text(eps)})")
    return scaled(d, d.reshaped(found, x.shape), gain, shift)


def group_norm(
    d: Draft, x: Term, groups: int, gain: Term | None, shift: Term | None, eps: float
) -> Term:
    """Each group of channels of each image with mean 0 and variance 1."""
    shape = (x.shape[0] * groups, math.prod(x.shape[1:]) // groups)
    found = d.line("n", f"layer_norm({d.reshaped(x, shape).text}, eps={number_text(eps)})")
    return scaled(d, d.reshaped(found, x.shape), gain, shift, len(x.shape) - 2)


def batch_norm(
    d: Draft, x: Term, mean: Term | None, spread: Term | None, gain: Term | None,
    shift: Term | None, eps: float,
) -> Term:  # fmt: skip
    """Each channel less a mean, by a standard deviation: given ones, or those of the batch."""
    axes = len(x.shape) - 2
    small = number_text(eps)
    if mean and spread:
        m, v = (d.across(each, channels(each, axes)) if axes else each for each in (mean, spread))
        text = f"({x.text} - {m.text})/sqrt({v.text} + {small})"
        return scaled(d, d.line("n", text, level=PRODUCT), gain, shift, axes)
    if not axes:
        return scaled(d, d.line("n", f"batch_norm({x.text}, eps={small})"), gain, shift)
    over = (0, *range(2, len(x.shape)))
    middle = reduced(d, "mean", x, over, keep=True)
    apart = plus(d, x, middle, "-")
    d.lines[apart.text].stem = "d"
    squares = reduced(d, "mean", d.line("e", "{}**2", apart), over, keep=True)
    found = d.line("n", "{}/sqrt({} + %s)" % small, apart, squares)  # noqa: UP031 - braces
    return scaled(d, found, gain, shift, axes)


def joined(d: Draft, parts: Sequence[Term], shape: Sizes, stem: str = "f") -> Term:
    """Parts one after another in one value of this shape."""
    if len(parts) == 1:
        return d.reshaped(_whole_line(d, parts[0]), shape, stem)
    lines = [_whole_line(d, part) for part in parts]
    lines = [d.reshaped(each, (1,)) if not d.shape(each.text) else each for each in lines]
    text = f"concat({', '.join(each.text for each in lines)})"
    if d.shape(text) != shape:
        text = f"reshape({text}, shape=({', '.join(map(str, shape))}))"
    return d.line(stem, text)


def concatenated(d: Draft, parts: Sequence[Term], axis: int) -> Term:
    """Parts side by side along an axis."""
    if len(parts) == 1:
        return parts[0]
    own = axis % len(parts[0].shape)
    words = f", axis={own}" if own else ""
    return d.line("f", f"concat({', '.join(each.text for each in parts)}{words})")


def stacked(d: Draft, parts: Sequence[Term], axis: int) -> Term:
    """Parts side by side along a new axis."""
    shape = parts[0].shape
    own = axis % (len(shape) + 1)
    if own == 0:
        found = joined(d, parts, (len(parts), *shape))
        return Term(found.text, found.shape, ATOM, tuple(parts))
    wider = (*shape[:own], 1, *shape[own:])
    found = concatenated(d, [d.reshaped(each, wider) for each in parts], own)
    return Term(found.text, found.shape, ATOM, tuple(parts), own)


ArrayIndex: TypeAlias = "tuple[int | slice | None, ...]"


def taken(d: Draft, x: Term, at: ArrayIndex) -> Term:
    """What numbers and slices pick, one for each axis; None is a new axis."""
    places = [each for each in at if each is not None]
    texts: list[str] = []
    wanted = [*places, *[slice(None)] * (len(x.shape) - len(places))]
    for size, place in zip(x.shape, wanted, strict=True):
        if isinstance(place, int):
            texts.append(str(place % size))
            continue
        assert isinstance(place, slice)
        start, stop, step = place.indices(size)
        only(step == 1, f"a slice with step {step}")
        texts.append(":" if (start, stop) == (0, size) else f"{start}:{stop}")
    while texts and texts[-1] == ":":
        texts.pop()
    found = x
    base = d.bases.get(x.text)
    own = texts[x.axis] if x.parts and len(texts) > x.axis else ""
    if own.isdigit():
        found = x.parts[int(own)]
        del texts[x.axis]
        while texts and set(texts) == {":"}:
            texts.pop()
    elif base and len(texts) == 1 and texts[0].isdigit() and base.shape[:1] == x.shape[:1]:
        texts, first = [], Term(f"{base.text}[{texts[0]}]", base.shape[1:])
        found = d.reshaped(first, x.shape[1:])
    if texts:
        text = f"{found.text}[{', '.join(texts)}]"
        found = Term(text, d.shape(text))
    if None in at:
        shape = list(found.shape)
        for position in [place for place, each in enumerate(at) if each is None]:
            shape.insert(position - sum(isinstance(e, int) for e in at[:position]), 1)
        return d.reshaped(found, tuple(shape))
    return found


def permuted(d: Draft, x: Term, order: Sequence[int]) -> Term:
    """The axes in another order."""
    rank = len(x.shape)
    own = [axis % rank for axis in order]
    if own == [*range(rank)]:
        return x
    shape = tuple(x.shape[axis] for axis in own)
    long = [axis for axis in own if x.shape[axis] > 1]
    if long == sorted(long):  # only axes of length 1 move
        return d.reshaped(x, shape)
    if rank == 2:
        return Term(f"{_whole_line(d, x).text}.T", shape)
    return d.line("f", f"permute({_whole_line(d, x).text}, axes=({', '.join(map(str, own))}))")


def looked_up(d: Draft, table: Term, rows: Sequence[int], shape: Sizes, still: int | None) -> Term:
    """Rows of a table by their numbers; the row `still` is not trained."""
    only(rows, "a look-up of nothing")
    d.name(table, "E")
    width = table.shape[1:]
    texts = [f"detach({table.text}[{row}])" if row == still else f"{table.text}[{row}]"
             for row in rows]  # fmt: skip
    terms = [Term(text, width) if "(" not in text else d.line("e", text) for text in texts]
    if not shape:
        return terms[0]
    return joined(d, terms, (*shape, *width), "x")


# Cells of recurrent nets. A batch of rows or one vector.

Weights: TypeAlias = "tuple[Term, Term, Term | None, Term | None]"
"""For the input, for the state, and their biases."""


def both(d: Draft, x: Term, h: Term, weights: Weights) -> tuple[Term, Term]:
    """What the input and the state bring to all gates."""
    w, u, b, c = weights
    layer = d.layer(w)
    d.name(u, "U", layer)
    d.name(c, "bh", layer)
    first = linear(d, x, w, b, layer)
    rows = "{1} @ {0}" if len(h.shape) == 1 else "{0} @ {1}.T"
    second = d.line("k", rows + (" + {2}" if c else ""), h, u, *([c] if c else []),
                    level=SUM if c else PRODUCT)  # fmt: skip
    return first, second


def gate(d: Draft, x: Term, number: int, size: int) -> str:
    """A gate's part of what all gates got."""
    lead = ":, " * (len(x.shape) - 1)
    return f"{x.text}[{lead}{number * size}:{(number + 1) * size}]"


def gru_cell(d: Draft, x: Term, h: Term, weights: Weights) -> Term:
    """One step of a GRU, the reset gate after the product as in PyTorch."""
    first, second = both(d, x, h, weights)
    size = h.shape[-1]
    r, z = (d.line(stem, f"sigmoid({gate(d, first, at, size)} + {gate(d, second, at, size)})")
            for at, stem in enumerate(("r", "u")))  # fmt: skip
    n = d.line("n", f"tanh({gate(d, first, 2, size)} + {r.text}*{gate(d, second, 2, size)})")
    return d.line("h", "(1 - {0})*{1} + {0}*{2}", z, n, h, level=SUM)


def lstm_cell(d: Draft, x: Term, h: Term, c: Term, weights: Weights) -> tuple[Term, Term]:
    """One step of an LSTM: output and state."""
    first, second = both(d, x, h, weights)
    d.once |= {first.text, second.text}
    both_ = plus(d, first, second)
    size = h.shape[-1]
    names = (("i", "sigmoid"), ("f", "sigmoid"), ("g", "tanh"), ("o", "sigmoid"))
    i, f, g, o = (d.line(stem, f"{function}({gate(d, both_, at, size)})")
                  for at, (stem, function) in enumerate(names))  # fmt: skip
    state = d.line("c", "{}*{} + {}*{}", f, c, i, g, level=SUM)
    return d.line("h", "{}*tanh({})", o, state, level=PRODUCT), state


# Losses: what stands for one output `p` with its target `y`, and the loss of the table.

LOSS_TERMS: dict[str, tuple[str, str, str]] = {
    "mse": ("({p} - {y})**2", "mse", "l2"),
    "l1": ("abs({p} - {y})", "", "l1"),
    "bce": ("-({y}*log({p}) + (1 - {y})*log(1 - {p}))", "", "bce"),
    "bce_with_logits": ("softplus({p}) - {y}*{p}", "", ""),
    "huber": (
        "(1/2*({p} - {y})**2 if abs({p} - {y}) <= {0} else {0}*(abs({p} - {y}) - 1/2*{0}))",
        "", "huber({0})",
    ),
    "smooth_l1": (
        "(1/2*({p} - {y})**2/{0} if abs({p} - {y}) < {0} else abs({p} - {y}) - 1/2*{0})", "", "",
    ),
    "soft_margin": ("softplus(-({y}*{p}))", "", ""),
    "l2": ("({p} - {y})**2", "", "l2"),
    "half_l2": ("1/2*({p} - {y})**2", "", "half_l2"),
    "hinge": ("max(0, 1 - {y}*{p})", "", "hinge"),
    "perceptron": ("max(-({y}*{p}), 0)", "", "perceptron"),
    "log_cosh": ("softplus(2*({p} - {y})) - ({p} - {y}) - log(2)", "", "log_cosh"),
}  # fmt: skip
"""For each loss of single outputs its term, the loss of the table that is its mean over all
outputs, and the one that is its sum over the outputs of a row and its mean over rows."""


def lost(
    d: Draft, name: str, p: Term, y: Term, reduction: str, *settings: float, last: bool = False
) -> Term | None:
    """The loss over all outputs; None if it is the file's own and the last there is."""
    term, over_all, by_row = LOSS_TERMS[name]
    rows = p.shape[0] if len(p.shape) > 1 else 1
    alone = math.prod(p.shape) == rows
    words = [number_text(each) for each in settings]
    found = over_all or (by_row if alone else "") if reduction == "mean" else by_row
    found = found.format(*words)
    named = d.held.get(y.text)
    named_line = p.text in d.lines and named is not None and named.section == "targets"
    if last and found and named_line and p.shape == y.shape:
        d.loss = (found, "sum" if reduction == "sum" and rows > 1 else "")
        d.outputs = (p.text,)
        return None
    text = term.format(*words, p=d.inside(p, ATOM), y=d.inside(y, ATOM))
    if p.shape or y.shape:
        text = f"{'sum' if reduction != 'mean' else 'mean'}({text})"
        text += f"/{rows}" if reduction == "by row" and rows > 1 else ""
    return ended(d, text, PRODUCT if p.shape or y.shape else SUM, last=last)


def ended(d: Draft, text: str, level: int, *, last: bool) -> Term | None:
    """A loss as a formula, of the file or of a line."""
    if last:
        d.loss = (text, "")
        return None
    return d.line("a", text, level=level)


def classified(
    d: Draft, p: Term, y: Term, reduction: str, *, logs: bool = False, last: bool = False
) -> Term | None:
    """Cross entropy of scores, or with `logs` of log-probabilities; y has the shape of p.

    y is a distribution for each row, or rows with a single 1.
    """
    rows = math.prod(p.shape[:-1]) if len(p.shape) > 1 else 1
    named = d.held.get(y.text)
    if not logs:
        found = line_wise(d, "softmax", p, -1)
        if last and named is not None and named.section == "targets" and len(p.shape) < 3:
            d.loss = ("cross_entropy", "sum" if reduction == "sum" and rows > 1 else "")
            d.outputs = (found.text,)
            _as_classes(named, p.shape)
            return None
        p = line_wise(d, "log_softmax", p, -1)
    text = f"-sum({y.text}*{p.text})" + (f"/{rows}" if reduction == "mean" and rows > 1 else "")
    return ended(d, text, SUM, last=last)


def _as_classes(target: Held, shape: Sizes) -> None:
    """Give the number of each row's class where each row has a single 1."""
    size = shape[-1]
    rows = [target.numbers[start : start + size] for start in range(0, len(target.numbers), size)]
    if all(sorted(row) == [0] * (size - 1) + [1] for row in rows):
        target.numbers, target.shape = [list(row).index(1) for row in rows], shape[:-1]
        target.note = "the class, counted from 0"
