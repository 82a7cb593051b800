"""The commands as a user types them: what they print, what they leave out, how they end."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import NETWORKS, ROOT

READ = (
    "circuit", "max_gate", "mazur", "rnn", "rnn_repeat", "skip", "skip_bias", "skip_equations",
    "softmax", "tree_sigmoid", "xor", "lstm", "adam",
)  # fmt: skip
"""Bundled networks whose whole sheet is held as a golden file."""


def rows(data: dict, key: str) -> dict[str, dict]:
    return {row["name"]: row for row in data[key]}


# Whole sheets, held as golden files whose diff is read.


@pytest.mark.parametrize("name", READ)
def test_step_as_text(name: str, run, golden) -> None:
    steps = ["--steps", "3"] if name == "adam" else ["--lr", "1"]
    result = run("step", f"networks/{name}.yaml", *steps)
    assert (result.exit_code, result.stderr) == (0, "")
    golden(f"step-{name}.txt", result.stdout)


@pytest.mark.parametrize("form", ["json", "markdown", "latex"])
@pytest.mark.parametrize("command", ["step", "forward", "backward", "symbolic", "explain"])
def test_formats(command: str, form: str, run, golden) -> None:
    arguments = ["dL/dw0"] if command == "explain" else []
    result = run(command, "skip", *arguments, "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    golden(f"{command}-skip.{form}", result.stdout)


# JSON.


def test_step_json_has_the_promised_keys(run) -> None:
    data = json.loads(run("step", "skip", "--lr", "1", "--steps", "2", "--format", "json").stdout)
    assert data["schema"] == "backcalc/step/1"
    assert data["learning_rate"] == 1
    first, second = data["steps"]
    assert (first["loss_before"], first["loss_after"], second["loss_after"]) == (3.375, 3, 3)
    assert rows(first, "update")["w0'"] == {
        "name": "w0'",
        "formula": "w0 - lr*dL/dw0",
        "substituted": "0.5 - 1*0.75",
        "value": -0.25,
        "exact": "-1/4",
        "before": 0.5,
    }
    fork = rows(first, "backward")["dL/dh0"]
    assert [term["upstream"] for term in fork["terms"]] == ["dL/dz2", "dL/dz1"]
    assert fork["terms"][0]["local"] == {"name": "dz2/dh0", "formula": "ws", "value": 0.5}
    assert set(rows(second, "update")) == {"w0''", "w1''", "w2''", "ws''"}
    assert all(row["value"] == 0 for row in second["backward"] if "dw" in row["name"])
    assert any("training stops here" in note for note in data["notes"])


def test_json_is_strict_and_every_exact_value_is_its_fraction(network_file: str, run) -> None:
    def no_constants(text: str) -> None:
        raise AssertionError(text)

    text = run("step", network_file, "--format", "json").stdout
    data = json.loads(text, parse_constant=no_constants)
    for step in data["steps"]:
        for key in ("forward", "backward", "update", "after"):
            for row in step[key]:
                assert row["exact"] is None or float(Fraction(row["exact"])) == row["value"]


def test_explain_json_adds_up(run) -> None:
    data = json.loads(run("explain", "skip", "dL/dw0", "--format", "json").stdout)
    assert data["exact"] == "3/4"
    assert sum(Fraction(path["exact"]) for path in data["paths"]) == Fraction(3, 4)
    assert data["count"] == 2


def test_symbolic_json_expanded(run) -> None:
    data = json.loads(run("symbolic", "skip", "--expand", "--format", "json").stdout)
    assert [row["name"] for row in data["expanded"]] == ["dL/dw0", "dL/dw1", "dL/dw2", "dL/dws"]
    assert rows(data, "backward")["dL/dh0"]["formula"] == "dL/dz2*ws + dL/dz1*w1"
    assert rows(data, "forward")["yhat"]["latex"] == "z_{2}"


@pytest.mark.parametrize("command", ["step", "backward"])
def test_expand_in_json_is_the_branch_that_the_numbers_took(command: str, run) -> None:
    data = json.loads(run(command, "skip", "--expand", "--format", "json").stdout)
    first = data["expanded"][0]
    assert (first["name"], first["formula"]) == ("dL/dw0", "x*(w1*w2 + ws)")
    assert first["conditions"] == ["z0 > 0", "z1 > 0", "yhat > y"]


# Options.


def test_set_overrides_a_number(run) -> None:
    data = json.loads(run("forward", "skip", "--set", "w0=1/3", "--format", "json").stdout)
    assert rows(data, "forward")["z0"]["exact"] == "1/3"


def test_set_says_that_it_changes_all_samples(run) -> None:
    said = "note: x1 changes in all 4 samples; x1[2] is that of sample 2 alone\n"
    assert run("forward", "xor", "--set", "x1=2", "--set", "w1=1").stderr == said
    assert run("forward", "xor", "--set", "x1[2]=2").stderr == ""


def test_lr_beats_the_file(run) -> None:
    data = json.loads(run("step", "skip", "--lr", "0.1", "--format", "json").stdout)
    assert rows(data["steps"][0], "update")["w0'"]["exact"] == "17/40"


def test_wrt_keeps_what_one_derivative_needs(run) -> None:
    data = json.loads(run("step", "skip", "--wrt", "w2", "--format", "json").stdout)["steps"][0]
    assert list(rows(data, "backward")) == ["dL/dyhat", "dL/dz2", "dL/dw2"]
    assert list(rows(data, "update")) == ["w2'"]


def test_inputs_adds_derivatives_by_inputs(run) -> None:
    data = json.loads(run("backward", "skip", "--inputs", "--format", "json").stdout)
    assert rows(data, "backward")["dL/dx"]["exact"] == "3/8"


def test_of_any_value(run) -> None:
    data = json.loads(run("backward", "skip", "--of", "z2", "--format", "json").stdout)
    assert rows(data, "backward")["dz2/dh0"]["exact"] == "3/4"


def test_brief_has_only_tables(run) -> None:
    text = run("step", "skip", "--brief").stdout
    assert "Conventions" not in text
    assert "chain rule" in text  # the head of the one table of derivatives
    assert "local derivative" not in text
    assert "▸" not in text


def test_a_decimal_is_not_shown_as_a_fraction_too(run) -> None:
    """-4.26 from decimals is no -213/50, but a third and an eighth keep their fractions."""
    decimals = run("forward", "tree_sigmoid", "--brief").stdout
    assert "= -4.26" in decimals
    assert "213/50" not in decimals
    assert "= 3/8 = 0.375" in run("forward", "skip", "--brief").stdout
    assert "= 1/3 ≈ 0.333333333" in run("forward", "skip", "--set", "w0=1/3", "--brief").stdout


def test_closed_forms_past_twelve_weights_are_one_line(run, tmp_path: Path) -> None:
    weights = ", ".join(f"w{place}: 1" for place in range(13))
    edges = "\n".join(f"  {place}: {{from: {{x: w{place}}}}}" for place in range(12))
    last = "  12: {from: {" + ", ".join(f"{place}: w12" for place in range(12)) + "}}"
    path = tmp_path / "wide.yaml"
    path.write_text(
        f"inputs: {{x: 1}}\ntargets: {{y: 1}}\nweights: {{{weights}}}\n"
        f"nodes:\n{edges}\n{last}\nloss: l2\n"
    )
    assert "add --expand" in run("backward", str(path)).stdout
    assert "Closed forms" in run("backward", str(path), "--expand").stdout


def test_symbolic_without_a_network_says_so_on_stderr(run) -> None:
    result = run("symbolic")
    assert "skip" in result.stderr
    assert "z0" in result.stdout


def test_explain_counts_paths_without_walking_them(run, tmp_path: Path) -> None:
    rungs = (f"  a{k}: b{k} + c{k}\n  b{k}: a{k - 1}\n  c{k}: a{k - 1}\n" for k in range(1, 40))
    path = tmp_path / "ladder.yaml"
    path.write_text(
        f"inputs: {{x: 1}}\nweights: {{w: 1}}\nequations:\n  a0: w*x\n{''.join(rungs)}loss: a39\n"
    )
    data = json.loads(run("explain", str(path), "da39/dw", "--format", "json").stdout)
    assert data["count"] == 2**39
    assert not data["complete"]
    assert len(data["paths"]) == 8


# Endings.


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["step", "nosuch"], 2, "no such file: nosuch"),
        (["step", "skip", "--lr", "fast"], 2, "is not a number"),
        (["step", "skip", "--lr", "nan"], 2, "is not a number"),
        (["step", "skip", "--set", "w9=1"], 2, "there is no number 'w9' to set"),
        (["step", "skip", "--set", "w0"], 2, "is not of the form w0=0.3"),
        (["step", "skip", "--wrt", "w9"], 2, "there is no derivative by 'w9'"),
        (["step", "skip", "--steps", "0"], 2, "steps must be from 1"),
        (["backward", "skip", "--of", "z9"], 2, "there is no value 'z9'"),
        (["backward", "skip", "--of", "w0"], 2, "'w0' is a given number, so it is not worked out"),
        (
            ["variant", "skip", "--seed", "7", "-o", "moodle.xml"],
            2,
            "moodle.xml would be a folder, but its name means a file",
        ),
        (["check", "skip", "a.txt", "--feedback", "x.html"], 2, "x.html would be a folder"),
        (["explain", "skip", "w0"], 2, "is not a derivative"),
        (["explain", "skip", "dL/dw9"], 2, "there is no value 'w9'"),
        (["explain", "skip", "dL/dw0", "--without", "w9"], 2, "there is no weight 'w9'"),
        (["step", "rnn", "--lr", "1e308"], 3, "is undefined"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_bad_usage(arguments: list[str], status: int, said: str, run) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_undefined_names_the_equation(run) -> None:
    result = run("forward", "-", stdin="weights: {a: 0}\nequations: {f: log(a)}\nloss: f\n")
    assert result.exit_code == 3
    assert "f is undefined: f = log(a) = log(0)" in result.stderr


def test_validate_tells_other_programs_what_is_wrong_and_where(run) -> None:
    bad = "inputs: {x: 1}\nlss: l2\nnods: {}\n"
    for form, said in {
        "github": "::error file=<stdin>,line=2,col=1,title=backcalc%3A not read::unknown key 'lss'",
        "sarif": '"startLine": 2,',
        "json": '"line": 2, "column": 1, "message": "unknown key \'lss\'"',
    }.items():
        result = run("validate", "networks/skip.yaml", "-", "--format", form, stdin=bad)
        assert (result.exit_code, said in result.stdout) == (2, True), result.stdout
        assert "unknown key 'nods'" in result.stdout
        assert "skip.yaml: ok" not in result.stdout
    files = json.loads(result.stdout)["files"]
    assert [(each["file"], each["ok"]) for each in files] == [
        ("networks/skip.yaml", True), ("-", False),
    ]  # fmt: skip


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_folder_is_no_file_to_write(run, tmp_path: Path, force: tuple[str, ...]) -> None:
    (tmp_path / "out.md").mkdir()
    for name in (".", "out.md"):
        result = run("step", "skip", "-o", name, *force, cwd=tmp_path)
        assert (result.exit_code, result.stderr) == (
            2, f"{name} is a folder\nhint: name a file in it\n",
        )  # fmt: skip


def test_validate_goes_on_past_a_bad_file(run) -> None:
    result = run("validate", "networks/skip.yaml", "nosuch.yaml", "networks/xor.yaml")
    assert result.exit_code == 2
    assert result.stdout.count(": ok (") == 2
    assert "networks/xor.yaml: ok (3 units, 6 weights, 3 biases, 4 samples)\n" in result.stdout


def test_an_overwritten_file_is_as_private_as_before(run, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.touch()
    path.chmod(0o600)
    run("step", "skip", "-o", str(path), "--force")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text("utf-8").startswith("Skip connection")


def test_output_is_never_overwritten_unasked(run, tmp_path: Path) -> None:
    path = tmp_path / "sheet.md"
    assert run("step", "skip", "--format", "markdown", "-o", str(path)).exit_code == 0
    before = path.read_text("utf-8")
    refused = run("forward", "skip", "-o", str(path))
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert path.read_text("utf-8") == before
    assert run("forward", "skip", "-o", str(path), "--force").exit_code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["sheet.md"]


@pytest.mark.sweep
def test_version_and_module(run_process) -> None:
    from backcalc import __version__

    assert run_process("--version").stdout == f"backcalc, version {__version__}\n"


UNNEEDED = {
    "train xor --epochs 2": ("sympy", "rich", "csv", "json"),
    "--help": ("sympy", "rich"),
    "forward skip": ("sympy", "rich"),
    "validate skip": ("sympy", "rich"),
    "step networks/skip.yaml --lr 1": ("rich",),
    "step networks/mlp.yaml --lr 1 --view matrix --format json": ("rich",),
    "forward networks/skip.yaml --format html": ("rich",),
    "draw networks/skip.yaml --values": ("rich",),
}
"""Commands into a pipe, one after the other, and libraries that are not loaded before the next."""


@pytest.mark.sweep
def test_a_command_loads_no_library_that_it_can_do_without() -> None:
    code = (
        "import sys\nfrom backcalc.commands import main\n"
        f"for line, libraries in {UNNEEDED!r}.items():\n"
        "    try:\n        main(line.split())\n"
        "    except SystemExit as stop:\n"
        "        loaded = [each for each in libraries if each in sys.modules]\n"
        "        print(line, stop.code, loaded, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == [f"{line} 0 []" for line in UNNEEDED]


# Terminals.


def test_plain_where_the_terminal_has_no_unicode(run) -> None:
    result = run("step", "skip", env={"PYTHONIOENCODING": "ascii"})
    assert result.exit_code == 0
    assert result.stdout.isascii()
    assert "dL/dz2*ws + dL/dz1*w1" in result.stdout


def test_piped_output_has_no_escape_codes_and_is_not_cut(run) -> None:
    text = run("step", "mazur", env={"COLUMNS": "40", "TERM": "xterm-256color"}).stdout
    assert "\x1b" not in text
    assert "1/2·(0.75136507 - 0.01)² + 1/2·(0.772928465 - 0.99)²" in text


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_a_narrow_terminal_loses_no_digit(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from backcalc.equations import calculation
    from backcalc.formats import text
    from backcalc.formulas.notation import UNICODE
    from backcalc.loading.loader import load
    from backcalc.sheets import worked

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "dumb")
    sheet = worked.worked_sheet(calculation.step(load("mazur")), worked.Wishes())
    shown = text.render(sheet, UNICODE, Terminal())
    assert max(map(len, shown.splitlines())) <= columns
    solid = "".join(shown.split())
    for digits in ("0.298371109", "0.0821670406", "-0.0380982365", "0.35891648", "0.149780716"):
        assert digits in solid


# Bundled files are also what the installed package carries.


def test_networks_lists_every_file(run) -> None:
    lines = run("networks").stdout.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(listed) == sorted(path.stem for path in ROOT.glob("networks/*.yaml"))
    topics = [line for line in lines if line and not line.startswith(" ")]
    assert {"circuits", "dense", "recurrent", "attention", "optimizers"} <= set(topics)


# LaTeX that compiles, whatever the names and labels are.

ODD = """\
title: "50% of $x_1$ & <b> \\\\ # ~ ^ { | `"
inputs: {θ: 1, Größe: 2, _: 3, w__1_: 1}
targets: {y: 1}
weights: {α: 1/3, ws: 2, wθ: 1}
nodes:
  a_b: {from: {θ: α, Größe: ws, _: wθ, w__1_: ws}, activation: leaky_relu}
loss: huber
learning_rate: 1
"""


@pytest.mark.sweep
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not on this machine")
@pytest.mark.parametrize("place", [0, 1])
def test_latex_compiles(place: int, run, tmp_path: Path) -> None:
    """The sheets of one in eight networks, in two documents: LaTeX starts slowly."""
    sheets = [run("step", name, "--format", "latex").stdout for name in NETWORKS[place * 4 :: 8]]
    sheets.append(run("step", "-", "--lr", "1", "--format", "latex", stdin=ODD).stdout)
    for number, sheet in enumerate(sheets):
        (tmp_path / f"sheet{number}.tex").write_text(sheet, "utf-8")
    alone = re.search(r"\\documentclass.*?(?=\\begin\{document\})", sheets[0], re.S)
    assert alone
    inside = "".join(f"\\input{{sheet{number}}}\\clearpage\n" for number in range(len(sheets)))
    whole = f"{alone[0]}\\begin{{document}}\n{inside}\\end{{document}}\n"
    (tmp_path / "sheet.tex").write_text(whole, "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]


def test_labels_stay_text_in_markdown(run) -> None:
    sheet = run("forward", "-", "--format", "markdown", stdin=ODD).stdout
    assert sheet.splitlines()[0] == r"# 50% of \$x\_1\$ \& \<b\> \\ \# \~ \^ \{ \| \`"


@pytest.mark.parametrize(
    ("option", "hint"),
    [(("--points", "x=1"), "hint: the file says what a line earns: ask: [{dL/dw0: 3}]"),
     (("--policy", "no-follow"), "lines that follow from a mistake say --carry none")],
)  # fmt: skip
def test_an_option_that_is_called_otherwise_is_told(
    option: tuple[str, str], hint: str, run
) -> None:
    result = run("check", "skip", "sheet.txt", *option)
    assert result.exit_code == 2
    assert hint in result.stderr
    assert "Did you mean" not in result.stderr


def test_points_for_an_unknown_quantity_are_told_with_their_line(run) -> None:
    net = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    result = run("validate", "-", stdin=f"{net}points: {{z0: 1, Q: 2}}\n")
    line = net.count("\n") + 1
    assert result.stderr.startswith(f"<stdin>:{line}:17: there is no quantity 'Q' in this network")


def test_of_a_class_number_the_branch_that_is_taken_is_shown(run) -> None:
    for options in (("--brief",), (), ("--format", "latex")):
        shown = run("backward", "softmax_regression", *options).stdout.partition("Backward pass")[2]
        assert " if c = " not in shown
        assert "cases" not in shown


def test_a_signed_number_in_csv_is_no_formula(run) -> None:
    assert "'-" not in run("backward", "skip", "--format", "csv").stdout


def test_a_choice_by_a_target_and_a_weight_stays(run, tmp_path: Path) -> None:
    net = "inputs: {x: 1}\ntargets: {y: 2}\nweights: {w: 3}\nequations: {yhat: w*x}\n"
    (tmp_path / "n.yaml").write_text(f"{net}loss: (yhat - y if y < w else 2*yhat)**2\n", "utf-8")
    assert "{1 if y < w, else 2}" in run("backward", str(tmp_path / "n.yaml")).stdout
