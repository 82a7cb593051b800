"""Forward mode, second derivatives and gradient checks, against other ways to the same figures."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from io import StringIO

import pytest
import sympy

from backcalc.equations.calculation import backward
from backcalc.equations.named import elements_named
from backcalc.explaining.hessian import hessian, hessian_sheet
from backcalc.explaining.tangent import tangent, tangent_sheet
from backcalc.formats import text
from backcalc.formulas.notation import LATEX, UNICODE, name_text
from backcalc.formulas.quantity import Derivative
from backcalc.loading.loader import load, loads
from backcalc.proving.gradcheck import gradcheck


class Terminal(StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


SMALL = ("skip", "mazur", "softmax", "lstm", "xor", "layer_norm", "rnn_repeat", "rosenbrock")


@pytest.mark.parametrize("name", SMALL)
def test_forward_mode_gives_what_reverse_mode_gives(name: str) -> None:
    network = load(name)
    found = backward(network)
    for weight in list(network.weights)[:4]:
        own = Derivative(found.of, weight)
        forward = tangent(network, weight).calculation.values.get(own, Fraction(0))
        assert float(forward) == pytest.approx(float(found.values[own]), rel=1e-12, abs=1e-300)


def test_a_direction_is_the_gradient_times_it() -> None:
    network = load("mazur")
    found = backward(network)
    draw = random.Random(1)
    along = {name: Fraction(draw.randint(-9, 9), 10) for name in network.weights}
    shown = tangent(network, along=along)
    wanted = sum(
        float(found.values[Derivative(found.of, name)]) * float(speed)
        for name, speed in along.items()
    )
    assert float(shown.tangent(found.of)) == pytest.approx(wanted, rel=1e-12)


def test_the_trace_of_the_survey(run) -> None:
    """Table 2 of Baydin et al. 2018: the tangents of v1 to v5 by x1."""
    data = json.loads(run("tangent", "autodiff_survey", "--by", "x1", "--format", "json").stdout)
    found = {each["name"]: each["value"] for each in data["tangents"]}
    assert found == {
        "dx1/dx1": 1.0, "dv1/dx1": 0.5, "dv2/dx1": 5.0, "dv4/dx1": 5.5, "dv5/dx1": 5.5,
    }  # fmt: skip


def test_the_reverse_trace_of_the_survey(run) -> None:
    """Table 3 of Baydin et al. 2018, to its three decimals: the adjoints of v5 back to x1, x2."""
    asked = ("tangent", "autodiff_survey", "--by", "x1", "--reverse", "--format", "json")
    data = json.loads(run(*asked).stdout)
    found = {each["name"].removeprefix("dv5/d"): each["value"] for each in data["backward"]}
    assert found == pytest.approx(
        {"v4": 1, "v3": -1, "v2": 1, "v1": 1, "x2": 1.716, "x1": 5.5}, abs=5e-4
    )
    values = {each["name"]: each["value"] for each in data["forward"]}
    expected = {"v1": 0.693, "v2": 10, "v3": -0.959, "v4": 10.693, "v5": 11.652}
    assert values == pytest.approx(expected, abs=5e-4)


def test_how_many_passes_a_product_with_a_vector_takes(run) -> None:
    jacobian_vector = run("tangent", "mazur", "--along", "w1=1,w5=2").stdout
    assert "1 pass of forward mode, for all values at once" in jacobian_vector
    assert "by reverse mode the outputs alone take 2 passes" in jacobian_vector
    vector_jacobian = run("backward", "mazur", "--upstream", "yhat1=1,yhat2=2").stdout
    assert "1 pass of reverse mode; forward mode takes 10 passes for all weights" in vector_jacobian


SECOND = """
weights: {a: 0.3, b: -0.7, c: 1.1}
constants: {x: 0.5}
equations: {u: tanh(a*x) + b**2*c, v: exp(u*b) - c/a}
loss: v*u
"""


@pytest.mark.sweep
def test_second_derivatives_are_those_of_sympy() -> None:
    shown = hessian(loads(SECOND))
    a, b, c = sympy.symbols("a b c")
    u = sympy.tanh(a / 2) + b**2 * c
    exact = sympy.hessian((sympy.exp(u * b) - c / a) * u, (a, b, c))
    at = {a: sympy.Rational(3, 10), b: sympy.Rational(-7, 10), c: sympy.Rational(11, 10)}
    wanted = exact.subs(at).evalf(30)
    for place, row in enumerate(shown.rows):
        for other, value in enumerate(row):
            assert float(value) == pytest.approx(float(wanted[place, other]), rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "definite", "newton"),
    [
        ("w**2 + 2*v**2 - w", "positive definite", ["-1/2", "0"]),
        ("-(w**2) - v**2", "negative definite", ["-1", "0"]),
        ("w*v", "indefinite", ["-1", "0"]),
        ("w**2 - v**2", "indefinite", ["-1", "0"]),
        ("w**2 + 3*v", "positive semidefinite", None),
        ("w - v", "zero", None),
        ("exp(w + v)", "positive semidefinite", None),
    ],
)
def test_what_the_hessian_is(run, loss: str, definite: str, newton: list[str] | None) -> None:
    file = f"weights: {{w: 1, v: 0}}\nloss: {loss}\n"
    data = json.loads(run("hessian", "-", "--format", "json", stdin=file).stdout)
    assert data["definite"] == definite
    found = data["newton"] and [each["exact"] for each in data["newton"]]
    assert found == newton


def test_the_best_rate_of_a_valley(run) -> None:
    """Boyd and Vandenberghe, section 9.3.2: 2/(1 + gamma) from this start."""
    assert "1/curvature = 2/11" in run("hessian", "quadratic").stdout


@pytest.mark.parametrize("name", ["skip", "mazur", "softmax", "xor", "max_gate"])
def test_both_modes_and_slopes_agree(name: str) -> None:
    for each in gradcheck(load(name), Fraction(1, 10**6)).differences:
        assert float(each.forward) == pytest.approx(float(each.reverse), rel=1e-12, abs=1e-300)
        assert each.error < 1e-9


def test_a_matrix_stands_for_its_elements(run) -> None:
    for command in ("hessian", "gradcheck"):
        printed = run(command, "matrix_columns", "--by", "W2,b2", "--format", "json").stdout
        assert "W2_13" in printed


def test_a_gradient_cannot_be_given_by_the_loss_that_gives_way(run) -> None:
    refused = run("backward", "skip", "--upstream", "L=2")
    assert refused.exit_code == 2
    assert "there is no value 'L'" in refused.stderr
    assert run("backward", "max_gate", "--upstream", "f=2").exit_code == 0


def test_at_a_kink_no_smaller_h_is_advised(run) -> None:
    printed = run(
        "gradcheck", "-", stdin="weights: {w: 0}\nequations: {f: relu(w)}\nloss: f\n"
    ).stdout
    assert "a kink lies at the point itself" in printed
    assert "the error stays" in printed
    assert "smaller h" not in printed
    assert "the error falls" not in printed


def test_a_kink_between_the_two_points_is_said(run) -> None:
    file = "weights: {w: 0.004}\nloss: abs(w)\n"
    assert "a kink" in run("gradcheck", "-", stdin=file).stdout
    assert "a kink" not in run("gradcheck", "-", "--h", "0.001", stdin=file).stdout


def test_one_side_is_off_by_half_of_h_times_the_curvature(run) -> None:
    file = "weights: {w: 3}\nloss: w**2\n"
    data = json.loads(
        run("gradcheck", "-", "--one-sided", "--h", "1/10", "--format", "json", stdin=file).stdout
    )
    assert data["derivatives"][0]["slope"] == 6.1
    both = json.loads(run("gradcheck", "-", "--format", "json", stdin=file).stdout)
    assert both["derivatives"][0]["relative_error"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tangent", "skip"], "name a number to differentiate by, or a direction"),
        (
            ["tangent", "skip", "--by", "z1"],
            "z1 is worked out from other numbers, so it cannot move by itself",
        ),
        (["tangent", "skip", "--by", "w9"], "there is no value 'w9'"),
        (["hessian", "skip", "--by", "w9"], "there is no weight 'w9'"),
        (["hessian", "xor_2_8_1"], "a Hessian of 33 weights"),
        (["gradcheck", "skip", "--h", "0"], "h must be greater than 0"),
        (["gradcheck", "skip", "--by", "q"], "there is no weight 'q'"),
    ],
)
def test_what_cannot_be_asked_is_said(run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert message in done.stderr


def test_how_a_second_derivative_is_written() -> None:
    name = Derivative(Derivative("L", "w0"), "w1")
    assert name_text(name, UNICODE) == "∂²L/∂w0∂w1"
    assert name_text(Derivative(Derivative("L", "w"), "w"), UNICODE) == "∂²L/∂w²"
    assert name_text(name, LATEX) == r"\frac{\partial^2 L}{\partial w_{0}\,\partial w_{1}}"


def test_a_sheet_may_begin_at_the_gradient_of_the_output(run) -> None:
    file = "inputs: {x: 2}\nweights: {w: 0.5}\nequations: {z: w*x, yhat: z**2}\n"
    upstream = file + "upstream: {yhat: -0.3}\n"
    assert backward(loads(upstream)).values["dL/dw"] == Fraction(-6, 5)
    shown = run("backward", "-", stdin=upstream).stdout
    assert "L stands for a loss that has them" in shown
    given = json.loads(
        run("backward", "-", "--upstream", "z=3,yhat=-0.3", "--format", "json",
            stdin=file + "loss: yhat\n").stdout
    )  # fmt: skip
    assert given["backward"][-1]["value"] == pytest.approx(-1.2 + 6)


def test_nothing_flows_back_through_detach(run) -> None:
    file = "weights: {w: 3}\nequations: {f: w*detach(w**2)}\nloss: f\n"
    assert backward(loads(file)).values["df/dw"] == 9
    checked = run("verify", "-", "--no-torch", stdin=file)
    assert checked.exit_code == 0
    assert "the derivative is confirmed" in checked.stdout


@pytest.mark.parametrize("command", ["hessian", "tangent --by w"])
@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("weights: {w: 0}\nequations: {f: relu(w)}\nloss: f\n", "relu bends at w = 0"),
        ("weights: {w: 1, v: 1}\nequations: {f: 'max(w, v)'}\nloss: f\n", "w and v are equal"),
        ("weights: {w: 1}\nequations: {f: relu(w)}\nloss: f\n", ""),
        ("weights: {w: 1, v: 1, u: 3}\nequations: {f: 'max(w, v, u)'}\nloss: f\n", ""),
    ],
)
def test_a_kink_at_the_point_is_said(run, command: str, file: str, told: str) -> None:
    shown = run(*command.split(), "-", stdin=file).stdout
    kinks = [line.partition(". ")[0] for line in shown.splitlines() if "two sides" in line]
    assert len(kinks) == bool(told)
    assert all(kink.endswith(told) for kink in kinks)


@pytest.mark.parametrize("name", ["W1", "b2"])
def test_a_matrix_does_not_move_as_a_whole(run, name: str) -> None:
    done = run("tangent", "matrix_columns", "--by", name)
    first = elements_named(load("matrix_columns"), name)[0]
    assert f"--by {first}" in done.stderr
    assert run("tangent", "matrix_columns", "--by", first).exit_code == 0
    assert "--along" in done.stderr


@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_has_room(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "dumb")
    network = load("matrix_columns")
    sheets = (
        hessian_sheet(hessian(network, ["W1_11", "W2_11"])),
        tangent_sheet(tangent(network, "W1_11", reverse=True)),
    )
    for sheet in sheets:
        shown = text.render(sheet, UNICODE, Terminal())
        assert max(map(len, shown.splitlines())) <= columns
