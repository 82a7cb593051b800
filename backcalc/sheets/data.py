"""Calculations as plain data: what `--format json` prints and the Python functions return."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import StringIO
from typing import Any

from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.formulas.expression import Expression, Scalar, Values
from backcalc.formulas.notation import LATEX, PLAIN, FormulaWriter, formula_text, phrase_text
from backcalc.formulas.quantity import Derivative
from backcalc.sheets.remarks import Note, backward_notes, closing_notes, exactness_notes
from backcalc.sheets.worked import AFTER, BACKWARD, HEADINGS, Stage, is_shown

Data = dict[str, Any]


def dumped(data: Data) -> str:
    """Strict JSON with a stable key order, one row to a line."""
    from json import JSONEncoder  # loaded when used: it takes a tenth of a start

    return "".join(_lines(data, "", JSONEncoder(allow_nan=False).encode)) + "\n"


def _lines(value: Any, indent: str, encode: Callable[[object], str]) -> Iterator[str]:
    """A value that holds rows opened line by line, anything else on one line."""
    inner = f"{indent}  "
    rows_inside = isinstance(value, list) and value and isinstance(value[0], (dict, str))
    if not indent or rows_inside or (isinstance(value, dict) and "backward" in value):
        opening, closing = "[]" if isinstance(value, list) else "{}"
        yield opening
        items = enumerate(value) if isinstance(value, list) else value.items()
        for place, (key, item) in enumerate(items):
            yield f"{',' if place else ''}\n{inner}"
            if isinstance(value, dict):
                yield f"{encode(key)}: "
            yield from _lines(item, inner, encode)
        yield f"\n{indent}{closing}"
    else:
        yield encode(value)


def csv_table(data: Data) -> str:
    """Return the lines as a table: a row for each, a column for all that they say."""
    rows = [*flat_rows(data)]
    columns = [*dict.fromkeys(name for row in rows for name in row)]
    return "".join(
        csv_line(guarded(row[name]) if isinstance(row.get(name), str) else row.get(name)
                 for name in columns)
        for row in ({name: name for name in columns}, *rows)
    )  # fmt: skip


def csv_line(cells: Iterable[object]) -> str:
    """Return one row of a table with commas; None is an empty cell."""
    import csv  # loaded when used

    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula; other text for other text."""
    number = re.fullmatch(r"[-+]\d+(?:[./]\d+)?(?:e[-+]?\d+)?", text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "'")) and not number else text


def flat_rows(data: Mapping[str, Any], **place: Any) -> Iterator[dict[str, Any]]:
    """The lines of some data, each with its place: its file, its step, its part of the sheet."""
    for matrix in MATRICES & data.keys():
        names = data["columns"] if "columns" in data else data["by"]
        heads = data.get("rows", names)
        for name, row in zip(heads, data[matrix], strict=True):
            yield {"name": name, **{of: each["value"] for of, each in zip(names, row, strict=True)}}
        return
    for number, step in enumerate(data.get("steps", ()), 1):
        yield from flat_rows(step, step=number)
    for each in data.get("files", ()):
        yield from ({"file": each["file"], "person": each["name"], **_flat(row)}
                    for row in each["answers"])  # fmt: skip
    for row in data.get("grid", ()):
        for x, loss in zip(data["x"]["values"], row["losses"], strict=True):
            yield {data["x"]["name"]: x, data["y"]["name"]: row["y"], "loss": loss}
    if "runs" not in data:
        yield from ({"epoch": epoch, "loss": loss} for epoch, loss in data.get("curve", ()))
    for part in PARTS if "paths" not in data else ("paths",):
        yield from ({**place, "part": part, **_flat(row)} for row in data.get(part, ()))


PARTS = ("given", *HEADINGS, "tangents", "derivatives", "runs", "rows", "errata", "networks")
"""The keys of lists of lines."""

MATRICES = {"hessian", "values"}  # the keys of lists of rows of numbers


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A line without lists of lists: words with commas between them, a name for each number."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{key}": each for key, each in _flat(value).items()}
        elif not isinstance(value, list):
            flat[name] = value
        elif not any(isinstance(each, dict | list) for each in value):
            flat[name] = ", ".join(map(str, value))
    return flat


def worked_data(
    calculation: Calculation, shown: set[str] | None = None, *, only: str | None = None
) -> Data:
    """Return `backcalc/step/1`, every step's rows; or `only` one pass, `backcalc/forward/1`."""
    values, network = calculation.values, calculation.network
    head: Data = {"schema": f"backcalc/{only or 'step'}/1", "network": network_data(network)}
    if only:
        backward = only == BACKWARD
        notes = backward_notes(calculation, calculation.backward) if backward else []
        return {
            **head,
            **({"of": calculation.of} if backward else {}),
            only: rows(getattr(calculation, only), values, shown),
            **_matrices(calculation, {Stage(only): getattr(calculation, only)}),
            "notes": notes_data(notes + exactness_notes(calculation)),
        }
    rounds: list[Data] = []
    notes = []
    for each in calculation.rounds:
        at, stages = calculation.at(each.number), {name: getattr(each, name) for name in HEADINGS}
        told: Data = {name: rows(steps, values, shown) for name, steps in stages.items()}
        if shown is not None:
            told[AFTER] = []
        told |= {"loss_before": float(each.loss_before), "loss_after": float(each.loss_after)}
        told |= _matrices(at, {Stage(name, each.number): own for name, own in stages.items()})
        rounds.append(told)
        notes += backward_notes(at, each.backward, each.number)
    return {
        **head,
        "learning_rate": float(values[RATE]),
        "optimizer": {
            "name": network.descent.optimizer.name,
            **{name: float(value) for name, value in network.descent.numbers.items()},
        },
        "steps": rounds,
        "notes": notes_data([*notes, *closing_notes(calculation)]),
    }


def _matrices(calculation: Calculation, stages: Mapping[Stage, Sequence[Step]]) -> Data:
    """The vectors and matrices of some stages, where the file has any."""
    if calculation.network.matrices is None:
        return {}
    from backcalc.sheets.arrays import matrix_rows  # few files have matrices

    rows_by_stage = {
        stage.name: matrix_rows(calculation, stage, steps) for stage, steps in stages.items()
    }
    return {"matrices": rows_by_stage}


def formula_data(name: str, expression: Any) -> Data:
    """A formula for people and for LaTeX."""
    return {
        "name": name, "formula": formula_text(expression),
        "latex": formula_text(expression, LATEX),
    }  # fmt: skip


def network_data(network: Network) -> Data:
    """Return the file and the title of a network."""
    own = {"names": dict(network.names)} if network.names else {}
    return {"file": network.file, "title": network.title, **own}


def rows(steps: Iterable[Step], values: Values, shown: set[str] | None = None) -> list[Data]:
    """Worked equations, or those among them that are to be shown."""
    symbols, numbers = FormulaWriter(PLAIN).text, FormulaWriter(PLAIN, values).text
    return [row(each, values, symbols, numbers) for each in steps if is_shown(each, shown)]


def row(
    step: Step,
    values: Values,
    symbols: Callable[[Expression], str],
    numbers: Callable[[Expression], str],
) -> Data:
    """One worked equation; a derivative has its terms, an update the old value."""
    equation = step.equation
    data: Data = {
        "name": step.name, "formula": symbols(equation.expression),
        "substituted": numbers(equation.expression), **number(step.value),
    }  # fmt: skip
    if equation.before:
        data["before"] = float(values[equation.before])
    if isinstance(step.name, Derivative):
        data["terms"] = [
            {"upstream": term.upstream, "local": {
                "name": term.local_name, "formula": symbols(term.local), "value": float(value)}}
            for term, value in zip(equation.terms, step.locals, strict=True)
        ]  # fmt: skip
    return data


def number(value: Scalar) -> Data:
    """A number as a double and, where it is exact, as the fraction that it is."""
    return {"value": float(value), "exact": str(value) if isinstance(value, Fraction) else None}


def notes_data(notes: Iterable[Note]) -> list[str]:
    """Notes as sentences, in the names that the rows use."""
    return [phrase_text(note.text) for note in notes]
