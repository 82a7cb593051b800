"""The table of formats: a format is a module and a row here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from backcalc.formulas import record


@record(frozen=True, slots=True)
class Format:
    """One way of writing a sheet or a picture."""

    suffixes: tuple[str, ...]
    """How the names of its files end, the usual one first."""
    module: str
    """The module that writes it, named from here; for sheets it has a `NOTATION` too."""
    function: str = "render"
    """Its function that writes a sheet or a picture."""
    report: str = ""
    """Its function that writes a report to be handed out; empty: it makes none."""
    data: bool = False
    """True if it holds what a program may ask for, and not the sheet."""
    drawn: bool = False
    """True if a worksheet in it has room for a drawing."""
    latin: bool = False
    """True if it lacks letters, and the user must be told which."""

    def load(self, name: str = "") -> Any:
        """Return the module, or what has this name in it; it is read only when it is used."""
        module = import_module(self.module, __name__)
        return getattr(module, name) if name else module

    @property
    def write(self) -> Callable[..., str]:
        """The function that writes it."""
        found: Callable[..., str] = self.load(self.function)
        return found


FORMATS = {
    "text": Format((".txt",), ".text"),
    "json": Format((".json",), "..sheets.data", "dumped", data=True),
    "markdown": Format((".md",), ".markdown", report="github"),
    "latex": Format((".tex",), ".latex", report="render", drawn=True, latin=True),
    "html": Format((".html",), ".html", report="render", drawn=True),
    "csv": Format((".csv",), "..sheets.data", "csv_table", data=True),
    "svg": Format((".svg", ".png"), ".screen"),
}
"""The formats of `--format`."""

READABLE = {name: row for name, row in FORMATS.items() if not row.data}  # those for people to read

REPORTS = {name: row for name, row in FORMATS.items() if row.report}
"""Those for a document to be handed out."""

PICTURES = {
    "svg": Format((".svg", ".png"), "..drawing.as_svg", "drawing_svg"),
    "dot": Format((".dot", ".gv"), "..drawing.as_dot", "drawing_dot"),
    "mermaid": Format((".mmd", ".mermaid"), "..drawing.as_dot", "drawing_mermaid"),
    "tikz": Format((".tex", ".tikz"), "..drawing.as_tikz", "tikz_document", latin=True),
    "text": Format((".txt",), "..drawing.as_text", "drawing_text"),
}
"""The formats of `draw`."""

ROWS = {
    "json": Format((".json",), "..checking.gradebook", "json_rows"),
    "jsonl": Format((".jsonl",), "..checking.gradebook", "json_lines"),
    "csv": Format((".csv",), "..checking.gradebook", "csv_rows"),
    "junit": Format((".xml",), "..checking.gradebook", "junit_rows"),
    "github": Format((), "..checking.annotated", "github_rows"),
    "sarif": Format((".sarif",), "..checking.annotated", "sarif_rows"),
    "gradescope": Format((".json",), "..checking.gradebook", "gradescope_rows"),
}
"""The formats of marked sheets for programs, written row by row."""

MARKS = {**FORMATS, **ROWS}  # the formats of marked sheets

FILES = {
    "YAML": Format((".yaml", ".yml"), ""),
    "CSV": Format((".csv",), ""),
    "JSON": Format((".json",), ""),
    "Python": Format((".py",), ""),
    "SVG": Format((".svg", ".png"), ""),
}
"""What is written in one way only."""

MEANINGS = {
    suffix: name
    for table in (ROWS, PICTURES, FORMATS)
    for name, row in table.items()
    for suffix in row.suffixes
}
"""The format that the end of a file's name means where the command has none of its own."""
