"""A document to claims, item by item."""

from __future__ import annotations

import re
from collections.abc import Callable

from backcalc.reading.cells import TableReader
from backcalc.reading.documents import RULE, Item
from backcalc.reading.figures import Claim, also_meant
from backcalc.reading.names import Unreadable
from backcalc.reading.pieces import Unread, parts_of

DRAWING, FURTHER = "Fill in the graph", "Further quantities"
"""Headings of what is of the first pass, wherever it stands."""
OF_SAMPLE = re.compile(
    r"\b(?:samples?|data ?points?|beispiele?|muster|exemple|muestra|example|ejemplo|esempio)\s*"
    r"(?:no\.?|nr\.?|#)?\s*(\d+)\b",
    re.IGNORECASE,
)
"""Words that name a sample."""
LABEL = re.compile(
    rf"(?:[\W_]*[^\W\d_]+){{0,3}}?[\W_]*{OF_SAMPLE.pattern}"
    r"(?![*_ ]*(?:(?:and|und|et|y|e|to|bis|or|oder|ou)\b|,? *\d|[&+/–-]))[*_ ]*",
    re.IGNORECASE,
)
"""How a line begins that says of which sample the rest is."""
GIVEN_THERE = re.compile(r"(?i)\W*(?:\(.*\)|(?:with|mit|avec|con|com)\b.*)?\W*\Z|.*:\W*\Z")
"""What such a line may hold that is the title of what follows."""
OF_ALL = re.compile(
    r"(?i)\b(?:mean|averag\w*|both|total|all|batch|updat\w*|mittel\w*|beide|gesamt\w*|moyenne|media)\b"
)
"""Words that end what is said of one sample."""
DIVIDED = re.compile(r"[^\n]*[^\W\d_](?:-|\u00ad)[ \t]*\n[ \t>]*[^\W\d_][^\n]*")
"""A line with the one below it where a word is divided between them."""
DIVISION = re.compile(r"(?<=[^\W\d_])(?:-\s+|\u00ad\s*)(?=[^\W\d_])")
OF_FIRST_PASS = re.compile(f"{DRAWING}|{FURTHER}")


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

    level: int = 0
    """The level of the heading that names a sample; 0 for a line that does, or for none."""
    brief: bool = False
    """Whether what is said of a sample ends with the paragraph."""
    read_to: int = 0
    """Where the item before ends."""

    def hear_sample(self, item: Item, title: str) -> None:
        """Take in of which sample a heading, or the beginning of a line, says that the rest is."""
        for name, number in zip(("first", "second", "third"), "123", strict=True):
            title = re.sub(rf"(?i)\b{name} (sample|data ?point|example)\b", rf"\1 {number}", title)
        spans = item.spans or tuple(span for row in item.rows for cell in row for span in cell)
        start, before = spans[0].start if spans else self.read_to, self.names.sample
        between = self.document.work[self.read_to : start]
        self.read_to = spans[-1].end if spans else start
        count, numbers = len(self.names.network.samples), OF_SAMPLE.findall(title)
        number = numbers[0] if len(numbers) == 1 and 0 < int(numbers[0]) <= count else ""
        if item.kind == "heading":
            level = len(title) - len(title.lstrip("#")) or 1
            if numbers or not 0 < self.level < level:
                self.names.sample, self.brief, self.level = number, False, level if number else 0
        elif label := LABEL.match(title):
            self.names.sample, self.level = number, 0
            self.brief = not GIVEN_THERE.match(title[label.end() :])
        elif (self.brief and re.search(r"\n[ \t>]*\n", between)) or OF_ALL.search(title):
            self.names.sample = ""
        if self.names.sample != before:
            now, self.names.sample = self.names.sample, before
            self.finish()
            self.names.sample = now

    def safely(self, way: Callable[[Item], None], item: Item) -> None:
        """Read an item in some way; list it as unread where that comes to nothing."""
        try:
            way(item)
        except Unreadable as error:
            self.last = None
            start, end = item.spans[0].start, item.spans[-1].end
            self.unread.append(Unread(start, end, str(error), error.meant))

    def read(self) -> None:
        """Read every item."""
        title = ""
        for item in self.document.items:
            before, title = title, " ".join(self.document.text[s.start : s.end] for s in item.spans)
            if len(self.names.network.samples) > 1:
                self.hear_sample(item, title)
            named = OF_FIRST_PASS.search(title)
            if named or RULE.fullmatch(title) or item.kind == "heading":
                self.finish()
                below = item.kind == "line" and OF_FIRST_PASS.search(before)
                self.first_pass = bool(named or below)
            if item.kind == "heading":
                self.subject = []
                self.hear(self.words(item.spans), heading=True)
                whole = DIVIDED.match(self.document.text, item.spans[0].start)
                title = DIVISION.sub("", whole[0] if whole else title)
                epoch = re.search(r"(?i)\b(?:epoch|epoche|époque|iteration)\D{0,3}(\d+)", title)
                self.second_pass = bool(epoch and int(epoch[1]) > 1)
                if epoch and int(epoch[1]) > 2:
                    self.later = f"this is of pass {int(epoch[1])}, and only two passes are read"
            elif item.kind == "table":
                self.finish()
                said = self.said
                self.safely(self.table, item)
                self.said = said  # its head is for its own rows
            else:
                self.safely(self.line, item)
        self.finish()
        self.names.sample = ""
