"""Hostile inputs: grown from a grammar, or good ones damaged; all from one random.Random.

The soak seeds it, hypothesis hands in one that it can shrink, and atheris brings its own bytes.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
READERS = ("networks", "expressions", "answers", "data")

LONGEST_SEED = 1600  # characters of a good file that is damaged
LARGEST = 60_000  # bytes of one input; larger ones are the bombs of test_hostile_files.py
DEEPEST = 9

ATTACKS = (
    "__import__('os').system('touch ran')",
    "open('ran', 'w')",
    "eval(\"open('ran', 'w')\")",
    "exec(compile(x))",
    "(lambda: 1)()",
    "x.__class__.__mro__",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "{{7*7}}",
    "${7*7}",
    "$(touch ran)",
    "`touch ran`",
    "'; touch ran; '",
    "9**9**9",
    "\\input{/etc/passwd}",
    "<script>alert(1)</script>",
    "!!python/object/apply:os.system ['touch ran']",
    "!!python/name:os.system",
    "%s%n{0.__class__}",
    "=cmd|'/C calc'!A0",
)
"""What runs somewhere."""

FILES = (
    "points.csv", "and.csv", "missing.csv", "/etc/passwd", "../secret.csv", "..", ".", "CON", "-",
    "secret", "link.csv", "folder.csv", "pipe.csv", "file:///etc/passwd", "points.csv\\0", "~",
    "C:\\\\points.csv", "http://x/y.csv", "\\\\\\\\host\\\\x.csv", "net.yaml", "points.csv ",
)  # fmt: skip
"""What `data:` may name; some of them stand in the folder, as tests/promise.py puts them there."""

NUMBERS = (
    "0", "1", "-1", "0.5", "1/2", "-3", "1e-3", "-0", "-0.0", "1/0", "0/0", "1e400", "1e-400",
    "1e308", "1e-320", "4.9e-324", "1e401", "9" * 399, "9" * 401, "1e999999999", "0." + "0" * 390 + "1",
    "010", "1_000", "1:30", "0x10", "0b1", ".inf", "-.inf", ".nan", "nan", "inf", "yes", "no", "null",
    "~", "true", "1,5", "½", "１２", "٣", "²", "−2", "+ 1", "- - 1", "1e", "1e+", ".", "1.", ".5",
    "1.2.3", "2x", "1/2/3", "1/-2", "1 2", "0j", "1j", "1e5", "1e1000", "100000", "10001", "random",
    "\u00a01", "1\u200b", "\u22121", "1\u20444", "%", "12345678901234567890123",
)  # fmt: skip

NAMES = (
    "x", "y", "w", "w0", "b", "h", "z", "z0", "h0", "yhat", "L", "J", "lr", "f", "x1", "h1", "t", "T",
    "random", "softmax", "relu", "if", "else", "E", "e", "pi", "_", "__class__", "None", "dL", "dx",
    "∂L", "ŷ", "y\u0302", "é", "e\u0301", "変", "𝐱", "ℓ", "ﬁ", "ª", "x²", "w₀", "x'", "x''", "x[1]",
    "h[t]", "h[t-1]", "h[T]", "h[0]", "h[999999999]", "h[t+1]", "h[-1]", "h[]", "a" * 101, "a b", "1x",
    "0", "1", "-", "", "\u202ex", "x\u200d", "\ufdd0", "\U000e0041", "\uf8f0", "\uf8f1", "ﷺ", "İ", "ß",
    "x\u0301\u0301\u0301", "<<", "<", "=", "*a", "&a", "!a", "'a'", '"a"', "m_w", "s1", "v1",
)  # fmt: skip

GRAMMAR: dict[str, tuple[str, ...]] = {
    "name": NAMES,
    "number": NUMBERS,
    "attack": ATTACKS,
    "file": FILES,
    # Networks.
    "network": (
        "inputs: {x: ‹number›}\nloss: ‹formula›\n",
        "‹section›\nloss: ‹loss›\n",
        "‹section›\n‹section›\nloss: ‹loss›\n",
        "‹head›‹section›\n‹section›\n‹section›\n‹section›\nloss: ‹loss›\n",
        "inputs: {x: 1}\ntargets: {y: 0.5}\n‹section›\n‹section›\nloss: ‹loss›\n",
        "inputs: {x: 1}\nweights: {w: 0.5}\nequations:\n  z: ‹formula›\n  h: ‹formula›\nloss: h\n",
        "inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: 0.5}\nnodes:\n  0: ‹unit›\n  1: ‹unit›\nloss: l2\n",
        "inputs: [x]\ntargets: [y]\ndata: ‹data›\nequations: {yhat: ‹formula›}\nloss: ‹loss›\n",
        "repeat: 3\ninputs: {x: [1, 2, 3]}\nweights: {w: 0.5}\nconstants: {h[0]: 0}\n"
        "equations:\n  h[t]: ‹formula›\n  p: ‹formula›\nloss: ‹loss›\n",
        "inputs: {x: 1, v: 2}\ntargets: {y: 1}\nlayers:\n  - ‹layer›\n  - ‹layer›\nloss: ‹loss›\n",
        "loss: ‹yaml›\n",
        "‹yaml›",
    ),
    "head": ("", "", "", "%YAML 1.1\n---\n", "---\n", "\ufeff", "# c\n", "--- !!map\n", "%TAG ! !x\n"),
    "section": (
        "inputs: ‹givens›", "targets: ‹givens›", "weights: ‹givens›", "biases: ‹givens›",
        "constants: ‹givens›", "frozen: [‹name›, ‹name›]", "nodes: {‹name›: ‹unit›, ‹name›: ‹unit›}",
        "nodes:\n  ‹name›: ‹unit›\n  ‹name›: ‹unit›", "skip:\n  - {from: ‹name›, to: ‹name›, weight: ‹name›}",
        "layers: [‹layer›]", "layers:\n  - ‹layer›\n  - ‹layer›", "equations: {‹name›: ‹formula›}",
        "equations:\n  ‹name›: ‹formula›\n  ‹name›, ‹name›: ‹formula›", "outputs: [‹name›, ‹name›]",
        "data: ‹data›", "reduction: ‹word›", "learning_rate: ‹number›", "learning_rate: ‹yaml›",
        "conventions: {relu_at_zero: ‹number›, ‹name›: ‹number›}", "expect: {‹quantity›: ‹number›}",
        "expect: {L: {value: ‹number›, wrong: ‹word›}}", "points: {‹quantity›: ‹number›}",
        "repeat: ‹number›", "optimizer: ‹word›", "optimizer: {name: ‹word›, ‹word›: ‹number›}",
        "regularisation: {‹word›: ‹number›}", "init: {distribution: ‹word›, seed: ‹number›}",
        "init: {‹word›: ‹number›}", "title: ‹yaml›", "‹word›: ‹yaml›", "‹name›: ‹yaml›",
    ),
    "givens": (
        "{x: 1}", "{‹name›: ‹number›}", "{‹name›: ‹number›, ‹name›: ‹number›}", "[‹name›, ‹name›]",
        "{‹name›: [‹number›, ‹number›, ‹number›]}", "{‹name›: random}", "‹yaml›", "",
    ),
    "unit": (
        "{from: {x: w}}", "{from: {‹name›: ‹name›}, activation: ‹word›}", "{from: {0: w}, bias: b}",
        "{from: {‹name›: ‹name›, ‹name›: ‹number›}, bias: ‹name›, activation: ‹word›(‹number›)}",
        "{from: ‹yaml›}", "‹yaml›",
    ),
    "layer": (
        "{name: h, units: 2, weights: [[1, 2], [3, 4]], activation: ‹word›}",
        "{name: ‹name›, units: ‹number›, weights: ‹matrix›, bias: ‹name›}",
        "{name: o, units: 1, weights: random, bias: random, activation: ‹word›}",
        "{name: ‹name›, units: ‹number›, weights: random, from: [‹name›, x]}", "‹yaml›",
    ),
    "matrix": ("[[1]]", "[[‹number›, ‹name›], [‹number›]]", "[random, [1, 2]]", "random", "‹yaml›"),
    "data": (
        "[{x: 1, y: 2}]", "[{x: ‹number›, y: ‹number›}, {x: 1, y: 0}]", "‹file›", "'‹file›'", '"‹file›"',
        "[]", "[{‹name›: ‹number›}]", "‹yaml›",
    ),
    "word": (
        "relu", "sigmoid", "tanh", "softmax", "identity", "leaky_relu", "gelu", "l1", "l2", "mse", "bce",
        "cross_entropy", "hinge", "huber", "sum", "mean", "adam", "momentum", "rmsprop", "mu", "beta1",
        "std", "normal", "xavier", "uniform", "random", "rellu", "‹name›", "‹attack›", "title", "about",
    ),
    "loss": ("l2", "‹formula›", "‹word›", "‹name›", "‹word›(‹number›)", "‹yaml›", "J", "L"),
    "yaml": (
        "1", "[]", "{}", "‹number›", "‹name›", "'‹attack›'", "‹attack›", "[‹yaml›, ‹yaml›]",
        "{‹name›: ‹yaml›}", "&a ‹yaml›", "*a", "{<<: *a}", "{<<: {x: 1}}", "!!int 1", "!x ‹yaml›",
        "|\n  ‹formula›\n  ‹name›", ">-\n  ‹formula›\n  ‹formula›", "'‹formula›'", '"‹formula›\\n"',
        '"\\x1b[31m\\u202e\\0\\ud800"', "? ‹yaml›\n: ‹yaml›", "- ‹yaml›\n- ‹yaml›", "\n  ‹yaml›", "@x",
        "‹yaml›\n---\n‹yaml›", "...", "`x`", "\t1", "# c", "‹yaml› # c", "{‹yaml›: ‹yaml›}", "[‹yaml›",
        "{x: 1, x: 2}", "!!binary aGk=", "2001-01-01", "0o17", "!!python/name:os.system",
    ),
    # Formulas.
    "formula": (
        "w*x", "‹atom›", "‹formula› ‹operator› ‹formula›", "‹formula› ‹operator› ‹formula›", "(‹formula›)",
        "‹word›(‹formula›)", "‹word›(‹formula›, ‹formula›)", "-‹formula›", "‹atom›**‹atom›",
        "‹formula› if ‹formula› ‹relation› ‹formula› else ‹formula›", "‹quantity›", "‹formula› ‹formula›",
        "‹long›", "‹attack›", "max(‹atom›, ‹atom›, ‹atom›)", "‹atom›*(‹formula›)",
    ),
    "atom": ("x", "w", "y", "yhat", "h[t-1]", "x[t]", "1", "‹number›", "‹name›", "w0*h", "0.5"),
    "operator": ("+", "-", "*", "/", "**", "^", "·", "×", "−", ",", "=", "%", "//", "@", "!", ":", "≥"),
    "relation": (">", "<", ">=", "<=", "==", "!=", "≥", "≤", "≠", "=", "in", "is", "<>"),
    "long": (
        "((((((((((((((((((((x))))))))))))))))))))", "2**2**2**2", "x**1001", "x**-1001", "x**(999+1)",
        "x" + "*x" * 201, "(" * 41 + "x" + ")" * 41, "-" * 300 + "x", "x" + "+x" * 500,
        "x if x > 0 else " * 45 + "x", "max(" + "x, " * 40 + "x)", "exp(" * 39 + "x" + ")" * 39,
        "x**x" + "*x**x" * 101, "2**" * 45 + "2", "x**(1/(1-1))", "x**log(0)", "x**sqrt(-1)",
        "x**exp(exp(exp(9)))", "x**(9**999)", "9**999**999", "x**exp(1000)", "x**(0**-1)",
    ),
    "quantity": (
        "z0", "dL/dw", "∂L/∂w", "grad w", "w'", "w''", "L'", "yhat[1]", "x[2]'", "dz/dh", "dL/dw'", "d/d",
        "‹name›", "d‹name›/d‹name›", "grad ‹name›", "‹name›'", "‹name›[‹number›]", "L''''''", "w" + "'" * 60,
    ),
    # Answers.
    "answers": (
        "‹answer›\n‹answer›\n‹answer›\n", "‹answer›", "‹top›\n‹answer›\n‹answer›\n‹answer›\n", "‹row›\n‹row›\n",
        "‹top›\n‹row›\n‹row›\n", "‹answer›\n‹row›\n", "---\n‹row›\n‹answer›", "‹yaml›", "{‹quantity›: ‹value›}",
    ),
    "top": (
        "name = ‹name›", "name: ‹name›", "variant = ‹number›", "variant: ‹number›", "# ‹name›, variant 7",
        "name = ‹attack›\nname = x", "variant = variant-3", "Name:", "Forward pass:", "# answers\n\n",
    ),
    "answer": (
        "‹quantity› = ‹value›", "‹quantity›=‹value›", "‹quantity› = ‹value› = ‹value› = ‹value›",
        "‹quantity› = ‹value›, ‹quantity› = ‹value›; ‹quantity› = ‹value›", "‹quantity› := ‹value›",
        "- ‹quantity› = ‹value›", "1) ‹quantity› ≈ ‹value›", "‹quantity› <- ‹value›", "‹quantity› → ‹value›",
        "‹quantity› ~ ‹value›", "‹quantity›: ‹value›", "‹quantity›", "= ‹value›", "‹quantity› =", "‹attack›",
        "• ‹quantity› ← ‹value› # c", "‹quantity› = ‹value› // c", "==", "‹quantity› == ‹value›",
    ),
    "row": ("‹quantity›: ‹value›", "‹quantity›: ‹yaml›", "'‹quantity›': ‹value›", "? ‹quantity›\n: ‹value›"),
    "value": (
        "0.5", "‹number›", "‹formula›", "?", "-", "...", "0.123...", "1.5 × 10^-3", "2·10^(400)", "½", "1½",
        "3 x 10^2", "1,5", "w0*x if z0 > 0 else 0", "‹formula›.", "‹formula› = ‹number›", "", "10^10^10", "5²",
        "x²²", "½" * 60, "1e-1000", "9" * 500, "-‹number›", "dL/dz*x", "⅐⋅∙•", "1⁄0", "2 * 10^99999",
    ),
    # Data.
    "data_file": (
        "x,a,y\n‹cells›\n‹cells›\n‹cells›\n", "x,a,y\r\n‹cells›\r\n‹cells›", "‹header›\n‹cells›\n‹cells›\n",
        "\ufeffx,a,y\n‹cells›\n", "y,x,a\n‹cells›\n\n‹cells›\n", "x,a,y\n", "x;a;y\n1;2;3\n", "sep=,\nx,a,y\n1,2,3\n",
        '"x","a","y"\n‹cells›\n', "x, a , y\n‹cells›\n", "x\ta\ty\n1\t2\t3\n",
    ),
    "header": ("‹name›,‹name›,‹name›", "x,a", "x,a,y,‹name›", "x,x,y", "x,a,y,", ",,", '"x\n",a,y', "‹cell›,a,y"),
    "cells": ("1,2,3", "‹cell›,‹cell›,‹cell›", "0.5,‹cell›,-1", "‹cell›,‹cell›", "‹cell›,1,2,‹cell›", "1/2, 3 ,-4e2"),
    "cell": (
        "1", "‹number›", "‹number›", '"‹number›"', '"1,5"', '"1\n2"', '"', '""', '"a""b"', "", " ", "=1+1", "+1",
        "-1", "@SUM(1)", "‹attack›", "‹name›", "'1", "1 000", "$1", "1%", "#N/A", "TRUE", '1"2', "\u00a01", "1\u2028",
        "x" * 300, '"1', "\u202e1",
    ),
}  # fmt: skip
"""What stands for what; ‹word› is another row, and the first of a row is the plainest."""

START = {
    "networks": "network", "expressions": "formula", "answers": "answers", "data": "data_file",
}  # fmt: skip
HOLE = re.compile("‹([a-z_]+)›")
PARTS = {rule: tuple(tuple(HOLE.split(way)) for way in ways) for rule, ways in GRAMMAR.items()}
PLAIN = {
    rule: tuple(parts for parts in ways if len(parts) == 1) or ways[:1]
    for rule, ways in PARTS.items()
}


def grown(draw: random.Random, rule: str, depth: int = 0) -> str:
    """A text that follows the grammar, which knows what is odd."""
    ways = PARTS[rule] if depth < DEEPEST else PLAIN[rule]
    parts = ways[draw.randrange(len(ways))]
    if len(parts) == 1:
        return parts[0]
    if depth > 2 * DEEPEST:
        return "x"
    return "".join(
        grown(draw, part, depth + 1) if place % 2 else part for place, part in enumerate(parts)
    )


# Good inputs, and those that once broke the promise.


@cache
def seeds(reader: str) -> tuple[str, ...]:
    """Good inputs of a reader, and its corpus."""
    kept = [
        path.read_bytes().decode("utf-8", "surrogateescape")
        for path in sorted((CORPUS / reader).glob("*"))
        if path.stat().st_size <= LONGEST_SEED
    ]
    return (*chain(GOOD[reader]()), *kept)


def _files(*patterns: str) -> Iterable[str]:
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text("utf-8")
            yield text if len(text) <= LONGEST_SEED else text[:LONGEST_SEED]


def _formulas() -> Iterable[str]:
    for text in _files("networks/*.yaml"):
        yield from re.findall(r"^  [\w, ]+: ([^{\[#\n]+)$", text, re.MULTILINE)


def _answers() -> Iterable[str]:
    yield from _files("tests/sheets/*.txt")
    for text in _files("networks/*.yaml"):
        sheet = text.partition("\nexpect:")[2].partition("\n")[2]
        rows = [line.strip() for line in sheet.splitlines() if ": " in line]
        yield "\n".join(rows)
        yield "\n".join(row.replace(": ", " = ", 1) for row in rows)


def _data() -> Iterable[str]:
    for text in _files("networks/*.csv"):
        yield "x,a,y\n" + "\n".join(text.splitlines()[1:12])
    yield "x,a,y\n1,2,3\n0.5,1/2,-1e-3\n"


GOOD: Mapping[str, Callable[[], Iterable[str]]] = {
    "networks": lambda: _files("networks/*.yaml", "backcalc/starters/*.yaml"),
    "expressions": _formulas,
    "answers": _answers,
    "data": _data,
}

WORD = re.compile(r"\s+|\w+|[^\w\s]")


@cache
def words(reader: str) -> tuple[tuple[str, ...], ...]:
    """The seeds word by word."""
    return tuple(tuple(WORD.findall(seed)) for seed in seeds(reader) if seed)


@cache
def pool(reader: str) -> tuple[str, ...]:
    """Words to put in: all of the seeds, and odd ones."""
    found = dict.fromkeys(word for each in words(reader) for word in each)
    return (*found, *NAMES, *NUMBERS, *ATTACKS, *ODD)


ODD = (
    "\t", "\r", "\r\n", "\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\u200e", "\u202e",
    "\u2066", "\ufeff", "\ufffe", "\uffff", "\U0010ffff", "\u0300" * 30, "\ud800", "\udcff", "\udc80\udc80",
    "[" * 25, "{" * 25, "- " * 25, "? " * 10, "(" * 50, "'" * 9, '"' * 9, "*" * 9, "&a ", "*a", "<<", "!!",
    "!!python/object:x ", "---\n", "...\n", "%YAML 9.9\n", "|\n", ">\n", ": ", ":", "#", "//", "'", '"',
    "‹", " " * 400, "a" * 1000, "1" * 1000, "０", "ａ", "‰", "\u3000", "𝟏", "Å", "A\u030a", "\u1100\u1161",
    "👩‍👩‍👧", "🏳\ufe0f", "ﬀ", "\u0e33", "ـ", "א", "١٢", "\uf8f0", "\uf8f10\uf8f1", "repeat: 2\n", "\x80",
)  # fmt: skip


def damaged(draw: random.Random, reader: str) -> str:
    """A good input with one to five words changed, or the halves of two put together."""
    found = words(reader)
    text = list(found[draw.randrange(len(found))])
    long = not draw.randrange(50)  # what takes the square of its length is seen in a long run
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        place = draw.randrange(len(text) + 1)
        way = draw.randrange(10)
        if way < 3:
            text[place : place + 1] = [draw.choice(pool(reader))]
        elif way == 3:
            text.insert(place, draw.choice(ODD))
        elif way == 4:
            del text[place : place + draw.randrange(8)]
        elif way == 5:
            part = text[place : place + draw.randrange(12) + 1]
            text[place:place] = part * draw.choice((1, 1, 2, 30, 3000 if long else 3))
        elif way == 6 and place + 1 < len(text):
            text[place], text[place + 1] = text[place + 1], text[place]
        elif way == 7:
            other = found[draw.randrange(len(found))]
            text[place:] = other[draw.randrange(len(other)) :]
        elif way == 8:
            text[place : place + 1] = [grown(draw, draw.choice(INSERTED[reader]), DEEPEST - 3)]
        else:
            other_place = draw.randrange(len(text) + 1)
            text[other_place:other_place] = text[place : place + 5]
    return "".join(text)


INSERTED = {
    "networks": ("section", "formula", "yaml", "number", "name", "unit", "layer", "data"),
    "expressions": ("formula", "number", "name", "quantity", "long"),
    "answers": ("answer", "row", "value", "top", "quantity"),
    "data": ("cell", "cells", "header"),
}


def recoded(draw: random.Random, text: str) -> bytes:
    """The bytes of a text, seldom as another editor would save it, or damaged."""
    way = draw.randrange(60)
    if way >= len(SAVED):
        return _utf8(text)[:LARGEST]
    data = SAVED[way](text)
    if way < 3 and data:
        place = draw.randrange(len(data))
        change = (b"", bytes([draw.randrange(256)]), b"\xff\xfe", data[place:] + data)[way]
        data = data[:place] + change + data[place + 1 :]
    return data[:LARGEST]


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


SAVED: tuple[Callable[[str], bytes], ...] = (
    _utf8,
    _utf8,
    _utf8,
    lambda text: b"\xef\xbb\xbf" + _utf8(text),
    lambda text: _utf8(text.replace("\n", "\r\n")),
    lambda text: _utf8(text.replace("\n", "\r")),
    lambda text: _utf8(text.replace("\n", "\u2028")),
    lambda text: text.encode("utf-16", "surrogatepass"),
    lambda text: text.encode("latin-1", "replace"),
    lambda text: text.encode("cp037", "replace"),
    lambda text: _utf8(unicodedata.normalize("NFD", text)),
    lambda text: _utf8(text.replace(" ", "\u00a0")),
    lambda text: _utf8(text.replace("  ", "\t")),
    lambda text: _utf8(text.translate(FULL_WIDTH)),
)
FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in "0123456789:=+-*/(),"}


def hostile(draw: random.Random, reader: str) -> bytes:
    """One hostile input."""
    text = grown(draw, START[reader]) if draw.randrange(2) else damaged(draw, reader)
    return recoded(draw, text)
