"""Files with vectors and matrices: what is read, what is refused, and that both forms agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backcalc.equations.calculation import backward
from backcalc.equations.matrix_form import elements_called, matrix_gradients
from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Values, evaluate
from backcalc.formulas.matrices import elements_of, spread
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import load, loads
from backcalc.worksheets.asked import exercise
from backcalc.worksheets.class_folder import network_text

TWO_LAYERS = """
inputs: {x: [0.5, -1]}
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2],
          W2: [[1.2, -0.7, 0.4]], b2: [0.05]}
equations:
  z1: W1 @ x + b1
  h1: tanh(z1)
  z2: W2 @ h1 + b2
  yhat: z2
targets: {y: [0.8]}
loss: half_l2
"""

CLASSES = """
inputs: {X: [[1, 2], [0, -1], [3, 1]]}
targets: {y: [2, 0, 1]}
weights: {W: [[0.1, 0.2, -0.3], [0.4, -0.5, 0.6]]}
biases: {b: [0, 0.1, -0.1]}
equations:
  Z: X @ W + b
  P: softmax(Z)
loss: cross_entropy
regularisation: {l2: 0.01}
"""

ATTENTION = """
inputs: {X: [[1, 0], [0.5, -1], [2, 1]]}
targets: {Y: [[1, 0], [0, 1], [1, 1]]}
weights: {Wq: random 2x2, Wk: random 2x2, Wv: random 2x2}
init: {distribution: normal, std: 0.5, seed: 3}
equations:
  Q: X @ Wq
  K: X @ Wk
  V: X @ Wv
  O: softmax(Q @ K.T / sqrt(2)) @ V
loss: mse
"""

RECURRENT = """
repeat: 2
inputs: {x: [[1, 0.5], [-1, 2]]}
targets: {y: [1]}
constants: {h[0]: [0, 0]}
weights: {W: [[0.1, 0.2], [0.3, 0.4]], U: [[0.5, -0.5], [0.25, 0.1]], b: [0, 0.1], v: [[1, -1]]}
equations:
  h[t]: tanh(W @ x[t] + U @ h[t-1] + b)
  yhat: v @ h[T]
loss: half_l2
"""

NORMALISED = """
inputs: {X: [[1, 2], [0, -1], [3, 1]]}
weights: {g: [1, 0.5], c: [0.1, -0.1], w: [0.3, 0.7]}
equations:
  D: X - mean(X, axis=0)
  S: D / sqrt(mean(D**2, axis=0) + 0.001)
  H: g*S + c
  L: sum((H @ w)**2) - 1/2*sum(w**2)
loss: L
"""

FILES = {
    "two layers": TWO_LAYERS, "classes": CLASSES, "attention": ATTENTION,
    "recurrent": RECURRENT, "normalised": NORMALISED,
}  # fmt: skip


def figures(network: Network) -> Values:
    return backward(network).values


@pytest.mark.parametrize("name", FILES)
def test_matrix_equations_and_scalars_agree(name: str) -> None:
    network = loads(FILES[name])
    form = network.matrices
    assert form is not None
    values = figures(network)
    arrays = {**form.elements}
    for line in (*form.lines, *matrix_gradients(form, network.conventions)):
        found = spread(elements_of(line.expression, arrays), line.shape)
        own = elements_called(line.name, form.shapes)
        arrays[line.name] = type(found)(line.shape, tuple(map(_named, own)))
        for each, element in zip(own, found.elements, strict=True):
            assert float(evaluate(element, values)) == pytest.approx(float(values[each])), each


def _named(name: str):
    from backcalc.formulas.expression import Name

    return Name(name)


def test_parts_of_a_line_that_are_used_again_get_names() -> None:
    form = loads(ATTENTION).matrices
    assert form is not None
    assert [line.name for line in form.lines] == ["Q", "K", "V", "O_a", "O_b", "O", "L"]


def test_class_numbers_become_rows_with_a_one() -> None:
    network = loads(CLASSES)
    assert network.samples[0]["y_13"] == 1
    assert [network.samples[0][f"y_2{place}"] for place in (1, 2, 3)] == [1, 0, 0]


def test_the_mean_is_over_rows_and_the_sum_is_not() -> None:
    mean, total = (loads(CLASSES.replace("regularisation: {l2: 0.01}", each))
                   for each in ("", "reduction: sum"))  # fmt: skip
    assert float(figures(total)["L"]) == pytest.approx(3 * float(figures(mean)["L"]))


COLUMNS = """
inputs: {X: [[1, 0.5], [-0.5, 2]]}
targets: {Y: [[1, 0], [0, 0], [0, 1]]}
weights: {W: [[0.5, -0.3], [-0.6, 0.4], [0.1, 0.8]], b: [[0], [0.1], [-0.1]]}
equations:
  Z: W @ X + b
  P: softmax(Z, axis=0)
loss: cross_entropy
"""


@pytest.mark.parametrize(
    ("old", "new", "side", "shares"),
    [
        ("", "", "columns", "/2"),
        ("softmax(Z, axis=0)", "sigmoid(Z)", "columns", "/2"),
        ("softmax(Z, axis=0)", "softmax(Z.T).T", "columns", "/2"),
        ("softmax(Z, axis=0)", "softmax(Z)", "rows", "/3"),
        ("W @ X + b", "(X.T @ W.T).T + b", "columns", "/2"),
        ("softmax(Z, axis=0)\nloss: cross_entropy", "sigmoid(Z)\nloss: mse", "columns", "/6"),
    ],
)
def test_columns_are_samples_where_classes_go_down_or_weights_stand_on_the_left(
    old: str, new: str, side: str, shares: str
) -> None:
    form = loads(COLUMNS.replace(old, new)).matrices
    assert form is not None
    assert form.batch is not None
    assert form.batch.told
    assert ("rows", "columns")[form.batch.axis] == side
    assert str(formula_text(form.lines[-1].expression)).endswith(shares)


def test_rows_are_taken_where_nothing_tells() -> None:
    form = loads(COLUMNS.replace("W @ X + b", "X[0, 0]*W").replace(", axis=0", "")
                 .replace("softmax", "tanh")).matrices  # fmt: skip
    assert form is not None
    assert form.batch is not None
    assert not form.batch.told
    assert form.batch.words[-1] == " are samples: the loss is the mean over its 3 rows"


def test_penalties_leave_biases_out() -> None:
    values, plain = (
        figures(loads(each)) for each in (CLASSES, CLASSES.replace("l2: 0.01", "l2: 0"))
    )
    squares = 0.01 + 0.04 + 0.09 + 0.16 + 0.25 + 0.36
    assert float(values["L"]) - float(plain["L"]) == pytest.approx(0.01 * squares)


def test_samples_hold_vectors() -> None:
    network = loads("""
inputs: [x]
targets: [y]
data: [{x: [1, 2], y: 1}, {x: [0, 1], y: 0}]
weights: {W: [[0.1, 0.2], [0.3, 0.4]]}
equations: {z: W @ x, p: softmax(z)}
loss: cross_entropy
""")
    assert network.samples[1] == {"x_1": 0, "x_2": 1, "y_1": 1, "y_2": 0}


def test_samples_hold_sequences_of_vectors() -> None:
    network = loads(
        first(
            RECURRENT,
            "inputs: {x: [[1, 0.5], [-1, 2]]}\ntargets: {y: [1]}",
            """
inputs: [x]
targets: [y]
data: [{x: [[1, 2], [0, 1]], y: [1]}, {x: [[0, 2], [1, 1]], y: [0]}]""",
        )
    )
    assert network.inputs == ("x_1[1]", "x_2[1]", "x_1[2]", "x_2[2]")
    assert network.samples[1]["x_2[2]"] == 1
    assert network.targets == ("y_1",)


def test_a_loss_alone_may_hold_vectors() -> None:
    network = loads("inputs: {x: [1, 2]}\nweights: {w: [0.5, -1]}\nloss: (w @ x - 3)**2\n")
    assert figures(network)["dL/dw_2"] == 2 * (0.5 - 2 - 3) * 2


def test_layers_name_matrices() -> None:
    layers = """
inputs: {x: [0.5, -1]}
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2],
          W2: [[1.2, -0.7, 0.4]], b2: [0.05]}
layers:
  - {name: h, units: 3, weights: W1, bias: b1, activation: tanh}
  - {name: o, units: 1, weights: W2, bias: b2}
targets: {y: [0.8]}
loss: half_l2
"""
    left, right = figures(loads(TWO_LAYERS)), figures(loads(layers))
    for name in ("L", "dL/dW1_32", "dL/db1_1", "dL/dW2_12"):
        assert left[name] == right[name]


def test_figures_points_words_and_frozen_weights_by_matrix() -> None:
    network = loads(
        TWO_LAYERS
        + """
frozen: [W1]
expect: {h1: [0.537, 0.245, -0.635], dL/dW2_11: -0.285}
points: {dL/dW2: 6}
ask: [z1, dL/dW2]
names: {h1: a, dL/dz1: delta_1}
"""
    )
    assert network.frozen == ("W1_11", "W1_12", "W1_21", "W1_22", "W1_31", "W1_32")
    assert [each.name for each in network.expect] == ["h1_1", "h1_2", "h1_3", "dL/dW2_11"]
    assert network.points["dL/dW2_12"] == 2
    assert [each.name for each in network.ask] == ["z1", "dL/dW2"]
    assert network.names["h1_2"] == "a_2"
    assert network.names["dL/dz1"] == "delta_1"


def test_random_matrices_have_the_fans_of_their_products() -> None:
    network = loads(ATTENTION.replace("{distribution: normal, std: 0.5, seed: 3}", "he"))
    assert len(network.random) == 12
    assert all(network.weights.values())


def test_letters_for_sizes() -> None:
    network = loads("""
inputs: {X: [N, d]}
targets: {Y: [N, k]}
weights: {W1: [d, h], b1: [h], W2: [h, k]}
equations: {Z1: X @ W1 + b1, P: softmax(relu(Z1) @ W2)}
loss: cross_entropy
""")
    assert network.matrices is not None
    assert network.matrices.shapes["P"] == ("N", "k")
    with pytest.raises(BackcalcError, match="this network has no numbers: X is Nxd"):
        backward(network)


def first(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


WRONG = {
    "product": (
        first(TWO_LAYERS, "W2 @ h1", "W1 @ h1"),
        ("net:8:7: W1 @ h1: 3x2 by 3\n8 |   z2: W1 @ h1 + b2\n  |       ^^^^^^^\n"
        "hint: did you mean W1.T @ h1? It is 2"),
    ),
    "sum": (
        first(TWO_LAYERS, "W2 @ h1 + b2", "W2 @ h1 + b1 + x"),
        ("net:8:7: W2 @ h1 + b1 + x: 3 + 2 do not fit\n8 |   z2: W2 @ h1 + b1 + x\n"
        "  |       ^^^^^^^^^^^^^^^^\n"
        "hint: element by element, axes count from the last: equal, or one of them 1"),
    ),
    "bias beside columns": (
        first(COLUMNS, "[[0], [0.1], [-0.1]]", "[0, 0.1, -0.1]"),
        ("net:6:6: W @ X + b: 3x2 + 3 do not fit\n6 |   Z: W @ X + b\n  |      ^^^^^^^^^\n"
        "hint: a vector meets each row; for each column it is b: [[0], [0.1], [-0.1]]"),
    ),
    "target": (
        first(TWO_LAYERS, "[0.8]", "[0.8, 1]"),
        ("net:10:14: yhat is 1, but its target y is 2\n10 | targets: {y: [0.8, 1]}\n"
        "   |              ^\nhint: a target has the shape of its output"),
    ),
    "ragged": (
        first(TWO_LAYERS, "[0.7, 0.1]", "[0.7]"),
        ("net:3:29: a row of 'W1' has 1 number, not 2\n"
        "3 | weights: {W1: [[0.2, -0.4], [0.7], [-0.5, 0.3]], b1: [0.1, 0, -0.2],\n"
        "  |                             ^\nhint: all rows of a matrix have one length"),
    ),
    "class": (
        first(CLASSES, "[2, 0, 1]", "[3, 0, 1]"),
        ("net:3:15: the class 3 is not a number from 0 to 2\n3 | targets: {y: [3, 0, 1]}\n"
        "  |               ^\nhint: classes are counted from 0"),
    ),
    "loss": (
        first(TWO_LAYERS, "half_l2", "(yhat - y)**2"),
        ("net:11:7: the loss is one number, but (yhat - y)**2 is 1\n"
        "11 | loss: (yhat - y)**2\n   |       ^^^^^^^^^^^^^\n"
        "hint: write sum((yhat - y)**2), or mean((yhat - y)**2)"),
    ),
    "word": (
        first(CLASSES, "softmax(Z)", "softmax(Z, row=1)"),
        ("net:8:17: softmax has no 'row'\n8 |   P: softmax(Z, row=1)\n"
        "  |                 ^^^\nhint: it takes axis"),
    ),
    "exponent": (
        first(CLASSES, "softmax(Z)", "Z**2[0]"),
        "net:8:7: the exponent is no number\n8 |   P: Z**2[0]\n  |       ^^",
    ),
    "operands": (
        first(CLASSES, "X @ W + b", "conv(X) @ W + b"),
        (
            "net:7:6: conv(X): conv does not take 1 of them\n7 |   Z: conv(X) @ W + b\n"
            "  |      ^^^^^^^"
        ),
    ),
    "two names": (
        first(TWO_LAYERS, "yhat: z2", "W1_11: sum(z2)\n  yhat: z2 + W1_11"),
("net:9:3: 'W1_11' names two quantities, here and on line 3\n9 |   W1_11: sum(z2)\n"
        "  |   ^^^^^\nhint: each quantity needs a name of its own"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(name: str) -> None:
    text, message = WRONG[name]
    with pytest.raises(BackcalcError) as raised:
        loads(text, "net")
    assert str(raised.value) == message


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (first(ATTENTION, "Wq: random 2x2", "Wq: random 2x0"), "'0' is not the length of an axis"),
        (first(ATTENTION, "Wq: random 2x2", "Wq: random 40000x25000"),
         "Wq is 40000x25000, which is 1000000000 numbers"),
        (first(ATTENTION, "Wq: random 2x2", "Wq: random 2x-3"), "'random 2x-3' has no shape"),
        (first(ATTENTION, "[[1, 0], [0.5, -1], [2, 1]]", "[[], []]"),
         "'X' has a row without numbers"),
        (first(ATTENTION, "[[1, 0], [0.5, -1], [2, 1]]", "[[[[[1]]]]]"),
         "'X' has more than 4 levels of lists"),
        (("inputs: {x: random 9000}\nweights: {w: random 9000}\nequations:\n  A: outer(w, x)\n"
         "loss: sum(A)\n"), "A is 9000x9000, which is 81000000 numbers"),
        (("inputs: {X: random 300x300}\nweights: {W: random 300x3}\nequations: {A: X @ X @ W}\n"
         "loss: sum(A)\n"), "A_a brings the forward pass to 27000000 multiplications"),
    ],
)  # fmt: skip
def test_hostile_shapes_are_refused_before_any_work(text: str, message: str) -> None:
    with pytest.raises(BackcalcError) as raised:
        loads(text, "net")
    assert raised.value.message == message


# Samples from a table.

TABLE = """
title: A table
inputs: [x]
targets: [y]
data: table.csv
weights: {W: [[0.2, -0.3], [0.4, 0.1]], b: [0.1, -0.2]}
equations:
  z: W @ x + b
  p: softmax(z)
loss: cross_entropy
"""


@pytest.mark.parametrize("head", ["x_1,x_2,y", "y, x1, x2", "x_2,y_1,x_1,y_2"])
def test_a_vector_of_a_csv_file_has_a_column_for_each_element(head: str, tmp_path: Path) -> None:
    """As the file would be with its samples written out; a class may be a number."""
    columns = [each.strip() for each in head.split(",")]
    rows = [
        {"x1": "1", "x2": "2", "y": "1", "y1": "0", "y2": "1"},
        {"x1": "-1", "x2": "1/2", "y": "0", "y1": "1", "y2": "0"},
    ]
    lines = [",".join(row[each.replace("_", "")] for each in columns) for row in rows]
    (tmp_path / "table.csv").write_text("\n".join([head, *lines]))
    (tmp_path / "net.yaml").write_text(TABLE)
    found = load(str(tmp_path / "net.yaml"))
    samples = "\n  - {x: [1, 2], y: 1}\n  - {x: [-1, 1/2], y: 0}"
    assert found.samples == loads(TABLE.replace(" table.csv", samples)).samples
    text = network_text(str(tmp_path / "net.yaml"), exercise(found))
    assert loads(text).samples == found.samples  # as a variant's file is written


@pytest.mark.parametrize(
    ("table", "message", "hint"),
    [
        ("x1,x3,y\n1,2,0\n", "the column 'x3' is neither", "x_1, x_2 or x1, x2 are the vector x"),
        ("X1,X2,y\n1,2,0\n", "the column 'X1' is neither", "x_1, x_2 or x1, x2 are the vector x"),
        ("x1,x2\n1,2\n", "there is no column 'y'", "y_1, y_2 or y1, y2 are the vector y"),
        ('x,y\n"[1, 2]",1\n', "'[1, 2]' is not a number", "a column for each of its numbers"),
        ("x1,x2,y\n1,a,0\n", "'a' is not a number", ""),
        ("x1,x2,y\n1,2,2\n", "the class 2 is not a number from 0 to 1", "counted from 0"),
    ],
)
def test_errors_in_a_table_of_vectors(table: str, message: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(table)
    (tmp_path / "net.yaml").write_text(TABLE)
    with pytest.raises(BackcalcError, match=re.escape(message)) as caught:
        load(str(tmp_path / "net.yaml"))
    assert hint in (caught.value.hint or "")
    assert caught.value.where
    assert caught.value.where.file.endswith("table.csv")


def test_columns_are_not_named_in_the_network() -> None:
    with pytest.raises(BackcalcError, match="'X' has a value here and in data:") as caught:
        loads(TABLE.replace("[x]", "{X: [x1, x2]}"))
    assert caught.value.hint == "with data:, inputs is a list of names: [X]"


@pytest.mark.parametrize(
    "said", ["targets: {y: {points: 1}}", "inputs: {x: {a: [1]}}", "weights: {W2: {a: 1}}"]
)
def test_a_mapping_is_no_vector(said: str) -> None:
    text = re.sub(rf"(?ms)^{said.split(':')[0]}: .*?\}}\n", f"{said}\n", TWO_LAYERS, count=1)
    with pytest.raises(BackcalcError, match="expected a number, a vector or a matrix, found a"):
        loads(text)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("z1: L", "'L' is the name of another quantity"),
        ("z1: W2", "'W2' is the name of another quantity"),
        ("L: z1", "'z1' is the name of another quantity"),
        ("z1: lr", "'lr' is the name of another quantity"),
        ("z1: q, L: q", "'q' names z1 and L"),
        ("z1: q, z1_1: r", "z1_1 gets two names"),
    ],
)
def test_a_word_for_a_matrix_is_no_other_name(names: str, message: str) -> None:
    with pytest.raises(BackcalcError, match=message):
        loads(f"{TWO_LAYERS}\nnames: {{{names}}}\n")


def test_a_product_of_matrices_in_a_network_without_any_has_no_numbers() -> None:
    layer = "{name: o, units: 1, weights: random, bias: random, activation: tanh}"
    network = loads(f"layers:\n  - {layer}\nloss: w @ x\n")
    with pytest.raises(BackcalcError, match="this network has no numbers"):
        lower(network)
