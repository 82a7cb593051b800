"""Many runs for people and for programs: how many succeed, how the others fail, which settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from backcalc.charts.chart import histogram, sparkline
from backcalc.errors import listed
from backcalc.formulas.notation import InDigits, Phrase, rounded
from backcalc.sheets.blocks import Block, Heading, Sentences, Sheet, Table
from backcalc.sheets.data import Data, network_data
from backcalc.sheets.worked import title
from backcalc.training.restarts import Restarts, Swept, Trial
from backcalc.training.trained import Look, conventions, drawn, interruption, plan_data

BINS = 8
SMALL = 16  # columns of a small curve
SHORT = 4  # digits of a loss among many


def restarts_sheet(found: Restarts, look: Look, again: str) -> Sheet:
    """The whole sheet of many runs; `again` is the command that takes a seed for a single step."""
    plan, trials = found.plan, found.trials
    seeds = f"{len(trials)} runs with the seeds {plan.seed} to {trials[-1].seed}"
    asked = f"{seeds}, {plan.epochs} epochs each" + (" asked for" if found.interrupted else "")
    blocks: list[Block] = [Heading(("Restarts",))]
    blocks.append(Sentences((*conventions(found.network, plan, found.goal), (asked,))))
    blocks += interruption(found.interrupted, found.epochs, plan)
    blocks += [Heading(("Success",)), Sentences(tuple(_success(found)))]
    blocks += [Heading(("Last losses",)), *_losses(found, look), *_failures(found)]
    blocks += [*_told(found, look, again)]
    return Sheet(title(found.network), tuple(blocks))


def _success(found: Restarts) -> Iterator[Phrase]:
    """How many runs reached the goal, and when; how many the lowest loss, if a loss is the goal."""
    if found.goal.known:
        ended = "are so far at the goal," if found.interrupted else "ended with"
        yield (f"{_share(found)} {ended} {found.goal.words}",)
    else:
        yield ("no run is judged without a goal",)
    lowest = found.lowest
    if found.goal.coding is None and len(lowest) > 1:
        least = rounded(lowest[0].loss, SHORT)[0]
        count = f"{len(lowest)} of {len(found.trials)}"
        yield (f"{count} ended at {least}, the lowest loss that was found",)
    if found.median_reached is not None:
        every = f", looked at every {found.stride} epochs" if found.stride > 1 else ""
        yield (f"median of the epochs that they took: {found.median_reached:g}{every}",)


def _share(found: Restarts) -> str:
    right, count = len(found.successes), len(found.trials)
    return f"{right} of {count} ({100 * right / count:.0f} %)"


def _losses(found: Restarts, look: Look) -> Iterator[Block]:
    finite = [trial.loss for trial in found.trials if math.isfinite(trial.loss)]
    lines = histogram(finite, BINS, min(look.width, 64) - 2, look.unicode)
    undefined = found.undefined
    right = sum(bool(trial.success) for trial in undefined)
    also = f", {right} of them with all predictions right" if right else ""
    lines += [f"and {len(undefined)} undefined{also}"] if undefined else []
    yield Sentences(tuple((line,) for line in lines))


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


def sweep_sheet(rows: Sequence[Swept], look: Look) -> Sheet:
    """The whole sheet of a sweep: a row for each setting."""
    first = rows[0].restarts
    lines = [*conventions(first.network, first.plan, first.goal, swept=True)]
    if len({_optimizer(each) for each in rows}) == 1:
        lines.append((f"optimizer: {_optimizer(rows[0])}",))
    runs = f"{len(first.trials)} runs each, seeds {first.plan.seed} to {first.trials[-1].seed}"
    runs = runs if len(first.trials) > 1 else "one run each"
    every = f", looked at every {first.stride} epochs" if first.stride > 1 else ""
    told = (f"{runs}, {first.plan.epochs} epochs{every}",)
    blocks: list[Block] = [Heading(("Sweep",)), Sentences((*lines, told)), Heading(("Settings",))]
    blocks.append(_table(rows, look))
    if rows[-1].restarts.interrupted:
        last = rows[-1].restarts
        words = f"interrupted in the last row, after {last.epochs} of {last.plan.epochs} epochs"
        blocks.append(Sentences(((words,),), marked=True))
    blocks.append(Sentences((
        ("epochs: the median of those that the successful runs took to the goal",),
        ("diverged: the loss grew, or came to have no value",),
        ("loss and curve: the run with the median loss, on a log axis where it spans a decade",),
    )))  # fmt: skip
    return Sheet(title(first.network), tuple(blocks))


def _table(rows: Sequence[Swept], look: Look) -> Table:
    many = len({_optimizer(each) for each in rows}) > 1
    names = tuple(rows[0].setting.changes)
    columns = (*(("optimizer",) if many else ()), *names, "lr", "success", "epochs", "diverged",
               "loss", "curve")  # fmt: skip
    return Table(columns, tuple(_row(each, look, many) for each in rows))


def _optimizer(each: Swept) -> str:
    """An optimizer's name with the options that were given."""
    descent = each.setting.network.descent
    options = (f"{name}={float(value):g}" for name, value in (descent.options or {}).items())
    return ",".join((descent.optimizer.name, *options))


def _row(each: Swept, look: Look, many: bool) -> tuple[Phrase, ...]:
    found, setting = each.restarts, each.setting
    middle = found.told["median"]
    before: list[Phrase] = [(_optimizer(each),)] if many else []
    before += [(InDigits(value),) for value in setting.changes.values()]
    reached = "-" if found.median_reached is None else f"{found.median_reached:g}"
    loss = rounded(middle.loss, SHORT)[0] if math.isfinite(middle.loss) else "undefined"
    success = f"{100 * len(found.successes) / len(found.trials):.0f} %"
    success = success if found.goal.known else "-"
    return (*before, (InDigits(setting.plan.rate),), (success,), (reached,),
            (str(found.diverged),), (loss,), (_small(middle, look),))  # fmt: skip


def _small(trial: Trial, look: Look) -> str:
    low, high = min(trial.losses, default=0), max(trial.losses, default=0)
    log = low >= 0 and (look.log or high > 10 * low)
    points = [(float(epoch), loss) for epoch, loss in trial.points]
    return sparkline(points, SMALL, look.unicode, log=log)


# For programs.


def restarts_data(found: Restarts) -> Data:
    """`backcalc/train/1` of many runs."""
    return {
        "schema": "backcalc/train/1",
        "network": network_data(found.network),
        **plan_data(found.network, found.plan),
        "interrupted": found.interrupted,
        **_summary(found),
        "runs": [
            {
                "seed": each.seed,
                "loss": _number(each.loss),
                "success": each.success,
                "reached": each.reached,
                "diagnosis": list(each.diagnoses),
            }
            for each in found.trials
        ],
        "told": [
            {"name": name, "seed": each.seed, "curve": [list(point) for point in each.points]}
            for name, each in found.told.items()
        ],
    }


def sweep_data(rows: Sequence[Swept]) -> Data:
    """`backcalc/sweep/1`: a row for each setting."""
    return {
        "schema": "backcalc/sweep/1",
        "network": network_data(rows[0].restarts.network),
        "interrupted": rows[-1].restarts.interrupted,
        "rows": [
            {
                **plan_data(each.setting.network, each.setting.plan),
                "set": {name: float(value) for name, value in each.setting.changes.items()},
                **_summary(each.restarts),
                "curve": [list(point) for point in each.restarts.told["median"].points],
            }
            for each in rows
        ],
    }


def _summary(found: Restarts) -> Data:
    return {
        "goal": found.goal.words if found.goal.known else None,
        "restarts": len(found.trials),
        "successes": len(found.successes) if found.goal.known else None,
        "at_lowest_loss": len(found.lowest),
        "median_epochs": found.median_reached,
        "resolution": found.stride,
        "diverged": found.diverged,
        "median_loss": _number(found.told["median"].loss),
        "seeds": {name: each.seed for name, each in found.told.items()},
        "failures": {name: len(seeds) for name, seeds in found.counts().items()},
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
