"""The page's side of Python: it runs command lines, and says where in a drawing each line is.

Each function takes and returns JSON. What a person sees is what the command line prints.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from backcalc.checking import turns
from backcalc.commands import main
from backcalc.commands.options import number, opened, setting
from backcalc.commands.session import Session
from backcalc.drawing.layout import draw
from backcalc.drawing.picture import Arrow, Drawing
from backcalc.equations import calculation
from backcalc.equations.calculation import Step
from backcalc.equations.network import Network
from backcalc.equations.program import assemble
from backcalc.errors import BackcalcError
from backcalc.formats import html
from backcalc.formulas.expression import Name, Number, Values, names_in
from backcalc.formulas.notation import DIGITS, UNICODE, Part, Phrase, Result, name_text, number_text
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.loading.document import bundled
from backcalc.sheets.blocks import Sentences, SheetBlocks
from backcalc.sheets.worked import chain_rule, put_in

DESK = Path(os.environ["HOME"], "desk")
"""The folder in which a person's files lie, beside the data of the bundled networks."""

MOVED = 4  # significant digits of what moves along an edge

_sessions: list[Session] = []
"""The quiz that is under way."""


def _public(function: Callable[..., Any]) -> Callable[[str], str]:
    """Take and return JSON: a list of arguments, and what comes back or what was wrong."""

    def called(given: str) -> str:
        try:
            return json.dumps(function(*json.loads(given)))
        except BackcalcError as error:
            return json.dumps({"trouble": str(error)})
        except (click.UsageError, OSError) as error:
            return json.dumps({"trouble": getattr(error, "message", str(error))})

    return called


@contextmanager
def _captured(stdin: str = "") -> Iterator[dict[str, str]]:
    """Lead the three streams here; what was written is in the dictionary afterwards."""
    before = sys.stdin, sys.stdout, sys.stderr
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in before]
    streams[0].buffer.write(stdin.encode())
    streams[0].buffer.seek(0)
    sys.stdin, sys.stdout, sys.stderr = streams
    written: dict[str, str] = {}
    try:
        yield written
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for name, stream in zip(("stdout", "stderr"), streams[1:], strict=True):
            stream.flush()
            written[name] = stream.buffer.getvalue().decode()


@_public
def keep(name: str, content: str | list[int]) -> None:
    """Write a file of the person, text or bytes."""
    if not DESK.is_dir():
        DESK.mkdir(parents=True)
        os.chdir(DESK)
        for data in bundled(".csv"):
            shutil.copy(data, DESK)
    file = DESK / Path(name).name
    file.unlink(missing_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else bytes(content))


@_public
def read(name: str) -> str:
    """Return the text of a file that a command has written."""
    return (DESK / name).read_text("utf-8")


@_public
def run(arguments: list[str], stdin: str = "") -> dict[str, Any]:
    """Run one command line: what it writes, and its exit status."""
    status: Any = 0
    with _captured(stdin) as written:
        try:
            main(arguments)
        except SystemExit as left:
            status = left.code
    return {**written, "status": status}


def _network(file: str, changes: list[str]) -> Network:
    return opened(file, tuple(map(setting, changes)))


@_public
def numbers(file: str, changes: list[str]) -> dict[str, Any]:
    """Return what can be changed in a network: its learning rate and weights, and its size."""
    with _captured():
        net = _network(file, changes)
        rate = net.learning_rate
        return {
            "rate": None if rate is None else number_text(rate),
            "weights": {name: number_text(value) for name, value in net.weights.items()},
            "lines": len(assemble(net).forward),
        }


@_public
def steps(file: str, changes: list[str]) -> dict[str, Any]:
    """Return the lines of both passes as HTML, and where each is in the report's drawing."""
    with _captured():
        net = _network(file, changes)
        worked = calculation.backward(net)
        drawing = draw(net, worked, values=True, gradients=True)
        first = [each for each in (*worked.forward, *worked.backward)
                 if each.name.sample in (None, 1)]  # fmt: skip
        lines = tuple(_line(step, worked.values) for step in first)
        notation = html.NOTATION.with_numbers(DIGITS, net.fractions, net.names)
        return {
            "steps": [_placed(step, drawing, worked.values, net) for step in first],
            "html": html.render(SheetBlocks("", (Sentences(lines),)), notation),
        }


def _line(step: Step, values: Values) -> Phrase:
    """One line of the sheet: name, chain rule, formula, numbers, result."""
    formula = step.equation.expression
    parts: list[Part] = [formula]
    if step.equation.terms:
        parts = [part for part in chain_rule(step.equation) if part != formula] + parts
    if not isinstance(formula, Number):
        parts += put_in(formula, values)
    chain = (each for part in parts for each in (" = ", part))
    return (Name(step.name), *chain, " ", Result(step.value))


def _placed(step: Step, drawing: Drawing, values: Values, net: Network) -> dict[str, Any]:
    """Where a line is in the drawing, and which number moves along which edges."""
    name, places = step.name, drawing.identifiers
    notation = UNICODE.with_numbers(MOVED, False, net.names)
    flow, own = _forth, name.of_sample(None)
    if isinstance(name, Derivative):
        flow, own = _back, name.by.of_sample(None)
    moved = ((identity, flow(edge, step, own, places)) for edge, identity in drawing.edge_ids())
    return {
        "name": name_text(name, notation),
        "role": "value" if flow is _forth else "gradient",
        "place": places.get(own),
        "row": html.anchor(name),
        "moved": [(edge, number_text(values[told], notation)) for edge, told in moved if told],
    }


def _forth(edge: Arrow, step: Step, own: str, places: Mapping[str, str]) -> str | None:
    """Return the value that comes along an edge into a line of the forward pass."""
    if places.get(edge.target) != places.get(own):
        return None
    used = (parsed(name, several=True) for name in names_in(step.equation.expression))
    return next((name for name in used if edge.source in (name, name.of_sample(None))), None)


def _back(edge: Arrow, step: Step, own: str, places: Mapping[str, str]) -> str | None:
    """Return the derivative that comes back along an edge into this one."""
    if own not in (edge.source, edge.weight):
        return None
    for term in step.equation.terms:
        if places.get(edge.target) == places.get(term.through.of_sample(None)):
            return step.name if term.starts else term.upstream
    return None


@_public
def quiz(file: str, changes: list[str], rate: str | None) -> dict[str, Any]:
    """Begin a quiz: what it says first, and the line that it asks."""
    with _captured() as written:
        asked = turns.quiz(
            _network(file, changes), None if rate is None else number(rate), None, None
        )
        _sessions[:] = [Session(asked)]
        _sessions[0].begin()
        _sessions[0].lead()
    return {"said": written["stdout"], "prompt": _sessions[0].prompt}


@_public
def reply(answer: str) -> dict[str, Any]:
    """Go on with the quiz: what it says to an answer, and the line that it asks next."""
    (session,) = _sessions
    with _captured() as written:
        session.hear(answer)
        session.lead()
        if not session.prompt:
            session.end()
    return {"said": written["stdout"], "prompt": session.prompt}
