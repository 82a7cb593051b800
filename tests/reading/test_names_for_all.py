"""Names that a sheet defines for several quantities at once, in words or by a formula."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import load, loads
from backcalc.reading import read

NETWORK = loads("""
inputs: {x1: 0.5, x2: -1, x3: 2}
targets: {y: 1}
weights: {u: 0.4, w: 0.5, v: -1.2}
constants: {h0: 0}
equations:
  a1: u*x1 + w*h0
  h1: tanh(a1)
  a2: u*x2 + w*h1
  h2: tanh(a2)
  a3: u*x3 + w*h2
  h3: tanh(a3)
  yhat: v*h3
loss: half_l2
""")
STATES = "$a_1 = 0.2$\n\n$s_1 = 0.25$\n\n$s_3 = 0.677$\n"


def said(text: str) -> list[tuple[str, str]]:
    found = read(text, "a.tex", NETWORK).assertions
    return [(each.quantity, each.said.plain) for each in found]


@pytest.mark.parametrize(
    "words",
    [
        "I write $s_t$ for the state $h_t$, $o$ for the output, and $E$ for the loss.",
        "Let $s_1$, $s_2$, $s_3$ denote $h_1$, $h_2$, $h_3$.",
        "Let $s_1$, $s_2$ and $s_3$ denote $h_1$, $h_2$ and $h_3$.",
        "Let $s_1$ denote $h_1$, $s_2$ denote $h_2$ and $s_3$ denote $h_3$.",
        "I write s1, s2, s3 for h1, h2, h3.", "Ich schreibe $s_t$ für $h_t$.", "$s_t := h_t$",
        "Let $E$ denote the loss and let $s_t$ denote the state $h_t$.",
        "The state $h_t$ is called $s_t$.",
    ],
)  # fmt: skip
def test_a_letter_is_defined_for_all_units(words: str) -> None:
    assert said(f"{words}\n\n{STATES}") == [("a1", "0.2"), ("h1", "0.25"), ("h3", "0.677")]


@pytest.mark.parametrize(
    "line", [r"$s_2 = \tanh(a_2) = -0.19$", r"$a_2 = -0.3$, $s_2 = \tanh(-0.3) = -0.19$"]
)
def test_the_formula_of_one_unit_tells_the_letter_of_all(line: str) -> None:
    found = said(f"{line}\n\n{STATES}")
    assert {("h2", "-0.19"), ("h1", "0.25"), ("h3", "0.677")} <= {*found}


@pytest.mark.parametrize(
    "words",
    [
        "Write $s_t$ for the derivative $h_t$.", "Let $s_1$, $s_2$, $s_3$ denote $h_1$, $h_2$.",
        r"$s_2 = \tanh(a_1) = 0.25$",
    ],
)  # fmt: skip
def test_what_is_not_sure_defines_nothing(words: str) -> None:
    assert said(f"{words}\n\n{STATES}") == [("a1", "0.2")]


@pytest.mark.parametrize(
    "words",
    [r"\[\delta_t := \partial L/\partial a_t\]", "",
     "I write d1, d2, d3 for dL/da1, dL/da2, dL/da3."],
)  # fmt: skip
def test_an_error_term_is_by_what_goes_into_the_activation(words: str) -> None:
    line = "$d_3 = 1.17$" if "d1" in words else r"$\delta_3 = 1.17$"
    assert said(f"{words}\n\n{line}") == [("dL/da3", "1.17")]


def test_the_sign_of_an_error_term_is_as_the_sheet_says() -> None:
    text = "I write d1, d2 for dL/dz1, dL/dz2.\nd2 = -1\nd1 = 0.5\n"
    found = read(text, "a.txt", load("skip")).assertions
    said_of = [(each.quantity, each.said.plain) for each in found]
    assert said_of == [("dL/dz2", "-1"), ("dL/dz1", "0.5")]
