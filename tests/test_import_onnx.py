"""ONNX files as network files; where onnx is not installed there is nothing to try."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Result

Run = Callable[..., Result]
onnx = pytest.importorskip("onnx")
numpy = pytest.importorskip("numpy")

DRAW = numpy.random.default_rng(0)


def node(kind: str, *names: str, to: str, **attributes: Any) -> Any:
    return onnx.helper.make_node(kind, [*names], to.split(), name=f"/{kind}", **attributes)


def drawn(*shape: int) -> Any:
    return DRAW.normal(size=shape).astype(numpy.float32)


def graph(
    file: Path, nodes: list[Any], shape: list[Any], arrays: Mapping[str, Any], kind: int = 1
) -> None:
    """Write a graph from `x` to the last node's result."""
    helper = onnx.helper
    made = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], 1, ["out"])],
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)]), file)


GRAPHS: dict[str, tuple[Callable[[], tuple[Any, ...]], tuple[str, ...]]] = {
    "mlp": (lambda: ([
        node("Gemm", "x", "fc1.weight", "fc1.bias", to="z", transB=1), node("Relu", "z", to="h"),
        node("Gemm", "h", "fc2.weight", "fc2.bias", to="o", transB=1), node("Sigmoid", "o", to="y"),
    ], ["n", 2], {"fc1.weight": drawn(3, 2), "fc1.bias": drawn(3), "fc2.weight": drawn(1, 3),
                  "fc2.bias": drawn(1)}),
            ("--input", "1,2", "--target", "0", "--loss", "bce")),
    "cnn": (lambda: ([
        node("Conv", "x", "k", "kb", to="c", kernel_shape=[2, 2]),
        node("BatchNormalization", "c", "g", "b", "m", "v", to="n"), node("Relu", "n", to="r"),
        node("MaxPool", "r", to="p", kernel_shape=[2, 2], strides=[2, 2]),
        node("Shape", "p", to="s"), node("Gather", "s", "zero", to="rows"),
        node("Unsqueeze", "rows", "axes", to="u"), node("Concat", "u", "rest", to="all", axis=0),
        node("Reshape", "p", "all", to="f"), node("MatMul", "f", "W", to="q"),
        node("Add", "q", "B", to="o"),
    ], ["n", 1, 3, 3], {"k": drawn(2, 1, 2, 2), "kb": drawn(2), "g": drawn(2), "b": drawn(2),
                        "m": drawn(2), "v": abs(drawn(2)), "zero": numpy.array(0),
                        "axes": numpy.array([0]), "rest": numpy.array([-1]), "W": drawn(2, 3),
                        "B": drawn(3)}),
            ("--input", "[[[[1,2,0],[0,1,2],[2,2,1]]]]", "--target", "2", "--loss",
             "cross_entropy")),
    "attention": (lambda: ([
        node("MatMul", "x", "Wq", to="q"), node("MatMul", "x", "Wk", to="k"),
        node("Transpose", "k", to="kt", perm=[1, 0]), node("MatMul", "q", "kt", to="s"),
        node("Div", "s", "c", to="d"), node("Softmax", "d", to="a"),
        node("MatMul", "a", "x", to="o"), node("Add", "o", "x", to="r"),
        node("LayerNormalization", "r", "g", "b", to="y"),
    ], [3, 2], {"Wq": drawn(2, 2), "Wk": drawn(2, 2), "c": numpy.array(1.5, numpy.float32),
                "g": drawn(2), "b": drawn(2)}),
                  ("--input", "1,2; 3,4; -1,0.5", "--target", "0,1; 1,0; 0,0", "--loss", "mse")),
    "words": (lambda: ([
        node("Gather", "E", "x", to="e"), node("ReduceMean", "e", to="m", axes=[0], keepdims=0),
        node("MatMul", "m", "W", to="o"), node("LogSoftmax", "o", to="y"),
    ], [3], {"E": drawn(5, 2), "W": drawn(2, 3)}, 7),
              ("--input", "2,0,4", "--target", "1", "--loss", "nll")),
    "own loss": (lambda: ([
        node("LeakyRelu", "x", to="h", alpha=0.2), node("Clip", "h", "low", to="c"),
        node("Slice", "c", "one", "two", to="s"), node("Concat", "c", "s", to="k", axis=0),
        node("Mul", "k", "w", to="m"), node("Pow", "m", "two0", to="q"),
        node("ReduceSum", "q", to="y", keepdims=0),
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
    assert re.search(
        r"^proved: \d+ values of the forward pass equal those of ONNX's reference to 1e-12, and"
        r" its differences \d+ derivatives to 1e-07$", done.stderr, re.MULTILINE)  # fmt: skip
    assert run("backward", "net.yaml", cwd=tmp_path).exit_code == 0


def test_many_derivatives_are_measured_here_and_there(run: Run, tmp_path: Path) -> None:
    graph(tmp_path / "net.onnx", [node("MatMul", "x", "W", to="y")], [1, 15],
          {"W": drawn(15, 20)})  # fmt: skip
    numbers = ",".join(map(str, range(15)))
    target = ",".join("1" * 20)
    done = run("import", "net.onnx", "--input", numbers, "--target", target, "--loss", "mse",
               cwd=tmp_path)  # fmt: skip
    assert "its differences 158 of 315 derivatives to 1e-07" in done.stderr


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
    graph(file, [node("CumSum", "x", "a", to="h"), node("Relu", "h", to="g"),
                 node("Det", "x", to="y")], [2, 2], {"a": numpy.array(0)})  # fmt: skip
    done = run("import", "net.onnx", "--input", "1,2;3,4", cwd=tmp_path)
    assert done.stderr == "not known: CumSum (CumSum)\n\nnot known: Det (Det)\n"
    file.write_bytes(b"no graph")
    done = run("import", "net.onnx", "--input", "1,2", cwd=tmp_path)
    assert re.match("net.onnx is no ONNX file in order: ", done.stderr)
    assert (done.exit_code, done.stdout) == (2, "")
    done = run("import", "nothing.onnx", "--input", "1,2", cwd=tmp_path)
    assert done.stderr == "no such file: nothing.onnx\n"
