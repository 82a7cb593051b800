"""What a person overrules by hand, and what a class's sheets have to do with each other."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result

from backcalc import load
from backcalc.checking.alike import remarks, sketch
from backcalc.checking.report import Marking
from backcalc.checking.report import check as checked
from backcalc.errors import BackcalcError

Run = Callable[..., Result]

NET = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
ASK = "ask: [z0, h0, z1, {yhat: 2}, L, dL/dh0, dL/dw0]\n"
ADA = "name = Ada Byron\nz0 = 0.5\nh0 = 0.4\nz1 = 0.2\nyhat = 0.3\nL = 3.3\ndL/dw0 = 9\n"
BEN = "z0 = 0.5\nh0 = 0.5\nz1 = 0.25\nyhat = 0.375\nL = 3.375\ndL/dh0 = 0.75\ndL/dw0 = 0.75\n"
CSV = """sheet,line,points,verdict,remark
ada byron,∂L/∂w0,1,,"right, on the back page"
ben.txt,yhat,0.5,,copied
ben,L,,wrong,
scan.pdf,,6,,marked from the scan
"""


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET + ASK, "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.txt").write_text(ADA, "utf-8")
    (tmp_path / "in" / "ben.txt").write_text(BEN, "utf-8")
    (tmp_path / "in" / "scan.pdf").write_bytes(b"%PDF-1.7\n\xe2")
    (tmp_path / "by_hand.csv").write_text(CSV, "utf-8")
    return tmp_path


def gradebook(folder: Path) -> dict[str, dict[str, str]]:
    with open(folder / "gradebook.csv", encoding="utf-8", newline="") as stream:
        return {row["file"].rpartition("/")[2]: row for row in csv.DictReader(stream)}


def test_marks_set_by_hand_hold_everywhere(run: Run, sheets: Path) -> None:
    line = ("check", "net.yaml", "in", "--feedback", "back")
    plain = run(*line, "--format", "markdown", cwd=sheets)
    assert plain.exit_code == 2
    before = gradebook(sheets / "back")
    result = run(*line, "--overrule", "by_hand.csv", "--format", "markdown", cwd=sheets)
    assert (result.exit_code, result.stderr) == (1, "")
    after = gradebook(sheets / "back")
    scores = {name: (before[name]["score"], after[name]["score"]) for name in after}
    assert scores == {"ada.txt": ("5", "6"), "ben.txt": ("8", "5.5"), "scan.pdf": ("", "6")}
    assert after["ada.txt"]["by_hand"] == "dL/dw0: right, on the back page"
    assert after["ben.txt"]["by_hand"] == "yhat: copied; L"
    assert after["scan.pdf"]["points"] == "8"
    copy = (sheets / "back" / "ada.txt.md").read_text("utf-8")
    assert "Points by hand: right, on the back page" in copy
    assert "Points by hand: copied" in (sheets / "back" / "ben.txt.md").read_text("utf-8")
    assert "marked from the scan" in (sheets / "back" / "scan.pdf.md").read_text("utf-8")
    report = (sheets / "back" / "class.md").read_text("utf-8")
    assert "## Marked by hand" in report
    assert "6 of 8 | marked from the scan" in report
    told = run(*line[:3], "--overrule", "by_hand.csv", "--format", "json", cwd=sheets).stdout
    ada, ben, scan = json.loads(told)["files"]
    (own,) = (each for each in ada["answers"] if each.get("by_hand"))
    assert (own["name"], own["verdict"], own["earned"]) == ("dL/dw0", "wrong", 1)
    assert (scan["by_hand"], scan["score"], "by_hand" in ben) == (True, 6, False)
    grader = ("check", "net.yaml", "in/scan.pdf", "--overrule", "by_hand.csv")
    one = run(*grader, "--format", "gradescope", cwd=sheets)
    assert json.loads(one.stdout)["score"] == 6


def test_whoever_is_named_by_the_file_is_called_so_everywhere(run: Run, sheets: Path) -> None:
    (sheets / "in" / "7_gina.txt").write_text("z0 = 0.5\n", "utf-8")
    (sheets / "by_hand.csv").write_text("sheet,line,points\ngina,h0,1\n", "utf-8")
    table = run("check", "net.yaml", "in", "--overrule", "by_hand.csv", cwd=sheets)
    assert re.search(r"in/7_gina.txt +Gina +2 of 8", table.stdout)


def test_a_download_of_moodle_has_names_and_copies_that_do_not_collide(
    run: Run, sheets: Path
) -> None:
    for name in ("Ada Byron_12_assignsubmission_file", "Çağla Öz_13_assignsubmission_file_"):
        (sheets / "all" / name).mkdir(parents=True)
        (sheets / "all" / name / "Lösung.txt").write_text("z0 = 0.5\n", "utf-8")
    (sheets / "by_hand.csv").write_text(
        "sheet,line,points\nÇağla Öz_13_assignsubmission_file_/Lösung.txt,h0,1\n", "utf-8"
    )
    line = ("check", "net.yaml", "all", "--overrule", "by_hand.csv", "--format", "csv")
    rows = run(*line, "--feedback", "back", cwd=sheets).stdout.splitlines()
    assert [",Ada Byron," in rows[1], ",Çağla Öz," in rows[2], ",h0" in rows[2]] == [True] * 3
    copies = {each.name for each in (sheets / "back").iterdir()}
    assert "Çağla Öz_13_assignsubmission_file_-Lösung.txt.html" in copies
    (sheets / "by_hand.csv").write_text("sheet,line,points\nLösung.txt,h0,1\n", "utf-8")
    hint = "hint: name one of the files all/Ada Byron_12_assignsubmission_file/Lösung.txt, all/Ç"
    assert hint in run(*line, cwd=sheets).stderr


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("cleo,z0,1,,", "by_hand.csv:2:1: no sheet is called 'cleo'"),
        ("ben.txt,z9,1,,", "by_hand.csv:2:9: there is no quantity 'z9' in this network"),
        ("ben.txt,z0,1,good,", "by_hand.csv:2:14: 'good' is no verdict"),
        ("ben.txt,z0,-1,,", "by_hand.csv:2:12: points cannot be less than 0"),
        ("ben.txt,z0,,,x", "by_hand.csv:2:1: there are neither points nor a verdict"),
        ("ben.txt,,,right,x", "by_hand.csv:2:1: there are no points for this sheet"),
        ("ben.txt,z0,1,,a,b", "by_hand.csv:2:1: 6 cells for 5 columns"),
        (",z0,1,,a", "by_hand.csv:2:1: no sheet is named"),
    ],
)
def test_a_correction_that_cannot_be_meant_is_refused(
    run: Run, sheets: Path, row: str, message: str
) -> None:
    head = CSV.splitlines()[0]
    (sheets / "by_hand.csv").write_text(f"{head}\n{row}\n", "utf-8")
    line = ("check", "net.yaml", "in", "--feedback", "back", "--overrule", "by_hand.csv")
    result = run(*line, cwd=sheets)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert not (sheets / "back").exists()


def test_points_beyond_the_line_and_lines_that_are_not_there(run: Run, sheets: Path) -> None:
    rows = "sheet;line;points;remark\nben.txt;yhat;2,5;\nada.txt;dL/dz1;1;\n"
    (sheets / "by_hand.csv").write_text("\ufeff" + rows, "utf-8")
    result = run("check", "net.yaml", "in", "--overrule", "by_hand.csv", cwd=sheets)
    assert "by_hand.csv:2:1: 2.5 points are more than there are" in result.stderr
    assert "by_hand.csv:3:9: this sheet has no line dL/dz1" in result.stderr


def test_letters_of_windows_are_read_and_said(run: Run, sheets: Path) -> None:
    german = "Lösung von Übung 7\nz0 = 0,5\nh0 = 0,5\n"
    (sheets / "a.txt").write_bytes(german.encode("cp1252"))
    (sheets / "b.txt").write_bytes(german.encode("utf-16"))
    for name, letters in (("a.txt", "Windows-1252"), ("b.txt", "UTF-16")):
        result = run("check", "skip", name, cwd=sheets)
        assert result.exit_code == 0
        assert f"the file is not in UTF-8, so it was read as {letters}" in result.stdout
    (sheets / "c.txt").write_bytes("σ: z0 = 0.5".encode() + b" \xf6\n")  # UTF-8 with a bad byte
    (sheets / "d.txt").write_bytes(b"z0 = 0.5 \x00\xf6\n")
    for name in ("c.txt", "d.txt"):
        assert "not UTF-8" in run("check", "skip", name, cwd=sheets).stderr


def test_a_sheet_with_no_answer_has_no_points(run: Run, sheets: Path) -> None:
    (sheets / "in" / "a.txt").write_text("dear TA, I could not solve it, sorry.\n", "utf-8")
    result = run("check", "net.yaml", "in/a.txt", cwd=sheets)
    assert result.exit_code == 1
    assert "there is no answer on this sheet\n  7 missing; score 0 of 8" in result.stdout
    assert run("check", "skip", "in/a.txt", cwd=sheets).exit_code == 2  # nobody says what is asked
    (sheets / "in" / "a.txt").write_text("see my photo: 0,5 comes first\n", "utf-8")
    assert run("check", "net.yaml", "in/a.txt", cwd=sheets).exit_code == 2


def long_lines(start: int, count: int = 8) -> frozenset[int]:
    return frozenset(range(start, start + count))


def test_sheets_that_are_alike_are_told() -> None:
    alike = {
        "a": long_lines(0, 20),
        "b": long_lines(0, 19),
        "c": long_lines(50),
        "d": long_lines(3),
    }
    assert remarks(alike, {}) == ["these sheets are the same, or nearly: a, b"]
    changed = {"a": long_lines(0), "b": long_lines(0, 7) | {99}, "c": long_lines(0, 6) | {97, 98}}
    assert remarks(changed, {}) == ["these sheets are the same, or nearly: a, b"]
    usual = {str(n): long_lines(0) for n in range(30)}  # half of the class writes just this
    assert remarks({**usual, **{f"x{n}": long_lines(n * 9 + 9) for n in range(30)}}, {}) == []
    assert remarks({"a": long_lines(0, 4), "b": long_lines(0, 4)}, {}) == []  # too few to tell
    people = {
        "a": "Ada B.",
        "b": "ada b.",
        "c": "",
        "d": "",
        "e": "Ben C",
        "f": "Ben C",
        "g": "Anna",
        "h": "Anna",
    }  # two people may be called so
    assert remarks({}, people) == [
        "2 sheets have the name Ada B.: a, b", "2 sheets have the name Ben C: e, f",
    ]  # fmt: skip
    many = remarks({}, {f"{n}-{k}": f"Ada {n}" for n in range(9) for k in "ab"})
    assert (len(many), many[-1]) == (9, "and 1 more of this kind")


def test_a_class_says_which_sheets_are_the_same(run: Run, sheets: Path) -> None:
    work = "".join(f"z{n} = 0.5·1 with some words of my own {n}\n" for n in range(2, 9))
    for name, head in (("ben.txt", "name: Ben Ode\n"), ("cleo.txt", "Cleo\n"), ("b.txt", "")):
        (sheets / "in" / name).write_text(head + work + BEN, "utf-8")
    (sheets / "in" / "b.txt").write_text("name: Ben Ode\nz0 = 0.5\n", "utf-8")
    result = run("check", "net.yaml", "in", "--feedback", "back", cwd=sheets)
    said = ("2 sheets have the name Ben Ode: in/b.txt, in/ben.txt",
            "these sheets are the same, or nearly: in/ben.txt, in/cleo.txt")  # fmt: skip
    report = (sheets / "back" / "class.html").read_text("utf-8")
    for each in said:
        assert each in result.stdout
        assert each in report


def test_the_command_and_python_take_the_same_corrections(sheets: Path) -> None:
    import backcalc

    net = backcalc.load(sheets / "net.yaml")
    marked = backcalc.check(net, sheets / "in", overrule=sheets / "by_hand.csv")
    assert [each.score for each in marked.sheets.values()] == [6, 5.5, 6]
    with pytest.raises(BackcalcError, match="cannot read"):
        backcalc.check(net, sheets / "in", overrule=sheets / "none.csv")


def test_lines_behind_the_same_mistake_are_not_said_to_be_from_others(run, sheets) -> None:
    work = "dL/dyhat = 1\ndL/dw2 = 0.25\ndL/dws = 0.5\ndL/dw0 = 0.75\n"
    up = {"w2": 0.75, "ws": 1.0, "w0": 1.25, "w1": 0.75}  # added instead of subtracted, each time
    lines = "".join(f"{name}' = {new}\n" for name, new in up.items())
    (sheets / "a.txt").write_text(work + lines + "z0' = 1.25\nz1' = 0.9375\n", "utf-8")
    said = run("check", "skip", "a.txt", cwd=sheets).stdout
    assert "3 again" in said
    assert "2 later lines follow from it\n" in said


SHEETS = {
    "their own answers": ("", "dL/dyhat[1] = 0.375\n", 0),
    "prose": ("", "I took the loss from the lecture.\n", 1),
    "working": ("", "dL/dw0 = 0.75 * 0.5 * 2 * 1 = 0.75\n", 1),
    "several figures": ("", "z0 = 0.5; h0 = 1/2; z1 = 0.25; yhat = 0.375\n", 0),
    "a figure and prose": ("", "z0 = 0.5 because the input is one and the weight a half\n", 1),
    "wrong figures": ("", "z0 = 0.6\nh0 = 0.7\n", 2),
    "an answers file": ("# net: answers\n# numbers, fractions or formulas, as 0.5\n", "", 0),
    "prose with figures": ("", "The net input of unit 1 is z1 = 1, as its weights tell.\n", 1),
    "right and wrong": ("", "So z0 = 0.5. And then h0 = 0.7. I went on with z1 = 1.\n", 2),
    "a blank": ("# numbers, fractions or formulas, as 0.5\n", "dL/dthe_first_weight =\n", 0),
    "a worksheet": ("- results: exact, or rounded to 4 significant digits\n", "z1 = 9\n", 1),
}


@pytest.mark.parametrize("case", SHEETS)
def test_right_figures_and_printed_lines_make_no_sheet_the_same(case: str) -> None:
    printed, own, told = SHEETS[case]
    report = checked(Marking(load("skip")), f"{printed}{own}L = 3.375\n", "a.txt")
    assert len(sketch(report)) == told


def test_marks_set_by_hand_have_the_words_of_the_file(run: Run, sheets: Path) -> None:
    net = NET + "names: {L: E, dL/dw0: slope_0}\n"
    (sheets / "net.yaml").write_text(net + ASK, "utf-8")
    (sheets / "by_hand.csv").write_text(
        "sheet,line,points,remark\nben,E,0,copied\nben,slope_0,0,\n", "utf-8"
    )
    line = ("check", "net.yaml", "in", "--overrule", "by_hand.csv", "--feedback", "back")
    run(*line, cwd=sheets)
    assert gradebook(sheets / "back")["ben.txt"]["by_hand"] == "E: copied; slope_0"


@pytest.mark.parametrize(("rule", "off"), [("full", 1), ("none", 4)])
def test_a_mistake_made_again_is_no_failure_where_it_has_its_points(
    run: Run, sheets: Path, rule: str, off: int
) -> None:
    work = "dL/dyhat = 1\ndL/dw2 = 0.25\ndL/dws = 0.5\ndL/dw0 = 0.75\n"
    new = "w2' = 0.75\nws' = 1\nw0' = 1.25\nw1' = 0.75\n"  # added instead of subtracted
    (sheets / "a.txt").write_text(f"{work}{new}", "utf-8")
    line = ("check", "skip", "a.txt", "--again", rule, "--format")
    said = run(*line, "junit", cwd=sheets).stdout
    assert said.count("<failure") == off, said
    assert f'failures="{off}"' in said
    said = run(*line, "github", cwd=sheets).stdout
    assert said.count("::error") == off, said


@pytest.mark.sweep
def test_marks_that_the_next_run_leaves_out_are_told(run: Run, sheets: Path) -> None:
    line = ("check", "net.yaml", "--feedback", "back")
    table = ("--overrule", "by_hand.csv")
    run(*line, "in", *table, cwd=sheets)
    again = run(*line, "in", *table, cwd=sheets).stderr
    assert "by hand" not in again
    said = "of the last run are not in this one; add --overrule by_hand.csv\n"
    alone = run(*line, "in/ben.txt", cwd=sheets).stderr
    assert f"back: 2 marks by hand {said}" in alone
    assert "backcalc check net.yaml in --feedback back --overrule by_hand.csv" in alone
    assert "by hand" not in run(*line, "in/ben.txt", cwd=sheets).stderr  # told once
    assert f"back: 2 marks by hand {said}" in run(*line, "in", cwd=sheets).stderr


def test_what_a_person_has_settled_is_no_longer_at_stake(run: Run, sheets: Path) -> None:
    (sheets / "in" / "ada.txt").write_text("h0 = 0.5\nq = 0.25\n", "utf-8")
    (sheets / "by_hand.csv").write_text("sheet,line,points,remark\nada,z1,0,not so\n", "utf-8")
    ada = ("check", "net.yaml", "in/ada.txt", "--format", "csv")
    stakes = [
        next(csv.DictReader(run(*ada, *more, cwd=sheets).stdout.splitlines()))["at_stake"]
        for more in ((), ("--overrule", "by_hand.csv"))
    ]
    assert float(stakes[0]) > 0
    assert stakes[1] == "0"
    copy = run("check", "net.yaml", "in/ada.txt", "--overrule", "by_hand.csv", "--format",
               "html", cwd=sheets).stdout  # fmt: skip
    assert "Points by hand: not so." in copy


def test_a_line_that_only_a_person_could_read_has_its_mark_in_its_place(
    run: Run, sheets: Path
) -> None:
    lines = "z0 = 0.5\nh0 = 0.5\nz1 = 0.25\n"
    (sheets / "in" / "eva.txt").write_text(f"{lines}dL/dh0 = minus my e\n", "utf-8")
    rows = ("eva,dL/dh0,wrong,,see me,sign flipped", "ben,L,wrong,,,took the sum",
            "ada,L,wrong,,so,")  # fmt: skip
    head = "sheet,line,verdict,points,remark,mistake"
    (sheets / "by_hand.csv").write_text("\n".join((head, *rows)), "utf-8")
    line = ("check", "net.yaml", "in", "--overrule", "by_hand.csv", "--format", "markdown")
    run(*line, "--feedback", "back", cwd=sheets)
    copy = (sheets / "back" / "eva.txt.md").read_text("utf-8")
    assert "unread" not in copy
    assert "Not on a line of its own" not in copy
    assert copy.count("Marked by hand: see me.") == 1
    assert "dh0}$ =" not in copy
    assert "first mistake is in $" in copy
    report = (sheets / "back" / "class.md").read_text("utf-8")
    assert "eva" not in report.partition("by eye")[2].partition("##")[0]
    firsts = report.partition("## First mistakes")[2].partition("##")[0]
    for each in ("sign flipped", "took the sum"):
        assert f"| {each} | 1 |" in firsts
    assert gradebook(sheets / "back")["eva.txt"]["slips"] == "gradient-sign"


def test_a_scan_in_a_folder_of_variants_is_worth_a_point_for_each_line(
    run: Run, tmp_path: Path
) -> None:
    """No `ask:` says what it is worth: the whole work counts."""
    run("variant", "skip", "--seed", "1", "--count", "2", "-o", str(tmp_path / "out"))
    sheets = tmp_path / "in"
    sheets.mkdir()
    (sheets / "ada, variant-1.pdf").write_bytes(b"%PDF-1.4 a scan")
    (tmp_path / "by_hand.csv").write_text('sheet,points\n"ada, variant-1.pdf",20\n', "utf-8")
    told = run("check", "out", "in", "--overrule", "by_hand.csv", "--format", "csv", cwd=tmp_path)
    assert "20" in told.stdout
    assert "nobody knows" not in told.stderr
