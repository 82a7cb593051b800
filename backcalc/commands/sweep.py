"""`sweep`: restarts under several learning rates, optimizers or numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import click

from backcalc.commands.interruption import ended, released
from backcalc.commands.options import (
    TABLES,
    assigned,
    deliver,
    digits_option,
    first_seed,
    format_of,
    init_option,
    network_argument,
    number,
    opened,
    optimizer,
    options,
    output_options,
    table_format,
)
from backcalc.commands.progress import progress
from backcalc.commands.train import (
    batch_options,
    batch_size,
    draws,
    engine_option,
    epochs_option,
    log_option,
    look,
    note,
    seed_option,
    success_option,
    uphill,
)
from backcalc.equations.initial import Initial, drawn
from backcalc.equations.named import with_numbers
from backcalc.equations.network import Network
from backcalc.equations.optimizers import Descent
from backcalc.sheets.worked import Wishes
from backcalc.training.engines.engine import Batches, Engine
from backcalc.training.goal import goal
from backcalc.training.restarts import Drawing, Setting, Told
from backcalc.training.restarts import sweep as swept
from backcalc.training.run import Plan, Watch, check_trained, checked_rate, chosen_engine
from backcalc.training.trained import sweep_data, sweep_sheet

Settings = tuple[str, list[Fraction]]

FEW = 20  # runs for each setting unless a number is given


def numbers(text: str) -> list[Fraction]:
    """Numbers with commas between them, or a usage error."""
    return [number(each) for each in text.split(",")]


def optimizers(text: str) -> list[Descent]:
    """Optimizers with commas between them, each with its options after it."""
    found: list[str] = []
    for part in text.split(","):
        if "=" in part and found:
            found[-1] += f",{part}"
        else:
            found.append(part)
    return [optimizer(each) for each in found]


def values(text: str) -> Settings:
    """NAME=NUMBER,NUMBER,..., or a usage error."""
    name, rest = assigned(text, "w0=0.1,0.3,1")
    return name, numbers(rest)


@click.command()
@network_argument
@click.option("--lr", "rates", type=numbers, metavar="NUMBER,...",
              help="Learning rates; the file's own unless given.")  # fmt: skip
@click.option("--optimizer", "descents", type=optimizers, metavar="NAME[,OPTION=NUMBER...],...",
              help="Optimizers, each with every learning rate.")  # fmt: skip
@click.option("--set", "changes", type=values, multiple=True, metavar="NAME=NUMBER,...",
              help="Other numbers than the file's, each with all the rest.")  # fmt: skip
@click.option("--restarts", "count", type=click.IntRange(1, 100_000), metavar="N",
              help="Runs from random weights for each setting; 20 where weights are random, else"
              " one from the file's.")  # fmt: skip
@options(epochs_option, batch_options, seed_option, init_option, success_option)
@options(engine_option, log_option, digits_option, table_format, output_options)
def sweep(
    network: str, rates: list[Fraction] | None, descents: list[Descent] | None,
    changes: tuple[Settings, ...], count: int | None, epochs: int, size: int | None, online: bool,
    shuffle: bool, seed: int | None, initial: Initial | None, asked: str | float | None,
    engine: str, log: bool, digits: int, **out: Any,
) -> int:  # fmt: skip
    """Compare learning rates, optimizers or any numbers by many runs each.

    A row for each setting: how many runs reach the goal, the median of the epochs that they
    take, how many diverge, the median loss, and the curve of the run that has it.
    """
    out["form"] = format_of(out["form"], out["output"], TABLES)
    net = opened(network)
    check_trained(net)
    aim = goal(net, asked)
    batches = Batches(batch_size(size, online), shuffle)
    plan = Plan(epochs, 0.0, batches, first_seed(net, seed), engine=engine)
    random = bool(initial or count or net.random or net.initial.asked)
    count = count or (FEW if random else 1)
    if random:
        net = drawn(net, plan.seed, initial)
    settings = list(_settings(net, plan, rates or [None], descents or [net.descent], changes))
    note(uphill(min(each.plan.rate for each in settings)))
    with progress(len(settings) * epochs) as watch:
        draw = lambda setting: _draw(setting, initial) if random else _file_own  # noqa: E731
        told = lambda place: _told(watch, place * epochs)  # noqa: E731 - it needs both
        rows = swept(settings, aim, count, draw, engine=_engine, told=told)
    note(rows[0].note)
    deliver(
        sheet=lambda: sweep_sheet(rows, look(log, digits, out["output"])),
        data=lambda: sweep_data(rows),
        wishes=Wishes(digits=digits), network=net, formats=TABLES, **out,
    )  # fmt: skip
    return ended() if rows[-1].interrupted else 0


def _engine(network: Network, plan: Plan, runs: int) -> tuple[Engine, str]:
    """Make an engine; a signal is answered while code is generated and compiled."""
    with released():
        return chosen_engine(network, plan, runs)


def _settings(
    network: Network, plan: Plan, rates: Sequence[Fraction | None], descents: Sequence[Descent],
    changes: Sequence[Settings],
) -> Iterator[Setting]:  # fmt: skip
    """Everything with everything, the learning rate changing fastest."""
    names = [name for name, _ in changes]
    for descent, chosen in product(descents, product(*(found for _, found in changes))):
        numbers = dict(zip(names, chosen, strict=True))
        changed = with_numbers(replace(network, descent=descent), numbers)
        for rate in rates:
            yield Setting(changed, replace(plan, rate=checked_rate(changed, rate)), numbers)


def _draw(setting: Setting, initial: Initial | None) -> Drawing:
    """Random weights, but for those that are set."""
    return draws(initial, tuple(setting.changes.items()))


def _file_own(network: Network, seed: int) -> Network:
    """The weights of the file, whatever the seed."""
    return network


def _told(watch: Watch, before: int) -> Told:
    return lambda done: watch(before + done, ())
