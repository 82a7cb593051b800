"""The bundled networks: by topic, by words, and by how much their structure is alike."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import Expression, names_in, renamed
from backcalc.formulas.notation import formula_text
from backcalc.loading.document import bundled, read_text
from backcalc.loading.loader import load

NamedNetworks: TypeAlias = list[tuple[str, Network]]  # networks with their names

MOST_ALIKE = 8
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PRODUCT = re.compile(r"\b([a-z])\*([a-z])\b")
LIKE_TERMS = re.compile(r"([a-z]\*[a-z])(?: \+ \1)+")


def library(search: str = "", topic: str = "", like: Network | None = None) -> NamedNetworks:
    """Return the bundled networks with their names: all, or those that fit what is asked.

    Raises BackcalcError where none does.
    """
    found = [*_loaded(tuple(bundled()))]
    if topic:
        found = of_topic(found, topic)
    if search:
        found = with_words(found, search)
    if like is not None:
        found = alike(found, like)
    if not found:
        raise BackcalcError("no bundled network fits", hint="`backcalc networks` lists them all")
    return found


@cache
def _loaded(paths: tuple[Path, ...]) -> tuple[tuple[str, Network], ...]:
    """Read the files, once for all that a process asks of them."""
    return tuple((path.stem, load(str(path))) for path in paths)


def by_topic(found: NamedNetworks) -> list[tuple[str, NamedNetworks]]:
    """Return networks topic by topic, the largest topic first."""
    topics: dict[str, NamedNetworks] = {}
    for name, network in found:
        topics.setdefault(network.topic, []).append((name, network))
    return sorted(topics.items(), key=lambda entry: (-len(entry[1]), entry[0]))


def of_topic(found: NamedNetworks, topic: str) -> NamedNetworks:
    """Return the networks of a topic, or raise BackcalcError with the likely one."""
    known = sorted({network.topic for _, network in found})
    if topic not in known:
        hint = did_you_mean(topic, known) or f"there are {listed(known, 20)}"
        raise BackcalcError(f"no such topic: {topic[:60]}", hint=hint)
    return [(name, network) for name, network in found if network.topic == topic]


def with_words(found: NamedNetworks, words: str) -> NamedNetworks:
    """Return the networks whose files hold all these words or beginnings of words."""
    texts = {path.stem: path.stem + " " + read_text(str(path)) for path in bundled()}
    wanted = [
        rf"\b{re.escape(word)}" for word in re.findall(r"\w+", words.lower().replace("_", " "))
    ]

    def holds(name: str) -> bool:
        text = texts[name].lower().replace("_", " ")
        return bool(wanted) and all(re.search(word, text) for word in wanted)

    return [(name, network) for name, network in found if holds(name)]


def alike(found: NamedNetworks, network: Network) -> NamedNetworks:
    """Return the networks whose structure is most like this one's, the nearest first.

    Numbers and names do not count, nor do sizes much: a kind of line counts by its square root.
    """
    own = structure(network)

    def share(other: Network) -> float:
        theirs = structure(other)
        kinds = {*own, *theirs}
        common = sum(math.sqrt(min(own[k], theirs[k])) for k in kinds)
        return common / sum(math.sqrt(max(own[k], theirs[k])) for k in kinds)

    ranked = sorted(((-share(other), name, other) for name, other in found), key=lambda e: e[:2])
    same = network.file
    return [(name, other) for rank, name, other in ranked if rank and name != same][:MOST_ALIKE]


def structure(network: Network) -> Counter[str]:
    """Count the kinds of lines of a network: its formulas without names and numbers.

    Each line counts twice, alone and with the kinds of the lines that it reads.
    """
    roles: dict[str, str] = {
        **dict.fromkeys(network.weights, "w"),
        **dict.fromkeys(network.constants, "c"),
    }
    roles |= dict.fromkeys((*network.inputs, *network.targets), "x")
    kinds: Counter[str] = Counter({f"optimizer {network.descent.optimizer.name}": 1})
    kinds[f"samples {len(network.samples) > 1}"] = 1
    shapes: dict[str, str] = {}
    for equation in lower(network):
        kind = _kind(equation.expression, roles)
        reads = sorted({shapes[name] for name in names_in(equation.expression) if name in shapes})
        kinds[kind] += 1
        kinds[f"{kind} of {reads}"] += 1
        shapes[equation.name] = kind
    return kinds


def _kind(expression: Expression, roles: Mapping[str, str]) -> str:
    """A formula with a role for each name, a sum of any number of like terms written as of two."""
    text = formula_text(renamed(expression, lambda name: roles.get(name, "v")))
    text = PRODUCT.sub(lambda found: "*".join(sorted(found.groups())), text)
    return LIKE_TERMS.sub(r"\1 + \1", NUMBER.sub("n", text))
