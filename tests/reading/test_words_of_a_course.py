"""Sheets of a course that calls the weighted sums a and the loss E, read by these words."""

from __future__ import annotations

import pytest
from test_desk import NETWORK

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import loads
from backcalc.reading import read

SUMS = {"z1": "0.68", "z2": "-0.64"}
OUT = {"h1": "0.5915", "h2": "-0.5649"}
SLOPES = {"dL/dw1": "0.0608", "dL/dw2": "-0.058"}
READ = [
    # The vector of a_1 and a_2 is a.
    ("a.txt", "a = (0.68, -0.64)", SUMS),
    ("a.txt", "a: .68, -.64\nu 1.1213\no .7542", {**SUMS, "z3": "1.1213", "yhat": "0.7542"}),
    ("a.md", "$a = (0.68, -0.64)^T$\n\n$h = \\tanh(a) = (0.5915, -0.5649)^T$", {**SUMS, **OUT}),
    # Another letter for the sums, so that a is what a unit puts out.
    ("a.txt", "a_1 = 0.5915, a_2 = -0.5649\nz_1 = 0.68\nz_2 = -0.64", {**SUMS, **OUT}),
    ("a.txt", "z_1 = 0.68\nz_2 = -0.64\na_1 = tanh(z_1) = 0.5915\na_2 = tanh(z_2) = -0.5649",
     {**SUMS, **OUT}),
    # E with something below is the derivative by that.
    ("a.tex", ("\\[E_{w_1} = 0.0608, E_d = 0.1027\\]\nwhere $E_p$ is short for"
     " $\\partial E/\\partial p$."), {"dL/dw1": "0.0608", "dL/dd": "0.1027"}),
    ("a.tex", "Write $E_p$ for $\\partial E/\\partial p$.\n\\[E_{v_{12}} = -0.0481\\]",
     {"dL/dv12": "-0.0481"}),
    # Derivatives by whole vectors, and what stands behind a comma.
    ("a.txt", "dE/dw = (0.0608, -0.0580), dE/dd = 0.1027", {**SLOPES, "dL/dd": "0.1027"}),
    ("a.txt", "so dE/foo = 0.3, dE/dd = 0.1027", {"dL/dd": "0.1027"}),
    ("a.md", "| p | old | dE/dp | new |\n|---|---|---|---|\n| w1 | 0.9 | 0.0608 | 0.8696 |",
     {"dL/dw1": "0.0608", "w1'": "0.8696"}),
    # Scans.
    ("a.txt", "a 2 = 0.2*0.6 + 0.7*(-0.8) - 0.2 = -0.64\nhZ = tanh(a2) = -0.5649",
     {"z2": "-0.64", "h2": "-0.5649"}),
    ("a.txt", "delta_l = 0.0601\ndE/dv2l = -0.0252", {"dL/dz1": "0.0601", "dL/dv21": "-0.0252"}),
    ("a.txt", "so far\ndE/dv22 = 0 .0336\nd new = 0·1986", {"dL/dv22": "0.0336", "d'": "0.1986"}),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "expected"), READ)
def test_the_words_of_the_course_are_read(file: str, text: str, expected: dict[str, str]) -> None:
    reading = read(text, file, loads(NETWORK))
    assert {e.quantity: formula_text(e.said.expression) for e in reading.assertions} == expected


@pytest.mark.parametrize(("text", "unread"), [
    ("delta_o = 0.1027\ndE/dd - 0.1027", ["dE/dd - 0.1027"]),
    ("z_1 = 0.68\na_1 = 0.5915", ["a_1 = 0.5915"]),
    ("hZ = 0.5915\nu = 1.1213", ["hZ = 0.5915"]),  # which is that of h1
    ("u = 1.1213\nd new = 0·2986", ["d new = 0·2986"]),
    ("as of Tuesday, 10:00, u = 1.1213", []),
])  # fmt: skip
def test_a_figure_is_read_or_listed(text: str, unread: list[str]) -> None:
    reading = read(text, "a.txt", loads(NETWORK))
    assert [reading.text(each) for each in reading.unread] == unread


@pytest.mark.parametrize(("file", "text"), [
    ("a.tex", "\\section*{(d) Update, $\\eta=0.5$}\n\\[u = 1.1213\\]"),
    ("a.txt", "> Please hand it in until Tuesday, 10:00, with all values.\n\nSo u is 1.1213."),
    ("a.md", "u = 1.1213\n```python\ng = dict(v11=delta_1*x1, c1=delta_1)\n```"),
])  # fmt: skip
def test_what_says_no_answer_is_not_listed(file: str, text: str) -> None:
    reading = read(text, file, loads(NETWORK))
    assert [each.quantity for each in reading.assertions if each.quantity != "lr"] == ["z3"]
    assert not reading.unread


@pytest.mark.parametrize("text", [
    "a_1 = 0.5915\na_2 = -0.5649\nu = 1.1213",
    "a_1 = 0.61\na_2 = -0.57\nz_1 = 0.68\nz_2 = -0.64\nE = 0.1536",
    "z_1 = 0.68\na_1 = tanh(z_1) = 0.61\nu = 1.1213",
    "$a = (0.68, -0.64)$ and $h = (0.5915, -0.5649)$",
])  # fmt: skip
def test_another_convention_is_never_accused(text: str) -> None:
    report = check(Marking(loads(NETWORK)), text, "a.md")
    assert "wrong" not in {each.verdict for each in report.answers}


def test_a_letter_stands_for_all_where_it_is_no_quantity() -> None:
    text = "$E_{w_1} = 0.0608$, where $E_p$ is short for $\\partial E/\\partial p$."
    assert read(text, "a.md", loads(NETWORK)).taken == {"E_w1": "dL/dw1"}
