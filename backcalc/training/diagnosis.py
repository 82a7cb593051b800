"""THE table of diagnoses: what became of a run, and why, a row each.

One outcome, the first that is found, and every cause. The thresholds stand in `case`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from backcalc.training import causes, outcomes
from backcalc.training.case import Case, Seen


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnosis of one run."""

    name: str
    """The row's name."""
    sentence: str
    """What was seen."""
    advice: str
    """What to do about it; empty where there is nothing to do."""
    began: int | None = None
    """The epoch from which on it was so, where that is known."""
    units: tuple[str, ...] = ()
    """The units that are meant, where it is about some."""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """One row."""

    name: str
    """What it is called."""
    find: Callable[[Case], Seen | None]
    """What is seen of it in a run, or nothing."""
    advice: str
    """What to do, unless what is seen says otherwise."""
    cause: bool = False
    """Whether it says why; else it says what became of the run."""
    after: tuple[str, ...] = ()
    """The outcomes after which a cause is asked for."""
    vague: bool = False
    """Whether an outcome's advice is left to its causes where they have some."""


STUCK = ("zero gradient", "oscillating", "still falling", "plateau")

DIAGNOSES = (
    Diagnosis("falling without bound", outcomes.unbounded,
              "look at the loss and its sign: descent needs one that cannot fall for ever"),
    Diagnosis("diverging", outcomes.diverging, "take a smaller learning rate"),
    Diagnosis("undefined", outcomes.undefined,
              "take a smaller learning rate, or stop earlier (--until-loss)"),
    Diagnosis("converged", outcomes.converged, ""),
    Diagnosis("zero gradient", outcomes.zero_gradient,
              "if it is the minimum, this net cannot do better on these samples; if not, other"
              " starting weights (--restarts) lead elsewhere", vague=True),
    Diagnosis("oscillating", outcomes.oscillating, ""),
    Diagnosis("still falling", outcomes.still_falling, "train for more epochs"),
    Diagnosis("too few epochs", outcomes.too_few_epochs, "train for more epochs"),
    Diagnosis("steps too small", outcomes.small_steps,
              "take a larger learning rate, ten times this one say, or many more epochs"),
    Diagnosis("plateau", outcomes.plateau,
              "more epochs or a larger learning rate, unless this is nearly a minimum; if it is,"
              " other starting weights (--restarts) or more units", vague=True),
    Diagnosis("stuck by symmetry", causes.symmetry,
              "start from random weights, so that the units can become different",
              cause=True, after=STUCK),
    Diagnosis("dead units", causes.dead,
              "take a smaller learning rate, other starting weights, or leaky_relu",
              cause=True, after=(*STUCK, "converged")),
    Diagnosis("saturated units", causes.saturated,
              "start from smaller weights, or take a smaller learning rate",
              cause=True, after=STUCK),
    Diagnosis("same output", causes.same_output,
              "look at what keeps the hidden units from telling the samples apart",
              cause=True, after=STUCK),
)  # fmt: skip
"""The outcomes, of which the first that is found is a run's, then the causes."""

UPHILL = "the learning rate is below 0, so that every step goes uphill: take one above 0"


def diagnose(case: Case) -> tuple[Finding, ...]:
    """The outcome of a run, then its causes."""
    outcome = next(each for row in DIAGNOSES if not row.cause and (each := _found(row, case)))
    rows = [row for row in DIAGNOSES if outcome.name in row.after]
    causes = [each for row in rows if (each := _found(row, case))]
    if outcome.name == "converged":  # a remark: there is nothing to do
        causes = [replace(each, advice="") for each in causes]
    vague = any(row.vague for row in DIAGNOSES if row.name == outcome.name)
    if vague and any(each.advice for each in causes):
        outcome = replace(outcome, advice="")
    if case.run.plan.rate < 0 and outcome.name != "converged":
        outcome = replace(outcome, advice=UPHILL)
    return outcome, *causes


def _found(row: Diagnosis, case: Case) -> Finding | None:
    """What a row says of a run, if it does."""
    seen = row.find(case)
    if seen is None:
        return None
    advice = row.advice if seen.advice is None else seen.advice
    return Finding(row.name, seen.sentence, advice, seen.began, seen.units)
