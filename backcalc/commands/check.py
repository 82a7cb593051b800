"""`check` and `lint`: hand-worked answers and printed ones, marked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, partial
from typing import Any, TextIO, TypeAlias

import click

from backcalc.checking import gradebook
from backcalc.checking import lint as linting
from backcalc.checking.alike import sketch
from backcalc.checking.checked import Whose, grouped, overview, printed_answers, report_sheet
from backcalc.checking.heads import MAX_BYTES, TITLED, Head, headed, named_by_file
from backcalc.checking.key import steps_named
from backcalc.checking.overruled import Correction, corrections, line_called, of_sheets, overruled
from backcalc.checking.report import NAMELESS, Marking, Report, blank_report
from backcalc.checking.report import check as checked
from backcalc.checking.together import are_figures_of
from backcalc.commands.check_many import Batch, ReportFormat, called
from backcalc.commands.handing_back import Feedback, check_apart, feedback_in, own_names
from backcalc.commands.options import (
    Changes,
    Shown,
    ask_option,
    changes_option,
    completing,
    format_of,
    judged,
    layout_option,
    network_argument,
    opened,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
    say,
)
from backcalc.equations.network import Asked, Network
from backcalc.equations.optimizers import Descent
from backcalc.errors import BackcalcError, Place, counted, listed
from backcalc.formats import FORMATS, MARKS, ROWS, markdown, text
from backcalc.formats.terminal import notation_for
from backcalc.loading.document import note_input, read_letters, read_text
from backcalc.loading.policies import POLICIES, PRESETS, policies
from backcalc.reading.courses import is_course
from backcalc.reading.documents import KINDS
from backcalc.sheets.blocks import Running

One: TypeAlias = Callable[[Report, str, "TextIO | None"], str]
"""How one file is shown: what became of it, in a format, for a stream or for a file."""

Many: TypeAlias = Callable[[Iterable[Report], Sequence[Whose]], Running]
"""What is shown of many files."""

Through: TypeAlias = Callable[[Iterable[Report]], Iterator[Report]]  # sees the reports on their way

GROUPED: dict[str, ReportFormat] = {"json": gradebook.json_rows, "csv": gradebook.csv_groups}
"""Those in which sheets can be shown by their first mistake."""

NO_NAMES: Mapping[str, str] = {}
DIGITS = {"float32": 6, "float16": 3, "bfloat16": 2}  # of NumPy's and PyTorch's short floats
VARIANT = re.compile(r"variant-(\d{1,9})")
NAMED_VARIANT = re.compile(r"(?<![^\W_])variant[-_ ]{0,2}(\d{1,9})(?!\d)", re.IGNORECASE)
MOST_FILES = 10_000  # of one folder

format_option = click.option(
    "--format", "form", type=click.Choice(tuple(MARKS)),
    help="Format of the verdicts. Without it the ending of FILE decides, and the screen gets text.",
)  # fmt: skip


policy_options = options(
    click.option(
        "--policy", type=click.Choice(PRESETS),
        help="follow-through: a mistake costs points once. strict: only right lines earn points."),
    *(click.option(f"--{row.name}", metavar="HOW",
                   help=f"{row.sentence} {row.wanted.capitalize()}; usually {row.default}.")
      for row in POLICIES.values()),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """What many sheets are marked against: one network, or in a folder of variants each its own."""

    network: str
    """The network or the folder, as it was named."""
    marking: Callable[[str], Marking]
    """How sheets of one network are marked; each network is opened once."""
    variants: dict[int, str]
    """The networks of the variants, by their numbers; none where there is no folder."""
    kind: str = ""
    """Which kind of document every sheet is, where it is said."""
    feedback: Feedback | None = None
    """Where the marked copies go, where some are wanted."""
    by_hand: Mapping[str, Sequence[Correction]] = field(default_factory=dict)
    """The marks that a person has set, by the sheet."""
    letters: dict[str, str] = field(default_factory=dict)
    """The encoding of each sheet that is not in UTF-8."""
    keeps: bool = False
    """True if a report keeps its document, so that it can be shown as a marked copy."""
    marked = "sheets are marked"
    """What becomes of them."""

    @property
    def any_one(self) -> str:
        """One of the networks, for what they have in common."""
        return next(iter(self.variants.values()), self.network)

    @property
    def names(self) -> Mapping[str, str]:
        """The course's words for quantities."""
        with suppress(BackcalcError):  # it is told of each sheet
            return self.marking(self.any_one).network.names
        return {}

    def read(self, file: str) -> str:
        """A sheet's text; nothing where it cannot be read, and a person has marked it."""
        try:
            text, self.letters[file] = read_letters(file, MAX_BYTES)
        except BackcalcError:
            if not self._is_given(file):
                raise
            return ""
        return text

    def _is_given(self, file: str) -> bool:
        """True if a person has given points to the whole sheet."""
        return any(not each.line for each in self.by_hand.get(file, ()))

    def head(self, text: str, file: str) -> Head:
        """What a sheet says of itself; where it names no variant, its file or a folder may."""
        head = headed(text, called(file), self.marking(self.any_one).knows)[0]
        if self.variants and head.variant is None:
            return replace(head, variant=variant_of(file))
        if self.variants and (named := variant_of(file)) not in (None, head.variant):
            return replace(head, otherwise=named)
        return head

    def report(self, text: str, head: Head, file: str) -> Report:
        """Mark a sheet, with what a person has set by hand."""
        shown, marking = called(file), None
        try:
            marking = self.marking(self.of(head, shown))
            found = checked(marking, text, shown, self.kind)
        except BackcalcError:
            if not self._is_given(file):
                raise
            marking = marking or self.marking(self.any_one)  # every variant has as many points
            found = blank_report(marking, text, shown, head)
            found = replace(found, assignment=TITLED.sub("", found.assignment))
        said = replace(found.head, variant=head.variant, otherwise=head.otherwise)
        found = replace(found, letters=self.letters.get(file, ""), head=said)
        if found.elsewhere:
            found = replace(found, figures_of=self._whose_figures(found))
        if own := self.by_hand.get(file):
            found = overruled(found, own, marking)
        if self.feedback:
            self.feedback.write(file, found)
        if self.keeps:
            return found
        return replace(found, document=None, sketch=sketch(found))  # no class keeps its sheets

    def refuse(self, text: str, head: Head, file: str, error: BackcalcError) -> None:
        """Write the copy of a sheet that could not be marked, where feedback is wanted."""
        if self.feedback and (text or os.path.exists(file)):
            self.feedback.refuse(file, self.marking(self.any_one), text, self.kind, error, head)
        if file in self.by_hand:
            error.hint = "of what is marked by hand only points for the whole sheet count"

    def _whose_figures(self, found: Report) -> int | None:
        """The variant whose figures stand on a sheet of another one, where it is one of these."""
        steps = steps_named((e.name for e in found.answers), self.marking(self.any_one).network)
        keys = ((n, self.marking(file).key(steps)) for n, file in self.variants.items())
        return next((n for n, key in keys if are_figures_of(key, found.answers)), None)

    def finish(self, done: bool) -> None:
        """Write of all sheets together when all are marked, where feedback is wanted."""
        if self.feedback:
            title = TITLED.sub("", self.marking(self.any_one).network.title)
            for said in self.feedback.finish(self.network, done, title, self.names, self.by_hand):
                say(said)

    def of(self, head: Head, file: str) -> str:
        """The network of the sheet that says this of itself.

        Of a single variant it need not say so. Raises BackcalcError where it names none that is
        in the folder.
        """
        if not self.variants:
            return self.network
        if head.variant is None and len(self.variants) == 1:
            return self.any_one
        if head.variant is None:
            message = "the sheet does not say which variant it is"
            first = min(self.variants)
            line = f"write a line such as variant = {first} at its top"
            hint = f"{line}, or name the file variant-{first}"
            raise BackcalcError(message, Place(file), hint)
        if head.variant not in self.variants:
            message = f"there is no variant {head.variant} in {self.network[:200]}"
            hint = f"it holds variant{_these([*self.variants])}"
            raise BackcalcError(message, head.place or Place(file), hint)
        return self.variants[head.variant]


def variant_of(path: str) -> int | None:
    """Return the variant that a file's name tells, or the nearest of its folders that tells one.

    >>> variant_of("in/ada/variant-07.tex"), variant_of("in/Variant 7 (Ada)/a.md"), variant_of("a")
    (7, 7, None)
    """
    for part in reversed(path.split(os.sep)):
        if numbers := {int(number) for number in NAMED_VARIANT.findall(part)}:
            return numbers.pop() if len(numbers) == 1 else None
    return None


def _these(numbers: Sequence[int]) -> str:
    """The numbers of variants, as a range where they are one."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and last - first == len(numbers) - 1:
        return f"s {first} to {last}"
    return f"{'s' if len(numbers) > 1 else ''} {listed(map(str, numbers), 40)}"


def _variants(folder: str) -> dict[int, str]:
    """The networks in a folder of variants, by their numbers."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise BackcalcError(f"cannot read {folder[:200]}: {error.strerror}") from None
    found: dict[int, str] = {}
    for name in names:
        match, path = VARIANT.fullmatch(name), os.path.join(folder, name, "network.yaml")
        if match and os.path.isfile(path):
            found[int(match[1])] = path
    if not found:
        own = os.path.join(folder, "network.yaml")
        hint = f"name {own}" if os.path.isfile(own) else "`backcalc variant` makes such a folder"
        raise BackcalcError(f"the folder {folder[:200]} holds no variants", hint=hint)
    return dict(sorted(found.items()))


@click.command()
@network_argument
@click.argument("answers", nargs=-1, required=True, metavar="ANSWERS...",
                shell_complete=completing("sheets"))  # fmt: skip
@options(ask_option, rate_option, changes_option, optimizer_option, layout_option)
@click.option("--steps", type=click.IntRange(0, 100), default=0,
              help="Work out at least so many steps. Answers that name later steps ask for"
                   " more.")  # fmt: skip
@policy_options
@click.option("--online", is_flag=True, help="Update after each sample, not once for all samples.")
@click.option(
    "--strict", is_flag=True,
    help="Exit with status 1 also if a line is only close or could not be read.",
)  # fmt: skip
@click.option("--group-by", "group", type=click.Choice(("mistake",)),
              help="Group many sheets by their first mistake.")  # fmt: skip
@click.option("--as", "kind", type=click.Choice(KINDS),
              help="Kind of document of each sheet. Without it the file's name and its content"
              " decide.")  # fmt: skip
@click.option("--feedback", "folder", type=click.Path(), metavar="DIR",
              help="Write a marked copy of each sheet into this folder, and for several sheets a"
              " CSV for the gradebook and a report of the class. They are HTML, or Markdown with"
              " --format markdown.")  # fmt: skip
@click.option("--overrule", "corrected", type=click.Path(), metavar="FILE",
              help="Marks that you set by hand: a CSV with the columns sheet (its file or its"
              " person), line, points or verdict, remark, mistake.")  # fmt: skip
@options(format_option, output_options)
def check(
    network: str, answers: tuple[str, ...], ask: tuple[Asked, ...] | None, rate: Fraction | None,
    changes: Changes, descent: Descent | None, layout: str | None, steps: int, policy: str | None,
    online: bool, strict: bool, group: str | None, kind: str | None, folder: str | None,
    corrected: str | None, **rest: Any,
) -> int:  # fmt: skip
    """Check hand-worked answers: what is right, what follows, which mistake came first.

    ANSWERS are files or folders (with the folders in them), or - for standard input. A file holds
    lines such as z0 = 0.5, or a whole sheet as it was handed in: LaTeX, Markdown, plain text or a
    notebook. Lines that cannot be read are listed, and the rest is marked.
    NETWORK may be a folder that `backcalc variant` made. Then each file is marked against the
    variant that it names (variant = 7), or that its own or its folder's name tells (variant-7).
    Exit status: 0 if all lines are correct, rounded or close, 2 if a file cannot be read, else 1.
    If the reader of the output leaves early (| head), it is at least 1. In csv and jsonl an
    interrupted run shows only on stderr and in the exit status.
    """
    said = {name: text for name in POLICIES if (text := rest.pop(name)) is not None}
    policies(said, policy or "")  # what is wrong with an option is so for all sheets
    opening = partial(opened, changes=changes, descent=descent, layout=layout, ask=ask)
    start = partial(_start, opening, rate, policy, said, steps, online, strict)
    form = rest["form"] = format_of(rest["form"], rest["output"], MARKS)
    files = [file for each in answers for file in _files(each)]
    if [network, *files].count("-") > 1:
        raise BackcalcError("you named - twice, but standard input can be read only once")
    once = [*{os.path.abspath(file): file for file in reversed(files)}.values()][::-1]
    if folder is None and len(once) < len(files):
        say(f"{counted(len(files) - len(once), 'file')} named twice: each counts twice")
    files = files if folder is None else once  # a class counts each sheet once
    copies = "markdown" if form == "markdown" else "html"
    whole = _whole(network, start, kind, answers, files, folder, copies, rest["force"], corrected)
    if group and form in ROWS.keys() - GROUPED.keys():
        raise BackcalcError(f"--group-by goes with {listed([*FORMATS, 'csv'])}, not {form}")
    batch = Batch(whole, files)
    copies_of = [*whole.feedback.left.values()] if whole.feedback else []
    try:
        if len(files) > 1 or group or form in ROWS:
            noted = whole.feedback.whole if whole.feedback else None
            through = noted.noted if noted else None
            sheet = grouped if group else overview
            status = _delivered(batch, sheet, **rest, names=whole.names, through=through)
        else:
            batch.kind = replace(whole, keeps=form == "html")
            status = _alone(batch, files[0], _sheet, **rest)
    finally:
        whole.finish(batch.done == len(files))
    if whole.feedback and not batch.stopped:
        told = whole.feedback.told(copies_of)
        if rest["output"]:  # else the screen stays empty
            say(told)
        elif form == "text" and whole.feedback.whole:
            printed(f"\n{told}\n", to_read=True)
    return status


def _start(
    opening: Callable[[str], Network], rate: Fraction | None, policy: str | None,
    said: Mapping[str, str], steps: int, online: bool, strict: bool, file: str,
) -> Marking:  # fmt: skip
    """How the sheets of one network are marked."""
    match = VARIANT.fullmatch(os.path.basename(os.path.dirname(os.path.abspath(file))))
    number = int(match[1]) if match else None
    net = opening(file)
    own = {} if policy else net.marking  # the options hold before the file's policies
    held = policies({**own, **said}, policy or "")
    return Marking(net, rate, held, steps, number, online, strict)


def _whole(
    network: str, start: Callable[[str], Marking], kind: str | None, answers: Sequence[str],
    files: Sequence[str], folder: str | None, copies: str, force: bool, corrected: str | None,
    *, known: bool = False,
) -> Class:  # fmt: skip
    """What the sheets are marked against, and where their copies go, before one is marked."""
    variants = {}
    if not known and network != "-" and os.path.isdir(network):
        variants = _variants(network)
    whole = Class(network, cache(start), variants, kind or "")
    for file in variants.values():
        note_input(os.path.dirname(file))
    if not variants:
        whole.marking(network)  # a network that is wrong is so for all
    if corrected is not None:
        whole = replace(whole, by_hand=_by_hand(whole, corrected, files))
    if folder is None:
        return whole
    check_apart(folder, answers, files)
    feedback, said = feedback_in(folder, answers, files, copies, force)
    for each in said:
        say(each)
    return replace(whole, feedback=feedback)


def _by_hand(
    whole: Class, corrected: str, files: Sequence[str]
) -> Mapping[str, Sequence[Correction]]:
    """The marks that a person has set, by the sheet; each names a line that there is."""
    found = corrections(read_letters(corrected, MAX_BYTES)[0], corrected)
    marking = whole.marking(whole.any_one)
    for each in found:
        if each.line:
            line_called(each, marking)

    def person_of(file: str) -> str:
        with suppress(BackcalcError):
            named = whole.head(whole.read(file), file).name if file != "-" else ""
            return named or named_by_file(file)
        return named_by_file(file)

    return of_sheets(found, files, person_of)


def marked(
    network: Network | os.PathLike[str], answers: object, ask: tuple[Asked, ...] | None,
    rate: Fraction | None, changes: Changes, descent: Descent | None, layout: str | None,
    steps: int, policy: str | None, online: bool, strict: bool, group: str | None,
    kind: str | None, folder: str | None, corrected: str | None, force: bool,
    **decided: str | None,
) -> Shown:  # fmt: skip
    """Sheets marked for Python: a text, figures by their names, files and folders."""
    paths: list[str] = []
    by_name: list[str] = []
    if isinstance(answers, Mapping):
        if isinstance(network, Network):
            own: Network | None = network
        else:  # which of variants is not known yet
            own = None if os.path.isdir(network) else opened(os.fspath(network))
        by_name = [*_lines(answers, own)]
        answers = "\n".join(by_name)
    elif not isinstance(answers, str):
        paths = _paths(answers)
    files = [file for each in paths for file in _files(each)] or ["answers"]
    said = {name: text for name, text in decided.items() if text is not None}

    def opening(file: str) -> Network:
        given = network if isinstance(network, Network) else file
        return opened(given, changes, descent, layout=layout, ask=ask)

    start = partial(_start, opening, rate, policy, said, steps, online, strict)
    known = isinstance(network, Network)
    name = network.file if isinstance(network, Network) else os.fspath(network)
    whole = _whole(name, start, kind, paths, files, folder, "html", force, corrected, known=known)
    texts = {} if paths else {"answers": str(answers)}
    batch = Batch(replace(whole, keeps=len(files) == 1), files, texts, limits=nullcontext)
    reports = [batch.report(file) for file in files]
    alone = not isinstance(answers, list | tuple) and files == (paths or files)
    if alone and reports[0].error:
        raise reports[0].error
    if by_name:
        _refuse_twice(reports[0], by_name)
    if whole.feedback and whole.feedback.whole:
        reports = [*whole.feedback.whole.noted(reports)]
    whole.finish(done=True)
    return _for_python(reports, whole.names, grouped if group else overview)


def _lines(figures: Mapping[str, Any], network: Network | None) -> Iterator[str]:
    """Figures by their names as the lines of a sheet; a list has one for each sample."""
    count = len(network.samples) if network and network.matrices is None else 1
    for name, figure in figures.items():
        if count == 1 or not _is_list(figure):
            yield f"{name} = {_figure(figure)}"
        elif len(figure) != count:
            message = f"{name[:60]} has {counted(len(figure), 'figure')}"
            raise BackcalcError(f"{message}, but there are {count} samples")
        else:
            yield from (f"{name}[{n}] = {_figure(each)}" for n, each in enumerate(figure, 1))


def _refuse_twice(report: Report, lines: Sequence[str]) -> None:
    """Raise BackcalcError where a dictionary has one quantity under two names."""
    found: dict[str, int] = {}
    for each in report.answers:
        line = each.answer.place.line if each.answer.place else 0
        before = found.setdefault(each.name, line)
        if line != before:
            first, second = (lines[n - 1].partition(" = ")[0] for n in (before, line))
            raise BackcalcError(f"{first} and {second} are one quantity: give it once")


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or bool(getattr(value, "shape", ()))


def _figure(value: Any) -> str:
    """A figure as it would be written: nothing for None, of a short float the digits it has."""
    digits = DIGITS.get(str(getattr(value, "dtype", "")).rpartition(".")[2])
    if _is_list(value):
        return f"[{', '.join(map(_figure, value))}]"
    if digits or hasattr(value, "item"):
        return f"{value.item():.{digits}g}" if digits else str(value.item())
    return "" if value is None else str(value)


def _paths(answers: object) -> list[str]:
    """The paths of sheets and folders; raises TypeError for anything else."""
    several = answers if isinstance(answers, list | tuple) and answers else [answers]
    found: list[str] = []
    for each in several:
        if not isinstance(each, str | os.PathLike):
            wanted = "a text, a Path, a list of paths or a dictionary of figures"
            raise TypeError(f"answers must be {wanted} and not {type(each).__name__}")
        found.append(os.fspath(each))
    return found


def tested(file: str | os.PathLike[str] | Network, strict: bool) -> Shown:
    """One network or document for Python, with its printed answers tested."""
    if isinstance(file, Network):
        return _for_python([linting.lint(file, file.file)])
    if not isinstance(file, str | os.PathLike):
        raise TypeError(f"file must be a path or a Network and not {type(file).__name__}")
    path = os.fspath(file)
    course = PrintedCourse(strict)
    return _for_python([course.report(course.read(path), NAMELESS, path)])


def _for_python(
    reports: Sequence[Report], names: Mapping[str, str] = NO_NAMES, view: Many = overview
) -> Shown:
    """Marked sheets as Python shows and saves them: one line by line, several in a table."""
    whose = [Whose(each.file, each.person, each.head.variant) for each in reports]

    def written(form: str, stream: TextIO | None) -> str:
        if form in ROWS or len(reports) > 1 or view is grouped:
            return "".join(_rows(form, view, stream, names)(reports, whose))
        return _sheet(reports[0], form, stream)

    def apart() -> dict[str, Shown]:
        return {each.file: _for_python([each]) for each in reports}

    return Shown(
        None, data=lambda: gradebook.report_data(reports), own=written, result=(reports, apart),
        formats=MARKS,
    )  # fmt: skip


def _files(path: str) -> list[str]:
    """A file, or all files of a folder of answers and of the folders in it: one for each person."""
    if path == "-" or not os.path.isdir(path):
        return [path]
    found: list[str] = []
    for folder, within, names in os.walk(path, onerror=_unreadable):
        within[:] = sorted(name for name in within if not name.startswith("."))
        if any(os.path.isfile(os.path.join(folder, each, "network.yaml")) for each in within
               if VARIANT.fullmatch(each)):  # fmt: skip
            from backcalc.worksheets.class_folder import is_nobodys  # where variants were made

            within[:] = [name for name in within if not is_nobodys(name)]
            names = [name for name in names if not is_nobodys(name)]
        if VARIANT.fullmatch(os.path.basename(folder)) and "network.yaml" in names:
            names = ["answers.txt"] if "answers.txt" in names else []  # the rest was handed out
        names = sorted(own_names(folder, names))
        files = (os.path.join(folder, name) for name in names if name[0] != ".")
        found += filter(os.path.isfile, files)
        if len(found) > MOST_FILES:
            raise BackcalcError(f"the folder {path[:200]} holds more than {MOST_FILES} files")
    if not found:
        raise BackcalcError(f"the folder {path[:200]} holds no answers")
    return found


def _unreadable(error: OSError) -> None:
    raise BackcalcError(f"cannot read {str(error.filename)[:200]}: {error.strerror}")


def _alone(batch: Batch, file: str, view: One, form: str, output: str | None, force: bool) -> int:
    """Mark one file for people, to whom stderr says why where it is refused; the exit status."""
    report = batch.report(file)
    batch.done += 1
    if report.error:
        say(report.error)
        return report.status
    stream = sys.stdout if output is None else None
    written = view(report, form, stream)
    with judged(lambda: report.status):
        printed(written, output, force, to_read=form == "text")
    return report.status


def _sheet(report: Report, form: str, stream: TextIO | None) -> str:
    """Every answer of one sheet, for a stream or for a file; a page is its marked copy."""
    sheet, row = report_sheet(report), FORMATS[form]
    if form == "html" and report.document:
        from backcalc.checking.marked_copy import marked_copy  # most runs write none

        sheet = marked_copy(report)
    if form != "text":
        return row.write(sheet, row.load("NOTATION").with_names(report.own_words))
    return text.render(sheet, notation_for(stream).with_names(report.own_words), stream)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                shell_complete=completing("sheets"))  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Exit with status 1 also if something could not be read.")  # fmt: skip
@options(format_option, output_options)
def lint(files: tuple[str, ...], strict: bool, **out: Any) -> int:
    """Test printed answers, under `expect:` in network files and in a course's documents; for CI.

    A document is Markdown, LaTeX or a notebook. It names its network in a block (```backcalc), in
    a comment (<!-- backcalc: skip.yaml -->, % backcalc: skip.yaml) or at its top (backcalc:
    skip.yaml between ---). From there on every figure is tested.
    You may mark a figure as wrong in its source; then it must be wrong in the way that you name.
    In a document write <!-- backcalc: known 0.8 --> or % backcalc: known factor-two.
    """
    out["form"] = format_of(out["form"], out["output"], MARKS)
    course = PrintedCourse(strict)
    left_out = [file for file in files if len(files) > 1 and course.names_none(file)]
    if len(left_out) < len(files):
        for file in left_out:
            say(f"{called(file)} is left out: it names no network")
        files = tuple(file for file in files if file not in left_out)
    batch = Batch(course, files)
    if len(files) > 1 or left_out or out["form"] in ROWS:
        return _delivered(batch, printed_answers, **out)
    return _alone(batch, files[0], _row, **out)


@dataclass(frozen=True, slots=True)
class PrintedCourse:
    """What is done with each file whose printed answers are tested."""

    strict: bool = False
    """True if what could not be read fails too."""
    marked = "files are tested"

    def read(self, file: str) -> str:
        """The text of a document; the loader reads a network itself."""
        if os.path.isdir(file):
            hint = f"name its files: {os.path.join(file[:200], '*.yaml')}"
            raise BackcalcError(f"{file[:200]} is a folder", hint=hint)
        return read_text(file, MAX_BYTES) if is_course(file) else ""

    def names_none(self, file: str) -> bool:
        """Return true for a document that can be read and names no network."""
        with suppress(BackcalcError):
            return is_course(file) and not linting.networks_named(self.read(file), file)
        return False

    def head(self, text: str, file: str) -> Head:
        """Nothing: it is nobody's sheet."""
        return NAMELESS

    def report(self, text: str, head: Head, file: str) -> Report:
        """Test it."""
        if is_course(file):
            return replace(linting.lint_document(text, called(file)), whole=self.strict)
        return linting.lint(opened(file), called(file))

    def refuse(self, text: str, head: Head, file: str, error: BackcalcError) -> None:
        """Nothing: what is printed has no author who waits for it."""


def _row(report: Report, form: str, stream: TextIO | None) -> str:
    return "".join(_rows(form, printed_answers, stream)([report], [Whose(report.file)]))


def _delivered(
    batch: Batch, sheet: Many, form: str, output: str | None, force: bool,
    names: Mapping[str, str] = NO_NAMES, through: Through | None = None,
) -> int:  # fmt: skip
    """Mark all files and give each to where it was asked for; the exit status."""
    plain = _rows(form, sheet, None if output is not None else sys.stdout, names)
    rows: ReportFormat = plain
    if through:
        rows = lambda reports, sheets: plain(through(reports), sheets)  # noqa: E731
    if output is not None:
        return batch.kept(rows, output, force)
    return batch.streamed(rows, known=form not in ROWS, to_read=form == "text")


def _rows(
    form: str, sheet: Many, stream: TextIO | None, names: Mapping[str, str] = NO_NAMES
) -> ReportFormat:
    """A format, for a stream or for a file, in a course's words."""
    if form in ROWS:
        return GROUPED[form] if sheet is grouped else ROWS[form].load(ROWS[form].function)
    if form == "markdown":
        own = markdown.NOTATION.with_names(names)
        return lambda reports, sheets: markdown.running(sheet(reports, sheets), own)
    if form != "text":  # a page is written when all its rows are there
        row, page = FORMATS[form], FORMATS[form].load("NOTATION").with_names(names)
        return lambda reports, sheets: iter([row.write(sheet(reports, sheets).whole(), page)])
    notation = notation_for(stream).with_names(names)
    return lambda reports, sheets: text.running(sheet(reports, sheets), notation, stream)
