"""Right figures laid out in tables and blocks, none of which may be called wrong."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.errors import BackcalcError
from backcalc.loading.loader import loads

UNITS = """
inputs: {x1: 0.6, x2: -0.9}
targets: {y: 1}
weights: {w1: 0.35, w2: -0.25, w3: 0.15, w4: 0.45, w5: 0.55, w6: -0.75}
biases: {b1: 0.12, b2: -0.22, b3: 0.32}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""
CLASSES = """
inputs: {x1: 0.6, x2: -0.9}
targets: {t1: 1, t2: 0}
weights: {w1: 0.35, w2: -0.25, w3: 0.15, w4: 0.45, w5: 0.55, w6: -0.75, w7: 0.65, w8: 0.85}
biases: {b1: 0.12, b2: -0.22, b3: 0.32, b4: -0.42}
nodes:
  h1: {from: {x1: w1, x2: w2}, bias: b1, activation: tanh}
  h2: {from: {x1: w3, x2: w4}, bias: b2, activation: tanh}
  o1: {from: {h1: w5, h2: w6}, bias: b3, activation: softmax}
  o2: {from: {h1: w7, h2: w8}, bias: b4, activation: softmax}
loss: cross_entropy
learning_rate: 0.5
"""
SAMPLES = """
inputs: [x1, x2]
targets: [y]
data:
  - {x1: 0.5, x2: 1.5, y: 1}
  - {x1: -1, x2: 0.7, y: 0}
  - {x1: 2, x2: -0.4, y: 1}
reduction: mean
weights: {w1: 0.3, w2: -0.6}
biases: {b: 0.2}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""
FIRST = ("0.5550", "0.6353"), ("-0.5350", "0.3694"), ("0.3924", "0.5969")
SECOND = ("0.5684", "0.6384"), ("-0.5534", "0.3651"), ("0.4720", "0.6159")


def in_columns(head: str, figures: tuple[str, str, str], units: str = "h1 h2 o") -> str:
    """Sums and outputs of units, and one more column."""
    rows = zip(units.split(), FIRST, figures, strict=True)
    lines = [f"| {unit} | {z} | {a} | {more} |" for unit, (z, a), more in rows]
    return "\n".join([f"| unit | z | a | {head} |", "|---|---|---|---|", *lines])


def passes(title: str) -> str:
    """Two forward passes, with some words between them."""
    lines = [
        "\n".join(f"z{n} = {z}\nh{n} = {a}" for n, (z, a) in enumerate(both, 1)).replace("h3", "ŷ")
        for both in (FIRST, SECOND)
    ]
    return f"{lines[0]}\n\n{title}\n\n{lines[1]}\nL = 0.0738"


def blocks(last: str) -> str:
    """A block of lines for each unit below its label."""
    told = zip(("h1", "h2", last), FIRST, ("-0.0124", "0.0169", "-0.0970"), strict=True)
    return "\n\n".join(f"{unit}:\nz = {z}\na = {a}\nδ = {slope}" for unit, (z, a), slope in told)


MERGED = """
| unit | quantity | value |
|---|---|---|
| h1: | z | 0.5550 |
|  | a | 0.6353 |
| h2: | z | -0.5350 |
|  | a | 0.3694 |
"""
BY_CLASS = """
| class | o1 | o2 |
|---|---|---|
| z | 0.9642 | -0.5080 |
| e^z | 2.6228 | 0.6017 |
| ŷ | 0.8134 | 0.1866 |
| y | 1 | 0 |
"""
BY_SAMPLE = """
| sample | w1 | w2 | b |
|---|---|---|---|
| 1 | -0.0736 | -0.2207 | -0.1471 |
| 2 | -0.0872 | 0.0610 | 0.0872 |
| 3 | -0.1008 | 0.0202 | -0.0504 |
"""
TURNED = """
|  | 1 | 2 | 3 | sum |
|---|---|---|---|---|
| dL/dw1 | -0.0736 | -0.0872 | -0.1008 | -0.2615 |
| dL/db | -0.1471 | 0.0872 | -0.0504 | -0.1103 |
"""
SQUARES = "| sample | SE |\n|---|---|\n| 1 | 0.4021 |\n| 2 | 0.1390 |\n| 3 | 0.0682 |\n"
CHANGES = """
| weight | w(t) | {} | w(t+1) |
|---|---|---|---|
| w1 | 0.350 | 0.00371 | 0.3537 |
| w5 | 0.550 | 0.03081 | 0.5808 |
"""
RATED = """
| weight | old | gradient | {} | new |
|---|---|---|---|---|
| w1 | 0.350 | -0.00742 | -0.00371 | 0.3537 |
| w5 | 0.550 | -0.0616 | -0.03081 | 0.5808 |
"""
SHEETS = [
    *((UNITS, in_columns(head, ("0.2317", "0.2329", "0.2406"))) for head in (
        "deriv. of a", "previous a", "old a", "new a", "change in a", "exp(-z)", "Σ", "z - a")),
    (UNITS, in_columns("δ", ("-0.0124", "0.0169", "-0.0970"), "0 1 2")),
    *((UNITS, CHANGES.format(head)) for head in ("w_new - w_old", "new - old", "Δ (new-old)")),
    *((UNITS, RATED.format(head)) for head in ("η∂L/∂w", "lr x grad")),
    *((UNITS, passes(title)) for title in ("2nd forward pass", "Now", "Forward pass (epoch 2)")),
    (UNITS, blocks("o")), (UNITS, MERGED), (CLASSES, BY_CLASS),
    *((UNITS, f"- z1 = {z}\n- h1 = {a}") for z, a in (
        ("111/200 (0.555)", "63.53% (0.6353)"), ("0.5549 – 0.5551", "0.6353"))),
    *((UNITS, f"| q | v |\n|---|---|\n| z2 | {v} |\n| h1 | 0.6353 |") for v in (
        "-0.535000 → -0.5350", "-0.5351 – -0.5349", "-53.5% (-0.5350)")),
    (UNITS, "| quantity | value (in %) |\n|---|---|\n| h1 | 63.53 |\n| ŷ | 59.69 |"),
    (SAMPLES, BY_SAMPLE), (SAMPLES, TURNED), (SAMPLES, SQUARES),
]  # fmt: skip


@pytest.mark.parametrize(("network", "text"), SHEETS)
def test_no_right_figure_is_called_wrong(network: str, text: str) -> None:
    try:
        report = check(Marking(loads(network)), f"{text}\n", "a.md")
    except BackcalcError:
        return  # nothing in it could be told
    assert {each.verdict for each in report.answers} <= {"correct", "rounded", "known"}


MOMENTUM = """
inputs: {x: 2}
targets: {y: 3}
weights: {w: 0.5}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.9}
state: {v_w: 0.2, v_b: -0.3}
"""
FURTHER = [
    (MOMENTUM, ("weight | velocity before | velocity after", "w | 0.2 | -3.62")),
    (MOMENTUM, ("weight | v new | 0.1·v | new", "w | -3.62 | -0.362 | 0.862")),
    (UNITS, ("weight | gradient | update", "w1 | -0.00742 | 0.00371", "w5 | -0.0616 | 0.0308")),
    (UNITS, ("unit | z | y | a", "h1 | 0.5550 |  | 0.6353", "o | 0.3924 | 1.0 | 0.5969")),
    (UNITS, ("unit | z | z | a | a", " | before | after | before | after",
             "h1 | 0.5550 | 0.5684 | 0.6353 | 0.6384")),
    (UNITS, ("unit | z | a", "h1' | 0.5684 | 0.6384", "h1 | 0.5550 | 0.6353")),
]  # fmt: skip


@pytest.mark.parametrize(("network", "rows"), FURTHER)
def test_nor_is_one_beside_velocities_changes_and_targets(
    network: str, rows: tuple[str, ...]
) -> None:
    head, *body = (f"| {row} |" for row in rows)
    rule = "|---" * (rows[0].count("|") + 1) + "|"
    test_no_right_figure_is_called_wrong(network, "\n".join((head, rule, *body)))


def test_nor_is_one_of_a_point_of_the_data() -> None:
    text = "Point 1\n\nz = -0.55\ndL/dw1 = -0.0736\n\nPoint 2\n\nz = -0.52\ndL/dw1 = -0.0872"
    test_no_right_figure_is_called_wrong(SAMPLES, text)


def test_a_table_of_html_in_markdown_keeps_its_empty_corner() -> None:
    table = (
        "<table>\n<tr><th></th><th>before</th><th>after</th></tr>\n"
        "<tr><td>z1</td><td>0.555</td><td>0.5547</td></tr>\n</table>\n"
    )
    report = check(Marking(loads(UNITS)), table, "a.md")
    assert [(each.name, each.verdict) for each in report.answers][:1] == [("z1", "correct")]
    assert all(each.verdict in ("correct", "rounded") for each in report.answers)


@pytest.mark.parametrize("line", ["_z1: 0.555_", "*z1 = 0.555*", "- _z1 = 0.555_", "## z1: 0.555"])
def test_a_line_that_is_emphasised_as_a_whole_is_read(line: str) -> None:
    report = check(Marking(loads(UNITS)), f"{line}\n", "a.md")
    assert [(each.name, each.verdict) for each in report.answers] == [("z1", "correct")]


def test_a_figure_in_a_title_that_states_nothing_is_listed() -> None:
    text = "z1 = 0.555\n\n## Output layer z: 0.4444; a: 0.8888\n\n# 3.14 Backprop\n"
    report = check(Marking(loads(UNITS)), text, "a.md")
    assert [each.text for each in report.unread] == ["Output layer z: 0.4444; a: 0.8888"]


@pytest.mark.parametrize("label", ["target", "t", "desired", "one-hot", "Ziel", "y (target)"])
def test_targets_below_the_outputs_are_no_outputs(label: str) -> None:
    rows = f"| | o1 | o2 |\n|---|---|---|\n| z | 0.9642 | -0.5080 |\n| {label} | 1 | 0 |\n"
    report = check(Marking(loads(CLASSES)), rows, "a.md")
    assert [each.name for each in report.answers] == ["z_o1", "z_o2"]


@pytest.mark.parametrize("label", ["p", "p_k", "prob", "ŷ", "out", "pred", "probability"])
def test_what_is_put_out_has_many_labels(label: str) -> None:
    rows = f"| | o1 | o2 |\n|---|---|---|\n| {label} | 0.8134 | 0.1866 |\n"
    report = check(Marking(loads(CLASSES)), rows, "a.md")
    assert [(each.name, each.verdict) for each in report.answers] == [
        ("yhat1", "rounded"), ("yhat2", "rounded")
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["δ", "delta", "$\\delta_k$", "p-t", "foo", "name"])
def test_a_row_of_other_figures_is_called_no_wrong_output(label: str) -> None:
    rows = (
        f"| | o1 | o2 |\n|---|---|---|\n| {label} | -0.1866 | 0.1866 |\n| z | 0.9642 | -0.508 |\n"
    )
    report = check(Marking(loads(CLASSES)), rows, "a.md")
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    assert {each.name for each in report.answers}.isdisjoint({"yhat1", "yhat2"})
