"""One derivative as the sum over its paths, as a sheet and as data."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from backcalc.explaining.explanation import MOST_PATHS, Explanation, Path
from backcalc.formulas.expression import Name, Number
from backcalc.formulas.notation import PLAIN, Phrase, Result, Substituted, formula_text, sentence
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, Sheet, Table
from backcalc.sheets.data import Data, network_data, number, rows
from backcalc.sheets.worked import Wishes, backward_blocks


def explain_sheet(explanation: Explanation, wishes: Wishes) -> Sheet:
    """Return every path, the accumulated form, and a sentence that compares them."""
    network = explanation.calculation.network
    blocks = [*_sum(explanation), *_accumulated(explanation, wishes)]
    if explanation.without:
        blocks += _comparison(explanation)
    return Sheet(network.title or network.file, tuple(blocks))


def _sum(explanation: Explanation) -> Iterator[Block]:
    """Yield the sum over all paths, a block for each."""
    name, paths, listed = explanation.name, explanation.paths, len(explanation.paths)
    yield Heading((Name(name), " as the sum over all paths"))
    if not explanation.count:
        words = sentence("{} does not depend on {}: no path, so 0.", Name(name.of), Name(name.by))
        yield Sentences((words,))
        return
    if not explanation.complete:
        many = f"there are {count_text(explanation.count)} paths, more than {MOST_PATHS}; "
        yield Sentences(((f"{many}these are the {listed} largest.",),))
    if any(len(path.links) > 1 for path in paths):
        yield Sentences(
            (("each factor is a local derivative: all else that the line uses is held.",),)
        )
    for place, path in enumerate(paths, 1):
        yield _path(explanation, place, path)
    if explanation.complete:
        start = "one path: " if listed == 1 else f"the {listed} paths added: "
        yield Sentences(((start, Name(name), " ", Result(explanation.total)),))


def count_text(count: int) -> str:
    """Return a number of paths, as a power of ten where nobody would read the digits."""
    return str(count) if count < 10**12 else f"about 10^{int(log10(count))}"


def _path(explanation: Explanation, place: int, path: Path) -> Derivation:
    """Return one path: its stops, its factors in symbols and numbers, its product."""
    product = ("subtotal", (Result(path.value),))
    if not path.links:
        return Derivation((f"path {place}",), (product,))
    stops = [link.name.of for link in path.links[1:]] + [explanation.name.by]
    route = (part for stop in stops for part in (" <- ", Name(stop)))
    return Derivation((f"path {place}: ", Name(explanation.name.of), *route), (
        ("factors", (path.chain,)),
        ("worked out", (path.formula,)),
        ("numbers", (Substituted(path.formula, explanation.calculation.values),)),
        product,
    ))  # fmt: skip


def _accumulated(explanation: Explanation, wishes: Wishes) -> Iterator[Block]:
    """Yield the work of backpropagation, and whether its result is the same."""
    calculation = explanation.calculation
    if not calculation.backward:
        return
    yield Heading(("The same, accumulated by backpropagation",))
    compact = Wishes(compact=True, digits=wishes.digits)
    yield from backward_blocks(calculation, calculation.backward, None, compact)
    result = Name(explanation.name), Result(explanation.value)
    if not explanation.complete:
        words = f"the {len(explanation.paths)} listed paths add up to {{}}; all, {{}} {{}}"
        verdict = sentence(words, Number(explanation.total), *result)
    elif explanation.agrees:
        verdict = sentence("both agree: {} {}", *result)
    else:
        verdict = sentence("the two do NOT agree: please report this: {} {}", *result)
    yield Sentences((verdict,), marked=True)


def _comparison(explanation: Explanation) -> Iterator[Block]:
    """Yield the derivative with and without a weight's edges, side by side."""
    assert explanation.without
    weight, other = explanation.without
    sides = (explanation, other)
    yield Heading(("What ", Name(weight), " contributes"))
    names = dict.fromkeys([*explanation.calculation.network.outputs, explanation.calculation.of])
    rows: list[tuple[Phrase, ...]] = [
        ((Name(name),), *((Result(side.calculation.values[name]),) for side in sides))
        for name in names
        if all(name in side.calculation.values for side in sides)
    ]
    rows.append((("paths",), *((count_text(side.count),) for side in sides)))
    rows.append(((Name(explanation.name),), *((Result(side.value),) for side in sides)))
    yield Table(("quantity", f"with {weight}", f"without {weight}"), tuple(rows))


def explain_data(explanation: Explanation) -> Data:
    """Return `backcalc/explain/1`: a derivative's paths and its value."""
    values = explanation.calculation.values
    paths = [
        {
            "factors": [
                {"name": link.name, "formula": formula_text(link.local), **number(link.value)}
                for link in path.links
            ],
            "formula": formula_text(path.formula),
            "substituted": formula_text(path.formula, PLAIN, values),
            **number(path.value),
        }
        for path in explanation.paths
    ]
    data = {
        "schema": "backcalc/explain/1",
        "network": network_data(explanation.calculation.network),
        "name": explanation.name,
        **number(explanation.value),
        "count": explanation.count,
        "complete": explanation.complete,
        "paths": paths,
        "backward": rows(explanation.calculation.backward, values),
    }
    if explanation.without:
        weight, other = explanation.without
        data["without"] = {"weight": weight, **explain_data(other)}
    return data
