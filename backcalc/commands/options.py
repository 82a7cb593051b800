"""Options that several commands share, and how their results leave."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field, replace
from fractions import Fraction
from functools import wraps
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from backcalc.equations.initial import INITIALISATIONS, MOST_SEED, Initial, drawn
from backcalc.equations.named import with_descent, with_layout, with_numbers
from backcalc.equations.network import Asked, Network
from backcalc.equations.optimizers import OPTIMIZERS, Descent
from backcalc.equations.program import check_numbers
from backcalc.errors import BackcalcError, listed, printable
from backcalc.formats import FILES, FORMATS, MEANINGS, Format
from backcalc.formats.terminal import columns, fitted, notation_for, unicode_works
from backcalc.formulas import record
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.notation import DIGITS
from backcalc.formulas.parser import parse_number
from backcalc.loading.loader import load
from backcalc.loading.sections import parse_asked, parse_descent, parse_initial
from backcalc.sheets.blocks import SheetBlocks
from backcalc.sheets.worked import Wishes

if TYPE_CHECKING:
    from backcalc.equations.matrix_form import NestedNumbers
    from backcalc.sheets.data import Data  # a sheet for people does without

Changes = tuple[tuple[str, Fraction], ...]  # other numbers than the file's, as `--set` gives them

NO_WISHES = Wishes()
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def names_typed(text: str) -> list[str]:
    """Names with commas between them."""
    return [name.strip() for name in text.split(",")]


def reader(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return what click reads an option with: the mistakes of `parse` are usage errors."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except BackcalcError as error:
            hint = f" ({error.hint})" if error.hint else ""
            raise click.BadParameter(f"{error.message}{hint}") from None

    return read


number = reader(parse_number)
optimizer = reader(parse_descent)
initial = reader(parse_initial)


def assigned(text: str, example: str) -> tuple[str, str]:
    """Return both sides of NAME=VALUE, or raise a usage error that shows the example."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not of the form {example}")
    return name.strip(), value


def setting(text: str) -> tuple[str, Fraction]:
    """NAME=NUMBER, or a usage error."""
    name, value = assigned(text, "w0=0.3")
    return name, number(value)


def direction(text: str) -> dict[str, Fraction]:
    """NAME=NUMBER,NAME=NUMBER, or a usage error."""
    return dict(map(setting, text.split(",")))


def gradients(text: str) -> dict[str, NestedNumbers]:
    """NAME=NUMBER,NAME=[NUMBER,...], or a usage error."""
    import json  # few runs need it

    found: dict[str, NestedNumbers] = {}
    for part in re.split(r",(?=[^\[\]=]+=)", text):
        name, value = assigned(part, "z1=[0.3, -1]")
        if "[" in value:
            try:
                rows = json.loads(re.sub(r"[^\[\],\s]+", r'"\g<0>"', value))
            except ValueError:
                raise click.BadParameter(f"{value!r} is no list such as [[1, 2], [3, 4]]") from None
            found[name] = _numbers(rows)
        else:
            found[name] = number(value)
    return found


def _numbers(rows: list[Any] | str) -> NestedNumbers:
    return [_numbers(each) for each in rows] if isinstance(rows, list) else number(rows)


def options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, shown in this order."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def completing(kind: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return what completes a word of this kind in a shell."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        from backcalc.commands.completion import completed  # no command needs it

        return completed(kind, context, incomplete)

    return complete


network_argument = click.argument("network", shell_complete=completing("networks"))
changes_option = click.option(
    "--set", "changes", type=setting, multiple=True, metavar="NAME=NUMBER",
    shell_complete=completing("settings"),
    help="Change a number of the file; x[2] is that of sample 2. You may give this option several"
    " times.",
)  # fmt: skip
format_option = click.option(
    "--format", "form", type=click.Choice(tuple(FORMATS)),
    help="Format of the output. Without it the ending of FILE decides (.png too), and the screen"
    " gets text.",
)  # fmt: skip
digits_option = click.option(
    "--digits", type=click.IntRange(1, 17), default=DIGITS, show_default=True,
    help="Show so many significant digits of rounded numbers.",
)  # fmt: skip
WORK = ("unrounded", "rounded")
work_option = click.option(
    "--work", type=click.Choice(WORK), default=WORK[0], show_default=True,
    help="Go on from unrounded numbers, or as on paper from the rounded ones that are shown.",
)  # fmt: skip
ask_option = click.option(
    "--ask", type=reader(parse_asked), metavar="NAME,...",
    shell_complete=completing("asked"),
    help="Ask this instead of what the file's ask: says: quantities, forward, gradients, update,"
    " after, or questions such as shapes, dead, slip:7 (`backcalc help questions`).",
)  # fmt: skip
rate_option = click.option(
    "--lr", "rate", type=number, metavar="NUMBER",
    help="Learning rate. Without it the file's learning_rate is used.",
)  # fmt: skip
online_option = click.option(
    "--online", is_flag=True, help="Update after each sample, not once for all samples."
)
optimizer_option = click.option(
    "--optimizer", "descent", type=optimizer, metavar="NAME[,OPTION=NUMBER...]",
    shell_complete=completing("optimizers"),
    help=f"Optimizer: {', '.join(OPTIMIZERS)}. Without it the file's own is used.",
)  # fmt: skip
seed_option = click.option(
    "--seed", type=click.IntRange(0, MOST_SEED), metavar="INTEGER",
    help="Seed for the random weights. Without it the file's own is used.",
)  # fmt: skip
init_option = click.option(
    "--init", "initial", type=initial, metavar="NAME[,OPTION=NUMBER...]",
    shell_complete=completing("initialisations"),
    help=f"Draw all weights except frozen ones: {', '.join(INITIALISATIONS)}.",
)  # fmt: skip
layout_option = click.option(
    "--layout", type=click.Choice([*LAYOUTS]),
    help="denominator: a derivative has the shape of the matrix that it is taken by. numerator: it"
    " has the transposed shape. Without it as the file says, or denominator.",
)  # fmt: skip
unfold_option = click.option("--view", "unfolded", type=click.Choice(("scalar", "matrix")),
                             help="Show a file with matrices line by line instead.")  # fmt: skip
output_options = options(
    click.option("-o", "--output", type=click.Path(), metavar="FILE",
                 help="Write to this file. Its ending decides the format."),
    click.option("--force", is_flag=True, help="Overwrite the file if it exists."),
)  # fmt: skip


def kept(work: str, digits: int) -> int:
    """Return the digits of each line that the next ones go on from; 0: all of them."""
    return digits if work == "rounded" else 0


def opened(
    network: str | Network, changes: Changes = (), descent: Descent | None = None,
    seed: int | None = None, initial: Initial | None = None, layout: str | None = None,
    unfolded: str | None = None, ask: tuple[Asked, ...] | None = None, *, letters: bool = False,
) -> Network:  # fmt: skip
    """The network with drawn weights, the numbers of `--set`, another optimizer or layout.

    The remarks of a file go to stderr. Raises BackcalcError for letters as sizes, unless the
    command takes `letters`.
    """
    loaded = network if isinstance(network, Network) else load(network)
    loaded = with_layout(loaded, layout)
    if unfolded == "scalar":
        loaded = replace(loaded, matrices=None)
    for remark in _remarks(loaded, changes) if isinstance(network, str) else ():
        say(f"note: {printable(remark)}")
    if not letters:
        check_numbers(loaded)
    if ask is not None:
        loaded = replace(loaded, ask=ask, points={})
    if descent is not None:
        loaded = with_descent(loaded, descent)
    return numbered(loaded, seed, initial, changes)


def _remarks(network: Network, changes: Changes) -> Iterator[str]:
    """Yield what may be a slip in a file, or in a change of all its samples."""
    yield from network.remarks
    words, count = {word: name for name, word in network.names.items()}, len(network.samples)
    for asked, _ in changes if count > 1 else ():
        if words.get(asked, asked) in network.samples[0]:
            yield f"{asked} changes in all {count} samples; {asked}[2] is that of sample 2 alone"


@record(frozen=True, eq=False)
class Shown:
    """The result of a command: for people, for programs, and its exit status."""

    network: Network | None
    """The network that it is about; None where it is a document."""
    sheet: Callable[[TextIO | None], SheetBlocks] | None = None
    """For people; the stream, or None for a file, says how wide its charts may be."""
    data: Callable[[], Data] = dict
    """For programs."""
    wishes: Wishes = NO_WISHES
    """The reader's choices."""
    own: Callable[[str, TextIO | None], str] | None = None
    """How it is written in a format, for a stream or for a file, where it is no sheet."""
    result: Any = None
    """The calculation, the verdicts or whatever else Python code may ask for."""
    status: Callable[[], int] = int
    """The exit status."""
    stopped: BackcalcError | None = None
    """The error that ended it early, to be told when the rest is written."""
    report: bool = False
    """True if it is written as a document to be handed out."""
    typed: bool = False
    """True if it is a file to be filled in and read again, in UTF-8 whatever the terminal has."""
    formats: Mapping[str, Format] = field(default_factory=lambda: FORMATS)
    """The formats that it can be written in."""
    svg: Callable[[], str] | None = None
    """How it is drawn, where a picture says more than the terminal's."""

    def written(self, form: str, stream: TextIO | None = None) -> str:
        """Return it in a format, for a stream or for a file."""
        if self.own is not None:
            return self.own(form, stream)
        row = FORMATS[form]
        if form == "svg" and self.svg is not None:
            return self.svg()
        if row.data or self.sheet is None:
            return row.write(self.data())
        sheet, of = self.sheet(stream), self.network
        digits = self.wishes.digits
        # As many digits as somebody asked for are all shown, those by default only as they tell.
        own = (digits, bool(of and of.fractions), of.names if of else {}, digits != DIGITS)
        if form != "text":
            write = row.load(row.report) if self.report else row.write
            return str(write(sheet, row.load("NOTATION").with_numbers(*own)))
        return row.write(sheet, notation_for(stream).with_numbers(*own), stream)

    def inset(self) -> str:
        """Return it as a part of another HTML page."""
        from backcalc.formats.html import inset  # for notebooks

        if self.svg is not None and self.sheet is None:
            return self.svg()
        return inset(self.written("html"))


def opening(command: Callable[..., T], *, letters: bool = False) -> Callable[..., T]:
    """Give a command its network opened, with the options that `opened` takes."""

    @wraps(command)
    def with_network(network: str | Network, **rest: Any) -> T:
        own = ("changes", "descent", "seed", "initial", "layout", "unfolded", "ask")
        taken = {name: rest.pop(name) for name in own if name in rest}
        return command(opened(network, **taken, letters=letters), **rest)

    return with_network


def showing(
    formats: Mapping[str, Format] = FORMATS, usual: str = "text", what: str = "", *,
    early: bool = False,
) -> Callable[[Callable[..., Shown]], Callable[..., int]]:  # fmt: skip
    """Return a decorator that prints or writes what a command shows, and returns its status.

    Python code calls the function itself, which the command keeps as `shown`. With `early` it is
    told of the file, to complain before a long run.
    """

    def decorate(command: Callable[..., Shown]) -> Callable[..., int]:
        @wraps(command)
        def delivering(
            output: str | None, force: bool, form: str | None = None, **rest: Any
        ) -> int:
            form = format_of(form, output, formats, usual, what)
            told = {"output": output, "force": force} if early else {}
            shown = command(**rest, **told)
            stream = sys.stdout if output is None else None
            tell_limits(formats[form], shown.network)
            with judged(shown.status):
                to_read = form == "text" and not shown.typed
                printed(shown.written(form, stream), output, force, to_read=to_read)
            if shown.stopped:
                raise shown.stopped
            return shown.status()

        vars(delivering)["shown"] = lambda **rest: replace(command(**rest), formats=formats)
        return delivering

    return decorate


def numbered(
    network: Network, seed: int | None, initial: Initial | None, changes: Changes
) -> Network:
    """Draw the random weights where that is asked for, and put in the numbers of `--set`."""
    if seed is not None or initial is not None:
        network = drawn(network, first_seed(network, seed), initial)
    left = tuple(name for name in network.random if name not in dict(changes))
    return with_numbers(replace(network, random=left), dict(changes))


def first_seed(network: Network, seed: int | None) -> int:
    """The seed that was given, or the file's."""
    return network.initial.seed if seed is None else seed


def format_of(
    form: str | None, output: str | None, formats: Mapping[str, Format], usual: str = "text",
    what: str = "",
) -> str:  # fmt: skip
    """Return the format that is asked for by its name or by the end of the file's name.

    Raises BackcalcError where both are given and differ, and where the end means none of the
    formats. A file whose name has no ending gets the usual one; with `what` it must have one.
    """
    if output is None:
        return form or usual
    ending = os.path.splitext(output)[1]
    own = next((name for name, row in formats.items() if ending.lower() in row.suffixes), None)
    meant = own or MEANINGS.get(ending.lower())
    suffixes = formats[form].suffixes if form else ()
    if form and meant and ending.lower() not in suffixes:
        hint = f"let it end in {listed(suffixes)}, or leave out --format" if suffixes else None
        raise BackcalcError(f"{output} would hold {form}, but its name means {meant}", hint=hint)
    if form or own or not (ending or what):
        if ending.lower() == ".png":
            from backcalc.formats.png import check_converter  # few pictures are

            check_converter(output)
        return form or own or usual
    ends = f"ends in {ending!r}" if ending else "has no ending"
    known = ", ".join(dict.fromkeys(end for row in formats.values() for end in row.suffixes))
    choice = f"; or say --format {usual}" if usual and len(formats) > 1 else ""
    if ending.lower() == ".pdf" and ".html" in known:
        choice = "; a browser prints the .html as a PDF"
    message = f"{output} {ends}, which is no format of {what or 'this command'}"
    raise BackcalcError(message, hint=f"known: {known}{choice}")


def check_folder(folder: str) -> None:
    """Raise BackcalcError where the name of a folder that is to be made means a file."""
    name, ending = os.path.splitext(folder)
    files = {*MEANINGS, *(suffix for row in FILES.values() for suffix in row.suffixes), ".zip"}
    if ending.lower() in files and not os.path.isdir(folder):
        hint = f"name a folder, such as {name}"
        raise BackcalcError(f"{folder} would be a folder, but its name means a file", hint=hint)


def check_kind(output: str | None, kind: str) -> None:
    """Raise BackcalcError where a file's name means another kind than the one it will hold."""
    format_of(None, output, {kind: FILES[kind]}, kind)


def tell_limits(form: Format, network: Network | None) -> None:
    """Say which letters of the network a format cannot set."""
    if form.latin and network:
        from backcalc.formats.latex import unset_letters  # few sheets go to LaTeX

        for note in unset_letters(network):
            say(note)


def printed(
    written: str, output: str | None = None, force: bool = False, *, to_read: bool = False
) -> None:
    """Text on stdout, or in the file that was asked for.

    What is to be read is in the encoding of the terminal, what is for programs in UTF-8.
    """
    if output is not None:
        write(output, written, force)
        tell(f"{output} written")
    elif to_read or sys.stdout.isatty() or unicode_works(sys.stdout):
        sys.stdout.write(written)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(written.encode("utf-8", "backslashreplace"))


class Closed(Exception):  # noqa: N818 - it is no error
    """Nobody reads what is written; click would take it for a failure."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


@contextmanager
def judged(status: Callable[[], int]) -> Iterator[None]:
    """What says whether all is right: a reader that leaves early does not change the status."""
    try:
        yield
    except BrokenPipeError:
        raise Closed(status()) from None


def say(message: str | BackcalcError) -> None:
    """Talk to the user on stderr, where there is one."""
    if sys.stderr is not None:
        if isinstance(message, BackcalcError):
            message = message.written(sys.stderr, columns(sys.stderr))
        with suppress(OSError):
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()


def tell(sentence: str) -> None:
    """Say a sentence on stderr, broken between words where the terminal is narrow."""
    if sys.stderr is not None:
        say("\n".join(fitted(sentence, sys.stderr)))


def write(path: str, text: str, force: bool) -> None:
    """Write a whole file or nothing."""
    from backcalc.commands.writing import beside  # a sheet on stdout does without

    with beside(path, force) as stream:
        stream.write(text)
