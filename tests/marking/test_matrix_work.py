"""Whole matrices of people's own work: no honest one is accused, no mistake is let through."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from matrix_work import worked

from backcalc.checking.report import Marking, check
from backcalc.loading.loader import loads

SHEETS = 20
NAMED = {"transposed": ("matrix-transposed",), "sign": ("gradient-sign", "loss-sign")}


@pytest.mark.sweep
def test_matrices_as_people_work_them() -> None:
    draw, counts = random.Random("matrices"), Counter[str]()
    for _ in range(SHEETS):
        sheet = worked(draw)
        report = check(Marking(loads(sheet.network)), sheet.text, "sheet")
        marked = {each.name: each for each in report.answers}
        assert len(marked) == len(sheet.lines), sheet.text
        for line in sheet.lines:
            found = marked[line.name]
            told = f"{sheet.network}\n{sheet.text}\n{line}\n{found.verdict} {found.comment}"
            if not line.mistake:
                assert found.verdict not in ("wrong", "again"), told
                counts["honest"] += 1
                continue
            assert found.verdict not in ("correct", "rounded", "follows"), told
            counts["mistakes"] += 1
            if line.mistake in NAMED and "," in line.text:
                named = found.finding and found.finding.names[0]
                counts["named"] += named in NAMED[line.mistake]
                counts["nameable"] += 1
    assert counts["honest"] > 5 * SHEETS
    assert counts["mistakes"] > SHEETS / 8
    assert counts["named"] >= 0.9 * counts["nameable"]
