"""A lecturer's own sheet: what a student needs stands on it, and on each question of a platform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

import backcalc
from backcalc.checking.report import Marking, check
from backcalc.equations.network import Asked
from backcalc.errors import BackcalcError
from backcalc.loading.loader import loads
from backcalc.worksheets import moodle, prairielearn
from backcalc.worksheets.asked import exercise
from backcalc.worksheets.paper import skeleton
from backcalc.worksheets.questions import Handout
from backcalc.worksheets.search import search, variants

SAMPLES = """\
inputs: [x1, x2]
targets: [t]
data: [{x1: 0.5, x2: -1, t: 1}, {x1: 1, x2: 2, t: 0}]
weights: {w1: 0.4, w2: -0.3, w3: 0.2, w4: 0.6, w5: 0.7, w6: -0.5}
biases: {b1: 0.1, b2: -0.2, b3: 0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: identity}
loss: mse
learning_rate: 0.5
"""
MATRICES = """\
inputs: {x: [1, -0.5]}
weights: {W1: [[0.3, -0.2], [0.5, 0.4]], b1: [0.1, -0.1], W2: [[0.6, -0.8]], b2: [0.2]}
equations:
  z1: W1 @ x + b1
  a1: sigmoid(z1)
  z2: W2 @ a1 + b2
  yhat: z2
targets: {y: [1]}
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.9}
state: {v_W1_11: 0.1, v_W1_22: -0.1, v_W2_11: 0.2, v_W2_12: 0.1}
names: {z1: z_1, a1: a_1, z2: z_2, L: E, dL/dz1: delta_1, dL/dz2: delta_2}
ask: [forward, dL/dz2, {dL/dz1: {points: 3}}, {dL/dW1: {points: 4, digits: 3}}, shapes, update]
"""
NEURON = """\
inputs: {x: 2}
targets: {y: 1}
weights: {w: 0.5}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
optimizer: {name: momentum, mu: 0.9}
state: {v_w: 0.2}
"""


def questions(text: str, *ask: str, digits: int = 4) -> Iterator[tuple[str, str]]:
    """The name and the text of each question for Moodle."""
    network = loads(text)
    network = replace(network, ask=tuple(map(Asked, ask))) if ask else network
    found = [*variants(search(network), 1, 1)]
    root = ElementTree.fromstring(moodle.files(Handout("", found, {}, digits))["moodle.xml"])
    for each in root.iterfind("question"):
        if each.get("type") not in ("category", "cloze"):
            name, said = each.findtext("name/text"), each.findtext("questiontext/text")
            yield (name or "").partition(" ")[2][4:], said or ""


@pytest.mark.sweep
def test_what_the_optimizer_starts_from_is_given(run) -> None:
    sheet = run("worksheet", "-", stdin=NEURON).stdout
    assert "at the start: v_w = 0.2, v_b = 0\n" in sheet
    assert "  momentum, for each weight w with gradient g\n  v' = mu·v + g\n" in sheet
    key = run("worksheet", "-", "--key", stdin=NEURON).stdout
    assert "v = 0\n" not in key
    sheet = run("worksheet", "-", stdin=MATRICES).stdout
    assert "  v_W1 = ⎡0.1     0⎤,  v_b1 = ⎡0⎤,  v_W2 = [0.2  0.1],  v_b2 = [0]\n" in sheet
    for form in ("html", "latex", "markdown"):
        shown = run("worksheet", "-", "--format", form, stdin=MATRICES).stdout
        assert "at the start" in shown.replace("\xa0", " ")


@pytest.mark.sweep
def test_the_update_of_a_matrix_is_worked_and_asked_as_one(run) -> None:
    key = run("worksheet", "-", "--key", stdin=MATRICES).stdout
    assert "--view" not in key
    assert "v_W1' = mu·v_W1 + ∂E/∂W1   (2x2)\n  = 0.9·⎡0.1     0⎤ + ⎡-0.1222" in key
    assert "W1' = W1 - lr·v_W1'   (2x2)\n" in key
    own = exercise(loads(MATRICES))
    text = skeleton(own)
    assert "# 3. Update\nv_W1' =\nW1' =\nv_b1' =\n" in text
    wrong = text.replace("v_W2' =", "v_W2' = [[-0.5393, -0.4764]]")  # the memory left out
    (marked,) = (each for each in check(Marking(loads(MATRICES)), wrong, "").answers
                 if each.name == "v_W2'")  # fmt: skip
    assert marked.verdict == "wrong"
    right = text.replace("v_W2' =", "v_W2' = [[-0.3593, -0.3864]]")
    assert "rounded" in {
        each.verdict
        for each in check(Marking(loads(MATRICES)), right, "").answers
        if each.name == "v_W2'"
    }


@pytest.mark.parametrize("optimizer", ["adam", "lion", "{name: momentum, clip_norm: 0.1}"])
def test_every_optimizer_has_its_lines_in_matrices(run, optimizer: str) -> None:
    text = re.sub("(?m)^(optimizer|state|ask).*\n", "", MATRICES)
    shown = run("step", "-", "--digits", "4", stdin=f"{text}optimizer: {optimizer}\n").stdout
    update = shown.partition("3. Update")[2].partition("4. Forward")[0]
    assert update.count("W1' = ") >= 2
    assert not re.search(r"W\d'?\n", update)  # none without its formula


def test_a_state_is_a_matrix_of_its_weights_shape() -> None:
    given = "state: {v_W1: [[0.1, 0], [0, -0.1]], v_W2: [[0.2, 0.1]]}"
    text = re.sub("(?m)^state.*$", given, MATRICES)
    same = {"v_W1_12": 0, "v_W1_21": 0, **(loads(MATRICES).descent.start or {})}
    assert loads(text).descent.start == same
    for wrong in ("{v_W1: [0.1, 0]}", "{v_W1: 0.1}"):
        with pytest.raises(BackcalcError, match=r"'v_W1' is .* here, but W1 is 2x2"):
            loads(re.sub("(?m)^state.*$", f"state: {wrong}", MATRICES))


@pytest.mark.sweep
def test_questions_tell_the_momentum_that_is_meant() -> None:
    for text in (MATRICES, NEURON):
        primed = [said for name, said in questions(text) if re.match("[vwWb].*'", name)]
        assert primed
        for said in primed:
            assert re.search(r"\\mu(\\\))? = 0\.9", said)
            assert r"\(v&#x27; = \mu \cdot v + g\)<br>\(w&#x27; = w - \mathrm{lr}" in said
            assert re.search(r"v_\{[\w{}\\]+(\\\))? = ", said)


@pytest.mark.sweep
def test_a_renamed_derivative_is_defined(run) -> None:
    meaning = "delta_1 is ∂E/∂z_1"
    assert f"  {meaning}, delta_2 is ∂E/∂z_2\n" in run("worksheet", "-", stdin=MATRICES).stdout
    for name, said in questions(MATRICES):
        if "shape" not in name:
            meaning = r"\(\delta_{1}\) is \(\frac{\partial E}{\partial z_{1}}\)"
            assert (meaning in said) == name.startswith("delta_1_")
            assert not re.search("z1|L", said)


def test_the_digits_of_a_line_reach_platforms_and_key(run) -> None:
    text = f"{NEURON}ask: [yhat, {{dL/dw: {{points: 2, digits: 2}}}}]\n"
    (_, first), (_, second) = questions(text)
    assert "to 4 significant digits" in first
    assert "to 2 significant digits" in second
    key = run("worksheet", "-", "--key", stdin=text).stdout
    assert "∂L/∂w      ≈ -0.094   2\n" in key
    found = [*variants(search(loads(text)), 1, 1)]
    page = prairielearn.files(Handout("", found, {}, 4))["prairielearn/question.html"]
    assert page.count("To 2 significant digits:<br>") == 1


@pytest.mark.sweep
def test_a_question_is_of_its_sample_alone() -> None:
    ((name, said),) = questions(SAMPLES, "dL[1]/dz1[1]")
    assert name == "dL[1]/dz1[1]"
    assert r"\(z_{1}^{(1)}\) is \(z_{1}\) of sample 1" in said
    for needless in ("[2]", "J", "lr", "the update"):
        assert needless not in said
    ((name, _),) = questions(f"{SAMPLES}names: {{z1: z1_1}}\n", "z1[1]")
    assert name == "z1_1[1]"


def test_shapes_are_not_given_away(run) -> None:
    sheet = run("worksheet", "matrix_columns", "--ask", "forward,shapes").stdout
    work = sheet.partition("1. Forward pass")[2]
    assert not re.search(r"\(\d(x\d)?\)", work)
    heights = {blank.count("\n") for blank in re.findall(r"⎡[^⎦]*⎦", work)}
    assert len(heights) == 1  # every blank looks alike
    assert "Behind each equation" not in sheet
    sheet = run("worksheet", "matrix_columns", "--ask", "forward").stdout
    assert "Behind each equation stands the shape of its result" in sheet
    text = skeleton(exercise(loads(MATRICES)))
    assert {"shape of z_1 =", "shape of E =", "shape of dE/dW1 ="} <= {*text.splitlines()}
    verdicts = check(Marking(loads(MATRICES)), text.replace("of E =", "of E = scalar"), "").answers
    assert "correct" in {each.verdict for each in verdicts if each.name == "shape of L"}


def test_a_sheet_of_the_update_has_the_samples_and_no_mean(run) -> None:
    sheet = run("worksheet", "-", "--ask", "update", stdin=SAMPLES).stdout
    assert "The mean over the samples" not in sheet
    assert "  Sample 1: x1 = 0.5, x2 = -1, t = 1\n  Sample 2: " in sheet
    assert "  z1[1] is z1 of sample 1\n" in sheet
    latex = run("worksheet", "-", "--format", "latex", stdin=SAMPLES).stdout
    assert "$z_{1}^{(1)}$ is $z_{1}$ of sample 1" in latex


def test_a_rounded_figure_keeps_its_zeros_where_digits_are_asked(run) -> None:
    key = run("worksheet", "-", "--key", stdin=SAMPLES).stdout
    for figure in ("≈ 0.4750", "≈ 0.1530", "≈ 0.0008630", "0.4965·0.4750 ≈"):
        assert figure in key
    assert "= 0.6\n" in key or "  0.6  " in key  # exact figures are as they are
    assert "≈ 0.475020813" in run("step", "-", stdin=SAMPLES).stdout
    assert not re.search(r"(-?\d[.\d]*) ≈ \1\n", key)


def test_names_of_a_page_are_set_as_in_its_formulas(run) -> None:
    text = f"{SAMPLES}names: {{z1: z1_1, w5: theta5, L: ell}}\n"
    page = run("worksheet", "-", "--key", "--format", "html", stdin=text).stdout
    body = re.sub(r'(?s)<style>.*?</style>| data-name="[^"]*"', "", page)
    for set_so in ("z<sub>1,1</sub>", "θ<sub>5</sub>", "∂ℓ/∂z<sub>1,1</sub>", "<mi>ℓ</mi>"):
        assert set_so in body
    assert not re.search("[>/∂](z1_1|theta5|ell)[<[ ]", body)


def test_letters_of_mathematics_are_set_in_latex(run) -> None:
    text = f"{SAMPLES}names: {{J: 𝒥, L: ℓ, z1: 𝐳_1, h1: 𝔥, z2: ℒ}}\n"
    made = run("worksheet", "-", "--key", "--format", "latex", stdin=text)
    assert "LaTeX cannot set" not in made.stderr
    for set_so in (
        r"\mathcal{J}",
        r"\ell^{(1)}",
        r"\mathbf{z}_{1}",
        r"\mathfrak{h}",
        r"\mathcal{L}",
    ):
        assert set_so in made.stdout


def test_a_key_in_latex_is_upright_and_its_heads_stay_with_what_follows(run) -> None:
    key = run("worksheet", "-", "--key", "--format", "latex", stdin=SAMPLES).stdout
    assert "landscape" not in key
    assert re.findall(r"(.*)\n\\(?:sub)*section\*{3. Update}", key) == [r"\backcalcneed{40mm}"]
    row = next(line for line in key.splitlines() if line.startswith(r"$\frac{\partial J}"))
    assert r"\rule[-2.6ex]{0pt}{6.4ex}" in row  # a fraction in a fraction
    sheet = run("worksheet", "-", "--format", "latex", stdin=MATRICES).stdout
    assert r"\usepackage[fleqn]{amsmath}" in sheet  # matrices flush left, as all the rest


def test_a_copy_tells_the_assignment_and_right_figures_as_precisely_as_the_sheet(
    run, tmp_path: Path
) -> None:
    network = tmp_path / "net.yaml"
    network.write_text(f"title: Exercise 4\n{NEURON}names: {{yhat: o}}\n", "utf-8")
    for written, right in (("0.7613", "0.75026"), ("0.76", "0.7503")):
        (tmp_path / "ada.txt").write_text(f"z1 = 1.1\no = {written}\nq = 1\n", "utf-8")
        back = tmp_path / written
        run("check", str(network), str(tmp_path / "ada.txt"), "--feedback", str(back))
        page = (back / "ada.txt.html").read_text("utf-8")
        assert "<li>assignment: Exercise 4; your file: " in page
        assert f"<mn>{right}</mn>" in page.partition("</style>")[2]


def test_python_gets_matrices_and_the_sheets_own_words() -> None:
    sheet = backcalc.step(loads(MATRICES))
    assert sheet.matrix("z_1") == sheet.matrix("z1") == [Fraction(1, 2), Fraction(1, 5)]
    assert sheet.matrix("dE/dW1") == sheet.matrix("dL/dW1")
    with pytest.raises(BackcalcError, match="'z_1' is a vector or a matrix"):
        sheet.number("z_1")
    with pytest.raises(BackcalcError, match="'E' is a single number"):
        sheet.matrix("E")
    assert sheet.matrix("v_W2'")[0][0] == pytest.approx(-0.359294, abs=1e-6)
    with pytest.raises(BackcalcError, match="there is no figure 'z1' here") as caught:
        backcalc.step(loads(SAMPLES)).number("z1")
    assert caught.value.hint == "name the sample too: z1[1] to z1[2]"


def test_the_paths_of_a_derivative_stand_sample_by_sample(run) -> None:
    shown = run("explain", "-", "dJ/dw1", stdin=SAMPLES).stdout
    assert re.findall(r"path \d: J <- L\[(\d)\]", shown) == ["1", "2"]
    (total,) = [line for line in shown.splitlines() if "sum over the samples of ∂J/∂z1·" in line]
    assert re.findall(r"∂J/∂z1\[(\d)\]", total) == ["1", "2"]


def test_a_decimal_comma_in_a_file_has_a_hint() -> None:
    with pytest.raises(BackcalcError) as caught:
        loads(NEURON.replace("{w: 0.5}", "{w: 0,4}"))
    assert caught.value.hint.startswith("a number has a point in a file, as 0.4; ")


WIDE = """\
inputs: {x1: 1, x2: -0.5, x3: 2}
targets: {t7: 1, t8: 0}
weights: {w1: 1, w2: 2, w3: 1, w4: 1, w5: 0, w6: 1, w7: 1, w8: 0, w9: 1, w10: 1, w11: 1, w12: 1}
nodes:
  4: {from: {x1: w1, x2: w2, x3: w3}, activation: tanh}
  5: {from: {x1: w4, x2: w5, x3: w6}, activation: tanh}
  6: {from: {x1: w10, x2: w11, x3: w12}, activation: tanh}
  7: {from: {4: w7, 5: w8, 6: w2}, activation: softmax}
  8: {from: {4: w9, 5: w10, 6: w5}, activation: softmax}
loss: cross_entropy
learning_rate: 0.5
optimizer: {name: momentum, mu: 0.9}
state: {v_w1: 0.2}
names: {yhat1: o_7, yhat2: o_8}
"""


@pytest.mark.sweep
def test_a_handout_is_said_in_a_student_s_words(run) -> None:
    sheet = run("report", "-", "--format", "markdown", stdin=WIDE).stdout
    assert "--expand" not in sheet
    assert "- loss (cross entropy): " in sheet
    assert "$`0.2`$, all others 0\n" in sheet
    zeros = WIDE.replace("v_w1: 0.2", "v_w1: 0")
    assert (
        "- at the start v = 0\n" in run("report", "-", "--format", "markdown", stdin=zeros).stdout
    )
    page = run("report", "-", stdin=WIDE).stdout
    assert '<table class="wide whole">' in page
    assert "log(o_7)" not in page
    assert '·log(o</tspan><tspan dy="3" class="small">7</tspan>' in page


def test_layers_have_their_own_way_in_a_file_s_names() -> None:
    with pytest.raises(BackcalcError) as caught:
        loads(NEURON.replace("{w: 0.5}", "{w: 0.5, w^(1): 2}"))
    assert caught.value.hint == "write a1 for the layer a^(1), and a1_2 for its unit 2"


def test_the_variant_of_a_notebook_stays_in_its_copy() -> None:
    cell = '{"cell_type": "markdown", "source": [\n"variant = 3\\n",\n"z1 = 0.5"\n]}'
    network = replace(loads(NEURON), title="N, variant 3")
    report = check(Marking(network), f'{{"cells": [{cell}]}}', "a.ipynb")
    assert report.document
    assert report.document.text.startswith("variant = 3\n")
