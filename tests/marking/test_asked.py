"""`ask:` and `marking:`: the same lines, points and policies for all that a course makes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result

from backcalc.errors import BackcalcError
from backcalc.loading.policies import POLICIES, PRESETS, policies

Run = Callable[..., Result]

ASK = """
ask:
  - z0
  - dL/dyhat: {points: 3, digits: 2}
  - update: 2
  - yhat: 0
"""
LINES = ["z0", "dL/dyhat", "w0'", "w1'", "w2'", "ws'"]


@pytest.fixture
def asked(tmp_path: Path) -> str:
    """The skip connection with a few lines asked."""
    file = tmp_path / "skip.yaml"
    file.write_text((ROOT / "networks" / "skip.yaml").read_text("utf-8") + ASK, "utf-8")
    return str(file)


def marked(run: Run, network: str, text: str, *options: str) -> dict:
    result = run("check", network, "-", "--format", "json", *options, stdin=text)
    (file,) = json.loads(result.stdout)["files"]
    return file


def test_what_is_asked_and_not_there_is_missing(run: Run, asked: str) -> None:
    file = marked(run, asked, "z0 = 0.5\n")
    assert [row["name"] for row in file["answers"]] == LINES
    assert [row["verdict"] for row in file["answers"]] == ["correct", *["missing"] * 5]
    assert (file["score"], file["points"]) == (1, 1 + 3 + 4 * 2)
    file = marked(run, asked, "z0 = 0.5\nyhat = 7\nh0 = 0.5\n", "--missing", "free")
    assert (file["score"], file["points"]) == (1, 1)


def test_every_kind_of_sheet_asks_the_same(run: Run, asked: str, tmp_path: Path) -> None:
    skeleton = tmp_path / "answers.txt"
    result = run("worksheet", asked, "--answers", "-o", str(skeleton))
    assert result.exit_code == 0, result.stderr
    lines = [line.split(" =")[0] for line in skeleton.read_text("utf-8").splitlines()]
    assert [line for line in lines if line in LINES or "yhat" in line] == LINES
    talk = run("quiz", asked, stdin="\n" * 10).stdout
    assert "score: 0 of 12 points" in talk


def test_key_and_variants_hold_what_is_asked(run: Run, asked: str, tmp_path: Path) -> None:
    shown = run("worksheet", asked, "--key").stdout.split(" in all\n")[1]
    assert [line.split()[0] for line in shown.splitlines()[4:]] == [
        "z0", "∂L/∂ŷ", "w0'", "w1'", "w2'", "ws'"
    ]  # fmt: skip
    folder = tmp_path / "class"
    result = run(
        "variant", asked, "--seed", "1", "--count", "2", "--moodle", "--csv", "-o", str(folder)
    )
    assert result.exit_code == 0, result.stderr
    header, *rows = (folder / "answers.csv").read_text("utf-8").splitlines()
    assert header == "variant,quantity,value,exact,points"
    assert [row.split(",")[1] for row in rows] == LINES * 2
    assert [row.split(",")[4] for row in rows] == ["1", "3", "2", "2", "2", "2"] * 2
    questions = (folder / "moodle.xml").read_text("utf-8")
    assert questions.count('<question type="numerical"') == 2 * len(LINES)
    assert questions.count('<question type="cloze"') == 2
    assert questions.count(":NUMERICAL:") == 2 * len(LINES)
    assert "yhat" not in questions.replace("dL/dyhat", "").replace("dL//dyhat", "")


def test_nobody_asks_for_derivatives_by_inputs(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "skip.yaml"
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8")
    file.write_text(text + "ask: [gradients]\n", "utf-8")
    answers = run("worksheet", str(file), "--answers").stdout
    assert "dL/dw0 =" in answers
    assert "dL/dx" not in answers
    missing = [row["name"] for row in marked(run, str(file), "z0 = 0.5\n")["answers"]]
    assert "dL/dw0" in missing
    assert "dL/dx" not in missing


def test_a_worksheet_says_how_many_digits_are_asked(run: Run, asked: str) -> None:
    assert "∂L/∂ŷ (3 points, 2 digits)\n" in run("worksheet", asked).stdout


def test_points_of_no_quantity(run: Run, tmp_path: Path) -> None:
    asks = "ask: [z0, {name: dL/dw0, points: 3}]\n"
    (tmp_path / "net.yaml").write_text((ROOT / "networks/skip.yaml").read_text() + asks, "utf-8")
    result = run("validate", "net.yaml", cwd=tmp_path)
    assert "the points of no quantity" in result.stderr
    assert "hint: write them below the quantity: dL/dw0: {points: 3}" in result.stderr


@pytest.mark.parametrize("asks", ["ask: []\n", "ask: [z0, z0]\n", "ask: [z0, {z0: 2}]\n"])
def test_nothing_and_the_same_twice_cannot_be_asked(run: Run, tmp_path: Path, asks: str) -> None:
    file = tmp_path / "n.yaml"
    file.write_text((ROOT / "networks" / "skip.yaml").read_text("utf-8") + asks, "utf-8")
    result = run("check", str(file), "-", stdin="z0 = 0.5\n")
    assert result.exit_code == 2
    assert ("asks for nothing" in result.stderr) == ("[]" in asks)
    assert ("is asked twice" in result.stderr) == ("z0" in asks)


def test_without_ask_the_score_says_what_it_counts(run: Run) -> None:
    said = "points are for the one line answered, of 17 in this work; `ask:` asks for"
    assert said in run("check", "skip", "-", stdin="z0 = 0.5\n").stdout
    whole = run("worksheet", "skip", "--answers").stdout
    names = [line.split(" =")[0] for line in whole.splitlines() if line.endswith(" =")]
    sheet = "".join(f"{name} = 1\n" for name in names if name != "name")
    assert "lines answered" not in run("check", "skip", "-", stdin=sheet).stdout


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_policy_reads_its_own_words(name: str, preset: str) -> None:
    rules = policies({}, preset)
    row = POLICIES[name]
    assert getattr(rules, name) == row.read(row.strict if preset == "strict" else row.default)
    with pytest.raises(BackcalcError):
        policies({name: "nonsense"})


@pytest.mark.parametrize(
    ("said", "score"),
    [("", 6), ("marking: {carry: half}", 3.5), ("marking: {policy: strict}", 1)],
)
def test_the_file_says_how_it_is_marked(run: Run, tmp_path: Path, said: str, score: float) -> None:
    file = tmp_path / "skip.yaml"
    file.write_text(f"{(ROOT / 'networks' / 'skip.yaml').read_text('utf-8')}\n{said}\n", "utf-8")
    text = "z0 = 0.5\ndL/dyhat = -1\ndL/dz2 = -1\ndL/dw2 = -0.25\ndL/dws = -0.5\ndL/dh1 = -0.5\n"
    text += "dL/dz1 = -0.5\n"
    assert marked(run, str(file), text)["score"] == score
    assert marked(run, str(file), text, "--policy", "strict")["score"] == 1
    assert marked(run, str(file), text, "--policy", "follow-through")["score"] == 6


def test_close_fails_only_where_that_is_asked(run: Run) -> None:
    text = "w5' = 0.3592"  # right 0.35891648
    for options, status in (((), 0), (("--strict",), 1)):
        result = run("check", "mazur", "-", *options, stdin=text)
        assert "close" in result.stdout
        assert result.exit_code == status


def test_sheets_are_grouped_by_their_first_mistake(run: Run, tmp_path: Path) -> None:
    for number, line in enumerate(("z0 = 0.5", "dL/dyhat = -1", "z0 = 0.5\ndL/dyhat = -1")):
        (tmp_path / f"{number}.txt").write_text(f"L = 3.375\n{line}\n", "utf-8")
    shown = run("check", "skip", str(tmp_path), "--group-by", "mistake").stdout
    assert [line.split()[0] for line in shown.splitlines()[3:5]] == ["2", "1"]
    assert re.search(r"2 +sign of the loss's derivative flipped +∂L/∂ŷ ", shown)


def test_a_class_table_fits_a_terminal(run: Run, tmp_path: Path, monkeypatch: object) -> None:
    from backcalc.checking.checked import Whose, overview
    from backcalc.checking.report import Marking, check
    from backcalc.formats import text
    from backcalc.formulas.notation import UNICODE
    from backcalc.loading.loader import load

    class Terminal:
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

        def write(self, words: str) -> int:
            return len(words)

        def flush(self) -> None:
            return None

        def fileno(self) -> int:
            raise OSError

    monkeypatch.setenv("COLUMNS", "80")  # type: ignore[attr-defined]
    file = "submissions/a-rather-long-name.txt"
    report = check(Marking(load("skip")), "name = Ada Lovelace\nL = -3.375\n", file)
    table = overview([report], [Whose(file, "Ada Lovelace")])
    shown = "".join(text.running(table, UNICODE, Terminal()))  # type: ignore[arg-type]
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines[:6])) <= 80
    assert "score" in lines[1]
