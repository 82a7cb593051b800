"""Damaged sheets against what they say undamaged: what is not sure is not read; in batches."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tally import Fault, Tally

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reading"))
from damage import damaged, misread, sheets

from backcalc.errors import BackcalcError
from backcalc.reading import read

BATCHES = 100
EACH = 100  # sheets of a batch
LEAST = {"damaged sheets": 2_000}


def batch(seed: int) -> Tally:
    """Some hundred sheets, each damaged in a few places."""
    tally, whole = Tally(), sheets()
    for number in range(seed * EACH, (seed + 1) * EACH):
        good = whole[number % len(whole)]
        text, start = damaged(good.text, number), time.process_time()
        tally.counts["damaged sheets"] += 1
        try:
            hurt = read(text, good.file, good.network, rate=good.rate)
        except BackcalcError:
            tally.counts["of them refused"] += 1
            continue
        tally.counts["lines read"] += len(hurt.assertions)
        tally.measure("seconds for a sheet", time.process_time() - start, f"sheet {number}")
        for why in misread(good.reading, hurt):
            file = f"sheet-{number}{Path(good.file).suffix}"
            tally.faults.append(Fault(file, text.encode(), f"{good.name}: {why}"))
    return tally
