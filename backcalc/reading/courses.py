"""Words to backcalc in a course's own document: which network its figures are of.

They stand in a fenced block, in a comment, or at the top of a page; and a comment names a
published figure that is known to be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backcalc.errors.patterns import regex
from backcalc.reading.documents import COMMENT, SUFFIXES, Document, front_matter
from backcalc.reading.items import FENCE

SAID = regex(r"<!--[ \t]*backcalc:\s*(.*?)\s*-->", re.S)
SAID_IN_LATEX = regex(r"(?<!\\)%[ \t%]*backcalc:[ \t]*([^\n]*)")
PARAGRAPH = regex(r"\s*(?:[^\n]*\S[^\n]*(?:\n|\Z))*")
KNOWN = regex(r"known\b[ \t]*([^\s,:;]*)")


@dataclass(frozen=True, slots=True)
class Directive:
    """What a document says to backcalc at one place."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last one."""
    text: str
    """The file of a network, or the network itself; or what is known."""
    at: int
    """Offset of this text."""
    block: bool = False
    """True if it stands in a block of its own, which may hold a network."""

    @property
    def known(self) -> str | None:
        """The mistake or the figure that is known; None where a network is named."""
        match = None if self.block else KNOWN.match(self.text)
        return match[1] if match else None


def is_course(file: str) -> bool:
    """Return true if a file is a document by its name, and no network."""
    dot = file.rfind(".")
    return SUFFIXES.get(file[dot:].lower(), "answers") != "answers" if dot >= 0 else False


def directives(document: Document) -> list[Directive]:
    """Return what a document says to backcalc, in its own order."""
    return sorted(_directives(document), key=lambda each: each.start)


def _directives(document: Document) -> Iterator[Directive]:
    text = document.text
    if document.kind == "latex":
        yield from (_of(match, 1) for match in SAID_IN_LATEX.finditer(text))
        return
    top = front_matter(text)
    if top:
        yield _of(top, 2)
    fences = [*FENCE.finditer(text)]
    yield from (_of(match, 3, block=True) for match in fences if match[2] == "backcalc")
    for comment in COMMENT.finditer(text):
        said = SAID.fullmatch(comment[0])
        if said and not any(f.start() < comment.start() < f.end() for f in fences):
            start, at = comment.start(), comment.start() + said.start(1)
            yield Directive(start, comment.end(), said[1], at)


def _of(match: re.Match[str], group: int, *, block: bool = False) -> Directive:
    return Directive(match.start(), match.end(), match[group], match.start(group), block)


def reach(document: Document, directive: Directive) -> tuple[int, int]:
    """Return the stretch that a comment speaks of: its line, or the paragraph below it."""
    text, start, end = document.text, directive.start, directive.end
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    if (text[first:start] + text[end:last]).strip(" \t>*+-|"):
        return first, last
    paragraph = PARAGRAPH.match(text, last)
    return last, paragraph.end() if paragraph else last
