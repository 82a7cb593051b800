"""The number of the right class taken for another one, as by those who count classes from 1."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import phrase_text
from backcalc.loading.loader import loads

CLASSES = """
inputs: {x1: 1, x2: -1}
targets: {c: 2}
layers:
  - {name: s, units: 3, activation: softmax, bias: [0, 0, 0.2],
     weights: [[0.5, 0.2], [-0.3, 0.4], [0.1, -0.6]]}
loss: cross_entropy
"""
OUTPUTS = "z_s1 = 0.3\nz_s2 = -0.7\nz_s3 = 0.9\nyhat1 = 0.3135\nyhat2 = 0.1153\nyhat3 = 0.5712\n"


@pytest.mark.parametrize(("taken", "below"), [
    (0, "L = 1.1600\ndL/dz_s1 = -0.6865\ndL/dz_s2 = 0.1153\ndL/dz_s3 = 0.5712\n"),
    (1, "L = -ln(0.1153) = 2.1600\ndL/dz_s1 = 0.3135\ndL/dz_s2 = -0.8847\ndL/dz_s3 = 0.5712\n"),
    (1, "dL/dz_s1 = 0.3135\ndL/dz_s2 = -0.8847\ndL/dz_s3 = 0.5712\n"),
])  # fmt: skip
def test_another_class_is_one_mistake_with_its_name(taken: int, below: str) -> None:
    report = check(Marking(loads(CLASSES)), OUTPUTS + below, "sheet.txt")
    off = [each for each in report.answers if each.verdict in ("wrong", "again", "undecided")]
    assert [each.verdict for each in off if each.verdict != "again"] == ["wrong"]
    assert f"You read c as {taken}" in phrase_text(off[0].comment)


def test_no_class_is_named_that_there_is_not() -> None:
    """Of three classes none is called 10: that c is read so gives the last term of the loss."""
    text = OUTPUTS + "L = 0.3\ndL/dz_s3 = 0.2\n"
    report = check(Marking(loads(CLASSES)), text, "sheet.txt")
    assert not any("read c" in phrase_text(each.comment) for each in report.answers)


def test_the_target_left_out_at_the_right_class_alone_keeps_its_name() -> None:
    text = OUTPUTS + "L = 0.5600\ndL/dz_s1 = 0.3135\ndL/dz_s2 = 0.1153\ndL/dz_s3 = 0.5712\n"
    report = check(Marking(loads(CLASSES)), text, "sheet.txt")
    (off,) = [each for each in report.answers if each.verdict == "wrong"]
    assert off.finding
    assert off.finding.slip.name == "target-omitted"
