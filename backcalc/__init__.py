"""The backprop calculator that shows its work and checks yours.

>>> sheet = step(load("skip"), lr=1)
>>> sheet.number("dL/dw0"), sheet.number("w0'")
(Fraction(3, 4), Fraction(-1, 4))
>>> [(row["name"], row["exact"]) for row in sheet["steps"][0]["update"]]
[("w0'", '-1/4'), ("w1'", '1/4'), ("w2'", '1/4'), ("ws'", '0')]
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Literal

from backcalc import calculation, loader
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.loader import loads
from backcalc.network import Network
from backcalc.parser import parse_number
from backcalc.views import data
from backcalc.views.notebook import Checked, Worked

__version__ = "0.1.0"

__all__ = [
    "BackcalcError",
    "Checked",
    "Network",
    "UndefinedError",
    "Worked",
    "backward",
    "check",
    "forward",
    "load",
    "loads",
    "step",
]


def load(name: str | os.PathLike[str]) -> Network:
    """The network in a file, on stdin (`-`), or among the bundled ones by name.

    Raises BackcalcError, with the place in the file, where it cannot be read.
    """
    return loader.load(os.fspath(name))


def forward(network: Network) -> Worked:
    """The forward pass: the data of `backcalc forward --format json`.

    >>> forward(load("skip"))["forward"][-1]["exact"]
    '27/8'
    """
    worked = calculation.forward(network)
    return Worked(data.forward_data(worked), worked)


def backward(network: Network, of: str | None = None, *, inputs: bool = False) -> Worked:
    """The derivatives of the loss, or of any value `of`, by the weights and by `inputs` if wanted.

    >>> [row["name"] for row in backward(load("skip"), of="z1")["backward"][-2:]]
    ['dz1/dw2', 'dz1/dws']
    """
    worked = calculation.backward(network, of=of, by_inputs=inputs)
    return Worked(data.backward_data(worked), worked)


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
    worked = calculation.step(network, _rate(lr), steps, by_inputs=inputs)
    return Worked(data.step_data(worked), worked)


def check(
    network: Network,
    answers: str,
    lr: Fraction | float | str | None = None,
    carry: Literal["full", "half", "none"] = "full",
) -> Checked:
    r"""A sheet of answers, marked: the data of `backcalc check --format json`.

    >>> marked = check(load("skip"), "z0 = 1/2\nL = -3.375")
    >>> marked.score, marked.verdicts, marked.slips
    (Fraction(1, 1), {'z0': 'correct', 'L': 'wrong'}, {'L': ['gradient-sign']})
    """
    from backcalc.checking import record, report  # a forward pass needs none of it
    from backcalc.views.gradebook import report_data

    marking = report.Marking(network, _rate(lr), carry)
    marked = report.check(marking, answers, "answers")
    return Checked(report_data([record.record(marked)]), marked)


def _rate(lr: Fraction | float | str | None) -> Fraction | None:
    """A learning rate; a float is read as it is written."""
    return lr if lr is None or isinstance(lr, Fraction) else parse_number(str(lr))
