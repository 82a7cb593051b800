"""Files: what is wrong with one, and those that come along: networks, patterns, the manual."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence, Sized
from pathlib import Path
from typing import TextIO

import click

from backcalc.commands.options import (
    Shown,
    check_kind,
    completing,
    digits_option,
    format_option,
    judged,
    opened,
    options,
    output_options,
    printed,
    say,
    showing,
)
from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import BackcalcError, Place, counted, did_you_mean, listed, printable
from backcalc.formats import FORMATS, READABLE, ROWS
from backcalc.formats.terminal import fitted, listing, page
from backcalc.formulas.quantity import parsed
from backcalc.loading.document import bundled, read_text
from backcalc.loading.loader import load
from backcalc.sheets.data import Data, dumped
from backcalc.sheets.worked import Wishes

STARTERS = Path(__file__).parent.parent / "starters"
MANUAL = Path(__file__).parent.parent / "manual"


@click.command()
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...",
                shell_complete=completing("networks"))  # fmt: skip
@click.option("--format", "form", type=click.Choice(("text", "github", "sarif", "json")),
              default="text", show_default=True, help="Format of what is wrong.")  # fmt: skip
def validate(networks: tuple[str, ...], form: str) -> int:
    """Check network files without working them out; for CI."""
    status = 0
    told: dict[str, list[BackcalcError]] = {}
    for count, name in enumerate(networks, 1):
        try:
            network = opened(name, letters=True)
            if network.matrices is None or network.matrices.elements:
                lower(network)
            if network.ask or network.points:
                from backcalc.checking.points import check_asked  # few files say what is asked

                check_asked(network)
            so_far = max(status, int(count < len(networks)))
            told[name] = []
            with judged(lambda: so_far):  # noqa: B023 - called at once
                ok = f"{name}: ok ({summary(network)})"
                for line in fitted(ok, sys.stdout) if form == "text" else ():
                    click.echo(line)
            batch = network.matrices and network.matrices.batch
            if batch and not batch.told:
                hint = "the formula of the loss instead of its name says what it is divided by"
                words = (
                    f"{name}: nothing tells whether rows or columns of {batch.output} are samples"
                )
                say(BackcalcError(f"{words}: its {batch.size} rows are taken", hint=hint))
        except BackcalcError as error:
            say(error)
            told[name] = [error, *error.others]
            status = max(status, error.exit_status)
    with judged(lambda: status):
        if form == "json":
            printed(dumped(validation_data(told)))
        elif form in ROWS:
            from backcalc.checking.report import Report  # text does without

            found = [Report(name, error=each) for name in told for each in told[name]]
            printed("".join(ROWS[form].write(found, found)))
    return status


def validation_data(told: Mapping[str, Sequence[BackcalcError]]) -> Data:
    """`backcalc/validate/1`: each file with what is wrong in it."""
    keys = ("line", "column", "message", "hint")
    files: list[Data] = []
    for name, errors in told.items():
        rows = [(each.where or Place(name), each.message, each.hint) for each in errors]
        wrong = [dict(zip(keys, (at.line, at.column, *said), strict=True)) for at, *said in rows]
        files.append({"file": name, "ok": not wrong, "errors": wrong})
    return {"schema": "backcalc/validate/1", "files": files}


def summary(network: Network) -> str:
    """What is in a network, in a few words."""
    biases = network.biases
    weights = [name for name in network.weights if name not in biases]
    parts: dict[str, Sized] = {
        "unit": network.units, "equation": network.definitions,
        "weight": weights, "bias": biases, "sample": network.samples,
    }  # fmt: skip
    form = network.matrices
    if form is not None:
        from backcalc.equations.matrix_form import elements_called  # few networks have matrices

        lines = form.lines[: -1 if form.loss_name else None]
        added = [name for name in form.weights if form.elements and (
                 {*biases}.issuperset(elements_called(parsed(name), form.shapes)))]  # fmt: skip
        weights = [name for name in form.weights if name not in added]
        parts = {"equation": lines, "weight": weights, "bias": added, "parameter": network.weights}
        if not form.elements:
            del parts["parameter"]
        if len(network.samples) > 1:  # one may hold a batch
            parts["sample"] = network.samples
    many = {"bias": "biases"}
    return ", ".join(
        counted(len(found), word, many.get(word, "")) for word, found in parts.items() if found
    )


@click.command()
@click.option("--search", metavar="WORDS", help="List those whose files hold all these words.")
@click.option("--topic", metavar="TOPIC", shell_complete=completing("network topics"),
              help="List those of one topic.")  # fmt: skip
@click.option("--like", metavar="NETWORK", shell_complete=completing("networks"),
              help="List those that are most like this one, the nearest first.")  # fmt: skip
@options(format_option, output_options)
@showing()
def networks(search: str | None, topic: str | None, like: str | None) -> Shown:
    """List the networks that come with backcalc, by topic."""
    from backcalc.loading import library as bundle

    model = opened(like) if like else None
    found = bundle.library(search or "", topic or "", model)
    topics = [("", found)] if like else bundle.by_topic(found)

    def written(form: str, stream: TextIO | None) -> str:
        if form != "text":
            from backcalc.sheets.bundled_list import library_data, library_sheet

            row = FORMATS[form]
            if row.data:
                return row.write(library_data(found))
            return row.write(library_sheet(topics), row.load("NOTATION"))
        lines = []
        for name, group in topics:
            lines += [f"{printable(name)}\n\n"] if name else []
            rows = ((f"  {each}", net.about or net.title) for each, net in group)
            lines += [listing(rows, 22, stream or sys.stdout), "\n"]
        return "".join(lines)

    return Shown(None, own=written)


def patterns() -> dict[str, Path]:
    """The starter files by name."""
    return {path.stem: path for path in sorted(STARTERS.glob("*.yaml"))}


def pages() -> dict[str, Path]:
    """The pages of the manual by topic."""
    return {path.stem: path for path in sorted(MANUAL.glob("*.md"))}


def text_of(name: str, known: dict[str, Path], what: str) -> str:
    """Return the text of a file that comes along, or raise BackcalcError with the likely name."""
    if name not in known:
        hint = did_you_mean(name, known) or f"there are {listed(known)}"
        raise BackcalcError(f"no such {what}: {name[:60]}", hint=hint)
    return read_text(str(known[name]))


@click.command()
@click.argument("name", shell_complete=completing("shipped"))
@click.option("--copy", is_flag=True, help="Write the file into the current folder.")
@output_options
def show(name: str, copy: bool, output: str | None, force: bool) -> None:
    """Print the file of a bundled network, to read or to change."""
    known = {path.stem: path for path in (*bundled(".csv"), *bundled())}
    text = text_of(name, known, "bundled network")
    check_kind(output, "CSV" if known[name].suffix == ".csv" else "YAML")
    printed(text, output or (known[name].name if copy else None), force)


@click.command()
@click.argument("pattern", required=False, shell_complete=completing("starters"))
@click.option("--list", "wants_list", is_flag=True, help="List the patterns.")
@output_options
def init(pattern: str | None, wants_list: bool, output: str | None, force: bool) -> None:
    """Print a commented network file to start from; without PATTERN, list the patterns."""
    known = patterns()
    if wants_list or pattern is None:
        rows = ((name, load(str(path)).about) for name, path in known.items())
        printed(listing(rows, 12, sys.stdout), output, force, to_read=True)
        return
    text = text_of(pattern, known, "pattern")
    check_kind(output, "YAML")
    printed(text, output, force)


@click.command("help")
@click.argument("words", nargs=-1, metavar="[TOPIC]", shell_complete=completing("topics"))
@click.pass_context
def help(ctx: click.Context, words: tuple[str, ...]) -> None:  # noqa: A001 - the command's own name
    """Show a page of the manual, or the help of a command; without TOPIC, list the pages."""
    topic, known = " ".join(words).strip(" ,.?"), pages()
    group = ctx.find_root().command
    command = group.get_command(ctx, topic) if isinstance(group, click.Group) else None
    if topic in known:
        text = text_of(topic, known, "topic")
        printed(page(text, sys.stdout) if sys.stdout.isatty() else text)
    elif command:
        with click.Context(command, info_name=topic, parent=ctx.parent) as asked:
            click.echo(command.get_help(asked))
    else:
        texts = {name: read_text(str(page)) for name, page in known.items()}
        titles = {name: text.partition("\n")[0].removeprefix("# ") for name, text in texts.items()}
        if topic:
            raise BackcalcError(f"no such topic: {topic[:60]}", hint=_guess(topic, texts, titles))
        printed(listing(titles.items(), 14, sys.stdout), to_read=True)


def _guess(topic: str, texts: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """The topic that may be meant: by its title, by what the pages speak of, by its spelling."""
    word = re.compile(rf"(?<!\w){re.escape(topic)}(?!\w)", re.IGNORECASE)
    found = [name for name, title in titles.items()
             if name.startswith(topic.casefold()) or word.search(title)]  # fmt: skip
    if not found:
        often = Counter({name: len(word.findall(text)) for name, text in texts.items()})
        found = [name for name, count in often.most_common(3) if count > 1]  # once is by chance
    if found:
        return f"see {' or '.join(f'`backcalc help {name}`' for name in found)}"
    return did_you_mean(topic, texts) or "`backcalc help` lists the topics"


@click.command()
@click.argument("name", required=False, shell_complete=completing("slips"))
@options(digits_option, output_options)
@showing(READABLE)
def slips(name: str | None, digits: int) -> Shown:
    """Explain a mistake that `check` names, with an example; without NAME, list the mistakes."""
    from backcalc.checking import examples

    sheet = examples.slip_sheet(examples.slip_named(name)) if name else examples.slips_sheet()
    return Shown(None, lambda _: sheet, wishes=Wishes(digits=digits))


@click.command()
@click.argument("network", required=False, shell_complete=completing("networks"))
@options(format_option, output_options)
@showing()
def errata(network: str | Network | None) -> Shown:
    """List figures that are wrong where they are published: those of NETWORK, or all."""
    from backcalc.checking.errata import errata_data, errata_sheet
    from backcalc.loading.library import library

    one = None if network is None else opened(network)
    found = library() if one is None else [(Path(one.file).stem, one)]
    return Shown(None, lambda _: errata_sheet(found), lambda: errata_data(found))


@click.command()
@output_options
def schema(output: str | None, force: bool) -> None:
    """Print the JSON Schema of network files, for editors.

    Save it as network.schema.json beside your files. An editor then checks and completes them;
    VS Code needs its YAML extension, and a first line as in the files of `backcalc init`.
    """
    from backcalc.loading.schema import written

    check_kind(output, "JSON")
    printed(written(), output, force)
