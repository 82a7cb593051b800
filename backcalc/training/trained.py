"""Runs of training for people and for programs: the curve, the weights, what became of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backcalc.charts.chart import curve
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import listed
from backcalc.formulas.expression import Name, Scalar
from backcalc.formulas.notation import DIGITS, PLAIN, UNICODE, InDigits, Phrase, name_text, sentence
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, Sheet, Table
from backcalc.sheets.data import Data, network_data
from backcalc.sheets.worked import title
from backcalc.training.case import Case
from backcalc.training.diagnosis import Symptom
from backcalc.training.facts import Facts, Prediction
from backcalc.training.goal import Goal
from backcalc.training.run import Plan, Run
from backcalc.training.trace import LossPoint

HEIGHT = 10  # lines of a curve
MOST_WEIGHTS = 40
MOST_PREDICTIONS = 20
MOST_OUTPUTS = 32  # in a loss that is written out
SOME = 10  # of many predictions, and of the wrong ones among the rest


@dataclass(frozen=True, slots=True)
class Look:
    """How charts are drawn."""

    width: int = 80
    """How many columns there are."""
    unicode: bool = True
    """True if block characters work."""
    log: bool = False
    """True if equal steps on the axis of the loss are equal factors."""
    digits: int = DIGITS
    """Significant digits of rounded numbers."""


def train_sheet(case: Case, found: Sequence[Symptom], look: Look) -> Sheet:
    """The whole sheet of one run."""
    run = case.run
    blocks: list[Block] = [
        Heading(("Training",)),
        Sentences(tuple(conventions(case.network, run.plan, case.goal))),
    ]
    blocks += interruption(run.interrupted, run.state.epoch, run.plan)
    blocks += [*_losses(run, look)]
    blocks += [Heading(("Diagnosis",)), *findings(found), *_off(case)]
    blocks += [Heading(("Weights",)), *_weights(run)]
    blocks += _predictions(case, look)
    return Sheet(title(case.network), tuple(blocks))


def interruption(interrupted: bool, epochs: int, plan: Plan) -> Iterator[Block]:
    """That the person stopped it, where that is so."""
    if interrupted:
        yield Sentences(((f"interrupted after {epochs} of {plan.epochs} epochs",),), marked=True)


def conventions(
    network: Network, plan: Plan, goal: Goal, *, swept: bool = False
) -> Iterator[Phrase]:
    """The request for a run in sentences: the loss, the optimizer, the batches, the goal."""
    own = loss_name(network)
    if len(network.outputs) > MOST_OUTPUTS and network.loss_name:
        yield (f"{own} is the {network.loss_name} of {len(network.outputs)} outputs",)
    elif not isinstance(network.loss, str):
        yield sentence("{} = {}", Name(own), network.loss)
    if len(network.samples) > 1:
        word = "mean" if network.reduction == "mean" else "sum"
        many = f"{len(network.samples)} samples"
        yield sentence(f"{{}} is the {word} of {{}} over {many}", Name(TOTAL), Name(own))
    if network.random:
        yield initial_weights(network, plan)
    if not swept:
        yield optimizer(network, plan)
    yield (batches(network, plan),)
    yield (f"goal: {goal.words}", *_coded(goal))


def _coded(goal: Goal) -> Phrase:
    coding = goal.coding
    return (
        (f" (targets: {coding.name}; an output is right if it is {coding.meaning})",)
        if coding
        else ()
    )


def initial_weights(network: Network, plan: Plan) -> Phrase:
    """How random weights are drawn."""
    numbers = network.initial.numbers.items()
    options = [part for name, value in numbers for part in (f", {name} = ", InDigits(value))]
    return (f"initial weights: {network.initial.row.name}", *options, f", seed {plan.seed}")


def optimizer(network: Network, plan: Plan) -> Phrase:
    """The optimizer with its numbers."""
    numbers: dict[str, Scalar] = {RATE: plan.rate, **network.descent.numbers}
    parts = [part for name, value in numbers.items() for part in (f", {name} = ", InDigits(value))]
    return (f"optimizer: {network.descent.optimizer.name}", *parts)


def batches(network: Network, plan: Plan) -> str:
    """How an epoch goes through the samples."""
    samples, size = len(network.samples), plan.batches.size
    if samples == 1:
        return "an epoch is one update"
    if size is None or size >= samples:
        return "an epoch is one update from all samples"
    many = plan.batches.each(samples)
    order = f"shuffled with seed {plan.seed}" if plan.batches.shuffled else "in the file's order"
    of = "one sample each" if size == 1 else f"{size} samples each"
    return f"an epoch is {many} update{'s' if many > 1 else ''} of {of}, {order}"


def _losses(run: Run, look: Look) -> Iterator[Block]:
    """The curve and some of its losses; where no epoch has a loss, only that."""
    yield Heading(("Loss",))
    if run.trace.end[0]:
        yield drawn(run.trace.points(), look)
        yield Heading(("Loss on the way",), 2)
    yield _milestones(run)
    if run.trace.end[0]:
        yield Sentences((_rises(run),))
    else:
        yield Sentences((("no epoch has a loss: there is no curve to draw",),))


def drawn(points: Sequence[LossPoint], look: Look) -> Sentences:
    """The curve of a loss."""
    lines = curve([(float(epoch), loss) for epoch, loss in points], look.width - 2, HEIGHT,
                  log=look.log, unicode=look.unicode)  # fmt: skip
    return Sentences(tuple((line,) for line in lines))


def _milestones(run: Run) -> Table:
    """The loss after 0, 1, 10, 100, ... epochs and at the end."""
    rows: list[tuple[Phrase, ...]] = [
        ((str(epoch),), (InDigits(loss),)) for epoch, loss in milestones(run)
    ]
    if not math.isfinite(run.loss):
        rows.append(((str(run.state.epoch),), ("undefined",)))
    return Table(("epoch", "loss"), tuple(rows))


def milestones(run: Run) -> list[LossPoint]:
    """The losses that are told, the last one last."""
    last = run.trace.end
    return [point for point in run.trace.milestones if point[0] < last[0]] + [last]


def _rises(run: Run) -> Phrase:
    epochs, rises = run.trace.end[0], run.trace.rises
    if not rises:
        return (f"the loss rose in none of {epochs} epochs",)
    return (f"the loss rose in {rises} of {epochs} epochs, first in epoch {run.trace.first_rise}",)


def findings(found: Iterable[Symptom]) -> Iterator[Block]:
    """The diagnosis of a run, with advice."""
    for each in found:
        stages: list[tuple[str, Phrase]] = [("seen", (each.sentence,))]
        stages += [("what to do", (each.advice,))] if each.advice else []
        yield Derivation((each.name,), tuple(stages))


def _off(case: Case) -> Iterator[Block]:
    """On how many samples relu passes nothing on, for units that are off on some."""
    some = [each for each in case.facts.activities if 0 < each.off < each.samples]
    if some:
        words = listed((f"{each.unit} on {each.off} of {each.samples}" for each in some), 8)
        yield Sentences(((f"relu passes nothing on in unit {words}; off on some is no harm",),))


def _weights(run: Run) -> Iterator[Block]:
    start, end = run.network.weights, run.state.weights
    rows = [((Name(name),), (InDigits(start[name]),), (InDigits(value),))
            for name, value in zip(start, end, strict=True)]  # fmt: skip
    yield Table(("weight", "at the start", "trained"), tuple(rows[:MOST_WEIGHTS]))
    if len(rows) > MOST_WEIGHTS:
        more = f"and {len(rows) - MOST_WEIGHTS} more; --save and --format json hold all of them"
        yield Sentences(((more,),))


def _predictions(case: Case, look: Look) -> Iterator[Block]:
    """A table of outputs against targets: all of them, or the first and the wrong ones."""
    network, predictions = case.network, case.facts.predictions
    if not network.outputs or not network.targets or not predictions:
        return
    yield Heading(("Predictions",))
    shown = list(predictions)
    if len(shown) > MOST_PREDICTIONS:
        rest = [each for each in predictions[SOME:] if each.right is False]
        shown = [*predictions[:SOME], *rest[:SOME]]
    inputs = network.inputs if len(network.inputs) <= 4 else ()
    notation = UNICODE if look.unicode else PLAIN
    names = (*inputs, *network.targets, *network.outputs)
    columns = ("sample", *(name_text(name, notation) for name in names))
    columns += ("right",) if case.goal.coding else ()
    yield Table(columns, tuple(_row(each, network, inputs) for each in shown))
    yield Sentences(((_count(case, case.facts, len(shown)),),))


def _row(each: Prediction, network: Network, inputs: Sequence[str]) -> tuple[Phrase, ...]:
    sample = network.samples[each.place]
    known: list[Phrase] = [(InDigits(sample[name]),) for name in (*inputs, *network.targets)]
    outputs: list[Phrase] = [(InDigits(value),) for value in each.outputs]
    verdict: list[Phrase] = [] if each.right is None else [("yes" if each.right else "NO",)]
    return ((str(each.place + 1),), *known, *outputs, *verdict)


def _count(case: Case, facts: Facts, shown: int) -> str:
    """How many predictions are right, and which are shown."""
    count, samples = len(facts.predictions), len(case.network.samples)
    of = f"{count} sample{'s' if samples > 1 else ''}"
    of = of if count == samples else f"{count} of {samples} samples looked at"
    words = []
    if case.goal.coding:
        right = sum(bool(each.right) for each in facts.predictions)
        words.append(f"right on {right} of {of}")
    if shown < count:
        words.append(f"{shown} of {count} are shown")
    return "; ".join(words) or of


# For programs.


def train_data(case: Case, found: Sequence[Symptom]) -> Data:
    """`backcalc/train/1`: the run with its curve, weights, predictions and diagnosis."""
    run = case.run
    return {
        "schema": "backcalc/train/1",
        "network": network_data(case.network),
        **plan_data(case.network, run.plan),
        "goal": case.goal.words if case.goal.known else None,
        "success": case.success,
        "epochs": run.state.epoch,
        "loss_before": run.trace.start,
        "loss": run.loss if math.isfinite(run.loss) else None,
        "undefined": run.undefined or None,
        "interrupted": run.interrupted,
        "rises": {"count": run.trace.rises, "first": run.trace.first_rise},
        "milestones": [list(point) for point in milestones(run)],
        "curve": [list(point) for point in run.trace.points()],
        "weights": dict(zip(case.network.weights, run.state.weights, strict=True)),
        "predictions": [
            {
                "sample": each.place + 1,
                "outputs": list(each.outputs),
                "targets": list(each.targets),
                "right": each.right,
            }
            for each in case.facts.predictions
        ],
        "units": [
            {
                "unit": each.unit,
                "activation": each.call.function.name,
                "samples": each.samples,
                "off": each.off,
                "flat": each.flat,
            }
            for each in case.facts.activities
        ],
        "diagnosis": [finding_data(each) for each in found],
    }


def plan_data(network: Network, plan: Plan) -> Data:
    """The request for a run."""
    numbers = {name: float(value) for name, value in network.descent.numbers.items()}
    return {
        "learning_rate": plan.rate,
        "optimizer": {"name": network.descent.optimizer.name, **numbers},
        "batches": {"size": plan.batches.size, "shuffled": plan.batches.shuffled},
        "seed": plan.seed,
        "initial_weights": _initial_data(network),
        "epochs_asked": plan.epochs,
        "until_loss": plan.until,
    }


def _initial_data(network: Network) -> Data | None:
    """How random weights are drawn; none where none is."""
    if not network.random:
        return None
    numbers = {name: float(value) for name, value in network.initial.numbers.items()}
    return {"name": network.initial.row.name, **numbers}


def finding_data(finding: Symptom) -> Data:
    """One diagnosis."""
    return {
        "name": finding.name,
        "sentence": finding.sentence,
        "advice": finding.advice,
        "began": finding.began,
        "units": list(finding.units),
    }
