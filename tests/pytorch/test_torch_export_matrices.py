"""Exports in matrix form: run in a process of its own each finds backcalc's figures."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest
from test_derivation import LETTER_LIST, NETWORKS, with_numbers
from test_export import failures
from test_matrix_files import FILES

from backcalc.exporting import TARGETS, export
from backcalc.loading.loader import loads

EXTRA = """
inputs: {X: [[1, 2, 0.5], [0, -1, 1.5]]}
targets: {Y: [[0.5, 1], [1, -1]]}
weights: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], v: [0.3, -0.2], g: 0.5}
equations:
  A: X @ W
  B: outer(A[0], v) + A.T @ A
  C: concat(B, A, axis=1)
  D: log_softmax(C)
  E: reshape(D, shape=(4, 2)) * g
  F: E[1:3] - max(E, axis=0) + min(E)
  G: batch_norm(F) + variance(E, axis=0)
  H: layer_norm(G + norm(A, axis=1))
loss: sum((H - Y)**2) + trace(B) + dot(v, v)
"""

IMAGES = """
inputs: {X: [[1, 2, -1, 0.5], [0.3, -2, 1, 4], [3, 1, 0.7, -1], [0.2, 5, -3, 2]],
         s: [1, -2, 0.5, 3]}
weights:
  K: [[0.5, -0.5], [1, 0.25]]
  k: [0.3, -0.7]
  C: [[[[0.2, 0.1], [-0.3, 0.4]]], [[[1, -1], [0.5, 0.6]]]]
equations:
  A: conv(X, K, stride=(2, 1), padding=(1, 0))
  B: max_pool(A, size=2, stride=1)
  D: mean_pool(tanh(X), size=(3, 2), stride=(1, 2))
  Y: reshape(X, shape=(1, 4, 4))
  E: conv(Y, C, padding=1)
  F: max_pool(E)
  a: conv(s, k, stride=2, padding=1)
  b: mean_pool(a, size=2)
  M: max(A, axis=0)
loss: sum(B**2) + sum(D) + sum(F**3) + sum(b**2) + sum(M) + min(A)*max(s*k[0])
learning_rate: 0.1
"""


@pytest.mark.parametrize("target", ["numpy", "torch", "jax"])
def test_convolution_and_pooling_stay_matrices(target: str, tmp_path: Path) -> None:
    pytest.importorskip(target)
    pytest.importorskip("numpy")  # the figures are compared as its arrays
    code = export(loads(IMAGES), TARGETS[target])
    assert "A = conv(X, K, (2, 1), (1, 0))" in code
    assert failures(tmp_path, {"images": code}) == {}


MOST = {"numpy": 99, "torch": 5, "jax": 2}
"""Files that are tried: JAX compiles each operation anew, which takes seconds."""
SIZES = {"N": 3, "d": 2, "h": 3, "m": 2, "K": 2, "T": 3, "k": 2, "n": 5}


def networks() -> dict[str, str]:
    found = {f"file {name}": text for name, text in FILES.items()} | {"extra": EXTRA}
    for name, text in NETWORKS.items():
        assert LETTER_LIST.search(text)
        found[f"letters {name}"] = with_numbers(text, SIZES, random.Random(name))
    return found


@pytest.mark.parametrize("target", ["numpy", "torch", "jax"])
def test_matrix_code_finds_the_figures(target: str, tmp_path: Path) -> None:
    pytest.importorskip(target)
    pytest.importorskip("numpy")  # the figures are compared as its arrays
    codes = {
        name.replace(" ", "_"): export(loads(text), TARGETS[target], Fraction(1, 10))
        for name, text in [*networks().items()][: MOST[target]]
    }
    assert failures(tmp_path, codes) == {}
    assert sum(" @ " in code for code in codes.values()) > len(codes) * 2 / 3
    assert "np.concatenate" in codes.get("extra", "np.concatenate")


ONE_CLASS = """
weights: {A: [[1, 2, 0.5]]}
equations: {P: "softmax(A, axis=0)", Q: "conv(P[0], A[0])"}
loss: sum(Q)
learning_rate: 0.1
"""


def test_a_softmax_of_one_score_is_a_number(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    codes = {
        f"to_{target}": export(loads(ONE_CLASS), TARGETS[target]) for target in ("numpy", "python")
    }
    assert failures(tmp_path, codes) == {}
