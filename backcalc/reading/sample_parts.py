"""Of which sample a part of a sheet is, as its headings and the beginnings of its lines say."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from backcalc.equations.network import Network
from backcalc.errors.patterns import regex
from backcalc.reading.documents import Document
from backcalc.reading.items import Item
from backcalc.reading.signs import phrases

A_SAMPLE = rf"(?:{'|'.join(phrases('A_SAMPLE'))})"
OF_SAMPLE = regex(rf"\b{A_SAMPLE}\s*(?:no\.?|nr\.?|#)?\s*(\d+)\b", re.IGNORECASE)
"""Words that name a sample."""
LABEL = regex(
    rf"(?:[\W_]*[^\W\d_]+){{0,3}}?[\W_]*{OF_SAMPLE.pattern}"
    r"(?![*_ ]*(?:(?:and|und|et|y|e|to|bis|or|oder|ou)\b|,? *\d|[&+/]|[–-](?![–-])))[*_ ]*",
    re.IGNORECASE,
)
"""How a line begins that says of which sample the rest is."""
SAID = r"[-−]?\d+(?:\.\d+)?"
BY_INPUTS = regex(
    rf"[\W_]*?(?:(?P<with>for|at|with|when|für|bei|mit|pour|avec|para|con|per|для|при)\s+)?"
    rf"(?:(?P<word>{A_SAMPLE}|inputs?|eingabe|entrée|entrada)\W+)?(?:\(?x[\w, ]*\)?\s*=\s*)?"
    rf"(?:[(\[](?P<row>\s*{SAID}(?:\s*[,;]\s*{SAID})*)\s*[)\]]|(?P<digits>[01]{{2,4}})"
    rf"|(?P<pairs>[^\W\d]\w?\w?\s*=\s*{SAID}(?:\s*,\s*[^\W\d]\w?\w?\s*=\s*{SAID})*))"
    r"[\s*$]*(?::|→|->|=>|⇒|(?(with),|(?!)))",
    re.IGNORECASE,
)
"""How a line begins that says by the numbers put in of which sample the rest is: (0, 1):"""
GIVEN_THERE = regex(
    r"(?i)\W*(?:\(.*\)|(?:with|mit|avec|con|com)\b.*)?\W*\Z|.*:\W*\Z"
    r"|\W*(?:[xyt]_?\{?\d*\}?\s*=\s*[-−\d.,;()\[\]\s$]+)+\Z"
)
"""What such a line may hold that is the title of what follows."""
LONGEST_TITLE = 300  # characters behind the sample's number
OF_ALL = regex(rf"(?i)\b(?:{'|'.join(phrases('OF_ALL'))})\b")
"""Words that end what is said of one sample."""
PARAGRAPH = regex(r"\n[ \t>]*\n")
"""What parts two paragraphs."""


@dataclass
class Section:
    """Where a sheet that is read from its top has come to."""

    document: Document
    """The sheet."""
    network: Network
    """The network, with its samples."""
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
    told: int = 0
    """How many characters of the item tell its sample by the numbers put in."""

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
        count = len(self.network.samples)
        number = numbers[0] if len(numbers) == 1 and 0 < int(numbers[0]) <= count else ""
        lead = BY_INPUTS.match(title) if item.kind == "line" else None
        by_inputs = sample_said(lead, self.network) if lead else ""
        self.told = lead.end() if lead and by_inputs else 0
        if item.kind == "heading":
            level = len(title) - len(title.lstrip("#")) or 1
            if numbers or not 0 < self.level < level:
                self.sample, self.brief, self.level = number, False, level if number else 0
        elif (label := LABEL.match(title)) or self.told:
            self.sample, self.level = by_inputs or number, 0
            rest = title[self.told or (label.end() if label else 0) :]
            self.brief = len(rest) > LONGEST_TITLE or not GIVEN_THERE.match(rest)
        elif ended or OF_ALL.search(title):
            self.sample = ""
        self.starts.append((start, self.sample))
        return self.sample != before


def sample_said(lead: re.Match[str], network: Network) -> str:
    """The number of the sample that the beginning of a line tells; "" where it tells none."""
    if lead["pairs"]:
        pairs = (each.split("=") for each in lead["pairs"].replace("−", "-").split(","))
        return sample_with({name.strip().replace("_", ""): n for name, n in pairs}, network)
    if lead["digits"] and not lead["word"]:
        return ""
    said = re.findall(SAID, lead["row"]) if lead["row"] else [*lead["digits"]]
    for names in (network.inputs, (*network.inputs, *network.targets)):
        if len(names) == len(said):
            return sample_with(dict(zip(names, said, strict=True)), network)
    return ""


def sample_with(said: Mapping[str, str], network: Network) -> str:
    """The number of the one sample with some inputs and targets; "" where none or several have."""
    known = {name.replace("_", ""): name for name in (*network.inputs, *network.targets)}
    own = {known.get(name, ""): Fraction(number.replace("−", "-")) for name, number in said.items()}
    found = [
        number for number, sample in enumerate(network.samples, 1)
        if all(sample.get(name) == value for name, value in own.items())
    ]  # fmt: skip
    return str(found[0]) if len(found) == 1 else ""


def are_all_told(document: Document, network: Network) -> bool:
    """True if a part of a sheet begins for each sample, one after the other, and none twice."""
    section, told = Section(document, network), [""]
    for item in document.items if network.samples[1:] else ():
        section.hear(item, " ".join(document.text[s.start : s.end] for s in item.spans))
        told += [section.sample] if section.sample not in ("", told[-1]) else []
    return told[1:] == [str(n) for n, _ in enumerate(network.samples, 1)]


def samples_at(document: Document, network: Network, places: list[int]) -> list[int | None]:
    """The number of the sample that a sheet speaks of at each of some places, or None."""
    section = Section(document, network)
    for item in document.items:
        section.hear(item, " ".join(document.text[s.start : s.end] for s in item.spans))
    if section.brief and (end := PARAGRAPH.search(document.text, section.read_to)):
        section.starts.append((end.start(), ""))
    section.starts.sort(key=lambda each: each[0])
    starts = [start for start, _ in section.starts]
    samples = ["", *(sample for _, sample in section.starts)]
    return [int(samples[bisect_right(starts, place)] or 0) or None for place in places]
