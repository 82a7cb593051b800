"""`validate`, `networks`, `show`: what is wrong with a file, and the files that come along."""

from __future__ import annotations

import sys

import click

from backcalc.commands.options import judged, opened, output_options, printed, say
from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import BackcalcError, did_you_mean, printable
from backcalc.formats.terminal import fitted, listing
from backcalc.loading.document import bundled, read_text
from backcalc.loading.loader import by_topic


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
    counts = (
        (len(network.units), "unit"),
        (len(network.definitions), "equation"),
        (len(network.weights), "weight"),
        (len(network.samples), "sample"),
    )
    return ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)


@click.command()
def networks() -> None:
    """List the networks that come with backcalc, by topic."""
    for topic, found in by_topic():
        click.echo(f"{printable(topic)}\n")
        rows = ((f"  {name}", network.about or network.title) for name, network in found)
        click.echo(listing(rows, 22, sys.stdout))


@click.command()
@click.argument("name")
@click.option("--copy", is_flag=True, help="Write it as NAME.yaml here.")
@output_options
def show(name: str, copy: bool, output: str | None, force: bool) -> None:
    """Print the file of a bundled network, to read or to change."""
    known = {path.stem: path for path in (*bundled(".csv"), *bundled())}
    if name not in known:
        hint = did_you_mean(name, known) or "`backcalc networks` lists them"
        raise BackcalcError(f"no such bundled network: {name[:60]}", hint=hint)
    path = known[name]
    printed(read_text(str(path)), path.name if copy and output is None else output, force)
