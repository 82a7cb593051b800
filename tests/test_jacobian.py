"""`jacobian` and `shapes`: products along paths, in symbols and numbers, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from conftest import Result

from backcalc.equations.calculation import backward, forward
from backcalc.equations.costs import measure
from backcalc.equations.jacobian import Jacobian, jacobian
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Number, evaluate
from backcalc.formulas.matrices import elements_of
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import Derivative
from backcalc.loading.loader import load, loads

TWO_LAYERS = """
inputs: {x: [0.5, -1]}
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2],
          W2: [[1.2, -0.7, 0.4], [0.3, 0.2, -0.1]], b2: [0.05, 1]}
equations:
  z1: W1 @ x + b1
  h1: tanh(z1)
  z2: W2 @ h1 + b2 + x
  p: softmax(z2)
targets: {y: [1, 0]}
loss: cross_entropy
"""

DEEP = """
inputs: {x: [d]}
targets: {y: [K]}
weights: {W1: [h, d], W2: [K, h]}
equations: {z: W1 @ x, a: sigmoid(z), o: W2 @ a}
loss: half_l2
"""

Rows = list[list[float]]


def rows(numbers: object, shape: tuple[object, ...]) -> Rows:
    assert isinstance(numbers, tuple)
    width = int(str(shape[1]))
    return [[float(each) for each in numbers[at : at + width]]
            for at in range(0, len(numbers), width)]  # fmt: skip


def times(left: Rows, right: Rows) -> Rows:
    return [[sum(a * b for a, b in zip(row, column, strict=True))
             for column in zip(*right, strict=True)] for row in left]  # fmt: skip


def products(found: Jacobian) -> Rows:
    """The sum over the paths of the products of their numbers."""
    total: Rows = []
    for chain in found.chains:
        first, *others = (rows(each.numbers, each.shape) for each in chain.factors)
        for other in others:
            first = times(first, other)
        total = first if not total else [
            [a + b for a, b in zip(*pair, strict=True)] for pair in zip(total, first, strict=True)
        ]  # fmt: skip
    return total


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(
    ("of", "by", "paths"), [("z2", "x", 2), ("p", "x", 2), ("L", "z2", 1), ("L", "x", 2),
                            ("p", "W1", 1), ("z1", "W1", 1)]
)  # fmt: skip
def test_products_along_all_paths_add_up(of: str, by: str, paths: int, layout: str) -> None:
    found = jacobian(loads(TWO_LAYERS), of, by, layout)
    assert found.paths == len(found.chains) == paths
    whole = rows(found.numbers, found.shape)
    for own, other in zip(products(found), whole, strict=True):
        assert own == pytest.approx(other)


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_symbols_of_a_local_jacobian_have_its_numbers(layout: str) -> None:
    network = loads(TWO_LAYERS)
    form, values = network.matrices, forward(network).values
    assert form is not None
    seen = 0
    for of, by in (("L", "x"), ("z2", "x")):
        for chain in jacobian(network, of, by, layout).chains:
            for each in chain.factors:
                assert each.expression is not None
                assert each.numbers is not None
                found = elements_of(each.expression, form.elements).elements
                numbers = [float(evaluate(one, values)) for one in found]
                assert numbers == pytest.approx([float(one) for one in each.numbers]), each.of
                seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    ("network", "of", "by"),
    [(loads(TWO_LAYERS), "p", "x"), (loads(TWO_LAYERS), "L", "W1"), (load("softmax"), "L", "w1"),
     (load("mazur"), "L", "w1"), (load("self_attention"), "A", "Wq")],
)  # fmt: skip
def test_a_jacobian_holds_the_derivatives_of_backward(network: Network, of: str, by: str) -> None:
    found = jacobian(network, of, by)
    for row, numbers in zip(found.rows, rows(found.numbers, found.shape), strict=True):
        values = backward(network, of=row, by_inputs=True).values
        for column, number in zip(found.columns, numbers, strict=True):
            assert number == pytest.approx(float(values[Derivative(row, column)]))


def test_a_jacobian_by_a_constant_is_not_zero() -> None:
    (only,) = jacobian(load("ridge_matrix"), "L", "lam").numbers or ()
    assert float(only) == 0.625


def test_the_product_in_both_orders() -> None:
    (chain,) = jacobian(loads(DEEP), "o", "x").chains
    assert [formula_text(each.expression) for each in chain.factors if each.expression] == [
        "W2", "diag(a*(1 - a))", "W1",
    ]  # fmt: skip
    assert formula_text(chain.left_first) == "K*h*h + K*h*d"
    assert formula_text(chain.right_first) == "K*h*d + h*h*d"
    (turned,) = jacobian(loads(DEEP), "o", "x", "denominator").chains
    assert [formula_text(each.expression) for each in turned.factors if each.expression] == [
        "W1.T", "diag(a*(1 - a)).T", "W2.T",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("of", "by", "message"),
    [
        ("x", "z2", "there is no quantity 'x' that a Jacobian could be of or by"),
        ("z1", "W2", "z1 does not depend on W2"),
        ("z1", "z1", "z1 does not depend on z1"),
        ("z1", "y", "there is no quantity 'y' that a Jacobian could be of or by"),
    ],
)
def test_what_has_no_jacobian(of: str, by: str, message: str) -> None:
    with pytest.raises(BackcalcError) as raised:
        jacobian(loads(TWO_LAYERS), of, by)
    assert raised.value.message == message


def test_scalars_have_a_jacobian_of_one_element() -> None:
    found = jacobian(load("skip"), "z2", "x")
    assert found.shape == (1, 1)
    assert products(found) == [[0.375]]


def test_costs_of_two_layers() -> None:
    costs = measure(loads(DEEP))
    found = [formula_text(each.products) for each in costs.forward]
    assert found == ["h*d", "0", "K*h", "K + 1"]
    assert formula_text(costs.parameters) == "h*d + K*h"
    assert [each.name for each in costs.kept] == ["x", "y", "a", "o"]


def test_costs_of_scalars_are_those_of_each_line() -> None:
    costs = measure(load("skip"))
    assert costs.parameters == Number(4)
    assert [int(evaluate(each.products, {})) for each in costs.forward] == [1, 0, 1, 0, 2, 0, 0]
    assert {each.name: each.weights for each in costs.layers}["unit 2"] == ("w2", "ws")


@pytest.mark.parametrize("command", ["shapes skip", "jacobian skip --of z2 --by x"])
@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html", "json"])
def test_the_commands_write_every_format(
    run: Callable[..., Result], command: str, form: str
) -> None:
    result = run(*command.split(), "--format", form)
    assert result.exit_code == 0, result.stderr
    if form == "json":
        assert json.loads(result.stdout)["schema"] in ("backcalc/shapes/1", "backcalc/jacobian/1")
