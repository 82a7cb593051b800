"""A web page or a post as Markdown: its lines, lists and tables where they stand, no markup."""

from __future__ import annotations

import html
import re

from backcalc.errors.patterns import regex
from backcalc.reading.marks import rows
from backcalc.reading.tokens import FILLER, blanked

PAGE = regex(r"\s*(?:<!doctype html|<html\b)", re.IGNORECASE)
SET = regex(r"<math\b", re.IGNORECASE)
"""Where a browser sets a formula: what it says cannot be told from its parts."""
UNSEEN = regex(r"<(head|script|style|svg)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
BLANK = regex(r"(?P<as_it_stands><pre\b.*?(?:</pre\s*>|\Z))|\s", re.IGNORECASE | re.DOTALL)
"""The end of a line is a blank too, but where the lines stand as they are."""
TAG = regex(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)\b[^<>]*>", re.IGNORECASE)
TABLE = regex(r"<table\b[^<>]*>.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
CELL = regex(r"<t[dh]\b[^<>]*>(?:[^<]|<(?!/?t[dhr]\b))*", re.IGNORECASE)
BLOCK = regex(r"</?(?:p|div|br|h[1-6])\b[^<>]*>", re.IGNORECASE)
"""A paragraph, which in a cell ends no line."""
ELEMENTS = {name: (begun, ended) for name, begun, ended in rows("ELEMENTS")}
"""What is read where an element begins, and where it ends; nothing for others."""
LOW_OR_HIGH = regex(r"<su([bp])>([^<>]*)</su\1>", re.IGNORECASE)
KEPT = ("sub", "sup", "del", "s", "strike")
"""The elements that Markdown has as well."""

POSTED = regex(r"\[/(?:quote|[ij]?latex|i?tex|i?math|list|[bius]|code|color|size)\]", re.I)
"""What shows a post in BBCode, as forums have it."""
INNER = r"(?:(?!\[/?quote\b)[\s\S])*"
OPENED = rf"\[quote\b[^\]\n]*\]{INNER}"
QUOTED = rf"{OPENED}(?:{OPENED}\[/quote\]{INNER})*\[/quote\]"
"""What the post quotes of others, perhaps with what these quote."""
FORMULA = regex(
    r"(?P<start>\[(?P<name>latex|i?tex|i?math|mathjax)(?:=[^\]\n]*)?\])"
    r"(?P<math>[\s\S]*?)(?P<end>\[/(?P=name)\])",
    re.I,
)
MARK = regex(
    r"^(?P<blank>[ \t]*(?:\[list\b[^\]\n]*\])?[ \t]*)\[\*\]"
    r"|\[(?P<kept>/?(?:su[bp]|del|[bius]|table|t[rdh]|h[1-6]|li|[uo]l))\]"
    r"|\[(?:\*|/?(?:quote|list|code|spoiler|hide|center|left|right|indent|hr|size|colou?r|font|url"
    r"|img|email|user|highlight|em|strong)\b[^\]\n]*)\]",
    re.I | re.M,
)
"""The marks of BBCode: a point of a list, those that HTML has too, and others."""


def as_markdown(text: str) -> str:
    """A web page in which each character that is left stands where it stood."""
    text = blanked(text, [match.span() for match in UNSEEN.finditer(text)])
    text = CELL.sub(lambda cell: BLOCK.sub(lambda tag: " " * len(tag[0]), cell[0]), text)
    return TAG.sub(_read, BLANK.sub(lambda each: each["as_it_stands"] or " ", text))


def posted(text: str) -> str:
    """A post in BBCode as Markdown, in which each character that is left stands where it stood."""

    def formula(found: re.Match[str]) -> str:
        dollars = "$$" if "\n" in found["math"] else "$"
        start, end = (len(found[each]) for each in ("start", "end"))
        return f"{dollars:{FILLER}>{start}}{found['math']}{dollars:{FILLER}<{end}}"

    def mark(found: re.Match[str]) -> str:
        point = "-" if found["blank"] is not None else ";" if found[0] == "[*]" else ""
        plain = " " * len(found["blank"] or "") + point
        return f"<{found['kept']}>" if found["kept"] else plain.ljust(len(found[0]))

    return MARK.sub(mark, FORMULA.sub(formula, text))


def lines_seen(text: str) -> list[str]:
    """Return what a browser shows of each line of a web page; nothing of markup alone."""
    found, at, shown = list[str](), 0, as_markdown(text)
    for line in text.split("\n"):
        seen = shown[at : at + len(line)].replace(FILLER, "")
        seen = LOW_OR_HIGH.sub(lambda m: f"{'_' if m[1] == 'b' else '^'}{m[2]}", seen)
        found.append(" ".join(html.unescape(seen).split()))
        at += len(line) + 1
    return found


def _read(tag: re.Match[str]) -> str:
    name = tag["name"].lower()
    if name in KEPT:
        return tag[0]
    begun, ended = ELEMENTS.get(name, ("", ""))
    said = ended if tag["end"] else begun
    return f"{said:<{len(tag[0])}}" if said else FILLER * len(tag[0])
