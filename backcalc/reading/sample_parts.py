"""Of which sample a part of a sheet is, as its headings and the beginnings of its lines say."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from backcalc.reading.documents import Document, Item

OF_SAMPLE = re.compile(
    r"\b(?:samples?|data ?points?|beispiele?|muster|exemple|muestra|example|ejemplo|esempio)\s*"
    r"(?:no\.?|nr\.?|#)?\s*(\d+)\b",
    re.IGNORECASE,
)
"""Words that name a sample."""
LABEL = re.compile(
    rf"(?:[\W_]*[^\W\d_]+){{0,3}}?[\W_]*{OF_SAMPLE.pattern}"
    r"(?![*_ ]*(?:(?:and|und|et|y|e|to|bis|or|oder|ou)\b|,? *\d|[&+/]|[–-](?![–-])))[*_ ]*",
    re.IGNORECASE,
)
"""How a line begins that says of which sample the rest is."""
GIVEN_THERE = re.compile(
    r"(?i)\W*(?:\(.*\)|(?:with|mit|avec|con|com)\b.*)?\W*\Z|.*:\W*\Z"
    r"|\W*(?:[xyt]_?\{?\d*\}?\s*=\s*[-−\d.,;()\[\]\s$]+)+\Z"
)
"""What such a line may hold that is the title of what follows."""
LONGEST_TITLE = 300  # characters behind the sample's number
OF_ALL = re.compile(
    r"(?i)\b(?:mean|averag\w*|both|total|all|batch|updat\w*|mittel\w*|beide|gesamt\w*|moyenne|media)\b"
)
"""Words that end what is said of one sample."""
PARAGRAPH = re.compile(r"\n[ \t>]*\n")
"""What parts two paragraphs."""


@dataclass
class Section:
    """Where a sheet that is read from its top has come to."""

    document: Document
    """The sheet."""
    count: int
    """The number of samples."""
    sample: str = ""
    """The number of the sample that is spoken of; "" for none."""
    level: int = 0
    """The level of the heading that names a sample; 0 for a line that does, or for none."""
    brief: bool = False
    """Whether what is said of a sample ends with the paragraph."""
    read_to: int = 0
    """Where the item before ends."""
    starts: list[tuple[int, str]] = field(default_factory=list)
    """Where each part begins, and of which sample it is."""

    def hear(self, item: Item, title: str) -> bool:
        """Take in of which sample an item says that the rest is; True if it is another one."""
        for name, number in zip(("first", "second", "third"), "123", strict=True):
            title = re.sub(rf"(?i)\b{name} (sample|data ?point|example)\b", rf"\1 {number}", title)
        spans = item.spans or tuple(span for row in item.rows for cell in row for span in cell)
        start, before = spans[0].start if spans else self.read_to, self.sample
        ended = self.brief and PARAGRAPH.search(self.document.text, self.read_to, start)
        if ended and before:
            self.starts.append((ended.start(), ""))
        self.read_to = spans[-1].end if spans else start
        numbers = OF_SAMPLE.findall(title)
        number = numbers[0] if len(numbers) == 1 and 0 < int(numbers[0]) <= self.count else ""
        if item.kind == "heading":
            level = len(title) - len(title.lstrip("#")) or 1
            if numbers or not 0 < self.level < level:
                self.sample, self.brief, self.level = number, False, level if number else 0
        elif label := LABEL.match(title):
            self.sample, self.level = number, 0
            rest = title[label.end() :]
            self.brief = len(rest) > LONGEST_TITLE or not GIVEN_THERE.match(rest)
        elif ended or OF_ALL.search(title):
            self.sample = ""
        self.starts.append((start, self.sample))
        return self.sample != before


def samples_at(document: Document, count: int, places: list[int]) -> list[int | None]:
    """The number of the sample that a sheet speaks of at each of some places, or None."""
    section = Section(document, count)
    for item in document.items:
        section.hear(item, " ".join(document.text[s.start : s.end] for s in item.spans))
    if section.brief and (end := PARAGRAPH.search(document.text, section.read_to)):
        section.starts.append((end.start(), ""))
    section.starts.sort(key=lambda each: each[0])
    starts = [start for start, _ in section.starts]
    samples = ["", *(sample for _, sample in section.starts)]
    return [int(samples[bisect_right(starts, place)] or 0) or None for place in places]
