"""One derivative as the sum over its paths, as a sheet and as data."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from backcalc.explaining.explanation import Explanation
from backcalc.explaining.paths import MOST_PATHS, Path
from backcalc.formulas.expression import Name, Number
from backcalc.formulas.notation import PLAIN, Phrase, Result, Substituted, formula_text, sentence
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, Sheet, Table
from backcalc.sheets.data import Data, network_data, number, rows
from backcalc.sheets.worked import Wishes, backward_blocks


def explain_sheet(explanation: Explanation, wishes: Wishes) -> Sheet:
    """Every path, the accumulated form, and that both agree."""
    network = explanation.calculation.network
    blocks = [*_paths(explanation), *_accumulated(explanation, wishes)]
    if explanation.without:
        blocks += _comparison(explanation)
    return Sheet(network.title or network.file, tuple(blocks))


def _paths(explanation: Explanation) -> Iterator[Block]:
    """The sum over all paths, a block for each."""
    paths = explanation.paths
    yield Heading((Name(explanation.name), " as the sum over all paths"))
    if paths.count == 0:
        yield Sentences(
            ((Name(paths.of), " does not depend on ", Name(paths.by), ": no path, so 0."),)
        )
        return
    if not explanation.paths.complete:
        many = f"there are {count_text(paths.count)} paths, more than {MOST_PATHS}; "
        yield Sentences(((f"{many}these are the {len(paths.paths)} largest.",),))
    if any(len(path.links) > 1 for path in paths.paths):
        yield Sentences(
            (("each factor is a local derivative: all else that the line uses is held.",),)
        )
    for place, path in enumerate(paths.paths, 1):
        yield _path(explanation, place, path)
    if paths.complete:
        yield Sentences((_total(explanation),))


def count_text(count: int) -> str:
    """How many paths, rounded to a power of ten where nobody would read the digits."""
    return str(count) if count < 10**12 else f"about 10^{int(log10(count))}"


def _path(explanation: Explanation, place: int, path: Path) -> Derivation:
    """One path: where it runs, its factors in symbols and numbers, its product."""
    values = explanation.calculation.values
    if not path.links:
        return Derivation((f"path {place}",), (("subtotal", (Result(path.value),)),))
    stops = [Name(link.name.of) for link in path.links] + [Name(explanation.paths.by)]
    route: Phrase = tuple(
        part for rank, stop in enumerate(stops) for part in ((" <- ", stop) if rank else (stop,))
    )
    return Derivation(
        (f"path {place}: ", *route),
        (
            ("factors", (path.chain,)),
            ("worked out", (path.formula,)),
            ("numbers", (Substituted(path.formula, values),)),
            ("subtotal", (Result(path.value),)),
        ),
    )


def _total(explanation: Explanation) -> Phrase:
    """The subtotals added."""
    paths = explanation.paths
    one = len(paths.paths) == 1
    start = "one path: " if one else f"the {len(paths.paths)} paths added: "
    return (start, Name(explanation.name), " ", Result(paths.total))


def _accumulated(explanation: Explanation, wishes: Wishes) -> Iterator[Block]:
    """What backpropagation computes on the way, and whether it is the same."""
    calculation = explanation.calculation
    if not calculation.backward:
        return
    yield Heading(("The same, accumulated by backpropagation",))
    compact = Wishes(compact=True, digits=wishes.digits)
    yield from backward_blocks(calculation, calculation.backward, None, compact)
    if explanation.paths.complete:
        verdict = (
            "both agree: " if explanation.agrees else "the two do NOT agree: please report this: "
        )
        yield Sentences(
            ((verdict, Name(explanation.name), " ", Result(explanation.value)),), marked=True
        )
    else:
        parts = Number(explanation.paths.total), Name(explanation.name), Result(explanation.value)
        words = f"the {len(explanation.paths.paths)} listed paths add up to {{}}; all, {{}} {{}}"
        yield Sentences((sentence(words, *parts),), marked=True)


def _comparison(explanation: Explanation) -> Iterator[Block]:
    """The derivative with and without a weight's edges, side by side."""
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
    rows.append((("paths",), *((count_text(side.paths.count),) for side in sides)))
    rows.append(((Name(explanation.name),), *((Result(side.value),) for side in sides)))
    yield Table(("quantity", f"with {weight}", f"without {weight}"), tuple(rows))


def explain_data(explanation: Explanation) -> Data:
    """`backcalc/explain/1`: a derivative's paths and its value."""
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
        for path in explanation.paths.paths
    ]
    data = {
        "schema": "backcalc/explain/1",
        "network": network_data(explanation.calculation.network),
        "name": explanation.name,
        **number(explanation.value),
        "count": explanation.paths.count,
        "complete": explanation.paths.complete,
        "paths": paths,
        "backward": rows(explanation.calculation.backward, values),
    }
    if explanation.without:
        weight, other = explanation.without
        data["without"] = {"weight": weight, **explain_data(other)}
    return data
