"""Every slip in every network: is its line found, is it named, is nothing right called wrong?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import MEASURED, NETWORKS, ROOT, between
from hand_sheets import (
    HandSheet,
    answers,
    cut_off,
    lines_of_a_step,
    sheet,
    sheets_with,
    written,
)

from backcalc.checking.key import GRADIENT, Key, key_for
from backcalc.checking.marking import mark
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.verdict import WRONG
from backcalc.formulas.expression import Scalar
from backcalc.loading.loader import load

DIGITS = (6, 4, 3)
CANCELLING = {
    "attention", "autodiff_survey", "autoencoder", "batch_norm", "conv1d", "conv2d", "gated_unit",
    "hinge", "layer_norm", "linear_net", "logistic_regression", "micrograd", "mlp",
    "residual_block",
}  # fmt: skip
"""Networks where differences of near figures, or a mean of many, lose so many digits that nobody
can tell what happened in the lines that a sheet leaves out."""
LINES = 2  # of each network in which a slip is tried
FEW = 12  # derivatives on a sheet that asks for no other lines
LEAST_NAMED = {6: 0.97, 4: 0.9, 3: 0.9}


@pytest.fixture(scope="module")
def key(request: pytest.FixtureRequest) -> Key:
    return key_for(load(str(ROOT / request.param)), None, 1)


def slipped(key: Key, slip: Slip, digits: int) -> Iterator[tuple[str, HandSheet]]:
    """Sheets on which a slip changes a figure at the digits written, from a few lines each."""
    tried = 0
    for at in lines_of_a_step(key):
        changed = False
        for each in sheets_with(key, slip, at, digits):
            if _changes(key, each, at):
                changed = True
                yield at, each
        tried += changed
        if tried == LINES:
            return


def _changes(key: Key, each: HandSheet, at: str) -> bool:
    """Whether no right work gives the wrong figure, rounded or cut off.

    Neither with every digit, nor from the sheet's own earlier figures, nor with each step in the
    line rounded.
    """
    right = (key.value(at), *each.instead)
    ends = (min(right), max(right))
    between = ends[0] <= Fraction(each.figures[at]) <= ends[1]
    return not between and not any(_stands_for(each.figures[at], value) for value in right)


def _stands_for(figure: str, value: Scalar) -> bool:
    """Whether a figure is a value, rounded or cut off at the figure's last digit."""
    if not float(figure):
        return not value
    mantissa, _, power = figure.partition("e")
    unit = Fraction(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
    more = abs(Fraction(value)) - abs(Fraction(figure))
    return value * Fraction(figure) >= 0 and -unit / 2 <= more < unit


@pytest.mark.sweep
@pytest.mark.parametrize("key", NETWORKS, indirect=True)
@pytest.mark.parametrize("digits", DIGITS)
def test_slips_are_found_and_named(key: Key, digits: int) -> None:
    counts: Counter[str] = Counter()
    lost = []
    for slip in SLIPS.values():
        for at, each in slipped(key, slip, digits):
            marked = mark(key, answers(each.figures))
            wrong = [one for one in marked if one.verdict == WRONG]
            first = min(wrong, key=lambda one: key.order[one.name], default=None)
            found = first is not None and first.name == at
            named = found and any(slip.name in f.names for f in first.findings)  # type: ignore[union-attr]
            counts.update(sheets=1, found=found, named=named, blamed=len(wrong) > found)
            if not found or not named or len(wrong) > 1:
                lost.append(
                    (slip.name, at, each.figures[at], each.instead, [w.name for w in wrong])
                )
    MEASURED[digits].update({**counts, "networks": 1})
    assert counts["sheets"] > 20
    assert counts["found"] == counts["sheets"], lost
    assert counts["blamed"] == 0, lost
    assert counts["named"] >= LEAST_NAMED[digits] * counts["sheets"], lost


@pytest.mark.sweep
@pytest.mark.parametrize("key", NETWORKS, indirect=True)
@pytest.mark.parametrize("digits", [2, 3, 4, 6])
@pytest.mark.parametrize("trimmed", [False, True])
def test_right_sheets_have_no_wrong_line(key: Key, digits: int, trimmed: bool) -> None:
    whole = sheet(key, digits, trimmed=trimmed).figures
    parts = [whole, dict(list(whole.items())[::2]), dict(list(whole.items())[1::3])]
    for part in parts if Path(key.network.file).stem not in CANCELLING else [whole]:
        marked = mark(key, answers(part))
        assert [(each.name, each.answer.text) for each in marked if not each.right] == []


@pytest.mark.parametrize("key", NETWORKS, indirect=True)
@pytest.mark.parametrize("digits", [2, 3, 4])
def test_sheets_rounded_or_cut_off_only_at_the_end_are_right(key: Key, digits: int) -> None:
    for shorten in (written, cut_off):
        figures = {name: shorten(key.value(name), digits) for name in lines_of_a_step(key)}
        marked = mark(key, answers(figures))
        assert [(each.name, each.answer.text) for each in marked if not each.right] == []


@pytest.mark.sweep
@pytest.mark.parametrize("key", NETWORKS, indirect=True)
@pytest.mark.parametrize("digits", [2, 3, 4])
def test_right_derivatives_by_weights_are_right_behind_one_of_the_wrong_sign(
    key: Key, digits: int
) -> None:
    names = [name for name in lines_of_a_step(key) if _by_weight(key, name)][:FEW]
    for shorten in (written, cut_off):
        figures = {name: shorten(key.value(name), digits) for name in names}
        for at in [name for name in names if key.value(name)][:LINES]:
            marked = mark(key, answers({**figures, at: written(-key.value(at), digits)}))
            wrong = [each.name for each in marked if not each.right]
            lost = digits == 2 and Path(key.network.file).stem in CANCELLING
            assert wrong == [at] or (lost and not wrong)


def _by_weight(key: Key, name: str) -> bool:
    return key.lines[name].role == GRADIENT and key.lines[name].by in key.network.weights


def test_every_slip_is_tried_somewhere() -> None:
    left = set(SLIPS)
    for file in NETWORKS:
        key = key_for(load(str(ROOT / file)), None, 1)
        left -= {name for name in left if next(slipped(key, SLIPS[name], 6), None)}
    assert left == set()


def test_the_table_reads_well() -> None:
    for name, slip in SLIPS.items():
        assert name == slip.name
        assert slip.title
        assert slip.advice
        assert (slip.title + slip.advice).count("{}") <= 2


def test_the_readme_says_what_was_measured(renew: bool) -> None:
    if sum(counts["networks"] for counts in MEASURED.values()) < len(NETWORKS) * len(DIGITS):
        pytest.skip("only some of the sheets were made")
    heads = "| digits | sheets | wrong line found | mistake named | right line called wrong |"
    rows = [
        f"| {digits} | {counts['sheets']} | {counts['found'] / counts['sheets']:.1%} "
        f"| {counts['named'] / counts['sheets']:.1%} | {counts['blamed']} |"
        for digits, counts in MEASURED.items()
    ]
    table = "\n".join((heads, "|---|---|---|---|---|", *rows))
    assert between("measured", table, renew) == table
