"""Modules of PyTorch as network files: what is written, what is proved, what is refused.

Every import compares its forward pass and all gradients with PyTorch's before it gives anything.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT
from torch import Tensor, nn
from torch.nn import functional

import backcalc
from backcalc import BackcalcError
from backcalc.importing.draft import ImportRequest
from backcalc.importing.proof import documented
from backcalc.importing.tracing import from_module

Follow = Callable[[Any, Tensor], Any]


class Does(nn.Module):
    """A linear layer, and what a function does with its result."""

    def __init__(self, follow: Follow, width: int = 3) -> None:
        super().__init__()
        self.own = nn.Linear(width, width)
        self.w_2 = nn.Parameter(torch.randn(width))
        self.register_buffer("scale", torch.tensor([2.0, 0.5, 1.0]))
        self.follow = follow

    def forward(self, x: Tensor) -> Any:
        return self.follow(self, self.own(x))


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape)


def written(module: nn.Module, inputs: Any, targets: Any, loss: Any, **asked: Any) -> str:
    """The file, proved."""
    xs, ys = (each if isinstance(each, tuple) else (each,) for each in (inputs, targets))
    made = from_module(module, xs, ys, loss, ImportRequest("net", **asked))
    return documented(made, "net")[0]


def equations(text: str) -> list[str]:
    """The equations of a file without their comments."""
    found = re.search(r"^equations:.*?\n((?:  .*\n)+)", text, re.MULTILINE)
    assert found
    return [line.partition("#")[0].strip() for line in found[1].splitlines()]


def held(m: Any, x: Tensor) -> Tensor:
    with torch.no_grad():
        return m.own(x) * 2


class Own(torch.autograd.Function):
    """A function whose derivative no formula gives."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, *flow: Tensor) -> Tensor:
        return flow[0] * 5


FOLLOWED: dict[str, tuple[Follow, str]] = {
    "in place": (lambda m, x: functional.relu(x, inplace=True) + x, "yhat: H + H"),
    "chain in place": (lambda m, x: x.add_(1).mul_(2).relu_(), "yhat: relu(Z*2)"),
    "functions": (lambda m, x: x.relu() + torch.relu(x) * functional.relu(x), "yhat: H1 + H2*H3"),
    "own": (lambda m, x: x * m.scale * m.w_2, "yhat: Z*scale*w2"),
    "rows in a loop": (lambda m, x: sum(x[i] for i in range(len(x))),
                       "yhat: Z[0] + Z[1] + Z[2] + Z[3]"),
    "rows in turn": (lambda m, x: torch.stack([r * 2 for r in x]), ""),
    "stack": (lambda m, x: torch.stack([x, x * 2], dim=1), ""),
    "cat": (lambda m, x: torch.cat([x, x * 2], dim=-1), "yhat: concat(Z, U, axis=1)"),
    "chunk": (lambda m, x: torch.mul(*torch.cat([x, x], 1).chunk(2, 1)),
              "yhat: F[:, 0:3]*F[:, 3:6]"),
    "split": (lambda m, x: x.split([1, 2], dim=1)[1], "yhat: Z[:, 1:3]"),
    "unbind": (lambda m, x: x.unbind(1)[0] * x.unbind(1)[2], "yhat: Z[:, 0]*Z[:, 2]"),
    "view": (lambda m, x: x.view(-1, 2), "yhat: reshape(Z, shape=(6, 2))"),
    "view by size": (lambda m, x: x.view(x.size(1), -1), "yhat: reshape(Z, shape=(3, 4))"),
    "there and back": (lambda m, x: x.view(-1).view(4, 3) * 2, "yhat: Z*2"),
    "transposed": (lambda m, x: x.T @ x, "yhat: Z.T @ Z"),
    "softmax of columns": (lambda m, x: x.softmax(0), "P: softmax(Z, axis=0)"),
    "largest": (lambda m, x: x.amax(1) + x.max(1).values + x.max(dim=1)[0] + x.max(), ""),
    "variance": (lambda m, x: x.var(1) + x.std(1, unbiased=False) + x.var(), ""),
    "layer norm by hand": (
        lambda m, x: (x - x.mean(-1, keepdim=True))
        / torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + 1e-5), ""),
    "norms": (lambda m, x: x / x.norm(dim=1, keepdim=True) + functional.normalize(x, dim=1), ""),
    "clamp": (lambda m, x: x.clamp(-0.5, 0.5) + x.clamp(min=0), ""),
    "where": (lambda m, x: torch.where(x > 0, x, 0.1 * x), "yhat: Z if Z > 0 else U"),
    "mask": (lambda m, x: x * (x > 0).float(), ""),
    "powers": (lambda m, x: x**2 + x.pow(3) + 2**x, "yhat: U1 + U2 + U3"),
    "signs": (lambda m, x: 1 - x - (x - (x - 2)) * (-2) - (-3), ""),
    "fractions": (lambda m, x: (x + 1) * (x - 2) / (x * x + 3), ""),
    "detach": (lambda m, x: x * x.detach(), ""),
    "a view used twice": (lambda m, x: (lambda v: v * v)((x * 2).view(4, 3)), ""),
    "no_grad": (lambda m, x: x * held(m, x), ""),
    "causal": (lambda m, x: functional.softmax((x @ x.T).masked_fill(
        torch.triu(torch.ones(4, 4), 1) == 1, float("-inf")), -1) @ x, ""),
    "attention": (
        lambda m, x: functional.scaled_dot_product_attention(x, x, x, is_causal=True), ""),
    "index": (lambda m, x: x[:, None, :] + x[None] * x[..., :1] + x[-1] * x[[0, 2]][1], ""),
    "argmax": (lambda m, x: x[x.sum(1).argmax()], ""),
    "expand": (lambda m, x: x.mean(0, keepdim=True).expand(4, 3), "yhat: concat(A, A, A, A)"),
    "shared": (lambda m, x: x @ m.own.weight + functional.linear(x, m.own.weight.T), ""),
    "one hot": (lambda m, x: x * functional.one_hot(torch.tensor([0, 1, 2, 1]), 3), ""),
}  # fmt: skip
"""What a module does with 4 rows of 3, and the last equation where it is worth a look."""


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_forward_does(name: str) -> None:
    torch.manual_seed(3)
    follow, last = FOLLOWED[name]
    module, x = Does(follow), drawn(4, 3)
    text = written(module, x, torch.randn(module(x).shape), "half_l2")
    if last:
        assert equations(text)[-1] == last


ACTIVATIONS = (
    "ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh", "Softplus",
    "Hardtanh", "ReLU6", "Hardswish", "LogSigmoid", "Softsign", "Tanhshrink", "CELU", "PReLU",
    "Identity", "Hardshrink", "Softshrink",
)  # fmt: skip
LAYERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    **{name: (lambda name=name: getattr(nn, name)(), (2, 3)) for name in ACTIVATIONS},  # type: ignore[misc]
    "GELU by tanh": (lambda: nn.GELU("tanh"), (3,)),
    "GLU": (lambda: nn.GLU(), (2, 4)),
    "Softmax": (lambda: nn.Softmax(-1), (2, 3)),
    "Dropout": (lambda: nn.Dropout().eval(), (3,)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3).eval(), (4, 3)),
    "BatchNorm1d of a batch": (lambda: nn.BatchNorm1d(3), (4, 3)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2).eval(), (1, 2, 2, 2)),
    "BatchNorm2d of a batch": (lambda: nn.BatchNorm2d(2), (2, 2, 2, 2)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (4, 3)),
    "LayerNorm of two axes": (lambda: nn.LayerNorm([2, 3]), (2, 2, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (2, 4, 2)),
    "RMSNorm": (lambda: nn.RMSNorm(3), (4, 3)),
    "Linear over sequences": (lambda: nn.Linear(3, 2), (2, 2, 3)),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 2), (2, 5)),
    "Conv1d of a batch": (lambda: nn.Conv1d(2, 3, 2, stride=2, padding=1), (2, 2, 5)),
    "Conv2d": (lambda: nn.Conv2d(1, 2, 3, padding="same"), (1, 3, 3)),
    "Conv2d in groups": (lambda: nn.Conv2d(4, 4, 2, groups=2), (4, 3, 3)),
    "AvgPool2d": (lambda: nn.Sequential(nn.Conv2d(1, 1, 1), nn.AvgPool2d(2)), (1, 4, 4)),
    "MaxPool1d": (lambda: nn.Sequential(nn.Conv1d(1, 2, 1), nn.MaxPool1d(2)), (1, 4)),
    "MaxPool2d": (lambda: nn.Sequential(nn.Conv2d(1, 1, 1), nn.MaxPool2d((2, 1), 1)), (1, 3, 3)),
    "AdaptiveAvgPool2d": (lambda: nn.Sequential(nn.Conv2d(1, 2, 1), nn.AdaptiveAvgPool2d(1),
                                                nn.Flatten()), (1, 1, 3, 3)),
    "GRUCell": (lambda: nn.GRUCell(3, 2), (3,)),
    "RNNCell of a batch": (lambda: nn.RNNCell(3, 2, nonlinearity="relu"), (2, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    torch.manual_seed(4)
    make, shape = LAYERS[name]
    module, x = make(), drawn(*shape)
    written(module, x, torch.randn(module(x).shape), "half_l2")


class Recurrent(nn.Module):
    def __init__(self, kind: str, **settings: Any) -> None:
        super().__init__()
        self.r = getattr(nn, kind)(2, 3, **settings)
        self.out = nn.Linear(6 if settings.get("bidirectional") else 3, 1)

    def forward(self, x: Tensor) -> Any:
        found, _ = self.r(x)
        return self.out(found[:, -1] if self.r.batch_first else found[-1])


RECURRENT: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "RNN": ({}, (3, 2)), "GRU": ({"bidirectional": True}, (2, 2)), "LSTM": ({}, (2, 2)),
    "LSTM in layers": ({"num_layers": 2, "batch_first": True}, (2, 2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_nets_are_unrolled(name: str) -> None:
    torch.manual_seed(5)
    settings, shape = RECURRENT[name]
    module = Recurrent(name.partition(" ")[0], **settings)
    text = written(module, drawn(*shape), torch.randn(2, 1) if len(shape) == 3 else [1.0], "mse")
    if name == "RNN":
        assert equations(text) == [
            "z1: W1 @ X[0] + b1 + U1 @ h0 + bh1", "h1: tanh(z1)",
            "z2: W1 @ X[1] + b1 + U1 @ h1 + bh1", "h2: tanh(z2)",
            "z3: W1 @ X[2] + b1 + U1 @ h2 + bh1", "h3: tanh(z3)",
            "yhat: W2 @ h3 + b2",
        ]  # fmt: skip


def test_a_cell_in_a_loop_of_the_persons_own() -> None:
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.LSTMCell(2, 2)

        def forward(self, x: Tensor) -> Tensor:
            h, c = torch.zeros(2), torch.zeros(2)
            for each in x:
                h, c = self.cell(each, (h, c))
            return h

    text = written(Loop(), drawn(2, 2), drawn(2), "mse")
    assert equations(text)[-1].startswith("yhat: o2*tanh(c2)")


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Embedding(5, 2, padding_idx=0)
        self.out = nn.Linear(2, 3)

    def forward(self, numbers: Tensor) -> Any:
        return self.out(self.e(numbers).mean(dim=0))


def test_an_embedding_is_a_look_up() -> None:
    text = written(Words(), [2, 0, 3], [2], "cross_entropy")
    assert equations(text)[:2] == [
        "e: detach(E[0])",
        "X: reshape(concat(E[2], e, E[3]), shape=(3, 2))",
    ]
    assert "y: 2   # the class, counted from 0" in text


def sigmoids(m: Any, x: Tensor) -> Tensor:
    return torch.sigmoid(x)


ENDS: dict[str, tuple[Follow, Any, Any, str]] = {
    "mse": (lambda m, x: x, "mse", None, "mse"),
    "mse of a sum": (lambda m, x: x, nn.MSELoss(reduction="sum"), None, "l2"),
    "l1": (lambda m, x: x, "l1", None, "mean(abs(Z - Y))"),
    "l1 of one output": (lambda m, x: x[:, :1], "l1", None, "l1"),
    "l2": (lambda m, x: x, "l2", None, "l2"),
    "hinge": (lambda m, x: x[:, :1], "hinge", torch.tensor([[1.0], [-1], [1], [1]]), "hinge"),
    "log_cosh": (lambda m, x: x, "log_cosh", None, "log_cosh"),
    "huber": (lambda m, x: x[:, :1], nn.HuberLoss(delta=0.5), None, "huber(0.5)"),
    "smooth_l1": (lambda m, x: x, nn.SmoothL1Loss(beta=0.5), None, ""),
    "bce": (sigmoids, "bce", torch.rand(4, 3), "mean(-(Y*log(H) + (1 - Y)*log(1 - H)))"),
    "bce of a column": (lambda m, x: torch.sigmoid(x[:, :1]), "bce", torch.rand(4, 1), "bce"),
    "bce_with_logits": (lambda m, x: x[:, 0], "bce_with_logits", torch.rand(4), ""),
    "classes": (lambda m, x: x, "cross_entropy", [0, 2, 1, 1], "cross_entropy"),
    "shares": (lambda m, x: x, "cross_entropy", torch.softmax(torch.ones(4, 3), 1),
               "cross_entropy"),
    "smoothed": (lambda m, x: x, nn.CrossEntropyLoss(label_smoothing=0.1),
                 torch.tensor([0, 2, 1, 1]), "cross_entropy"),
    "nll": (lambda m, x: functional.log_softmax(x, 1), "nll", [0, 2, 1, 1], "-sum(Y*logp)/4"),
    "an own function": (lambda m, x: x, lambda p, y: ((p - y) ** 2).mean() + 0.1 * p.abs().sum(),
                        None, "a1 + 0.1*a2"),
    "the output": (lambda m, x: (x**2).mean(), None, (), "mean(U)"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_losses(name: str) -> None:
    torch.manual_seed(6)
    follow, loss, target, line = ENDS[name]
    module, x = Does(follow), drawn(4, 3)
    text = written(module, x, torch.randn(module(x).shape) if target is None else target, loss)
    if line:
        assert f"\nloss: {line}\n" in text


@pytest.mark.parametrize("loss", ["mse", "l1", "bce", "cross_entropy", "half_l2"])
def test_a_sum_over_all_samples(loss: str) -> None:
    follow = sigmoids if loss == "bce" else lambda m, x: x
    target: Any = [0, 2] if loss == "cross_entropy" else torch.rand(2, 3)
    text = written(Does(follow), drawn(2, 3), target, loss, reduction="sum")
    assert "reduction: sum" in text


REFUSED: dict[str, tuple[Follow, str]] = {
    "cumsum": (lambda m, x: x.cumsum(0), r"not known: Tensor\.cumsum \(test_torch_import\.py:\d"),
    "einsum": (lambda m, x: torch.einsum("ij,kj->ik", x, x), r"not known: torch\.functional\.eins"),
    "step": (lambda m, x: x[::2], r"not known: a slice with step 2 \(test_torch"),
    "dropout": (lambda m, x: functional.dropout(x, 0.5), "not known: dropout in training mode"),
    "random": (lambda m, x: x * torch.rand(3), "step by step"),
    "view in place": (lambda m, x: (lambda y: (y.mul_(2), x + 1)[1])(x[0]), "through a view of it"),
    "part": (lambda m, x: (x.__setitem__(0, 1.0), x)[1], "not known: an assignment to a part"),
    "two": (lambda m, x: (x, x), "the module returns 2 values"),
    "32 bits": (lambda m, x: x.float() * 2, r"not known: float\(\), after which numbers have 32"),
    "several": (lambda m, x: x.cumsum(0) * x[::2].sum(), r"cumsum.*\n\n.*a slice with step 2"),
    "autograd": (lambda m, x: Own.apply(x), "a torch.autograd.Function of its own"),
    "nothing": (lambda m, x: x.detach() * 2, "depends on no weight"),
    "nan": (lambda m, x: torch.sqrt(x - 1e9), "the loss is nan in PyTorch"),
    "bug": (lambda m, x: x.foo(), r"does not run: AttributeError.*\(test_torch_import\.py:\d+\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_known_is_named_with_its_place(name: str) -> None:
    follow, message = REFUSED[name]
    with pytest.raises(BackcalcError) as caught:
        written(Does(follow), drawn(4, 3), (), lambda p: p.sum())
    assert re.search(message, str(caught.value), re.DOTALL), str(caught.value)


def test_modules_without_a_row_are_named_by_their_path() -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ConvTranspose2d(1, 1, 2))
    with pytest.raises(BackcalcError, match=r"not known: torch\.conv_transpose2d \(1"):
        written(net, drawn(1, 2, 2), drawn(1, 3, 3), "mse")


def test_a_lazy_layer_is_refused() -> None:
    with pytest.raises(BackcalcError, match="a lazy layer has no weights yet"):
        written(nn.LazyLinear(2), drawn(2), drawn(2), "mse")


def test_what_is_too_large_is_said_at_once() -> None:
    with pytest.raises(BackcalcError, match=r"160400 numbers\nhint: .* at most 100000"):
        written(nn.Linear(400, 400), drawn(400), drawn(400), "mse")
    with pytest.raises(BackcalcError, match="yhat brings the forward pass to 200000 multiplic"):
        written(nn.Linear(100, 100), drawn(20, 100), drawn(20, 100), "mse")


NOTED: dict[str, tuple[Follow, str]] = {
    "branch": (lambda m, x: x * 2 if x.sum() > 0 else x * 3, r"\.py:\d+: a branch depends on numb"),
    "number": (lambda m, x: x * x.sum().item(), r"\.py:\d+: a fixed number depends on numbers"),
    "twice": (lambda m, x: x.softmax(1), "there is a softmax twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTED)
def test_what_a_person_has_to_know_stands_in_the_file(name: str) -> None:
    follow, note = NOTED[name]
    target: Any = [0, 1, 2, 1] if name == "twice" else drawn(4, 3)
    text = written(Does(follow), drawn(4, 3), target, "cross_entropy" if name == "twice" else "mse")
    assert re.search(note, text.replace("\n#  ", ""))


def test_names_that_clash_or_are_none() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add_module("a\n# evil: [", nn.Linear(2, 2))
            for name in ("L", "exp", "x", "lr", "weight_1", "y", "if", "yhat", "q1q"):
                setattr(self, name, nn.Parameter(torch.randn(2)))
            self.held = nn.Parameter(torch.ones(2), requires_grad=False)
            self.unused = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            first = next(iter(self._modules.values()))
            assert first is not None
            found = torch.tanh(first(x)) * self.L + self.exp * self.x - self.lr * self.weight_1
            return (
                found + self.y + getattr(self, "if") * self.yhat + self.held * self.q1q
            )  # fmt: skip

    text = written(Odd(), drawn(2), drawn(2), "mse")
    assert "\nfrozen: [held]\n" in text
    assert "the loss does not depend on it: unused.weight, unused.bias" in text.replace("\n#  ", "")
    assert "\n# evil" not in text


def test_weights_that_are_used_twice_stand_there_once() -> None:
    first = nn.Linear(2, 2, bias=False)
    second = nn.Linear(2, 2, bias=False)
    second.weight = first.weight
    text = written(nn.Sequential(first, nn.Tanh(), second), drawn(2), drawn(2), "mse")
    assert equations(text) == ["z: W @ x", "h: tanh(z)", "yhat: W @ h"]


def test_single_precision_is_written_in_few_digits() -> None:
    net = nn.Linear(2, 1)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[0.1, -0.3]]))
        net.bias.zero_()
    text = written(net, [1, 2], [0], "mse")
    assert "W: [[0.1, -0.3]]" in text
    assert "the fewest digits that name it" in text.replace("\n#  ", "")
    text = written(net.double(), [1, 2], [0], "mse")
    assert "W: [[0.10000000149011612, -0.30000001192092896]]" in text


def test_rounding_is_done_in_pytorch_too() -> None:
    torch.manual_seed(1)
    net = nn.Linear(2, 1)
    text = written(net, [1, 2], [0], "mse", digits=2)
    assert "W: [[0.36, -0.31]]" in text
    assert len(str(net.weight[0, 0].item())) > 6  # the module itself is left alone
    assert torch.get_default_dtype() == torch.float32


OPTIONS = [nn.Tanh, nn.ReLU, nn.Sigmoid, nn.SiLU, nn.GELU, nn.Softplus]


@pytest.mark.parametrize("seed", range(12))
def test_random_nets(seed: int) -> None:
    torch.manual_seed(seed)
    draw = random.Random(seed)

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(width, width), nn.Linear(width, width)
            self.act, self.norm = draw.choice(OPTIONS)(), draw.choice([True, False])
            self.ln = nn.LayerNorm(width)

        def forward(self, x: Tensor) -> Tensor:
            found = x + self.b(self.act(self.a(x)))
            return self.ln(found) if self.norm else found

    width, after = draw.randint(2, 3), draw.randint(2, 3)
    parts = [nn.Linear(2, width), draw.choice(OPTIONS)(), Block(width), nn.Linear(width, after)]
    x = drawn(draw.randint(1, 3), 2) if draw.random() < 0.7 else drawn(2)
    loss = draw.choice(["mse", "cross_entropy", "huber", "half_l2"])
    classes = x.shape[:-1]
    y = torch.randint(after, classes) if loss == "cross_entropy" else drawn(*classes, after)
    written(nn.Sequential(*parts), x, y, loss)


# Python and the command line.


def test_from_torch_gives_a_network(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    file = tmp_path / "net.yaml"
    network = backcalc.from_torch(net, torch.tensor([1.0, 2.0]), [0.5], "half_l2", save=file)
    with pytest.raises(BackcalcError, match="exists already"):
        backcalc.from_torch(net, [1, 2], [0.5], "half_l2", save=file)
    assert network.weights == backcalc.load(file).weights
    assert network.title == "Sequential"
    with pytest.raises(BackcalcError, match=r"torch\.nn\.Module is needed and not int"):
        backcalc.from_torch(3, [1, 2], [0.5], "half_l2")
    with pytest.raises(BackcalcError, match="no such loss: mze\nhint: did you mean 'mse'"):
        backcalc.from_torch(net, [1, 2], [0.5], "mze")
    with pytest.raises(BackcalcError, match="'1; evil: 2' is not a number"):
        backcalc.from_torch(net, [1, 2], [0.5], "mse", lr="1; evil: 2")
    with pytest.raises(BackcalcError, match="reduction='none'"):
        backcalc.from_torch(net, [1, 2], [0.5], "mse", reduction="none")  # type: ignore[arg-type]
    with pytest.raises(BackcalcError, match="mse takes one target, and 2 are given"):
        backcalc.from_torch(net, [1, 2], ([0.5], [1]), "mse")
    with pytest.raises(BackcalcError, match="the output is 1, but the target 2"):
        backcalc.from_torch(net, [1, 2], [0.5, 1], "mse")


PAGE = (ROOT / "backcalc" / "manual" / "importing.md").read_text("utf-8")


def test_the_page_of_the_manual_is_true(run_process: Any, tmp_path: Path) -> None:
    blocks = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    model, command, file, talk = blocks[:4]
    (tmp_path / "model.py").write_text(model, "utf-8")
    done = run_process(*command.split()[2:], cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert done.stderr == talk
    assert (tmp_path / "net.yaml").read_text("utf-8") == file


WRONG = {
    "import os; os._exit(7)\n": "m.py ended its process (exit status 7)",
    "import sys; sys.exit('bye')\n": "m.py does not run: SystemExit: bye (m.py:1)",
    "net = 3\n": "net is no torch.nn.Module but int",
}


@pytest.mark.parametrize("code", WRONG)
def test_code_that_fails_is_told_in_a_line(code: str, run_process: Any, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(code, "utf-8")
    done = run_process("import", "m.py:net", "--input", "1", cwd=tmp_path)
    first, second, *_ = done.stderr.splitlines()
    assert first == "running the code of m.py, in a process of its own, to get its network"
    assert (second, done.exit_code, done.stdout) == (WRONG[code], 2, "")


def test_what_the_code_prints_is_talk(run_process: Any, tmp_path: Path) -> None:
    code = "print('hello')\nfrom torch import nn\ndef net(): return nn.Linear(2, 1)\n"
    (tmp_path / "m.py").write_text(code, "utf-8")
    words = ("import", "m.py:net", "--input", "1,2; 3,4", "--target", "0; 1", "--loss", "mse")
    done = run_process(*words, cwd=tmp_path)
    assert "\nhello\n" in done.stderr
    assert "hello" not in done.stdout
    assert done.stdout.startswith("# From m.py:net.\n")
