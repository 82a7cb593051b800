"""What others say on a sheet, and what its author takes back: quotations, chats, struck lines."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from itertools import chain

from backcalc.errors.patterns import regex
from backcalc.reading import web
from backcalc.reading.items import BAR
from backcalc.reading.pieces import STRIKING
from backcalc.reading.signs import AGAIN, GRADIENT, MARKING, NEW, OLD, PASSES, VERBS, phrases, words
from backcalc.reading.tokens import blanked

TWO_STAND = "two alternatives stand here"
STRUCK = regex(
    r"~~(?=\S)[^~\n]+(?<=\S)~~|<(del|s|strike)>[^<\n]*</\1>|\\(?:sout|st)\{[^{}\n]*\}"
    r"|(?<=[=≈&])[ ]*\\[bx]?cancel\{[-−\d.,{} ]+\}(?=[ ,;!\\]*[-−]?\d)"
    r"|\\(?:[bx]?cancel|sout|st)\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*?"
    r"(?:[=≈]|\\(?:leftarrow|gets|approx)(?![a-z]))(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
)
DISOWNED, WRONG, SCRATCH, ATTEMPT, IGNORED = (
    "|".join(phrases(name)) for name in ("DISOWNED", "WRONG", "SCRATCH", "ATTEMPT", "IGNORED")
)
CROSSED_OUT = regex(
    rf"[(\[{{][ \t]*(?:{DISOWNED})[ \t]*[.!]?[)\]}}]"
    rf"|^[^\w\n]*(?:{DISOWNED})(?:[ \t]*:|[ \t]+(?=[^\s=≈]{{1,40}}[ \t]*[=≈]))"
    rf"|(?<=[\d)\]$*`])[ \t]*(?:<?[-–—]+|←|[(\[,;])?[ \t]*(?:{WRONG})(?!\w)[^\n=≈]*$"
    rf"|^[^\w\n]*(?:{SCRATCH}|{WRONG})[ \t]*:|(?<=[\s,;–—-])(?:{DISOWNED})[ \t.!*_]*$"
    r"|^[^\w\n]*X{3,}(?=[ \t])|(?<=[ \t])X{4,}[ \t]*$"
    r"|(?:^[ \t>*+-]*|[,;][ \t]+)(?P<rest>(?:not|nicht|niet|inte|ikke|не"
    r"|pas(?![ \t]*[$\\({]*(?:η|α|eta|alpha|lr)\b))[ \t]+"
    r"[*_$`]*(?=[^\W\d_][^\s=≈]{0,40}[ \t]*[=≈]))",
    re.I | re.M,
)
"""A mark of such a line, of scratch work, or of what is denied."""
SCAFFOLD = regex(r"\\(?:begin|end)\{[^{}]*\}(?:\{[^{}]*\})?|\\\\|&")
"""What stays of such a line, as others stand around it in a display."""
OR = regex(
    rf"[ \t,]+(?:{'|'.join(phrases('OR'))})[ \t]+"
    r"(?=(?:(?P<name>[^\s=≈]{1,40})[ \t]*[=≈](?P<two>[^;]{1,200})"
    r"|(?P<alone>\$?[-−]?\d+(?:[.,]\d+)?\$?)[ \t]*\.?$))",
    re.I,
)
"""A word between two statements of one quantity of which only one can hold."""
STATED = regex(r"([^\s=≈]{1,40})[ \t]*[=≈]")
LONGEST_MARKED = 2000  # characters of a line
PLAIN_NUMBER = regex(r"[-−]?\d+(?:[.,]\d+)?(?:/\d+)?")
QUOTE = regex(
    r"(?P<by>(?:wrote|writes|schrieb|écrit|escribió|scritto|asked) ?:[ \t]*\n\s*)?"
    r"(?P<lines>(?:^[ \t]*>(?!>>[ \t])[^\n]*(?:\n|\Z))+|^-+ ?Original Message ?-+\n(?s:.*)"
    rf"|(?P<posted>(?i:{web.QUOTED})))",
    re.M,
)
"""Lines of another that are quoted, with the words before them."""
ASKED = regex(r"[?]|wrote ?:|Original Message|\[(?i:quote)[ =]")
"""What shows that quoted lines are another's."""
QUOTED_STATEMENT = regex(r"^[ \t>]*(?:[^\s=≈]+[ \t]+){0,2}[^\s=≈]*[ \t]*[=≈].*", re.M)
"""A line of those that begins with a statement, and not with words."""
CLOCK = (
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?[ ])?(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
    r"(?:[ \u202f]?[AaPp][Mm])?"
)
SPEAKER = r"[^\W\d_][^:=\n<>()\[\]\d+*/^·∙|]{0,30}?"
MESSAGE = regex(
    rf"^[ \t\u200e]*(?:\[?{CLOCK}\]?(?:[ ][-–])?[ ]*<?(?P<by>{SPEAKER})(?:>|:(?=\s))"
    rf"|(?P<before>{SPEAKER})(?:[ ](?:[—–-]|at)|,)?[ ]+[(\[]?(?:Today at )?{CLOCK}[)\]]?"
    r"(?::(?=\s)|[ ]*$))",
    re.M,
)
"""The head of a message in a chat: its time, and who wrote it."""
STATES = rf"[=≈→]| (?:{'|'.join(sorted(VERBS))}) "
SAYING = regex(rf"[^\n]*(?:{STATES})[^\n]*\d[^\n]*")
"""A line of a message that states something."""
TITLES = PASSES | GRADIENT | NEW | OLD | AGAIN | words("backward backprop rückwärts forward")
"""Words that are no one's name: those of a diary of one's own."""
QUOTED_LINES = regex(r"^[ \t]*>[^\n]*$", re.M)
SENT = regex(r"\s*(?:From|Von|De|Subject|Betreff|Objet|To|An): ")
"""The head of a mail."""
UNQUOTED = regex(
    r"^(?![ \t]*>)[^\n]*(?:[^\s=<>!][ \t]*[=≈][ \t]*[^\s=]|\w'*:[ \t]+[-−]?\d+[.,]\d)", re.M
)
"""A line of one's own that states something."""


def without_quotations(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without what it quotes, and where statements stand in quotations of unknown origin."""
    found: list[tuple[int, int]] = []
    for quote in _quotations(text):
        text = blanked(text, [quote.span("lines")])
        if not (quote["by"] or ASKED.search(quote[0])):
            lines = QUOTED_STATEMENT.finditer(quote.string, *quote.span("lines"))
            found += [line.span() for line in lines]
    return text, found


def _quotations(text: str) -> list[re.Match[str]]:
    """The stretches of a text that quote another's lines; with nothing else they are one's own.

    So is a displayed formula without figures, which Markdown sets apart as an aside.
    """
    found = [*QUOTE.finditer(text)] if any(s in text for s in (">", "Original", "[/")) else []
    found = [each for each in found if ASKED.search(each[0]) or each["by"] or (
        "$$" not in each[0] or re.search(r"\d[.,]\d", each[0])
    )]  # fmt: skip
    posted = [each.span() for each in found if each["posted"]]
    if not found or not UNQUOTED.search(blanked(text, posted)):
        return []
    own = _stated(QUOTED_LINES.sub("", text))
    mail = SENT.match(text)
    return [
        q for q in found
        if mail or q["by"] or q["posted"] or ASKED.search(q[0]) or _stated(q[0]) & own
    ]  # fmt: skip


def _stated(text: str) -> set[str]:
    """What a text gives a number, without primes and marks."""
    found = re.findall(r"(\S+)[ \t]*[=≈][ \t]*[-−]?\d[\d.,]*(?!\S)", text)
    return {re.sub(r"\W", "", name) for name in found}


def without_disowned(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """A text without statements that are crossed out or one of two, and where these stand."""
    found: list[tuple[int, int, str]] = []
    low = text.casefold()
    marking = [word for word in MARKING if word in low]
    attempts = [each.span("block") for each in ATTEMPTED.finditer(text) if _stands_again(each)]
    at, lines = 0, text.split("\n")
    for number, line in enumerate(lines):
        start, at = at, at + len(line) + 1
        if len(line) > LONGEST_MARKED or not ("=" in line or "≈" in line or "|" in line):
            continue
        low = line.casefold()
        mark = CROSSED_OUT.search(line) if any(word in low for word in marking) else None
        tried = any(begin <= start < end for begin, end in attempts)
        if not (mark or tried) and not _has_alternatives(line):
            continue
        first = mark.start("rest") if mark and mark["rest"] else 0
        found.append((start + first, start + len(line), STRIKING if mark or tried else TWO_STAND))
        spans = [m.span() for m in SCAFFOLD.finditer(line)]
        spans += [m.span() for m in BAR.finditer(line) if line.lstrip().startswith("|")]
        spans += [m.span() for m in re.finditer(r"\$\$", line) if line.count("$$") % 2]
        left = [*line[:first], *" " * (len(line) - first)]
        for begin, end in spans:
            left[begin:end] = line[begin:end]
        lines[number] = "".join(left)
    return "\n".join(lines) if found else text, found


def _has_alternatives(line: str) -> bool:
    """True for a line that gives one quantity two numbers with an or between them."""
    for joint in OR.finditer(line) if " " in line else ():
        before = line[max(joint.start() - 200, 0) : joint.start()]
        for name in STATED.finditer(before):
            one = before[name.end() :]
            alone = bool(joint["alone"]) and ";" not in one and not STATED.search(one)
            same = bool(joint["name"] == name[1])
            if (alone or same) and _differ(one, joint["two"] or joint["alone"]):
                return True
    return False


def _differ(one: str, two: str) -> bool:
    """True unless the last number of one text and of another round to the same."""
    told = [
        PLAIN_NUMBER.findall(each.replace("−", "-").replace(",", "."))[-1:] for each in (one, two)
    ]
    if not all(told):
        return True
    (first,), (second,) = told
    digits = [len(each.partition(".")[2]) for each in (first, second) if "/" not in each]
    try:
        gap = abs(Fraction(first) - Fraction(second))
    except ZeroDivisionError:
        return True
    return gap > Fraction(51, 100) / Fraction(10) ** min(digits, default=9)


def with_messages(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A chat with each message as a point of a list, and what others than its author state.

    What a partner says of quantities of which nobody else says anything is an answer of both.
    """
    messages = [*MESSAGE.finditer(text)]
    if len(messages) < 2:
        return text, []
    ends = [*(each.start() for each in messages[1:]), len(text)]
    by = [head["by"] or head["before"] for head in messages]
    lines = [
        [line.span() for line in SAYING.finditer(text, head.end(), end)]
        for head, end in zip(messages, ends, strict=True)
    ]
    said: dict[str, list[tuple[int, int]]] = {name: [] for name in by}
    for name, places in zip(by, lines, strict=True):
        said[name] += places
    author = max(said, key=lambda name: sum("=" in text[slice(*p)] for p in said[name]))
    diary = any(TITLES & {*re.findall(r"[^\W\d_]+", name.casefold())} for name in said)
    named = {place: _first_name(text[slice(*place)]) for place in chain(*said.values())}
    people = Counter(chain(*({named[place] for place in each} for each in said.values())))
    own: set[tuple[int, int]] = set()
    for name, places in said.items():
        alone = {p for p in places if people[named[p]] == 1 and "?" not in text[slice(*p)]}
        taken = diary or name == author
        own |= {*places} if taken else alone if 2 * len(alone) >= len(places) else set()
    found, at = list[str](), 0
    for head, end, name, places in zip(messages, ends, by, lines, strict=True):
        edges = [head.end(), *chain(*(place for place in places if place in own)), end]
        gaps = [] if diary or name == author else [*zip(edges[::2], edges[1::2], strict=True)]
        gaps = [(first - head.end(), last - head.end()) for first, last in gaps]
        found += [text[at : head.start()], f"{'•':<{len(head[0])}}"]
        found.append(blanked(text[head.end() : end], gaps))
        at = end
    return "".join(found), sorted(named.keys() - own)


def _first_name(line: str) -> str:
    """What stands before the first sign of a line, without its marks."""
    return re.sub(r"\W", "", re.split(rf"\s*(?:{STATES})", line, maxsplit=1)[0].split(" ")[-1])


def _stands_again(attempt: re.Match[str]) -> bool:
    """True if all that an attempt states stands elsewhere as well."""
    text, (start, end) = attempt.string, attempt.span("block")
    named = [STATED.search(line) for line in attempt["block"].splitlines()]
    others = {each[1] for each in STATED.finditer(text[:start] + "\n" + text[end:])}
    return any(named) and all(each[1] in others for each in named if each)


ATTEMPTED = regex(
    rf"^[^\w\n]*(?:\w{{2,5}}[ \t]+)?(?:{ATTEMPT}|{SCRATCH})"
    rf"(?:[ \t]*\([^()\n=≈]{{0,40}}\)|[ \t]*[,–—-]?[ \t]*(?:{WRONG}|{IGNORED})[ \t]*[!.]*)?"
    r"[ \t:*_#]*\n(?:[ \t]*\n)?(?P<block>(?:[^\n]*[=≈|][^\n]*(?:\n|\Z))+)",
    re.I | re.M,
)
"""The title of an attempt that does not count, and the statements right below it."""
