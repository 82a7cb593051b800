"""The commands as Python functions, with the names and the options of the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar

from backcalc.commands.notebook import Checked, Display, Sheet, Variants, Worked, in_python
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, UndefinedError, did_you_mean
from backcalc.formulas.notation import DIGITS
from backcalc.loading import loader

__all__ = [
    "BackcalcError", "Checked", "Display", "Network", "Sheet", "UndefinedError", "Worked",
    "backward", "check", "draw", "errata", "explain", "export", "formulas", "forward",
    "from_torch", "gradcheck", "hessian", "jacobian", "landscape", "lint", "load", "loads",
    "report", "shapes", "step", "sweep", "tangent", "train", "variant", "verify", "worksheet",
]  # fmt: skip

Numeral: TypeAlias = Fraction | float | str
"""A number. A float is read as it is written: 0.1 is one tenth."""
ByName: TypeAlias = Mapping[str, Numeral]
"""Numbers by their names, as `--set` takes them: {"w0": 0.3}."""
Figures: TypeAlias = Mapping[str, "Numeral | Sequence[Numeral | None] | None"]
"""Figures by their names, of several samples a list; None: no answer."""
FilePath: TypeAlias = str | os.PathLike[str]
ViewName: TypeAlias = Literal["scalar", "matrix"]
Layout: TypeAlias = Literal["numerator", "denominator"]
Rounding: TypeAlias = Literal["unrounded", "rounded"]
EngineName: TypeAlias = Literal["auto", "python", "c", "equations"]
Blanks: TypeAlias = Literal["names", "formulas", "rules"]

P = ParamSpec("P")
R = TypeVar("R")


def _public(function: Callable[P, R]) -> Callable[P, R]:
    """Raise TypeError with the likely option where one is misspelt."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    @wraps(function)
    def named(*args: P.args, **options: P.kwargs) -> R:
        for name in options:
            if name not in names:
                meant = {"learning_rate": "lr"}.get(name, name)  # as a network file calls it
                hint = f"did you mean {meant!r}?" if meant in names else did_you_mean(name, names)
                hint = hint or f"there are {', '.join(names)}"
                raise TypeError(f"{function.__name__}() has no option {name!r}; {hint}")
        with in_python():
            return function(*args, **options)

    return named


def _call(command: str, given: dict[str, Any]) -> Any:
    """Run a command's function, loaded when it is first used."""
    from backcalc.commands.called import call

    return call(command, given)


def load(name: FilePath) -> Network:
    """The network in a file, on stdin (`-`), or among the bundled ones by name.

    Raises BackcalcError, with the place in the file, where it cannot be read.
    """
    if not isinstance(name, str | os.PathLike):
        wanted = "load needs the path of a network file, or the name of a bundled network"
        raise TypeError(f"{wanted}, and not {type(name).__name__}")
    return loader.load(os.fspath(name))


def loads(text: str | Mapping[str, Any], file: str = "network", folder: str = "") -> Network:
    """The network that a text describes, or a dictionary with the keys of a file.

    `file` is what errors call it; `folder` is where a CSV file that it names stands.

    >>> net = loads({"inputs": {"x": 2}, "targets": {"y": 1}, "weights": {"w": Fraction(1, 3)},
    ...              "nodes": {0: {"from": {"x": "w"}}}, "loss": "half_l2"})
    >>> forward(net).number("yhat")
    Fraction(2, 3)
    """
    return loader.loads(text, file, folder)


@_public
def from_torch(
    module: Any, inputs: Any, targets: Any = (), loss: Any = None, *,
    reduction: Literal["mean", "sum"] = "mean", lr: Numeral = "0.1", round: int | None = None,
    which: str | int | None = None, save: FilePath | None = None, force: bool = False,
) -> Network:  # fmt: skip
    """The network of a torch.nn.Module as it is, proved against PyTorch, and saved as a file.

    Several inputs or targets stand in a tuple. `loss` is a name as `backcalc import` takes it, a
    module or a function of output and target; without it the module's output is the loss.

    Raises BackcalcError with the place where the module does what no network file can say.
    """
    from backcalc.commands.imported import from_live

    asked = {"reduction": reduction, "lr": lr, "digits": round, "output": which}
    return from_live(module, inputs, targets, loss, os.fspath(save) if save else None, force, asked)


@_public
def forward(
    network: Network, *, set: ByName | None = None, seed: int | None = None,
    init: str | None = None, view: ViewName | None = None, brief: bool = False,
    work: Rounding = "unrounded", digits: int = DIGITS,
) -> Worked:  # fmt: skip
    """The forward pass: the data of `backcalc forward --format json`.

    >>> forward(load("skip"))["forward"][-1]["exact"]
    '27/8'
    """
    return Worked(_call("forward", locals()))


@_public
def backward(
    network: Network, of: str | None = None, *,
    upstream: Mapping[str, Numeral | Sequence[Any]] | None = None, inputs: bool = False,
    set: ByName | None = None, seed: int | None = None,
    init: str | None = None, wrt: str | None = None, compact: bool = False,
    expand: bool | None = None, layout: Layout | None = None, view: ViewName | None = None,
    brief: bool = False, work: Rounding = "unrounded", digits: int = DIGITS,
) -> Worked:  # fmt: skip
    """The derivatives of the loss, or of any value `of`, by the weights and by `inputs` if wanted.

    >>> [row["name"] for row in backward(load("skip"), of="z1")["backward"][-2:]]
    ['dz1/dw2', 'dz1/dws']
    """
    return Worked(_call("backward", locals()))


@_public
def step(
    network: Network, lr: Numeral | None = None, steps: int = 1, *, inputs: bool = False,
    optimizer: str | None = None, online: bool = False, set: ByName | None = None,
    seed: int | None = None, init: str | None = None, wrt: str | None = None,
    compact: bool = False, expand: bool | None = None, layout: Layout | None = None,
    view: ViewName | None = None, brief: bool = False, work: Rounding = "unrounded",
    digits: int = DIGITS,
) -> Worked:  # fmt: skip
    """So many steps of gradient descent: the data of `backcalc step --format json`.

    Raises BackcalcError where there is no learning rate, UndefinedError where the arithmetic has
    no answer.
    """
    return Worked(_call("step", locals()))


@_public
def report(
    network: Network, lr: Numeral | None = None, steps: int = 1, *, optimizer: str | None = None,
    online: bool = False, set: ByName | None = None, seed: int | None = None,
    init: str | None = None, compact: bool = False, expand: bool | None = None,
    layout: Layout | None = None, view: ViewName | None = None, work: Rounding = "unrounded",
    digits: int = 6,
) -> Worked:  # fmt: skip
    """The whole worked sheet as a document with a drawing, to be saved as .html, .md or .tex."""
    return Worked(_call("report", locals()))


@_public
def explain(
    network: Network, derivative: str, *, without: str | None = None, set: ByName | None = None,
    view: ViewName | None = None, digits: int = DIGITS,
) -> Worked:  # fmt: skip
    """One derivative as the sum over its paths: the data of `backcalc explain --format json`.

    >>> skip = load("skip")
    >>> [path["exact"] for path in explain(skip, "dL/dw0")["paths"]]
    ['1/2', '1/4']
    >>> explain(skip, "dL/dw0", without="ws").number("dL/dw0")
    Fraction(3, 4)
    """
    return Worked(_call("explain", locals()))


@_public
def verify(
    network: Network, *, set: ByName | None = None, digits: int = DIGITS, torch: bool = True
) -> Worked:
    """Every derivative found in other ways too: the data of `backcalc verify --format json`.

    >>> verify(load("skip"), torch=False)["agree"]
    True
    """
    return Worked(_call("verify", locals()))


@_public
def tangent(
    network: Network, by: str | None = None, *, along: ByName | None = None, dual: bool = False,
    reverse: bool = False, set: ByName | None = None, digits: int = DIGITS,
) -> Sheet:  # fmt: skip
    """Forward mode, each value with its tangent: the data of `backcalc tangent --format json`."""
    return Sheet(_call("tangent", locals()))


@_public
def hessian(
    network: Network, *, by: str | Sequence[str] | None = None, times: ByName | None = None,
    lr: Numeral | None = None, set: ByName | None = None, digits: int = DIGITS,
) -> Sheet:  # fmt: skip
    """Second derivatives and the Newton step: the data of `backcalc hessian --format json`."""
    return Sheet(_call("hessian", locals()))


@_public
def gradcheck(
    network: Network, *, h: Numeral = "0.01", one_sided: bool = False,
    by: str | Sequence[str] | None = None, set: ByName | None = None, digits: int = DIGITS,
) -> Sheet:  # fmt: skip
    """Slopes of the loss beside its derivatives: the data of `backcalc gradcheck --format json`."""
    return Sheet(_call("gradcheck", locals()))


@_public
def formulas(
    network: Network, *, expand: bool = False, view: ViewName | None = None,
    layout: Layout | None = None,
) -> Sheet:  # fmt: skip
    """Every equation and derivative without numbers: the data of `backcalc symbolic --format json`.

    With `expand` closed forms too, by sympy. A network with matrices is derived in matrices, in
    this layout, unless it is to be expanded.

    >>> [row["formula"] for row in formulas(load("skip"))["backward"][-2:]]
    ['dL/dh0*(1 if z0 > 0 else 0)', 'dL/dz0*x']
    """
    return Sheet(_call("symbolic", locals()))


@_public
def jacobian(
    network: Network, of: str, by: str, layout: Layout | None = None, *, digits: int = DIGITS
) -> Sheet:
    """The Jacobian of one quantity by another: the data of `backcalc jacobian --format json`.

    >>> jacobian(load("skip"), "z2", "x")["values"]
    [[{'value': 0.375, 'exact': '3/8'}]]
    """
    return Sheet(_call("jacobian", locals()))


@_public
def shapes(network: Network) -> Sheet:
    """Shapes, parameters and costs of both passes: the data of `backcalc shapes --format json`.

    >>> shapes(load("skip"))["parameters"]
    4
    """
    return Sheet(_call("shapes", locals()))


@_public
def errata(network: Network | None = None) -> Sheet:
    """What is wrong where it is published: the data of `backcalc errata --format json`.

    >>> errata(load("mazur"))["errata"][0]["printed"]
    '0.291027924'
    """
    return Sheet(_call("errata", locals()))


@_public
def draw(
    network: Network, *, values: bool = False, gradients: bool = False, sample: int = 1,
    set: ByName | None = None,
) -> Display:  # fmt: skip
    """The network as a picture: text when it is printed, SVG in a notebook."""
    return Display(_call("draw", locals()))


@_public
def train(
    network: Network, lr: Numeral | None = None, epochs: int = 1000, *,
    optimizer: str | None = None, batch_size: int | None = None, online: bool = False,
    shuffle: bool = False, restarts: int | None = None, seed: int | None = None,
    init: str | None = None, set: ByName | None = None,
    success: Literal["right"] | float | None = None, until_loss: float | None = None,
    save: FilePath | None = None, history: FilePath | None = None, plot: FilePath | None = None,
    engine: EngineName = "auto", log: bool = False, digits: int = DIGITS, force: bool = False,
) -> Sheet:  # fmt: skip
    """Many epochs, or many runs: the data of `backcalc train --format json`.

    >>> train(load("nand_gate"), epochs=300)["diagnosis"][0]["name"]
    'converged'
    """
    return Sheet(_call("train", locals()))


@_public
def sweep(
    network: Network, lr: Numeral | Sequence[Numeral] | None = None, epochs: int = 1000, *,
    optimizer: str | Sequence[str] | None = None,
    set: Mapping[str, Numeral | Sequence[Numeral]] | None = None, restarts: int | None = None,
    batch_size: int | None = None, online: bool = False, shuffle: bool = False,
    seed: int | None = None, init: str | None = None,
    success: Literal["right"] | float | None = None, plot: FilePath | None = None,
    engine: EngineName = "auto", log: bool = False, digits: int = DIGITS, force: bool = False,
) -> Sheet:  # fmt: skip
    """Many runs for each of several settings: the data of `backcalc sweep --format json`.

    >>> [row["learning_rate"] for row in sweep(load("skip"), lr=[0.1, "1/2"], epochs=2).rows()]
    [0.1, 0.5]
    """
    return Sheet(_call("sweep", locals()))


@_public
def landscape(
    network: Network, across: str, up: str, *,
    range: Mapping[str, tuple[Numeral, Numeral]] | None = None, size: int = 33,
    lr: Numeral | None = None, epochs: int | None = None, optimizer: str | None = None,
    only: bool = False, set: ByName | None = None, log: bool = False, plot: FilePath | None = None,
    force: bool = False,
) -> Sheet:  # fmt: skip
    """The loss over two weights: the data of `backcalc landscape --format json`."""
    return Sheet(_call("landscape", locals()))


@_public
def worksheet(
    network: Network, lr: Numeral | None = None, steps: int = 1, *, set: ByName | None = None,
    show: Blanks = "formulas", key: bool = False, answers: bool = False,
    layout: Layout | None = None, view: ViewName | None = None, work: Rounding = "unrounded",
    digits: int = 4, ask: str | Sequence[str] | None = None,
) -> Display:  # fmt: skip
    """The sheet with blanks, its key, or the answers file to be filled in."""
    return Display(_call("worksheet", locals()))


@_public
def variant(
    network: Network, seed: int, count: int = 1, *, steps: int = 1,
    allow: str | Sequence[str] | None = None, keep: str | Sequence[str] | None = None,
    ask: str | Sequence[str] | None = None,
) -> Variants:  # fmt: skip
    """The same network with other numbers, for each person: a list, with the text of its `files`.

    >>> [each.title for each in variant(load("skip"), seed=7, count=2)]
    ['Skip connection, variant 1', 'Skip connection, variant 2']
    """
    return Variants(_call("variant", locals()))


@_public
def export(
    network: Network, to: str, *, lr: Numeral | None = None, optimizer: str | None = None,
    set: ByName | None = None,
) -> str:  # fmt: skip
    """Code that takes the same step and asserts the same figures."""
    return str(_call("export", locals()).written("Python"))


@_public
def check(
    network: Network | os.PathLike[str],
    answers: str | os.PathLike[str] | Sequence[FilePath] | Figures, lr: Numeral | None = None,
    carry: str | float | None = None, *, again: str | None = None,
    close: str | float | None = None, missing: str | None = None,
    elements: str | None = None, digits: int | str | None = None,
    tolerance: Numeral | None = None,
    policy: Literal["follow-through", "strict"] | None = None, steps: int = 0,
    set: ByName | None = None, optimizer: str | None = None, layout: Layout | None = None,
    online: bool = False, strict: bool = False, as_: str | None = None,
    ask: str | Sequence[str] | None = None, group_by: Literal["mistake"] | None = None,
    feedback: FilePath | None = None, overrule: FilePath | None = None, force: bool = False,
) -> Checked:  # fmt: skip
    r"""Answers, marked: the data of `backcalc check --format json`.

    `answers` are the text of a sheet, figures by their names (of several samples a list), the
    Path of a document or of a folder of them, or a list of paths. The network may be the Path of
    a folder of variants.

    >>> marked = check(load("skip"), "z0 = 1/2\nL = -3.375")
    >>> marked.score, marked.verdicts, marked.slips
    (Fraction(1, 1), {'z0': 'correct', 'L': 'wrong'}, {'L': ['gradient-sign']})
    """
    return Checked(_call("check", locals()))


@_public
def lint(file: FilePath | Network, *, strict: bool = False) -> Checked:
    """The printed answers of a network, under `expect:`, or of a course's document, tested.

    With `strict` it is not right where something in a document could not be read.

    >>> set(lint("skip").verdicts.values())
    {'correct'}
    """
    from backcalc.commands.check import tested  # a forward pass needs none of it

    return Checked(tested(file, strict))
