"""Runs of training for people and for programs: the curve, the weights, what became of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backcalc.charts.chart import curve, histogram, sparkline
from backcalc.charts.plot import curve_svg
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import listed
from backcalc.formulas.expression import Name, Scalar
from backcalc.formulas.notation import (
    PLAIN,
    UNICODE,
    InDigits,
    Phrase,
    name_text,
    rounded,
    sentence,
)
from backcalc.sheets.blocks import Block, Chart, Derivation, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data
from backcalc.sheets.worked import title
from backcalc.training.diagnosis import Case, Symptom
from backcalc.training.goal import Goal, as_floats, if_finite
from backcalc.training.run import LossPoint, Plan, Run

if TYPE_CHECKING:
    from backcalc.training.restarts import Restarts

COLUMNS_SAID = (
    "epochs: the median of those that the successful runs took to the goal",
    "diverged: the loss grew, or came to have no value",
    "loss and curve: the run with the median loss; all curves have one scale, log over a decade",
)
"""What the columns of a sweep are."""
FLAT = "below a 100 000th of the largest loss a curve is flat"
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


def train_sheet(case: Case, found: Sequence[Symptom], look: Look) -> SheetBlocks:
    """The whole sheet of one run."""
    run = case.run
    blocks: list[Block] = [
        Heading(("Training",)),
        Sentences(tuple(conventions(case.network, run.plan, case.goal))),
        *interruption(run.interrupted, run.state.epoch, run.plan),
        *_losses(run, look),
        Heading(("Diagnosis",)),
        *findings(found),
    ]
    if some := [each for each in case.facts.activities if 0 < each.off < each.samples]:
        words = listed((f"{each.unit} on {each.off} of {each.samples}" for each in some), 8)
        words = f"relu passes nothing on in unit {words}; being off on some samples does no harm"
        blocks.append(Sentences(((words,),)))
    blocks.append(Heading(("Weights",)))
    start, end = case.network.weights, run.state.weights
    rows = [((Name(name),), (InDigits(start[name]),), (InDigits(value),))
            for name, value in zip(start, end, strict=True)]  # fmt: skip
    blocks.append(Table(("weight", "at the start", "trained"), tuple(rows[:MOST_WEIGHTS])))
    if len(rows) > MOST_WEIGHTS:
        more = f"and {len(rows) - MOST_WEIGHTS} more; --save and --format json hold all of them"
        blocks.append(Sentences(((more,),)))
    return SheetBlocks(title(case.network), (*blocks, *_predictions(case, look)))


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
        name, numbers = network.initial.row.name, _options(network.initial.numbers)
        yield (f"initial weights: {name}", *numbers, f", seed {plan.seed}")
    if not swept:
        numbers = _options({RATE: plan.rate, **network.descent.numbers})
        yield (f"optimizer: {network.descent.optimizer.name}", *numbers)
    yield (batches(network, plan),)
    words, coding = f"goal: {goal.words}", goal.coding
    if coding:
        words += f" (targets: {coding.name}; an output is right if it is {coding.meaning})"
    yield (words,)


def _options(numbers: Mapping[str, Scalar]) -> list[str | InDigits]:
    return [part for name, value in numbers.items() for part in (f", {name} = ", InDigits(value))]


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
    """The curve, the loss after 0, 1, 10, ... epochs; where no epoch has a loss, only that."""
    yield Heading(("Loss",))
    epochs, rises = run.trace.end[0], run.trace.rises
    if epochs:
        yield drawn(run.trace.points(), look)
        yield Heading(("Loss on the way",), 2)
    rows: list[tuple[Phrase, ...]]
    rows = [((str(epoch),), (InDigits(loss),)) for epoch, loss in milestones(run)]
    if not math.isfinite(run.loss):
        rows.append(((str(run.state.epoch),), ("undefined",)))
    yield Table(("epoch", "loss"), tuple(rows))
    words = f"the loss rose in {rises or 'none'} of {epochs} epochs"
    words += f", first in epoch {run.trace.first_rise}" if rises else ""
    yield Sentences(((words if epochs else "no epoch has a loss: there is no curve to draw",),))


def drawn(points: Sequence[LossPoint], look: Look) -> Chart:
    """The curve of a loss."""
    places = tuple((float(epoch), loss) for epoch, loss in points)
    lines = curve(places, look.width - 2, HEIGHT, log=look.log, unicode=look.unicode)
    return Chart(tuple(lines), lambda title: curve_svg(places, title, look.log))


def milestones(run: Run) -> list[LossPoint]:
    """The losses that are told, the last one last."""
    last = run.trace.end
    return [point for point in run.trace.milestones if point[0] < last[0]] + [last]


def findings(found: Iterable[Symptom]) -> Iterator[Block]:
    """The diagnosis of a run, with advice."""
    for each in found:
        stages: list[tuple[str, Phrase]] = [("seen", (each.sentence,))]
        stages += [("what to do", (each.advice,))] if each.advice else []
        yield Derivation((each.name,), tuple(stages))


def _predictions(case: Case, look: Look) -> Iterator[Block]:
    network, predictions = case.network, case.facts.predictions
    if not network.outputs or not network.targets or not predictions:
        return
    yield Heading(("Predictions",))
    shown = list(predictions)
    if len(shown) > MOST_PREDICTIONS:
        rest = [each for each in predictions[SOME:] if each.right is False]
        shown = [*predictions[:SOME], *rest[:SOME]]
    known = (*(network.inputs if len(network.inputs) <= 4 else ()), *network.targets)
    notation = (UNICODE if look.unicode else PLAIN).with_names(network.names)
    columns = ("sample", *(name_text(name, notation) for name in (*known, *network.outputs)))
    rows = []
    for each in shown:
        row: list[Phrase] = [(str(each.place + 1),)]
        row += [(InDigits(network.samples[each.place][name]),) for name in known]
        row += [(InDigits(output),) for output in each.outputs]
        row += [] if each.right is None else [("yes" if each.right else "NO",)]
        rows.append(tuple(row))
    yield Table((*columns, *(("right",) if case.goal.coding else ())), tuple(rows))
    count, samples = len(predictions), len(network.samples)
    of = f"{count} sample{'s' if samples > 1 else ''}"
    of = of if count == samples else f"{count} of {samples} samples looked at"
    right = sum(bool(each.right) for each in predictions)
    words = [f"right on {right} of {of}"] if case.goal.coding else []
    words += [f"{len(shown)} of {count} are shown"] if len(shown) < count else []
    yield Sentences((("; ".join(words) or of,),))


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
        "loss": if_finite(run.loss),
        "undefined": run.undefined or None,
        "interrupted": run.interrupted,
        "rises": {"count": run.trace.rises, "first": run.trace.first_rise},
        "milestones": [list(point) for point in milestones(run)],
        "curve": [list(point) for point in run.trace.points()],
        "weights": dict(zip(case.network.weights, run.state.weights, strict=True)),
        "predictions": [
            {"sample": each.place + 1, "outputs": list(each.outputs),
             "targets": list(each.targets), "right": each.right}
            for each in case.facts.predictions
        ],
        "units": [
            {"unit": each.unit, "activation": each.call.function.name,
             "samples": each.samples, "off": each.off, "flat": each.flat}
            for each in case.facts.activities
        ],
        "diagnosis": [
            {"name": each.name, "sentence": each.sentence, "advice": each.advice,
             "began": each.began, "units": list(each.units)}
            for each in found
        ],
    }  # fmt: skip


def plan_data(network: Network, plan: Plan) -> Data:
    """The request for a run."""
    numbers, drawn = map(as_floats, (network.descent.numbers, network.initial.numbers))
    return {
        "learning_rate": plan.rate,
        "optimizer": {"name": network.descent.optimizer.name, **numbers},
        "batches": {"size": plan.batches.size, "shuffled": plan.batches.shuffled},
        "seed": plan.seed,
        "initial_weights": {"name": network.initial.row.name, **drawn} if network.random else None,
        "epochs_asked": plan.epochs,
        "until_loss": plan.until,
    }


BINS = 8
SMALL = 16  # columns of a small curve
SHORT = 4  # digits of a loss among many


def restarts_sheet(found: Restarts, look: Look, again: str) -> SheetBlocks:
    """The whole sheet of many runs; `again` is the command that takes a seed for a single step."""
    plan, trials = found.plan, found.trials
    seeds = f"{len(trials)} runs with the seeds {plan.seed} to {trials[-1].seed}"
    asked = f"{seeds}, {plan.epochs} epochs each" + (" asked for" if found.interrupted else "")
    finite = [trial.loss for trial in trials if math.isfinite(trial.loss)]
    lines = histogram(finite, BINS, min(look.width, 64) - 2, look.unicode)
    undefined = [trial for trial in trials if math.isnan(trial.loss)]
    right = sum(bool(trial.success) for trial in undefined)
    also = f", {right} of them with all predictions right" if right else ""
    lines += [f"and {len(undefined)} undefined{also}"] if undefined else []
    blocks: list[Block] = [
        Heading(("Restarts",)),
        Sentences((*conventions(found.network, plan, found.goal), (asked,))),
        *interruption(found.interrupted, found.epochs, plan),
        Heading(("Success",)),
        Sentences(tuple(_success(found))),
        Heading(("Last losses",)),
        Chart(tuple(lines)),
        *_failures(found),
        *_told(found, look, again),
    ]
    return SheetBlocks(title(found.network), tuple(blocks))


def _success(found: Restarts) -> Iterator[Phrase]:
    """How many runs reached the goal, and when; how many the lowest loss, if a loss is the goal."""
    right, count, lowest = len(found.successes), len(found.trials), found.lowest
    if found.goal.known:
        ended = "are so far at the goal," if found.interrupted else "ended with"
        share = f"{right} of {count} ({100 * right / count:.0f} %)"
        yield (f"{share} {ended} {found.goal.words}",)
    else:
        yield ("no run is judged without a goal",)
    if found.goal.coding is None and len(lowest) > 1:
        least = rounded(lowest[0].loss, SHORT)[0]
        yield (f"{len(lowest)} of {count} ended at {least}, the lowest loss that was found",)
    if found.median_reached is not None:
        every = f", looked at every {found.stride} epochs" if found.stride > 1 else ""
        yield (f"median of the epochs that they took: {found.median_reached:g}{every}",)


def _failures(found: Restarts) -> Iterator[Block]:
    """How the runs failed that did."""
    counts = found.counts()
    if not counts:
        return
    many = len(found.failures)
    heading = f"The {many} failure{'s' if many > 1 else ''}"
    yield Heading((heading if found.goal.known else "What became of them",))
    rows = [((name,), (str(len(seeds)),), (listed(map(str, seeds), 6),))
            for name, seeds in counts.items()]  # fmt: skip
    yield Table(("diagnosis", "runs", "seeds"), tuple(rows))
    yield Sentences((("a run is counted under its outcome and under each cause",),))


def _told(found: Restarts, look: Look, again: str) -> Iterator[Block]:
    """The best, the median and the worst run, two of them with their curves."""
    yield Heading(("Best, median and worst run",))
    rows: list[tuple[Phrase, ...]] = []
    for name, trial in found.told.items():
        loss: Phrase = (InDigits(trial.loss),) if math.isfinite(trial.loss) else ("undefined",)
        became = "goal reached" if trial.success else ", ".join(trial.diagnoses) or "not judged"
        rows.append(((name,), (str(trial.seed),), loss, (became,)))
    yield Table(("run", "seed", "last loss", "what became of it"), tuple(rows))
    for name in ("best", "worst"):
        trial = found.told[name]
        if len(trial.points) > 1:
            yield Heading((f"{name}, seed {trial.seed}",), 2)
            yield drawn(trial.points, look)
    yield Heading(("To see more",), 2)
    best = found.told["best"].seed
    yield Sentences(((f"{again} --seed {best} shows the first derivatives of the best run",),))


def sweep_sheet(rows: Sequence[Restarts], look: Look) -> SheetBlocks:
    """The whole sheet of a sweep: a row for each setting."""
    first, last, optimizers = rows[0], rows[-1], [_optimizer(each) for each in rows]
    lines = [*conventions(first.network, first.plan, first.goal, swept=True)]
    many = len({*optimizers}) > 1
    lines += [] if many else [(f"optimizer: {optimizers[0]}",)]
    runs = f"{len(first.trials)} runs each, seeds {first.plan.seed} to {first.trials[-1].seed}"
    runs = runs if len(first.trials) > 1 else "one run each"
    every = f", looked at every {first.stride} epochs" if first.stride > 1 else ""
    lines.append((f"{runs}, {first.plan.epochs} epochs{every}",))
    changed = [first.network.names.get(each, each) for each in first.changes]
    columns = (*(("optimizer",) if many else ()), *changed, "lr", "success", "epochs",
               "diverged", "loss", "curve")  # fmt: skip
    ends = _ends(rows)
    said = (*COLUMNS_SAID, FLAT) if any(each.told["median"].loss < min(ends, default=0)
                                        for each in rows) else COLUMNS_SAID  # fmt: skip
    table = Table(columns, tuple(_setting(each, look, many, ends) for each in rows))
    words = f"interrupted in the last row, after {last.epochs} of {last.plan.epochs} epochs"
    blocks = (
        Heading(("Sweep",)), Sentences(tuple(lines)), Heading(("Settings",)), table,
        *([Sentences(((words,),), marked=True)] if last.interrupted else []),
        Sentences(tuple((each,) for each in said)),
        *_why(rows, columns[: columns.index("lr") + 1], many),
    )  # fmt: skip
    return SheetBlocks(title(first.network), blocks)


def _optimizer(each: Restarts) -> str:
    descent = each.network.descent
    options = (f"{name}={float(value):g}" for name, value in (descent.options or {}).items())
    return ",".join((descent.optimizer.name, *options))


def _why(rows: Sequence[Restarts], columns: tuple[str, ...], many: bool) -> Iterator[Block]:
    """The causes of failure of each setting, where runs are judged and some fail."""
    failed = [each for each in rows if each.failures and each.counts()]
    if not failed or not rows[0].goal.known:
        return
    yield Heading(("Why runs fail",))
    table = [
        (*_chosen(each, many), (f"{len(each.failures)} of {len(each.trials)}",),
         (listed([f"{name} ({len(seeds)})" for name, seeds in each.counts().items()]),))
        for each in failed
    ]  # fmt: skip
    yield Table((*columns, "failed", "how, and in how many runs"), tuple(table), prose=True)


def _chosen(found: Restarts, many: bool) -> list[Phrase]:
    """The cells that say which setting it is."""
    before: list[Phrase] = [(_optimizer(found),)] if many else []
    before += [(InDigits(value),) for value in found.changes.values()]
    return [*before, (InDigits(found.plan.rate),)]


def setting_words(found: Restarts, rows: Sequence[Restarts]) -> str:
    """Return a setting in a few words, as far as it differs from the others."""
    many = len({_optimizer(each) for each in rows}) > 1
    parts = [_optimizer(found)] if many else []
    parts += [f"{name} = {float(value):g}" for name, value in found.changes.items()]
    if len({each.plan.rate for each in rows}) > 1 or not parts:
        parts.append(f"lr = {float(found.plan.rate):g}")
    return ", ".join(parts)


FAR = 10  # times the greatest loss at the start: what is above it counts as that
NEAR = 1e5  # times as small as the greatest loss: what is below it counts as that


def _ends(rows: Sequence[Restarts]) -> tuple[float, ...]:
    """The least and the greatest loss of all curves; none where there is no loss."""
    curves = [[y for _, y in each.told["median"].points if math.isfinite(y)] for each in rows]
    losses = [loss for curve in curves for loss in curve]
    if not losses:
        return ()
    start = max(curve[0] for curve in curves if curve)
    high = min(max(losses), FAR * start) if start > 0 else max(losses)
    return max(min(losses), high / NEAR) if min(losses) >= 0 else min(losses), high


def _setting(found: Restarts, look: Look, many: bool, ends: Sequence[float]) -> tuple[Phrase, ...]:
    middle = found.told["median"]
    reached = "-" if found.median_reached is None else f"{found.median_reached:g}"
    loss = rounded(middle.loss, SHORT)[0] if math.isfinite(middle.loss) else "undefined"
    success = f"{100 * len(found.successes) / len(found.trials):.0f} %"
    success = success if found.goal.known else "-"
    low, high = ends or (0, 0)
    log = low >= 0 and (look.log or high > 10 * low)
    points = [(float(epoch), loss) for epoch, loss in middle.points]
    small = sparkline(points, SMALL, look.unicode, log=log, ends=ends)
    figures = success, reached, str(found.diverged), loss, small
    return (*_chosen(found, many), *((each,) for each in figures))


def restarts_data(found: Restarts) -> Data:
    """`backcalc/train/1` of many runs."""
    return {
        "schema": "backcalc/train/1",
        "network": network_data(found.network),
        **plan_data(found.network, found.plan),
        "interrupted": found.interrupted,
        **_summary(found),
        "runs": [
            {"seed": each.seed, "loss": if_finite(each.loss), "success": each.success,
             "reached": each.reached, "diagnosis": list(each.diagnoses)}
            for each in found.trials
        ],
        "told": [
            {"name": name, "seed": each.seed, "curve": [list(point) for point in each.points]}
            for name, each in found.told.items()
        ],
    }  # fmt: skip


def sweep_data(rows: Sequence[Restarts]) -> Data:
    """`backcalc/sweep/1`: a row for each setting."""
    return {
        "schema": "backcalc/sweep/1",
        "network": network_data(rows[0].network),
        "interrupted": rows[-1].interrupted,
        "rows": [
            {**plan_data(each.network, each.plan), "set": as_floats(each.changes),
             **_summary(each), "curve": [list(point) for point in each.told["median"].points]}
            for each in rows
        ],
    }  # fmt: skip


def _summary(found: Restarts) -> Data:
    return {
        "goal": found.goal.words if found.goal.known else None, "restarts": len(found.trials),
        "successes": len(found.successes) if found.goal.known else None,
        "at_lowest_loss": len(found.lowest), "median_epochs": found.median_reached,
        "resolution": found.stride, "diverged": found.diverged,
        "median_loss": if_finite(found.told["median"].loss),
        "seeds": {name: each.seed for name, each in found.told.items()},
        "failures": {name: len(seeds) for name, seeds in found.counts().items()},
    }  # fmt: skip
