"""`help`: the pages of the manual."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from backcalc.commands.options import printed
from backcalc.errors import BackcalcError, did_you_mean
from backcalc.formats.terminal import columns, listing
from backcalc.loading.document import read_text

MANUAL = Path(__file__).parent.parent / "manual"


def pages() -> dict[str, Path]:
    """The pages of the manual by topic."""
    return {path.stem: path for path in sorted(MANUAL.glob("*.md"))}


def title(page: Path) -> str:
    """The title of a page: its first line."""
    return read_text(str(page)).partition("\n")[0].removeprefix("# ")


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def help(ctx: click.Context, topic: str | None) -> None:  # noqa: A001 - the command's own name
    """A page of the manual; without TOPIC, a list of them."""
    known = pages()
    group = ctx.find_root().command
    if topic is None:
        rows = ((name, title(page)) for name, page in known.items())
        click.echo(listing(rows, 14, sys.stdout), nl=False)
    elif topic in known:
        text = read_text(str(known[topic]))
        if columns(sys.stdout) is None:
            printed(text, to_read=True)
        else:
            from rich.console import Console
            from rich.markdown import Markdown

            Console().print(Markdown(text))
    elif isinstance(group, click.Group) and (command := group.get_command(ctx, topic)):
        with click.Context(command, info_name=topic, parent=ctx.parent) as asked:
            click.echo(command.get_help(asked))
    else:
        hint = did_you_mean(topic, known) or "`backcalc help` lists the topics"
        raise BackcalcError(f"no such topic: {topic[:60]}", hint=hint)
