"""The quiz: which lines are asked, what is said to an answer, the hints, the score."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import HANGS, NETWORKS, ROOT

from backcalc.checking.turns import hints, quiz
from backcalc.equations.named import elements_named
from backcalc.errors import BackcalcError
from backcalc.loading.loader import load

SKIP = {
    "z0": "1/2", "h0": "1/2", "z1": "1/4", "h1": "1/4", "z2": "3/8", "ŷ": "3/8", "L": "27/8",
    "∂L/∂ŷ": "1", "∂L/∂z2": "1", "∂L/∂w2": "1/4", "∂L/∂ws": "1/2", "∂L/∂h1": "1/2",
    "∂L/∂z1": "1/2", "∂L/∂w1": "1/4", "∂L/∂h0": "3/4", "∂L/∂z0": "3/4", "∂L/∂w0": "3/4",
    "w0'": "-1/4", "w1'": "1/4", "w2'": "1/4", "ws'": "0", "z0'": "-1/4", "h0'": "0",
    "z1'": "0", "h1'": "0", "z2'": "0", "ŷ'": "0", "L'": "3",
}  # fmt: skip
"""The worked sheet of networks/skip.yaml at lr 1, by hand; its expect block holds the same."""


@pytest.fixture
def asked(run):
    """The transcript of a quiz after its introduction, as (prompt, what was said) and the rest."""

    def asked(*arguments: str, answers: list[str], stop: str = "") -> tuple[list, list[str]]:
        typed = "".join(f"{answer}\n" for answer in answers) + stop
        result = run("quiz", *arguments, stdin=typed)
        assert (result.exit_code, result.stderr) == (0, "")
        talk, _, end = result.stdout.rpartition("\n\n")
        turns: list[tuple[str, list[str]]] = []
        for line in talk.split("leaves\n", 1)[1].splitlines():
            if line.endswith(" = "):
                turns.append((line.removesuffix(" = "), []))
            else:
                turns[-1][1].append(line)
        return turns, end.splitlines()

    return asked


def prompts(turns: list) -> list[str]:
    return [name for name, _ in turns]


# Which lines.


def test_a_right_run_asks_every_line_once_in_the_order_of_the_sheet(asked) -> None:
    turns, end = asked("skip", answers=[*SKIP.values()])
    assert turns == [(name, ["correct"]) for name in SKIP]
    assert end == ["score: 28 of 28 points", "right at the first try: 28 of 28"]


@pytest.mark.parametrize("spelling", [str, lambda value: str(float(Fraction(value)))])
def test_decimals_are_as_good_as_fractions(spelling, asked) -> None:
    _, end = asked("skip", answers=[spelling(value) for value in SKIP.values()])
    assert end[0] == "score: 28 of 28 points"


@pytest.mark.parametrize(
    ("last", "lines"),
    [
        ("z1", ["z0", "h0", "z1"]),
        ("dL/dws", ["z0", "h0", "z1", "h1", "z2", "ŷ", "∂L/∂ŷ", "∂L/∂z2", "∂L/∂ws"]),
        ("∂L/∂ŷ", ["z0", "h0", "z1", "h1", "z2", "ŷ", "∂L/∂ŷ"]),
        ("w1'", ["z0", "h0", "z1", "h1", "z2", "ŷ", "∂L/∂ŷ", "∂L/∂z2", "∂L/∂h1", "∂L/∂z1",
                 "∂L/∂w1", "w1'"]),
        ("dz2/dh0", ["∂z2/∂h0"]),
        ("dL/dx", [*list(SKIP)[:6], "∂L/∂ŷ", "∂L/∂z2", "∂L/∂h1", "∂L/∂z1", "∂L/∂h0", "∂L/∂z0",
                   "∂L/∂x"]),
    ],
)  # fmt: skip
def test_from_asks_what_a_line_needs(last: str, lines: list[str], asked) -> None:
    turns, end = asked("skip", "--from", last, answers=[""] * len(lines))
    assert prompts(turns) == lines
    assert end[0] == f"score: 0 of {len(lines)} point{'s' if len(lines) > 1 else ''}"


def test_without_a_learning_rate_no_update_is_asked(tmp_path: Path, asked) -> None:
    file = tmp_path / "plain.yaml"
    text = (ROOT / "networks/skip.yaml").read_text().partition("learning_rate")[0]
    file.write_text(text)
    turns, _ = asked(str(file), answers=[""] * 17)
    assert prompts(turns) == list(SKIP)[:17]
    turns, _ = asked(str(file), "--lr", "1", answers=[""] * 28)
    assert prompts(turns) == list(SKIP)


def test_each_further_step_asks_derivatives_update_and_forward_pass() -> None:
    names = quiz(load("skip"), None, 2, None).names
    assert len(names) == 28 + 10 + 4 + 7
    assert names[28:30] == ("dL'/dyhat'", "dL'/dz2'")
    assert names[-1] == "L''"


def test_set_changes_the_numbers(asked) -> None:
    turns, _ = asked("skip", "--set", "w0=3", "--from", "z0", answers=["3"])
    assert turns == [("z0", ["correct"])]


@pytest.mark.sweep
def test_every_network_has_hints_for_every_line(network_file: str) -> None:
    asking = quiz(load(network_file), None, None, None)
    network = asking.key.network
    order = [
        min(map(asking.key.order.__getitem__, elements_named(network, name)))
        for name in asking.names
    ]
    assert order == sorted(set(order))
    assert all(len(hints(asking.key, name)) == 4 for name in asking.names)


@pytest.mark.sweep
@pytest.mark.parametrize("path", NETWORKS[8::32])
def test_the_answers_shown_are_right_answers(path: str, run) -> None:
    shown = run("quiz", path, stdin="\n" * 400).stdout
    told = [line for line in shown.splitlines() if line.startswith("the answer: ")]
    answers = [re.split(r" [=≈] ", line)[-1] for line in told]
    end = run("quiz", path, stdin="\n".join(answers)).stdout
    assert f"\nright at the first try: {len(answers)} of {len(answers)}\n" in end


def test_a_matrix_is_one_question(asked) -> None:
    answers = ["[0.6, 0.25, -0.75]", "tanh(z1)", "dL/dz2", "W2 @ h1 + b2", "0.269", "yhat - y",
               "dL/dyhat", "[1", "dL/dz2 * h1", "?", "[[-0.285, -0.13, 0.337]]"]  # fmt: skip
    turns, end = asked("matrix_columns", "--from", "dL/dW2", answers=answers)
    assert [*dict.fromkeys(prompts(turns))] == [
        "z1 (3)", "h1 (3)", "z2 (1)", "ŷ (1)", "∂L/∂ŷ (1)", "∂L/∂z2 (1)", "∂L/∂W2 (1x3)",
    ]  # fmt: skip
    said = [told for _, told in turns]
    assert said[1][0].startswith("correct, here [0.537049567, ")
    assert said[2] == ["dL/dz2 comes only later on the sheet"]
    assert said[8][0].startswith("wrong: You need the outer product here")
    assert said[9] == ["hint 2 of 3: ∂L/∂W2 = ∂L/∂z2 · h1ᵀ   (1x3)"]
    assert said[10] == ["right to the digits written"]
    assert end[0] == "score: 6.5 of 7 points"


# What is said to an answer.

DH0 = ("skip", "--from", "dL/dh0")
BEFORE = ["0.5", "0.5", "0.25", "0.25", "0.375", "0.375", "1", "1", "0.5", "0.5"]
HINTS = [
    "hint 1 of 3: ∂L/∂h0 depends on ∂L/∂z2, ws, ∂L/∂z1, w1",
    "hint 2 of 3: ∂L/∂h0 = ∂L/∂z2·∂z2/∂h0 + ∂L/∂z1·∂z1/∂h0, with ∂z2/∂h0 = ws, ∂z1/∂h0 = w1",
    "hint 3 of 3: ∂L/∂h0 = 1·0.5 + 0.5·0.5",
    "the answer: ∂L/∂h0 = ∂L/∂z2·ws + ∂L/∂z1·w1 = 1·0.5 + 0.5·0.5 = 3/4 = 0.75",
]


@pytest.mark.parametrize("words", ["?", "hint", " Help! ", "'?'"])
def test_a_word_for_a_hint_is_no_quantity(words: str, asked) -> None:
    turns, _ = asked(*DH0, answers=[*BEFORE, words])
    assert turns[-2] == ("∂L/∂h0", HINTS[:1])


def test_skip_goes_on_as_an_empty_line_does(asked) -> None:
    assert asked("skip", answers=["Skip"]) == asked("skip", answers=[""])


def test_wrong_answers_bring_three_hints_and_then_the_answer(asked) -> None:
    turns, end = asked(*DH0, answers=[*BEFORE, "1/2", "1/2", "17", "18"])
    said = [lines for name, lines in turns if name == "∂L/∂h0"]
    assert [lines[-1] for lines in said] == HINTS
    assert said[0][0].startswith("wrong: You left out the path through z1: ")
    assert said[1][0] == said[0][0]
    assert said[2][0] == said[3][0] == "wrong"
    assert end == [
        "score: 10 of 11 points",
        "right at the first try: 10 of 11",
        "mistake made 2 times: the path through z1 left out (in ∂L/∂h0)",
        "wrong in another way 2 times (in ∂L/∂h0)",
        "answer shown: ∂L/∂h0",
    ]


@pytest.mark.parametrize(
    ("tries", "score"),
    [(["3/4"], "11"), (["?", "3/4"], "10.75"), (["9", "3/4"], "10.75"), (["9", "?", "3/4"], "10.5"),
     (["?", "?", "?", "3/4"], "10.25"), (["?", "?", "?", "?"], "10"), ([""], "10")],
)  # fmt: skip
def test_a_hint_takes_a_quarter(tries: list[str], score: str, asked) -> None:
    turns, end = asked(*DH0, answers=[*BEFORE, *tries])
    assert end[0] == f"score: {score} of 11 points"
    assert turns[-1][1][-1] == (HINTS[3] if score == "10" else "correct")


def test_points_of_the_file_count(tmp_path: Path, asked) -> None:
    file = tmp_path / "points.yaml"
    file.write_text((ROOT / "networks/skip.yaml").read_text() + "points: {z0: 4, h0: 2, L'': 9}\n")
    _, end = asked(str(file), "--from", "z1", answers=["?", "1/2", "1/2", "1/4"])
    assert end[0] == "score: 6 of 7 points"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("0.25", "correct"),
        ("1/4", "correct"),
        ("1/2*0.5", "correct"),
        ("z1 = 0.25", "correct"),
        (".3", "right to the digits written"),
        ("w1*h0", "correct, here = 1/4 = 0.25"),
        ("w0*x*w1 if z0 > 0 else 0", "correct, here = 1/4 = 0.25"),
        ("2.5", "wrong: The decimal point slipped: count the places again."),
        ("w0*h0", "wrong: You swapped w1 and w0: look up which of them belongs here."),
        ("w0*w1*x if w0 > 0 else 0", "correct, here = 1/4 = 0.25"),
        ("z1", "z1 is the very thing that is asked"),
        ("h1", "h1 comes only later on the sheet"),
        ("dL/dw0", "dL/dw0 comes only later on the sheet"),
    ],
)
def test_one_answer(answer: str, said: str, asked) -> None:
    turns, _ = asked("skip", "--from", "z1", answers=["1/2", "1/2", answer])
    assert turns[2][1][0] == said


def test_a_line_goes_on_from_a_rounded_answer(tmp_path: Path, asked) -> None:
    file = tmp_path / "chain.yaml"
    file.write_text("inputs: {x: 2}\nweights: {w: 1/3, v: 7}\n"
                    "equations: {a: w*x, b: v*a}\nloss: b\n")  # fmt: skip
    turns, end = asked(str(file), "--from", "b", answers=["0.67", "4.69"])
    assert turns[0][1] == ["right to the digits written"]
    assert turns[1][1][0].startswith("right")
    assert end[0] == "score: 2 of 2 points"


def test_a_line_after_a_shown_answer_is_judged_from_the_right_value(asked) -> None:
    turns, _ = asked("skip", "--from", "z1", answers=["", "0.9", "", "0.25"])
    assert turns[0][1] == ["the answer: z0 = w0·x = 0.5·1 = 1/2 = 0.5"]
    assert turns[1][1][0] == "wrong"
    assert turns[2][1] == ["the answer: h0 = relu(z0) = relu(0.5) = 1/2 = 0.5"]
    assert turns[3] == ("z1", ["correct"])


@pytest.mark.sweep
def test_a_formula_with_given_names_does_not_hinder_later_numbers(asked) -> None:
    turns, _ = asked("skip", "--from", "dL/dyhat",
                     answers=[*BEFORE[:6], "sign(ŷ - y)"])  # fmt: skip
    assert turns[-1] == ("∂L/∂ŷ", ["correct, here = 1"])
    turns, _ = asked("skip", "--from", "L", answers=[*BEFORE[:6], "yhat + y", "7", "27/8"])
    assert [said[-1] for _, said in turns[-2:]] == ["hint 2 of 3: L = |ŷ - y|", "correct"]


def test_an_equation_may_add_a_weight_to_itself(tmp_path: Path, asked) -> None:
    file = tmp_path / "twice.yaml"
    file.write_text("weights: {v: 2, w: 100}\nequations: {q: w + w, f: q*v}\nloss: f\n")
    turns, _ = asked(str(file), "--from", "f", answers=["1", "200", "400"])
    assert turns[0][1][0].startswith("wrong")
    assert turns[-1] == ("f", ["correct"])


# Leaving.


@pytest.mark.parametrize("stop", ["q\n", "q", ""])
def test_leaving_gives_the_summary(stop: str, asked) -> None:
    turns, end = asked("skip", answers=["1/2", "h0", "2"], stop=stop)
    assert prompts(turns) == ["z0", "h0", "h0", "h0"]
    assert end == [
        "score: 1 of 28 points",
        "right at the first try: 1 of 28",
        "wrong once (in h0)",
        "lines left: 27",
    ]


def test_where_q_is_a_quantity_another_word_leaves(asked) -> None:
    turns, end = asked("circuit", answers=["3", "-12", "q"], stop="quit\n")
    assert turns[2] == ("∂f/∂z", ["correct, here = 3"])
    turns, end = asked("circuit", "--from", "df/dz", answers=["3", "q"])
    assert turns[1] == ("∂f/∂z", ["correct, here = 3"])
    assert end[0] == "score: 2 of 2 points"


def test_ctrl_c_leaves_a_summary(run, monkeypatch) -> None:
    def interrupted(session) -> str:
        raise KeyboardInterrupt

    from backcalc.commands.session import Session

    monkeypatch.setattr(Session, "answer", interrupted)
    result = run("quiz", "skip")
    assert result.exit_code == 130
    assert result.stderr == "interrupted\n"
    assert result.stdout.endswith(
        "z0 = \n\nscore: 0 of 28 points\nright at the first try: 0 of 28\nlines left: 28\n"
    )


@pytest.mark.sweep
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.usefixtures("signals")
def test_ctrl_c_in_a_process_of_its_own() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "backcalc", "quiz", "skip"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"1/2\n")
        process.stdin.flush()
        read = b""
        while not read.endswith(b"h0 = "):
            read += process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().decode().splitlines()[2:] == [
            "score: 1 of 28 points", "right at the first try: 1 of 28", "lines left: 27",
        ]  # fmt: skip
        assert process.stderr.read() == b"interrupted\n"
        assert process.wait(HANGS) == 130


# Lines that cannot be read.

HOSTILE = {
    "(" * 100_000: "more than 40 levels of brackets or choices",
    "x.__class__": "'.' is not part of any formula",
    "__import__('os')": '"\'" is not part of any formula',
    "9**9**9": "the exponent is larger than 1000",
    "1e999999999": "the number '1e999999999' has too many digits",
    "1e400": "it has no value",
    "1/0": "it has no value",
    "\x1b[31m": r"'\x1b' is not part of any formula",
    "0.5\0": r"'\x00' is not part of any formula",
    "1" * 1_000_000: "the formula is longer than 100000 characters",
    "relu(": "expected a number, a name or a bracket, but the formula ends",
    "h0x": "there is no quantity 'h0x' in this network (did you mean 'h0'",
}


@pytest.mark.sweep
@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: repr(line[:20]))
def test_a_line_that_cannot_be_read_costs_nothing(line: str, asked) -> None:
    turns, end = asked("skip", "--from", "z0", answers=[line, "1/2"])
    assert turns[0][0] == "z0"
    assert turns[1] == ("z0", ["correct"])
    assert len(turns[0][1]) == 1
    assert turns[0][1][0].startswith(HOSTILE[line])
    assert end[0] == "score: 1 of 1 point"


def test_bytes_that_are_no_text(run) -> None:
    done = run("quiz", "skip", "--from", "z0", stdin=b"\xff\xfe\n1/2\n")
    assert done.exit_code == 0
    assert "'\\\\' is not part of any formula\nz0 = \ncorrect\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["skip", "--from", "w0"], "w0 is given; there is nothing to ask"),
        (["skip", "--from", "nosuch"], "there is no quantity 'nosuch' in this network"),
        (["-"], "standard input is for the answers; name a network file"),
        (["skip", "--steps", "0"], "Invalid value for '--steps'"),
    ],
)
def test_what_cannot_be_asked(arguments: list[str], message: str, run) -> None:
    result = run("quiz", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_steps_need_a_learning_rate(tmp_path: Path) -> None:
    file = tmp_path / "plain.yaml"
    text = (ROOT / "networks/skip.yaml").read_text().partition("learning_rate")[0]
    file.write_text(text)
    with pytest.raises(BackcalcError, match="no learning rate is given"):
        quiz(load(str(file)), None, 1, None)


def test_plain_ascii_where_the_stream_needs_it(run) -> None:
    result = run(
        "quiz", "skip", "--from", "dL/dyhat", stdin="\n" * 7, env={"PYTHONIOENCODING": "ascii"}
    )
    assert result.exit_code == 0
    assert "\ndL/dyhat = \nthe answer: dL/dyhat = sign(yhat - y) =" in result.stdout
    assert result.stdout.isascii()
