"""The cells of a notebook as one text, and where each of its lines stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from itertools import accumulate
from json.decoder import py_scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

from backcalc.errors import BackcalcError, Place


class _Text(str):
    """A string of a JSON text that knows where it stands."""

    at: int


def cells_of(text: str, file: str) -> tuple[str, list[int], list[str], list[tuple[int, int]]]:
    """The cells of a notebook as one text, for each line where it is, and where code stands."""

    def string(source: str, at: int, strict: bool = True) -> tuple[str, int]:
        value, end = py_scanstring(source, at, strict)
        placed = _Text(value)
        placed.at = at
        return placed, end

    decoder: Any = json.JSONDecoder()
    decoder.parse_string = string
    decoder.scan_once = py_make_scanner(decoder)
    try:
        whole = decoder.decode(text)
        cells = whole["cells"]
        sources = [
            (f"cell {number}, {what}line", kind, source)
            for number, cell in enumerate(cells, 1)
            for what, kind, source in (
                ("", cell.get("cell_type"), cell.get("source", "")),
                *(
                    ("output, ", "code", out.get("text") or out["data"]["text/plain"])
                    for out in cell.get("outputs", ())
                    if out.get("text") or "text/plain" in out.get("data", ())
                ),
            )
        ]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise BackcalcError("this is no notebook", Place(file), "save it once more") from None
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    rows: list[tuple[str, int]] = []
    labels: list[str] = []
    code: list[tuple[int, int]] = []
    for label, kind, source in sources:
        first = len(rows)
        for piece in source if isinstance(source, list) else [source]:
            if not isinstance(piece, _Text):
                raise BackcalcError("a cell of this notebook holds no text", Place(file))
            row = bisect_right(starts, piece.at)
            rows += [(line, row) for line in piece.rstrip("\n").split("\n")]
        rows.append(("", rows[-1][1] if rows else 1))
        labels += [f"{label} {number}" for number in range(1, len(rows) - first + 1)]
        code += [(first, len(rows))] if kind == "code" else []
    written = [line for line, _ in rows]
    places = [*accumulate((len(line) + 1 for line in written), initial=0)]
    spans = [(places[first], places[last]) for first, last in code]
    return "\n".join(written), [row for _, row in rows], labels, spans
