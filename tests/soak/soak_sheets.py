"""Damaged sheets against what they say undamaged: what is not sure is not read; in batches."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tally import Fault, Tally

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reading"))
from damage import SHEETS, damaged, good, misread

from backcalc.errors import BackcalcError
from backcalc.reading import read

BATCHES = 20
EACH = 500  # sheets of a batch
LEAST = {"damaged sheets": 2_000}


def batch(seed: int) -> Tally:
    """Some sheets, each several times, each time damaged in a few places."""
    tally, names = Tally(), [*SHEETS]
    numbers = range(seed * EACH, (seed + 1) * EACH)
    # All of one sheet together: what is known of a network is kept for the last few networks.
    for number in sorted(numbers, key=lambda number: number % len(names)):
        name = names[number % len(names)]
        whole = good(name)
        text, start = damaged(whole.text, number), time.process_time()
        tally.counts["damaged sheets"] += 1
        try:
            hurt = read(text, whole.file, whole.network, rate=whole.rate)
        except BackcalcError:
            tally.counts["of them refused"] += 1
            continue
        tally.counts["lines read"] += len(hurt.assertions)
        tally.measure("seconds for a sheet", time.process_time() - start, f"sheet {number}")
        for why in misread(whole, hurt):
            file = f"sheet-{number}{Path(whole.file).suffix}"
            tally.faults.append(Fault(file, text.encode(), f"{name}: {why}"))
    return tally
