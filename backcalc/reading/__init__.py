"""Sheets as they are handed in, to assertions: what is said of which quantity, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.equations.network import Network
from backcalc.formulas.expression import Expression
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import DERIVATIVE, QUANTITY, called, parsed
from backcalc.reading.agreement import (
    agreement,
    counts_layers,
    formulas_off,
    outputs_by_targets,
    own_losses,
    signs_of,
    sums_by_a,
    sums_by_outputs,
)
from backcalc.reading.answers import answers_alone
from backcalc.reading.collecting import Collector
from backcalc.reading.defining import with_layers_from_sums, without_time
from backcalc.reading.documents import Document, document
from backcalc.reading.figures import ChainPart, SheetValues
from backcalc.reading.names import ERRORS, NameReader
from backcalc.reading.pieces import Unread
from backcalc.reading.settling import Assertion, Settler
from backcalc.reading.silent import figures_lost
from backcalc.reading.units import in_units
from backcalc.reading.vocabulary import Quantities, vocabulary

LONGEST_SHOWN = 200  # characters of a statement in a list
PLAIN_KINDS = ("text", "answers")
PARTED = re.compile(r"\w\s+\w|[\n;,&$]|\|[^|\n]*\w[^|\n]*\|")
"""What stands between two stretches of a line that are two statements."""
FROM_NOUGHT = re.compile(r"(?<![^\W\d_]\w{9})[^\W\d_]\d?(?:_new|')?\[0(?:, ?\d)?\]")
"""A first element as arrays of code count: a1[0], W1_new[0,1]."""
QUANTITIES = re.compile(rf"{DERIVATIVE}|{QUANTITY}")
QUOTED = "this quotes another person; write it without the > if it is yours"
SPOKEN = "another person of this chat says it"
LAYERS_OR_SAMPLES = "the numbers above its names may count layers or samples"
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
    marked = (sheet.text[start:end].lstrip().startswith(">") for start, end in sheet.quoted)
    quoted = [
        Unread(*place, QUOTED if mark else SPOKEN)
        for place, mark in zip(sheet.quoted, marked, strict=True)
    ]
    quoted += [Unread(*each) for each in sheet.disowned]
    if alone:
        answers, blanks = alone
        return Reading(sheet, answers, tuple(quoted), {}, blanks, sheet.kind not in PLAIN_KINDS)

    if not (network.samples[1:] or vocabulary(network).repeated):
        sheet.work = without_time(sheet.work, vocabulary(network).tiers[0])
        layers = vocabulary(network).layers
        sheet.work = with_layers_from_sums(sheet.work, layers)
    single = not (network.samples[1:] or vocabulary(network).repeated or network.matrices)
    from_nought = single and bool(FROM_NOUGHT.search(sheet.work))
    layered: bool | None = None
    raising = True
    own: Mapping[str, bool] = {}

    def collected(moved: Mapping[str, Quantities]) -> Collector:
        """What is said, with some names taken in another sense than usual."""
        aliases: dict[str, Quantities] = {}
        settled: set[str] = set()
        left, shown, slopes = set[str](), set[str](), set[str]()
        formulas: dict[str, Expression] = {}
        stepped = counting = False
        signs = {"delta": 1, "d": 1}
        for _ in range(MOST_TURNS):
            names = NameReader(
                network, dict(aliases), moved, signs=dict(signs), settled=set(settled), left=left,
                shown=shown, stepped=stepped, counting=counting, layered=layered, own_losses=own,
                slopes=slopes, raising=raising, formulas=formulas, from_nought=from_nought,
            )  # fmt: skip
            collector = Collector(sheet, names, SheetValues(names, rate))
            collector.read()
            found = {**signs, **signs_of(collector.claims, names, collector.figures)}
            turned = any(found.get(each, -1) != signs.get(each, -1) for each in ERRORS)
            if not (names.late or turned or names.stepped != stepped):
                names.signs = found
                break
            stepped, counting = names.stepped, names.counting
            aliases, settled, signs = dict(names.aliases), set(names.settled), found
        return collector

    collector = collected({})
    if collector.names.alone and (found := agreement(collector)).fits < found.fails:
        raising = False  # the numbers above its names are powers
        collector = collected({})
    turned: dict[str, Quantities] = {**outputs_by_targets(collector)}
    others = {name for name in network.targets if not name.startswith("y")}
    if not collector.names.asked.isdisjoint(others) and any(
        {*network.outputs} & {*each.meant} and {*network.targets} & {*each.meant}
        for each in collector.unread
    ):  # fmt: skip
        turned |= collector.names.put_out(network.outputs)  # y is what comes out, beside t
    if turned:
        collector = collected(turned)
    beside = sums_by_a(collector) or sums_by_outputs(collector)
    if beside:
        other, usual = collected({**turned, **beside}), agreement(collector)
        found = agreement(other)
        more = found.fits - usual.fits
        if more >= 0 and more >= found.fails - usual.fails:
            collector, turned = other, {**turned, **beside}
    unsure = False
    if collector.names.layered is None and any(claim.twofold for claim in collector.claims):
        layered = True
        other = collected(turned)
        layered = counts_layers(collector, other)
        unsure = layered is None
        collector = other if layered else collector
    own, doubtful = own_losses(collector)
    collector = collected(turned) if own != collector.names.own_losses else collector
    names = collector.names
    usual = agreement(collector)
    nought = names.layers_from_nought(sheet.work)
    counted = not nought and names.counts_from_one(collector.heads)
    units = names.from_one() if counted else {}
    sums = names.exchanged() if usual.exchanged["a"] > 1 and not beside else {}
    capital = names.capital() if usual.exchanged["H"] > 1 else {}
    other_sums = any(re.fullmatch(r"[us]_?\d+", n) for n in (*collector.heads, *names.taken))
    outputs = names.outputs_by_z() if usual.exchanged["z"] and other_sums else {}
    for moved, reason in (
        (nought, "the layers may be counted from 0 or from 1" if nought else ""),
        (units, "the units may be counted from 0 or from 1"),
        (
            {**outputs, **names.put_out(network.outputs)} if outputs else {},
            "z may be the weighted sum of a unit or its output",
        ),
        (
            {**sums, **names.put_out(network.outputs)},
            "a may be the weighted sum of a unit or its output" if sums else "",
        ),
        (capital, "H may be the weighted sum of a unit or its output"),
    ):
        if not moved:
            continue
        other = collected({**turned, **moved})
        found = agreement(other)
        enough = max(3, usual.fits + 2, 3 * found.fails) if reason else usual.fits + 1
        formulas = formulas_off(other) + 1 < formulas_off(collector) and usual.fits <= found.fits
        enough = found.fits if formulas else enough
        if found.fits >= enough and found.fails <= max(usual.fails, found.fits // 3):
            aims = {} if reason else names.put_out(network.targets)  # by y beside yhat
            aimed = collected({**turned, **aims}) if aims and formulas_off(other) else other
            collector = min(other, aimed, key=formulas_off)
        elif reason and (units or found.fits > usual.fits):
            collector.forget_units(reason)
        break
    if unsure:
        collector.forget(lambda claim: bool(claim.twofold), LAYERS_OR_SAMPLES)
    names = collector.names
    names.own_unsure = doubtful
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
