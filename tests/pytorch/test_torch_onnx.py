"""ONNX files as network files; without onnx and PyTorch there is nothing to try."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Result

from backcalc.importing.onnx_graph import OPERATIONS

Run = Callable[..., Result]
onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")
numpy = pytest.importorskip("numpy")

DRAW = numpy.random.default_rng(0)


def node(kind: str, *names: str, out: str, **attributes: Any) -> Any:
    return onnx.helper.make_node(kind, [*names], out.split(), name=f"/{kind}", **attributes)


def drawn(*shape: int) -> Any:
    return DRAW.normal(size=shape).astype(numpy.float32)


def graph(
    file: Path, nodes: list[Any], shape: list[Any], arrays: Mapping[str, Any], kind: int = 1,
    opset: int = 17, name: str = "x",
) -> None:  # fmt: skip
    """Write a graph from `x` to the last node's result."""
    helper = onnx.helper
    made = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info(name, kind, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], 1, ["out"])],
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)]), file)


GRAPHS: dict[str, tuple[Callable[[], tuple[Any, ...]], tuple[str, ...]]] = {
    "mlp": (lambda: ([
        node("Gemm", "x", "fc1.weight", "fc1.bias", out="z", transB=1), node("Relu", "z", out="h"),
        node("Gemm", "h", "fc2.weight", "fc2.bias", out="o", transB=1),
        node("Sigmoid", "o", out="y"),
    ], ["n", 2], {"fc1.weight": drawn(3, 2), "fc1.bias": drawn(3), "fc2.weight": drawn(1, 3),
                  "fc2.bias": drawn(1)}),
            ("--input", "1,2", "--target", "0", "--loss", "bce")),
    "cnn": (lambda: ([
        node("Conv", "x", "k", "kb", out="c", kernel_shape=[2, 2]),
        node("BatchNormalization", "c", "g", "b", "m", "v", out="n"), node("Relu", "n", out="r"),
        node("MaxPool", "r", out="p", kernel_shape=[2, 2], strides=[2, 2]),
        node("Shape", "p", out="s"), node("Gather", "s", "zero", out="rows"),
        node("Unsqueeze", "rows", "axes", out="u"), node("Concat", "u", "rest", out="all", axis=0),
        node("Reshape", "p", "all", out="f"), node("MatMul", "f", "W", out="q"),
        node("Add", "q", "B", out="o"),
    ], ["n", 1, 3, 3], {"k": drawn(2, 1, 2, 2), "kb": drawn(2), "g": drawn(2), "b": drawn(2),
                        "m": drawn(2), "v": abs(drawn(2)), "zero": numpy.array(0),
                        "axes": numpy.array([0]), "rest": numpy.array([-1]), "W": drawn(2, 3),
                        "B": drawn(3)}),
            ("--input", "[[[[1,2,0],[0,1,2],[2,2,1]]]]", "--target", "2", "--loss",
             "cross_entropy")),
    "attention": (lambda: ([
        node("MatMul", "x", "Wq", out="q"), node("MatMul", "x", "Wk", out="k"),
        node("Transpose", "k", out="kt", perm=[1, 0]), node("MatMul", "q", "kt", out="s"),
        node("Div", "s", "c", out="d"), node("Softmax", "d", out="a"),
        node("MatMul", "a", "x", out="o"), node("Add", "o", "x", out="r"),
        node("LayerNormalization", "r", "g", "b", out="y"),
    ], [3, 2], {"Wq": drawn(2, 2), "Wk": drawn(2, 2), "c": numpy.array(1.5, numpy.float32),
                "g": drawn(2), "b": drawn(2)}),
                  ("--input", "1,2; 3,4; -1,0.5", "--target", "0,1; 1,0; 0,0", "--loss", "mse")),
    "words": (lambda: ([
        node("Gather", "E", "x", out="e"), node("ReduceMean", "e", out="m", axes=[0], keepdims=0),
        node("MatMul", "m", "W", out="o"), node("LogSoftmax", "o", out="y"),
    ], [3], {"E": drawn(5, 2), "W": drawn(2, 3)}, 7),
              ("--input", "2,0,4", "--target", "1", "--loss", "nll")),
    "own loss": (lambda: ([
        node("LeakyRelu", "x", out="h", alpha=0.2), node("Clip", "h", "low", out="c"),
        node("Slice", "c", "one", "two", out="s"), node("Concat", "c", "s", out="k", axis=0),
        node("Mul", "k", "w", out="m"), node("Pow", "m", "two0", out="q"),
        node("ReduceSum", "q", out="y", keepdims=0),
    ], [3], {"low": numpy.array(-0.5, numpy.float32), "one": numpy.array([1]),
             "two": numpy.array([2]), "two0": numpy.array(2, numpy.float32), "w": drawn(4)}),
                 ("--input", "1,-2,3")),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs(name: str, run: Run, tmp_path: Path) -> None:
    make, words = GRAPHS[name]
    graph(tmp_path / "net.onnx", *make())
    done = run("import", "net.onnx", *words, "-o", "net.yaml", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "equals that of ONNX's reference to 1e-12\n" in done.stderr
    assert PROVED.search(done.stderr)
    assert run("backward", "net.yaml", cwd=tmp_path).exit_code == 0


PROVED = re.compile(r"^proved: \d+ values of the forward pass and (\d+) derivatives equal PyTorch's"
                    r" to 1e-12$", re.MULTILINE)  # fmt: skip


def test_every_derivative_is_compared(run: Run, tmp_path: Path) -> None:
    graph(tmp_path / "net.onnx", [node("MatMul", "x", "W", out="y")], [1, 15],
          {"W": drawn(15, 20)})  # fmt: skip
    numbers = ",".join(map(str, range(15)))
    target = ",".join("1" * 20)
    done = run("import", "net.onnx", "--input", numbers, "--target", target, "--loss", "mse",
               cwd=tmp_path)  # fmt: skip
    found = PROVED.search(done.stderr)
    assert found is not None
    assert int(found[1]) == 15 * 20 + 15 + 20


def single(*names: str, kind: str = "", arrays: Any = (), shape: Any = (2, 3), **at: Any) -> Any:
    """An operation with its operands, attributes and the arrays that it uses."""
    return kind, names or ("x",), dict(arrays), shape, at


WHOLE, HALF = numpy.array, numpy.float32
ONES = {"g": HALF([1.5, 0.5, 2]), "b": HALF([0.1, 0, -1]), "m": HALF([0, 1, 0.5]),
        "v": HALF([1, 2, 0.5])}  # fmt: skip
CELL = {"W": drawn(1, 2, 3), "R": drawn(1, 2, 2), "B": drawn(1, 4)}
TWO_CELLS = {"W": drawn(2, 6, 3), "R": drawn(2, 6, 2), "B": drawn(2, 12)}
LONG_CELL = {"W": drawn(1, 8, 3), "R": drawn(1, 8, 2), "B": drawn(1, 16)}
OTHER = {"w": drawn(2, 3)}
MORE = {
    **{name: single() for name in (
        "Relu", "Sigmoid", "Tanh", "Exp", "Abs", "Sin", "Cos", "Erf", "Sign", "Neg", "Reciprocal",
        "Softsign", "Mish", "HardSwish", "Softplus", "Gelu", "Selu", "Identity", "Dropout",
        "Softmax", "LogSoftmax", "Transpose",
    )},
    "Gelu by tanh": single(kind="Gelu", approximate="tanh"),
    **{name: single(alpha=0.7) for name in ("LeakyRelu", "Elu", "Celu", "ThresholdedRelu")},
    "HardSigmoid": single(alpha=0.25, beta=0.3),
    **{name: single("x", "w", arrays=OTHER) for name in (
        "Add", "Sub", "Mul", "Div", "PRelu", "Max", "Min", "Sum", "Mean")},
    "Where": single("c", "x", "w", arrays={"c": WHOLE([True, False, True]), **OTHER}),
    "Pow": single("x", "c", arrays={"c": HALF(3)}),
    **{name: single(axes=[1]) for name in ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2",
                                           "ReduceSumSquare")},
    "ReduceSum": single("x", "c", arrays={"c": WHOLE([0])}, keepdims=0),
    "Flatten": single(), "Reshape": single("x", "c", arrays={"c": WHOLE([3, -1])}),
    "Squeeze": single(shape=(1, 3)), "Unsqueeze": single("x", "c", arrays={"c": WHOLE([0])}),
    "Expand": single("x", "c", arrays={"c": WHOLE([2, 2, 3])}),
    "Tile": single("x", "c", arrays={"c": WHOLE([1, 2])}),
    "Concat": single("x", "w", "x", arrays=OTHER, axis=1),
    "Cast": single(to=1), "Clip": single("x", "c", arrays={"c": HALF(-0.5)}),
    "Gather": single("x", "c", arrays={"c": WHOLE([-1, 0])}, axis=1),
    "Slice": single("x", "a", "c", "d", arrays={"a": WHOLE([-2]), "c": WHOLE([99]),
                                                "d": WHOLE([1])}),
    "Split": single(axis=0),
    "Gemm": single("x", "w", "b", arrays={"w": drawn(2, 4), "b": drawn(4)}, transA=1, alpha=0.5,
                   beta=2.0),
    "Conv": single("x", "k", arrays={"k": drawn(2, 1, 3)}, shape=(1, 2, 5), group=2,
                   auto_pad="SAME_UPPER"),
    "MaxPool": single(shape=(1, 1, 4, 4), kernel_shape=[2, 2], strides=[2, 1]),
    "AveragePool": single(shape=(1, 1, 4), kernel_shape=[2]),
    "GlobalAveragePool": single(shape=(1, 2, 3)), "GlobalMaxPool": single(shape=(1, 2, 2, 3)),
    "BatchNormalization": single("x", "g", "b", "m", "v", arrays=ONES),
    "LayerNormalization": single("x", "g", arrays=ONES),
    "InstanceNormalization": single("x", "g", "b", arrays=ONES, shape=(1, 3, 4)),
    "GroupNormalization": single("x", "g", "b", arrays=ONES, shape=(1, 3, 4), num_groups=3),
    "RNN": single("x", "W", "R", "B", arrays=CELL, shape=(3, 1, 3), hidden_size=2,
                  activations=["Tanh"]),
    "GRU": single("x", "W", "R", "B", arrays=TWO_CELLS, shape=(2, 1, 3), hidden_size=2,
                  linear_before_reset=1, direction="bidirectional"),
    "LSTM": single("x", "W", "R", "B", "", "h", arrays={**LONG_CELL, "h": drawn(1, 1, 2)},
                   shape=(2, 1, 3), hidden_size=2),
}  # fmt: skip
"""One operation each, between two others."""
NEWER = {"Mish": 18, "Gelu": 20, "GroupNormalization": 21}
"""The first version of the operations that has them, where it is not the usual one."""


@pytest.mark.parametrize("name", MORE)
def test_every_operation(name: str, run: Run, tmp_path: Path) -> None:
    kind, names, arrays, shape, at = MORE[name]
    kind = kind or name
    outs = {"Split": "o o2", "RNN": "o", "LSTM": "o o2 o3"}.get(kind, "o")
    nodes = [
        node("Mul", "x0", "s", out="x"), node(kind, *names, out=outs, **at),
        node("Mul", "o", "o", out="q"), node("ReduceSum", "q", out="y", keepdims=0),
    ]  # fmt: skip
    arrays = {**{each: array for each, array in arrays.items() if each in names},
              "s": drawn(shape[-1])}  # fmt: skip
    graph(tmp_path / "net.onnx", nodes, [*shape], arrays, opset=NEWER.get(kind, 17), name="x0")
    numbers = json.dumps(DRAW.normal(size=shape).tolist())
    done = run("import", "net.onnx", "--input", numbers, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert PROVED.search(done.stderr)


def test_each_row_of_the_table_is_tried() -> None:
    tried = {MORE[name][0] or name for name in MORE}
    tried |= {each.op_type for make, _ in GRAPHS.values() for each in make()[0]}
    assert {*OPERATIONS} - tried == {"Log", "Sqrt", "Greater", "Less", "GreaterOrEqual",
                                     "LessOrEqual", "Equal"}  # fmt: skip


def test_names_are_data(run: Run, tmp_path: Path) -> None:
    """A weight may be called as a part of a module is, and several nodes alike."""
    nodes = [node("Relu", "x", out="h"), node("Relu", "h", out="g"),
             node("Gemm", "g", "forward", "_modules", out="y", transB=1)]  # fmt: skip
    for each in nodes:
        each.name = "2"
    arrays = {"forward": drawn(1, 2), "_modules": drawn(1)}
    graph(tmp_path / "net.onnx", nodes, ["n", 2], arrays)
    done = run("import", "net.onnx", "--input", "1,2", "--target", "0", "--loss", "mse",
               cwd=tmp_path)  # fmt: skip
    assert PROVED.search(done.stderr), done.stderr


@pytest.mark.parametrize(
    ("kind", "names", "numbers", "said"),
    [
        ("Log", ("x",), "-1,2", "the loss is nan in PyTorch"),
        ("Slice", ("x", "last", "low", "axis", "back"), "1,2", "not known: a slice with step -1"),
        ("Max", ("x", "w"), "1,2", "PyTorch has another convention here. a tie in max"),
    ],
)
def test_what_cannot_be_proved_says_why(
    kind: str, names: tuple[str, ...], numbers: str, said: str, run: Run, tmp_path: Path
) -> None:
    nodes = [node(kind, *names, out="h"), node("Mul", "h", "k", out="y")]
    arrays = {"w": WHOLE([1, 3], HALF), "k": drawn(2), "last": WHOLE([1]), "low": WHOLE([-9]),
              "axis": WHOLE([0]), "back": WHOLE([-1])}  # fmt: skip
    graph(
        tmp_path / "net.onnx", nodes, [2], {n: a for n, a in arrays.items() if n in (*names, "k")}
    )
    done = run("import", "net.onnx", f"--input={numbers}", "--target", "1,1", "--loss", "mse",
               cwd=tmp_path)  # fmt: skip
    assert (done.exit_code > 0, done.stdout) == (True, "")
    assert said in done.stderr


def test_weights_of_a_recurrent_operation_are_its_own(run: Run, tmp_path: Path) -> None:
    """Its first result has no name, and its own name has a dot."""
    cell = onnx.helper.make_node("LSTM", ["x", "W", "R", "B"], ["", "h"], "cell.1", hidden_size=2)
    total = node("ReduceSum", "h", out="s", keepdims=0)
    words = ("import", "net.onnx", "--input", "[[[1, 2, 3]], [[1, 0, 1]]]")
    graph(tmp_path / "net.onnx", [cell, total], [2, 1, 3], LONG_CELL)
    done = run(*words, cwd=tmp_path)
    found = PROVED.search(done.stderr)
    assert found is not None
    assert int(found[1]) == sum(array.size for array in LONG_CELL.values()) + 6
    assert "left out" not in done.stderr
    other = [node("ReduceSum", "W", out="w", keepdims=0), node("Add", "s", "w", out="y")]
    graph(tmp_path / "net.onnx", [cell, total, *other], [2, 1, 3], LONG_CELL)
    done = run(*words, cwd=tmp_path)
    assert done.stderr == (
        "not known: LSTM with weights that are computed, or that others use (cell/1)\n"
    )


def test_a_mask_of_minus_infinity_is_a_large_number(run: Run, tmp_path: Path) -> None:
    """As in attention: its exp is 0 in softmax, and the file holds no infinity."""
    low = {"c": WHOLE([0, -numpy.inf, 2], HALF), "m": WHOLE([True, False, False]),
           "l": WHOLE(-numpy.inf, HALF)}  # fmt: skip
    for nodes in ([node("Add", "x", "c", out="h")], [node("Where", "m", "l", "x", out="h")]):
        arrays = {each: low[each] for each in nodes[0].input if each in low}
        graph(tmp_path / "net.onnx", [*nodes, node("Softmax", "h", out="y")], [3], arrays)
        done = run("import", "net.onnx", "--input", "1,2,3", "--target", "1,0,0", "--loss", "mse",
                   cwd=tmp_path)  # fmt: skip
        assert PROVED.search(done.stderr), done.stderr
        assert "-1000000000 stands for -inf" in done.stdout


def test_without_pytorch_nothing_is_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make, words = GRAPHS["mlp"]
    graph(tmp_path / "net.onnx", *make())
    monkeypatch.setitem(sys.modules, "torch", None)
    done = run("import", "net.onnx", *words, cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "PyTorch is not installed; `pip install torch` brings it\n"
        "hint: ONNX has no derivatives: PyTorch proves those of the file\n"
    )


def test_damaged_files_are_refused(run: Run, tmp_path: Path) -> None:
    file, draw = tmp_path / "net.onnx", random.Random(1)
    make, words = GRAPHS["mlp"]
    graph(file, *make())
    whole = file.read_bytes()
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        file.write_bytes(damaged)
        done = run("import", "net.onnx", *words, cwd=tmp_path)
        assert done.exit_code in (0, 1, 2, 3), done.stderr
        assert bool(done.stdout) is (done.exit_code == 0)


def test_what_is_not_known_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    graph(file, [node("CumSum", "x", "a", out="h"), node("Relu", "h", out="g"),
                 node("Det", "x", out="y")], [2, 2], {"a": numpy.array(0)})  # fmt: skip
    done = run("import", "net.onnx", "--input", "1,2;3,4", cwd=tmp_path)
    assert done.stderr == "not known: CumSum (CumSum)\n\nnot known: Det (Det)\n"
    file.write_bytes(b"no graph")
    done = run("import", "net.onnx", "--input", "1,2", cwd=tmp_path)
    assert re.match("net.onnx is no ONNX file in order: ", done.stderr)
    assert (done.exit_code, done.stdout) == (2, "")
    done = run("import", "nothing.onnx", "--input", "1,2", cwd=tmp_path)
    assert done.stderr == "no such file: nothing.onnx\n"
