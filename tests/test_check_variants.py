"""check with a folder of variants: each sheet against its own, a class table over all of them."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result

from backcalc.checking.heads import BLANKS, headed, variant_in
from backcalc.checking.report import Marking, check
from backcalc.commands import main
from backcalc.errors import BackcalcError
from backcalc.loading.loader import load, loads
from backcalc.worksheets.asked import exercise
from backcalc.worksheets.paper import skeleton

Run = Callable[..., Result]
Fill = Callable[..., str]
COUNT = 5


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of five variants of the skip connection."""
    folder = tmp_path_factory.mktemp("class") / "sheets"
    command = ["variant", "skip", "--seed", "7", "--count", str(COUNT), "--csv"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["backcalc", *command, "-o", str(folder)])
        with pytest.raises(SystemExit, match="0"):
            main()
    return folder


@pytest.fixture
def fill(sheets: Path, tmp_path: Path) -> Fill:
    """Writes a skeleton with the right answers of answers.csv, some of them changed."""
    rows = [*csv.DictReader((sheets / "answers.csv").read_text("utf-8").splitlines())]

    def write(number: int, file: str, name: str = "", **changes: str) -> str:
        own = f"variant-{number:02}"
        right = {row["quantity"]: row["exact"] for row in rows if row["variant"] == own}
        right |= {"name": name} | changes
        lines = (sheets / own / "answers.txt").read_text("utf-8").splitlines()
        path = tmp_path / file
        path.write_text(
            "\n".join(
                f"{line} {right[line.removesuffix(' =')]}" if line.endswith(" =") else line
                for line in lines
            ),
            "utf-8",
        )
        return str(path)

    return write


def without(path: str, *starts: str) -> str:
    """The file with lines left out."""
    file = Path(path)
    kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(starts)]
    file.write_text("\n".join(kept), "utf-8")
    return path


# A folder.


def test_a_folder_is_read_with_the_folders_in_it(run: Run, tmp_path: Path) -> None:
    for name in ("ada", "ben/again", ".trash"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "sheet.md").write_text("$z_0 = 0.5$, $q = 3$\n", "utf-8")
    (tmp_path / "in" / "cleo.txt").write_text("z0 = 1\n", "utf-8")
    result = run("check", "skip", "in", "--format", "csv", cwd=tmp_path)
    rows = [*csv.DictReader(result.stdout.splitlines())]
    files = ["in/cleo.txt", "in/ada/sheet.md", "in/ben/again/sheet.md"]
    assert [row["file"] for row in rows] == files
    assert [row["not_read"] for row in rows] == ["0", "1", "1"]  # what was not read is told
    assert re.search(r"1 correct +1 not read\n", run("check", "skip", "in", cwd=tmp_path).stdout)


@pytest.mark.sweep
def test_answers_filled_in_where_they_were_handed_out(run: Run, sheets: Path) -> None:
    own = next(sheets.glob("variant-*2"))
    result = run("check", str(sheets), str(own), "--format", "csv")
    rows = [*csv.DictReader(result.stdout.splitlines())]
    assert [Path(row["file"]).name for row in rows] == ["answers.txt"]


@pytest.mark.sweep
def test_each_sheet_is_marked_against_the_variant_that_it_names(
    run: Run, sheets: Path, fill: Fill
) -> None:
    files = [fill(n, f"scan-{9 - n}.txt", f"Person {n}") for n in range(1, COUNT + 1)]
    result = run("check", str(sheets), *files, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    data = json.loads(result.stdout)
    assert [(f["variant"], f["name"], f["score"], f["percent"]) for f in data["files"]] == [
        (n, f"Person {n}", 28, 100) for n in range(1, COUNT + 1)
    ]
    assert {(row["name"], row["answers"], row["correct"]) for row in data["totals"]} == {
        (step.name, COUNT, COUNT) for step in exercise(load("skip")).steps
    }


@pytest.mark.parametrize(
    ("top", "name"),
    [
        ("name = Cleo Ada, variant = 2", "Cleo Ada"),
        ("variant = 2, name = Cleo Ada", "Cleo Ada"),
        ("variant = 2; name = Cleo Ada", "Cleo Ada"),
        ("variant = 2 name = Cleo Ada", "Cleo Ada"),
        ("**Variant:** 2, **Name:** Cleo Ada", "Cleo Ada"),
        ("variant = 2, name = ______", ""),
        ("# Exercise 2, variant 2 (Cleo)", None),
        ("variant = 2\nCleo Ada, 30.11.", "Cleo Ada"),
        ("# Variant 2 -- Cleo Ada", "Cleo Ada"),
        ("variant 2 / Cleo", "Cleo"),
        ("Variant 2 - Cleo", "Cleo"),
    ],
)
def test_name_and_variant_on_one_line(top: str, name: str | None) -> None:
    head, rest = headed(f"{top}\n\nz0 = 3\n", "sheet.md", lambda _: False)
    assert head.variant == 2
    assert name is None or (head.name, rest.strip()[-6:]) == (name, "z0 = 3")


def test_the_class_table(run: Run, sheets: Path, fill: Fill, tmp_path: Path) -> None:
    fill(4, "ada.txt", "Ada Byron")
    fill(2, "ben.txt", "Ben Osei", L="0", z0="")
    without(fill(3, "dan.txt", "Dan"), "variant", "#")
    result = run("check", str(sheets), "ada.txt", "ben.txt", "dan.txt", cwd=tmp_path)
    assert result.exit_code == 2
    assert result.stderr == (
        "dan.txt:1:1: the sheet does not say which variant it is\n"
        "hint: write a line such as variant = 1 at its top, or name the file variant-1\n"
    )
    table, _ = result.stdout.split("\n\n", 1)
    rows = [[cell.strip() for cell in re.split("  +", line)] for line in table.splitlines()]
    assert rows[0] == ["3 sheets"]
    assert rows[1] == ["file", "name", "variant", "score", "%", "not read", "verdicts",
                       "first mistake"]  # fmt: skip
    counts = "26 correct, 1 wrong, 1 missing"
    assert rows[4][:-1] == ["ben.txt", "Ben Osei", "2", "26 of 28", "92.9", "0", counts]
    assert rows[4][-1].startswith("L: ")
    unnamed = "not marked: the sheet does not say which variant it is"
    assert [rows[3], rows[5]] == [
        ["ada.txt", "Ada Byron", "4", "28 of 28", "100", "0", "28 correct"],
        ["dan.txt", "Dan", "-", "-", "-", "-", "-", unnamed],
    ]
    columns = [line.index(word) for line, word in zip(
        table.splitlines()[4:], ("L: ", unnamed), strict=True)]  # fmt: skip
    assert len({*columns, table.splitlines()[1].index("first mistake")}) == 1


def test_a_row_with_many_verdicts_stands_in_its_columns(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    own = {"z0": ".6", "h0": ".6", "z1": ".42", "h1": ".43", "z2": ".3", "yhat": ".3", "L": ""}
    fill(4, "zoe.txt", "Zoe", **own, **{"w0'": "0.5", "w1'": "0.71"})
    fill(1, "ada.txt")
    result = run("check", str(sheets), "zoe.txt", "ada.txt", cwd=tmp_path)
    heads, _, zoe, more, ada, *_ = result.stdout.splitlines()[1:]
    column, last = heads.index("verdicts"), heads.index("first mistake")
    assert zoe[column:last].rstrip() == "19 correct, 4 follow, 4 wrong,"
    assert more.strip() == more[column:] == "1 missing"
    assert zoe[last:].startswith("z0")
    assert ada[column:].strip() == "28 correct"


def test_csv_has_its_columns_and_behind_them_the_person(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    files = [fill(4, "a.txt", "=HYPERLINK()", L="0"), fill(1, "b.txt")]
    result = run("check", str(sheets), *files, "--format", "csv")
    first, *_ = result.stdout.splitlines()
    assert first == (
        "file,score,points,first_mistake,slips,correct,rounded,known,follows,close,again,wrong,"
        "undecided,unread,missing,error,name,variant,percent,at_stake,by_hand,not_read"
    )
    rows = [*csv.DictReader(io.StringIO(result.stdout))]
    assert [(row["name"], row["variant"], row["percent"]) for row in rows] == [
        ("'=HYPERLINK()", "4", "96.4"),
        ("", "1", "100"),
    ]


def test_the_title_names_the_variant_where_the_line_is_gone(
    run: Run, sheets: Path, fill: Fill
) -> None:
    path = without(fill(3, "x.txt"), "variant", "name")
    result = run("check", str(sheets), path)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path}: variant 3\n")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("variant = 3", 3),
        ("variant = 03", 3),
        ("Variant: 3", 3),
        ("variant = variant-03", 3),
        ("Variant 3", 3),
        ("**Variant 3**", 3),
        ("Exercise 4, variant 3", 3),
        ("variant #3 – Ada", 3),
        (r"\section*{Variant 3}", 3),
        ("Exercise 4 (variant 3)", 3),
        ("Gus Ito -- Variant: 3", 3),
        ("Sheet 4    Fay Marsh    variant 3", 3),
        ("Sheet 7, Ex. 2   Variant 3   Nora N.", 3),
        ("# Homework 7 variant 3", 3),
        ("Variant no. 3", 3),
        ("Gus Ito - variant 3", 3),
        ("Gus Ito / Variant 3", 3),
        ("Variant 3: Gus Ito", 3),
        ("My variant is 3", 3),
    ],
)
def test_ways_to_name_a_variant(run: Run, sheets: Path, fill: Fill, said: str, number: int) -> None:
    path = Path(without(fill(number, "x.txt"), "#"))
    path.write_text(path.read_text("utf-8").replace(f"variant = {number}", said), "utf-8")
    assert run("check", str(sheets), str(path)).exit_code == 0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "variant = 44",
            (
                "{file}:1:11: there is no variant 44 in {sheets}\n1 | variant = 44\n"
                "  |           ^^\nhint: it holds variants 1 to 5\n"
            ),
        ),
        (
            "variant = mine",
            (
                "{file}:1:11: 'mine' is not the number of a variant\n1 | variant = mine\n"
                "  |           ^^^^\nhint: write a line such as variant = 7\n"
            ),
        ),
        (
            "variant = -1",
            (
                "{file}:1:11: '-1' is not the number of a variant\n1 | variant = -1\n"
                "  |           ^^\nhint: write a line such as variant = 7\n"
            ),
        ),
        (
            "# Skip connection, variant 2: answers\nvariant = 3",
            (
                "{file}:2:11: the sheet is of variant 3 here and of variant 2 in its title\n"
                "2 | variant = 3\n  |           ^\nhint: keep the line that is right\n"
            ),
        ),
        (
            "variant =",
            (
                "{file}:1:1: the sheet does not say which variant it is\n"
                "hint: write a line such as variant = 1 at its top, or name the file variant-1\n"
            ),
        ),
        (
            "name = a\nname = b",
            (
                "{file}:2:1: 'name' stands here a second time\n2 | name = b\n  | ^^^^\n"
                "hint: once will do\n"
            ),
        ),
    ],
)
def test_a_sheet_that_names_none_is_not_marked(
    run: Run, sheets: Path, tmp_path: Path, said: str, message: str
) -> None:
    file = tmp_path / "x.txt"
    file.write_text(f"{said}\nz0 = 1\n", "utf-8")
    result = run("check", str(sheets), str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == message.format(file=file, sheets=sheets)


def test_a_folder_without_variants(run: Run, sheets: Path, fill: Fill, tmp_path: Path) -> None:
    path = fill(1, "x.txt")
    inner = sheets / "variant-01"
    for folder, hint in (
        (tmp_path, "`backcalc variant` makes such a folder"),
        (inner, f"name {inner / 'network.yaml'}"),
    ):
        result = run("check", str(folder), path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"the folder {folder} holds no variants\nhint: {hint}\n"


# One network.


def test_a_sheet_of_another_variant_is_not_marked(run: Run, sheets: Path, fill: Fill) -> None:
    path = fill(4, "x.txt", "Ada")
    hint = (
        "hint: mark it against its own network, or give `backcalc check` the folder of all variants"
    )
    for network, words in (
        (str(sheets / "variant-02/network.yaml"), "not of variant 2"),
        ("skip", "and the network is no variant"),
    ):
        result = run("check", network, path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == (
            f"{path}:3:11: this is a sheet of variant 4, {words}\n"
            f"3 | variant = 4\n  |           ^\n{hint}\n"
        )
    assert run("check", str(sheets / "variant-04/network.yaml"), path).exit_code == 0


def test_a_variant_with_another_title_is_known_by_its_folder(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    path = fill(4, "x.txt")
    own = tmp_path / "class" / "variant-04"
    own.mkdir(parents=True)
    text = (sheets / "variant-04/network.yaml").read_text("utf-8")
    (own / "network.yaml").write_text(text.replace(", variant 4", ""), "utf-8")
    assert run("check", str(own / "network.yaml"), path).exit_code == 0
    assert run("check", str(own.parent), path).exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        "name = O'Brien, Pat\nz0 = 0.5",
        "Name: O'Brien, Pat\nz0 = 0.5",
        "name: O'Brien, Pat\nz0: 0.5",
    ],
)
def test_a_name_is_no_answer_and_asks_for_no_step(text: str) -> None:
    report = check(Marking(load("skip")), text, "x")
    assert [each.name for each in report.answers] == ["z0"]
    assert (report.head.name, report.head.variant) == ("O'Brien, Pat", None)


def test_quantities_of_such_names_stay_quantities() -> None:
    network = loads(
        "inputs: {name: 2}\ntargets: {y: 1}\nweights: {variant: 3}\n"
        "nodes:\n  0: {from: {name: variant}, activation: identity}\nloss: l2\n"
    )
    own = skeleton(exercise(network))
    assert {"name =", "variant ="}.isdisjoint(own.splitlines())
    report = check(Marking(network), "name = 2\nvariant = 3\nz0 = 6", "x")
    assert [each.verdict for each in report.answers] == ["correct"] * 3
    assert not report.head.name


@pytest.mark.parametrize("blank", BLANKS)
def test_a_head_that_is_left_blank_says_nothing(blank: str) -> None:
    head, rest = headed(f"name = {blank}\nvariant = {blank}\nz0 = 1", "x", lambda _: False)
    assert (head.name, head.variant, rest.split()) == ("", None, ["z0", "=", "1"])


def test_a_name_cannot_harm_a_terminal_a_page_or_a_table(run: Run, tmp_path: Path) -> None:
    for file in "ab":
        (tmp_path / file).write_text("name = \x1b[31m|<b>\nz0 = 0.5", "utf-8")
    files = (str(tmp_path / "a"), str(tmp_path / "b"))
    for form in ("text", "markdown", "json", "csv"):
        assert "\x1b" not in run("check", "skip", *files, "--format", form).stdout
    markdown = run("check", "skip", *files, "--format", "markdown").stdout
    row = next(line for line in markdown.splitlines() if files[0].replace("_", "\\_") in line)
    assert "<b>" not in row
    assert row.replace("\\|", "").count("|") == 8


# The skeleton.


def test_a_skeleton_says_of_which_variant_it_is(sheets: Path) -> None:
    for number in range(1, COUNT + 1):
        folder = sheets / f"variant-{number:02}"
        lines = (folder / "answers.txt").read_text("utf-8").splitlines()
        assert lines[2:4] == [f"variant = {number}", "name ="]
        assert variant_in(load(str(folder / "network.yaml")).title) == number
    assert skeleton(exercise(load("skip"))).splitlines()[2:4] == ["name =", ""]


def test_an_empty_skeleton_lacks_every_line(run: Run, sheets: Path) -> None:
    result = run("check", str(sheets), str(sheets / "variant-03/answers.txt"))
    assert result.exit_code == 1
    assert "28 missing; score 0 of 28" in result.stdout


def test_a_head_alone_is_no_sheet(run: Run) -> None:
    result = run("check", "skip", "-", stdin="name = Ann\n")
    assert (result.exit_code, result.stderr) == (
        2,
        "<stdin>:1:1: there are no answers\nhint: write lines such as z0 = 0.5\n",
    )


# Commas and subscripts.


@pytest.mark.parametrize("text", ["z0 = 0,5", "z0: 0,5", "h0 = 1\nz0 = 2*0,25", "z0 = 0{,}5"])
def test_a_decimal_comma_is_a_point(run: Run, text: str) -> None:
    printed = run("check", "skip", "-", "--format", "json", stdin=text).stdout
    rows = {row["name"]: row["verdict"] for row in json.loads(printed)["files"][0]["answers"]}
    assert rows["z0"] == "correct"


@pytest.mark.parametrize("text", ["z0 = 1,234.5", "z0 = 0.5 0.5", "z0 = max(0,5"])
def test_other_mistakes_have_no_hint_of_a_point(run: Run, text: str) -> None:
    result = run("check", "skip", "-", stdin=text)
    assert result.exit_code == 2
    assert "with a point" not in result.stderr


SUBSCRIPTS = """
z_0 = w_0*x
z_2 = h_1*w_2 + w_s*h_0
dL/dw_s = 0.5
dL/dw_2 = dL/dz_2 * h_1
w_0' = -1/4
dz_2/dh_0 = w_s
"""


def test_subscripts_with_a_line_below(run: Run) -> None:
    result = run(
        "check", str(ROOT / "networks/skip.yaml"), "-", "--format", "json", stdin=SUBSCRIPTS
    )
    (file,) = json.loads(result.stdout)["files"]
    assert [(row["name"], row["verdict"]) for row in file["answers"]] == [
        (name, "correct") for name in ("z0", "z2", "dL/dws", "dL/dw2", "w0'", "dz2/dh0")
    ]


def test_a_quantity_of_that_very_name_comes_first_and_two_are_none(run: Run) -> None:
    network = loads(
        "inputs: {x_1: 2, x1: 3}\ntargets: {y: 1}\nweights: {w_1: 5, w: 7}\n"
        "equations:\n  z_1: w_1*x_1\n  yhat: z_1 + w*x1\nloss: (yhat - y)**2\n"
    )
    report = check(Marking(network), "z_1 = 10\nyhat = z_1 + 21", "x")
    assert [each.verdict for each in report.answers] == ["correct"] * 2
    with pytest.raises(BackcalcError, match="x1 may be x1 or x_1"):
        check(Marking(network), "z_1 = w_1*x_1", "x")


MAIL = """From: "Dora Keller" <dora@uni.example>
Subject: Sheet 4, variant 4
Content-Type: text/plain;
 charset=utf-8

z0 = 0.5
"""


def test_the_lines_above_a_mail_say_whose_it_is_and_state_nothing() -> None:
    head, text = headed(MAIL, "x.eml", lambda _: False)
    assert (head.name, head.variant, text.split()) == ("Dora Keller", 4, ["z0", "=", "0.5"])
    _, text = headed("From: z0\nE: 0.5\nz1 = 2\n", "x.txt", lambda _: False)
    assert "E: 0.5" in text  # no line of a mail


@pytest.mark.parametrize(
    "line",
    [
        "as in variant 3",
        "see variant 3 of the sheet",
        "variant 3 = 4",
        "variant 3 - 2",
        "variant 3 is it",
        "So, variant 3 is it",
    ],
)
def test_a_sentence_about_a_variant_names_none(line: str) -> None:
    assert headed(f"{line}\nz0 = 1", "x", lambda _: False)[0].variant is None


@pytest.mark.parametrize(
    ("file", "head"),
    [
        ("a.csv", "name,Hal Huber,,\nvariant,7,,\nz0,0.5,,\n"),
        ("a.txt", "Subject: sheet 5, Variante 7\n\nz0 = 0.5\n"),
        ("a.txt", "I am Hal Huber and I have variant 7.\nz0 = 0.5\n"),
        (
            "a.ipynb",
            '{"cells": [{"cell_type": "markdown", "source": ["Name: Hal Huber, Variant: 7"]}]}',
        ),
    ],
)
def test_the_variant_is_found_in_rows_mails_sentences_and_notebooks(file: str, head: str) -> None:
    assert headed(head, file, lambda name: False)[0].variant == 7


def test_every_sheet_that_is_handed_in_gets_a_copy(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7\n\xe2")
    for name, text in (
        ("empty.txt", ""),
        ("prose.md", "variant = 2\nname = Pia\nI cannot do it\n"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    files = [fill(1, "ada.txt", "Ada"), without(fill(2, "uwe.txt", "Uwe"), "variant", "#")]
    files += [str(tmp_path / name) for name in ("scan.pdf", "empty.txt", "prose.md")]
    result = run("check", str(sheets), *files, "--feedback", "back", cwd=tmp_path)
    assert result.stdout.endswith("back: 5 marked copies, gradebook.csv and class.html written\n")
    copies = {each.name: each.read_text("utf-8") for each in (tmp_path / "back").glob("*.*.html")}
    assert copies.keys() == {f"{Path(each).name}.html" for each in files}
    unknown = copies["uwe.txt.html"]
    assert "Uwe: not marked" in unknown
    assert "Nothing here could be marked: the sheet does not say which variant it is." in unknown
    assert "Write a line such as variant = 1 at its top" in unknown
    assert "dL/dh0 = " in unknown
    assert "this is a PDF" in copies["scan.pdf.html"]
    assert "Pia, variant 2: not marked" in copies["prose.md.html"]
    assert "no quantity called variant" not in copies["prose.md.html"]


def test_marks_by_hand_hold_for_a_sheet_of_which_no_variant_is_known(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    (tmp_path / "uwe.pdf").write_bytes(b"%PDF-1.7\n\xe2")
    files = [fill(1, "ada.txt", "Ada"), str(tmp_path / "uwe.pdf")]
    files += [without(fill(2, name), "variant", "#") for name in ("farid.txt", "pia.txt")]
    table = "sheet,line,points,remark\nuwe.pdf,,4,a scan\nfarid,,3,it is 2\npia,z0,1,\n"
    (tmp_path / "hand.csv").write_text(table, "utf-8")
    line = ("check", str(sheets), *files, "--feedback", "back", "--overrule", "hand.csv")
    result = run(*line, "--ask", "z0,h0,z1,yhat,L", cwd=tmp_path)
    assert re.search(r"uwe\.pdf .* 4 of 5 .*marked by hand: a scan", result.stdout)
    assert re.search(r"farid\.txt .* 3 of 5 .*marked by hand: it is 2", result.stdout)
    said = (
        "pia.txt:1:1: the sheet does not say which variant it is\nhint: of what is marked by hand"
    )
    assert said in result.stderr
    page = (tmp_path / "back" / "class.html").read_text("utf-8")
    links = set(re.findall(r'href="([^#"]+)"', page))
    assert links == {f"{Path(each).name}.html" for each in files}
    assert "variant 1" not in (tmp_path / "back" / "farid.txt.html").read_text("utf-8")


def test_a_neighbours_figures_are_named_to_the_teacher_alone(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    anna, jan = fill(1, "anna.txt", "Anna Arndt"), Path(fill(1, "jan.txt", "Jan Ode"))
    jan.write_text(jan.read_text("utf-8").replace("variant = 1\n", "variant = 3\n").replace(
        "variant 1", "variant 3"), "utf-8")  # fmt: skip
    line = ("check", str(sheets), anna, str(jan))
    table = run(*line, "--feedback", "back", cwd=tmp_path).stdout
    said = "figures of variant 1 (Anna Arndt)"
    assert re.search(rf"jan\.txt .*please look: {re.escape(said)}\n", table)
    left_out = "the figures of the class are those of the other sheets"
    assert f"please look at {jan}: {said}; {left_out}\n" in table
    assert re.search(r"\nz0 +1 +1 +0 +0 +0", table)  # Anna's alone
    page = (tmp_path / "back" / "class.html").read_text("utf-8")
    assert re.search(rf"Jan Ode</a>: {re.escape(said)}", page)
    assert "points: mean 28, median 28" in page
    copy = (tmp_path / "back" / "jan.txt.html").read_text("utf-8")
    assert "Is this the sheet of another variant or exercise?" in copy
    for words in ("Anna", "first mistake", "This should be", "Right: "):
        assert words not in copy
    data = json.loads(run(*line, "--format", "json").stdout)["files"]
    assert [each.get("figures_of") for each in data] == [None, 1]
    (tmp_path / "hand.csv").write_text("sheet,points,remark\njan.txt,5,spoken to\n", "utf-8")
    settled = run(*line, "--overrule", "hand.csv", cwd=tmp_path).stdout
    assert "please look" not in settled


@pytest.mark.parametrize(
    ("top", "name"),
    [
        ("# Sheet 4\n{}, variant 5", "Eve Okafor"),
        ("I did not do this one. Variant 5, {}", "Otto Klein"),
        ("# Sheet 4\nVariant 5 – {}", "Eve Okafor"),
        ("# Sheet 4, variant 5\n{}, please look at this", ""),
    ],
)
def test_a_name_beside_the_variant_stands_below_a_title_too(top: str, name: str) -> None:
    head = headed(f"{top.format(name or 'Eve Okafor')}\n\nz0 = 1\n", "a.md", lambda _: False)[0]
    assert (head.name, head.variant) == (name, 5)


INTRODUCED = [
    ("Dear team,\n\nmy name is Ada Byron, number 31415.\nz0 = 0.5\n\nBest,\nAda\n", "Ada Byron"),
    ("Guten Tag, mein Name ist Anna von der Heide.\nz0 = 0.5\n", "Anna von der Heide"),
    ("Bonjour, je m'appelle Jean-Luc Picard et voici ma feuille.\nz0 = 0.5\n", "Jean-Luc Picard"),
    ("Ada Byron, sheet 4 ex 2 (I use delta = (t - o) f'(z) as in our book)\nz0 = 0.5\n",
     "Ada Byron"),
    ("# Exercise 2\nAda Byron\n\nz0 = 0.5\n", "Ada Byron"),
    ("Exercise 2\nGiven Numbers:\nz0 = 0.5\n", ""),
    ("# Exercise 2\n## First Iteration\n\nz0 = 0.5\n", ""),
    ("Exercise 2\nForward Pass\n\nz0 = 0.5\n", ""),
    ("In this sheet my name is written below.\nz0 = 0.5\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), INTRODUCED)
def test_a_person_is_called_by_the_whole_name_that_the_sheet_tells(text: str, name: str) -> None:
    head, _ = headed(text, "sheet.md", lambda _: False)
    assert head.name == name


def test_a_file_whose_name_tells_another_variant_is_marked_as_the_sheet_says(
    run: Run, sheets: Path, fill: Fill, tmp_path: Path
) -> None:
    own = fill(3, str(tmp_path / "variant-04.txt"), "Dan")
    result = run("check", str(sheets), own)
    said = "the sheet says variant 3, the name of its file variant 4: it is marked as the sheet"
    assert said in " ".join(result.stdout.split())
