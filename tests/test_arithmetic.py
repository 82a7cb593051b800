"""The arithmetic of sheets: one for results, branches and remarks; exact where it can be."""

from __future__ import annotations

import decimal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from conftest import ROOT, mostly_swept

from backcalc.arithmetic import Digits
from backcalc.arithmetic.intervals import Range, start, way
from backcalc.equations.calculation import backward, forward, step
from backcalc.equations.network import Network
from backcalc.equations.optimizers import OPTIMIZERS, Descent, Optimizer
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Call, Name, Number, Numbers, Scalar, evaluate, holds
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import (
    PLAIN,
    UNICODE,
    Substituted,
    formula_text,
    number_text,
    phrase_text,
)
from backcalc.formulas.parser import parse
from backcalc.loading.loader import load, loads
from backcalc.sheets.remarks import backward_notes
from backcalc.sheets.worked import Wishes, worked_sheet

SHEET = Digits(50, "nothing")


def number(text: str, **values: str) -> Scalar:
    given = Numbers({name: Fraction(value) for name, value in values.items()}, SHEET)
    return evaluate(parse(text, FUNCTIONS), given)


def called(name: str, *arguments: str, output: int | None = None) -> Scalar:
    numbers = tuple(Number(Fraction(each)) for each in arguments)
    return evaluate(Call(FUNCTIONS[name], numbers, output), Numbers({}, SHEET))


# What a remark says that another choice would give.


def kinked(seed: int, used: bool) -> Network:
    """A unit at the kink of relu, beside a sigmoid; one that is not `used` has weight 0."""
    rng = Random(seed)
    a, b, c, d = (f"{rng.randint(-99, 99) or 7}/100" for _ in range(4))
    return loads(
        "inputs: {x: 1}\n"
        f"weights: {{w1: {a}, w2: {b}, w3: {c}, bias: {b}, v: {d if used else 0}}}\n"
        "equations:\n  s: sigmoid(w1*x)\n  r: relu(w2*x - bias)\n  yhat: w3*s + v*r + w2*s\n"
        "targets: {y: 1}\nloss: half_l2\n"
    )


def claims(network: Network, digits: int) -> Iterator[tuple[str, str]]:
    """What the remarks say that derivatives would be, as printed."""
    calculation = backward(network)
    for note in backward_notes(calculation, calculation.backward, digits=digits):
        for before, word, after in zip(note.text, note.text[1:], note.text[2:], strict=False):
            if word == " would be " and isinstance(before, Name) and isinstance(after, Number):
                notation = PLAIN.with_numbers(digits, fractions=False)
                yield before.id, number_text(after.value, notation)


@pytest.mark.sweep
@pytest.mark.parametrize("digits", mostly_swept([3, 9, 17]))
def test_another_choice_at_a_kink_is_what_it_gives_and_differs_in_print(digits: int) -> None:
    notation = PLAIN.with_numbers(digits, fractions=False)
    told = 0
    for seed in range(80 if digits == 9 else 40):
        network = kinked(seed, used=seed % 4 > 0)
        other = replace(network, conventions={**network.conventions, "relu_at_zero": Fraction(1)})
        ours, theirs = backward(network).values, backward(other).values
        for name, said in claims(network, digits):
            told += 1
            assert said == number_text(theirs[name], notation)
            assert said != number_text(ours[name], notation)
        if seed % 4 == 0:
            assert not [*claims(network, digits)]
    assert told >= 30


# Branches.


@pytest.mark.parametrize("x", ["2e-9", "1e-15", "1e-30", "1e-60"])
def test_the_branch_that_is_shown_gives_the_result(x: str) -> None:
    network = loads(
        f"weights: {{x: {x}}}\nequations:\n  f: relu(exp(x) - (1 + x))\n"
        "  g: 3*x if exp(x) > 1 + x else 5*x\nloss: g\n"
    )
    values = forward(network).values
    assert float(values["f"]) == pytest.approx(float(Fraction(x)) ** 2 / 2, rel=1e-6)
    assert values["g"] == 3 * Fraction(x)
    for equation in forward(network).program.forward:
        shown = phrase_text((Substituted(equation.expression, values),))
        assert "5*" not in shown
    assert holds(parse("1 if exp(x) > 1 + x else 0", FUNCTIONS).condition, values)  # type: ignore[union-attr]


def test_a_closed_form_is_on_the_branch_of_the_result() -> None:
    pytest.importorskip("sympy")
    from backcalc.symbolic import closed_forms

    network = loads("weights: {x: 2e-9}\nequations:\n  f: relu(exp(x) - (1 + x))\nloss: f\n")
    found = backward(network)
    (form,) = closed_forms(
        [*found.program.forward, *found.program.backward], ["df/dx"], found.values
    )
    assert float(evaluate(form.expression, found.values)) == pytest.approx(2e-9, rel=1e-6)


# Figures near 0, and exact ones.


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["tanh", "expm1", "log1p", "elu", "selu"])
@pytest.mark.parametrize("power", [300, 380, 390, 2000, 100_000])
def test_what_is_close_to_its_argument_near_0_never_becomes_0(name: str, power: int) -> None:
    tiny = Numbers({"z": Fraction(-1, 10**power)}, SHEET)
    settings = map(Number, FUNCTIONS[name].defaults)
    found = evaluate(Call(FUNCTIONS[name], (Name("z"), *settings)), tiny)
    share = found.digits.scaleb(power)  # type: ignore[union-attr]
    expected = "-1.7580993408473768599" if name == "selu" else "-1"
    assert abs(share - decimal.Decimal(expected)) < decimal.Decimal("1e-18")


@pytest.mark.parametrize(
    ("found", "exact"),
    [
        (called("softmax", "0", "0", output=0), Fraction(1, 2)),
        (called("softmax", "5/7", "5/7", "5/7", output=2), Fraction(1, 3)),
        (called("log_softmax", "3", output=0), Fraction(0)),
        (called("sigmoid", "0"), Fraction(1, 2)),
        (number("max(0, -exp(x))", x="1"), Fraction(0)),
        (number("0*exp(x)", x="1"), Fraction(0)),
        (number("x**2 - 1/3", x="1/2"), Fraction(-1, 12)),
    ],
)
def test_what_is_a_fraction_is_shown_as_one(found: Scalar, exact: Fraction) -> None:
    assert isinstance(found, Fraction)
    assert found == exact


def test_no_zero_that_is_put_in_has_a_minus() -> None:
    network = loads(
        "inputs: {x: 1}\nweights: {w: 1/2}\nequations:\n  yhat: sigmoid(w*x)\n"
        "targets: {y: 0}\nloss: bce\n"
    )
    calculation = backward(network)
    sheet = worked_sheet(calculation, Wishes(), only="backward")
    parts = [
        phrase_text(phrase)
        for block in sheet.blocks
        for _, phrase in getattr(block, "stages", ())
    ]  # fmt: skip
    assert any(part.startswith("0/") for part in parts)
    assert not any("-0/" in part or "-0*" in part for part in parts)


# Optimizers whose first line reads what was before the step.


def test_a_row_whose_first_line_reads_an_old_state() -> None:
    row = Optimizer("last", (("w'", "w - lr*m"), ("m'", "g")))
    network = loads("weights: {w: 3}\nequations: {f: w**2}\nloss: f\nlearning_rate: 1/4\n")
    after = step(replace(network, descent=Descent(row)), steps=3).values
    assert [after["w" + "'" * number] for number in range(4)] == [3, 3, Fraction(3, 2), 0]


def test_lion_is_a_row() -> None:
    assert OPTIMIZERS["lion"].states == ("m",)


# 32-bit Python.

NARROW = """
import decimal, sys
decimal.MIN_EMIN, decimal.MAX_EMAX = -425000000, 425000000
whole = decimal.Context
def narrow(*args, **kwargs):
    assert kwargs.get("Emin", 0) >= -425000000 and kwargs.get("Emax", 0) <= 425000000
    return whole(*args, **kwargs)
decimal.Context = narrow
from backcalc.commands import main
sys.argv[1:] = ["step", "networks/mazur.yaml", "--lr", "1/2"]
main()
"""


@pytest.mark.sweep
def test_decimals_of_a_32_bit_python_are_wide_enough(run) -> None:
    words = [sys.executable, "-c", NARROW]
    narrow = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert narrow.stderr == ""
    assert narrow.stdout == run("step", "networks/mazur.yaml", "--lr", "1/2").stdout


# A layer of softmax.


def layer(outputs: int) -> Network:
    targets = ", ".join(f"y{number}: {int(number == 2)}" for number in range(outputs))
    return loads(
        f"inputs: {{x: 1/2}}\ntargets: {{{targets}}}\nloss: cross_entropy\nlearning_rate: 1\n"
        f"layers: [{{name: h, units: {outputs}, weights: random, activation: softmax}}]\n"
    )


def test_a_forward_pass_differentiates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nobody asks for derivatives")

    monkeypatch.setattr("backcalc.equations.program.differentiate", refuse)
    assert forward(load("skip")).forward
    assert forward(load("xor")).forward


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_layer_of_softmax_is_worked_out_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    outputs = Digits.outputs

    def counted(self: Digits, name: str, arguments: list[Fraction]) -> Iterator[Scalar]:
        found.append(name)
        yield from outputs(self, name, arguments)  # type: ignore[misc]

    monkeypatch.setattr(Digits, "outputs", counted)
    names = [f"z{number}" for number in range(30)]
    sides = ", ".join(f"p{number}" for number in range(30))
    network = loads(
        f"weights: {{w: 1/3}}\nequations:\n  {sides}: {name}({', '.join(names)})\n"
        + "".join(f"  {each}: exp({number}*w/9)\n" for number, each in enumerate(names))
        + "  L: p1*p2\nloss: L\n"
    )
    forward(network)
    assert found == [name]


def test_people_read_the_ends_of_a_long_call_and_programs_all_of_it() -> None:
    pass_ = forward(layer(40))
    call = pass_.program.forward[40].expression
    assert isinstance(call, Call)
    shown = formula_text(call, UNICODE)
    assert shown == "softmax(z_h1, z_h2, z_h3, ..., z_h40)[1]"
    assert formula_text(call, PLAIN).count(",") == 39
    assert formula_text(forward(layer(32)).program.forward[32].expression, UNICODE).count(",") == 31


def test_more_derivatives_than_anybody_reads_are_refused_before_the_work() -> None:
    large = layer(448)
    for work in (step, backward):
        with pytest.raises(BackcalcError, match="softmax has 200704 local derivatives here"):
            work(large)


@pytest.mark.parametrize("middle", [0.1133, 0.11330000000000001, 0.11325, 0.1132])
def test_a_straight_line_reaches_both_ends_of_a_range(middle: float) -> None:
    """Whose middle may be one of them but for the last bit: a figure cut where it was rounded."""
    ranges = start({"w": Fraction(3, 10)})
    ranges.set("g", Range(middle, 0.1132, 0.11330000000000001))
    found = ranges.image((way(parse("g * w", FUNCTIONS)),))
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.03396), pytest.approx(0.03399))
