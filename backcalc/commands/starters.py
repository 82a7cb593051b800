"""`init` and `schema`: a file to start from, and what an editor knows about such files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from backcalc.commands.options import output_options, printed
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formats.terminal import listing
from backcalc.loading import schema as schemas
from backcalc.loading.document import read_text
from backcalc.loading.loader import load

STARTERS = Path(__file__).parent.parent / "starters"


def patterns() -> dict[str, Path]:
    """The starter files by name."""
    return {path.stem: path for path in sorted(STARTERS.glob("*.yaml"))}


@click.command()
@click.argument("pattern", required=False)
@click.option("--list", "wants_list", is_flag=True, help="List the patterns.")
@output_options
def init(pattern: str | None, wants_list: bool, output: str | None, force: bool) -> None:
    """A commented network file to start from; without PATTERN, a list of them."""
    known = patterns()
    if wants_list or pattern is None:
        rows = ((name, load(str(path)).about) for name, path in known.items())
        printed(listing(rows, 12, sys.stdout), output, force, to_read=True)
        return
    if pattern not in known:
        hint = did_you_mean(pattern, known) or f"there are {listed(known)}"
        raise BackcalcError(f"no such pattern: {pattern[:60]}", hint=hint)
    printed(read_text(str(known[pattern])), output, force)


@click.command()
@output_options
def schema(output: str | None, force: bool) -> None:
    """The JSON Schema of network files, for editors.

    Beside the files as network.schema.json, it lets an editor check and complete them: with the
    YAML extension of VS Code, those whose first line is as in `backcalc init`'s.
    """
    printed(schemas.written(), output, force)
