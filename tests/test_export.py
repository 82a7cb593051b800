"""Exported code: run in a process of its own it finds backcalc's figures, or fails."""

from __future__ import annotations

import ast
import json
import keyword
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import pytest
from conftest import EXAMPLES, ROOT, Result, shared
from test_matrix_files import FILES

from backcalc.equations.optimizers import COMMON, OPTIMIZERS, Descent
from backcalc.errors import BackcalcError
from backcalc.exporting import TARGETS, export
from backcalc.exporting.as_torch import gradients_alone
from backcalc.exporting.lines import identifier, identifiers
from backcalc.formulas.functions import FUNCTIONS
from backcalc.loading.loader import load, loads

Run = Callable[..., Result]
ALL = [str(path) for path in sorted(ROOT.glob("networks/*.yaml"))]
LIBRARIES = ("torch", "jax", "numpy")
"""Targets whose code needs a library, which `make test-torch` has."""
BOTH_SIDES = "weights: {w: 2}\nequations: {f: w**2 if w > 1 else 1/(w - w)}\nloss: f\n"
KINK = "weights: {w: 0}\nequations: {f: 3*relu(w) + w}\nloss: f\nconventions: {relu_at_zero: %s}\n"

RUNNER = """
import contextlib, io, json, runpy, sys, warnings
warnings.simplefilter("ignore")
failed = {}
for path in sys.argv[1:]:
    told = io.StringIO()
    try:
        with contextlib.redirect_stdout(told):
            runpy.run_path(path, run_name="__main__")
        if told.getvalue() != "all figures agree\\n":
            failed[path] = "says nothing"
    except Exception as error:
        failed[path] = f"{type(error).__name__}: {error}"
json.dump(failed, sys.stdout)
"""

HOSTILE = r"""
title: "coding: utf-7\n\"\"\" + open('pwned', 'w') # @@@ \u2028import os\r\u202e{}"
inputs: {lambda: 1, print: 2, x: 0.5}
targets: {ŷ: -3, y: 1}
weights: {class: 0.5, w: 0.5, loss: 0.5, self: 0.5, forward: 0.25, __class__: 0.3, ﬁ: 0.2,
          fi: 0.4, math: 1, parameters: 0.1, _x: 2, dL_dw: 0.7, __debug__: 1, data: 2}
constants: {None: 2, torch: 3, np: 1, g: 1, weights: 2}
equations:
  import: class*lambda + w*print + torch*exp(forward)
  dict: loss*relu(import) + self*x + __class__*ﬁ*fi + sqrt(None)*dL_dw + __debug__*g
  def: dict*parameters*_x/10 + sigmoid(math*np) - data*weights
  p, q: softmax(def, w)
loss: (def - y)**2 + p + q**2 - (ŷ if def > 0 else 1)
learning_rate: 1e-3
""".replace("@@@", "'''")


@pytest.fixture(params=[name for name in TARGETS if name not in LIBRARIES])
def target(request: pytest.FixtureRequest) -> str:
    """A target whose code needs nothing but Python."""
    return str(request.param)


def failures(folder: Path, codes: dict[str, str]) -> dict[str, str]:
    """What went wrong in each file of code, all run in one process."""
    for name, code in codes.items():
        (folder / f"{name}.py").write_text(code, "utf-8")
    command = [sys.executable, "-c", RUNNER, *(str(folder / f"{name}.py") for name in codes)]
    done = subprocess.run(command, capture_output=True, cwd=folder, check=True)
    return {Path(path).stem: why for path, why in json.loads(done.stdout).items()}


def code(text: str, target: str, rate: str | None = None) -> str:
    return export(loads(text), TARGETS[target], rate and Fraction(rate))


@pytest.mark.sweep
def test_every_bundled_network(target: str, tmp_path: Path) -> None:
    names = (Path(path).stem for path in shared(ALL, f"exported to {target}"))
    networks = {name: load(name) for name in names if name not in EXAMPLES}
    codes = {
        name: export(network, TARGETS[target], network.learning_rate or Fraction(1))
        for name, network in networks.items()
        if target != "torch" or network.descent.optimizer.torch
    }
    assert failures(tmp_path, codes) == {}


@pytest.mark.sweep
def test_every_function_and_every_optimizer(target: str, tmp_path: Path) -> None:
    calls = [
        f"{row.name}(u, v, u*v)" if row.variadic else f"{row.name}(v)"
        for row in FUNCTIONS.values()
        if not row.outputs and row.name not in ("log", "log1p", "sqrt")
    ]
    lines = "".join(f"  f{place}: {call}\n" for place, call in enumerate(calls))
    total = " + ".join(f"f{place}" for place in range(len(calls)))
    text = (
        f"data: [{{x: 1}}, {{x: -2}}]\ninputs: [x]\ntargets: []\nreduction: sum\n"
        f"weights: {{u: 0.25, w: 0.5}}\nequations:\n  v: w*x\n{lines}"
        f"  a, b, c: log_softmax(u, v, w)\n  t: log(2 + v) + sqrt(3 - v) + a*b\n"
        f"loss: {total} + t\n"
    )
    codes = {"functions": code(text, target, "1/100")}
    small = loads(text.partition("equations:")[0] + "equations: {v: w*x}\nloss: u*v + v**2 + u\n")
    for row in OPTIMIZERS.values():
        if target == "torch" and not row.torch:
            continue
        start = {f"{state}_w": Fraction(1, 5) for state in row.states}
        network = replace(small, descent=Descent(row, {}, maximise=True, start=start or None))
        codes[f"{row.name}_climbs"] = export(network, TARGETS[target], Fraction(1, 100))
        for options in ({}, dict.fromkeys(COMMON, Fraction(1, 50))):
            network = replace(small, descent=Descent(row, options))
            name = f"{row.name}_{len(options)}"
            codes[name] = export(network, TARGETS[target], Fraction(1, 100))
    assert failures(tmp_path, codes) == {}


def test_a_broken_figure_fails(tmp_path: Path) -> None:
    whole = export(load("skip"), TARGETS["python"])
    broken = {
        "loss": whole.replace('"before": 3.375', '"before": 3.376'),
        "gradient": whole.replace('slopes, {"w0": 0.75', 'slopes, {"w0": -0.75'),
        "weight": whole.replace('"ws": 0.0})', '"ws": 0.0000001})'),
        "equation": whole.replace("dL_dw0 = dL_dz0*x", "dL_dw0 = dL_dz0"),
    }
    changed = {name for name, text in broken.items() if text != whole}
    assert changed == set(broken)
    broken["equation"] = broken["equation"].replace('"x": 1.0', '"x": 1.0000001')
    assert failures(tmp_path, broken) == {
        "loss": "AssertionError: the loss before: 3.375 instead of 3.376",
        "gradient": "AssertionError: the gradient by w0: 0.75 instead of -0.75",
        "weight": "AssertionError: the new ws: 0.0 instead of 1e-07",
        "equation": "AssertionError: the loss before: 3.3750000375 instead of 3.375",
    }


@pytest.mark.sweep
def test_the_code_is_as_a_person_would_write_it(golden: Callable[[str, str], None]) -> None:
    for target in TARGETS:
        golden(f"export-skip-{target}.py.txt", export(load("skip"), TARGETS[target]))
    for path, target in zip(ALL[::5], cycle(TARGETS.values()), strict=False):
        text = export(load(path), target, Fraction(1, 1000))
        assert [line for line in text.splitlines() if len(line) > 100] == [], path


def test_code_in_matrix_form_is_what_a_student_would_write() -> None:
    code = export(loads(FILES["two layers"]), TARGETS["numpy"], Fraction(1))
    for line in (
        "    z1 = W1 @ x + b1",
        "    dL_dh1 = W2.T @ dL_dz2",
        "    dL_dz1 = dL_dh1*(1 - h1**2)",
        "    dL_dW1 = np.outer(dL_dz1, x)",
        '    "W1": np.array([[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]]),',
    ):
        assert line in code.splitlines()
    assert "math" not in code


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_from_a_file_becomes_code(target: str, tmp_path: Path) -> None:
    text = code(HOSTILE, target)
    comments = [line for line in text.splitlines() if "pwned" in line]
    assert len(comments) == 1
    assert comments[0].startswith("# ")
    tree = ast.parse(text.encode())  # bytes: a comment may name an encoding
    imported = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    assert imported <= {"math", "numpy", "jax", "jax.numpy", "torch", "nn", "functional"}
    assert [line for line in text.splitlines()[:2] if "coding" in line] == []
    if target == "python":
        assert failures(tmp_path, {"hostile": text}) == {}
        assert not (tmp_path / "pwned").exists()


@pytest.mark.sweep
def test_hostile_names_run(target: str, tmp_path: Path) -> None:
    assert failures(tmp_path, {"hostile": code(HOSTILE, target)}) == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("w0", "w0"), ("lambda", "lambda_"), ("z[2]", "z_2"), ("dL/dw0", "dL_dw0"), ("ŷ", "ŷ"),
        ("_", "n_"), ("__init__", "n__init__"), ("ﬁ", "fi"), ("x y", "x_y"), ("1", "n1"), ("", "n"),
    ],
)  # fmt: skip
def test_a_name_becomes_an_identifier(name: str, expected: str) -> None:
    assert identifier(name) == expected
    assert expected.isidentifier()
    assert not keyword.iskeyword(expected)


def test_identifiers_are_unique() -> None:
    found = identifiers(["z[1]", "z_1", "print", "math", "ﬁ", "fi"], {"math"})
    assert [*found.values()] == ["z_1", "z_1_", "print_", "math_", "fi", "fi_"]


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        (
            KINK % "1/2", "torch",
            "torch cannot say relu_at_zero = 1/2 of f\nhint: --to numpy and --to python can",
        ),
        (
            BOTH_SIDES, "numpy",
            ("numpy works out both sides of a choice, and one in f = w**2 if w > 1 else 1/(w - w)"
             " is undefined\nhint: --to python takes only one"),
        ),
        (
            "weights: {w: 1}\nequations: {f: w**2}\nloss: f\noptimizer: heavy_ball\n", "torch",
            ("torch has no optimizer heavy_ball\n"
             f"hint: it has {', '.join(r.name for r in OPTIMIZERS.values() if r.torch)};"
             " --to jax, numpy and python have all"),
        ),
        (
            "weights: {w: 1}\nfrozen: [w]\nequations: {f: w**2}\nloss: f\n", "torch",
            "torch takes no step where every weight is frozen\nhint: --to jax, numpy and python do",
        ),
    ],
)  # fmt: skip
def test_what_a_target_cannot_say(text: str, target: str, message: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        code(text, target, "1/100")
    assert str(caught.value) == message


@pytest.mark.sweep
@pytest.mark.parametrize("value", ["0", "1"])
def test_the_convention_at_a_kink_is_kept(target: str, value: str, tmp_path: Path) -> None:
    assert failures(tmp_path, {"kink": code(KINK % value, target, "1")}) == {}


@pytest.mark.sweep
def test_every_function_is_exported_at_its_kinks(target: str, tmp_path: Path) -> None:
    """A library's own slope at a kink is the convention's, at each place where one may be."""
    kinked = [row.name for row in FUNCTIONS.values() if row.kinks]
    assert {"abs", "relu", "hard_tanh"} <= set(kinked)
    calls = [f"{name}(w)" for name in kinked]
    calls += ["max(w, 2*w - 1)", "min(w, -w)", "w if w > 0 else 2*w", "2*w if w < 1 else w**2"]
    codes = {
        f"{place}_at_{at}": code(
            f"weights: {{w: {at}}}\nequations: {{f: '3*({call}) + w'}}\nloss: f\n", target, "1/8"
        )
        for place, call in enumerate(calls)
        for at in (-1, 0, 1)
    }
    assert failures(tmp_path, codes) == {}


@pytest.mark.sweep
def test_a_loss_that_is_hit_exactly(target: str, tmp_path: Path) -> None:
    text = """
        inputs: {x: 1}
        targets: {y: 0.5}
        weights: {w: 0.5}
        nodes: {0: {from: {x: w}, activation: identity}}
        loss: l1
    """
    assert failures(tmp_path, {"hit": code(text, target, "1/2")}) == {}


CONSTANT = {
    "one": "weights: {w: 1}\nloss: 1\n",
    "fraction": "weights: {w: 1}\nloss: 1/3 - 2\n",
    "given": "inputs: {x: 1}\nweights: {w: 2}\nloss: 2*x\n",
    "equation": "inputs: {x: 1}\nweights: {w: 2}\nequations: {h: w*x, c: 3}\nloss: c\n",
    "units": "targets: {y: 2}\nweights: {w: 2}\nnodes: {0: {bias: w}}\nloss: y\n",
    "samples": "inputs: [x]\ndata: [{x: 1}, {x: 2}]\nweights: {w: 1}\nloss: 3\n",
    "sum": "inputs: [x]\ndata: [{x: 1}, {x: 2}]\nweights: {w: 1}\nreduction: sum\nloss: 3\n",
    "decay": "weights: {w: 1}\nloss: 1\noptimizer: {name: adam, weight_decay: 1/10}\n",
    "one of two": "weights: {w: 1, v: 2}\nloss: w**2\noptimizer: {name: sgd, weight_decay: 1/10}\n",
    "frozen": "weights: {w: 1, v: 2}\nfrozen: [v]\nloss: v**2\noptimizer: momentum\n",
}
"""Losses that do not depend on every weight."""


@pytest.mark.sweep
def test_a_loss_that_does_not_depend_on_a_weight(target: str, tmp_path: Path) -> None:
    codes = {name: code(text, target, "1/2") for name, text in CONSTANT.items()}
    assert failures(tmp_path, codes) == {}


def test_the_gradients_alone_take_no_step() -> None:
    from backcalc.equations.calculation import backward

    text = gradients_alone(backward(load("mazur")))
    ast.parse(text)
    assert "optim" not in text


def test_the_command(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "skip.py"
    args = ("export", "skip", "--to", "python", "--lr", "1/2", "-o", str(path))
    assert run(*args) == Result("", f"{path} written\n", 0)
    assert path.read_text("utf-8") == export(load("skip"), TARGETS["python"], Fraction(1, 2))
    assert run(*args).stderr == f"{path} exists already\nhint: add --force to overwrite it\n"
    assert run(*args, "--force").exit_code == 0
    shown = run("export", "quadratic", "--to", "torch", "--lr", "1", "--optimizer", "adam")
    assert "optimizer = torch.optim.Adam(trained, lr, (beta1, beta2), eps)\n" in shown.stdout
    assert run("export", "skip", "--to", "cobol").exit_code == 2
