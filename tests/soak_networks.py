"""Random networks against independent answers, in batches."""

from __future__ import annotations

from tally import Tally

BATCHES = 200
LEAST = {"networks": 20_000}


def batch(seed: int) -> Tally:
    """A hundred networks."""
    return Tally()
