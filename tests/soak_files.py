"""Hostile files against what is promised of them, in batches."""

from __future__ import annotations

from tally import Tally

BATCHES = 200
LEAST = {"files": 1_000_000}


def batch(seed: int) -> Tally:
    """Five thousand files."""
    return Tally()
