"""The promises of the marking on some thousand lines; `make soak` holds them on 100 000."""

from __future__ import annotations

import pytest
from measure import Tally, measured

pytestmark = pytest.mark.sweep
LINES, SEEDS = 700, range(3)


@pytest.fixture(scope="module")
def seen() -> Tally:
    tally = Tally()
    for seed in SEEDS:
        tally.add(measured(1000 + seed, LINES))
    return tally


def test_no_honest_line_is_accused(seen: Tally) -> None:
    assert seen.counts["honest"] > len(SEEDS) * LINES * 0.9
    assert seen.cases.get("accused", []) == []
    assert seen.counts["honest undecided"] <= 0.005 * seen.counts["honest"]  # one sheet may have 12


def test_no_mistake_is_let_through(seen: Tally) -> None:
    assert seen.counts["mistakes"] > 15
    assert seen.cases.get("let through", []) == []
    assert seen.cases.get("weights let through", []) == []


def test_mistakes_are_named_for_what_they_are(seen: Tally) -> None:
    assert seen.counts["named"] > 5
    assert seen.counts["named falsely"] <= 0.03 * seen.counts["named"] + 1
    assert seen.counts["unnamed"] <= 0.25 * seen.counts["nameable"]
