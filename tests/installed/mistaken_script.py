"""Three mistakes that a type checker must find: the comments say which kind on which line."""

from __future__ import annotations

import backcalc


def loss(network: backcalc.Network) -> str:
    """A figure is no text."""
    return backcalc.forward(network).number("L")  # return-value


def size(network: backcalc.Network) -> int:
    """A network has no weight, it has weights."""
    return len(network.weight)  # attr-defined


def sheet() -> backcalc.Worked:
    """A name is no network."""
    return backcalc.step("skip", lr=1)  # arg-type
