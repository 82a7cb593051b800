"""Sheets of honest and of mistaken work against what the marking promises, in batches."""

from __future__ import annotations

import sys
from pathlib import Path

from tally import Fault, Tally

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "marking"))
from measure import measured

BATCHES = 110
LINES = 1000
LEAST = {"lines": 100_000}


def batch(seed: int) -> Tally:
    """Some thousand lines of sheets, marked."""
    found, tally = measured(seed, LINES), Tally()
    tally.counts.update(found.counts)
    for what in ("accused", "let through"):
        for number, case in enumerate(found.cases.get(what, []), 1):
            file = f"sheet-{seed}-{number}.txt"
            tally.faults.append(Fault(file, case.encode(), f"{what}: {case.splitlines()[1]}"))
    return tally
