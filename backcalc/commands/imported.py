"""`import`: a network file from a module of PyTorch or from an ONNX file."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from typing import Any

import click

from backcalc.commands.options import (
    check_kind,
    completing,
    number,
    output_options,
    printed,
    reader,
    say,
    write,
)
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, printable
from backcalc.formulas.parser import parse_number

NUMBERS = "NUMBERS"
REDUCTIONS = ("mean", "sum")


@reader
def numbers(text: str) -> Any:
    """Read `1,2` as a vector, `1,2; 3,4` as rows, and lists in lists as they stand."""
    try:
        found = json.loads(text) if text.lstrip().startswith("[") else _rows(text)
    except ValueError:
        raise BackcalcError(f"{text[:60]!r} is no list of numbers") from None
    _shape(found, text)
    return found


def _rows(text: str) -> Any:
    rows = [[_number(each) for each in row.split(",")] for row in text.split(";") if row.strip()]
    return rows[0] if len(rows) == 1 else rows


def _number(text: str) -> int | float:
    number = parse_number(text.strip())
    return int(text) if text.strip().lstrip("-").isdigit() else float(number)


def _shape(found: Any, text: str) -> tuple[int, ...]:
    """The shape of nested lists of numbers."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        return ()
    shapes = {_shape(each, text) for each in found} if isinstance(found, list) else set()
    if len(shapes) != 1:
        hint = "all rows have one length: 1,2; 3,4"
        raise BackcalcError(f"{text[:60]!r} is no vector and no matrix", hint=hint)
    return (len(found), *shapes.pop())


def from_live(
    module: Any, inputs: Any, targets: Any, loss: Any, save: str | None, force: bool,
    asked: dict[str, Any],
) -> Network:  # fmt: skip
    """The network of a module in this process."""
    from backcalc.importing.draft import ImportRequest
    from backcalc.importing.proof import documented
    from backcalc.importing.tracing import from_module

    check_kind(save, "YAML")
    rate = decimal(parse_number(str(asked.pop("lr"))))
    if asked["reduction"] not in REDUCTIONS:
        raise BackcalcError(f"reduction={asked['reduction']!r}", hint="it is 'mean' or 'sum'")
    xs, ys = (each if isinstance(each, tuple) else (each,) for each in (inputs, targets))
    name = type(module).__name__
    made = from_module(module, xs, ys, loss, ImportRequest(name, rate=rate, **asked))
    text, _, network = documented(made, name)
    if save:
        write(save, text, force)
    return network


def decimal(rate: Fraction) -> str:
    """A learning rate as a file writes it: 0.1, or a fraction that is no decimal."""
    return str(float(rate)) if Fraction(str(float(rate))) == rate else str(rate)


@click.command("import")
@click.argument("source", metavar="FILE.py:NAME|FILE.onnx", shell_complete=completing("models"))
@click.option(
    "--input", "inputs", type=numbers, multiple=True, metavar=NUMBERS,
    help="An input: 1,2 is a vector, '1,2; 3,4' are rows, [[[1, 2]]] is taken as it stands. "
    "Give it once for each input, in their order.",
)  # fmt: skip
@click.option("--target", "targets", type=numbers, multiple=True, metavar=NUMBERS,
              help="A target, written as an input.")  # fmt: skip
@click.option(
    "--loss", metavar="NAME",
    help="mse, l1, bce, bce_with_logits, cross_entropy (of scores), nll, huber, smooth_l1 or"
    " soft_margin as in PyTorch; l2, half_l2, hinge, perceptron or log_cosh; or a function in FILE."
    " Without it the network's output is the loss.",
)  # fmt: skip
@click.option("--reduction", type=click.Choice(REDUCTIONS), default="mean", show_default=True,
              help="How a loss of PyTorch becomes one number: mean or sum.")  # fmt: skip
@click.option(
    "--which", metavar="NUMBER|NAME",
    help="The output that the loss compares, where there are several: from 0, or by its name.",
)  # fmt: skip
@click.option("--eval", "evaluate", is_flag=True, help="Set the module to eval mode first.")
@click.option(
    "--round", "digits", type=click.IntRange(1, 17), metavar="DIGITS",
    help="Round the weights to so many significant digits first, in PyTorch too.",
)  # fmt: skip
@click.option("--lr", "rate", type=number, default="0.1", show_default=True, metavar="NUMBER",
              help="The learning rate that the file gets.")  # fmt: skip
@output_options
def import_(
    source: str, inputs: tuple[Any, ...], targets: tuple[Any, ...], loss: str | None,
    reduction: str, which: str | None, evaluate: bool, digits: int | None,
    rate: Fraction, output: str | None, force: bool,
) -> int:  # fmt: skip
    """Make a network file from a PyTorch module or an ONNX file, and compare it with that.

    FILE.py is run: its code does whatever it does, in a process of its own. The file that comes
    out is only data.
    """
    check_kind(output, "YAML")
    if output is not None:
        from backcalc.commands.writing import check_free

        check_free(output, force)
    if not inputs:
        raise BackcalcError("an input is needed", hint="for example --input 1,2")
    asked: dict[str, Any] = {
        "reduction": reduction, "rate": decimal(rate), "digits": digits, "output": which,
    }  # fmt: skip
    shown = printable(os.path.basename(source))
    if source.lower().endswith(".onnx"):
        from backcalc.importing.draft import ImportRequest
        from backcalc.importing.onnx_graph import imported_graph

        made = imported_graph(source, inputs, targets, loss, ImportRequest(shown, **asked))
    else:
        from backcalc.importing.child import imported_module

        path, colon, name = source.rpartition(":")
        path, name = (path, name) if colon and os.sep not in name else (source, "")
        made = imported_module(
            path, name,
            {"inputs": inputs, "targets": targets, "loss": loss, "evaluate": evaluate,
             "asked": {"title": f"{name or 'net'} of {os.path.basename(path)}", **asked}},
            say,
        )  # fmt: skip
    for note in made.notes:
        say(printable(note))
    from backcalc.importing.proof import documented

    text, proved, _ = documented(made, shown)
    say(proved)
    printed(text, output, force)
    return 0
