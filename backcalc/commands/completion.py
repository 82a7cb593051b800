"""The words that a shell completes: files, bundled networks, quantities, topics, mistakes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from glob import escape, iglob
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING

from backcalc.errors import BackcalcError
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.loading.document import bundled

if TYPE_CHECKING:
    import click

    from backcalc.equations.network import Network

MOST_FILES = 2000  # of one folder
MOST_NAMES = 3000  # of the quantities of a network


def files(incomplete: str, endings: tuple[str, ...] = ("",)) -> Iterator[str]:
    """Yield the files that a word may become, those of a folder that is the only match too.

    A shell puts a space behind a whole word, so a folder alone would end the word.
    """
    for path in _entries(incomplete):
        if os.path.isdir(path):
            inside = _entries(os.path.join(path, ""))
            yield from (p for p in inside if os.path.isdir(p) or p.endswith(endings))
        elif path.endswith(endings):
            yield path


def _entries(start: str) -> list[str]:
    """The files and folders that start so; hidden ones only where a dot asks for them."""
    return sorted(islice(iglob(f"{escape(start)}*"), MOST_FILES))


def networks(context: click.Context, incomplete: str) -> Iterable[str]:
    """Bundled networks by their names, and network files."""
    yield from (path.stem for path in bundled())
    yield from files(incomplete, (".yaml", ".yml"))


def _network(context: click.Context) -> Network | None:
    """Return the network that the line names, if it can be read."""
    from backcalc.loading.loader import load

    name = context.params.get("network")
    if name is None:  # an option that waits for its value keeps click from giving out arguments
        name = next((word for word in context.args if not word.startswith("-")), None)
    try:
        return load(name) if isinstance(name, str) and name != "-" else None
    except BackcalcError:
        return None


def quantities(context: click.Context, incomplete: str) -> Iterable[str]:
    """The quantities of the network on the line: what is given, computed, and each derivative."""
    from backcalc.equations.program import assemble

    network = _network(context)
    if network is None:
        return
    program = assemble(network)
    yield from network.weights
    yield from network.inputs
    for number, equation in enumerate((*program.forward, *program.backward)):
        if number < MOST_NAMES:
            yield equation.name


def asked(context: click.Context, incomplete: str) -> Iterable[str]:
    """What a sheet may ask: questions, groups of lines, and quantities; the last of several."""
    from backcalc.checking.kinds import QUESTIONS
    from backcalc.equations.network import GROUPS

    yield from _last((*QUESTIONS, *GROUPS, *quantities(context, incomplete)), incomplete)


def _last(names: Iterable[str], incomplete: str) -> Iterator[str]:
    """Yield the names, behind those that stand already before a comma."""
    before, comma, _ = incomplete.rpartition(",")
    yield from (f"{before}{comma}{name}" for name in names)


def derivatives(context: click.Context, incomplete: str, wanted: bool = True) -> Iterable[str]:
    """The derivatives among them, or those that are none."""
    names = quantities(context, incomplete)
    return (name for name in names if isinstance(parsed(name), Derivative) is wanted)


def weights(context: click.Context, incomplete: str) -> Iterable[str]:
    """The weights of the network on the line."""
    network = _network(context)
    return network.weights if network else ()


def network_topics(context: click.Context, incomplete: str) -> Iterable[str]:
    """The topics of the bundled networks."""
    from backcalc.loading.library import by_topic, library

    return (name for name, _ in by_topic(library()))


def settings(context: click.Context, incomplete: str) -> Iterable[str]:
    """The numbers of the network on the line, each as it is, to be changed."""
    if network := _network(context):
        numbers = {**network.weights, **network.constants}
        numbers |= network.samples[0] if len(network.samples) == 1 else {}
        yield from (f"{name}={value}" for name, value in numbers.items())


def topics(context: click.Context, incomplete: str) -> Iterable[str]:
    """The pages of the manual, and the commands."""
    from backcalc.commands.files import pages
    from backcalc.commands.group import COMMANDS

    return (*pages(), *COMMANDS)


def starters(context: click.Context, incomplete: str) -> Iterable[str]:
    """The files to start from."""
    from backcalc.commands.files import patterns

    return patterns()


def _table(module: str, name: str) -> Callable[[click.Context, str], Iterable[str]]:
    """Return what gives the names of a table's rows."""

    def rows(context: click.Context, incomplete: str) -> Iterable[str]:
        found: Iterable[str] = getattr(import_module(f"backcalc.{module}"), name)
        return found

    return rows


KINDS: Mapping[str, Callable[[click.Context, str], Iterable[str]]] = {
    **{each.__name__: each for each in (
        networks, quantities, asked, derivatives, weights, settings, topics, starters,
    )},
    "values": partial(derivatives, wanted=False),
    "optimizers": _table("equations.optimizers", "OPTIMIZERS"),
    "initialisations": _table("equations.initial", "INITIALISATIONS"),
    "slips": _table("checking.slips", "SLIPS"),
    "some weights": lambda context, incomplete: _last(weights(context, incomplete), incomplete),
    "network topics": network_topics,
    "conditions": lambda context, incomplete: _last(
        _table("worksheets.search", "CONDITIONS")(context, incomplete), incomplete
    ),
    "models": lambda context, incomplete: files(incomplete, (".py", ".onnx")),
    "shipped": lambda context, incomplete: (path.stem for path in bundled()),
    "sheets": lambda context, incomplete: files(incomplete),
}  # fmt: skip
"""The kinds of words."""

UNSAFE = set("'\"$`\\;&|<>()*?!~ \t")
"""Signs that a shell would take for its own: a word that has one is not offered."""


def completed(kind: str, context: click.Context, incomplete: str) -> list[str]:
    """Return the words of a kind that start as the incomplete one does, each once."""
    found = dict.fromkeys(KINDS[kind](context, incomplete))
    return [word for word in found if word.startswith(incomplete) and not UNSAFE & set(word)]
