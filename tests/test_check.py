"""check and lint: real sheets with their verdicts, hostile ones, many at once."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import LIBRARY, ROOT, Result
from hand_sheets import sheets_with
from random_networks import random_network

from backcalc.checking.checked import Whose, overview, report_sheet
from backcalc.checking.key import key_for
from backcalc.checking.report import Marking, check
from backcalc.checking.slips import SLIPS
from backcalc.checking.written import written_number
from backcalc.equations import calculation
from backcalc.equations.calculation import forward
from backcalc.equations.program import assemble
from backcalc.errors import UndefinedError
from backcalc.formats.text import render, running
from backcalc.formulas.expression import Number, Rounded
from backcalc.formulas.notation import UNICODE
from backcalc.loading.loader import load, loads

SHEETS = ROOT / "tests" / "sheets"
Run = Callable[..., Result]


def checked(run: Run, *arguments: str, stdin: str = "") -> dict[str, Any]:
    """The JSON of one file's verdicts."""
    result = run("check", *arguments, "--format", "json", stdin=stdin)
    data = json.loads(result.stdout)
    assert data["schema"] == "backcalc/check/1"
    (file,) = data["files"]
    passes = (*RIGHT, "close")
    assert result.exit_code == int(any(row["verdict"] not in passes for row in file["answers"]))
    file["by_name"] = {row["name"]: row for row in file["answers"]}
    return dict(file)


def one(run: Run, network: str, text: str, *options: str) -> dict[str, Any]:
    """The verdict on a sheet of one line."""
    (row,) = checked(run, network, "-", *options, stdin=text)["answers"]
    return dict(row)


RIGHT = ("correct", "rounded")
UNKNOWN = "We could not tell what went wrong."


# The real sheets.


def test_sheet_a_one_sign_and_all_that_follows(run: Run) -> None:
    sheet = checked(run, "skip", str(SHEETS / "a.txt"), "--lr", "1")
    verdicts = [row["verdict"] for row in sheet["answers"]]
    assert verdicts == ["correct"] * 5 + ["wrong"] + ["follows"] * 15
    assert sheet["first_mistake"] == "dL/dyhat"
    assert (sheet["touched"], sheet["score"], sheet["points"]) == (15, 20, 21)
    slip = sheet["by_name"]["dL/dyhat"]
    assert slip["slips"] == ["loss-sign"]
    assert slip["comment"] == (
        "You flipped the sign of the loss's derivative: "
        "yhat is above y, so L grows with yhat and the derivative is positive."
    )
    assert sheet["by_name"]["z2'"]["comment"] == "Right from your own w2', ws', h0' and h1'."
    assert sheet["by_name"]["z2'"]["from"] == ["w2'", "ws'", "h0'", "h1'"]
    assert sheet["by_name"]["dL/dz2"]["from"] == ["dL/dyhat"]


@pytest.mark.parametrize("left_out", [(), ("dL/dyhat",)])
def test_sheet_c_one_mistake_the_rest_follows(run: Run, left_out: tuple[str, ...]) -> None:
    lines = (SHEETS / "c.txt").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith(tuple(left_out) or ("#",)))
    sheet = checked(run, "skip_bias", "-", "--lr", "1", stdin=text)
    wrong = [row for row in sheet["answers"] if row["verdict"] == "wrong"]
    assert len(wrong) == 1
    assert wrong[0]["slips"] == ["gradient-sign" if left_out else "loss-sign"]
    assert {row["verdict"] for row in sheet["answers"] if row not in wrong} == {"follows"}
    assert sheet["touched"] == len(sheet["answers"]) - 1


def test_sheet_c_says_what_was_done_where_only_one_line_shows_it(run: Run) -> None:
    row = one(run, "skip_bias", "dL/db2 = -1")
    assert row["comment"] == "You flipped a sign: follow each minus sign through the line."


def test_sheet_d_an_inaccuracy_and_a_line_with_too_few_digits_to_say_why(run: Run) -> None:
    rows = checked(run, "tree_sigmoid", str(SHEETS / "d.txt"))["by_name"]
    verdicts = {name: row["verdict"] for name, row in rows.items()}
    assert verdicts == {
        "z1": "correct", "z2": "correct", "h1": "rounded", "h2": "rounded", "z3": "close",
        "yhat": "follows", "dL/dw1": "wrong",
    }  # fmt: skip
    assert rows["z3"]["slips"] == []
    assert rows["z3"]["comment"] == "Close: your own figures give -0.04405."
    assert rows["yhat"]["from"] == ["z3"]
    assert rows["dL/dw1"]["slips"] == []  # two digits are dL/dw5's by chance too


@pytest.mark.sweep
def test_the_published_figure_that_is_wrong_is_known_for_what_it_is(run: Run) -> None:
    result = run("lint", "networks/mazur.yaml", "--format", "json")
    assert result.exit_code == 0
    (file,) = json.loads(result.stdout)["files"]
    (erratum, *rest) = [(row["name"], row["verdict"]) for row in file["answers"]]
    assert erratum == ("L'", "known")
    assert {verdict for _, verdict in rest} <= set(RIGHT)
    row = one(run, "mazur", "L' = 0.291027924")
    assert row["slips"] == ["updated-weights"]
    assert row["comment"].startswith("You used updated weights in the backward pass")


@pytest.mark.sweep
def test_lint_finds_nothing_in_bundled_networks(run: Run) -> None:
    """In a few; test_bundled.py goes over all of their figures, errata and examples."""
    result = run("lint", *LIBRARY[::24])
    assert (result.exit_code, result.stderr) == (0, "")
    assert all(file in result.stdout for file in LIBRARY[::24])


# What counts as an answer, and what it is worth.


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("z0: 0.5", "correct"),
        ("z0 = 1/2", "correct"),
        ("z₀ = .5", "correct"),
        ("z0 = 0.25*0.5 + 0.75*0.5", "correct"),
        ("z0 = w0*x = 0.5*1 = 0.5", "correct"),
        ("z0 ≈ 0.50", "correct"),
        ("z0 = ½.", "correct"),
        ("z0 = 5.0×10^-1", "correct"),
        ("1) z0 → 0.5   // paper", "correct"),
        ("z0 = 0.5  # from the book, x = 9", "correct"),
        ("Forward pass:\n- z0 = 0.5", "correct"),
        ("L = ln(1) + 3.375", "correct"),
        ("w0 := w0 - lr*dL/dw0 = -0.25", "correct"),
        ("dL/dyhat = sign(yhat + 3)", "correct"),
        ("dL/dw0 = dL/dz0", "correct"),
        ("∂L/∂w0 = 3/4", "correct"),
        ("grad w0 = 0.75", "correct"),
        ("dL/dw0 = 0.8", "rounded"),
        ("dL/dw0 = 0.7", "rounded"),
        ("dL/dw0 = 0.6", "wrong"),
        ("dL/dw0 = 7.5e-1", "correct"),
        ("w0' = −1/4", "correct"),
        ("w0′ = -0.25", "correct"),
        ("ŷ = 0.375", "correct"),
        ("yhat = 0.38", "rounded"),
        ("yhat = 0.37", "rounded"),
        ("yhat = 0.36", "wrong"),
        ("dz2/dh0 = ws", "correct"),
        ("dz2/dh0 = 0.5", "correct"),
        ("dz2/dw0 = 0.75", "correct"),
        ("dyhat/dz0 = 3/4", "correct"),
        ("L = |yhat - y|".replace("|", ""), "correct"),
        ("L = abs(yhat - y)", "correct"),
        ("x = 1", "correct"),
        ("x = 2", "wrong"),
        ("z0 =", "missing"),
        ("w0''' = 0.5", "wrong"),
    ],
)
def test_one_line(run: Run, text: str, verdict: str) -> None:
    assert one(run, "skip", text)["verdict"] == verdict


def test_several_answers_on_one_line(run: Run) -> None:
    sheet = checked(run, "skip", "-", stdin="z0 = 0.5; h0 = 1/2, z1=0.25\nL = max(3, 2)")
    assert [row["verdict"] for row in sheet["answers"]] == ["correct"] * 3 + ["wrong"]


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("w0' = w0 + lr*dL/dw0 = -0.25", "w0 + lr*dL/dw0 is not the formula for it."),
        ("dL/dw1 = 0.5*0.4 = 0.25", "0.5*0.4 does not give it."),
        ("dL/dw1 = dL/dz1*h0 = 0.5*0.5 = 0.25", ""),
        ("dL/dw1 = dL/dz2*w2*h0 = 0.25", ""),  # the relu is open
        ("dL/dw1 = dL/dz2*h1*h0 = 0.25", "dL/dz2*h1*h0 is not the formula for it."),
        ("dL/dw2 = 1*h1 = 0.25", ""),  # dL/dz2 is 1
        ("h0 = 1*z0 = 0.5", ""),
        ("dL/dz1 = dL/dyhat*w2*1 = 1/2", ""),
    ],
)
def test_the_working_before_a_right_figure(run: Run, text: str, comment: str) -> None:
    row = one(run, "skip", text)
    assert row["verdict"] == "correct"
    assert row["comment"].endswith(comment)
    assert bool(row["comment"]) == bool(comment)


@pytest.mark.parametrize(
    ("network", "text"),
    [
        ("softmax", "yhat2 = 0.3981\ndL/dyhat2 = -2.511\ndL/dz2 = -0.6019"),
        ("softmax", "L = -log(yhat2)\ndL/dz2 = yhat2 - 1"),
        ("mazur", "b1' = 0.35\nb2' = b2"),
        ("xor", "z3[1]' = 0.1541; z3'[2] = -0.0340"),
        ("xor", "dJ/dz3[1] = .1367; dJ/dz3[2] = -.125; dJ/dz3[3] = -.105; dJ/dz3[4] = .134"),
    ],
)
def test_other_right_ways(run: Run, network: str, text: str) -> None:
    rows = checked(run, network, "-", stdin=text)["answers"]
    assert {row["verdict"] for row in rows} <= set(RIGHT)


@pytest.mark.parametrize(
    ("activation", "loss", "targets"),
    [
        ("sigmoid", "cross_entropy", (0.5,)),  # not its own loss
        ("softmax", "cross_entropy", (0.5, 0.25)),  # targets that do not add up to 1
    ],
)
def test_the_short_form_is_no_way_where_it_does_not_hold(
    run: Run, tmp_path: Path, activation: str, loss: str, targets: tuple[float, ...]
) -> None:
    names = range(1, len(targets) + 1)
    nodes = "".join(f"  {k}: {{from: {{x: w{k}}}, activation: {activation}}}\n" for k in names)
    file = tmp_path / "net.yaml"
    file.write_text(
        f"inputs: {{x: 1}}\ntargets: {{{', '.join(f'y{k}: {targets[k - 1]}' for k in names)}}}\n"
        f"weights: {{{', '.join(f'w{k}: 0.{k}' for k in names)}}}\nnodes:\n{nodes}loss: {loss}\n",
        "utf-8",
    )
    output = "yhat" if len(targets) == 1 else "yhat1"
    probability = forward(load(str(file))).values[output]
    row = one(run, str(file), f"dL/dz1 = {float(probability) - targets[0]:.6f}")
    assert row["verdict"] == "wrong"


def test_the_mean_may_be_taken_at_the_end_or_at_the_start(run: Run) -> None:
    # dJ/db3 is the sum of the dJ/dz3[i]; one of them has its sign turned and is carried on.
    text = "\n".join(
        f"dJ/dz3[{number}] = {figure}"
        for number, figure in enumerate(("0.137", "0.125", "-0.105", "0.134"), 1)
    )
    sheet = checked(run, "xor", "-", stdin=f"{text}\ndJ/db3 = 0.291")
    assert sheet["by_name"]["dJ/dz3[2]"]["verdict"] == "wrong"
    assert sheet["by_name"]["dJ/db3"]["verdict"] == "follows"


def test_one_mistake_in_a_line_left_out_is_one_mistake(run: Run) -> None:
    network = load("mazur")
    key = key_for(network, None, 1)
    (sheet, *_) = sheets_with(key, SLIPS["gradient-sign"], "dL/dz4", 6)
    text = "\n".join(f"{n} = {figure}" for n, figure in sheet.figures.items() if n != "dL/dz4")
    rows = checked(run, "mazur", "-", stdin=text)["answers"]
    wrong = [row for row in rows if row["verdict"] == "wrong"]
    assert len(wrong) == 1
    assert wrong[0]["comment"].startswith(
        "Look at dL/dz4, which your sheet leaves out. You flipped a sign: "
    )


def test_a_zero_that_comes_from_rounding_earns_nothing(run: Run) -> None:
    text = "yhat = 0.5\ndL/dyhat = 0\ndL/dw5 = 0\ndL/dw1 = 0"
    sheet = checked(run, "tree_sigmoid", "-", stdin=text)
    verdicts = [row["verdict"] for row in sheet["answers"]]
    assert verdicts == ["rounded", "undecided", "undecided", "undecided"]
    assert "Write more digits" in sheet["by_name"]["dL/dw5"]["comment"]
    assert sheet["score"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("z9 = 1", "there is no quantity 'z9' in this network"),
        ("z0 = q", "there is no quantity 'q' in this network"),
        ("dy/dx = 1", "there is no quantity 'dy/dx' in this network"),
        ("dz0/dw1 = 1", "there is no derivative 'dz0/dw1': 'z0' does not depend on 'w1'"),
        ("", "there are no answers"),
        ("only words", "this is no answer"),
        ("Sheet  6   Name: Gina", "'Sheet 6 Name' is no quantity of this network"),
        ("z0 = z0", "this is no answer"),
        ("z0 = 1/0", "has no value"),
        ("z0 = " + "1+" * 60_000 + "1", "the formula is longer than 100000 characters"),
        ("z0 = " + "(" * 100_000, "more than 40 levels of brackets"),
        ("z0 = x.__class__", "'.' is not part of any formula"),
        ("z0 = 9**9**9", "the exponent is larger than 1000"),
        ("z0 = 1e999999999", "has too many digits"),
        ("z0 = __import__(1)", "unknown function"),
        ("z0 = \x00", "is not"),
        ("z0: [1, 2]", "'[' is not part of any formula"),
        ("z0: &a 1", "'&' is not part of any formula"),
        ("w0" + "'" * 101 + " = 1", "at most 100"),
        ("z0 = 1\n" * 1 + "# " + "x" * 1_100_000, "larger than 1 MB"),
    ],
)
def test_what_cannot_be_read(run: Run, text: str, message: str) -> None:
    result = run("check", "skip", "-", stdin=text)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "bug" not in result.stderr


READ = {
    "\ufeff\ufeff# t\nz0 = 0.5\n": "",
    "z0 = ,5": "1:6: expected a number, a name or a bracket, but found ','\n1 | z0 = ,5\n"
    "  |      ^\nhint: write 0.5, with a point\n",
    "Z0 = 0.5": "",
    "DL/DW0 = 1": "1:1: there is no quantity 'DL/DW0' in this network\n1 | DL/DW0 = 1\n  | ^^^^^^\n"
    "hint: did you mean 'dL/dw0'?\n",
    "qqq = 1": "1:1: there is no quantity 'qqq' in this network\n1 | qqq = 1\n  | ^^^\n"
    "hint: the sheet starts with z0, h0, z1, h1, z2, yhat, L, dL/dyhat, ...\n",
    "h0 = n/a": "1:6: 'n/a' is no number\n1 | h0 = n/a\n  |      ^^^\n"
    "hint: write nothing, or -, where you have no answer\n",
    "L = NaN": "1:5: 'NaN' is no number\n1 | L = NaN\n  |     ^^^\n"
    "hint: write nothing, or -, where you have no answer\n",
    "hello\nz0 = 0.5": "",
    "z0: 0.5\nmy note: see page: 3": "",
    "z0: 0.5\nmy note: page 3": "",
    "z0: {a: 1}": "1:5: '{' is not part of any formula\n1 | z0: {a: 1}\n  |     ^\n",
}


@pytest.mark.parametrize("text", READ)
def test_what_people_write_is_answered_in_words_of_theirs(run: Run, text: str) -> None:
    result = run("check", "skip", "-", stdin=text)
    assert result.stderr == (READ[text] and f"<stdin>:{READ[text]}")
    assert result.exit_code == (2 if READ[text] else 0)


def test_a_quantity_may_be_called_nan(run: Run, tmp_path: Path) -> None:
    network = tmp_path / "net.yaml"
    network.write_text("weights: {nan: 2}\nequations: {f: nan**2}\nloss: f\n", "utf-8")
    assert run("check", str(network), "-", stdin="f = 4\ndf/dnan = nan + nan\n").exit_code == 0


@pytest.mark.parametrize("right", ["w + w", "w + w + w", "v + w + v", "w - w", "w*w", "max(w, w)"])
@pytest.mark.parametrize("wrong", ["1", "7", "-200", "200", "0"])
def test_an_equation_may_read_a_weight_twice(
    run: Run, tmp_path: Path, right: str, wrong: str
) -> None:
    network = tmp_path / "net.yaml"
    network.write_text(
        f"weights: {{v: 2, w: 100}}\nequations: {{q: '{right}', f: q*v}}\nloss: f\n", "utf-8"
    )
    text = f"q = {wrong}\nf = {wrong}\ndf/dw = {wrong}\n"
    assert run("check", str(network), "-", stdin=text).exit_code in (0, 1)


WRONGED: tuple[Callable[[float, random.Random], str], ...] = (
    lambda value, draw: f"{-value:.6g}",
    lambda value, draw: f"{value / 2:.5g}",
    lambda value, draw: f"{value:.2g}",
    lambda value, draw: str(draw.choice([0, 1, 7, 100, 1e10, 1e-9])),
    lambda value, draw: f"{draw.randint(-9, 9)}/{draw.randint(1, 9)}",
    lambda value, draw: "?",
)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(0, 90, 6))
def test_no_wrong_answer_breaks_anything(run: Run, tmp_path: Path, seed: int) -> None:
    draw, text = random.Random(seed), random_network(seed)
    network = loads(text)
    try:
        found = calculation.step(network, network.learning_rate or Fraction(1, 2)).values
    except UndefinedError:
        return
    names = [each.name for each in assemble(network).forward + assemble(network).backward]
    (tmp_path / "net.yaml").write_text(text, "utf-8")
    lines = (f"{n} = {draw.choice(WRONGED)(float(found[n]), draw)}\n" for n in names[:12])
    told = run("check", str(tmp_path / "net.yaml"), "-", stdin="".join(lines))
    assert told.exit_code < 3, told.stderr  # 2: the points of the file are for what it has not


def test_points_carry_and_missing_lines(run: Run, tmp_path: Path) -> None:
    network = tmp_path / "skip.yaml"
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    network.write_text(text + "\npoints: {L: 2, dL/dyhat: 3, z1: 0.5, ws': 4}\n", "utf-8")
    answers = "dL/dyhat = -1\ndL/dz2 = -1\nz1 = 0.25\nL = 3.375\nz0 =\n"
    scores = {}
    for carry in ("full", "half", "none"):
        sheet = checked(run, str(network), "-", "--carry", carry, stdin=answers)
        scores[carry] = sheet["score"]
        assert sheet["points"] == 2 + 3 + 0.5 + 4 + 1 + 1
        assert sheet["by_name"]["ws'"]["verdict"] == "missing"
        assert sheet["by_name"]["z0"]["verdict"] == "missing"
    assert scores == {"full": 3.5, "half": 3, "none": 2.5}


def test_a_zero_that_follows_keeps_its_points_where_it_is_worked_out(run: Run) -> None:
    sheet = checked(run, "skip", "-", stdin="dL/dz2 = 0\ndL/dw2 = 0*0.25 = 0\ndL/dws = 0\n")
    assert [row["verdict"] for row in sheet["answers"]] == ["wrong", "follows", "follows"]
    assert sheet["score"] == 1
    assert sheet["by_name"]["dL/dw2"]["comment"] == "Right from your own dL/dz2."


@pytest.mark.parametrize(
    ("network", "text", "verdicts"),
    [
        # Nobody's right work: it agrees with a wrong line two lines up.
        ("skip", "z0 = 0\nh0 = 7\nz1 = 0", "wrong wrong follows"),
        # Right and cut off, while the wrong line gives another figure.
        ("skip", "dL/dw1 = -0.25\ndL/dh0 = 0.70", "wrong wrong"),
        ("skip", "dL/dw1 = -0.25\ndL/dh0 = 0.7", "wrong undecided"),
        ("skip", "dL/dw1 = -0.25\ndL/dh0 = 0.25", "wrong follows"),
        ("mazur", "dL/dw5 = -0.0821670406\ndL/dw1 = 0.000438", "wrong rounded"),
        # Right, rounded on the way, and what lies between the right one and the person's own.
        ("fine_tuning", "dL/dv1 = 0.2599\ndL/dw3 = 0.09080", "wrong rounded"),
        ("fine_tuning", "dL/dv1 = 0.2599\ndL/dw3 = 0.01", "wrong wrong"),
        ("fine_tuning", "dL/dv1 = 0.2599\ndL/dw3 = -0.09076", "wrong follows"),
        # A mistake is guessed in a line left out, and the next line shows that it was none.
        ("rnn", "dL/dyhat = -1.1\ndL/dwy = 0.11", "wrong follows"),
        ("softmax", "dL/dyhat2 = -4.3\ndL/dw5 = 0.41", "wrong follows"),
        # A zero that is right only from another one.
        ("tree_sigmoid", "yhat = 0.5\ndL/dyhat = 0\ndL/dz3 = 7\ndL/dw5 = 0",
         "rounded undecided wrong undecided"),
    ],
)  # fmt: skip
def test_what_stands_behind_a_wrong_line(run: Run, network: str, text: str, verdicts: str) -> None:
    sheet = checked(run, network, "-", "--carry", "none", stdin=text)
    assert " ".join(row["verdict"] for row in sheet["answers"]) == verdicts
    rounded = [row for row in sheet["answers"] if row["verdict"] == "rounded"]
    assert sheet["score"] == sum(row["written"] != "0" for row in rounded)


@pytest.mark.parametrize(
    ("size", "text", "score", "comment"),
    [
        (1000, "h0 = 0", 1, "Right: a calculator shows 0 for so small a number."),
        (1000, "h0 = 0\ndL/dw1 = 0", 2, "Right: a calculator shows 0 for so small a number."),
        (1000, "h0 = 5.08e-320", 0, f"This should be 5.076e-435. {UNKNOWN}"),
        (700, "h0 = 9.8597e-305", 1, ""),
        (
            700,
            "h0 = 9.8596e-305\ndL/dw1 = 0",
            2,
            "Right: a calculator shows 0 for so small a number.",
        ),
        (40, "h0 = 0", 0, "Write more digits: the value is not 0."),
        (40, "h0 = 4.2484e-18", 1, ""),
    ],
)
def test_figures_that_are_nearly_zero(
    run: Run, tmp_path: Path, size: int, text: str, score: int, comment: str
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(
        f"inputs: {{x: {size}}}\ntargets: {{y: 0}}\nweights: {{w0: 1, w1: 1}}\n"
        "equations:\n  z0: w0*x\n  h0: sigmoid(-z0)\n  yhat: w1*h0\nloss: half_l2\n",
        "utf-8",
    )
    sheet = checked(run, str(file), "-", stdin=text)
    assert (sheet["score"], sheet["answers"][-1]["comment"]) == (score, comment)


def test_a_follow_up_names_what_it_follows_from_and_what_not(run: Run) -> None:
    row = checked(run, "skip", "-", stdin="z0 = 0\nh0 = 7\nz1 = 0")["by_name"]["z1"]
    assert row["from"] == ["z0"]
    said = "Right from your own z0. You did not go on from your own h0."
    assert row["comment"] == f"{said} Anything times 0 is 0, so this one earns no points."


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("1e-320", "1.2e-320", True),
        ("1e-320", "3e-320", False),
        ("5.0759589e-435", "5.07595894443e-435", True),
        ("5.0759589e-435", "5.0759599e-435", False),
        ("-1.5629e-18", "-1.56288219e-18", True),
        ("-1.5628e-18", "-1.56288219e-18", True),
        ("-1.5627e-18", "-1.56288219e-18", False),
        ("0", "-1.56288219e-18", False),
        ("0.00", "-1.56288219e-18", True),
        ("1.4", "1.49999999997", True),
        ("1.4", "1.499999999999999", False),  # a double that is 1.5
    ],
)
def test_figures_are_compared_by_their_digits(text: str, value: str, fits: bool) -> None:
    number = Number(Fraction(text))
    assert written_number(number, text).fits(Rounded(Decimal(value))) == fits
    assert written_number(number, text).means(Rounded(Decimal(text)))


@pytest.mark.parametrize(
    ("network", "text", "slip"),
    [
        ("adam", "vhat_x = 0.009", "bias-correction-omitted"),
        ("adam", "vhat_x = 0.090000", "other-beta"),
        ("clipped", "g_u = 32", "gradient-as-it-was"),
        ("adam", "x' = 0.9666666667", "root-omitted"),
    ],
)
def test_slips_with_an_optimizer(run: Run, network: str, text: str, slip: str) -> None:
    assert slip in one(run, network, text)["slips"]


# Many files.


@pytest.fixture
def three(tmp_path: Path) -> list[str]:
    """A right sheet, one with a mistake, one that cannot be read."""
    texts = {"right": "z0 = 0.5\nL = 3.375", "slip": "z0 = 0.5\nL = -3.375", "bad": "z0 = ("}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    return [str(tmp_path / name) for name in texts]


def test_one_bad_file_is_reported_and_the_others_are_marked(run: Run, three: list[str]) -> None:
    result = run("check", "skip", *three)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{three[2]}:1:")
    assert "not marked: expected a number" in result.stdout
    assert "most often wrong: L, on 1 of 2 sheets" in result.stdout


def test_json_csv_and_junit_of_many(run: Run, three: list[str]) -> None:
    data = json.loads(run("check", "skip", *three, "--format", "json").stdout)
    assert [file["score"] for file in data["files"]] == [2, 1, None]
    assert [bool(file["error"]) for file in data["files"]] == [False, False, True]
    totals = {row["name"]: row for row in data["totals"]}
    assert totals["L"]["wrong"] == 1
    assert next(iter(totals["L"]["slips"])) == "gradient-sign"
    rows = list(csv.DictReader(io.StringIO(run("check", "skip", *three, "--format", "csv").stdout)))
    assert [row["score"] for row in rows] == ["2", "1", ""]
    assert rows[1]["first_mistake"] == "L"
    suites = ElementTree.fromstring(run("check", "skip", *three, "--format", "junit").stdout)
    assert [suite.get("failures") for suite in suites] == ["0", "1", "0"]
    assert [suite.get("errors") for suite in suites] == ["0", "0", "1"]
    markdown = run("check", "skip", *three, "--format", "markdown").stdout
    assert markdown.count("| --- |") > 1


def test_a_spreadsheet_runs_no_file_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "=1+1").write_text("z0 = 1/2", "utf-8")
    result = run("check", str(ROOT / "networks/skip.yaml"), "=1+1", "--format", "csv", cwd=tmp_path)
    assert result.stdout.splitlines()[1].startswith("'=1+1,")


def test_a_file_that_takes_too_long_is_refused_alone(
    run: Run, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from backcalc.commands import check, check_many

    marked = check.checked

    def slow(marking: Any, text: str, file: str, kind: str) -> Any:
        while file == three[0]:
            pass
        return marked(marking, text, file, kind)

    monkeypatch.setattr(check, "checked", slow)
    monkeypatch.setattr(check_many, "SECONDS", 0.2)
    result = run("check", "skip", *three[:2], "--format", "json")
    files = json.loads(result.stdout)["files"]
    assert "takes longer than 0.2 s" in files[0]["error"]
    assert files[1]["error"] is None


def test_a_file_that_takes_too_much_memory_is_refused_alone(
    run: Run, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from backcalc.commands import check

    marked = check.checked

    def greedy(marking: Any, text: str, file: str, kind: str) -> Any:
        if file == three[0]:
            return bytearray(3_000_000_000)
        return marked(marking, text, file, kind)

    monkeypatch.setattr(check, "checked", greedy)
    files = json.loads(run("check", "skip", *three[:2], "--format", "json").stdout)["files"]
    assert "takes more than 512 MB" in files[0]["error"]
    assert files[1]["error"] is None


def test_a_bug_that_one_file_meets_does_not_end_the_others(
    run: Run, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from backcalc.commands import check

    marked = check.checked

    def torn(marking: Any, text: str, file: str, kind: str) -> Any:
        if file == three[0]:
            raise KeyError("z0")
        return marked(marking, text, file, kind)

    monkeypatch.setattr(check, "checked", torn)
    result = run("check", "skip", *three[:2], "--format", "json")
    files = json.loads(result.stdout)["files"]
    assert result.exit_code == 70
    assert "this is a bug in backcalc: KeyError: 'z0'" in files[0]["error"]
    assert files[1]["error"] is None


# lint.


@pytest.mark.parametrize(
    ("expect", "status", "said"),
    [
        ("{z0: 0.5}", 0, "1 right"),
        ("{z0: 0.6}", 1, "1 off, 0 right"),
        ("{z0: 0.5, h0: 0.6}", 1, "The file's figures give 0.5"),
        ("{z0: 0.6, h0: 0.6}", 1, "Right from the file's z0"),
        ("{L: {value: 6.75, wrong: factor-two}}", 0, "known to be wrong: L"),
        ("{L: {value: 3.375, wrong: factor-two}}", 1, "marked as wrong (factor-two), but it is"),
        ("{L: {value: 9.9, wrong: factor-two}}", 1, "not by the mistake that is named"),
        ("{z9: 1}", 2, "there is no quantity 'z9'"),
        ("{L: {value: 1, wrong: factor-too}}", 2, "did you mean 'factor-two'?"),
    ],
)
def test_lint(run: Run, tmp_path: Path, expect: str, status: int, said: str) -> None:
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    network = tmp_path / "net.yaml"
    network.write_text(text[: text.index("expect:")] + f"expect: {expect}\n", "utf-8")
    result = run("lint", str(network))
    assert result.exit_code == status
    assert said in result.stdout + result.stderr


def test_lint_goes_on_after_a_file_that_cannot_be_read(run: Run) -> None:
    result = run("lint", "nowhere.yaml", "networks/skip.yaml")
    assert result.exit_code == 2
    assert "18 right" in result.stdout


def test_a_mistake_in_a_loss_without_outputs(run: Run, tmp_path: Path) -> None:
    """No outputs are averaged, so none are forgotten: this ended in a division by zero."""
    network, sheet = tmp_path / "net.yaml", tmp_path / "sheet.txt"
    network.write_text("inputs: {x: 2}\nweights: {w: 0.5}\nloss: (x - w)**2\n", "utf-8")
    sheet.write_text("dL/dw = 3\n", "utf-8")
    result = run("check", str(network), str(sheet))
    assert result.exit_code == 1
    assert "You flipped the sign of the loss's derivative: " in result.stdout


def test_lists_of_sheets_speak_the_words_of_the_course(run: Run, tmp_path: Path) -> None:
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    (tmp_path / "net.yaml").write_text(f"{text}names: {{L: E, dL/dh0: delta}}\n", "utf-8")
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("z1 = 0.25\ndelta = 0.5\n", "utf-8")
    command = ("check", "net.yaml", "a.txt", "b.txt")
    grouped = run(*command, "--group-by", "mistake", cwd=tmp_path).stdout
    assert "2        the path through z1 left out   delta   a.txt, b.txt\n" in grouped
    told = run(*command, cwd=tmp_path).stdout
    assert "   delta: the path through z1 left out\n" in told
    assert "$\\delta$" in run(*command, "--format", "markdown", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("columns", "line"),
    [(60, "L = abs(yhat - y)"), (80, "dL/dyhat = (yhat - y)/abs(yhat - y)")],
)
def test_long_comments_stand_below_their_rows_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int, line: str
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    sheet = f"{line}\ndL/dw1 = -0.25\n"
    report = check(Marking(load("networks/skip.yaml")), sheet, "a.txt")
    lines = render(report_sheet(report), UNICODE, stream).splitlines()
    assert max(map(len, lines)) <= columns
    row = next(n for n, each in enumerate(lines) if each.startswith("∂L/∂w1"))
    assert lines[row + 1].startswith("    You flipped a sign: ")
    assert lines[row + 1].startswith("    ")
    assert " sign" in lines[row + 1]


@pytest.mark.parametrize(("columns", "heads", "left"), [
    (140, "file  name  score  %  not read  verdicts  first mistake", ""),
    (124, "file  name  score  not read  verdicts  first mistake", "%"),
    (110, "file  name  score  verdicts  first mistake", "%, not read"),
    (80, "file  name  score  first mistake", "%, not read, verdicts"),
    (64, "file  score  first mistake", "name, %, not read, verdicts"),
])  # fmt: skip
def test_a_narrow_table_of_a_class_says_what_it_has_no_room_for(
    monkeypatch: pytest.MonkeyPatch, columns: int, heads: str, left: str
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    report = check(Marking(load("networks/skip.yaml")), "name = Ada\nz0 = 0.5\n", "a.txt")
    sheet = overview([report], [Whose("a.txt", "Ada Byron-King")])
    lines = "".join(running(sheet, UNICODE, stream)).splitlines()
    assert lines[1].split() == heads.split()
    assert [line for line in lines if "no room" in line] == [f"  no room here for {left}"] * bool(
        left
    )
    assert max(map(len, lines)) <= columns


def test_a_missing_line_says_so_once() -> None:
    report = check(Marking(load("networks/skip.yaml")), "z0 = 0.5\nz1 =\n", "a.txt")
    shown = render(report_sheet(report), UNICODE)
    assert "missing" in shown
    assert "There is no answer" not in shown
    assert any(each.comment for each in report.answers if each.verdict == "missing")  # for JSON


def test_groups_of_sheets_are_rows_for_a_program_too(run: Run, tmp_path: Path) -> None:
    for name, text in (("a", "dL/dh0 = 0.5"), ("b", "dL/dh0 = 0.5"), ("c", "z0 = 0.7")):
        (tmp_path / f"{name}.txt").write_text(f"z1 = 0.25\n{text}\n", "utf-8")
    result = run("check", "skip", str(tmp_path), "--group-by", "mistake", "--format", "csv")
    head, first, second = result.stdout.splitlines()
    assert head == "sheets,first_mistake,files,lines"
    assert first.startswith("2,the path through z1 left out,")
    assert (first.endswith(",dL/dh0"), second.endswith(",z0")) == (True, True)
    result = run("check", "skip", str(tmp_path), "--group-by", "mistake", "--format", "jsonl")
    assert (result.exit_code, "--group-by goes with" in result.stderr) == (2, True)


def test_the_summary_tells_of_a_mistake_that_another_one_cancels(run: Run) -> None:
    """∂L/∂h0 is right, but the lines before it have the other sign."""
    sheet = "dL/dyhat = -1\ndL/dz1 = -.5\ndL/dh0 = .75\ndL/dw0 = .75\n"
    summary = run("check", "skip", "-", stdin=sheet).stdout.partition("Summary")[2]
    said = (
        "∂L/∂h0: right, though not from your own lines before. A second mistake may undo the first."
    )
    assert said in summary
    right = sheet.replace("-", "")
    assert "second mistake" not in run("check", "skip", "-", stdin=right).stdout


@pytest.mark.parametrize(
    ("sheet", "shown", "unseen"),
    [
        ("z1 = 0.3775\nh1 = 0.58\n", "0.5933 ", "0.59327"),  # four digits at least
        ("h1 = 0.5933\n", "0.59327 ", "0.593270"),  # one more than stand there
        ("h2 = 3/5\nh1 = 0.59327\n", "0.596884.", "0.5968844"),  # a fraction: as the sheet does
        ("h1 = 0.65\n", "should be 0.5933.", "0.59327"),
        ("h2 = 0.65\nask", "should be 0.596884.", "0.5968844"),  # as many as are asked
    ],
)
def test_right_numbers_have_the_digits_of_the_person(
    run: Run, sheet: str, shown: str, unseen: str
) -> None:
    """No student of four digits is told nine."""
    asked = ("--digits", "6") if sheet.endswith("ask") else ()
    text = run("check", "mazur", "-", *asked, stdin=sheet.removesuffix("ask")).stdout
    assert (shown in text, unseen in text) == (True, False), text


def test_how_figures_are_rounded_is_said_once_for_a_sheet(run: Run) -> None:
    sheet = "z1 = 0.3775\nh1 = 0.593\nz3 = 0.12\n"
    text = run("check", "mazur", "-", stdin=sheet).stdout
    assert "\n  1 figure is rounded to 3 decimals, which is fine\n" in text
    assert text.count("rounded") == 1


def test_the_totals_of_a_class_add_up(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("h0 = 0.5\nL = 3.39\n", "utf-8")
    (tmp_path / "b.txt").write_text("h0 = 0.5\nL = 3.375\n", "utf-8")
    shown = run("check", "skip", "a.txt", "b.txt", cwd=tmp_path).stdout
    heads, rule, _, last = shown.partition("Totals")[2].splitlines()[2:6]
    assert heads.split()[3:7] == ["follows", "wrong", "close", "missing"]
    assert last.split() == ["L", "2", "1", "0", "0", "1", "0"]
    assert {*rule} == {"─"}


def test_right_figures_have_no_more_digits_than_a_float_is_sure_of() -> None:
    from backcalc.checking.verdict import in_fitting_digits
    from backcalc.formulas.notation import PLAIN, phrase_text

    shown = in_fitting_digits(-0.03248639999999999, 18)
    assert phrase_text((shown,), PLAIN) == "-0.0324864"
