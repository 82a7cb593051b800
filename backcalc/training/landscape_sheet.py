"""The loss over two weights as a chart with its sentences, as a picture, and as data."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backcalc.charts import plot
from backcalc.charts.chart import heat_map
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors.lettering import wrapped
from backcalc.formulas.expression import Name
from backcalc.formulas.notation import (
    InDigits,
    Notation,
    Phrase,
    formula_text,
    name_text,
    phrase_text,
    sentence,
)
from backcalc.sheets.data import Data, network_data
from backcalc.sheets.remarks import MOST_NAMED, conjoined
from backcalc.training.landscape import Landscape

DIGITS = 4  # significant digits of a number in a sentence


def landscape_text(shown: Landscape, notation: Notation, width: int, *, log: bool) -> str:
    """The heat map in the terminal, and what has to be said of it."""
    notation = notation.with_numbers(DIGITS, fractions=False)
    x, y = (name_text(name, notation) for name in shown.weights)
    unicode = notation.name == "unicode"
    lines = [*wrapped(notation.label(title(shown)), width), ""]
    lines += heat_map(
        shown.losses, shown.xs, shown.ys, names=(x, y), width=width, unicode=unicode, log=log,
        path=shown.places, kinks=shown.kinks,
    )  # fmt: skip
    lines.append("")
    for phrase in sentences(shown):
        lines += wrapped(notation.label(phrase_text(phrase, notation)), width)
    return "\n".join(lines) + "\n"


def landscape_svg(shown: Landscape, *, log: bool) -> str:
    """The heat map as a picture."""
    return plot.heat_svg(
        shown.losses, shown.xs, shown.ys, path=shown.places, kinks=shown.kinks,
        names=shown.weights, title=title(shown), log=log,
    )  # fmt: skip


def title(shown: Landscape) -> str:
    """What the chart is of."""
    named = shown.network.title or shown.network.file
    return f"{named}: the loss {_loss(shown)} over {shown.weights[0]} and {shown.weights[1]}"


def _loss(shown: Landscape) -> str:
    return TOTAL if len(shown.network.samples) > 1 else loss_name(shown.network)


def sentences(shown: Landscape) -> Iterator[Phrase]:
    """What the chart does not say itself."""
    if shown.rows is not None:
        done = f"{shown.rows} of {len(shown.ys)} rows are done, from the bottom"
        yield (f"Interrupted: {done}; the others are shown as undefined.",)
    yield from _lowest(shown)
    yield from _path(shown)
    values = zip(shown.network.weights, shown.network.weights.values(), strict=True)
    others = [(Name(n), " = ", InDigits(v)) for n, v in values if n not in shown.weights]
    if len(others) > MOST_NAMED:
        yield (f"The other {len(others)} weights are held where they start.",)
    elif others:
        many = "s are" if len(others) > 1 else " is"
        yield sentence(f"The other weight{many} held at {{}}.", conjoined(others))
    if shown.bends:
        some = " for some sample" if len(shown.network.samples) > 1 else ""
        zero = conjoined([(bend, " = 0") for bend in shown.bends])
        yield sentence(f"Kinks run where {{}}{some}.", zero)
    chosen = [name for name, own in zip(shown.weights, shown.chosen, strict=True) if own]
    if chosen:
        what = "the file's value"
        if shown.path:
            what += " and what of the path is near it" if shown.outside else " and the path"
        range_ = "range of {} was" if len(chosen) == 1 else "ranges of {} were"
        yield sentence(
            f"The {range_} chosen to cover {what}; --range {chosen[0]}=-3..3 sets it.",
            conjoined([(Name(name),) for name in chosen]),
        )


def _lowest(shown: Landscape) -> Iterator[Phrase]:
    """The least loss that is seen."""
    if shown.lowest is None:
        yield ("The loss is undefined at every point.",)
        return
    loss, *place = shown.lowest
    at = [(Name(n), " = ", InDigits(v)) for n, v in zip(shown.weights, place, strict=True)]
    same = sum(value == loss for row in shown.losses for value in row)
    where = "at {}" if same == 1 else f"at {same} points, {{}} one of them"
    yield sentence(f"The least loss on the chart is {{}}, {where}.", InDigits(loss), conjoined(at))


def _path(shown: Landscape) -> Iterator[Phrase]:
    """How far descent goes, and what it moves that the chart does not show."""
    if shown.rate is None:
        yield ("No learning rate is given, so no path is drawn; --lr 0.1 draws one.",)
        return
    if not shown.path:
        return
    epochs = shown.path[-1].epoch
    yield sentence(
        f"The path is {epochs} epoch{'s' if epochs != 1 else ''} of "
        f"{shown.network.descent.optimizer.name} with learning rate {{}}; "
        "the loss on it goes from {} to {}.",
        InDigits(shown.rate), *map(_known, (shown.along[0], shown.along[-1])),
    )  # fmt: skip
    if shown.stopped:
        yield ("There it ends: the next epoch has no finite answer.",)
    if shown.moved:
        moved = conjoined([(Name(name),) for name in shown.moved])
        yield sentence(
            "It moves {} as well, so its losses are not those of the shades below it; "
            "--only lets it move none but the two.", moved,
        )  # fmt: skip


def _known(loss: float) -> InDigits | str:
    return InDigits(loss) if math.isfinite(loss) else "undefined"


def landscape_data(shown: Landscape) -> Data:
    """`backcalc/landscape/1`: axes, a row of losses for each y, the cells at kinks, the path."""
    cells = {
        (row, column)
        for kink in shown.kinks
        for row, column in (
            (kink.row, kink.column),
            (kink.row, kink.column + 1) if kink.upright else (kink.row + 1, kink.column),
        )
    }
    return {
        "schema": "backcalc/landscape/1",
        "network": network_data(shown.network),
        "loss": _loss(shown),
        "x": {"name": shown.weights[0], "values": shown.xs},
        "y": {"name": shown.weights[1], "values": shown.ys},
        "grid": [{"y": y, "losses": row} for y, row in zip(shown.ys, shown.losses, strict=True)],
        "kinks": [f"{formula_text(bend)} = 0" for bend in shown.bends],
        "kink_cells": [{"row": row, "column": column} for row, column in sorted(cells)],
        "learning_rate": None if shown.rate is None else float(shown.rate),
        "path": [
            {"epoch": state.epoch, "x": x, "y": y, "loss": loss if math.isfinite(loss) else None}
            for state, (x, y), loss in zip(shown.path, shown.places, shown.along, strict=True)
        ],
        "path_moves_too": list(shown.moved),
        "path_ends_undefined": shown.stopped,
        "interrupted_after_rows": shown.rows,
    }
