"""Sheets as they are handed in, to assertions: what is said of which quantity, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.equations.network import Network
from backcalc.errors.patterns import regex
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import DERIVATIVE, QUANTITY, called, parsed
from backcalc.reading.agreement import Attempts
from backcalc.reading.answers import answers_alone
from backcalc.reading.defining import with_layers_from_sums, without_time
from backcalc.reading.documents import Document, document
from backcalc.reading.figures import ChainPart, SheetValues
from backcalc.reading.pieces import Unread
from backcalc.reading.settling import Assertion, Settler
from backcalc.reading.silent import figures_lost
from backcalc.reading.units import in_units
from backcalc.reading.vocabulary import vocabulary

LONGEST_SHOWN = 200  # characters of a statement in a list
PLAIN_KINDS = ("text", "answers")
PARTED = regex(r"\w\s+\w|[\n;,&$]|\|[^|\n]*\w[^|\n]*\|")
"""What stands between two stretches of a line that are two statements."""
FROM_NOUGHT = regex(r"(?<![^\W\d_]\w{9})[^\W\d_]\d?(?:_new|')?\[0(?:, ?\d)?\]")
"""A first element as arrays of code count: a1[0], W1_new[0,1]."""
QUANTITIES = regex(rf"{DERIVATIVE}|{QUANTITY}")
QUOTED = "this quotes another person; write it without the > if it is yours"
SPOKEN = "another person of this chat says it"


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
    blanks: tuple[str, ...] = ()
    """Quantities that are named with nothing behind."""
    lined: bool = False
    """True for a document with words or mathematics in it; False for a list of answers."""

    def line(self, offset: int) -> int:
        """The line of the file on which a character stands."""
        return self.document.line(offset)

    def text(self, stretch: Assertion | Unread) -> str:
        """What stands in a stretch, on one line and not too long."""
        text = " ".join(self.document.text[stretch.start : stretch.end].split())
        return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 4]} ..."

    def shown(self, part: ChainPart) -> str:
        """A part as it is shown: a number with its own digits, mathematics as a formula."""
        if part.plain or not self.lined:
            return part.plain or part.text.strip().replace("−", "-")
        return formula_text(part.expression)


def read(
    text: str, file: str, network: Network, kind: str = "", rate: Fraction | None = None
) -> Reading:
    """Read a sheet of a network.

    Raises BackcalcError for a document that is none of its kind.
    """
    return read_document(document(text, file, kind), network, rate)


def read_document(
    sheet: Document, network: Network, rate: Fraction | None = None, *, restated: bool = False
) -> Reading:
    """Read a document of a network; `restated`: numbers that the exercise gives count too."""
    network = in_units(network)
    alone = None if restated else answers_alone(sheet, network)
    marks = (sheet.text[start:end].lstrip()[:1] for start, end in sheet.quoted)
    reasons = (QUOTED if mark == ">" else SPOKEN for mark in marks)
    quoted = [Unread(*place, why) for place, why in zip(sheet.quoted, reasons, strict=True)]
    quoted += [Unread(*each) for each in sheet.disowned]
    if alone:
        answers, blanks = alone
        return Reading(sheet, answers, tuple(quoted), {}, blanks, sheet.kind not in PLAIN_KINDS)

    repeated = network.samples[1:] or vocabulary(network).repeated
    if not repeated:
        sheet.work = without_time(sheet.work, vocabulary(network).tiers[0])
        sheet.work = with_layers_from_sums(sheet.work, vocabulary(network).layers)
    single = not (repeated or network.matrices)
    from_nought = single and bool(FROM_NOUGHT.search(sheet.work))
    collector = Attempts(sheet, network, rate, from_nought).chosen()
    names = collector.names
    settler = Settler(names, collector.claims, SheetValues(names, rate), collector.unread)
    listed = sheet.kind in PLAIN_KINDS and not collector.prose
    settler.plain = listed or restated
    settler.settle()
    stated = [*((c.start, c.end) for c in collector.claims), *collector.named_formulas]
    settler.unread += figures_lost(
        sheet, stated, [abs(p.amount or 0) for c in collector.claims for p in c.parts if p.plain],
        settler.unread, settler.figures, collector.is_named, restated,
    )  # fmt: skip
    gone = {each.start for each in settler.unread} - {each.start for each in settler.found}
    unread = [
        _in_own_words(sheet, each, network.names)
        for each in _together(sheet, [*settler.unread, *quoted])
    ]
    return Reading(
        sheet,
        tuple(settler.found),
        tuple(unread),
        {
            f"{'-' * names.is_turned(n)}{n}": of
            for n, of in names.taken.items()
            if not {*names.places.get(n, "?")} <= gone
        },
        tuple(settler.blanks),
        not listed,
    )


def _in_own_words(sheet: Document, unread: Unread, names: Mapping[str, str]) -> Unread:
    """What was not read, and why in the file's own words, but for names that it has itself."""
    text = sheet.text[unread.start : unread.end]
    reason = QUANTITIES.sub(
        lambda m: m[0] if m[0].strip("'") in text else called(parsed(m[0]), names), unread.reason
    )
    return replace(unread, reason=reason) if names else unread


def _together(sheet: Document, unread: Sequence[Unread]) -> Iterator[Unread]:
    """What was not read, one entry for what stands side by side with a sign or a blank between."""
    last: Unread | None = None
    for each in sorted(unread, key=lambda each: (each.start, -each.end)):
        between = sheet.text[last.end : each.start] if last else ""
        if last and each.start > last.start and not PARTED.search(between):
            last = replace(last, end=max(last.end, each.end))
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


__all__ = ["Assertion", "Document", "Reading", "Unread", "read", "read_document"]
