"""`validate`, `networks`, `init` and `schema`: files that are there, and one to start from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from backcalc.commands.options import judged, opened, output_options, printed, say
from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import BackcalcError, counted, did_you_mean, listed, printable
from backcalc.formats.terminal import fitted, listing
from backcalc.loading.document import read_text
from backcalc.loading.loader import by_topic, load

STARTERS = Path(__file__).parent.parent / "starters"


@click.command()
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...")
def validate(networks: tuple[str, ...]) -> int:
    """Check network files without working them out; for CI."""
    status = 0
    for count, name in enumerate(networks, 1):
        try:
            network = opened(name)
            lower(network)
            so_far = max(status, int(count < len(networks)))
            with judged(lambda: so_far):  # noqa: B023 - called at once
                for line in fitted(f"{name}: ok ({summary(network)})", sys.stdout):
                    click.echo(line)
        except BackcalcError as error:
            say(error)
            status = max(status, error.exit_status)
    return status


def summary(network: Network) -> str:
    """What is in a network, in a few words."""
    parts = {"unit": network.units, "equation": network.definitions,
             "weight": network.weights, "sample": network.samples}  # fmt: skip
    return ", ".join(counted(len(found), word) for word, found in parts.items() if found)


@click.command()
def networks() -> None:
    """List the networks that come with backcalc, by topic."""
    for topic, found in by_topic():
        click.echo(f"{printable(topic)}\n")
        rows = ((f"  {name}", network.about or network.title) for name, network in found)
        click.echo(listing(rows, 22, sys.stdout))


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
    from backcalc.loading.schema import written

    printed(written(), output, force)
