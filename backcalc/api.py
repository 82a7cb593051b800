"""The commands as Python functions, their data as dictionaries."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeVar

from backcalc.equations import calculation
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.formulas.parser import parse_number
from backcalc.loading import loader
from backcalc.loading.loader import loads
from backcalc.notebook import Checked, Sheet, Worked
from backcalc.sheets import data
from backcalc.sheets.worked import BACKWARD, FORWARD

__all__ = [
    "BackcalcError",
    "Checked",
    "Network",
    "Sheet",
    "UndefinedError",
    "Worked",
    "backward",
    "check",
    "explain",
    "formulas",
    "forward",
    "jacobian",
    "load",
    "loads",
    "shapes",
    "step",
]


def load(name: str | os.PathLike[str]) -> Network:
    """The network in a file, on stdin (`-`), or among the bundled ones by name.

    Raises BackcalcError, with the place in the file, where it cannot be read.
    """
    return loader.load(os.fspath(name))


def forward(network: Network) -> Worked:
    """The forward pass: the data of `backcalc forward --format json`.

    >>> from backcalc import load
    >>> forward(load("skip"))["forward"][-1]["exact"]
    '27/8'
    """
    worked = calculation.forward(_checked(network))
    return Worked(data.worked_data(worked, only=FORWARD), worked)


def backward(network: Network, of: str | None = None, *, inputs: bool = False) -> Worked:
    """The derivatives of the loss, or of any value `of`, by the weights and by `inputs` if wanted.

    >>> [row["name"] for row in backward(load("skip"), of="z1")["backward"][-2:]]
    ['dz1/dw2', 'dz1/dws']
    """
    worked = calculation.backward(_checked(network), of=_text(of, "of"), by_inputs=inputs)
    return Worked(data.worked_data(worked, only=BACKWARD), worked)


def step(
    network: Network,
    lr: Fraction | float | str | None = None,
    steps: int = 1,
    *,
    inputs: bool = False,
) -> Worked:
    """So many steps of gradient descent: the data of `backcalc step --format json`.

    A float `lr` is read as it is written: 0.1 is one tenth. Raises BackcalcError where there is
    no learning rate, UndefinedError where the arithmetic has no answer.
    """
    worked = calculation.step(_checked(network), _rate(lr), steps, by_inputs=inputs)
    return Worked(data.worked_data(worked), worked)


def explain(network: Network, derivative: str, *, without: str | None = None) -> Worked:
    """One derivative as the sum over its paths: the data of `backcalc explain --format json`.

    >>> skip = load("skip")
    >>> [path["exact"] for path in explain(skip, "dL/dw0")["paths"]]
    ['1/2', '1/4']
    >>> explain(skip, "dL/dw0", without="ws").number("dL/dw0")
    Fraction(3, 4)
    """
    from backcalc.explaining import explanation  # a forward pass needs none of it
    from backcalc.explaining.explanation import explain_data

    told = explanation.explain(
        _checked(network), _text(derivative, "derivative"), without=_text(without, "without")
    )
    return Worked(explain_data(told), told.calculation)


def formulas(
    network: Network,
    *,
    expand: bool = False,
    layout: Literal["numerator", "denominator"] = "denominator",
) -> Sheet:
    """Every equation and derivative without numbers: the data of `backcalc symbolic --format json`.

    With `expand` closed forms too, by sympy. A network with matrices is derived in matrices, in
    this layout, unless it is to be expanded.

    >>> [row["formula"] for row in formulas(load("skip"))["backward"][-2:]]
    ['dL/dh0*(1 if z0 > 0 else 0)', 'dL/dz0*x']
    """
    if _checked(network).matrices is not None and not expand:
        from backcalc.equations.derivation import derive  # few networks have matrices
        from backcalc.sheets.derived import derivation_data

        return Sheet(derivation_data(network, derive(network, _one_of(layout, LAYOUTS))))
    from backcalc.sheets.worked import symbolic_data  # a forward pass needs none of it

    return Sheet(symbolic_data(network, *calculation.formulas(_checked(network)), expand))


def jacobian(
    network: Network,
    of: str,
    by: str,
    layout: Literal["numerator", "denominator"] = "numerator",
) -> Sheet:
    """The Jacobian of one quantity by another: the data of `backcalc jacobian --format json`.

    >>> jacobian(load("skip"), "z2", "x")["values"]
    [[{'value': 0.375, 'exact': '3/8'}]]
    """
    from backcalc.equations.jacobian import jacobian as worked  # a forward pass needs none of it
    from backcalc.sheets.jacobians import jacobian_data

    found = worked(_checked(network), _text(of, "of"), _text(by, "by"), _one_of(layout, LAYOUTS))
    return Sheet(jacobian_data(network, found))


def shapes(network: Network) -> Sheet:
    """Shapes, parameters and costs of both passes: the data of `backcalc shapes --format json`.

    >>> shapes(load("skip"))["parameters"]
    4
    """
    from backcalc.equations.costs import measure  # a forward pass needs none of it
    from backcalc.sheets.sizes import sizes_data

    return Sheet(sizes_data(network, measure(_checked(network))))


LAYOUTS = ("numerator", "denominator")


def _one_of(word: str, words: Sequence[str]) -> str:
    """A word; raises BackcalcError if it is not among those that may stand there."""
    if word not in words:
        raise BackcalcError(f"no layout is called {str(word)[:40]!r}", hint=" or ".join(words))
    return word


def check(
    network: Network,
    answers: str,
    lr: Fraction | float | str | None = None,
    carry: Literal["full", "half", "none"] | None = None,
) -> Checked:
    r"""A sheet of answers, marked: the data of `backcalc check --format json`.

    >>> marked = check(load("skip"), "z0 = 1/2\nL = -3.375")
    >>> marked.score, marked.verdicts, marked.slips
    (Fraction(1, 1), {'z0': 'correct', 'L': 'wrong'}, {'L': ['gradient-sign']})
    """
    from backcalc.checking import report  # a forward pass needs none of it
    from backcalc.checking.gradebook import report_data
    from backcalc.loading.policies import policies

    said = {**_checked(network).marking, **({} if carry is None else {"carry": str(carry)})}
    marking = report.Marking(network, _rate(lr), policies(said))
    marked = report.check(marking, _text(answers, "answers"), "answers")
    return Checked(report_data([marked]), marked)


def _rate(lr: Fraction | float | str | None) -> Fraction | None:
    """A learning rate; a float is read as it is written."""
    return lr if lr is None or isinstance(lr, Fraction) else parse_number(str(lr))


def _checked(network: Network) -> Network:
    """A network; raises TypeError where its name is given in its place."""
    if not isinstance(network, Network):
        loaded = f"; backcalc.load({network!r}) gives one" if isinstance(network, str) else ""
        raise TypeError(f"a Network is needed and not {_kind(network)}{loaded}")
    return network


T = TypeVar("T", str, "str | None")


def _text(text: T, what: str) -> T:
    """A text, where one is given; raises TypeError where it is something else."""
    if not isinstance(text, str | None):
        raise TypeError(f"{what} must be a str and not {_kind(text)}")
    return text


def _kind(value: object) -> str:
    return type(value).__name__
