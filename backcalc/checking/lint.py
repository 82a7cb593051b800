"""Printed answers, tested like anybody's sheet: of a network file, and of a course's document."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter

from backcalc.checking.checked import in_words
from backcalc.checking.heads import without_printed
from backcalc.checking.key import Key, find, steps_named
from backcalc.checking.marking import figure_of, mark
from backcalc.checking.report import (
    Marking,
    NotRead,
    Report,
    all_answers,
    gathered_report,
    marked_report,
    sheet_of,
    steps_read,
)
from backcalc.checking.slips import SLIPS
from backcalc.checking.undecided import undecided_after
from backcalc.checking.verdict import CORRECT, FOLLOWS, KNOWN, ROUNDED, WRONG, Answer, Marked
from backcalc.equations.network import Erratum, Network
from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.formulas.expression import Name, renamed
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import Part, Phrase, sentence
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import called, typed
from backcalc.formulas.quantity import parsed as name_of
from backcalc.loading.document import bundled
from backcalc.loading.loader import load, loads
from backcalc.loading.sections import SLIP
from backcalc.reading import read_document
from backcalc.reading.courses import Directive, directives, reach
from backcalc.reading.documents import Document, document

WORDS = {
    "You have misread this: the sheet gives": "The network gives",
    "Your own figures give": "The file's figures give",
    "your own figures give": "the file's figures give",
    "your own": "the file's",
    "your figure": "this figure",
    "which you made": "which was made",
}
"""What is said to a student, and what to the author of a file."""

NO_NETWORK = "none"
"""Word for the end of what a network holds for."""
NAME_ONE = "write <!-- backcalc: network.yaml -->, or % backcalc: network.yaml in LaTeX"
KEYED = re.compile(r"(?:net|network|file)[ \t]*:[ \t]*(\S+)")
"""A name of a network in a block, with a word before it that is no key."""
OUTSIDE = re.compile(r"[A-Za-z][\w+.-]*:|[/\\]|.*\0", re.S)
"""How a path begins that is none below a folder: https:, C:, //host."""


def lint(network: Network, file: str) -> Report:
    """The file's own `expect:` and `errata:`, marked; what is wrong must be wrong as they say.

    Raises BackcalcError where a figure's quantity or mistake is unknown.
    """
    marking = Marking(replace(network, points={}, ask=()))
    texts = [(each.name, each.written) for each in network.expect]
    texts += [(each.quantity, each.printed) for each in network.errata]
    names = [typed(text) for pair in texts for text in pair]
    key = marking.key(steps_named(names, network))
    for expected in network.expect:
        if expected.wrong:
            _check_slip(expected.wrong, expected.where)
    answers = [_answer(key, each.name, each.written, each.where) for each in network.expect]
    judged = zip(mark(key, answers, digits=1, printed=True), network.expect, strict=True)
    held = _followed([_held(marked, expected.wrong) for marked, expected in judged])
    held = [*_errata(network, key, answers), *held]
    found = marked_report(marking, key, held, file, {})
    return replace(found, strict=True, names=network.names)


def _errata(network: Network, key: Key, before: Sequence[Answer]) -> Iterator[Marked]:
    """Yield each erratum, held to be wrong as printed, and those whose right figure is off."""
    printed, right = (
        [_answer(key, each.quantity, text(each), each.where) for each in network.errata]
        for text in (attrgetter("printed"), attrgetter("right"))
    )
    for place, marked in enumerate(mark(key, printed, digits=1, printed=True)):
        held = _held_wrong(marked, network.errata[place])
        if held.verdict != KNOWN:  # the right lines before it may tell the mistake
            marked = mark(key, [*before, printed[place]], digits=1, printed=True)[-1]
            held = _held_wrong(marked, network.errata[place])
        yield held
    for each in right:
        (marked,) = mark(key, [each], digits=1, printed=True)
        if not marked.right:
            comment = (f"given as right under errata:, but it is {marked.verdict}",)
            yield replace(marked, verdict=WRONG, comment=comment)


def _held_wrong(marked: Marked, erratum: Erratum) -> Marked:
    """An erratum, held to be wrong in the way that it says."""
    if SLIP.fullmatch(erratum.mistake):
        _check_slip(erratum.mistake, erratum.where)
        return _held(marked, erratum.mistake)
    if marked.verdict in (CORRECT, ROUNDED):
        comment: Phrase = (f"given as wrong under errata:, but it is {marked.verdict}",)
        return replace(marked, verdict=WRONG, comment=comment)
    comment = ("known to be wrong: ", erratum.mistake)
    return replace(marked, verdict=KNOWN, comment=comment, finding=None)


def _answer(key: Key, quantity: str, text: str, where: Place | None) -> Answer:
    """A printed figure or formula as an answer."""
    formula = parse(text, FUNCTIONS, derivatives=True)
    formula = renamed(formula, lambda name: find(key, name, where))
    return Answer(find(key, quantity, where), text, formula, where)


def _check_slip(name: str, place: Place | None) -> None:
    if name not in SLIPS:
        hint = did_you_mean(name, SLIPS) or f"known mistakes: {listed(SLIPS, 40)}"
        raise BackcalcError(f"unknown mistake {name!r}", place, hint)


def _of_the_file(part: Part) -> Part:
    """Part of a comment for the author of a file, who has no figures of their own."""
    if not isinstance(part, str):
        return part
    for said, meant in WORDS.items():
        part = part.replace(said, meant)
    return part


def _held(marked: Marked, known: str | None) -> Marked:
    """A figure that is known to be wrong, by its mistake or as it stands, held to that."""
    if known is None:
        told = marked.finding.comment if marked.finding else ()
        own = marked.comment
        if marked.finding and told and own[: len(told)] == told:
            own = ("This looks like: ", *marked.finding.title, ".", *own[len(told) :])
        return replace(marked, comment=tuple(map(_of_the_file, own)))
    finding = marked.finding
    title: Phrase = finding.title if finding and known in finding.names else (known,)
    if known in SLIPS:
        holds = bool(finding and known in finding.names)
        other = f"wrong, but not by the mistake that is named ({known})"
    else:
        holds = _says(marked.answer, known)
        other = f"{known} is known to be wrong here, but this says {marked.answer.text}"
    if holds and not marked.right and (known not in SLIPS or marked.verdict == WRONG):
        return replace(marked, verdict=KNOWN, comment=("known to be wrong: ", *title))
    comment = (f"marked as wrong ({known}), but it is {marked.verdict}",)
    if marked.verdict == WRONG or (known not in SLIPS and not holds):
        comment = (other,)
    return replace(marked, verdict=WRONG, comment=comment, finding=None)


def _says(answer: Answer, figure: str) -> bool:
    """True if an answer is this figure."""
    said = answer.formula is not None and not answer.symbolic
    return said and figure_of(answer).value == _number(figure)


def _followed(answers: list[Marked]) -> list[Marked]:
    """The figures, those known too that only go on from ones known to be wrong."""
    known = {each.name for each in answers if each.verdict == KNOWN}
    for place, each in enumerate(answers):
        if each.verdict == FOLLOWS and each.sources and known.issuperset(each.sources):
            comment = sentence("follows from {}, which is known to be wrong", Name(each.sources[0]))
            answers[place] = replace(each, verdict=KNOWN, comment=comment)
            known.add(each.name)
    return answers


# Documents of a course.


def networks_named(text: str, file: str) -> bool:
    """Return true if a document names a network."""
    return any(e.known is None for e in directives(document(text, file, answering=False)))


def lint_document(text: str, file: str) -> Report:
    """The figures of a course's document, each marked against the network named last before it.

    Raises BackcalcError, at its place in the document, where a network cannot be read, or where
    something is known of no figure.
    """
    text = without_printed(text)
    sheet = document(text, file, answering=False)
    said = directives(sheet)
    named = [each for each in said if each.known is None]
    if not named:
        raise BackcalcError("the document names no network", Place(file), NAME_ONE)
    if said[0].known is not None:
        place = sheet.place(said[0].start, said[0].end)
        raise BackcalcError("no network is named before this", place, NAME_ONE)
    ends = [*(each.start for each in named[1:]), len(sheet.text)]
    answers: list[Marked] = []
    unread: list[NotRead] = []
    taken: dict[str, str] = {}
    networks = [_network(sheet, each) for each in named]
    words = _common([each.names for each in networks if each])
    for each, end, network in zip(named, ends, networks, strict=True):
        known = [other for other in said if each.end <= other.start < end]
        if network is None:
            continue
        marking = Marking(replace(network, points={}, ask=()))
        part, whole = sheet_of(text, file, network, part=slice(each.end, end))
        reading = read_document(part.between(each.end, end), network, restated=True)
        key = marking.key(steps_read(reading, whole, network))
        found, skipped, whole, _ = all_answers(key, reading, whole)
        judged = [*undecided_after(key, mark(key, found, digits=1, printed=True), reading)]
        report = marked_report(marking, key, judged, file, {})
        report = gathered_report(report, whole, key, marking, {})
        own = {name: word for name, word in network.names.items() if name not in words}
        answers += (_in_words(one, own) for one in _all_held(sheet, report.answers, known))
        unread += skipped
        taken |= {said: called(name_of(name), own) for said, name in reading.taken.items()}
    told = Report(file, tuple(answers), unread=tuple(unread), taken=taken, names=words)
    return replace(told, strict=True, lined=True)


def _common(words: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The words that all networks of a document have for one quantity."""
    own = words[0].items() if words else ()
    return {name: word for name, word in own if all(each.get(name) == word for each in words)}


def _in_words(marked: Marked, words: Mapping[str, str]) -> Marked:
    """An answer in the words that its network has and another of its document has not."""
    word = called(name_of(marked.name), words)
    formula = marked.formula and renamed(marked.formula, lambda name: called(name_of(name), words))
    return replace(marked, word=word, comment=in_words(marked.comment, words), formula=formula)


def _all_held(
    sheet: Document, answers: Sequence[Marked], known: Sequence[Directive]
) -> list[Marked]:
    """The figures of a document, those that are known to be wrong held to that."""
    held: dict[int, str] = {}
    for each in known:
        what, place = str(each.known), sheet.place(each.start, each.end)
        if _number(what) is None:
            if not what or what == "wrong":
                hint = "write `known 0.8` with the figure, or `known factor-two` with the mistake"
                raise BackcalcError("this does not say what is known to be wrong", place, hint)
            _check_slip(what, place)
        first, last = (bisect_left(sheet.starts, end) for end in reach(sheet, each))
        lines = {sheet.place(at, at).shown for at in sheet.starts[first:last]}
        places = [each.answer.place for each in answers]
        near = [n for n, place in enumerate(places) if place and place.shown in lines]
        if not near:
            message = "there is no figure here that this could be about"
            raise BackcalcError(message, place, "put it on the figure's line, or alone above it")
        fitting = [n for n in near if _held(answers[n], what).verdict == KNOWN]
        said = [n for n in near if _number(what) is not None and _says(answers[n].answer, what)]
        for n in fitting or said or [n for n in near if not answers[n].right] or near[:1]:
            held[n] = what
    return _followed([_held(each, held.get(n)) for n, each in enumerate(answers)])


def _number(text: str) -> Fraction | None:
    with suppress(ValueError, ZeroDivisionError):
        return Fraction(text)
    return None


def _network(sheet: Document, said: Directive) -> Network | None:
    """The network that a document names, or holds in a block; None where it ends the last one.

    Raises BackcalcError, at the place in the document, where it cannot be read or leads outside.
    """
    folder, text = os.path.dirname(sheet.file), said.text.strip()
    start = said.at + len(said.text) - len(said.text.lstrip())
    if said.block and ("\n" in text or re.search(r":(?:\s|$)", text)):
        above = sheet.text.count("\n", 0, said.at)
        try:
            return loads("\n" * above + said.text, sheet.file, folder)
        except BackcalcError as error:
            if alone := KEYED.fullmatch(text):
                error.hint = f"write the name alone: {alone[1]}"
            if error.where and sheet.lines:
                number = min(error.where.line, len(sheet.lines)) - 1
                line, within = sheet.lines[number], sheet.cells[number]
                error.where = replace(error.where, line=line, within=within)
            raise
    if text == NO_NETWORK:
        return None
    place = sheet.place(start, start + len(text))
    file = _file(text, folder, place)
    try:
        return load(file)
    except BackcalcError as error:
        spot = f", line {error.where.line}" if error.where and error.where.text else ""
        message = f"the network {text[:80]}{spot}: {error.message}"
        raise BackcalcError(message, place, error.hint) from None


def _file(path: str, folder: str, place: Place) -> str:
    """The file of a network that a document names, beside it or below; nothing else is opened."""
    known = [each.stem for each in bundled()]
    if path in known:
        return path
    if OUTSIDE.match(path) or not path.endswith((".yaml", ".yml")):
        own = "give the path of a .yaml file, starting at the document's folder; "
        own += "`backcalc networks` lists others"
        hint = did_you_mean(path, known) or own
        raise BackcalcError(f"{path[:80]!r} is not the path of a network file", place, hint)
    whole = os.path.join(folder, path)
    real = os.path.realpath(whole)
    roots = [os.path.join(os.path.realpath(each or "."), "") for each in (folder, ".")]
    if not real.startswith(tuple(roots)):
        hint = "the network must lie in or below the document's folder or your working folder"
        raise BackcalcError(f"{path[:80]!r} leads out of the folder", place, hint)
    if not os.path.isfile(real):
        hint = f"it would be {whole[:200]}" if folder else ""
        raise BackcalcError(f"no such file: {path[:80]}", place, hint)
    return whole
