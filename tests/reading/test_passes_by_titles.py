"""Titles that count, Step 1 and Step 2, and of which pass they say that the lines below are."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import loads
from backcalc.reading import Reading, read

TANH = loads("""
inputs: {x1: 0.8, x2: -0.4}
targets: {y: 0.3}
weights: {w1: 0.5, w2: 0.7, w3: -0.6, w4: 0.2, v1: 0.9, v2: -1.1}
biases: {b: 0.15}
nodes:
  1: {from: {x1: w1, x2: w2}, activation: tanh}
  2: {from: {x1: w3, x2: w4}, activation: tanh}
  3: {from: {1: v1, 2: v2}, bias: b, activation: identity}
loss: half_l2
learning_rate: 0.2
""")
"""Two units with tanh, and their sum."""
MOMENTUM = loads("""
inputs: {x: 2}
targets: {y: 1}
weights: {w: 0.2}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.5}
""")
"""One weight and a bias that remember how they moved."""
RECURRENT = loads("""
inputs: {x: [1, -0.5]}
targets: {y: 0.2}
weights: {u: 0.4, v: 0.9, c: -1.5}
repeat: 2
equations:
  z[t]: u*x[t] + v*h[t-1]
  h[t]: tanh(z[t])
  h[0]: 0.2
  yhat: c*h[2]
loss: half_l2
learning_rate: 0.1
""")
"""A unit of two steps in time."""

NEW = {"w1'": "0.4267", "w2'": "0.7366", "v1'": "0.8877", "v2'": "-1.0476", "b'": "0.0467"}
FIRST = {"z1": "0.12", "yhat": "0.8163", "L": "0.1333"}
SECOND = {"z1'": "0.0467", "yhat'": "0.5661", "L'": "0.0354"}
SLOPES = {"dL'/dv1'": "0.0124", "dL'/dv2'": "-0.1214", "dL'/db'": "0.2661"}
NEWEST = {"w1''": "0.3890", "w2''": "0.7555", "v1''": "0.8852", "b''": "-0.0065"}
TITLES = [
    ("Step 1", "Step 2", "a.txt"), ("Step 1:", "Step 2:", "a.txt"),
    ("### Step 1", "### Step 2", "a.md"), ("**Step 1**", "**Step 2**", "a.md"),
    ("Iteration 1:", "Iteration 2:", "a.txt"), ("## Iteration 1", "## Iteration 2", "a.md"),
    ("Iteration 0:", "Iteration 1:", "a.txt"), ("Epoch 1 (start)", "Epoch 2", "a.txt"),
    ("Schritt 1", "Schritt 2", "a.txt"), ("1. Schritt", "2. Schritt", "a.txt"),
    ("First step:", "Second step:", "a.txt"), ("Update 1", "Update 2", "a.txt"),
]  # fmt: skip
BELOW = [
    (NEW, SLOPES), (FIRST | NEW, SLOPES), (FIRST | NEW, SECOND | SLOPES), (FIRST, SECOND),
    (FIRST | NEW, SECOND | NEWEST), (NEW, NEWEST), (FIRST, SLOPES),
]  # fmt: skip


def bare(figures: dict[str, str]) -> str:
    """The lines of some figures, without the primes of their names."""
    return "".join(f"{name.replace(chr(39), '')} = {n}\n\n" for name, n in figures.items())


def said(reading: Reading) -> dict[str, str]:
    """What is said of each quantity."""
    return {each.quantity: each.said.plain for each in reading.assertions}


def sheet(titles: tuple[str, str, str], *parts: dict[str, str]) -> str:
    """A sheet with a title above each part."""
    return "".join(f"{t}\n\n{bare(part)}" for t, part in zip(titles, parts, strict=False))


@pytest.mark.parametrize("titles", TITLES)
@pytest.mark.parametrize(("one", "two"), BELOW)
def test_a_title_that_counts_says_the_pass(
    titles: tuple[str, str, str], one: dict[str, str], two: dict[str, str]
) -> None:
    reading = read(sheet(titles, one, two), titles[2], TANH)
    assert (said(reading), reading.unread) == (one | two, ())


def test_a_section_in_latex_counts_as_well() -> None:
    text = r"""\section{Step 1}
\subsection{New weights}
$w_1 = 0.4267$, $w_2 = 0.7366$, $v_1 = 0.8877$, $v_2 = -1.0476$, $b = 0.0467$
\section{Step 2}
\subsection{Gradients}
$\frac{\partial L}{\partial v_1} = 0.0124$, $\frac{\partial L}{\partial v_2} = -0.1214$
"""
    assert said(read(text, "a.tex", TANH)) == NEW | dict([*SLOPES.items()][:2])


def test_a_mistake_below_the_first_title_is_gone_on_from() -> None:
    wrong = {"v1'": "1.2123", "v2'": "-1.0476", "b'": "0.0467", "w1'": "0.4267", "w2'": "0.7366"}
    follows = {"yhat'": "0.5812", "L'": "0.0395", "dL'/db'": "0.2812"}
    titles = ("Step 1", "Step 2", "a.txt")
    reading = read(sheet(titles, FIRST | wrong, follows), "a.txt", TANH)
    assert (said(reading), reading.unread) == (FIRST | wrong | follows, ())


@pytest.mark.parametrize("two", [
    {"dL/dv1": "0.0617", "dL/dv2": "-0.2622", "dL/db": "0.5163"},
    {"dL/dv1": "0.0617", "dL/dv2": "0.2622", "dL/db": "-0.5163"},
    {"dL/db": "0.7163"},
])  # fmt: skip
def test_steps_of_the_work_are_no_passes(two: dict[str, str]) -> None:
    """Step 1 is the forward pass, Step 2 the gradients, whatever their signs, Step 3 the update."""
    titles = ("Step 1", "Step 2", "a.txt")
    assert said(read(sheet(titles, FIRST, two), "a.txt", TANH)) == FIRST | two
    text = sheet(titles, FIRST, two) + "Step 3\nnew v1 = 0.8877, new b = 0.0467\n"
    assert said(read(text, "a.txt", TANH)) == FIRST | two | {"v1'": "0.8877", "b'": "0.0467"}


@pytest.mark.parametrize("two", [{"dL/dv1": "0.31", "dL/db": "-0.9"}, {"z1": "0.3", "L": "0.7"}])
@pytest.mark.parametrize("one", [NEW, FIRST | NEW])
def test_a_line_whose_pass_is_in_doubt_is_unread(one: dict[str, str], two: dict[str, str]) -> None:
    reading = read(sheet(("Step 1", "Step 2", "a.txt"), one, two), "a.txt", TANH)
    assert said(reading).items() <= one.items()
    assert {reading.text(each) for each in reading.unread} >= {f"{k} = {v}" for k, v in two.items()}


@pytest.mark.parametrize("text", [
    "w1 new = 0.4267, v1 new = 0.8877, b new = 0.0467\ndL/dv1 = 0.0124\ndL/db = 0.2661\n",
    "w1 = 0.4267 now, and b = 0.0467. So dL/db = 0.2661.\n",
])  # fmt: skip
def test_a_derivative_that_is_right_behind_the_update_alone_is_no_mistake(text: str) -> None:
    assert not {"dL/dv1", "dL/db"} & said(read(text, "a.txt", TANH)).keys()


@pytest.mark.parametrize("lead", ["After one step: ", "After the update, ", ""])
def test_a_new_weight_stands_behind_the_new_loss(lead: str) -> None:
    text = f"dL/dw1 = 0.3664\n\n{lead}L' = 0.0354, w1' = 0.4267, v2' = -1.0576\n"
    expected = {"dL/dw1": "0.3664", "L'": "0.0354", "w1'": "0.4267", "v2'": "-1.0576"}
    assert said(read(text, "a.md", TANH)) == expected
    further = text.replace("w1' = 0.4267", "dL'/dw1' = 0.1886, w1' = 0.3890")  # which is w1''
    assert "w1'" not in said(read(further, "a.md", TANH))


HEAD = ("step", "yhat", "L", "dL/dw", "dL/db", "w", "b")
ROWS = [("1", "0.5", "0.125", "-1", "-0.5", "0.3", "0.15"),
        ("2", "0.75", "0.0313", "-0.5", "-0.25", "0.4", "0.2")]  # fmt: skip


def table(head: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    """A table in Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


def test_a_row_of_steps_holds_the_weights_that_its_step_makes() -> None:
    names = ("yhat", "L", "dL/dw", "dL/db", "w'", "b'"), ("yhat'", "L'", "dL'/dw'", "dL'/db'",
                                                           "w''", "b''")  # fmt: skip
    expected = {n: v for row, of in zip(ROWS, names, strict=True) for n, v in zip(of, row[1:],
                strict=True)}  # fmt: skip
    assert said(read(table(HEAD, *ROWS), "a.md", MOMENTUM)) == expected
    wrong = ((*ROWS[0][:-1], "0.35"), ROWS[1])
    assert said(read(table(HEAD, *wrong), "a.md", MOMENTUM)) == expected | {"b'": "0.35"}
    lost = ((*ROWS[0][:-2], "0.7", "0.35"), ROWS[1])
    assert not read(table(HEAD, *lost), "a.md", MOMENTUM).assertions


def test_no_column_of_a_table_of_steps_is_dropped_in_silence() -> None:
    rows = [(one[0], one[1], "0.3", *one[-2:]) for one in ROWS]
    reading = read(table(("step", "yhat", "foo", "w", "b"), *rows), "a.md", MOMENTUM)
    assert [reading.text(each) for each in reading.unread] == ["0.3", "0.3"]
    assert [*said(reading)] == ["yhat", "w'", "b'", "yhat'", "w''", "b''"]


STEPS = [
    "Step 1: z = 0.58; h = 0.5227\nStep 2: z = 0.2704; h = 0.264\n",
    "Schritt 1: z = 0.58, h = 0.5227\nSchritt 2: z = 0.2704, h = 0.264\n",
    "Step 1\nz = 0.58\nh = 0.5227\n\nStep 2\nz = 0.2704\nh = 0.264\n",
    "Step 2: z = 0.2704, h = 0.264\nStep 1: z = 0.58, h = 0.5227\n",
]


@pytest.mark.parametrize("text", STEPS)
def test_steps_of_a_recurrent_network_are_those_in_time(text: str) -> None:
    expected = {"z[1]": "0.58", "h[1]": "0.5227", "z[2]": "0.2704", "h[2]": "0.264"}
    assert said(read(f"By hand.\n\n{text}", "a.md", RECURRENT)) == expected


@pytest.mark.parametrize("text", [
    "Step 1: z = 0.58\nStep 2: h = 0.5227\nStep 3: z = 0.2704\n",
    "Step 1: forward pass\n\nStep 2: backward pass\nz = 0.58\n",
])  # fmt: skip
def test_steps_of_the_work_are_none_in_time(text: str) -> None:
    assert not read(f"By hand.\n\n{text}", "a.md", RECURRENT).assertions


def test_a_title_that_states_a_figure_is_read() -> None:
    text = (
        "# Sheet (η = 0.2)\n## z1 = 0.12\n### Backward pass: dL/db = 0.5163\n"
        "# After the update: $b = 0.0467$\nz1 = 0.0467\n## Epoch 2: L = 0.0354\n"
    )
    told = said(read(text, "a.md", TANH))
    assert told == {
        "z1": "0.12", "dL/db": "0.5163", "b'": "0.0467", "z1'": "0.0467", "L'": "0.0354",
    }  # fmt: skip
