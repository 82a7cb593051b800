"""PyTorch's modules as equations: torch.fx follows `forward` with the numbers at hand.

Shapes are known while it is followed, so that loops over them, views and sizes are what they are;
where the way depends on values it is taken as it goes, and that is said.
"""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from types import FrameType
from typing import Any

from backcalc.errors import BackcalcError, counted
from backcalc.importing.arguments import Arguments, Fixed, Unclear, check_shapes
from backcalc.importing.draft import Draft, Imported, ImportRequest, Term, UnknownError, plain
from backcalc.importing.torch_tables import CLASSES, OWN_LOSSES, PYTORCH_LOSSES, ROWS, loss_row
from backcalc.loading.matrix_files import MOST_ELEMENTS

INSTALL = "PyTorch is not installed; `pip install torch` brings it"

SINGLE = (
    "the module's numbers have 32 bits or less: each stands here in the fewest digits that name it,"
    " and PyTorch works in doubles with those"
)


def library() -> Any:
    """PyTorch; BackcalcError, saying what to install, without it."""
    try:
        import torch
    except ImportError:
        raise BackcalcError(INSTALL) from None
    return torch


# The module, its inputs and its loss, in doubles.


def in_doubles(tensor: Any, digits: int | None = None) -> Any:
    """A tensor in doubles: of fewer bits the shortest decimals that name its numbers.

    With `digits` rounded to so many.
    """
    torch = library()
    if not tensor.is_floating_point():
        return tensor
    flat = tensor.detach().flatten()
    if digits is None and tensor.dtype == torch.float64:
        return tensor.detach().clone()
    found = []
    for number, single in zip(flat.tolist(), flat, strict=True):
        for places in [digits] if digits else range(1, 18):
            short = float(f"{number:.{places}g}")
            if digits or torch.tensor(short, dtype=single.dtype) == single or number != number:
                break
        found.append(short)
    return torch.tensor(found, dtype=torch.float64).reshape(tensor.shape)


def doubled(module: Any, digits: int | None) -> tuple[Any, bool]:
    """A copy of a module in doubles, and whether it held other numbers."""
    torch = library()
    try:
        own = copy.deepcopy(module)
    except Exception as error:  # noqa: BLE001 - a module may refuse to be copied in any way
        raise BackcalcError(f"the module cannot be copied: {in_short(error)}") from None
    tensors = [*own.parameters(), *own.buffers()]
    single = any(each.is_floating_point() and each.dtype != torch.float64 for each in tensors)
    with torch.no_grad():
        for each in tensors:
            each.data = in_doubles(each, digits)
            each.grad = None
        for part in own.modules():
            for name, value in vars(part).items():
                if isinstance(value, torch.Tensor):
                    setattr(part, name, in_doubles(value))
    return own, single


def tensor_of(value: Any, *, whole: bool = False) -> Any:
    """A tensor from a tensor, an array, or nested lists; of whole numbers if wanted."""
    torch = library()
    if isinstance(value, torch.Tensor):
        return in_doubles(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    return torch.tensor(value, dtype=torch.int64 if whole else torch.float64)


def are_whole(value: Any) -> bool:
    """True for nested lists of whole numbers."""
    if isinstance(value, list | tuple):
        return bool(value) and all(map(are_whole, value))
    return isinstance(value, int) and not isinstance(value, bool)


Tensors = list[Any]


def _choices(inputs: Sequence[Any], targets: Sequence[Any]) -> Iterator[tuple[Tensors, Tensors]]:
    """The data as tensors: as doubles first, then whole numbers as what they are."""
    for own, others in product((False, True), repeat=2):
        if own > any(map(are_whole, inputs)) or others > any(map(are_whole, targets)):
            continue
        yield ([tensor_of(each, whole=own and are_whole(each)) for each in inputs],
               [tensor_of(each, whole=others and are_whole(each)) for each in targets])  # fmt: skip


Criterion = Callable[..., Any]


def criterion(loss: Any, reduction: str) -> tuple[Criterion, str]:
    """The loss as a function of output and target, and what it is called.

    That of a name carries its row, and how a target is made to fit an output.
    """
    if loss is None:
        return lambda output, *targets: output, "the module's own output"
    if not isinstance(loss, str):
        return loss, getattr(loss, "__name__", type(loss).__name__)

    def measured(output: Any, *targets: Any) -> Any:
        if len(targets) != 1:
            raise BackcalcError(f"{loss} takes one target, and {len(targets)} are given")
        target = fitting(loss, output, *targets)
        if loss in PYTORCH_LOSSES:
            function = getattr(library().nn.functional, PYTORCH_LOSSES[loss])
            return function(output, target, reduction=reduction)
        rows = output.shape[0] if output.dim() > 1 and reduction == "mean" else 1
        return OWN_LOSSES[loss](output, target).sum() / rows

    vars(measured).update(row=loss_row(loss, reduction), fitting=partial(fitting, loss))
    whose = "PyTorch's" if loss in PYTORCH_LOSSES else "backcalc's"
    return measured, f"{whose} {loss}, reduction={reduction!r}"


def fitting(loss: str, output: Any, target: Any) -> Any:
    """A target in the shape that a loss wants."""
    if loss in CLASSES and target.shape != output.shape:
        wanted = output.shape[:-1]
        if target.numel() == wanted.numel():
            return target.reshape(wanted).long()
    elif target.numel() == output.numel():
        return target.reshape(output.shape).to(output.dtype)
    raise BackcalcError(f"the output is {_size(output)}, but the target {_size(target)}",
                        hint="give a target for each output")  # fmt: skip


def _size(tensor: Any) -> str:
    return "x".join(map(str, tensor.shape)) or "a number"


def picked(output: Any, which: str | int | None) -> Any:
    """The output that the loss compares, of what a module returns."""
    if which is None:
        if isinstance(output, list | tuple | dict) and len(output) == 1:
            return output[next(iter(output))] if isinstance(output, dict) else output[0]
        if isinstance(output, list | tuple | dict):
            kind = "by name" if isinstance(output, dict) else "from 0 on"
            raise BackcalcError(f"the module returns {counted(len(output), 'value')}",
                                hint=f"say which, {kind}: --which 0")  # fmt: skip
        return output
    try:
        return output[which if isinstance(output, dict) else int(which)]
    except (KeyError, IndexError, ValueError, TypeError):
        raise BackcalcError(f"the module has no output {which!r}") from None


def from_module(
    module: Any, inputs: Sequence[Any], targets: Sequence[Any], loss: Any, asked: ImportRequest
) -> Imported:
    """The network file of a module at these inputs and targets, with PyTorch's figures.

    Raises BackcalcError where it cannot be run, UnknownError where it cannot be written.
    """
    torch = library()
    if not isinstance(module, torch.nn.Module):
        raise BackcalcError(f"a torch.nn.Module is needed and not {type(module).__name__}")
    tensors = [*module.parameters(), *module.buffers()]
    if isinstance(module, torch.jit.ScriptModule):
        raise BackcalcError("a ScriptModule has no Python code to follow")
    if any(map(torch.nn.parameter.is_lazy, tensors)):
        raise BackcalcError("a lazy layer has no weights yet", hint="run the module once first")
    size = sum(each.numel() for each in tensors)
    if size > MOST_ELEMENTS:
        message = f"the module holds {size} numbers"
        raise BackcalcError(message, hint=f"a network file holds at most {MOST_ELEMENTS}")
    usual = torch.get_default_dtype()
    try:
        own, single = doubled(module, asked.digits)
        torch.set_default_dtype(torch.float64)
        return _followed(own, inputs, targets, loss, asked, single=single)
    finally:
        torch.set_default_dtype(usual)


def _followed(
    module: Any, inputs: Sequence[Any], targets: Sequence[Any], loss: Any, asked: ImportRequest, *,
    single: bool,
) -> Imported:  # fmt: skip
    torch = library()
    measure, called = criterion(loss, asked.reduction)
    xs, ys, reference, total = _run(copy.deepcopy(module), inputs, targets, measure, asked.output)
    if total.numel() != 1:
        raise BackcalcError(f"the loss is {_size(total)}, but it has to be one number",
                            hint="name one with --loss, or let the module return it")  # fmt: skip
    params = [each for each in reference.parameters() if each.requires_grad]
    leaves = [*params, *(each for each in xs if each.requires_grad)]
    if not total.isfinite():
        raise BackcalcError(f"the loss is {total.item()} in PyTorch")
    if not total.requires_grad:
        raise BackcalcError("the loss depends on no weight and on no input")
    slopes = torch.autograd.grad(total, leaves, allow_unused=True)
    known = {id(leaf): slope for leaf, slope in zip(leaves, slopes, strict=True)}
    lowering = Lowering(Draft())
    lowering.follow(copy.deepcopy(module), xs, ys, measure, asked)
    if not lowering.unknown and not torch.equal(lowering.total, total):
        message = f"the loss is {lowering.total.item()!r} step by step, {total.item()!r} as a whole"
        raise UnknownError(message, hint="the module changes numbers in place in a way that cannot"
                           " be followed, or draws random ones")  # fmt: skip
    if not lowering.unknown and not lowering.total.requires_grad:
        message = "step by step the loss has no derivatives, as a whole it has"
        raise UnknownError(message, hint="the module has a torch.autograd.Function of its own")
    by_path = {f"net.{name}": known.get(id(each)) for name, each in reference.named_parameters()}
    by_input = [known.get(id(each)) for each in xs]
    if lowering.unknown:
        first, *others = map(UnknownError, lowering.unknown)
        raise first.beside(others)
    if asked.digits:
        size = f"rounded to {counted(asked.digits, 'digit')}, in PyTorch too"
        lowering.notes.insert(0, f"the weights are {size}")
    elif single:
        lowering.notes.insert(0, SINGLE)
    lowering.notes.insert(0, f"loss: {called}")
    text, names = lowering.d.text(asked.title, asked.rate)
    values, gradients = lowering.figures(names)
    values = {**values, "L": [total.item()]}
    pairs = [(term, by_path.get(path)) for path, term in lowering.weights.items()]
    for term, slope in [*pairs, *zip(lowering.inputs, by_input, strict=True)]:
        if term is not None and term.text in names and slope is not None:
            gradients[names[term.text]] = slope.flatten().tolist()
    unused = [path for path, term in lowering.weights.items() if term.text not in names]
    unused += [path for path, each in by_path.items() if path not in lowering.weights]
    if unused:
        unused = [path.removeprefix("net.") for path in unused]
        lowering.notes.append(f"left out, as the loss does not depend on it: {', '.join(unused)}")
    return Imported(text, values, gradients, tuple(dict.fromkeys(lowering.notes)))


def _run(
    module: Any, inputs: Sequence[Any], targets: Sequence[Any], measure: Criterion,
    output: str | int | None,
) -> tuple[list[Any], list[Any], Any, Any]:  # fmt: skip
    """The module run once by PyTorch alone: its data as tensors, itself, and the loss."""
    first: Exception | None = None
    for xs, ys in _choices(inputs, targets):
        for each in xs:
            if each.is_floating_point():
                each.requires_grad_()
        own = copy.deepcopy(module)
        try:
            return xs, ys, own, measure(picked(own(*(each.clone() for each in xs)), output), *ys)
        except BackcalcError:
            raise
        except Exception as error:  # noqa: BLE001 - the person's code may fail in any way
            first = first or error
    assert first is not None
    raise BackcalcError(f"the module does not run: {in_short(first)}")


def in_short(error: BaseException) -> str:
    """An error of the person's code in a line, with its place."""
    lines, place = str(error).strip().splitlines() or [""], place_of(error)
    return f"{type(error).__name__}: {lines[0][:200]}" + (f" ({place})" if place else "")


def place_of(error: BaseException) -> str:
    """The last line of a person's own code that an error went through: model.py:12."""
    found, trace = "", error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if _is_own(file):
            found = f"{os.path.basename(file)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _is_own(file: str) -> bool:
    """True for a person's file: no library's, and none of backcalc."""
    torch = library()
    strange = [os.path.dirname(each) for each in (torch.__file__, os.path.dirname(__file__))]
    return not file.startswith((*strange, os.path.dirname(os.__file__), "<"))


def here() -> str:
    """The line of a person's code that is running: below what follows it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not Lowering.follow.__code__:
        if _is_own(frame.f_code.co_filename):
            return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


@dataclass(eq=False)
class Lowering(Arguments):
    """The graph on its way to equations."""

    weights: dict[str, Term] = field(default_factory=dict)
    """The parameters that were met, by their paths in the module."""
    inputs: list[Term | None] = field(default_factory=list)
    """The inputs, None for whole numbers."""
    kept: dict[str, Any] = field(default_factory=dict)
    """The tensors that PyTorch has for lines of the file."""
    snapshots: dict[str, list[float]] = field(default_factory=dict)
    """Their numbers when they were worked out."""
    values: dict[Any, Any] = field(default_factory=dict)
    """What each node came to."""
    moments: dict[Any, Any] = field(default_factory=dict)
    """The same when it was worked out; operations in place change it later."""
    places: dict[Any, tuple[str, str]] = field(default_factory=dict)
    """The module's path of each node, and the line of code."""
    env: dict[Any, Any] = field(default_factory=dict)
    """What each node is written as."""
    root: Any = None
    """The module with its loss."""
    ties: dict[str, str] = field(default_factory=dict)
    """For each path of a parameter the first path of the same one."""
    total: Any = None
    """The loss."""

    def follow(
        self, module: Any, xs: Sequence[Any], ys: Sequence[Any], measure: Criterion,
        asked: ImportRequest,
    ) -> None:  # fmt: skip
        """Follow the module, and write what was met."""
        torch = library()
        self.root = _root(module, measure, len(xs), asked.output)
        firsts: dict[int, str] = {}
        for path, each in self.root.named_parameters(remove_duplicate=False):
            self.ties[path] = firsts.setdefault(id(each), path)
        data = [each.detach().clone().requires_grad_(each.requires_grad) for each in xs]
        tracer = _tracer(self, [*data, *ys])
        try:
            graph = tracer.trace(self.root)
        except (BackcalcError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - the person's code may fail in any way
            raise UnknownError(f"torch.fx cannot follow the module: {in_short(error)}") from None
        words = asked.names or _input_names(module, len(xs))
        self._give_data(graph, words, len(xs))
        for node in graph.nodes:
            if node.op in ("placeholder", "output"):
                continue
            if _holds_tensors(self.moments[node]):
                self._write(node)
            else:
                self.env[node] = self.moments[node]
        (end,) = next(node for node in graph.nodes if node.op == "output").args
        self.total = self.values.get(end)
        if self.unknown or self.d.loss[0]:
            return
        term = self.env.get(end)
        if not isinstance(term, Term):
            raise BackcalcError("the loss depends on no weight and on no input")
        term = self.d.reshaped(term, ())
        line = self.d.lines.pop(term.text, None)
        self.d.loss = (line.text if line else term.text, "")
        assert isinstance(self.total, torch.Tensor)

    def _give_data(self, graph: Any, words: Sequence[str], count: int) -> None:
        data = [node for node in graph.nodes if node.op == "placeholder"]
        for place, node in enumerate(data):
            value = self.moments[node]
            if place >= count:
                self.env[node] = Fixed(value, place - count)
            elif not value.is_floating_point():
                self.env[node] = Fixed(value)
                self.inputs.append(None)
            else:
                numbers = value.flatten().tolist()
                term = self.d.give("inputs", tuple(value.shape), numbers, words[place])
                self.env[node] = term
                self.inputs.append(term)
                if _uses(node) == 1:
                    self.d.once.add(term.text)

    def _write(self, node: Any) -> None:
        path, code = self.places[node]
        self.d.note, before = path, self.d.count
        value = self.moments.get(node)
        if node.op == "get_attr":
            self.env[node] = self._attribute(node, value)
        else:
            self.env[node] = self._result(node, value, path, code)
        self._keep(node, before)

    def _attribute(self, node: Any, value: Any) -> Any:
        """A parameter, a buffer, or a constant of the module."""
        torch = library()
        owner, name = _resolved(self.root, node.target)
        if not isinstance(getattr(owner, "_parameters", {}).get(name), torch.nn.Parameter):
            own = not type(owner).__module__.startswith("torch.nn") and name in vars(owner)
            buffer = name in getattr(owner, "_buffers", {})
            named = (own or buffer) and not name.startswith("_tensor_constant")
            return Fixed(value, path=node.target.removeprefix("net.") if named else "")
        path = self.ties[node.target]
        if path not in self.weights:
            whole = path.removeprefix("net.")
            stem = "" if type(owner).__module__.startswith("torch.nn") else plain(whole, "")
            own = bool(stem) and "." not in name
            stem = stem if own else "w"
            parameter = owner._parameters[name]
            term = self.d.give(
                "weights", tuple(value.shape), value.flatten().tolist(), stem, whole, own=own,
                frozen=not parameter.requires_grad,
            )  # fmt: skip
            self.weights[path] = term
        return self.weights[path]

    def _result(self, node: Any, value: Any, path: str, code: str) -> Any:
        import torch.fx

        args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), self.env.__getitem__)
        parts = [*_flat(args), *_flat(kwargs.values())]
        name = operation_name(node)
        place = ", ".join(filter(None, (path, code)))
        if unclear := [each for each in parts if isinstance(each, Unclear)]:
            for each in unclear:
                if each.why:
                    self.miss(each.why, place)
            return Unclear()
        if not any(isinstance(each, Term) for each in parts) and not self._is_loss(node):
            return _all_fixed(value)
        self.result, self.called = value, name
        self.last = self._is_loss(node)
        self.shape = tuple(value.shape) if hasattr(value, "shape") else ()
        if hasattr(value, "dtype") and not value.is_floating_point() and name not in ROWS:
            self.notes.append(f"{place}: {name} depends on numbers; {AS_IT_GOES}")
            return Fixed(value)
        try:
            row = ROWS.get(name) or getattr(node.target, "row", None)
            if row is None or not _is_torch(node):
                raise UnknownError(_spelled(node, name))
            found = row(self, *args, **dict(kwargs))
            check_shapes(found, value)
        except TypeError as error:
            if "argument" not in str(error):
                raise
            self.miss(f"{_spelled(node, name)} with these arguments", place)
            return Unclear()
        except BackcalcError as error:
            self.miss(error.message, place)
            return Unclear()
        if _in_place(node, name):
            self._overwrite(node, found)
        if isinstance(found, Term) and self._is_held(node):
            return ROWS["detach"](self, found)
        return found

    def _is_held(self, node: Any) -> bool:
        """True for a result under torch.no_grad, which has no derivative though its operands do."""
        operands = [self.values.get(each) for each in node.all_input_nodes]
        value, name = self.values[node], operation_name(node)
        if not hasattr(value, "requires_grad") or not value.is_floating_point():
            return False
        held = not value.requires_grad and name != "detach"
        return held and any(getattr(each, "requires_grad", False) for each in operands)

    def _is_loss(self, node: Any) -> bool:
        return any(user.op == "output" for user in node.users)

    def _overwrite(self, node: Any, found: Any) -> None:
        """After an operation in place: all names of the same numbers mean the new ones."""
        first = node.args[0]
        changed = self.values[first]
        for each, value in self.values.items():
            if each is node or not hasattr(value, "untyped_storage") or each not in self.env:
                continue
            if value is changed:
                self.env[each] = found
            elif value.untyped_storage().data_ptr() == changed.untyped_storage().data_ptr():
                self.env[each] = Unclear("what was changed in place through a view of it")
        self.env[first] = found

    def _keep(self, node: Any, before: int) -> None:
        """Keep PyTorch's tensor for a line; its derivative only if this node made the line."""
        term = self.env[node]
        value: Any = self.moments.get(node)
        if not isinstance(term, Term) or not hasattr(value, "flatten"):
            return
        if _uses(node) > 1:
            self.d.once.discard(term.text)
        elif self.d.count > before:  # and no other name of what stood there
            self.d.once.add(term.text)
        if term.text in self.d.lines and value.is_floating_point() and value.isfinite().all():
            self.snapshots[term.text] = value.flatten().tolist()
            changed = any(_in_place(user, operation_name(user)) for user in node.users)
            if int(term.text.strip("q")) > before and not changed:
                self.kept[term.text] = self.values[node]

    def figures(self, names: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """PyTorch's values and derivatives of the lines of the file."""
        torch = library()
        values = {names[text]: numbers for text, numbers in self.snapshots.items() if text in names}
        lines = {text: tensor for text, tensor in self.kept.items()
                 if text in names and tensor.requires_grad}  # fmt: skip
        tensors = [*lines.values()]
        slopes = torch.autograd.grad(self.total, tensors, allow_unused=True) if lines else ()
        gradients = {
            names[text]: slope.flatten().tolist()
            for text, slope in zip(lines, slopes, strict=True)
            if slope is not None
        }
        return values, gradients


def _root(module: Any, measure: Any, count: int, output: str | int | None) -> Any:
    """One module of the person's module and the loss, which takes inputs and targets."""
    torch = library()

    class Root(torch.nn.Module):  # type: ignore[misc, name-defined]
        """The module with its loss."""

        def __init__(self) -> None:
            super().__init__()
            self.net = module
            if isinstance(measure, torch.nn.Module):
                self.criterion = measure

        def forward(self, tracer: Any, *data: Any) -> Any:
            """The loss."""
            found, targets = picked(self.net(*data[:count]), output), data[count:]
            if not hasattr(measure, "row"):
                return measure(found, *targets)
            values, (target,) = tracer.lowering.values, targets
            shaped = measure.fitting(values[found.node], values[target.node])
            values[target.node] = tracer.lowering.moments[target.node] = shaped
            return tracer.create_proxy("call_function", measure, (found, target), {})

    return Root()


def _tracer(lowering: Lowering, data: Sequence[Any]) -> Any:
    """A tracer that works every node out at once."""
    import torch.fx
    from torch.fx.node import map_aggregate, map_arg

    class Known(torch.fx.Proxy):  # type: ignore[misc]
        """A proxy whose value is known; what is no tensor is the thing itself."""

        def __getattr__(self, name: str) -> Any:
            value = lowering.values[self.node]
            found = getattr(value, name)
            if callable(found) and not isinstance(found, torch.Tensor):
                return super().__getattr__(name)
            if not _holds_tensors(found):
                return found
            return self.tracer.create_proxy("call_function", getattr, (self, name), {})

        def _number(self, kind: str) -> Any:
            place = here()
            lowering.notes.append(f"{place or 'forward'}: {kind} depends on numbers; {AS_IT_GOES}")
            return lowering.values[self.node]

        def __bool__(self) -> bool:
            return bool(self._number("a branch"))

        def __int__(self) -> int:
            return int(self._number("a whole number"))

        def __index__(self) -> int:
            return int(self._number("an index"))

        def __float__(self) -> float:
            return float(self._number("a fixed number"))

        def __setitem__(self, at: Any, value: Any) -> None:
            raise UnknownError(f"not known: an assignment to a part of a tensor ({here()})")

        def __len__(self) -> int:
            return len(lowering.values[self.node])

        def __iter__(self) -> Iterator[Any]:
            return (self[place] for place in range(len(self)))

    class Follower(torch.fx.Tracer):  # type: ignore[misc]
        """A tracer that knows the numbers."""

        proxy_buffer_attributes = True

        def __init__(self) -> None:
            super().__init__()
            self.lowering = lowering

        def is_leaf_module(self, m: Any, module_qualified_name: str) -> bool:
            return False

        def proxy(self, node: Any) -> Any:
            return Known(node, self)

        def create_args_for_root(self, root_fn: Any, *rest: Any, **named: Any) -> Any:
            self.waiting = iter(data)
            proxies = [self.create_proxy("placeholder", f"data_{place}", (), {})
                       for place in range(len(data))]  # fmt: skip
            return root_fn, [self.root, self, *proxies]

        def create_node(self, kind: str, *rest: Any, **named: Any) -> Any:
            node = super().create_node(kind, *rest, **named)
            scope = str(self.scope.module_path)
            lowering.places[node] = (scope.removeprefix("net.").removeprefix("net"), here())
            if kind != "output":
                value = self.worked(node)
                lowering.values[node] = value
                lowering.moments[node] = map_aggregate(
                    value, lambda each: each.detach().clone() if hasattr(each, "detach") else each
                )
            return node

        def create_proxy(self, kind: str, target: Any, *rest: Any, **named: Any) -> Any:
            proxy = super().create_proxy(kind, target, *rest, **named)
            value = lowering.values[proxy.node]
            if _holds_tensors(value):
                return proxy
            if target in ("item", "tolist"):
                proxy._number("a fixed number")
            return value

        def worked(self, node: Any) -> Any:
            """What a node comes to."""
            args, kwargs = map_arg((node.args, node.kwargs), lowering.values.__getitem__)
            if node.op == "placeholder":
                return next(self.waiting)
            if node.op == "get_attr":
                owner, name = _resolved(self.root, node.target)
                for store in (owner._parameters, owner._buffers, vars(owner)):
                    if name in store:
                        return store[name]
            if node.op == "call_method":
                first, *others = args
                return getattr(first, node.target)(*others, **kwargs)
            return node.target(*args, **kwargs)

    return Follower()


def _holds_tensors(value: Any) -> bool:
    torch = library()
    if isinstance(value, list | tuple) and not isinstance(value, torch.Size):
        return any(map(_holds_tensors, value))
    return isinstance(value, torch.Tensor)


def _resolved(root: Any, path: str) -> tuple[Any, str]:
    """The module that owns an attribute, and its name there, which may have dots."""
    while not any(path in own for own in (root._parameters, root._buffers, vars(root))):
        part, _, path = path.partition(".")
        root = root._modules[part]
    return root, path


AS_IT_GOES = "the file says how it goes for these inputs and weights"


def _uses(node: Any) -> int:
    import torch.fx

    found: list[Any] = []
    for user in node.users:
        torch.fx.node.map_arg((user.args, user.kwargs), found.append)
    return found.count(node)


def _flat(values: Any) -> Iterator[Any]:
    """The parts of nested lists and dictionaries."""
    for each in values:
        if isinstance(each, list | tuple):
            yield from _flat(each)
        else:
            yield each


def _all_fixed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_all_fixed, value))
    return Fixed(value) if hasattr(value, "detach") else value


def operation_name(node: Any) -> str:
    """The name of a node's operation in the table."""
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
    name = name.strip("_") if name.startswith("__") else name
    name = name.removesuffix("_") if len(name) > 1 else name
    inplace = {"iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "div", "ipow": "pow"}
    return inplace.get(name, name)


def _in_place(node: Any, name: str) -> bool:
    """True for an operation that changes its first operand."""
    if node.op not in ("call_method", "call_function") or not node.args:
        return False
    spelled = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
    own = spelled.endswith("_") and not spelled.endswith("__")
    return own or node.kwargs.get("inplace") is True


def _is_torch(node: Any) -> bool:
    if node.op != "call_function" or hasattr(node.target, "row"):
        return True
    module = getattr(node.target, "__module__", None) or "torch"
    return module.split(".")[0] in ("torch", "_operator", "builtins", "math")


def _spelled(node: Any, name: str) -> str:
    """An operation as PyTorch spells it."""
    if node.op == "call_method":
        return f"Tensor.{node.target}"
    module = getattr(node.target, "__module__", None) or "torch"
    return f"{module.removeprefix('_')}.{name}" if "functional" in module else f"torch.{name}"


def _input_names(module: Any, count: int) -> list[str]:
    """The names of the inputs, as `forward` calls them."""
    code = getattr(type(module).forward, "__code__", None)
    found = code.co_varnames[1 : code.co_argcount] if code else ()
    return [plain(found[place], "x") if place < len(found) and found[place] != "input" else "x"
            for place in range(count)]  # fmt: skip
