"""A document to claims, item by item."""

from __future__ import annotations

import re

from backcalc.reading.cells import TableReader
from backcalc.reading.documents import RULE
from backcalc.reading.pieces import (
    Unread,
    parts_of,
)

DRAWING, FURTHER = "Fill in the graph", "Further quantities"
"""Headings of what is of the first pass, wherever it stands."""
OF_FIRST_PASS = re.compile(f"{DRAWING}|{FURTHER}")


class Collector(TableReader):
    """Reads the claims off a document."""

    def forget_units(self, reason: str) -> None:
        """List each claim about a unit as unread."""
        own = {*self.names.forward} - {self.names.loss}
        kept = [claim for claim in self.claims if own.isdisjoint(parts_of(claim.quantity))]
        gone = [claim for claim in self.claims if claim not in kept]
        self.unread += [Unread(c.start, c.end, reason, (c.quantity,)) for c in gone if not c.second]
        self.claims = kept

    def read(self) -> None:
        """Read every item."""
        title = ""
        for item in self.document.items:
            before, title = title, " ".join(self.document.text[s.start : s.end] for s in item.spans)
            named = OF_FIRST_PASS.search(title)
            if named or RULE.fullmatch(title) or item.kind == "heading":
                self.finish()
                below = item.kind == "line" and OF_FIRST_PASS.search(before)
                self.first_pass = bool(named or below)
            if item.kind == "heading":
                self.subject = []
                self.hear(self.words(item.spans), heading=True)
                epoch = re.search(r"(?i)\b(?:epoch|epoche|époque|iteration)\D{0,3}(\d+)", title)
                self.second_pass = bool(epoch and int(epoch[1]) > 1)
                if epoch and int(epoch[1]) > 2:
                    self.later = f"this is of pass {int(epoch[1])}, and only two passes are read"
            elif item.kind == "table":
                self.finish()
                said = self.said
                self.table(item)
                self.said = said  # its head is for its own rows
            else:
                self.line(item)
        self.finish()
