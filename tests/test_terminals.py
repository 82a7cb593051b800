"""What people see is complete and readable: narrow, plain, coloured, piped, in any encoding.

Every command runs as a person would run it, on a real terminal of some width or into a pipe,
under each setting; the piped UTF-8 output is what the others are compared with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytest.importorskip("pty")  # Windows has no such terminals

from command_lines import LINES, ODD, WRONG, Line, Seen, Setting, run_jobs
from conftest import ROOT, Result

from backcalc import load, step
from backcalc.checking.checked import Whose, overview
from backcalc.checking.heads import Head
from backcalc.checking.report import Report
from backcalc.checking.verdict import ROWS
from backcalc.commands import check_many
from backcalc.commands.group import COMMANDS
from backcalc.errors import BackcalcError, Place, UndefinedError
from backcalc.formats.text import render, running
from backcalc.formulas.notation import UNICODE
from backcalc.sheets.blocks import SheetBlocks, Table

pytestmark = pytest.mark.sweep

HELP = (Line("--help"), *(Line(f"{name} --help") for name in COMMANDS))
ALL = (*LINES, *HELP)
FEW = tuple({line.command: line for line in LINES}.values())
"""One line for each command."""
SLOW = {"networks", "variant", "sweep", "lint", "train", "import", "report", "verify", "gradcheck"}
QUICK = tuple(line for line in FEW if line.command not in SLOW)
"""The same but for commands that take long and print as others do."""
FEWER = QUICK[::2]
"""Of these one of two, where a setting changes what all print in the same way."""

BARE = {"PYTHONIOENCODING": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
SETTINGS = {
    "pipe": Setting(),
    "pipe of another terminal": Setting({"COLUMNS": "40", "LINES": "5", "TERM": "dumb"}),
    "coloured pipe": Setting({"FORCE_COLOR": "1"}),
    "1": Setting(columns=1),
    "40": Setting(columns=40),
    "80": Setting(columns=80),
    "200": Setting(columns=200),
    "no size": Setting(columns=0),
    "NO_COLOR": Setting({"NO_COLOR": "1"}, columns=80),
    "FORCE_COLOR=0": Setting({"FORCE_COLOR": "0"}, columns=80),
    "FORCE_COLOR=0, a pipe": Setting({"FORCE_COLOR": "0"}),
    "dumb": Setting({"TERM": "dumb"}, columns=80),
    "no stdin": Setting(closed=(0,)),
    "no stdout": Setting(closed=(1,)),
    "no stderr": Setting(closed=(2,)),
    "POSIX": Setting({**BARE, "LC_ALL": "C"}),
    "POSIX 40": Setting({**BARE, "LC_ALL": "C"}, columns=40),
    "cp1252": Setting({"PYTHONIOENCODING": "cp1252"}),
    "cp437": Setting({"PYTHONIOENCODING": "cp437"}),
    "cp850": Setting({"PYTHONIOENCODING": "cp850"}),
    "latin-1": Setting({"PYTHONIOENCODING": "latin-1"}),
}
SHOWN = tuple(line for line in LINES if line.kind != "document")
FAULTY = tuple(line for line in LINES if line.typed == WRONG)
LINES_OF = {
    **dict.fromkeys(("pipe", "40"), ALL),
    "POSIX": (*SHOWN[::2], *FAULTY, *(line for line in LINES if line.words == "step -")),
    "200": (*SHOWN[::3], *FAULTY),
    **dict.fromkeys(("coloured pipe", "NO_COLOR"), SHOWN[::3]),
    "dumb": SHOWN[1::3],
    **dict.fromkeys(("cp437", "cp850", "latin-1"), SHOWN[:8]),
    "80": (*SHOWN, *QUICK),
    "pipe of another terminal": (*FEWER, *HELP[::6]),
    "POSIX 40": (*SHOWN[::3], *FAULTY, *HELP[::6]),
    "cp1252": (*FEWER, *FAULTY, *(line for line in LINES if line.kind in ("document", "page"))),
}
"""What runs in each setting; in all others a line for every second quick command."""
ENCODINGS = {"POSIX": "ascii", "POSIX 40": "ascii"} | {
    name: name for name in ("cp1252", "cp437", "cp850", "latin-1")
}

CODE = re.compile(rb"\x1b\[[0-9;]*m")
COLOUR = re.compile(rb"\x1b\[(?!(?:[012]|1;2)m)[0-9;]*m")
RULE = re.compile("[─-]{3,}")
NUMBER = re.compile(r"(?<![\w.\\])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w])")


def job(name: str) -> tuple[tuple[Line, ...], Setting]:
    """The command lines of a setting, each once."""
    return tuple(dict.fromkeys(LINES_OF.get(name, FEWER))), SETTINGS[name]


@cache
def started(bare: bool) -> dict[str, dict[Line, Seen]]:
    """What every command leaves behind in each setting of one start of Python."""
    names = [
        name for name, setting in SETTINGS.items() if (BARE.items() <= setting.env.items()) is bare
    ]
    jobs = [job(name) for name in names]
    with TemporaryDirectory() as folder:
        found = run_jobs(jobs, Path(folder))
    return {
        name: dict(zip(lines, each, strict=True))
        for name, (lines, _), each in zip(names, jobs, found, strict=True)
    }


def seen(name: str) -> dict[Line, Seen]:
    """What every command leaves behind in a setting."""
    return started(name.startswith("POSIX"))[name]


def text(line: Line, name: str) -> str:
    """What a command shows in a setting, without codes for looks."""
    return CODE.sub(b"", seen(name)[line].out).decode(ENCODINGS.get(name, "utf-8"))


def of(kind: str, *names: str) -> pytest.MarkDecorator:
    """A test for every line of a kind that runs in these settings."""
    cases = [(line, name) for name in names for line in job(name)[0] if line.kind == kind]
    cases = [(line, name) for line, name in cases if line in LINES]
    ids = [f"{line.words}-{name}" for line, name in cases]
    return pytest.mark.parametrize(("line", "name"), cases, ids=ids)


def in_each(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", names)


def test_no_command_is_missing() -> None:
    assert {line.command for line in LINES} == set(COMMANDS)


@in_each(*SETTINGS)
def test_it_ends_as_ever_and_no_command_breaks(name: str) -> None:
    for line, found in seen(name).items():
        expected = line.status
        reads = name == "no stdin" and line.typed and line.command != "quiz"
        if name == "no stdout" or reads:
            expected = 2
        assert found.status == expected, (line.words, found)
        assert b"Traceback" not in found.err + found.out
        assert b"bug in backcalc" not in found.err


# Pipes.


def test_nothing_of_a_terminal_changes_a_pipe() -> None:
    for line, found in seen("pipe of another terminal").items():
        assert found == seen("pipe")[line], line.words


def test_a_pipe_has_no_codes_and_its_lines_end_alike() -> None:
    for line, found in seen("pipe").items():
        assert b"\x1b" not in found.out + found.err, line.words
        assert b"\r" not in found.out + found.err, line.words


def test_forced_colours_change_no_text() -> None:
    coloured = 0
    for line, found in seen("coloured pipe").items():
        plain = seen("pipe")[line]
        assert (CODE.sub(b"", found.out), found.err) == (plain.out, plain.err), line.words
        coloured += found.out != plain.out
        assert line.kind != "document" or found.out == plain.out
    assert coloured > len([line for line in seen("coloured pipe") if line.kind == "sheet"]) / 2


@in_each("no stdin", "no stderr")
def test_a_closed_stream_that_is_not_needed_changes_nothing(name: str) -> None:
    for line, found in seen(name).items():
        if name != "no stdin" or not line.typed:
            assert found.out == seen("pipe")[line].out, line.words


# Widths.


@in_each("40", "80", "200", "POSIX 40", "NO_COLOR", "dumb")
def test_no_line_is_wider_than_the_terminal(name: str) -> None:
    """Save one word, an option with its values, a command to be copied, and documents."""
    from rich.cells import cell_len

    for line in seen(name):
        if line.kind == "document" or (line.kind, name) == ("page", "POSIX 40"):
            continue
        for each in text(line, name).splitlines():
            wide = cell_len(each) > SETTINGS[name].columns
            copied = each.strip().startswith(("-", "Shell completion: eval"))
            assert not wide or copied or " " not in each.strip(), f"{line.words}: {each}"


def parted(shown: str) -> tuple[list[str], set[str]]:
    """The words of a text without its rules, and the words of its tables' heads apart."""
    lines = shown.splitlines()
    words: list[str] = []
    heads: set[str] = set()
    for each, below in zip(lines, [*lines[1:], ""], strict=True):
        if RULE.fullmatch(below) and "   " in each:
            heads |= set(each.split())
        elif not RULE.fullmatch(each):
            words += each.split()
    return words, heads


def matched(word: str, shown: list[str], place: int) -> int | None:
    """The place after the words that together are this one; None: they are not."""
    if place < len(shown) and not (word + shown[place]).strip("_"):
        return place + 1  # a blank is as long as there is room for it
    while word and place < len(shown) and word.startswith(shown[place]):
        word, place = word.removeprefix(shown[place]), place + 1
    return None if word else place


@of("sheet", "40", "80", "200")
def test_a_narrow_terminal_shows_all_that_a_pipe_shows(line: Line, name: str) -> None:
    """Word for word in the same order; between them only the heads of tables, once a row."""
    words, heads = parted(text(line, "pipe"))
    shown, own = parted(text(line, name))
    heads = {head + colon for head in heads | own for colon in ("", ":")}
    heads |= {sign for row in ROWS for sign in (row.sign, row.plain)}  # before verdicts
    place = 0
    for word in words:
        after = matched(word, shown, place)
        while after is None and place < len(shown) and shown[place] in heads:
            place += 1
            after = matched(word, shown, place)
        assert after is not None, f"{word!r} is missing before {shown[place : place + 9]}"
        place = after
    assert set(shown[place:]) <= heads


@of("figure", "40", "80", "200")
def test_a_narrow_figure_has_every_name_and_number(line: Line, name: str) -> None:
    """As often as in a pipe; axes have other ticks at other widths, and a drawing may be a list."""
    drawing = line.command == "draw"
    axis = r"^ *\S* [│┤└]|[⠀-⣿]|^ +epoch "

    def counted(shown: str) -> Counter[str]:
        shown = shown if drawing else re.sub("└.*\n.*", "└", shown)  # with the ticks below it
        lines = [each for each in shown.splitlines() if drawing or not re.search(axis, each)]
        return Counter(re.findall(r"\w+(?:\.\d+)?", "\n".join(lines).replace("(skip edge)", "")))

    there, here = counted(text(line, "pipe")), counted(text(line, name))
    heads = dict.fromkeys(parted(text(line, "pipe"))[1], 9)
    assert not ((there.keys() - here) if drawing else there - here - Counter(heads))


@of("document", "40")
def test_a_document_is_the_same_on_a_terminal(line: Line, name: str) -> None:
    assert seen(name)[line].out == seen("pipe")[line].out


@in_each("1", "no size")
def test_a_terminal_of_no_width_loses_nothing(name: str) -> None:
    for line, found in seen(name).items():
        if line.kind == "sheet" and line.command not in ("quiz", "networks", "init", "worksheet"):
            solid = "".join(text(line, name).split())
            for number in NUMBER.findall(text(line, "pipe")):
                assert number in solid, (line.words, number)
        assert found.out or line.kind == "silent"


# Colours.


def test_a_colour_that_is_not_forced_is_none() -> None:
    for line, found in seen("FORCE_COLOR=0, a pipe").items():
        assert found == seen("pipe")[line], line.words


@in_each("NO_COLOR", "FORCE_COLOR=0", "dumb")
def test_no_codes_where_no_colour_is_wanted(name: str) -> None:
    for line, found in seen(name).items():
        assert not CODE.search(found.out + found.err), line.words
        assert text(line, name) == text(line, "80"), line.words


def test_a_terminal_gets_colours() -> None:
    assert any(COLOUR.search(found.out) for found in seen("80").values())


# Encodings.


def plain(shown: str) -> str:
    """A text with its raised digits and powers written alike."""
    raised = re.sub("[⁰¹²³⁴-⁹]", lambda match: f"**{'⁰¹²³⁴⁵⁶⁷⁸⁹'.index(match[0])}", shown)
    return raised.replace("**", " ")


@in_each(*ENCODINGS)
def test_an_old_encoding_has_the_same_numbers_and_nothing_spelled_out(name: str) -> None:
    """Letters of a file may be spelled out; backcalc's own words are readable everywhere."""
    for line, found in seen(name).items():
        if line.kind in ("document", "page"):
            assert name == "POSIX 40" or found.out == seen("pipe")[line].out, line.words
            continue
        shown = found.out.decode(ENCODINGS[name])
        if not line.typed.startswith((ODD, WRONG)) and "θ" not in line.typed:
            assert "\\" not in shown + found.err.decode(ENCODINGS[name]), line.words
        if line.kind == "sheet":
            base = text(line, "40" if name == "POSIX 40" else "pipe")
            there, here = (NUMBER.findall(plain(each)) for each in (base, text(line, name)))
            assert Counter(here) == Counter(there), line.words


def test_a_table_stays_straight_where_letters_are_spelled_out() -> None:
    line = next(line for line in LINES if line.words == "step -")
    shown = text(line, "POSIX").splitlines()
    start = next(place for place, each in enumerate(shown) if each.startswith("quantity "))
    column = shown[start].index("numbers")
    for row in shown[start + 2 : start + 5]:
        assert row[column - 1] == " " != row[column], row
    assert "w\\u5909*\\u03b8" in "\n".join(shown)


# Errors.

SPOT = "anothr_name_that_is_long"


@in_each("pipe", "40", "80", "200", "POSIX", "POSIX 40", "cp1252")
def test_a_caret_stands_below_what_is_wrong(name: str) -> None:
    from rich.cells import cell_len

    line = next(line for line in LINES if line.typed == WRONG)
    err = seen(name)[line].err.decode(ENCODINGS.get(name, "utf-8"))
    source, caret = next(
        pair for pair in zip(err.splitlines(), err.splitlines()[1:], strict=False)
        if set(pair[1]) == set(" |^")
    )  # fmt: skip
    columns = SETTINGS[name].columns or 110
    assert cell_len(source) <= columns
    assert len(caret) <= columns
    start, end = caret.index("^"), len(caret)
    letters = "".join(char * cell_len(char) for char in source)
    assert letters[start:end] == SPOT
    assert letters[: start - 1].isascii() or name in ("pipe", "80", "200", "cp1252", "40")


def test_an_error_is_no_wider_than_the_terminal() -> None:
    """Broken between words; a longer word is for the terminal to break."""
    for line, found in seen("40").items():
        for each in found.err.decode().splitlines():
            assert len(each) <= 40 or " " not in each.strip(), line.words


LONG = "1+" * 60


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("", LONG), (LONG, ""), (LONG, LONG), ("", " " * 300)]
)
@pytest.mark.parametrize("columns", [None, 30, 60, 80])
def test_a_cut_line_says_so(before: str, after: str, columns: int | None) -> None:
    source = f"{before}@{after}"
    error = BackcalcError("no", Place("f", 1, len(before) + 1, source))
    _, shown, caret = error.written(columns=columns).splitlines()
    shown = shown.removeprefix("1 | ")
    assert shown.startswith("...") is bool(before)
    assert shown.endswith("...") is bool(after.strip())
    assert len(shown) + 4 <= (columns or 104)
    assert f"1 | {shown}"[len(caret) - 1] == "@"
    assert shown.strip(".") in source


def test_long_errors_break_between_words() -> None:
    error = UndefinedError("one two three four", hint="five six seven")
    assert error.written(columns=12).splitlines() == [
        "one two", "three four", "hint: five", "six seven",
    ]  # fmt: skip
    assert str(error) == "one two three four\nhint: five six seven"


@pytest.mark.parametrize("word", ["stp", "STEP", "forwrd", "lnt"])
def test_a_misspelt_command_is_recognised(run: Callable[..., Result], word: str) -> None:
    told = run(word, "skip")
    assert told.exit_code == 2
    right = {"stp": "step", "STEP": "step", "forwrd": "forward", "lnt": "lint"}[word]
    assert told.stderr.splitlines()[-2] == f"Error: No such command '{word}'."
    assert told.stderr.splitlines()[-1].startswith(f"hint: did you mean '{right}'")


# Line ends and byte-order marks in files.

ENDS: dict[str, Callable[[bytes], bytes]] = {
    "CR": lambda data: data.replace(b"\n", b"\r"),
    "BOM and CRLF": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
}
FILES = {
    **{f"{name}.yaml": (ROOT / f"networks/{name}.yaml").read_bytes()
       for name in ("skip", "lstm", "xor", "nand_gate", "logistic_regression", "rnn_repeat")},
    **{f"{name}.csv": (ROOT / f"networks/{name}.csv").read_bytes() for name in ("nand", "hours")},
    "a.txt": (ROOT / "tests/sheets/a.txt").read_bytes(),
    "formulas.txt": (ROOT / "tests/sheets/formulas.txt").read_bytes(),
    "head.txt": b"# a sheet\nname = Ann\nz0 = 1\n\ndL/dw0 = 2 # no\nL = 3\n",
    "answers.yaml": b"z0: 0.5\ndL/dyhat: -1\n\nL: |\n  3.375\n",
    "badanswers.txt": b"z0 = 0.5\n\nz1 = 1..2\n",
    "unreadable.txt": b"# no answer\n\nz1 = 1..2\n",
    "wrong.yaml": WRONG.encode(),
    "tab.yaml": b"inputs:\n  x: 1\n\tw: 2\n",
    "rows.yaml": (ROOT / "networks/nand_gate.yaml").read_bytes().replace(b"nand.csv", b"rows.csv"),
    "rows.csv": b"x1,x2,y\n0,0,1\n\n0,x,1\n",
    "folded.yaml": ODD.replace('title: "G', 'title: >-\n  two\n  lines\nabout: "G').encode(),
}  # fmt: skip
READ = (
    Line("step skip.yaml"), Line("step lstm.yaml --brief"), Line("step xor.yaml --brief"),
    Line("step rnn_repeat.yaml --brief"), Line("forward nand_gate.yaml"),
    Line("forward logistic_regression.yaml --brief"), Line("step folded.yaml"),
    Line("validate wrong.yaml tab.yaml rows.yaml skip.yaml", status=2),
    Line("check skip.yaml a.txt", status=1), Line("check skip.yaml formulas.txt", status=1),
    Line("check skip.yaml head.txt answers.yaml", status=1),
    Line("check skip.yaml badanswers.txt"),  # the line that cannot be read costs no other
    Line("check skip.yaml unreadable.txt", status=2),
)  # fmt: skip


def test_line_ends_and_marks_change_no_byte(run: Callable[..., Result], tmp_path: Path) -> None:
    """Neither in files nor on standard input."""
    found: list[list[Result]] = []
    for change in (bytes, *ENDS.values()):
        place = tmp_path / str(len(found))
        place.mkdir()
        for name, data in FILES.items():
            (place / name).write_bytes(change(data))
        found.append([run(*line.arguments(), cwd=place) for line in READ])
        found[-1].append(run("step", "-", stdin=change(FILES["skip.yaml"])))
    usual, *others = found
    assert [each.exit_code for each in usual] == [*(line.status for line in READ), 0]
    for ends, each in zip(ENDS, others, strict=True):
        for line, there, here in zip((*READ, Line("step -")), usual, each, strict=True):
            assert here == there, (ends, line.words)


class Terminal(StringIO):
    """A stream that is taken for a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_table_of_a_batch_has_no_rule_wider_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = step(load("xor"))._shown.written("text", Terminal())
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines)) == 60
    long = next(place for place, line in enumerate(lines) if line.startswith("  weights: "))
    assert lines[long + 1].startswith("    ")  # a long line goes on further in


@pytest.mark.parametrize("columns", [40, 48, 56, 64])
def test_a_sign_stays_with_its_number(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    row = (("ŷ1",), ("-t1·log(ŷ1) - t2·log(ŷ2)",), ("≈ 0.431680017",), ("≈ 0.406126897",), ("",))
    table = Table(("quantity", "formula", "sample 1", "sample 2", "total"), (row,), whole=True)
    shown = render(SheetBlocks("Sheet", (table,)), UNICODE, Terminal())
    plainly = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert re.findall("≈ ?[0-9.]*", plainly) == [row[2][0], row[3][0]]


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_no_line_breaks_within_brackets(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of derivatives without room for its brackets is a record for each of them."""
    monkeypatch.setenv("COLUMNS", str(columns))
    formula = ("(1 - h_1²)·w_1·(1 - (-0.19737532)²)",)
    row = (("dL/dz1",), ("∂L/∂h1·∂h1/∂z1",), formula, formula, ("≈ 0.431680017",))
    table = Table(
        ("derivative", "chain rule", "worked out", "numbers", "result"), (row,), whole=True
    )
    shown = render(SheetBlocks("Sheet", (table,)), UNICODE, Terminal())
    plainly = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert plainly.count("(1 - (-0.19737532)²)") == 2
    assert ("\n  numbers " in plainly) == (columns == 60)


def test_a_class_on_80_columns_has_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    sheets = [Whose(f"returned/{name}.txt", f"{name} Keller", 3) for name in ("Anna", "Bela")]
    reports = (Report(each.file, head=Head(each.name, each.variant)) for each in sheets)
    shown = "".join(running(overview(reports, sheets), UNICODE, Terminal()))
    assert "Anna Keller" in shown


class Refusing:
    """Refuses every file."""

    marked = "sheets are marked"

    def read(self, file: str) -> str:
        raise BackcalcError(f"{file}: no text")

    def head(self, text: str, file: str) -> Head:
        raise NotImplementedError

    def report(self, text: str, head: Head, file: str) -> Report:
        raise NotImplementedError


def test_why_a_sheet_is_refused_is_said_below_the_table_that_somebody_watches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(check_many, "say", told.append)
    batch = check_many.Batch(Refusing(), ["a.pdf"])
    assert (len([*batch._reports(waits=False)]), told) == (1, [])
    batch._ended("")
    assert told == ["a.pdf: no text"]
