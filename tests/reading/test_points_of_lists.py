"""Signs and numbers before the points of a list: what stands behind them is read as it is."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import load
from backcalc.reading import read

LINES = ("z0 = 0.5", "h0 = 0.4", "dL/dyhat = -1")
SIGNS = (
    "• – — ● ○ ◦ ■ ▪ □ ▷ ▶ ► ➢ ➔ ❖ ✓ ✔️ ★ · ∙ ‣ ⁃ o § \uf0b7 \uf0a7 ¤ ° » 👉 ① ❶ 1️⃣ (i) iv) a) (A) "
    "k) 1.) 1) 1. 1º 1° 1.º 1.1. 1.1) [1] 1: #1 III. a."
)


def said(text: str) -> list[tuple[str, str]]:
    return [
        (each.quantity, each.said.plain) for each in read(text, "a.txt", load("skip")).assertions
    ]


@pytest.mark.parametrize("sign", SIGNS.split())
def test_a_sign_before_a_line_hides_neither_right_nor_wrong_figures(sign: str) -> None:
    for gap in (" ", "\t", "\N{NO-BREAK SPACE}  "):
        sheet = "".join(f"{sign}{gap}{line}\n" for line in LINES)
        found = said(f"Forward and back:\n{sheet}")
        assert found == [("z0", "0.5"), ("h0", "0.4"), ("dL/dyhat", "-1")]


@pytest.mark.parametrize(
    "text",
    [
        "dL/dw1 = dL/dz1\n· h0 = 0.4\n",  # goes on with the line above
        "dL/dw1 = 0.5\n— h0 = 0.4\n",
        "✗ h0 = 0.4\n",
        "sagen wir\nz. B. h0 = 0.4\n",
    ],
)
def test_what_may_be_more_than_a_mark_is_none(text: str) -> None:
    assert ("h0", "0.4") not in said(text)


def test_a_letter_before_a_sign_is_a_name() -> None:
    assert said("o = 0.375\nz0 = 0.5") == [("yhat", "0.375"), ("z0", "0.5")]
