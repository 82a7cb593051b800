"""How wide text is and where its lines end."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len

from backcalc.errors import UNSAFE
from backcalc.errors.lettering import BETWEEN_WORDS, columns_of, wrapped

LETTERS = (
    (0x20, 0x483), (0x1E00, 0x2000), (0x2190, 0x2300), (0x2500, 0x25FD), (0x2800, 0x2900),
    (0x3041, 0x3097), (0x3099, 0x3100), (0x4E00, 0x9FF0), (0xAC00, 0xD7A4), (0xFF01, 0xFFA0),
)  # fmt: skip
"""Latin, Greek, Cyrillic, signs, boxes, Japanese, Chinese, Korean; on others Unicode's editions
differ."""


@pytest.mark.sweep
def test_letters_are_as_wide_as_rich_takes_them_to_be() -> None:
    letters = [chr(code) for first, last in LETTERS for code in range(first, last)]
    letters = [letter for letter in letters if unicodedata.category(letter) not in UNSAFE]
    assert [letter for letter in letters if columns_of(letter) != cell_len(letter)] == []


@pytest.mark.parametrize("text", ["ŷ", "∂L/∂w0'", "変数 θ", "e\u0301", "각", "⎡0.5⎤", "✓ ≈ → ✗"])
def test_a_text_is_as_wide_as_its_letters(text: str) -> None:
    assert columns_of(text) == cell_len(text)


@pytest.mark.parametrize("width", [8, 13, 30])
@pytest.mark.parametrize(
    "text", ["0.25·0.5 + 0.75·変数·(1 - 0.5)", "low   middle   high", "a" * 40]
)
def test_no_line_is_wider_than_wanted_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert max(map(columns_of, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_between_words_a_long_word_stays_whole() -> None:
    lines = wrapped("in networks/some_long_name.yaml here", 10, BETWEEN_WORDS)
    assert lines == ["in", "networks/some_long_name.yaml", "here"]
