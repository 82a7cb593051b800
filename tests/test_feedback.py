"""The marked copy: each person's own document with the verdicts of `check` beside its lines."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result, mostly_swept, shared
from reading.styles import NETWORKS, STYLES, rows_of
from test_report import check_page, page_of

from backcalc.checking.checked import report_sheet
from backcalc.checking.heads import headed
from backcalc.checking.marked_copy import marked_copy
from backcalc.checking.report import Marking, check
from backcalc.checking.verdict import MISSING, VERDICTS
from backcalc.commands.handing_back import LONGEST, copy_names
from backcalc.errors import printable
from backcalc.formats import READABLE, text
from backcalc.formulas.notation import UNICODE, phrase_text
from backcalc.loading.loader import load, loads

HANDED_IN = sorted(
    path for path in ROOT.glob("tests/sheets/handed_in/*/sheet.*") if path.suffix != ".yaml"
)
COMMON = [path for path in HANDED_IN if path.suffix in (".md", ".txt", ".tex")]
RARE = [path for path in HANDED_IN if path not in COMMON]
"""Kinds of documents of which there are few."""
SIGNED = {f"{row.sign} {row.name}": row for row in VERDICTS.values()}
HOSTILE = """name = <script>alert('name')</script>
<script>alert(1)</script> ]]> <![CDATA[ &amp; </code></li></ol> `````text
$z_0 = 0.4$ "' onload=alert(1) style=x
\u05d0\u05d1\u05d2 z1 = 0.2 \u202e reversed \u200f \x1b[31m red \ufffe
| $h_0 = 0.4$ | <b>bold</b> | ![x](http://elsewhere.invalid/x.png) |
$$x$$ \\input{/etc/passwd} \\write18{ls}

$z_1 = 0.2$
\ttabs\tin a line and a very long word %s
""" % ("x" * 5000)

Lines = list[tuple[str, str, list[tuple[str, str]]]]
"""For each line its place, its text, and the verdicts beside it, each with its words."""


def text_of(element: ET.Element) -> str:
    return "".join(element.itertext())


def page_in(copy: Path) -> ET.Element:
    """A copy in HTML; what the sheet itself says of addresses stands in it as text."""
    html = copy.read_text("utf-8")
    check_page(re.sub("<code[^>]*>[^<]*", "<code>", html))
    return page_of(html)


def html_lines(page: ET.Element) -> Lines:
    """The lines of a copy in HTML."""
    (copy,) = page.findall(".//ol[@class='copy']")
    found: Lines = []
    cell = ""
    for line in copy:
        number, code, *below = line
        place = text_of(number)
        if place.startswith("cell"):
            cell, place = place, "1"
        place = f"{cell}, line {place}" if cell else place
        marks = [mark for each in below for mark in each]
        assert all(
            mark.get("class") == SIGNED[text_of(mark[0])].style for mark in marks
        )  # sign, word and colour go together
        said = [(SIGNED[text_of(mark[0])].name, text_of(mark)) for mark in marks]
        found.append((place, text_of(code), said))
    return found


def markdown_lines(copy: str) -> list[tuple[str, list[str]]]:
    """The lines of a copy in Markdown, each with the verdicts beside it."""
    _, _, copy = copy.partition("\n## Your sheet\n\n")
    fence = re.match("`{3,}", copy)[0]
    found: list[tuple[str, list[str]]] = []
    inside = False
    for line in copy.split("\n"):
        if line in (f"{fence}text", fence):
            assert inside == (line == fence)
            inside = not inside
        elif inside:
            found.append((line, []))
        elif match := re.match(r"> \*\*(\S \w+)\*\* ", line):
            found[-1][1].append(SIGNED[match[1]].name)
        elif line.startswith("## "):
            break
    assert not inside
    return found


def own_lines(sheet: Path) -> list[str]:
    """The lines of a document, of a notebook those of its cells and of what its code printed."""
    text = sheet.read_text("utf-8-sig")
    if sheet.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        sources = [
            "".join(source)
            for cell in cells
            for source in (
                cell["source"],
                *(out.get("text", "") for out in cell.get("outputs", ())),
                *(out.get("data", {}).get("text/plain", "") for out in cell.get("outputs", ())),
            )
            if source
        ]
        text = "\n\n".join(source.rstrip("\n") for source in sources)
    return [printable(line.expandtabs()).rstrip() for line in text.removesuffix("\n").split("\n")]


def verdicts(data: dict) -> Counter[tuple[str, str]]:
    """How often each verdict stands on each line, by the JSON of `check`."""
    (file,) = data["files"]
    rows = [*file["answers"], *file["unread"]]
    places = [row.get("within", str(row["line"])) for row in rows]
    words = [row.get("verdict", "unread").replace("rounded", "correct") for row in rows]
    return Counter(pair for pair in zip(places, words, strict=True) if pair[0] != "None")


@pytest.mark.parametrize(
    "sheet",
    mostly_swept([*shared(COMMON, "each verdict", 6), *RARE], 4),
    ids=lambda sheet: sheet.parent.name,
)
def test_each_verdict_stands_at_its_line(
    sheet: Path, run: Callable[..., Result], tmp_path: Path
) -> None:
    net, copies = str(sheet.parent / "net.yaml"), str(tmp_path / "copies")
    marked = run("check", net, str(sheet), "--feedback", copies, "--format", "json")
    assert (marked.exit_code in (0, 1), marked.stderr) == (True, "")
    lines = html_lines(page_in(tmp_path / "copies" / f"{sheet.name}.html"))
    if sheet.suffix != ".html":  # of a page the copy shows no markup
        assert [text for _, text, _ in lines if text] == [line for line in own_lines(sheet) if line]
    beside = Counter((number, word) for number, _, said in lines for word, _ in said)
    assert beside == verdicts(json.loads(marked.stdout))

    if sheet in COMMON and COMMON.index(sheet) % 3:
        return  # a Markdown copy is made of the same lines
    run("check", net, str(sheet), "--feedback", copies, "--format", "markdown")
    copy = (tmp_path / "copies" / f"{sheet.name}.md").read_text("utf-8")
    plain = [(text, [word for word, _ in said]) for _, text, said in lines]
    assert markdown_lines(copy) == plain


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
def test_a_page_for_every_style_of_writing(style: Callable, run, tmp_path: Path) -> None:
    network = NETWORKS[STYLES.index(style) % len(NETWORKS)]
    text, name = style(rows_of(load(network)))
    (tmp_path / name).write_text(text, "utf-8")
    run("check", network, str(tmp_path / name), "--feedback", str(tmp_path / "copies"))
    lines = html_lines(page_in(tmp_path / "copies" / f"{name}.html"))
    assert [line for _, line, _ in lines if line] == [x for x in own_lines(tmp_path / name) if x]


SHEET = """z0 = 0.4
h0 = 0.4
z1 = 0.25
yhat = 0.6 of something
"""


@pytest.mark.parametrize("name", ["a.txt", "a.yaml", "a.md", "a.tex", "a", "-"])
def test_every_kind_of_sheet_has_a_copy(name: str, run, tmp_path: Path) -> None:
    text = SHEET.replace(" = ", ": ") if name == "a.yaml" else SHEET
    if name in ("a.md", "a.tex"):
        text = re.sub("(?m)^(.. = [0-9.]+)", r"$\1$", SHEET)
    (tmp_path / name).write_text(text, "utf-8")
    run("check", "skip", name, "--feedback", "copies", stdin=text, cwd=tmp_path)
    (copy,) = (tmp_path / "copies").glob("[!.]*")
    assert copy.name == f"{'stdin' if name == '-' else name}.html"
    lines = html_lines(page_in(copy))
    assert [line for _, line, _ in lines] == text.splitlines()
    said = {number: [word for word, _ in marks] for number, _, marks in lines}
    assert (said["1"], said["2"]) == (["wrong"], ["follows"])


def test_what_the_copy_says(run, tmp_path: Path) -> None:
    sheet = tmp_path / "ada.md"
    sheet.write_text(
        "name = Ada\n\nLet $a_0$ denote the output of unit 0.\n\n"
        "$z_0 = 0.5$, $a_0 = 0.4$\n\n$z_1 = w_1 a_0 = 0.2$\n\n"
        "$\\frac{\\partial L}{\\partial w_2} = -h_1$\n\n$q = 7$\n\n$a_0 = 0.4$\n",
        "utf-8",
    )
    run("check", "skip", "ada.md", "--feedback", "copies", cwd=tmp_path)
    page = page_in(tmp_path / "copies" / "ada.md.html")
    (title,) = page.iter("h1")
    assert text_of(title) == "Ada: 2 of 4 points, 1 line not read"
    said = {number: [words for _, words in marks] for number, _, marks in html_lines(page)}
    assert {number: words for number, words in said.items() if words} == {
        "5": [
            "✓ correct z0=0.5",
            "✗ wrong h0=0.4Your own figures give 0.5. We could not tell what went wrong.",
        ],
        "7": ["✓ correct z1=0.2"],
        "9": [
            (
                "✗ wrong ∂L∂w2=−h1This is right only where y^<y, or where both are 0."
                " Right: ∂L∂z2·h1. (−1 point)"
            )
        ],
        "11": ["? unread this network has no quantity called q"],
        "13": ["✗ wrong h0=0.4As in line 5. (−1 point)"],
    }
    (row,) = page.findall(".//table/tbody/tr")
    assert [text_of(cell) for cell in row] == [
        "11",
        "q = 7",
        "this network has no quantity called q",
    ]
    items = [text_of(item) for item in page.findall(".//main/ul/li")]
    assert items == [
        "assignment: Skip connection; your file: ada.md",
        "You have 2 of 4 points. Your first mistake is in h0.",
        "2 points lost, wrong (∂L∂w2, h0)",
        "1 figure is rounded to 1 decimal, which is fine",
        "we took a_0 as h0",
        "? unread: we could not read it, so it is not marked",
    ]
    links = {link.get("href") for link in page.findall(".//main/ul//a")}
    assert links == {"#h0", "#dL-dw2"}  # to the place of the mistake


@pytest.mark.parametrize("form", READABLE)
def test_a_copy_can_be_written_in_every_format(form: str) -> None:
    report = check(Marking(load("skip")), "z0 = 0.4\n\nh0 = 0.4\n", "ada.txt")
    row = READABLE[form]
    notation = UNICODE if form == "text" else row.load("NOTATION")
    written = row.write(marked_copy(report), notation)
    for verdict in ("wrong", "follows"):
        assert verdict in written


def test_the_copy_uses_the_sheets_own_words(run, tmp_path: Path) -> None:
    net = (ROOT / "networks" / "skip.yaml").read_text("utf-8") + "\nnames: {h0: out, z0: net}\n"
    (tmp_path / "net.yaml").write_text(net, "utf-8")
    (tmp_path / "a.txt").write_text("net = 0.4\nout = 0.4\n", "utf-8")
    run("check", "net.yaml", "a.txt", "--feedback", "copies", cwd=tmp_path)
    page = page_in(tmp_path / "copies" / "a.txt.html")
    said = [words for _, _, marks in html_lines(page) for _, words in marks]
    assert said[1] == "→ follows out=0.4Right from your own net."
    assert {link.get("title") for link in page.findall(".//a[math]")} == {"net"}


def test_what_is_missing_is_listed(run, tmp_path: Path) -> None:
    net = (ROOT / "networks" / "skip.yaml").read_text("utf-8") + "\nask: [forward]\n"
    (tmp_path / "net.yaml").write_text(net, "utf-8")
    (tmp_path / "a.txt").write_text("z0 = 0.5\nh0 = 0.5\n", "utf-8")
    run("check", "net.yaml", "a.txt", "--feedback", "copies", cwd=tmp_path)
    text = text_of(page_in(tmp_path / "copies" / "a.txt.html"))
    assert "a.txt: 2 of 7 points" in text
    assert "(−1 point)" in text
    assert VERDICTS[MISSING].meaning in text


def test_a_hostile_sheet_is_shown_and_does_nothing(run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(HOSTILE, "utf-8")
    for form in ("text", "markdown"):
        run("check", "skip", "a.md", "--feedback", "copies", "--format", form, cwd=tmp_path)
    page = tmp_path / "copies" / "a.md.html"
    lines = [line for _, line, _ in html_lines(page_in(page))]
    copy = (tmp_path / "copies" / "a.md.md").read_text("utf-8")
    assert lines == [line for line, _ in markdown_lines(copy)]
    assert lines[1] == HOSTILE.split("\n")[1]
    assert lines[3] == "\u05d0\u05d1\u05d2 z1 = 0.2 \\u202e reversed \\u200f \\x1b[31m red \\ufffe"
    assert lines[6] == ""
    assert lines[8].startswith("        tabs    in a line")
    assert "``````text\n" in copy  # a fence that no line of the sheet can end
    assert "<script>" not in page.read_text("utf-8")


def test_a_sheet_of_which_nothing_was_read_has_a_copy_that_says_so(run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Dear tutor,\n$q_7 = 3$\n", "utf-8")
    result = run("check", "skip", "a.md", "--feedback", "copies", cwd=tmp_path)
    assert result.exit_code == 2
    page = page_in(tmp_path / "copies" / "a.md.html")
    assert "Nothing here could be marked: this network has no quantity called q_7." in text_of(page)
    assert "Nothing here could be marked: " in text_of(page)
    said = [(text, [words for _, words in marks]) for _, text, marks in html_lines(page)]
    assert said == [
        ("Dear tutor,", []),
        ("$q_7 = 3$", ["? unread this network has no quantity called q_7"]),
    ]


def test_a_page_of_one_sheet_is_its_marked_copy(run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Dear tutor,\n$z_0 = 0.5$\n", "utf-8")
    run("check", "skip", "a.md", "-o", "a.html", cwd=tmp_path)
    lines = [text for _, text, _ in html_lines(page_in(tmp_path / "a.html"))]
    assert lines == ["Dear tutor,", "$z_0 = 0.5$"]


def test_a_file_that_is_not_there_has_no_copy(run, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("z0 = 0.5\n", "utf-8")
    (tmp_path / "large.ipynb").write_text('{"cells": ["' + "x" * 10_000_000 + '"]}', "utf-8")
    (tmp_path / "empty.md").write_text("", "utf-8")
    sheets = ("good.txt", "large.ipynb", "empty.md", "gone.tex")
    result = run("check", "skip", *sheets, "--feedback", "copies", cwd=tmp_path)
    assert result.exit_code == 2
    assert "the file is larger than 1 MB" in result.stderr
    there = {each.name for each in (tmp_path / "copies").glob("[!.]*")}
    copies = {"good.txt.html", "large.ipynb.html", "empty.md.html"}
    assert there == {"class.html", "gradebook.csv", *copies}
    assert "gone.tex.html" not in (tmp_path / "copies" / "class.html").read_text("utf-8")


def test_a_formula_keeps_its_direction_among_words_from_right_to_left(run, tmp_path) -> None:
    text = "z0 = 0.5\n- השיפוע ∂L/∂w₁ = 0.25\nplain שלום ∂L/∂w₂ = 0.25\n"
    (tmp_path / "a.md").write_text(text, "utf-8")
    run("check", "skip", "a.md", "--feedback", "copies", cwd=tmp_path)
    page = (tmp_path / "copies" / "a.md.html").read_text("utf-8")
    assert ' השיפוע <bdi dir="ltr">∂L/∂w₁ = 0.25</bdi></code>' in page
    assert '<code dir="auto">plain שלום ∂L/∂w₂ = 0.25</code>' in page


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"%PDF-1.7\n\xe2", "a PDF"), (b"\x89PNG\r\n", "a picture"), (b"PK\x03\x04", "a packed file")],
)
def test_a_file_that_is_no_text_is_called_what_it_is(run, tmp_path, start, what) -> None:
    (tmp_path / "sheet").write_bytes(start)
    result = run("check", "skip", "sheet", cwd=tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"sheet:1:1: this is {what}")
    assert "hint: save it as text: Markdown, LaTeX, a notebook" in result.stderr


# Folders.


def test_a_class_gets_a_copy_each(run, tmp_path: Path) -> None:
    for name in ("ada", "ben", "cleo"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "sheet.md").write_text("$z_0 = 0.5$\n", "utf-8")
    sheets = [f"in/{name}" for name in ("ada", "ben", "cleo")]
    result = run("check", "skip", *sheets, "--feedback", "out/copies", cwd=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    there = {each.name for each in (tmp_path / "out" / "copies").glob("[!.]*")}
    copies = {"ada-sheet.md.html", "ben-sheet.md.html", "cleo-sheet.md.html"}
    assert there == {*copies, "class.html", "gradebook.csv"}
    again = run("check", "skip", *sheets, "--feedback", "out/copies", cwd=tmp_path)
    assert (again.exit_code, again.stdout, again.stderr) == (0, result.stdout, "")


def a_class(run, tmp_path: Path, *more: str) -> Result:
    return run("check", "skip", "in", *more, "--feedback", "back", cwd=tmp_path)


@pytest.fixture
def marked_class(run, tmp_path: Path) -> Path:
    """Two sheets in a folder, marked; the folder of the copies."""
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text("z0 = 0.5\n", "utf-8")
    a_class(run, tmp_path)
    return tmp_path / "back"


def test_a_late_sheet_joins_the_class(run, tmp_path: Path, marked_class: Path) -> None:
    (tmp_path / "late").mkdir()
    late = tmp_path / "late" / "c.txt"
    late.write_text("z0 = 0.4\n", "utf-8")
    alone = run("check", "skip", "late/c.txt", "--feedback", "back", cwd=tmp_path)
    assert alone.stderr == (
        "back holds 2 more sheets, so gradebook and class report are not renewed; for all"
        " together: backcalc check skip in late/c.txt --feedback back\n"
    )
    assert "c.txt" not in (marked_class / "gradebook.csv").read_text("utf-8")
    one = run("check", "skip", "in/a.txt", "--feedback", "back", cwd=tmp_path)
    assert one.stderr.endswith("backcalc check skip in late/c.txt --feedback back\n")
    together = a_class(run, tmp_path, "late/c.txt")
    assert (together.exit_code, together.stderr) == (1, "")
    assert "late/c.txt,0,1" in (marked_class / "gradebook.csv").read_text("utf-8")
    late.rename(tmp_path / "in" / "c.txt")
    assert a_class(run, tmp_path).stderr == ""
    some = run("check", "skip", "in/a.txt", "in/b.txt", "--feedback", "back", cwd=tmp_path)
    assert some.stderr.endswith("for all together: backcalc check skip in --feedback back\n")


def test_two_sheets_of_one_name_keep_two_copies(run, tmp_path: Path, marked_class: Path) -> None:
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "a.txt").write_text("z0 = 0.4\n", "utf-8")
    run("check", "skip", "late/a.txt", "--feedback", "back", cwd=tmp_path)
    copies = {each.name for each in marked_class.glob("*.txt.html")}
    assert copies == {"a.txt.html", "2-a.txt.html", "b.txt.html"}
    together = a_class(run, tmp_path, "late")
    assert (
        together.stderr == "back: 2 old marked copies of sheets that are gone or renamed removed\n"
    )
    copies = {each.name for each in marked_class.glob("*.txt.html")}
    assert copies == {"in-a.txt.html", "late-a.txt.html", "b.txt.html"}


def test_copies_of_renamed_sheets_do_not_stay(run, tmp_path: Path, marked_class: Path) -> None:
    (tmp_path / "in" / "b.txt").rename(tmp_path / "in" / "ben.txt")
    (marked_class / "mine.html").write_text("mine", "utf-8")
    assert a_class(run, tmp_path).stderr == (
        "back: 1 old marked copy of sheets that are gone or renamed removed\n"
    )
    names = {each.name for each in marked_class.glob("[!.]*")}
    assert names == {"a.txt.html", "ben.txt.html", "class.html", "gradebook.csv", "mine.html"}


@pytest.mark.parametrize("alone", [False, True])
def test_no_old_copy_stands_for_a_sheet_that_is_refused(
    alone: bool, run, tmp_path: Path, marked_class: Path
) -> None:
    (tmp_path / "in" / "b.txt").write_bytes(b"z0 = 0.5\n\xff\x00")
    if alone:
        run("check", "skip", "in/b.txt", "--feedback", "back", cwd=tmp_path)
    else:
        a_class(run, tmp_path)
        assert "b.txt.html" in (marked_class / "class.html").read_text("utf-8")
    copy = text_of(page_in(marked_class / "b.txt.html"))
    assert "b.txt: not marked" in copy
    assert "Your sheet" not in copy  # nobody knows what stands there
    assert (marked_class / "a.txt.html").exists()


def test_an_edited_gradebook_is_never_lost(run, tmp_path: Path, marked_class: Path) -> None:
    book = marked_class / "gradebook.csv"
    for number, name in enumerate(("gradebook.edited.csv", "gradebook.edited1.csv")):
        edited = book.read_text("utf-8") + f"by hand {number}\n"
        book.write_text(edited, "utf-8")
        refused = a_class(run, tmp_path)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.startswith("back/gradebook.csv was edited since backcalc wrote it\n")
        assert "--overrule" in refused.stderr
        assert book.read_text("utf-8") == edited
        forced = a_class(run, tmp_path, "--force")
        assert f"was edited since backcalc wrote it: it is kept as back/{name}\n" in forced.stderr
        assert (marked_class / name).read_text("utf-8") == edited
        assert "by hand" not in book.read_text("utf-8")
    (marked_class / ".backcalc.json").write_text('{"schema": "backcalc/feedback/1", "files": 3}')
    book.write_text("of an older edition", "utf-8")
    assert "back/a.txt.html exists already" in a_class(run, tmp_path).stderr
    assert "gradebook.csv was there already: it is kept as" in (
        a_class(run, tmp_path, "--force").stderr
    )


def test_copies_are_no_sheets(run, tmp_path: Path, marked_class: Path) -> None:
    (tmp_path / "net.yaml").write_text((ROOT / "networks" / "skip.yaml").read_text("utf-8"))
    marked_class.rename(tmp_path / "in" / "back")
    assert run("check", "skip", "in", cwd=tmp_path).stdout.startswith("2 sheets\n")
    for sheets in (("in/a.txt", "in/b.txt"), ("in/a.txt",)):
        within = run("check", "skip", *sheets, "--feedback", "in", cwd=tmp_path)
        assert within.stderr.startswith("the folder in holds the sheets\nhint: name another folder")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("a.txt", "marks.csv written\nback: 1 marked copy written\n"),
        (
            "a.txt b.txt",
            "marks.csv written\nback: 2 marked copies, gradebook.csv and class.html written\n",
        ),
    ],
)  # fmt: skip
def test_what_was_written_is_said_where_nothing_else_is(
    run, tmp_path: Path, files: str, said: str
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("z0 = 0.5\n", "utf-8")
    command = ("check", "skip", *files.split(), "--feedback", "back")
    assert run(*command, "-o", "marks.csv", cwd=tmp_path).stderr == said
    shown = run(*command, cwd=tmp_path)
    assert shown.stderr == ""
    if "class" in said:
        assert shown.stdout.endswith(f"\n\n{said.partition(chr(10))[2]}")
    assert "written" not in run(*command, "--format", "csv", cwd=tmp_path).stdout


def test_a_copy_says_what_a_verdict_costs(run, tmp_path: Path) -> None:
    net = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    asked = "ask: [z0, h0, z1]\nnames: {z0: net}\n"
    (tmp_path / "net.yaml").write_text(net + asked, "utf-8")
    (tmp_path / "a.txt").write_text("net = 0.4\nh0 = 0.4\n", "utf-8")
    (tmp_path / "b.txt").write_text("Dear tutor,\nI was ill.\n", "utf-8")
    (tmp_path / "c.txt").write_text("Name: Cleo Lee\n", "utf-8")
    command = ("check", "net.yaml", "a.txt", "b.txt", "c.txt", "--format", "markdown")
    run(*command, "--carry", "half", "--feedback", "back", cwd=tmp_path)
    copy, letter = ((tmp_path / "back" / f"{n}.txt.md").read_text("utf-8") for n in "ab")
    assert "0.5 points lost, follows: lines that follow earn half here ($h_{0}$)" in copy
    assert "missing: asked for, but not found on your sheet" in copy
    assert "there is no answer on this sheet" in letter
    assert "unread" not in letter
    empty = (tmp_path / "back" / "c.txt.md").read_text("utf-8")
    assert empty.startswith("# Cleo Lee: not marked")
    assert "Write lines such as net = 0.5." in empty


def test_no_sheet_is_overwritten(run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("z0 = 0.5\n", "utf-8")
    (tmp_path / "in" / "a.txt.html").write_text("z0 = 0.5\n", "utf-8")
    same = run("check", "skip", "in", "--feedback", "./in/", "--force", cwd=tmp_path)
    assert same.stderr.startswith("the folder ./in/ holds the sheets\nhint: name another folder")
    within = run("check", "skip", "in", "--feedback", "in/copies", cwd=tmp_path)
    assert within.stderr.startswith("the folder in/copies holds the sheets\nhint: name another")
    sheets = ("in/a.txt", "in/a.txt.html")
    taken = run("check", "skip", *sheets, "--feedback", "in", "--force", cwd=tmp_path)
    assert taken.stderr.startswith("the folder in holds the sheets\nhint: name another folder")
    assert (same.exit_code, taken.exit_code) == (2, 2)
    assert (tmp_path / "in" / "a.txt.html").read_text("utf-8") == "z0 = 0.5\n"
    assert len([*(tmp_path / "in").glob("[!.]*")]) == 2


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_marked(run, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("z0 = 0.5\n", "utf-8")
    (tmp_path / "b").write_text("", "utf-8")
    result = run("check", "skip", "a.txt", "--feedback", "b", cwd=tmp_path)
    message = "cannot make the folder b: File exists\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)


def test_where_nothing_is_marked_nothing_is_written(run, tmp_path: Path) -> None:
    result = run("check", "skip", "returned", "--feedback", "marked", cwd=tmp_path)
    assert result.exit_code == 2
    assert not [*tmp_path.iterdir()]


def test_names_do_not_collide() -> None:
    files = [
        "a/x.md", "b/x.md", "c/b-x.md", "A/X.md", "a/b/x.md", "y.md", "./y.md", "-", "stdin",
        "n" * 150 + "é" * 100 + ".tex", "caf\u00e9.md", "d/cafe\u0301.md",
    ]  # fmt: skip
    names = copy_names(files)
    assert [*names] == files
    assert len({name.casefold() for name in names.values()}) == len(files)
    assert max(len(name.encode()) for name in names.values()) <= LONGEST
    assert not any("/" in name for name in names.values())
    assert copy_names(["in/a.md"])["in/a.md"] == "a.md"


ASKED = (
    (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    + """
ask: [z0, {dL/dw0: 3}]
"""
)


def test_a_mistake_that_nobody_asks_costs_what_leaving_it_out_costs() -> None:
    net = loads(ASKED)
    written = check(Marking(net), "z0 = 0.5\ndL/dh0 = 0.25\ndL/dz0 = 0.25\ndL/dw0 = 0.25\n", "a")
    without = check(Marking(net), "z0 = 0.5\ndL/dw0 = 0.25\n", "a")
    assert [(each.score, each.points) for each in (written, without)] == [(1, 4)] * 2
    assert written.answers[-1].bears == "dL/dh0"
    said = text.render(report_sheet(written), UNICODE)
    assert "3 points lost for the mistake in ∂L/∂h0, a line that is not asked (∂L/∂w0)" in said
    right = check(Marking(net), "z0 = 0.5\ndL/dw0 = 0.75\n", "a")
    assert (right.score, right.points) == (4, 4)


@pytest.mark.parametrize(
    ("line", "found"),
    [("grad w0 = ??? 0.75", True), ("\\frac{\\partial L}{\\partial w_0} = ??? 0.75", True),
     ("w0 = ??? 0.75", False), ("grad w01 = ??? 0.75", False)],
)  # fmt: skip
def test_a_line_that_was_not_read_is_named_where_it_is_missing(line: str, found: bool) -> None:
    report = check(Marking(loads(ASKED)), f"z0 = 0.5\n{line}\n", "a")
    (missing,) = (each for each in report.answers if each.name == "dL/dw0")
    said = "Not read, line 2: a person marks it." if found else "There is no answer."
    if line.startswith("grad w01"):  # it names nothing known, so it may be of any line
        said = "Not found: 1 line of this sheet could not be read, see below."
    verdict = "unread" if found else "missing"
    assert (missing.verdict, phrase_text(missing.comment, UNICODE)) == (verdict, said)
    assert report.unread
    shown = text.render(report_sheet(report), UNICODE)
    assert ("in lines that were not read (∂L/∂w0)" in shown) == found


def test_all_lines_that_were_not_read_are_counted_where_a_quantity_is_missing() -> None:
    net = loads(ASKED.replace("ask: [z0,", "ask: [z0, parameters,"))
    report = check(Marking(net), "z0 = 0.5\nw0 = ??? 0.75\ngrad w01 = ??? 0.75\n", "a")
    said = [phrase_text(e.comment, UNICODE) for e in report.answers if e.verdict == "missing"]
    assert len(report.unread) == 2
    assert said == ["Not found: 2 lines of this sheet could not be read, see below.",
                    "There is no answer."]  # fmt: skip


def test_figures_of_the_summary_add_up() -> None:
    report = check(Marking(loads(ASKED)), "z0 = 0.5\nh0 = 0.5\ndL/dw0 = 0.75\n", "a")
    said = text.render(report_sheet(report), UNICODE)
    assert "no mistake in 3 answers" in said
    unearning = "1 answer earns no points (h0): given, written twice, or not asked"
    assert unearning not in said  # all points are earned
    report = check(Marking(loads(ASKED)), "h0 = 0.5\ndL/dw0 = 0.75\n", "a")
    assert unearning in text.render(report_sheet(report), UNICODE)


def test_of_two_answers_to_one_line_the_last_counts() -> None:
    ask = loads(ASKED.partition("ask:")[0] + "ask: [z0, h0, z1]\n")
    rule = "Your sheet answers this again below, and the last answer counts."
    for sheet, first, status in (
        ("z0 = 0.7\nz1 = 0.25\nz0 = 0.5\nh0 = 0.5\n", None, 0),
        ("z0 = 0.5\nh0 = 0.5\nz1 = 0.25\nz0 = 0.7\n", "z0", 1),
        ("z0 = 0.7\nh0 = 0.7\nz1 = 0.35\nz0 = 0.5\n", "z0", 1),  # h0 rests on what stood first
    ):
        report = check(Marking(ask), sheet, "a")
        said = text.render(report_sheet(report), UNICODE)
        assert (report.first and report.first.name, report.status) == (first, status)
        assert (said.count(rule), "no mistake in 3 answers" in said) == (1, first is None)
        assert ("where the last answer counts: z0" in said) == (first is None)
        assert (report.mistake == "no mistake") == (first is None)


@pytest.mark.parametrize(
    ("sheet", "file", "title"),
    [
        ("Jelena P., exercise 7\n", "a.txt", "Jelena P."),
        ("Hoja 7                    Teresa Muñoz\n\na) Hacia adelante\n", "a.txt", "Teresa Muñoz"),
        ("KOFI  sheet 7\n", "a.txt", "Kofi"),
        ("Oskar K.\nExercise 7\n", "a.txt", "Oskar K."),
        ("## Sheet 7, Mehmet\n", "a.md", "Mehmet"),
        ("\\documentclass{article}\n\\section*{Exercise 7 (Ivan)}\n", "a.tex", "Ivan"),
        ("Solution by Ada Byron, group 3\n", "a.txt", "Ada Byron"),
        ("Lösung zu Blatt 7 von Gustav Klee\n", "a.txt", "Gustav Klee"),
        ("Dear TA,\n", "18_rosa.txt", "Rosa"),
        ("# Exercise 7.2 -- Ben B.\n", "a.md", "Ben B."),
        (
            "**Felix F. – Blatt 7, A2** (auf drei Ziffern gerundet, mit dem Rechner)\n",
            "a.md",
            "Felix F.",
        ),
        ("# Esercizio 2 – Giulia G.\n", "a.md", "Giulia G."),
        ("\\section*{Exercice 2 -- Hugo H.}\n", "a.tex", "Hugo H."),
        ("LENA L.  ·  Exercise sheet 7  ·  Ex. 2\n", "a.txt", "Lena L."),
        ("# Quirin Q.\n", "a.md", "Quirin Q."),
        ("Rosa R.\n", "a.txt", "Rosa R."),
        ("Ulla  U.     Ex.2\n", "a.txt", "Ulla U."),
        ("Step A.\n", "a.txt", "a.txt"),
        ("Teil B.\n", "a.txt", "a.txt"),
        ("# Rückwärts B.\n", "a.md", "a.md"),
        ("15 oops\n", "15_oops.txt", "15_oops.txt"),
        ("Exercise 7\n", "07_sheet.txt", "07_sheet.txt"),
        ("Softmax, sheet 7\n", "a.txt", "a.txt"),
        ("Forward Pass\nExercise 7\n", "a.txt", "a.txt"),
        ("Sheet 7, everything in decimals\n", "a.txt", "a.txt"),
    ],
)
def test_a_copy_is_for_the_person_who_is_named(
    run, tmp_path: Path, sheet: str, file: str, title: str
) -> None:
    form = "$z_0 = 0.5$\n" if file.endswith((".md", ".tex")) else "z0 = 0.5\n"
    (tmp_path / file).write_text(sheet + "\n" + form, "utf-8")
    run("check", "skip", file, "--feedback", "copies", "--format", "markdown", cwd=tmp_path)
    copy = (tmp_path / "copies" / f"{file}.md").read_text("utf-8")
    assert copy.partition("\n")[0].replace("\\", "") == f"# {title}: 1 of 1 points"
    assert "Well done: everything is right." in copy


def test_a_letter_is_of_whom_it_is_signed() -> None:
    for end in ("Viele Grüße\nGustav\n", "Best,\nGustav\n\n> On Friday TA wrote:\n> Hi\n"):
        assert headed(f"Hello,\nz0 = 0.5\n\n{end}", "a.txt", lambda _: False)[0].name == "Gustav"
    assert headed("z0 = 0.5\nthanks\nz1 = 2\n", "a.txt", lambda _: False)[0].name == ""


def test_the_learning_rate_has_the_persons_word(run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "With $\\eta = 1$.\n\n$dL/dw_0 = 0.75$, $dL/dw_1 = 0.25$, $dL/dw_2 = 0.25$, $dL/dw_s = 0.5$"
        "\n\n$w_0' = 0.425$, $w_1' = 0.475$, $w_2' = 0.475$, $w_s' = 0.45$\n"
    )
    run("check", "skip", "a.md", "--feedback", "copies", "--format", "markdown", cwd=tmp_path)
    copy = (tmp_path / "copies" / "a.md.md").read_text("utf-8")
    assert "$\\eta$ read as" in copy
    assert "lr" not in copy.partition("## Your sheet")[0]


def test_of_a_web_page_the_copy_shows_what_a_browser_shows() -> None:
    page = "<html><head><style>p {}</style></head><body>\n<p>z<sub>0</sub> = 0.5 &amp; h<sub>0"
    page += "</sub> = 0.5</p>\n<table>\n<tr><td>L</td><td>3.375</td></tr></table></body></html>\n"
    report = check(Marking(load("skip")), page, "a.html")
    shown = text.render(marked_copy(report), UNICODE)
    assert "z_0 = 0.5 & h_0 = 0.5" in shown
    assert "| L | 3.375 |" in shown
    assert "<" not in shown
