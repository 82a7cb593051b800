"""A sheet as data: headings, sentences, tables and derivations, before any format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from backcalc.notation import Phrase


@dataclass(frozen=True, slots=True, eq=False)
class Heading:
    """The start of a part of the sheet."""

    text: Phrase
    """What the part is called."""
    level: int = 1
    """1 for a part, 2 for a part of a part."""


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """Sentences or short lines, one below the other."""

    lines: tuple[Phrase, ...]
    """The lines."""
    marked: bool = False
    """Whether they are something that the reader must notice."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows under column heads; the first column names the row."""

    columns: tuple[str, ...]
    """The heads."""
    rows: tuple[tuple[Phrase, ...], ...]
    """A cell for each column."""
    prose: bool = False
    """Whether the last column holds sentences, which go on below themselves where it is narrow."""


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """One derivative step by step, a labelled line for each stage."""

    name: Phrase
    """The derivative."""
    stages: tuple[tuple[str, Phrase], ...]
    """What the line is (chain rule, numbers, ...) and the line."""
    remarks: tuple[Phrase, ...] = ()
    """What the student must notice here."""


Block: TypeAlias = Heading | Sentences | Table | Derivation


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A whole sheet."""

    title: str
    """What it is called: text from a file, never markup."""
    blocks: tuple[Block, ...]
    """Its contents in order."""
