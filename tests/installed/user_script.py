"""What a teacher might write: a sheet's figures, answers marked, the data kept as JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import backcalc

NETWORK = """\
inputs: {x: 2}
targets: {y: 1}
weights: {w: 1/2, b: 0}
nodes:
  out: {from: {x: w}, bias: b}
loss: half_l2
learning_rate: 0.1
"""
ANSWERS = {"Ada": "yhat = 1\nL = 0", "Bob": "yhat = 2\nL = 1/2"}


def gradients(network: backcalc.Network) -> dict[str, float]:
    """The loss's derivative by each weight."""
    worked = backcalc.backward(network)
    return {weight: float(worked.number(f"dL/d{weight}")) for weight in network.weights}


def marks(network: backcalc.Network, sheets: dict[str, str]) -> dict[str, Fraction]:
    """What part of the points each person earned."""
    checked = {name: backcalc.check(network, text) for name, text in sheets.items()}
    return {name: each.score / each.points for name, each in checked.items()}


def main() -> None:
    """Print the figures."""
    skip = backcalc.load("skip")
    print(gradients(skip))
    sheet = backcalc.step(skip, lr=1, steps=2)
    print(sheet.number("w0'"), sheet.number("L''"))
    own = backcalc.loads(NETWORK)
    print(marks(own, ANSWERS), backcalc.check(own, ANSWERS["Bob"]).verdicts)
    kept = Path("sheet.json")
    kept.write_text(sheet.json(), encoding="utf-8")
    print(json.loads(kept.read_text(encoding="utf-8"))["schema"])
    try:
        backcalc.load(Path("no-such-file.yaml"))
    except backcalc.BackcalcError as error:
        print(error.message)


if __name__ == "__main__":
    main()
