"""names: the sheet's own words for quantities, shown everywhere and read back."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from click.testing import Result
from conftest import ROOT

import backcalc
from backcalc.checking.report import Marking, check
from backcalc.formulas.quantity import called, parsed

Run = Callable[..., Result]

SKIP = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
NAMES = "{yhat: o, L: E, z1: net_h1, dL/dz1: δ1, w0: v, x: inp, y: tgt, h0: a1}"
ASKED = "expect: {o: 3/8, E: 27/8, δ1: 1/2, dE/dv: 3/4}\nask: {o: 1, δ1: 2, v': 1}\n"
TRUE = (" yhat", "ŷ", "\\hat{y}", "dL", "∂L", "w0", "L =", "z1", "h0", "{z}_{1}", "h_{0}")
"""The names of which none may be shown."""


@pytest.fixture
def net(tmp_path: Path) -> str:
    """A network with names of its own."""
    text = SKIP[: SKIP.index("expect:")] + f"names: {NAMES}\n{ASKED}"
    (tmp_path / "net.yaml").write_text(text, "utf-8")
    return str(tmp_path / "net.yaml")


@pytest.mark.parametrize(
    "command",
    [
        "step net.yaml", "step net.yaml --format latex", "step net.yaml --format markdown",
        "backward net.yaml --brief",
        "explain net.yaml dL/dw0 --without w2",
        "symbolic net.yaml --expand", "worksheet net.yaml", "worksheet net.yaml --answers",
        "draw net.yaml --values --gradients", "draw net.yaml --format svg",
        "verify net.yaml --no-torch",
        "draw net.yaml --format tikz", "draw net.yaml --format mermaid", "check net.yaml sheet.txt",
        "check net.yaml sheet.txt --format markdown",
    ],
)  # fmt: skip
def test_the_own_words_are_shown_and_no_others(run: Run, net: str, command: str) -> None:
    folder = Path(net).parent
    (folder / "sheet.txt").write_text("o = 0.375\nδ1 = 0.6\ndE/dv = 0.75\n", "utf-8")
    shown = run(*command.split(), cwd=folder)
    assert shown.exit_code in (0, 1), shown.stderr
    text = re.sub("<[^>]*>", " ", shown.stdout).replace("net_h1", "")
    found = [name for name in TRUE if name in text]
    assert found == []
    assert re.search(r"(?<![A-Za-z])E(?![A-Za-z])|∂E", text) or "--answers" in command


@pytest.mark.parametrize(
    ("own", "same"),
    [
        ("explain net.yaml dE/dv", "explain net.yaml dL/dw0"),
        ("explain net.yaml δ1", "explain net.yaml dL/dz1"),
        ("backward net.yaml --of net_h1", "backward net.yaml --of z1"),
        ("backward net.yaml --wrt v", "backward net.yaml --wrt w0"),
        ("explain matrix.yaml dE/dV", "explain matrix.yaml dL/dW1"),
        ("explain matrix.yaml delta", "explain matrix.yaml dL/dz1"),
        ("step net.yaml --set v=0.25 --set inp=2", "step net.yaml --set w0=0.25 --set x=2"),
    ],
)
def test_the_own_words_are_read_on_the_command_line(
    run: Run, net: str, own: str, same: str
) -> None:
    folder = Path(net).parent
    matrices = (ROOT / "networks" / "matrix_columns.yaml").read_text("utf-8")
    words = "names: {W1: V, L: E, dL/dz1: delta}\n"
    (folder / "matrix.yaml").write_text(matrices.partition("expect:")[0] + words, "utf-8")
    result = run(*own.split(), cwd=folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == run(*same.split(), cwd=folder).stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("explain net.yaml E", "write it as dE/dv"),
        ("explain net.yaml dδ1/dv", "'δ1' is itself a derivative, dE/dnet_h1"),
        ("explain net.yaml dE/dnet_h", "did you mean 'net_h1'?"),
        ("backward net.yaml --wrt net_h", "did you mean 'net_h1'?"),
    ],
)
def test_errors_use_the_own_words(run: Run, net: str, command: str, said: str) -> None:
    result = run(*command.split(), cwd=Path(net).parent)
    assert result.exit_code == 2
    assert said in result.stderr


def test_lint_tells_each_file_in_its_own_words(run: Run, net: str) -> None:
    folder = Path(net).parent
    own, plain = SKIP.partition("expect:")[0], "expect: {yhat: 1, dL/dw0: 1}\n"
    (folder / "own.yaml").write_text(f"{own}names: {NAMES}\n{plain}", "utf-8")
    (folder / "plain.yaml").write_text(f"{own}names: {{w1: o}}\n{plain}", "utf-8")
    text = run("lint", "own.yaml", "plain.yaml", cwd=folder).stdout
    first, _, second = text.partition("own.yaml\n──")[2].partition("plain.yaml\n──")
    assert re.findall(r"^(\S+) +1 ", first, re.MULTILINE) == ["o", "∂E/∂v"]
    assert re.findall(r"^(\S+) +1 ", second, re.MULTILINE) == ["ŷ", "∂L/∂w0"]
    github = run("lint", "own.yaml", "--format", "github", cwd=folder).stdout
    assert re.findall("title=backcalc%3A (.*?)::", github) == ["o", "dE/dv"]


@pytest.mark.sweep
def test_a_document_of_two_networks_tells_each_in_its_own_words(run: Run, net: str) -> None:
    folder = Path(net).parent
    own = SKIP.partition("expect:")[0]
    (folder / "own.yaml").write_text(f"{own}names: {{L: E, h0: a_0, yhat: o}}\n", "utf-8")
    (folder / "other.yaml").write_text(f"{own}names: {{L: C, yhat: o}}\n", "utf-8")
    said = "<!-- backcalc: {} -->\n$o = 7$\n${} = 8$\n$\\partial {}/\\partial w_0 = 9$\n"
    text = said.format("own.yaml", "E", "E") + said.format("other.yaml", "h_0", "C")
    (folder / "notes.md").write_text(text, "utf-8")
    shown = run("lint", "notes.md", cwd=folder).stdout
    names = re.findall(r"^\d +(\S+) ", shown, re.MULTILINE)
    assert names == ["o", "E", "∂E/∂w0", "o", "h0", "∂C/∂w0"]
    github = run("lint", "notes.md", "--format", "github", cwd=folder).stdout
    assert re.findall("title=backcalc%3A (.*?)::", github) == [
        "o", "E", "dE/dw0", "o", "h0", "dC/dw0",
    ]  # fmt: skip


def test_python_finds_verdicts_by_either_name(net: str) -> None:
    marked = backcalc.check(backcalc.load(net), "o = 0.333\nδ1 = 0.5\nv' = 1.25\n")
    assert [*marked.verdicts] == ["o", "δ1", "v'"]
    again = pickle.loads(pickle.dumps(marked)).verdicts
    for found in (marked.verdicts, again):
        assert (found["yhat"], found["dL/dz1"], found.get("w0'")) == ("wrong", "correct", "wrong")
        assert "dE/dnet_h1" not in found
        assert found.get("q") is None
    assert marked.slips["w0'"] == marked.slips["v'"] == ["update-sign"]
    with pytest.raises(KeyError):
        marked.verdicts["h0"]


def test_a_page_has_the_own_words(run: Run, net: str) -> None:
    page = run("report", "net.yaml", "--format", "html", cwd=Path(net).parent).stdout
    assert "<mi>E</mi>" in page
    assert "<mi>δ</mi>" in page
    assert "<mi>L</mi>" not in page


def test_data_keep_the_true_names(run: Run, net: str) -> None:
    data = json.loads(run("step", net, "--format", "json").stdout)
    assert data["network"]["names"]["dL/dz1"] == "δ1"
    assert [each["name"] for each in data["steps"][0]["forward"]][-1] == "L"


@pytest.mark.parametrize(
    ("sheet", "name"),
    [
        (
            "z0 = 0.5\nnet_h1 = 0.25\no = 0.375\nE = 3.375\nδ1 = 0.5\ndE/dv = 0.75\nv' = -0.25\n",
            "s.txt",
        ),
        ("o: 0.375\nδ1: 0.5\ndE/dv: dE/dz0*inp\nv': -0.25\n", "s.yaml"),
        ("# A\n\n$o = 0.375$, $E = 3.375$\n\n$\\delta_1 = 0.5$, $v' = -0.25$\n", "s.md"),
        ("# A\n\n$$\\frac{\\partial E}{\\partial net_{h1}} = 0.5$$\n", "s.md"),
        ("# A\n\nHere $L = 3.375$ and $\\hat y = 0.375$, so $w_0' = -0.25$.\n", "s.md"),
    ],
)
def test_sheets_are_read_by_their_words(run: Run, net: str, sheet: str, name: str) -> None:
    (Path(net).parent / name).write_text(sheet, "utf-8")
    result = run("check", net, str(Path(net).parent / name), "--format", "json")
    (file,) = json.loads(result.stdout)["files"]
    said = [each for each in file["answers"] if each["verdict"] != "missing"]
    assert {each["verdict"] for each in said} == {"correct"}
    assert len(said) == sheet.count("= ") + sheet.count(": ")
    assert (file["unread"], file["taken"]) == ([], {})


def test_what_a_file_expects_and_asks_may_be_in_its_words(run: Run, net: str) -> None:
    assert run("lint", net).stdout.endswith("4 right\n")
    quiz = run("quiz", net, stdin="0.375\n0.5\n-0.25\n")
    assert "score: 4 of 4 points" in quiz.stdout


def test_a_printed_skeleton_is_read_back(run: Run, net: str) -> None:
    folder = Path(net).parent
    text = run("worksheet", net, "--answers").stdout
    for name, value in (("o", "0.375"), ("δ1", "0.5"), ("v'", "-0.25")):
        text = text.replace(f"{name} =", f"{name} = {value}")
    (folder / "s.txt").write_text(text, "utf-8")
    assert "score 4 of 4" in run("check", net, str(folder / "s.txt")).stdout


def test_samples_and_steps_keep_their_marks(run: Run, tmp_path: Path) -> None:
    text = "inputs: [x]\ntargets: [y]\ndata: [{x: 1, y: 2}, {x: 2, y: 3}]\nweights: {w: 1}\n"
    text += "equations: {p: w*x}\nloss: (p - y)**2\nlearning_rate: 1\n"
    names = "names: {p: out, L: e, J: E, dL/dp: d_p, dL/dw: g}\n"
    (tmp_path / "net.yaml").write_text(text + names, "utf-8")
    shown = run("step", "net.yaml", cwd=tmp_path).stdout
    assert all(word in shown for word in ("out[2]", "e[1]", "out'", "∂E/∂w", "E'", "d_p", "g[1]"))
    (tmp_path / "s.txt").write_text(
        "out[2] = 2\nd_p[1] = -1\nE = 1\ng[2] = -4\nout'[1] = 4\n", "utf-8"
    )
    result = run("check", "net.yaml", "s.txt", "--format", "json", cwd=tmp_path)
    (file,) = json.loads(result.stdout)["files"]
    said = [each["name"] for each in file["answers"]]
    assert said == ["p[2]", "dL[1]/dp[1]", "J", "dL[2]/dw", "p'[1]"]


@pytest.mark.parametrize(
    ("names", "place", "said"),
    [
        ("{yhatt: o}", 9, "there is no quantity 'yhatt'\n"),
        ("{yhatt: o}", 9, "hint: did you mean 'yhat'"),
        ("{dL/dq: g}", 9, "there is no quantity 'dL/dq'"),
        ("{z0': a}", 9, 'there is no quantity "z0\'"'),
        ("{yhat: h0}", 15, "'h0' is the name of another quantity"),
        ("{yhat: L}", 15, "'L' is the name of another quantity"),
        ("{yhat: o, L: o}", 21, "'o' names yhat and L"),
        ("{yhat: a_1, h0: a1}", 24, "'a1' names yhat and h0"),
        ("{L: 3x}", 12, "'3x' cannot be the name of a quantity"),
        ("{L: if}", 12, "'if' is a word of formulas"),
        ("[a]", 8, "expected a mapping of quantities to words, found a list"),
        ("{L: [a]}", 12, "expected a word, found a list"),
    ],
)
def test_words_that_are_no_names(
    run: Run, tmp_path: Path, names: str, place: int, said: str
) -> None:
    (tmp_path / "net.yaml").write_text(f"names: {names}\n{SKIP}", "utf-8")
    result = run("validate", "net.yaml", cwd=tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"net.yaml:1:{place}: ")
    assert said in result.stderr


def test_a_word_never_changes_what_an_equation_means(run: Run, tmp_path: Path) -> None:
    """A formula in the file is written in true names alone."""
    text = "inputs: {x: 2}\nweights: {b: 3}\nnames: {b: slope}\nequations: {p: slope*x}\nloss: p\n"
    (tmp_path / "net.yaml").write_text(text, "utf-8")
    result = run("validate", "net.yaml", cwd=tmp_path)
    assert "unknown name 'slope'" in result.stderr


TWO_SAMPLES = """inputs: [x]
targets: [t]
data: [{x: 1, t: 0}, {x: 2, t: 1}]
weights: {w: 0.5}
nodes:
  1: {from: {x: w}, activation: tanh}
loss: half_l2
learning_rate: 1
names: {dL/dz1: Delta_1}
"""
"""Two samples, with a word for one derivative and for neither of its sides."""


@pytest.mark.parametrize(
    ("form", "meaning"),
    [("text", "Delta_1 is ∂L/∂z1"),
     ("latex", r"$\Delta_{1}$ is $\frac{\partial L}{\partial z_{1}}$"),
     ("markdown", r"$\Delta_{1}$ is $"),
     ("html", "<mi>Δ</mi>")],
)  # fmt: skip
def test_a_word_for_a_derivative_is_explained(run: Run, form: str, meaning: str) -> None:
    """Also where its two sides have no words, and in capitals as a formula sets them."""
    assert meaning in run("step", "-", "--format", form, stdin=TWO_SAMPLES).stdout


def test_a_question_of_one_sample_says_what_its_word_means(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(f"{TWO_SAMPLES}ask: ['dL[2]/dz1[2]']\n", "utf-8")
    made = run("variant", "net.yaml", "--seed", "1", "-o", "out", "--moodle", cwd=tmp_path)
    assert made.exit_code == 0, made.stderr
    single, whole = re.findall("<questiontext.*?</questiontext>", (tmp_path / "out/moodle.xml")
        .read_text("utf-8"), re.DOTALL)  # fmt: skip
    assert r"What is <b>\(\Delta_{1}^{(2)}\)</b>" in single
    assert r"\(\Delta_{1}\) is \(\frac{\partial L}{\partial z_{1}}\)" in single
    assert r"\(\Delta_{1}\) is \(\frac{\partial L}{\partial z_{1}}\)" in unescape(whole)


def test_a_word_of_several_samples_is_explained_for_one_of_them(run: Run) -> None:
    result = run("explain", "-", "Delta_1", stdin=TWO_SAMPLES)
    assert result.exit_code == 2
    assert "hint: name the sample too: Delta_1[1] to Delta_1[2]" in result.stderr
    assert "both agree: Delta_1[2]" in run("explain", "-", "Delta_1[2]", stdin=TWO_SAMPLES).stdout


def test_a_name_that_is_the_own_word_is_not_explained(run: Run, tmp_path: Path) -> None:
    text = TWO_SAMPLES.replace("names: {", "names: {z1: net_1, ")
    (tmp_path / "net.yaml").write_text(text, "utf-8")
    (tmp_path / "sheet.md").write_text(
        "# Sample 1\n\n$net_1 = 0.5$\n\n# Sample 2\n\n$net_1 = 1$\n\n$\\eta = 1$\n", "utf-8"
    )
    shown = run("check", "net.yaml", "sheet.md", cwd=tmp_path).stdout
    assert "\n  we took eta as the learning rate\n" in shown


COURSE = TWO_SAMPLES.replace(
    "{dL/dz1: Delta_1}", "{dL/dz1: Delta_1, z1: net_1, yhat: o_1, L: E, J: E_total}"
)
"""The same with a word for everything."""


@pytest.mark.parametrize(
    ("line", "hint"),
    [("explain - dE/dnet_1", "name the sample too: Delta_1[1] to Delta_1[2]"),
     ("explain - dE/dw", "name the sample too: dE[1]/dw to dE[2]/dw"),
     ("explain - do_1/dnet_1[2]", "name the sample too: do_1[2]/dnet_1[2]"),
     ("backward - --of net_1", "name the sample too: net_1[1] to net_1[2]"),
     ("worksheet - --ask dE/dw", "derivatives here are dE_total/dw, or dE[1]/dw")],
)  # fmt: skip
def test_a_hint_has_the_file_s_own_words(run: Run, line: str, hint: str) -> None:
    told = run(*line.split(), stdin=COURSE).stderr
    assert f"\nhint: {hint}\n" in told


def test_an_unknown_input_is_told_the_inputs_and_no_unit(run: Run) -> None:
    text = COURSE.replace("inputs: [x]", "inputs: [x1, x2]").replace("{x: 1,", "{x1: 1, x2: 1,")
    text = text.replace("{x: 2,", "{x1: 2, x2: 1,").replace(
        "  1: {from: {x: w}", "  3: {from: {x3: w}"
    )
    assert "\nhint: did you mean 'x1' or 'x2'?\n" in run("step", "-", stdin=text).stderr


def test_python_s_hints_have_the_file_s_own_words() -> None:
    sheet = backcalc.step(backcalc.loads(COURSE))
    for name, hint in (
        ("Delta_1", "name the sample too: Delta_1[1] to Delta_1[2]"),
        ("E_totale", "did you mean 'E_total'?"),
    ):
        with pytest.raises(backcalc.BackcalcError) as caught:
            sheet.number(name)
        assert str(caught.value.hint).startswith(hint.rstrip("?"))


def test_rows_of_a_class_have_the_words_of_each_sheet(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("net_1[1] = 0.5\n", "utf-8")
    marked = backcalc.check(backcalc.loads(COURSE), tmp_path)
    assert [(row["name"], row["word"]) for row in marked.rows()] == [("z1[1]", "net_1[1]")] * 2
    alone = [each.rows() for each in marked.sheets.values()]
    assert [row for rows in alone for row in rows] == marked.rows()


def test_a_text_that_names_a_folder_or_file_is_no_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "returned").mkdir()
    (tmp_path / "sheet").write_text("net_1[1] = 0.5\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    for name, kind in (("returned", "folder"), ("sheet", "file")):
        with pytest.raises(backcalc.BackcalcError, match=f"is the name of a {kind}") as caught:
            backcalc.check(backcalc.loads(COURSE), name)
        assert str(caught.value.hint).startswith(f"pathlib.Path('{name}') is the {kind}")


def test_a_dead_unit_is_told_in_the_file_s_own_words(run: Run) -> None:
    dead = COURSE.replace("tanh", "relu").replace("{w: 0.5}", "{w: -1}")
    told = run("train", "-", "--epochs", "3", stdin=dead).stdout
    assert "unit 1 is dead: net_1 <= 0 on both samples, so" in told


def test_mean_and_sum_are_said_to_be_over_samples(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(f"{COURSE}ask: [gradients]\n", "utf-8")
    answers = backcalc.step(backcalc.loads(COURSE)).rows()
    (slope,) = (row["value"] for row in answers if row["name"] == "dJ/dw")
    (tmp_path / "a.txt").write_text(f"dE_total/dw = {2 * slope:.8f}\n", "utf-8")
    told = run("check", "net.yaml", "a.txt", "--format", "gradescope", cwd=tmp_path).stdout
    assert "You confused mean and sum over 2 samples" in told
    assert '"output": "There is no answer."' in told


def test_terms_of_samples_are_no_shared_weight(run: Run) -> None:
    told = run("explain", "-", "dE_total/dw", stdin=COURSE).stdout
    assert "is shared" not in told
    told = run("explain", "-", "dE_total/dw", stdin=COURSE.replace("1: {from: {x: w}", """\
1: {from: {x: w}, activation: tanh}
  2: {from: {1: w}""")).stdout  # fmt: skip
    assert "w is shared: it stands in four equations" in told


def test_a_path_through_an_exact_nought_is_exactly_nought() -> None:
    """Though its other factors are rounded: the target is 0."""
    network = backcalc.loads({
        "inputs": {"x": 1}, "targets": {"a": 0, "b": 1}, "weights": {"w": "1/2", "v": "1/5"},
        "nodes": {
            1: {"from": {"x": "w"}, "activation": "softmax"},
            2: {"from": {"x": "v"}, "activation": "softmax"},
        },
        "loss": "cross_entropy",
    })  # fmt: skip
    paths = backcalc.explain(network, "dL/dw")["paths"]
    assert [path.get("exact") for path in paths].count("0") == 1


def test_validate_counts_matrices_and_their_parameters(run: Run) -> None:
    text = "inputs: {X: [[1, 2], [0, 1]]}\ntargets: {T: [1, 0]}\nweights: {W: [[1, 2], [3, 4]]}\n"
    text += "equations: {A: X @ W, P: softmax(A)}\nloss: cross_entropy\n"
    assert "ok (2 equations, 1 weight, 4 parameters)" in run("validate", "-", stdin=text).stdout


def test_a_grader_tells_the_first_mistake_in_the_own_words(net: str) -> None:
    marked = check(Marking(backcalc.load(net)), "o = 0.375\nδ1 = -0.5\n", "sheet")
    assert marked.kind.startswith("δ1: ")


def test_of_many_lines_that_are_missing_some_are_named(run: Run) -> None:
    shown = run("check", "xor", "-", "--ask", "gradients", stdin="z1[1] = 0\n").stdout
    lost = next(line for line in shown.splitlines() if "lost, missing" in line)
    assert lost.count(",") < 25
    assert re.search(r" and \d+ more\)$", lost)


LAYERS = """\
inputs: {x: 1, x2: 2}
targets: {y: -3}
weights: {w0: 0.5, w1: 0.5, w2: 0.25, w3: -0.25, w4: 1}
biases: {b0: 0.1}
nodes:
  1: {from: {x: w0, x2: w1}, bias: b0, activation: tanh}
  2: {from: {x: w2}, activation: tanh}
  3: {from: {1: w3, 2: w4}, activation: identity}
loss: half_l2
learning_rate: 1
optimizer: momentum
names: {h1: a_1^(1), h2: "a^{(1)}_2", z3: z^(2), dL/dz3: delta^(2), w3: W_1^(2), w0: W_11^(1),
  b0: b^(1), yhat: o}
expect: {a_2^(1): 0.2449}
"""
SAMPLED = LAYERS.replace("{x: 1, x2: 2}", "[x, x2]").replace(
    "{y: -3}", "[y]\ndata: [{x: 1, x2: 2, y: -3}, {x: 0.5, x2: -1, y: 1}]"
).replace("expect: {a_2^(1)", 'expect: {"a_2^(1)[1]"')  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("text", [LAYERS, SAMPLED], ids=["one sample", "two samples"])
def test_a_word_may_count_layers_above(text: str) -> None:
    net = backcalc.loads(text)
    assert {*backcalc.lint(net).verdicts.values()} == {"rounded"}
    sheet = backcalc.step(net)
    answers = {called(parsed(row["name"]), net.names): row["value"] for row in sheet.rows()}
    assert {"delta^(2)", "a_1^(1)'", "v_W_1^(2)'", "dL/dW_11^(1)"} <= {*answers} or text != LAYERS
    marked = backcalc.check(net, answers)
    assert {*marked.verdicts.values()} <= {"correct", "rounded"}
    assert not marked["files"][0]["unread"]
    assert "1 - (a_2^(1))²" in str(sheet)
    assert r"\left(a_{2}^{(1)}\right)^{2}" in sheet.written("latex")
    assert "a_{2}^{(1)}^" not in sheet.written("latex")


def test_a_word_with_its_layer_is_read_in_every_form() -> None:
    tex = r"""
$$a^{(1)}_1 = 0.9217, \quad a_2^{(1)} = \tanh(z_2) = 0.2449$$
z^[2] = 0.0145
$$\delta^{(2)} = o - y = 3.0145$$
$$\frac{\partial L}{\partial W^{(2)}_1} = \delta^{(2)} a_1^{(1)} = 2.778$$
dL/db^(1) = -0.1134
"""
    marked = backcalc.check(backcalc.loads(LAYERS), tex)
    words = ("a_1^(1)", "a_2^(1)", "z^(2)", "delta^(2)", "dL/dW_1^(2)", "dL/db^(1)")
    assert marked.verdicts == dict.fromkeys(words, "rounded")
    assert not marked["files"][0]["unread"]
    asked = backcalc.loads(f"{LAYERS}ask: [forward, {{delta^(2): 3}}, update]\n")
    assert "delta^(2) =" in str(backcalc.worksheet(asked, answers=True))


def test_a_matrix_may_have_a_word_with_its_layer(run: Run) -> None:
    text = (ROOT / "networks" / "matrix_columns.yaml").read_text("utf-8")
    text = text.partition("expect:")[0] + 'names: {W1: "W^(1)", h1: "a^(1)", dL/dz2: "delta^(2)"}\n'
    marked = backcalc.check(backcalc.loads(text), "a^(1) = [0.537, 0.245, -0.635]\n")
    assert marked.verdicts == {"a^(1)": "rounded"}
    assert "a_1^(1)" in run("step", "-", "--view", "scalar", stdin=text).stdout
    printed = f'{text}expect: {{"a^(1)": [0.537, 0.245, -0.635]}}\n'
    assert {*backcalc.lint(backcalc.loads(printed)).verdicts.values()} == {"rounded"}


def test_what_the_optimizer_keeps_has_the_word_of_its_weight(run: Run) -> None:
    text = (
        LAYERS.replace("w4: 1", "w41: 1").replace("w4}", "w41}").replace("{h1:", "{w41: omega, h1:")
    )
    net = backcalc.loads(text)
    sheet = str(backcalc.step(net))
    assert "v_omega'" in sheet
    assert "w41" not in sheet + str(backcalc.step(net, optimizer="adam"))
    assert backcalc.check(net, "v_omega' = 0.738307681").verdicts == {"v_omega'": "rounded"}
    with pytest.raises(backcalc.BackcalcError) as caught:
        backcalc.step(net, set={"omeg": 1})
    assert caught.value.hint == "did you mean 'omega'?"
