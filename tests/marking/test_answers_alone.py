"""Lists of answers are read at once, and come to what the whole reading makes of them."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from handwork import drawn_habits, worked
from measure import networks

import backcalc.reading
from backcalc.equations.network import Network
from backcalc.loading.loader import load
from backcalc.reading import Reading, read
from backcalc.reading.answers import answers_alone
from backcalc.reading.documents import document


def told(reading: Reading) -> tuple[object, ...]:
    """Everything that a reading says."""
    found = [(each.quantity, each.chain, each.start, each.end) for each in reading.assertions]
    return found, reading.unread, dict(reading.taken), reading.blanks, reading.lined


def wholly(monkeypatch: pytest.MonkeyPatch, text: str, file: str, network: Network) -> Reading:
    """A sheet as it is read where nothing is taken at once."""
    with monkeypatch.context() as patch:
        patch.setattr(backcalc.reading, "answers_alone", lambda sheet, network: None)
        return read(text, file, network)


@pytest.mark.sweep
def test_a_list_of_answers_is_read_as_any_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, alone = random.Random(14), 0
    for _, network in islice(networks(14), 20):
        sheet = worked(network, drawn_habits(draw), draw, 1)
        if sheet is None or len(sheet.lines) > 60:
            continue
        for text, file in ((sheet.text, "a.txt"), (f"# 1. Forward pass\n{sheet.text}", "a.md")):
            alone += answers_alone(document(text, file), network) is not None
            expected = wholly(monkeypatch, text, file, network)
            assert told(read(text, file, network)) == told(expected)
    assert alone > 10


@pytest.mark.parametrize(
    "text",
    [
        "z0 = 0.5\nz0 = 1.25\n",  # the second one may come after the step
        "w0' = 1.25\nz0 = 1.25\n",
        "w0 = 1.25\n",
        "z0' = 1.25\nw0' = 1.25\n",
        "z0 = 0,5\n",
        "z0 = 00.5\n",
        "net_0 = 0.5\n",
        "z0 = 1/2\n",
        "## epoch 3\nz0 = 0.5\n",
        "# after the update\nz0 = 1.25\n",
    ],
)
def test_what_needs_more_is_read_in_full(text: str) -> None:
    assert answers_alone(document(text, "a.txt"), load("networks/skip.yaml")) is None


def test_whoever_writes_primes_means_a_derivative_without() -> None:
    sheet = read("w0' = -0.25\nz0' = -0.25\nL' = 3\ndL/dw0 = 0.75\n", "a.txt", load("skip"))
    assert [each.quantity for each in sheet.assertions] == ["w0'", "z0'", "L'", "dL/dw0"]
