"""Sheets as they are handed in, to assertions: what is said of which quantity, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backcalc.equations.network import Network
from backcalc.reading.documents import Document, document
from backcalc.reading.figures import Figures
from backcalc.reading.names import Names, Quantities
from backcalc.reading.settling import Assertion, Settler, signs_of
from backcalc.reading.statements import Collector, Unread

MOST_TURNS = 3  # readings of a sheet, each with what the one before told of its names


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read of a sheet."""

    document: Document
    """The sheet."""
    assertions: tuple[Assertion, ...]
    """What it says, in its own order."""
    unread: tuple[Unread, ...]
    """What was not taken for a statement though it looks like one, and why."""
    taken: Mapping[str, str]
    """How names were taken that are not the network's own: a1 as h1."""


def read(
    text: str, file: str, network: Network, kind: str = "", own: Mapping[str, str] | None = None
) -> Reading:
    """Read a sheet of a network; `own` are further names of its quantities.

    Raises BackcalcError for a document that is none of its kind.
    """
    sheet = document(text, file, kind)
    aliases: dict[str, Quantities] = {}
    settled: set[str] = set()
    signs = {"delta": 1}
    for _ in range(MOST_TURNS):
        names = Names(network, own or {}, dict(aliases), signs=dict(signs), settled=set(settled))
        sheet.macros.left = sheet.macros.most
        collector = Collector(sheet, names, Figures(names))
        collector.read()
        found = {**signs, **signs_of(collector.claims, names, collector.figures)}
        if names.aliases.keys() == aliases.keys() and found == signs:
            break
        aliases, settled, signs = dict(names.aliases), set(names.settled), found
    settler = Settler(names, collector.claims, Figures(names), collector.unread)
    settler.settle()
    unread = sorted(settler.unread, key=lambda each: each.start)
    return Reading(sheet, tuple(settler.found), tuple(unread), names.taken)


__all__ = ["Assertion", "Document", "Reading", "Unread", "read"]
