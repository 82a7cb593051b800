"""Feedback for a class: the gradebook and the report of `check --feedback`, hostile classes too."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import ROOT, Result
from test_chromium import CHROMIUM, measured

from backcalc.checking.totals import Total, Totals
from backcalc.commands.check import variant_of
from backcalc.commands.worksheet import variant
from backcalc.sheets.blocks import Linked

Run = Callable[..., Result]

RIGHT = "z0 = 0.5\nh0 = 0.5\nz1 = 0.25\n"
SHEETS = {
    "ada/sheet.txt": f"name: Byron, Ada \"the first\"\n{RIGHT}",
    "ben/sheet.txt": f"name: =HYPERLINK(\"http://x\")\n{RIGHT}dL/dh0 = 0.25\n",
    "cleo/sheet.txt": f"name: <script>alert(1)</script> & $x_1$ |\n{RIGHT}dL/dh0 = 0.25\n",
    "class.txt": f"name: \u05d0\u05d1 \u202e \x1b[31m {'long ' * 40}\n{RIGHT}dL/dw0 = 9\n",
    "gradebook.csv": RIGHT,
    "../outside; rm -rf": "z0 = \n",
    "no statement.md": "nothing here\n",
    "broken.ipynb": "{",
    "empty.txt": "",
}  # fmt: skip
"""Sheets by their files; the names on them are what a page or a table might take for its own."""


def class_of(tmp_path: Path, sheets: dict[str, str]) -> list[str]:
    """The files of a class."""
    found = []
    for name, text in sheets.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        found.append(f"in/{name}")
    return found


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three variants of the skip network, made once."""
    folder = tmp_path_factory.mktemp("class") / "out"
    words = ["skip", "--seed", "7", "--count", "3", "-o", str(folder)]
    assert CliRunner().invoke(variant, words).exit_code == 0
    return folder


def gradebook(folder: Path) -> list[dict[str, str]]:
    with open(folder / "gradebook.csv", encoding="utf-8", newline="") as stream:
        return [*csv.DictReader(stream)]


@pytest.mark.sweep
def test_a_class_gets_a_gradebook_and_a_report(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, SHEETS)
    result = run("check", "skip", *files, "--feedback", "back", cwd=tmp_path)
    assert result.exit_code == 2
    back = tmp_path / "back"
    rows = gradebook(back)
    assert [row["file"] for row in rows] == files
    table = run("check", "skip", *files, "--format", "csv", cwd=tmp_path).stdout
    assert (back / "gradebook.csv").read_text("utf-8") == table
    assert rows[1]["name"].startswith("'=")
    page = (back / "class.html").read_text("utf-8")
    assert "<script" not in page
    assert "alert(1)" in page
    for said in ("First mistakes", "Hardest lines", "Not marked", "empty.txt", "broken.ipynb"):
        assert said in page
    assert re.search(r"Byron, Ada &quot;the first&quot;", page)
    names = {path.name for path in back.glob("[!.]*")}
    assert {"ada-sheet.txt.html", "ben-sheet.txt.html", "class.txt.html"} < names
    assert "gradebook.csv.html" in names


def test_no_copy_takes_the_name_of_the_report(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, {"class": RIGHT, "other.txt": RIGHT})
    result = run("check", "skip", *files, "--feedback", "back", cwd=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "back").glob("[!.]*")}
    assert names == {"class.html", "gradebook.csv", "other.txt.html", "2-class.html"}
    assert "2 of 2 sheets are marked" in (tmp_path / "back" / "class.html").read_text("utf-8")


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_figures_of_the_report(form: str, run: Run, tmp_path: Path) -> None:
    sheets = {f"{n:02}.txt": f"{RIGHT}dL/dh0 = {'0.25' if n < 6 else '0.75'}\n" for n in range(9)}
    files = class_of(tmp_path, sheets)
    options = ("--format", "markdown") if form == "markdown" else ()
    run("check", "skip", *files, *options, "--feedback", "back", cwd=tmp_path)
    ending = "md" if form == "markdown" else "html"
    text = re.sub(r"<[^>]*>", " ", (tmp_path / "back" / f"class.{ending}").read_text("utf-8"))
    text = re.sub(r"\[([^]]*)\]\([^)]*\.md\)", r"\1", text)
    text = " ".join(text.replace("\\", "").split())
    assert "9 of 9 sheets are marked" in text
    assert "points: mean 3.33, median 3, from 3 to 4, of 4" in text
    assert "3 sheets have all points" in text
    assert re.search(r"00\.txt ?; 01\.txt ?; .* ?; 05\.txt ", text)
    assert re.search(r"6[ |]+0[ |]+0[ |]+3[ |].*left out \(6\)", text)


def test_what_needs_an_eye_is_listed_by_the_points_at_stake(run: Run, tmp_path: Path) -> None:
    network = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    ask = "ask: [{z0: 0.5}, h0, {z1: 4}]\nnames: {z1: net}\n"
    (tmp_path / "net.yaml").write_text(f"{network}{ask}", "utf-8")
    whole = RIGHT.replace("z1", "net")
    files = class_of(tmp_path, {
        "full.txt": f"{whole}q = 1\nr = 2\ns = 3\n", "lost.txt": "z0 = 0.5\nh0 = 0.5\nq = 0.25\n",
        "bad.ipynb": "{",
    })  # fmt: skip
    run("check", "net.yaml", *files, "--format", "markdown", "--feedback", "back", cwd=tmp_path)
    text = (tmp_path / "back" / "class.md").read_text("utf-8")
    listed = text.partition("by eye")[2].partition("## Points")[0]
    assert re.findall(r"\| \[([^]]*)\]?.* \| (\S+) \| (\S+) \| .* \|", listed) == [
        ("bad.ipynb", "5.5", "all"), ("lost.txt", "4", "1"),
    ]  # fmt: skip
    assert "1 sheet has lines that could not be read and cost nothing." in listed
    assert "nobody got a line wrong" in text  # though one has left z1 out
    assert "earned nothing" not in text
    assert "| 1 to below 2 | 1 " in text
    assert "| 5 to 5.5 | 1 " in text  # and not "5 to below 6"
    for form in ("gradescope", "junit"):
        shown = run("check", "net.yaml", files[1], "--format", form, cwd=tmp_path).stdout
        assert '"net"' in shown
        assert '"z1"' not in shown
    told = run("check", "net.yaml", *files, "--format", "gradescope", cwd=tmp_path).stdout
    assert "3 sheets were handed in" in told


def test_a_line_that_was_not_read_is_told_once_at_its_place(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, {"a.txt": "z0 = 0.5\nq = 7\nh0 = banana\n"})
    line = ("check", "skip", *files, "--ask", "z0,h0,z1", "--format")
    said = run(*line, "github", cwd=tmp_path).stdout.splitlines()
    assert [re.search(r"::(\w+) .*line=(\d+),.*backcalc%3A (.*)::", e).groups() for e in said] == [
        ("error", "3", "h0"), ("error", "1", "z1"), ("notice", "2", "not read")
    ]  # fmt: skip
    assert "unread: not read (words stand where a number should), expected 0.5." in said[0]
    suite = ElementTree.fromstring(run(*line, "junit", cwd=tmp_path).stdout)[0]
    assert [suite.get(each) for each in ("tests", "failures", "skipped")] == ["4", "2", "1"]
    cases = {each.get("name"): each for each in suite}
    assert (cases["h0"].get("line"), cases["h0"][0].text[:8]) == ("3", "not read")
    assert cases["z1"][0].text == "written nothing, expected 0.25"
    tests = json.loads(run(*line, "gradescope", cwd=tmp_path).stdout)["tests"]
    assert tests[0]["output"] == "correct."


def test_a_mistake_is_said_for_each_bias_and_none_is_left_out(run: Run, tmp_path: Path) -> None:
    net = "inputs: {x: 2}\ntargets: {y: 1}\nweights: {w1: 0.4, w2: 0.3}\nlearning_rate: 0.5\n"
    net += "biases: {b1: 0.1, b2: -0.3}\nnodes:\n  1: {from: {x: w1}, bias: b1}\n"
    net += "  2: {from: {1: w2}, bias: b2, activation: identity}\nloss: half_l2\n"
    (tmp_path / "net.yaml").write_text(net, "utf-8")
    one, two = "z1 = 0.8\nz2 = 0.7\n", "z1 = 0.9\nh1 = 0.7109\nz2 = 0.2133\nL = 0.1\n"
    files = class_of(tmp_path, {"a.txt": one, "b.txt": two, "c.txt": two})
    run("check", "net.yaml", *files, "--format", "markdown", "--feedback", "back", cwd=tmp_path)
    text = (tmp_path / "back" / "class.md").read_text("utf-8")
    every = text.partition("## All mistakes")[2].partition("## ")[0]
    assert "bias $b_{1}$ forgotten; bias $b_{2}$ forgotten | 3 |" in every


def test_mistakes_that_are_nobodys_first_are_counted(run: Run, tmp_path: Path) -> None:
    wrong = RIGHT + "dL/dh0 = 0.25\ndL/dws = -0.5\n"
    files = class_of(tmp_path, {"01_ada.txt": wrong, "02_ben.txt": wrong})
    twice = (*files, "./" + files[0], files[1])
    command = ("check", "skip", *twice, "--feedback", "back", "--format", "markdown")
    run(*command, cwd=tmp_path)
    assert "2 files named twice" in run("check", "skip", *twice, cwd=tmp_path).stderr
    text = (tmp_path / "back" / "class.md").read_text("utf-8")
    assert text.startswith("# Skip connection: 2 sheets")  # each is marked once
    every = text.partition("## All mistakes")[2].partition("## ")[0]
    assert re.search(r"\| sign flipped \| 2 \| .*w_\{s\}", every)
    assert "[Ada](01_ada.txt.md)" in text
    assert (tmp_path / "back" / "01_ada.txt.md").read_text("utf-8").startswith("# Ada: ")


def test_points_that_are_all_nothing(run: Run, tmp_path: Path) -> None:
    network = tmp_path / "net.yaml"
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    points = "".join(f"  {name}: 0\n" for name in ("z0", "h0", "z1"))
    network.write_text(f"{text}points:\n{points}", "utf-8")
    files = class_of(tmp_path, {"a.txt": RIGHT, "b.txt": RIGHT})
    result = run("check", "net.yaml", *files, "--feedback", "back", cwd=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [row["percent"] for row in gradebook(tmp_path / "back")] == ["", ""]
    assert "2 of 2 sheets are marked" in (tmp_path / "back" / "class.html").read_text("utf-8")


def test_nothing_is_written_where_a_file_of_the_class_is_there(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, {"a.txt": RIGHT, "b.txt": RIGHT})
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "gradebook.csv").write_text("mine", "utf-8")
    result = run("check", "skip", *files, "--feedback", "back", cwd=tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "back/gradebook.csv exists already" in result.stderr
    assert [path.name for path in (tmp_path / "back").glob("[!.]*")] == ["gradebook.csv"]
    (tmp_path / "none").mkdir()
    empty = run("check", "skip", "none", "--feedback", "back2", cwd=tmp_path)
    assert (empty.exit_code, empty.stdout) == (2, "")
    assert not (tmp_path / "back2").exists()


def test_one_sheet_is_no_class(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, {"a.txt": RIGHT})
    run("check", "skip", *files, "--feedback", "back", cwd=tmp_path)
    assert [path.name for path in (tmp_path / "back").glob("[!.]*")] == ["a.txt.html"]


@pytest.mark.parametrize(
    ("file", "top", "name"),
    [
        ("a.txt", "Student: Ada Byron\n", "Ada Byron"),
        ("a.txt", "Nom : Byron\nPrénom : Ada\n", "Ada Byron"),
        ("a.txt", "name =\n**Vorname:** Zoë\nNachname: Ek\n", "Zoë Ek"),
        ("a.md", '---\ntitle: x\nauthor: "Ada Byron"\n---\n', "Ada Byron"),
        ("a.tex", "\\author{Ada Byron \\and others}\n", "Ada Byron"),
        ("in/ada byron.txt", "", "ada byron"),
        ("in/ada byron/sheet_2.txt", "", "ada byron"),
        ("variant-03.txt", "", ""), ("in/03_ada.txt", "", "Ada"),
        ("a.ipynb", "# Ada Byron", "Ada Byron"),
        ("a.ipynb", "# Backward Pass", ""),
        ("a.ipynb", "Name: Ada", "Ada"),
    ],
)  # fmt: skip
def test_the_gradebook_has_a_name_for_each(
    run: Run, tmp_path: Path, file: str, top: str, name: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    text = f"{top}z0 = 0.5\n"
    if file.endswith(".ipynb"):
        cell = {"cell_type": "markdown", "metadata": {}, "source": [f"{top}\n", "z0 = 0.5"]}
        text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1)
    (tmp_path / file).write_text(text, "utf-8")
    table = run("check", "skip", file, "--format", "csv", cwd=tmp_path).stdout.splitlines()
    (row,) = csv.DictReader(table)
    assert (row["name"], row["correct"]) == (name, "1")


# Whose variant.

NOTEBOOK = r"""{
 "cells": [
  {"cell_type": "markdown", "source": [
   "Name: Ada B\u0079ron\n",
   "\n",
   "Variant: 2\n",
   "\n",
   "$z_0 = 0.4$"]}
 ],
 "nbformat": 4
}"""


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("in/ada/variant-07.tex", 7), ("in/variant 7/ada.md", 7), ("in/Variant_12 (Ada)/v.md", 12),
        ("in/variant-1/variant-2.md", 2), ("in/variant-1 variant-2/a.md", None),
        ("in/covariant-3.md", None), ("in/variants.md", None), ("in/ada7.md", None),
        ("variant3.txt", 3), ("in/ada_variant-7_late.txt", 7), ("variant-1234567890.txt", None),
    ],
)  # fmt: skip
def test_the_variant_that_a_name_tells(path: str, number: int | None) -> None:
    assert variant_of(path) == number


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tex", "\\noindent\\textbf{Name:} Ada Byron \\\\\n\\textbf{Variant:} 2 \\\\\n$z_0=0.4$"),
        ("a.tex", "% variant = 2\n% name: Ada Byron\n$z_0 = 0.4$"),
        ("a.tex", "\\section*{Skip connection, variant 2}\nName: Ada Byron\\\\\n$z_0 = 0.4$"),
        ("a.md", "**Name:** Ada Byron, **Variant:** 2\n\n$z_0 = 0.4$"),
        ("a.md", "Name: Ada Byron    Variant 2\n\n$z_0 = 0.4$"),
        ("a.ipynb", NOTEBOOK),
        ("a.txt", "Name: Ada Byron\nVariant: 2\nz0 = 0.4\n\nPage 2\nName: Ada Byron\nVariant: 2\n"),
        ("variant-2.txt", "name = Ada Byron\nz0 = 0.4"),
    ],
)  # fmt: skip
def test_what_a_sheet_says_of_itself(
    name: str, text: str, handed_out: Path, run: Run, tmp_path: Path
) -> None:
    class_of(tmp_path, {name: text})
    run("check", str(handed_out), "in", "--format", "csv", "-o", "grades.csv", cwd=tmp_path)
    with open(tmp_path / "grades.csv", encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    found = (row["name"], row["variant"], row["score"], row["not_read"], row["error"])
    assert found == ("Ada Byron", "2", "1", "0", "")


@pytest.mark.sweep
def test_sheets_of_another_variant_and_of_none(run: Run, tmp_path: Path) -> None:
    run("variant", "skip", "--seed", "7", "--count", "2", "--csv", "--moodle", "-o", "out",
        cwd=tmp_path)  # fmt: skip
    sheets = {"a.txt": "variant = 9\nz0 = 1", "variant-9.txt": "z0 = 1", "c.txt": "z0 = 1"}
    class_of(tmp_path, sheets)
    result = run("check", "out", "in", "--feedback", "back", cwd=tmp_path)
    assert result.exit_code == 2
    assert result.stderr.count("there is no variant 9 in out") == 2
    assert "the sheet does not say which variant it is" in result.stderr
    page = (tmp_path / "back" / "class.html").read_text("utf-8")
    assert "0 of 3 sheets are marked" in page
    assert "Hardest lines" not in page
    own = run("check", "out", "out", "--format", "csv", cwd=tmp_path).stdout
    files = [row["file"] for row in csv.DictReader(own.splitlines())]
    assert files == ["out/variant-01/answers.txt", "out/variant-02/answers.txt"]


@pytest.mark.sweep
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine")
def test_the_report_in_a_browser(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, SHEETS)
    run("check", "skip", *files, "--feedback", "back", cwd=tmp_path)
    page = (tmp_path / "back" / "class.html").read_text("utf-8")
    for width, found in measured(tmp_path, report=page).items():
        assert (width, found["problems"]) == (width, [])
        assert (found["loaded"], found["scripts"]) == ([], 0)


def test_what_was_not_read_is_to_be_looked_at_and_mistakes_are_grouped(
    run: Run, tmp_path: Path
) -> None:
    """A sheet with lines that were not read has full marks: somebody must look at it."""
    sheets = {
        "ada & co.txt": RIGHT + "q = 7\nqq = 8\n",
        "ben.txt": RIGHT + "dL/dh0 = 0.25\n",
        "cleo.txt": RIGHT + "dL/dw2 = -0.25\n",
        "dan.txt": RIGHT + "dL/dws = -0.5\n",
    }
    files = class_of(tmp_path, sheets)
    table = run("check", "skip", *files, "--feedback", "back", cwd=tmp_path).stdout
    assert re.search(r"ada & co.txt +3 of 3 +100 +2 +3 correct +2 not read", table)
    page = (tmp_path / "back" / "class.html").read_text("utf-8")
    assert page.index("Please look at these sheets by eye") < page.index("First mistakes")
    link = '<a class="elsewhere" href="ada%20%26%20co.txt.html">ada &amp; co.txt</a>'
    assert page.count(link) == 1
    assert (tmp_path / "back" / "ada & co.txt.html").exists()
    assert "in/ada" not in page
    text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "no mistake in what was read 1" in text
    assert "1 sheet has lines that could not be read and cost nothing." in text
    assert text.index("sign flipped") < text.index("no mistake in what was read 1")
    assert "All mistakes" not in text  # each is somebody's first
    groups = run("check", "skip", *files, "--group-by", "mistake", "--format", "csv", cwd=tmp_path)
    assert "2,sign flipped,in/cleo.txt; in/dan.txt" in groups.stdout.replace('"', "")
    alone = run("check", "skip", files[0], cwd=tmp_path).stdout
    assert "no mistake in 3 answers\n  2 lines are not read\n" in alone


def test_lines_that_may_rest_on_a_mistake_are_no_clean_sheet(run: Run, tmp_path: Path) -> None:
    files = class_of(tmp_path, {"a.txt": "h0 = 0.9 0.9 ( =\nz1 = 0.45\nh1 = 0.45\n"})
    said = run("check", "skip", *files, cwd=tmp_path).stdout
    assert "1 follows, 1 undecided" in said
    lines = "one in a line not written or not read\n  1 line is not read\n"
    assert f"no mistake in 2 answers, but 2 may come from {lines}" in said
    (tmp_path / "b.txt").write_text("z0 = 0.5\nh0 = 0.5\nL =\n", "utf-8")
    said = run("check", "skip", "b.txt", cwd=tmp_path).stdout
    assert "score 2 of 3\n  points are for the 3 lines answered or left blank, of" in said


def test_totals_are_in_the_order_of_the_network_and_ties_are_told(run: Run, tmp_path: Path) -> None:
    sheets = {"ada.txt": "L = 3.375\nz1 = 0.7\n", "ben.txt": "h0 = 0.9\nz0 = 0.5\n"}
    said = run("check", "skip", *class_of(tmp_path, sheets), cwd=tmp_path).stdout
    rows = re.findall(r"^(z0|h0|z1|L) +\d", said.partition("Totals for each quantity")[2], re.M)
    assert rows == ["z0", "h0", "z1", "L"]
    network = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    (tmp_path / "net.yaml").write_text(f"{network}ask: [L, z1, z0]\n", "utf-8")
    asked = run("check", "net.yaml", *class_of(tmp_path, sheets), cwd=tmp_path).stdout
    rows = re.findall(r"^(z0|h0|z1|L) +\d", asked.partition("Totals for each quantity")[2], re.M)
    assert rows == ["L", "z1", "z0", "h0"]  # those that are asked first, in the order of `ask:`
    assert "most often wrong: h0, z1, 1 each" in said


def test_a_link_to_a_file_with_a_strange_name() -> None:
    assert Linked("a", 'a#b?c\udcff".html').quoted == "a%23b%3Fc%FF%22.html"


def test_no_score_falls_between_two_bars(run: Run, tmp_path: Path) -> None:
    network = tmp_path / "net.yaml"
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    network.write_text(f"{text}points: {{z0: 20.5, h0: 5, z1: 5}}\n", "utf-8")
    files = class_of(tmp_path, {"a.txt": RIGHT, "b.txt": "z0 = 0.5\n", "c.txt": "h0 = 0.5\n"})
    run("check", "net.yaml", *files, "--feedback", "back", cwd=tmp_path)
    page = (tmp_path / "back" / "class.html").read_text("utf-8")
    bars = re.findall(r'<th scope="row">(\d+) to below (\d+)</th>', page)
    assert len(bars) > 2
    assert all(one[1] == two[0] for one, two in pairwise(bars))
    width = int(bars[0][1]) - int(bars[0][0])
    assert not any(int(first) % width for first, _ in bars)  # at round numbers


def test_a_line_that_stands_twice_counts_once(run: Run, tmp_path: Path) -> None:
    twice = f"{RIGHT}dL/dh0 = 0.25\n\n| q | value |\n|---|---|\n| dL/dh0 | 0.25 |\n"
    files = class_of(tmp_path, {"ada.md": twice, "ben.md": f"{RIGHT}dL/dh0 = 0.75\n"})
    done = run("check", "skip", *files, cwd=tmp_path)
    assert "most often wrong: ∂L/∂h0, on 1 of 2 sheets" in done.stdout


def test_names_that_sheets_use_are_proposed_once_for_a_class(run: Run, tmp_path: Path) -> None:
    other = RIGHT.replace("h0", "a0").replace("L =", "E =")
    files = class_of(tmp_path, {"ada.txt": other, "ben.txt": other, "cleo.txt": RIGHT})
    shown = run("check", "skip", *files, "--feedback", "back", cwd=tmp_path).stdout
    assert shown.count("names: {h0: a0") == 1
    assert "2 sheets use other words (in/ada.txt, in/ben.txt); to see these words" in shown
    assert "names: {" not in run("check", "skip", *files[1:], cwd=tmp_path).stdout  # of one alone
    assert "names: {h0: a0" in (tmp_path / "back" / "class.html").read_text("utf-8")
    assert "names: {" not in run("check", "skip", files[2], files[2], cwd=tmp_path).stdout


def test_no_name_is_proposed_that_has_two_meanings_or_stands_on_one_sheet() -> None:
    totals = Totals()
    totals.words = {("L", "E"): ["a", "b"], ("h0", "a"): ["a", "b"], ("z0", "a"): ["c", "d"],
                    ("h1", "o"): ["a"], ("L", "J"): ["c", "d", "e"]}  # fmt: skip
    totals.quantities = {name: Total(name, ()) for name in ("z0", "h0", "h1", "L")}
    assert "write names: {L: J} into" in totals.remarks[0]


def test_a_sheet_with_lines_unread_and_points_at_stake_is_to_be_looked_at(
    run: Run, tmp_path: Path
) -> None:
    files = class_of(tmp_path, {
        "ada.txt": RIGHT.replace("h0 = 0.5", "h0 = 0.7") + "q = 0.25\n",
        "ben.txt": "I was ill this week, and hand it in later.\n", "cleo.txt": RIGHT,
    })  # fmt: skip
    network = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    (tmp_path / "net.yaml").write_text(f"{network}ask: [z0, h0]\n", "utf-8")
    run("check", "net.yaml", *files, "--format", "markdown", "--feedback", "back", cwd=tmp_path)
    text = (tmp_path / "back" / "class.md").read_text("utf-8")
    listed = text.partition("by eye")[2].partition("## Points")[0]
    assert re.findall(r"\| \[([^]]*)\].* \| (\S+) \| (\S+) \|", listed) == [
        ("ben.txt", "2", "1"),
    ]  # fmt: skip
    assert "1 sheet has lines that could not be read and cost nothing." in listed


def test_a_platform_that_takes_sheets_again_is_told_no_right_figure(
    run: Run, tmp_path: Path
) -> None:
    sheet = (
        "z1 = 0.3*0.05 + 0.35 = 0.9\nh1 = 0.123\ndL/dw5 = 0.0411\nw5' = 0.4 + 0.5*0.0822 = 0.441\n"
    )
    (file,) = class_of(tmp_path, {"a.txt": sheet})
    told = json.loads(run("check", "mazur", file, "--format", "gradescope", cwd=tmp_path).stdout)
    said = {each["name"]: each["output"] for each in told["tests"]}
    assert "0.365" in run("check", "mazur", file, cwd=tmp_path).stdout
    assert said["z1"] == "wrong."
    assert said["h1"] == "wrong. We could not tell what went wrong."
    assert "belongs" in said["w5'"]  # the figure is the person's own


def test_right_figures_beside_working_that_does_not_give_them_are_no_work_without_mistake(
    run: Run, tmp_path: Path
) -> None:
    (file,) = class_of(tmp_path, {"a.txt": "z1 = 5*3 = 0.3775\nh1 = 0.5933\n"})
    text = run("check", "mazur", file, cwd=tmp_path).stdout
    assert "no wrong figure in 2 answers; the working beside 1 of them does not give it" in text


def test_a_sheet_on_which_nothing_is_right_may_be_of_another_exercise(
    run: Run, tmp_path: Path
) -> None:
    other = "z1 = 2.11\nh1 = 4.52\nz2 = 7.3\nh2 = 8.18\nz3 = 3.04\n"
    files = class_of(tmp_path, {"a.txt": other, "b.txt": "z1 = 0.3775\nh1 = 0.5933\n"})
    alone = run("check", "mazur", files[0], cwd=tmp_path).stdout
    assert "None of its figures is right. Is it the sheet of another exercise?" in alone
    misread = "z1 = 0.35 + 0.15*0.5 + 0.2*0.1 = 0.445\nh1 = 0.6095\nz2 = 0.505\nh2 = 0.6236\n"
    behind = "z3 = 1.1244\nyhat1 = 0.7548\nz4 = 1.2477\nyhat2 = 0.7769\n"
    assert "another exercise" not in run("check", "mazur", "-", stdin=misread + behind).stdout
    both = run("check", "mazur", *files, cwd=tmp_path).stdout
    assert f"please look at {files[0]}: no figure is right" in both
