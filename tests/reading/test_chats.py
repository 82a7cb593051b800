"""Chats that are handed in: each message is a sentence of its own, and has its own author."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import load
from backcalc.reading import read

HEADS = (
    "[21:04] {}: ", "[12.03.24, 21:04:11] {}: ", "12/03/24, 21:04 - {}: ", "21:04 <{}> ",
    "{} [21:04]: ", "{} (9:04 PM):\n", "{}  9:04 PM\n", "{} — Today at 9:04 PM\n",
)  # fmt: skip
MESSAGES = (
    ("sam", "hi. tell me if u get the same"), ("sam", "z0 = 0.5"), ("noor", "what if h0 were 2?"),
    ("sam", "h0 = 0.4"), ("noor", "i got h0 = 0.5"), ("sam", "z1 = 0.25 or so"),
)  # fmt: skip


def said(text: str) -> list[tuple[str, str]]:
    found = read(text, "a.txt", load("skip")).assertions
    return [(each.quantity, each.said.plain) for each in found]


@pytest.mark.parametrize("head", HEADS)
def test_what_another_person_of_a_chat_says_is_not_the_authors(head: str) -> None:
    text = "".join(f"{head.format(name)}{message}\n" for name, message in MESSAGES)
    reading = read(text, "a.txt", load("skip"))
    found = [(each.quantity, each.said.plain) for each in reading.assertions]
    assert found[:2] == [("z0", "0.5"), ("h0", "0.4")]
    assert ("another person of this chat says it", "i got h0 = 0.5") in [
        (each.reason, reading.text(each)) for each in reading.unread
    ]


def test_partners_of_a_chat_say_what_the_other_does_not() -> None:
    messages = (
        ("z0 = 0.5", "same. h0 = 0.5"),
        ("z1 = 0.3", "no, z1 = 0.25"),
        ("L = 3.375", "and h1 is just 0.25"),
    )
    lines = [
        f"[21:04] {name}: {m}\n" for two in messages for name, m in zip("ab", two, strict=True)
    ]
    reading = read("".join(lines), "a.txt", load("skip"))
    assert [each.quantity for each in reading.assertions] == ["z0", "h0", "z1", "L", "h1"]
    assert [each.reason for each in reading.unread] == ["another person of this chat says it"]


def test_a_diary_with_times_is_all_ones_own() -> None:
    text = "21:03 forward: z0 = 0.5\n21:05 backward: dL/dw0 = 0.75\n"
    assert said(text) == [("z0", "0.5"), ("dL/dw0", "0.75")]


def test_rows_of_figures_are_no_messages() -> None:
    rows = ("z1", "0.75 - 0.50", "0.25"), ("z0", "0.6 - 0.10", "0.5")
    text = "".join(
        f"{name}\n  numbers   {put}\n  result   = {made}\n\n" for name, put, made in rows
    )
    assert said(text) == [("z1", "0.25"), ("z0", "0.5")]


def test_a_remark_in_a_chain_parts_it_only_where_it_may_change_its_sense() -> None:
    assert said("z1 = w1*h0 + 0 (no bias here) = 0.25") == [("z1", "0.25")]
    for words in ("old weight", "if relu were on", "10 of them"):
        assert not said(f"z1 = w1*h0 ({words}) = 0.25")


def test_two_figures_of_one_derivative_are_two_statements() -> None:
    text = "f = d + d\ndd = 1\nwait, it goes through both\ndd = 1 + 1 = 2\n"
    network = load("skip")
    reading = read(text.replace("dd", "dws"), "a.txt", network)
    assert [each.quantity for each in reading.assertions] == ["dL/dws", "dL/dws"]
