"""A document to claims, item by item."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from backcalc.errors.patterns import regex
from backcalc.formulas import replace
from backcalc.formulas.quantity import parsed
from backcalc.reading.defining import described_step, described_unit
from backcalc.reading.figures import Claim, also_meant
from backcalc.reading.grammar import PUNCTUATION
from backcalc.reading.items import RULE, Item
from backcalc.reading.names import Unreadable
from backcalc.reading.pass_parts import counted_passes, counts_time
from backcalc.reading.pieces import Unread, parts_of
from backcalc.reading.rewriting import without_asides
from backcalc.reading.sample_parts import Section, are_all_told
from backcalc.reading.signs import HIDDEN, LAYERS, NEURONS, NOUNS, phrases, saying
from backcalc.reading.tables import TableReader
from backcalc.reading.tokens import tokens_of

DRAWING, FURTHER = "Fill in the graph", "Further quantities"
"""Headings of what is of the first pass, wherever it stands."""
DIVIDED = regex(r"[^\n]*[^\W\d_](?:-|\u00ad)[ \t]*\n[ \t>]*[^\W\d_][^\n]*")
"""A line with the one below it where a word is divided between them."""
DIVISION = regex(r"(?<=[^\W\d_])(?:-\s+|\u00ad\s*)(?=[^\W\d_])")
DRAWN = regex(
    r"[\u2500-\u257f▲▼◀▶◄►]|^[ \t]*[|vV↑↓](?:[ \t]+[|vV↑↓])*[ \t]*$|[=≈][^\n=≈]*?--+>?", re.M
)
"""Lines and arrows of a drawing: x = 2 ──w = 0.3── z = 0.6."""
NEXT_LINE = regex(r"[^\n`~]*\n[ \t>]*")
OF_FIRST_PASS = regex(f"{DRAWING}|{FURTHER}")
TITLE = regex(r"[^\W_]+")
"""A word or number of a title."""
LONGEST_TITLE = 100  # characters in which it may name a weight
MOST_LED = 9  # words before the first figure that name an optimizer
MOST_TITLED = 6  # words of a title that names a unit
SAMPLE_TITLE = regex(rf"[\W_]*((?:{'|'.join(phrases('A_SAMPLE'))}) \d)[*_]*[:.]", re.IGNORECASE)
"""The start of a title that names one sample: Sample 1: Ada (x = 1)."""
OTHER_NUMBER = regex(
    r"[（(][\s$]*(?P<name>[^\s=（(]{1,16}?)\s*=\s*(?P<number>-?\d+(?:[.,]\d+)?)[\s$]*[)）]"
    r"[\s*_]*[:：][\s*_]*\Z"
)
"""A number in brackets at the end of a title: Check (w = 2):"""
NUDGED = regex(
    r"[\s$*-]*(?P<name>[^\s=]{1,16})\s*=\s*(?P<number>-?\d+\.\d+)[\s$,;:→]+(?P<of>[^\s=]+)\s*[=≈]"
)
"""A weight and a result on one line, as in a gradient check: w = 0.501   L = 0.5620463."""
NUDGES = {Fraction(1, 10**n) for n in range(1, 9)}
NO_MOMENTUM = regex(r"\b(?:no|without|ohne|sans|sin|senza|sem|bez|без)\W+(?:\w+\W+)?moment\w*")
OPTIMIZER_WORDS = {
    "momentum": regex(r"\bmoment(?:um|o)?\b|heavy.ball|импульс|动量"),
    "nesterov": regex(r"nesterov"), "adam": regex(r"\badamw?\b"), "lion": regex(r"\blion\b"),
    "rmsprop": regex(r"\brms.?prop\b"), "adagrad": regex(r"\badagrad\b"),
    "sgd": regex(r"\b(?:vanilla|plain|ordinary|compared?|vs)\b.*\b(?:sgd|gd|descent)\b"),
}  # fmt: skip
"""What sheets call each kind of optimizer."""
OTHER_OPTIMIZER = "the title above names another optimizer than the network's"
NAME_MARKS = regex(r"[_{}$*`\\]")
OTHER_WEIGHTS = NOUNS["bias"] | NOUNS["weight"] | NEURONS
"""Words that say that the lines below may be of another weight than a title above names."""
OTHER_UNITS = HIDDEN | LAYERS | NEURONS
"""Words that say that a line is no longer of the unit that a title above it names."""


class Collector(TableReader):
    """Reads the claims off a document."""

    def forget_units(self, reason: str) -> None:
        """List each claim about a unit as unread."""
        own = {*self.names.forward} - {self.names.loss}
        self.forget(lambda claim: not own.isdisjoint(parts_of(claim.quantity)), reason)

    def forget(self, forgotten: Callable[[Claim], bool], reason: str) -> None:
        """List some claims as unread."""
        gone = [claim for claim in self.claims if forgotten(claim)]
        kept = [claim for claim in self.claims if not any(claim is each for each in gone)]
        self.unread += [
            Unread(c.start, c.end, reason, (c.quantity, *also_meant(c, self.names)))
            for c in gone if not c.second
        ]  # fmt: skip
        self.claims = kept

    def safely(self, way: Callable[[Item], None], item: Item) -> None:
        """Read an item in some way; list it as unread where that comes to nothing."""
        try:
            way(item)
        except Unreadable as error:
            self.last = None
            spans = item.spans or [span for row in item.rows for cell in row for span in cell]
            start, end = spans[0].start, spans[-1].end
            self.unread.append(Unread(start, end, str(error), error.meant))

    def read(self) -> None:
        """Read every item."""
        title = heading = kind = ""
        count = len(self.names.network.samples)
        section = Section(self.document, self.names.network)
        self.parted = are_all_told(self.document, self.names.network)
        drawn = self.drawings()
        repeated = map(parsed, self.names.vocabulary.repeated)
        length = max((int(name.element[0]) for name in repeated), default=0)
        self.names.timed = counts_time(self.document, length)
        counted = counted_passes(self.document)
        for place, item in enumerate(self.document.items):
            before, title = title, " ".join(self.document.text[s.start : s.end] for s in item.spans)
            if count > 1 and section.hear(item, title):
                self.finish()
                self.names.sample = section.sample
            if section.told and item.spans:  # which is no part of a statement
                first, *rest = item.spans
                first = first._replace(start=first.start + section.told)
                item = replace(item, spans=(first, *rest))
            if "code" in (item.kind, kind) and item.kind != kind:
                self.finish()  # a statement ends with its block of code
            kind = item.kind
            if counted.get(place, -1) != self.steps_above:
                self.finish()
                self.steps_above = counted.get(place, -1)
            self.hear_unit(item, title)
            if drawn[place] != self.drawing:
                self.finish()
                self.drawing = drawn[place]
            self.hear_weight(item, title)
            self.hear_optimizer(item, title)
            named = OF_FIRST_PASS.search(title)
            if named or RULE.fullmatch(title) or item.kind == "heading":
                self.finish()
                below = item.kind == "line" and OF_FIRST_PASS.search(before)
                self.first_pass = bool(named or below)
            if item.kind == "heading":
                self.subject, heading = [], title
                self.hear(self.words(item.spans), heading=True)
                whole = DIVIDED.match(self.document.text, item.spans[0].start)
                title = DIVISION.sub("", whole[0] if whole else title)
                epoch = re.search(r"(?i)\b(?:epoch|epoche|époque|iteration)\D{0,3}(\d+)", title)
                self.second_pass = bool(epoch and int(epoch[1]) > 1)
                if epoch and int(epoch[1]) > 2:
                    self.later = f"this is of pass {int(epoch[1])}, and only two passes are read"
            elif item.kind == "table":
                self.finish()
                said, self.titles = self.said, f"{heading} {before}"
                colon = before.rstrip(" *_").endswith(":")
                self.led_in = saying(TITLE.findall(before)) if colon else ""
                self.tabled = place
                self.safely(self.table, item)
                self.tabled = -1
                self.said = said  # its head is for its own rows
            elif other := self.other_number(OTHER_NUMBER.search(title)):
                self.finish()
                self.later = f"this may go on from {other}, which is not the given number"
            elif other := self.other_number(NUDGED.match(title), nudged=True):
                self.finish()
                self.skip(self.tokens(item.spans), f"{other} is not the given number")
            else:
                self.safely(self.line, item)
        self.finish()
        self.names.sample = self.names.below = ""

    def other_number(self, said: re.Match[str] | None, *, nudged: bool = False) -> str:
        """The number that a title gives to a weight or an input which is another one here.

        The lines below "Check (w = 2):" are about another network, and so is what is said of the
        loss or an output behind one `nudged` by 0.1, 0.01 or less; "" for no such title.
        """
        if said is None:
            return ""
        name = self.quantity_called(tokens_of(said["name"]), True)
        network, number = self.names.network, float(said["number"].replace(",", "."))
        ways = [way for end in ("", "'") for way in self.figures.ways(f"{name}{end}")]
        other = name in (*network.weights, *network.inputs, *network.constants)
        other = bool(other and ways and number not in ways)
        if other and nudged:
            of = self.quantity_called(tokens_of(said["of"]), True)
            apart = abs(Fraction(said["number"]) - Fraction(self.figures.given.get(name, 0)))
            other = of in (self.names.loss, *network.outputs) and apart in NUDGES
        return f"{said['name']} = {said['number']}".replace("$", "") if other else ""

    def drawings(self) -> list[int]:
        """Where the drawing begins that each item stands in; -1 for one that stands in none."""
        text, found, block = self.document.work, list[int](), list[Item]()
        for item, after in pairwise([*self.document.items, Item("heading")]):
            block.append(item)
            end = item.spans[-1].end if item.spans else 0
            between = text[end : max(after.start, end)]
            alike = item.kind == after.kind and item.kind in ("code", "line")
            if alike and NEXT_LINE.fullmatch(between):
                continue
            start = block[0].start
            own = item.kind in ("line", "code") and bool(DRAWN.search(text, start, end))
            found += [start if own else -1] * len(block)
            block = []
        return found

    def hear_unit(self, item: Item, title: str) -> None:
        """Take in of which unit a title says that the lines below it are, or that another is."""
        heading, words = item.kind == "heading", TITLE.findall(title.casefold())
        short = len(words) <= MOST_TITLED and "=" not in title
        titled = heading or (len(words) > 1 and short) or title.rstrip(" *_").endswith(":")
        said = " ".join(words) if titled and len(words) <= MOST_TITLED else ""
        unit = described_unit(said, self.names) if short else None
        start = SAMPLE_TITLE.match(title)
        below = unit.name if unit else described_step(start[1] if start else said, self.names)
        alone = title.strip(" *_").endswith(":") and len(words) < 2  # o: above z = 0.4
        other = heading or self.of_line or alone or OTHER_UNITS.intersection(words)
        if below or (self.names.below and other):
            self.finish()
            self.names.below, self.of_line = below, False

    def hear_optimizer(self, item: Item, title: str) -> None:
        """Take in if a title, or a line's first words in bold, name another optimizer than this."""
        words, *rest = re.split(r"(\*\*|[=:}])", title.strip().casefold(), maxsplit=1)
        led = item.kind == "heading" or (rest and rest[0] != "=")
        if not led or len(words.split()) > MOST_LED:
            return
        plain = NO_MOMENTUM.sub("vanilla sgd", words)
        own = self.names.network.descent.optimizer.name
        named = {kind for kind, pattern in OPTIMIZER_WORDS.items() if pattern.search(plain)}
        named -= {"sgd"} if len(named) > 1 else set()
        if named and not any(kind in own.replace("heavy_ball", "momentum") for kind in named):
            self.finish()
            self.other_optimizer = OTHER_OPTIMIZER
        elif named or item.kind == "heading":
            self.other_optimizer = ""

    def hear_weight(self, item: Item, title: str) -> None:
        """Take in which weight a title names: what is called the gradient below it is by this."""
        words = title.strip()
        bold = words.startswith("**") and words.endswith("**")
        titled = item.kind == "heading" or bold or words.rstrip(" *_").endswith(":")
        if not titled and "=" not in title and self.titled_weight:
            bare = TITLE.findall(NAME_MARKS.sub("", title))
            named = {self.quantity_called(tokens_of(word)) for word in bare if len(word) < 5}
            told = named & {*self.names.weights} - {self.quantity_called(self.titled_weight)}
            if told or not OTHER_WEIGHTS.isdisjoint(map(str.casefold, bare)):
                self.titled_weight = []
        if not titled or "=" in title:
            return
        tokens = without_asides(self.tokens(item.spans)) if len(words) <= LONGEST_TITLE else []
        name = [
            t for t in tokens
            if t.kind not in ("text", "stop", *PUNCTUATION) and t.text not in ("#", "$", "**")
        ]  # fmt: skip
        while name and name[0].text == "*":
            name = name[1:]
        weight = self.quantity_called(name) if name else ""
        self.titled_weight = name if weight in self.names.weights else []
