"""Worksheets: what they ask, their solution, and answers files that `check` takes back."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import ROOT, rendered

import backcalc
from backcalc.checking.matrix_turns import right_text
from backcalc.checking.report import Marking, check
from backcalc.checking.turns import quiz
from backcalc.drawing.layout import draw
from backcalc.equations.named import whole_lines
from backcalc.formats import FORMATS, text
from backcalc.formulas.expression import Rounded
from backcalc.formulas.notation import UNICODE, Sign, phrase_text
from backcalc.formulas.quantity import typed
from backcalc.loading.loader import load, loads
from backcalc.sheets.blocks import Derivation, Matrix, Picture, Sentences, Table
from backcalc.sheets.worked import Wishes, worked_sheet
from backcalc.worksheets.asked import exercise
from backcalc.worksheets.paper import SHOW, skeleton, solution, worksheet

HOSTILE = r"=cmd|'/C calc'!A0 <script>document.title='x'</script> ]]> & \input{x} $x$ `|` *b*"
POINTS = """
title: Marked
inputs: {x: 1}
targets: {y: -3}
weights: {w0: 0.5}
nodes:
  0: {from: {x: w0}, activation: identity}
loss: l2
learning_rate: 0.1
points: {dL/dw0: 2, dz0/dw0: 1/2}
"""


def filled(text: str, values: dict[str, object]) -> str:
    """A skeleton with an answer behind each quantity."""
    lines = []
    for line in text.splitlines():
        name, equals, _ = line.partition(" =")
        value = values.get(name)
        exact = str(value) if isinstance(value, Fraction | str) else repr(value)
        lines.append(f"{line} {exact}" if equals and name in values else line)
    return "\n".join(lines)


def names_asked(sheet) -> list[str]:
    """The quantities of a sheet that have a blank for their result, in order."""
    names = []
    for block in sheet.blocks:
        if isinstance(block, Derivation):
            assert block.stages[-1][1][-1] == Sign("blank")
            names.append(phrase_text(block.name[:1]))
        elif isinstance(block, Table):
            assert all(row[-1][-1] == Sign("blank") for row in block.rows)
            names += [phrase_text(row[0][:1]) for row in block.rows]
    return names


# The same lines everywhere.


@pytest.mark.sweep
def test_sheet_skeleton_and_quiz_ask_the_same_lines_in_the_same_order(network_file) -> None:
    network = load(str(ROOT / network_file))
    own = exercise(network)
    asked = whole_lines((step.name for step in own.steps), network)
    lines = skeleton(own).splitlines()
    asked_there = [line.removesuffix(" =") for line in lines if line.endswith(" =")]
    assert asked_there == ["name", *asked]
    if network.matrices is None:  # whose worksheet asks for whole matrices
        assert names_asked(worksheet(own, Wishes())) == asked
    assert asked == [*quiz(network, None, None, None).names]


@pytest.mark.sweep
def test_an_empty_skeleton_is_missing_and_a_filled_one_is_correct(network_file) -> None:
    network = load(str(ROOT / network_file))
    own = exercise(network)
    text = skeleton(own)
    empty = check(Marking(network), text, "empty")
    assert {each.verdict for each in empty.answers} == {"missing"}
    values: dict[str, object] = {step.name: step.value for step in own.steps}
    if network.matrices is not None:
        key = Marking(network).key(1)
        asked = whole_lines(values, network)
        values = {name: values.get(name, right_text(key, name)) for name in asked}
    full = check(Marking(network), filled(text, values), "full")
    assert [each.name for each in full.answers] == [*values]
    right = {"correct"} if network.matrices is None else {"correct", "rounded"}
    assert {each.verdict for each in full.answers} <= right


@pytest.mark.parametrize("name", ["matrix_columns", "softmax_batch", "batch_norm_matrix", "mazur"])
def test_a_sheet_and_its_key_have_one_order(name: str) -> None:
    own = exercise(load(name))
    sheets = (worksheet(own, Wishes()), solution(own, Wishes()))
    kinds = (Matrix, Derivation)
    asked, solved = (
        [phrase_text(block.name[:1]) for block in sheet.blocks if isinstance(block, kinds)]
        for sheet in sheets
    )
    asked = [name for name in asked if name.startswith(("dL/", "∂L/"))]
    assert asked == [name for name in solved if name in asked]
    assert asked


def test_the_solution_is_the_worked_sheet() -> None:
    own = exercise(load("skip"))
    shown = rendered("text", solution(own, Wishes()), Wishes(), own.network)
    worked = rendered("text", worked_sheet(own.calculation, Wishes()), Wishes(), own.network)
    assert shown == worked.replace("Skip connection\n", "Skip connection: solution\n", 1)


# What is on the sheet.


def test_the_sheet_of_skip() -> None:
    own = exercise(load("skip"))
    lines = rendered("text", worksheet(own, Wishes(digits=4)), Wishes(), own.network).splitlines()
    start = lines.index("1. Forward pass")
    assert lines[:2] == [
        "Skip connection",
        "  name ______________________   date ____________",
    ]
    assert "  results: exact, or rounded to 4 significant digits" in lines
    assert lines[start : start + 7] == [
        "1. Forward pass",
        "───────────────",
        "quantity   formula         numbers                  result",
        "──────────────────────────────────────────────────────────────────",
        "",
        "z0         w0·x            ______________________   = ____________",
        "",
    ]
    place = lines.index("∂L/∂z2")
    assert lines[place : place + 8] == [
        "∂L/∂z2",
        "",
        "  chain rule        " + "_" * 50,
        "",
        "  numbers           " + "_" * 50,
        "",
        "  result            = ____________",
        "",
    ]


@pytest.mark.parametrize("show", SHOW)
@pytest.mark.parametrize("name", ["skip", "skip_equations"])
def test_show_prints_so_much(show: str, name: str) -> None:
    own = exercise(load(name))
    text = rendered("text", worksheet(own, Wishes(), show), Wishes(), own.network)
    rows = [line for line in text.splitlines() if "____" in line]
    assert any("w2·h1 + ws·h0" in row for row in rows) == (show != "names")
    assert ("∂L/∂z2·∂z2/∂w2" in text) == (show == "rules")
    assert ("w0 - lr·∂L/∂w0" in text) == (show == "rules")
    assert ("Equations" in text) == (show == "names" and name == "skip_equations")


def test_no_blank_gives_its_answer_away(network_file) -> None:
    own = exercise(load(str(ROOT / network_file)))
    start = rendered("text", worksheet(own, Wishes()), Wishes(), own.network)
    assert " result            ≈" not in start
    results = [line for line in start.splitlines() if line.startswith("  result ")]
    assert all(line.endswith("= ____________") for line in results)


@pytest.mark.parametrize(("form", "mark"), [("html", "<svg"), ("latex", "\\begin{tikzpicture}")])
@pytest.mark.parametrize("name", ["skip", "skip_equations"])
def test_a_typeset_sheet_has_a_drawing_without_numbers(
    run, name: str, form: str, mark: str
) -> None:
    text = run("worksheet", name, "--format", form).stdout
    assert text.count(mark) == 1
    assert mark in run("worksheet", name, "--format", form, "--key").stdout
    assert mark not in run("worksheet", name).stdout
    own = exercise(load(name))
    sheet = worksheet(own, Wishes(picture=True))
    (picture,) = (block for block in sheet.blocks if isinstance(block, Picture))
    assert picture.drawing == draw(own.network)
    assert not any(
        block.lines == picture.words for block in sheet.blocks if isinstance(block, Sentences)
    )


def test_a_table_that_a_page_has_no_room_for_is_stacked(network_file) -> None:
    own = exercise(load(str(ROOT / network_file)))
    sheet = worksheet(own, Wishes())
    for block in sheet.blocks:
        if isinstance(block, Table):
            cells = [[phrase_text(cell, UNICODE) for cell in row] for row in block.rows]
            widths = [max(map(len, c)) for c in zip(block.columns, *cells, strict=True)]
            assert sum(widths) + 9 <= 80


def test_without_a_learning_rate_there_is_no_update(run) -> None:
    text = (ROOT / "networks/skip.yaml").read_text("utf-8").replace("learning_rate: 1\n", "")
    network = loads(text.partition("expect:")[0])
    own = exercise(network)
    assert [part.heading for part in own.parts] == ["1. Forward pass", "2. Backward pass"]
    assert solution(own, Wishes()).blocks
    headings = [part.heading for part in exercise(network, Fraction(1), 2).parts]
    assert headings[-3:] == [
        "2. Backward pass of step 2",
        "3. Update of step 2",
        "4. Forward pass after the update of step 2",
    ]


def test_further_quantities_have_the_digits_of_the_sheet() -> None:
    text = POINTS.replace("activation: identity", "activation: sigmoid").replace(
        "dz0/dw0: 1/2", "dyhat/dz0: 1"
    )
    *_, further = exercise(loads(text)).steps
    assert further.name == "dyhat/dz0"
    assert isinstance(further.value, Rounded)


def test_points_stand_beside_the_blanks_and_in_the_solution() -> None:
    network = loads(POINTS)
    own = exercise(network)
    text = rendered("text", worksheet(own, Wishes()), Wishes(), network)
    assert "∂L/∂w0 (2 points)" in text
    assert "∂z0/∂w0 (0.5 points)" in text
    assert "∂L/∂ŷ (1 point)" in text
    assert skeleton(own).endswith("# Further quantities\ndz0/dw0 =\n")
    key = rendered("text", solution(own, Wishes()), Wishes(), network).splitlines()
    assert key[key.index("Points: 11.5 in all") + 5].split() == ["z0", "=", "1/2", "=", "0.5", "1"]
    assert key[-1].split() == ["∂z0/∂w0", "=", "1", "0.5"]
    values = {step.name: step.value for step in own.steps}
    report = check(Marking(network), filled(skeleton(own), values), "full")
    assert {each.verdict for each in report.answers} == {"correct"}


# Formats and the command.


def test_hostile_titles_stay_text() -> None:
    network = loads(POINTS.replace("Marked", f'"{HOSTILE}"'.replace("\\", "\\\\")))
    own = exercise(network)
    sheet = worksheet(own, Wishes())
    markdown = rendered("markdown", sheet, Wishes(), network).splitlines()[0]
    assert "<script>" not in markdown
    assert r"\<script\>" in markdown
    assert r"\\input\{x\} \$x\$ \`\|\` \*b\*" in markdown
    latex = rendered("latex", sheet, Wishes(), network)
    assert r"\input{x}" not in latex
    assert r"\textbackslash{}input\{x\} \$x\$" in latex
    page = rendered("html", sheet, Wishes(), network)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    links = re.findall(r'href="#([^"]*)"', page)
    assert links
    assert {*links} <= {*re.findall(r'id="([^"]*)"', page)}
    first, *rest = skeleton(own).splitlines()
    assert first.startswith("# =cmd|")
    assert rest[0].startswith("# numbers")


@pytest.mark.sweep
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
@pytest.mark.parametrize("name", ["skip", "softmax"])
def test_the_latex_compiles_and_nothing_sticks_out(run, tmp_path: Path, name: str) -> None:
    for flag in ((), ("--key",)):
        done = run(
            "worksheet", name, *flag, "--format", "latex", "-o", str(tmp_path / "s.tex"), "--force"
        )
        assert done.exit_code == 0, done.stderr
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "s.tex"]
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert made.returncode == 0, made.stdout.decode("latin-1")[-2000:]
        assert "Overfull \\hbox" not in (tmp_path / "s.log").read_text("latin-1")


def test_the_command_gives_sheet_key_and_answers(run, tmp_path: Path) -> None:
    path = tmp_path / "answers.txt"
    assert run("worksheet", "skip", "--answers", "-o", str(path)).exit_code == 0
    again = run("worksheet", "skip", "--answers", "-o", str(path))
    assert (again.exit_code, again.stderr) == (
        2,
        f"{path} exists already\nhint: add --force to overwrite it\n",
    )
    marked = run("check", "skip", str(path))
    assert marked.exit_code == 1
    assert "28 missing" in marked.stdout
    key = run("worksheet", "skip", "--key", "--digits", "9").stdout
    assert key.splitlines()[2:] == run("step", "skip", "--no-expand").stdout.splitlines()[2:]
    both = run("worksheet", "skip", "--key", "--answers")
    assert (both.exit_code, both.stderr) == (
        2,
        "--key and --answers make two different files\nhint: ask for one at a time\n",
    )


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("s.txt", "Skip connection"),
        ("s.MD", "# Skip connection"),
        ("s.tex", "% Compiles alone."),
        ("s.html", "<!DOCTYPE html>"),
    ],
)
def test_the_suffix_says_the_format(run, tmp_path: Path, name: str, start: str) -> None:
    path = tmp_path / name
    done = run("worksheet", "skip", "-o", str(path))
    assert (done.exit_code, done.stderr) == (0, f"{path} written\n")
    assert path.read_text("utf-8").startswith(start)
    meant = next(form for form, row in FORMATS.items() if path.suffix.lower() in row.suffixes)
    other = "text" if path.suffix.lower() == ".md" else "markdown"
    done = run("worksheet", "skip", "-o", str(path), "--force", "--format", other)
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        2, f"{path} would hold {other}, but its name means {meant}",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "ends"), [("s.doc", "ends in '.doc'"), ("s", "has no ending")])
def test_an_unknown_suffix_is_refused(run, tmp_path: Path, name: str, ends: str) -> None:
    path = tmp_path / name
    done = run("worksheet", "skip", "-o", str(path))
    hint = "hint: known: .txt, .md, .tex, .html, .svg, .png; or say --format text"
    message = f"{path} {ends}, which is no format of a worksheet"
    assert (done.exit_code, done.stderr) == (2, f"{message}\n{hint}\n")
    assert not path.exists()


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_a_worksheet_filled_in_with_an_editor_is_read(run, tmp_path: Path, form: str) -> None:
    network = tmp_path / "own.yaml"
    ask = "ask: [forward, {dL/dyhat: 2}, gradients, update]\n"
    network.write_text((ROOT / "networks" / "skip.yaml").read_text("utf-8") + ask, "utf-8")
    line = ("worksheet", str(network), "--lr", "1", "--format")
    right = {row["name"]: f"{row['value']:.4g}" for row in backcalc.step(load("skip"), lr=1).rows()}
    names = [typed(each.partition(" ")[0]) for each in run(*line, "text").stdout.splitlines()]
    values = iter([right[name] for name in names if name in right])
    blank = r"= (?:_{6,}|\$(?:\\displaystyle +)?\\rule\{0pt\}\{8mm\}\\underline\{\S+\}\$)"
    sheet = re.sub(blank, lambda _: f"= {next(values)}", run(*line, form).stdout)
    assert not [*values]
    marked = backcalc.check(network, sheet, lr=1, as_=form)
    assert {*marked.verdicts.values()} == {"correct"}
    assert (marked["files"][0]["unread"], marked.score) == ([], marked.points)


def test_the_answers_file_is_a_text(run, tmp_path: Path) -> None:
    done = run("worksheet", "skip", "--answers", "-o", str(tmp_path / "answers.html"))
    assert (done.exit_code, done.stderr) == (2, "--answers makes a text to fill in, not html\n")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.sweep
def test_a_network_that_is_trained_is_no_worksheet(run) -> None:
    done = run("worksheet", "moons")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "4234 lines of forward and backward pass are too many to work by hand\n"
        "hint: a sheet has at most 2000; `backcalc train` takes larger networks\n"
    )


def test_a_file_has_no_colours_whatever_the_terminal(run, tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    run("worksheet", "skip", "-o", str(path), env={"FORCE_COLOR": "1"})
    assert "\x1b" not in path.read_text("utf-8")


CLASSES = """
inputs: {x1: 0.6, x2: -0.1}
targets: {c: 1}
layers:
  - {name: h, units: 1, activation: tanh, weights: [[0.4, -0.7]], bias: [0.1]}
  - {name: o, units: 2, activation: softmax, weights: [[0.5], [-0.4]], bias: [0.1, -0.1]}
loss: cross_entropy
learning_rate: 0.5
"""


def test_a_loss_by_class_is_set_by_cases_outside(run) -> None:
    shown = run("step", "-", stdin=CLASSES).stdout
    assert "L = {-log(ŷ1) if c = 0, else -log(ŷ2)}" in shown


def test_the_lines_of_one_part_have_one_shape(run) -> None:
    wide = CLASSES.replace("units: 1", "units: 3").replace(
        "[[0.4, -0.7]]", "[[0.4, -0.7], [-0.2, 0.9], [0.8, 0.3]]"
    ).replace("[0.1]}", "[0.1, -0.3, 0.2]}").replace(
        "[[0.5], [-0.4]]", "[[0.5, -0.6, 0.3], [-0.4, 0.7, 0.2]]")  # fmt: skip
    shown = run("worksheet", "-", stdin=wide).stdout
    forward = shown.partition("1. Forward pass")[2].partition("2. Backward pass")[0]
    assert forward.count("quantity   formula") in (0, 1)
    assert not ("quantity   formula" in forward and "\n  numbers" in forward)


def test_a_blank_stays_on_its_line_and_no_line_starts_with_a_comma(monkeypatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("NO_COLOR", "1")
    for network in (loads(CLASSES), load("networks/matrix_columns.yaml")):
        sheet = worksheet(exercise(network), Wishes())
        shown = text.render(sheet, UNICODE, Terminal())
        lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown.splitlines()]
        assert max(map(len, lines)) <= 50
        assert not [line for line in lines if line.strip().startswith(",")]
        assert not [line for line in lines if len(line) > 20 and not line.strip("_ ")]


def test_a_printed_worksheet_keeps_its_tables_on_a_page(run) -> None:
    """Short ones, that is; they are wide enough to write in. Other pages print as they did."""
    page = run("worksheet", "skip", "--format", "html").stdout
    printed = page.partition("@media print")[2].partition("</style>")[0]
    for rule in (".box:not(:has(tr:nth-child(15)))", "li { break-inside: avoid; }"):
        assert f"header:has(.lead) ~ main {rule}" in printed
    assert "header:has(.lead) ~ main table { min-width: 75%; }" in printed
    for rule in ("dl:has(.blank) {", "tbody tr:has(.blank) > * { vertical-align: baseline;"):
        assert rule in page  # a label stands on the line of its blank
    assert 'class="lead"' in page
    assert 'class="lead"' not in run("step", "skip", "--format", "html").stdout


TOGETHER = """
inputs: [x1, x2]
targets: [t]
data: [{x1: 1, x2: 2, t: 1}, {x1: -1, x2: 1, t: 0}]
weights: {w11: 0.5, w12: -0.1, w21: 0.3, w22: 0.2, v1: 0.4, v2: -0.6}
biases: {b1: 0.1, b2: 0.05}
nodes:
  1: {from: {x1: w11, x2: w12}, bias: b1, activation: relu}
  2: {from: {x1: w21, x2: w22}, bias: b2, activation: relu}
  3: {from: {1: v1, 2: v2}, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
names: {z1: net_1, z2: net_2, dL/dz1: delta_1, dL/dz2: delta_2}
ask: [forward, {delta_1: 2}, {delta_2: 2}]
"""


def test_formulas_too_wide_for_a_row_stand_once_above_the_blanks_of_all_samples(run) -> None:
    shown = run("worksheet", "-", stdin=TOGETHER).stdout
    assert shown.count("net_1 = w11·x1 + w12·x2 + b1") == 1
    assert "w11·x1[1]" not in shown
    assert re.search(r"net_1\[2\] \(1 point\) +_+ +=", shown)
    assert "net_1[2]" not in shown.partition("1. Forward pass")[0].partition("Equations")[2]
    single = TOGETHER.replace("data: [{x1: 1, x2: 2, t: 1}, {x1: -1, x2: 1, t: 0}]", "").replace(
        "inputs: [x1, x2]\ntargets: [t]", "inputs: {x1: 1, x2: 2}\ntargets: {t: 1}"
    ).replace("{delta_1: 2}, {delta_2: 2}", "delta_1")  # fmt: skip
    assert "Equations of the network" not in run("worksheet", "-", stdin=single).stdout


def test_the_samples_of_a_part_follow_each_other_in_the_order_of_ask(run) -> None:
    backward = run("worksheet", "-", stdin=TOGETHER).stdout.partition("2. Backward pass")[2]
    found = re.findall(r"^(Sample \d|delta_\d\[\d\])", backward, re.MULTILINE)
    assert found == ["Sample 1", "delta_1[1]", "delta_2[1]", "Sample 2", "delta_1[2]", "delta_2[2]"]
    assert re.search(r"^Sample 1: .*\n\ndelta", backward, re.MULTILINE)


def test_short_blanks_stand_side_by_side_on_paper(run) -> None:
    latex = run("worksheet", "skip", "--format", "latex").stdout
    assert latex.count(r"\begin{minipage}") == latex.count(r"\hfill") * 2 == 6
    assert latex.count(r"\hspace{110mm}") >= 2  # whose sum has no room there
    named = [line for line in latex.splitlines() if re.search(r"frac.* = .*(?:34mm|5cm)", line)]
    assert len(named) == latex.count("34mm") >= 6  # beside a name a longer blank would drop below
    page = run("worksheet", "skip", "--format", "html").stdout
    assert page.count('class="derivative short"') >= 6


@pytest.mark.parametrize(
    ("marking", "words"),
    [
        ("{carry: half, again: none}", "one earns half its points, one with a mistake that was "),
        ("{policy: strict}", "a mistake that was made before, earns no points"),
        ("{close: 0.3}", "a mistake that was made before, earns all its points"),
    ],
)
def test_sheet_and_key_say_what_lines_behind_a_mistake_earn(
    marking: str, words: str, run, tmp_path: Path
) -> None:
    net = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    (tmp_path / "net.yaml").write_text(f"{net}\nask: [z0, h0]\nmarking: {marking}\n")
    for more in ((), ("--key",)):
        assert words in run("worksheet", "net.yaml", *more, cwd=tmp_path).stdout


def test_the_name_of_a_block_in_latex_stands_nearer_to_its_own_lines(run) -> None:
    tex = run("worksheet", "tests/sheets/points.yaml", "--format", "latex").stdout
    below, after = (re.findall(rf"\\vspace{{(-?\d+)mm}}{end}", tex) for end in (r"\n\{", r"\n\n"))
    assert below
    assert max(map(int, below)) < 0 < min(map(int, after))
