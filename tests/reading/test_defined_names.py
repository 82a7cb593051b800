"""Names and signs that a sheet defines itself, and changes of weights: read as it says."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import load
from backcalc.reading import read

DEFINED = [
    # in words
    ("Let $a_7$ denote the output of the first hidden unit.\n\n$a_7 = 0.5$", {"h0": "0.5"}),
    ("Let a_1 denote h_0.\n\na_1 = 0.5\nh1 = 0.25", {"h0": "0.5", "h1": "0.25"}),
    ("We write a1 for h0.\n\na1 = 0.5", {"h0": "0.5"}),
    ("I write $\\sigma_0$ for $h_0$.\n\n$\\sigma_0 = 0.5$", {"h0": "0.5"}),
    ("a1 stands for h0.\n\na1 = 0.5", {"h0": "0.5"}),
    ("$q$ denotes $h_0$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("$h_0$ is called $q$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("Let us denote $\\partial L/\\partial z_1$ by $\\rho$.\n\n$\\rho = 0.5$", {"dL/dz1": "0.5"}),
    ("$\\rho = 0.5$, where $\\rho$ denotes $\\partial L/\\partial z_1$.", {"dL/dz1": "0.5"}),
    ("Wir schreiben $q$ für $h_0$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("Wir bezeichnen $h_0$ mit $q$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("Let $C$ denote the loss and $p$ the rest.\n\n$C = 3.375$", {"L": "3.375"}),
    # by an equation
    ("Let $a_1 = h_0$.\n\n$a_1 = 0.5$", {"h0": "0.5"}),
    ("$E = L$\n\n$E = 3.375$", {"L": "3.375"}),
    ("Notation: a = h0, E = L\n\na = 0.5\nE = 3.375", {"h0": "0.5", "L": "3.375"}),
    ("$\\delta = 0.5$, where $\\delta = \\partial L/\\partial z_1$", {"dL/dz1": "0.5"}),
    # what is not understood is not guessed, nor are other numbers of a letter that is shifted
    ("Let $a_1$ denote the sum of the outputs of both units.\n\n$a_1 = 0.5$", {}),
    ("Let $h_1$ denote the output of the first hidden unit.\n\n$h_1 = 0.5$", {}),
    ("Let $z_1$ denote $h_0$.\n\n$z_1 = 0.5$", {}),
    ("Let $a_1 = h_0$.\n\n$a_1 = 0.5$, $a_0 = 0.25$", {"h0": "0.5"}),
    ("$D = -\\partial L/\\partial z_1$\n\n$D = -0.5$", {}),
    ("Let $z_1$ denote the weighted sum of unit 1.\n\n$z_1 = 0.25$", {"z1": "0.25"}),
    ("Here $\\eta$ denotes the step size.\n\n$z_1 = 0.25$", {"z1": "0.25"}),
]


def said(network: str, text: str) -> dict[str, str]:
    """What each quantity is said to be, by the last statement about it."""
    reading = read(text, "sheet.md" if "$" in text else "sheet.txt", load(network))
    return {each.quantity: formula_text(each.said.expression) for each in reading.assertions}


@pytest.mark.parametrize(("text", "expected"), DEFINED)
def test_a_name_means_what_the_sheet_says(text: str, expected: dict[str, str]) -> None:
    assert said("skip", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$Err_j = -\\frac{\\partial E}{\\partial I_j}$\n\n$Err_6 = 0.2$", {"dL/dz6": "-0.2"}),
        ("Err_j = -dE/dI_j\nErr_6 = 0.2", {"dL/dz6": "-0.2"}),
        ("$Err_j = \\partial E/\\partial I_j$\n\n$Err_6 = 0.2$", {"dL/dz6": "0.2"}),
        (
            "$\\delta_k := -\\frac{\\partial E}{\\partial net_k}$\n\n$\\delta_6=0.3$",
            {"dL/dz6": "-0.3"},
        ),
        (
            "$\\delta_k := -\\frac{\\partial E}{\\partial net_j}$\n\n$\\delta_6=0.3$",
            {"dL/dz6": "0.3"},
        ),
        ("$Err_6 = 0.2$", {}),
    ],
)
def test_the_sign_of_an_error_term_is_the_one_that_the_sheet_defines(
    text: str, expected: dict[str, str]
) -> None:
    assert said("han_kamber", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$\\Delta w_5 = -0.0411$", {"w5'": "2/5 - 0.0411"}),
        ("Δw5 = -0.0411\nΔw6 = -0.0413", {"w5'": "2/5 - 0.0411", "w6'": "9/20 - 0.0413"}),
        ("$\\Delta w_5 = -\\eta\\,\\partial E/\\partial w_5 = -0.0411$", {"w5'": "2/5 - 0.0411"}),
        ("$\\Delta w_5 = 0.0411$, $\\Delta w_6 = 0.0413$",
         {"w5'": "2/5 - 0.0411", "w6'": "9/20 - 0.0413"}),
        ("$\\Delta w_5 = 0.0822$, $\\Delta w_6 = 0.0827$",
         {"dL/dw5": "0.0822", "dL/dw6": "0.0827"}),
        ("$\\Delta w = -\\eta \\frac{\\partial E}{\\partial w}$\n\n$\\Delta w_5 = 0.3$",
         {"w5'": "2/5 + 0.3"}),
        ("$\\Delta w_{ij} = \\eta \\frac{\\partial E}{\\partial w_{ij}}$\n\n$\\Delta w_5 = 0.3$",
         {"w5'": "2/5 - 0.3"}),
        ("$\\Delta w = \\frac{\\partial E}{\\partial w}$\n\n$\\Delta w_5 = 0.3$",
         {"dL/dw5": "0.3"}),
        ("$\\Delta w_5 = 0.3$", {}),
        ("$\\Delta w_5 = -0.0411$, $\\Delta w_6 = 0.0413$", {}),
        ("$\\Delta h_1 = 0.1$", {}),
    ],
)  # fmt: skip
def test_a_change_of_a_weight_has_its_sign_and_rate(text: str, expected: dict[str, str]) -> None:
    assert said("mazur", text) == expected


def test_a_change_is_judged_as_closely_as_it_is_written() -> None:
    """The old weight is exact: 0.45 leaves no room for a change that is off by a tenth."""
    text = (
        "$\\Delta w_5 = -0.0411$, $\\Delta w_6 = -0.0413$, $\\Delta w_7 = 0.0113$, $\\Delta w_8={}$"
    )
    for last, verdict in (("0.0114", "rounded"), ("0.0124", "wrong"), ("-0.0114", "wrong")):
        report = check(Marking(load("mazur")), text.replace("{}", last), "sheet.md")
        assert [each.verdict for each in report.answers] == ["rounded"] * 3 + [verdict]
        assert report.taken["Delta w8"] == "w8'"
