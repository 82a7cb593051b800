"""The derivation in matrix notation: letters for sizes, against scalar derivatives of numbers."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Result, mostly_swept

from backcalc.equations.calculation import backward
from backcalc.equations.derivation import derive
from backcalc.equations.matrix_form import elements_called
from backcalc.equations.named import with_layout
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, evaluate
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.matrices import Array, Shape, elements_of, sized, spread, with_sizes
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import loads

MLP = """
inputs: {X: [N, d]}
targets: {Y: [N, K]}
weights: {W1: [h, d], b1: [h], W2: [m, h], b2: [m], W3: [K, m], b3: [K]}
equations:
  Z1: X @ W1.T + b1
  H1: relu(Z1)
  Z2: H1 @ W2.T + b2
  H2: tanh(Z2)
  Z3: H2 @ W3.T + b3
  P: softmax(Z3)
loss: cross_entropy
"""

COLUMNS = """
inputs: {x: [d]}
targets: {y: [K]}
weights: {W1: [h, d], b1: [h], W2: [K, h], b2: [K]}
equations:
  z1: W1 @ x + b1
  h1: sigmoid(z1)
  z2: W2 @ h1 + b2
  yhat: z2
loss: half_l2
"""

RIDGE = """
inputs: {X: [N, d]}
targets: {y: [N]}
weights: {w: [d]}
constants: {lam: 0.25}
equations:
  yhat: X @ w
  L: sum((yhat - y)**2)/N + lam*sum(w**2)
loss: L
"""

LOGISTIC = """
inputs: {X: [N, d]}
targets: {y: [N]}
weights: {w: [d], b: 0.25}
equations:
  z: X @ w + b
  p: sigmoid(z)
loss: bce
"""

RECURRENT = """
repeat: 3
inputs: {x: [[d], [d], [d]]}
targets: {y: [K]}
constants: {h[0]: [h]}
weights: {W: [h, d], U: [h, h], b: [h], V: [K, h]}
equations:
  h[t]: tanh(W @ x[t] + U @ h[t-1] + b)
  p: softmax(V @ h[3])
loss: cross_entropy
"""

ATTENTION = """
inputs: {X: [T, d]}
targets: {Y: [T, m]}
weights: {Wq: [d, k], Wk: [d, k], Wv: [d, m]}
equations:
  Q: X @ Wq
  F: X @ Wk
  V: X @ Wv
  S: Q @ F.T / sqrt(k)
  A: softmax(S)
  O: A @ V
loss: mse
"""

LAYER_NORM = """
inputs: {X: [N, d]}
targets: {Y: [N, d]}
weights: {W: [d, d], g: [d], b: [d]}
equations:
  A: X @ W
  M: layer_norm(A)
  O: g*M + b
loss: half_l2
"""

CONVOLUTION = """
inputs: {x: [n]}
targets: {y: [h]}
weights: {c: [k], W: [h, n - k + 1]}
equations:
  a: conv(x, c)
  r: relu(a)
  yhat: W @ r
loss: half_l2
"""

GATE = """
inputs: {x: [d]}
targets: {y: [h]}
constants: {s: [h]}
weights: {Wf: [h, h + d], Wc: [h, h + d], c: [h + d]}
equations:
  u: concat(s, x)*c
  f: sigmoid(Wf @ u)
  g: tanh(Wc @ u)
  o: f*s + (1 - f)*g
loss: half_l2
"""

NETWORKS = {
    "mlp": MLP, "columns": COLUMNS, "ridge": RIDGE, "logistic": LOGISTIC, "recurrent": RECURRENT,
    "attention": ATTENTION, "layer norm": LAYER_NORM, "convolution": CONVOLUTION, "gate": GATE,
}  # fmt: skip

LETTER_LIST = re.compile(r"(\w+(?:\[0\])?): (\[\[[a-zA-Z].*?\]\]|\[[a-zA-Z][^\[\]]*\])")


def drawn(shape: Shape, draw: random.Random, one_hot: bool) -> object:
    """Nested lists of random numbers; the last axis with a single 1 if asked for."""
    first, *rest = shape
    assert isinstance(first, int)
    if rest:
        return [drawn(Shape(rest), draw, one_hot) for _ in range(first)]
    place = draw.randrange(first)
    return [int(at == place) if one_hot else draw.randint(-19, 19) / 10 for at in range(first)]


def with_numbers(text: str, sizes: dict[str, int], draw: random.Random) -> str:
    """The same file with random numbers in these sizes."""
    one_hot = "cross_entropy" in text or "bce" in text

    def numbers(found: re.Match[str]) -> str:
        name, inside = found[1], found[2]
        parts = re.findall(r"\[([^\[\]]+)\]", inside)
        arrays = []
        for part in parts:
            shape = sized(Shape(each.strip() for each in part.split(",")), sizes)
            arrays.append(drawn(shape, draw, one_hot and name in ("Y", "y")))
        return f"{name}: {json.dumps(arrays if inside.startswith('[[') else arrays[0])}"

    written = LETTER_LIST.sub(numbers, text)
    for letter, size in sizes.items():  # in formulas
        written = re.sub(rf"(?<=[/(]){letter}\b", str(size), written)
    return written


@pytest.mark.parametrize("draws", [1, 2])
@pytest.mark.parametrize("name", mostly_swept(NETWORKS))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_derivation_in_letters_holds_for_numbers(name: str, draws: int, layout: str) -> None:
    text, draw = NETWORKS[name], random.Random(f"{name} {draws}")
    letters = loads(text)
    told = derive(with_layout(letters, layout))
    names = {each for shape in told.form.shapes.values() for size in shape
             for each in re.findall("[A-Za-z]+", str(size))}  # fmt: skip
    sizes = {letter: draw.randint(2, 3) for letter in sorted(names)}
    sizes |= {"n": 5, "k": 2} if name == "convolution" else {}
    sizes |= {"K": 2} if name == "recurrent" else {}  # three numbers would be a sequence
    network = loads(with_numbers(text, sizes, draw))
    form, values = network.matrices, backward(network).values
    assert form is not None
    arrays = dict(form.elements)
    assert told.derived
    for each in told.derived:
        own = elements_called(each.name, form.shapes)
        shape = sized(each.shape, sizes)
        if layout == "numerator" and len(shape) == 2:
            rows, columns = shape
            assert isinstance(rows, int)
            assert isinstance(columns, int)
            own = tuple(
                own[row + rows * column] for row in range(rows) for column in range(columns)
            )
        found = spread(elements_of(with_sizes(each.expression, sizes), arrays), shape)
        arrays[each.name] = Array(shape, tuple(map(Name, own)))
        for element, formula in zip(own, found.elements, strict=True):
            assert float(evaluate(formula, values)) == pytest.approx(float(values[element])), (
                each.name, formula_text(each.expression),
            )  # fmt: skip


COMMANDS = (
    "step --lr 1", "forward", "train", "sweep --lr 1", "landscape W1 W2",
    "export --to numpy --lr 1",
    "worksheet", "draw", "verify --no-torch", "explain dL/dW1", "quiz", "report --lr 1",
    "symbolic --expand", "symbolic --view scalar",
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS)
def test_what_needs_numbers_says_so(run: Callable[..., Result], tmp_path: Path, words: str) -> None:
    (tmp_path / "net.yaml").write_text(MLP, "utf-8")
    command, *rest = words.split()
    result = run(command, "net.yaml", *rest, cwd=tmp_path)
    assert result.stderr.startswith("this network has no numbers: X is Nxd\nhint: only symbolic, ")
    assert result.exit_code == 2


@pytest.mark.parametrize("words", ["symbolic", "shapes", "jacobian --of Z3 --by H2", "validate"])
def test_what_takes_letters(run: Callable[..., Result], tmp_path: Path, words: str) -> None:
    (tmp_path / "net.yaml").write_text(MLP, "utf-8")
    command, *rest = words.split()
    result = run(command, "net.yaml", *rest, cwd=tmp_path)
    assert (result.stderr, result.exit_code) == ("", 0)


def test_a_size_is_no_quantity() -> None:
    with pytest.raises(BackcalcError) as raised:
        loads(MLP.replace("H1", "h"))
    assert raised.value.message == "'h' is a size and a quantity"


@pytest.mark.parametrize("form", ["markdown", "latex", "html", "json", "text"])
@pytest.mark.parametrize("words", ["symbolic", "shapes", "jacobian --of Z3 --by b2"])
def test_every_format_sets_each_formula_whole(
    run: Callable[..., Result], tmp_path: Path, words: str, form: str
) -> None:
    (tmp_path / "net.yaml").write_text(MLP, "utf-8")
    command, *rest = words.split()
    result = run(command, "net.yaml", *rest, "--format", form, cwd=tmp_path)
    assert (result.stderr, result.exit_code) == ("", 0)
    if form in ("markdown", "latex"):  # two dollars side by side begin a display
        assert "$$" not in result.stdout
