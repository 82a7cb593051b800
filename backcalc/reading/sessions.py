"""Sessions of R, Python, Julia and Octave to statements: what is typed, and what is printed."""

from __future__ import annotations

import re
from itertools import accumulate

from backcalc.errors.patterns import regex
from backcalc.reading.signs import FUNCTION_NAMES
from backcalc.reading.tokens import FILLER

PROMPT = r"^[ \t]*(?:>>>|julia>|In ?\[\d+\]:|>(?!>))(?:[ \t]|(?=\n|\Z))"
SESSION = regex(
    r"^[ \t]*(?:(?:>>>|julia>|In ?\[\d+\]:)[ \t]|>[ \t].*(?:\n[ \t]*\+[ \t].*)*\n\[1\][ \t])", re.M
)
"""A prompt that only a session has; for R's own one, with its output below."""
ENTRY = regex(
    rf"{PROMPT}(?P<code>.*(?:\n[ \t]*(?:\+|\.\.\.)(?:[ \t].*|(?=\n)))*)"
    rf"(?P<out>(?:\n(?!{PROMPT}|[ \t]*$|[ \t]*```).+)*)(?P<end>\n?)",
    re.M,
)
"""What is typed at one prompt, in several lines if need be, and what is printed below it."""
COMMENT = regex(r"[ \t]*#.*")
ASSIGNED = regex(r"\s*(?P<name>[^\W\d]\w*)\s*(?P<sign><-|[-+*/]?=(?!=))(?P<formula>.*)", re.S)
SHOWN = regex(
    r"\s*(?P<name>[^\W\d]\w*(?:\.(?:weight|bias|grad))*)"
    r"(?:\.(?:data|(?:item|detach|numpy|tolist)\(\)|round\(\d\)))*(?:,[ ]*\d)?\)?\s*"
)
"""A name alone, whose value is printed, perhaps as another kind of data."""
FIGURE = r"[-−–+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
LIST = rf"\[+\s*{FIGURE}(?:[\d\s.,+\[\]−–-]|(?<=[\d.])e[-+]?\d)*\]"
PRINTED = regex(
    r"\s*(?:Out ?\[\d+\]:\s*)?(?:Parameter containing:\s*)?(?:(?P<r>\[1\])\s+|(?:tensor|array)\()?"
    rf"(?P<value>{LIST}|{FIGURE}(?P<several>(?:[ ]+{FIGURE})*))"
    r"(?:,\s*\w+=[^\n]*)?\)?\s*"
)
"""A number, a vector or a matrix as it is printed."""
SEVERAL = regex(r"\s*(?:print\()?\(?(?P<names>[^\W\d]\w*(?:,[ ]*[^\W\d]\w*)+)\)*\s*")
"""Several names, whose values are printed."""
FIGURES = regex(rf"[\s(\[]*(?P<values>{FIGURE}(?:, {FIGURE})+)[\s)\]]*")
RESULT = regex(
    r"^(?P<before>[ \t]*)(?P<print>print\()?(?P<name>[^\W\d]\w*(?:\.\w+)*)(?(print)\))"
    r"(?P<gap>(?P<sign>[ \t]*[:=])?\s+"
    rf"(?:Parameter containing:\s+)?(?P<call>(?:tensor|array)\()?)(?P<value>{LIST})"
    r"(?:,\s*\w+=[^\n]*)?(?(call)\))[ \t]*$",
    re.M,
)
"""A name and behind or below it its vector or matrix, as Python prints it."""
LOOP = regex(r"^[ \t]*(?:for\b.*\bin\b|while\b).*:[ \t]*$", re.M)
GAP = regex(r"(?<=[\d.\]]),?\s+(?=[-−–\d\[])")
MODULE = regex(r"\b[A-Za-z_]+(\d)\.(weight|bias)\b")
"""The weights or biases of a layer by the name of its module: fc1.weight."""
LAYERS = {"weight": "W", "bias": "b"}
AUGMENTED = regex(r"[-+*/]=")
LIBRARY = regex(r"\b(?:torch|np|numpy|math|F)\.(?=[a-z])")
PRINTING = regex(r"\b(?:print|round|signif|float)\((?=[\w.]+(?:,[ ]*\d)?\)\s*\Z)")
CALLED = regex(r"([\w.]*[\w)])\s*\(")
OPEN = "\N{NULL}"  # stands for a bracket that is to be closed, and a new line
OPENED = regex(rf"{OPEN}(?P<free>[ \n]|\Z)?")
KNOWN = {*FUNCTION_NAMES, "log", ""}
VECTOR = regex(r"\bc\(([^()=]*,[^()=]*)\)")
INDEXED = regex(r"(?<=\w)\[([1-9])\]")

PRINTED_BELOW = regex(
    rf"^(?P<name>[^\W\d]\w*[ ]=)[ \t]*\n(?:[ \t]*\n)?"
    rf"(?P<rows>(?:[ \t]+{FIGURE}(?:[ \t]+{FIGURE})*[ \t]*(?:\n|\Z))+)(?=\n|\Z)",
    re.M,
)
"""A name and below it its number, vector or matrix, as Octave prints them."""
KEY = r"(?:'(\w+)('?)'|\"(\w+)('?)\")[ \t]*:"
"""A name that is the key of an entry, with its prime."""
ENTRIES = regex(rf"(?:(?P<name>\w+)[ \t]*=[ \t]*)?\{{(?P<inner>\s*(?:{KEY}[^{{}}:]*)+)\}}")
"""A dictionary of Python, by names of quantities."""
SLOPES = regex(r"g|d|dL|grad\w*", re.IGNORECASE)
"""What a dictionary of gradients is called."""
ROUNDED = regex(r"\b(?:a?round|as?array|array|float|tensor|stack|list|tuple)[ ]?\(")
DECIMALS = regex(r",\s*(?:decimals=)?\d+\s*\)")
AS_DATA = regex(r"\.(?:data\b|(?:detach|numpy|item|tolist)\(\)|round\(\d*\))")
"""What only rounds a number or makes it another kind of data."""
LISTED = regex(r"(?<![\w'\"])(?:'[^'\\{]*'|\"[^\"\\{]*\"|[^\W\d][\w.]*)(?![\w'\"])")
LISTS = regex(rf"[\s(\[]*{LISTED.pattern}(?:[\s()\[\]]*,[\s(\[]*{LISTED.pattern})*[\s()\[\],]*")
"""A name or a string, and several with commas between them."""
AROUND = rf"[\s(),\[\]{FILLER}]"
"""What stands around the figures of several names."""
COMMAND_LINE = regex(r"^[ \t]*(?:octave:\d+>|>>)[^\n]*", re.M)
"""What is typed there: its result is printed below, unless nobody wants to see it."""


def with_statements(text: str) -> str:
    """A text in which a session has no prompts, and a name before each output that is of one.

    Every character stays where it is: > z1; z1 [1] 0.3 is z1 = 0.3.
    """
    if not SESSION.search(text):
        return text
    entered = VECTOR.sub(lambda m: f"?{m[0][1:]}", ENTRY.sub(_entry, text))  # behind no prompt
    return OPENED.sub(_closed, entered)


def with_results(text: str) -> str:
    """A text in which a printed name and its vector are a statement on one line.

    And each entry of a dictionary is one: grads = {'w': g} says dw = g.
    """
    text = ENTRIES.sub(_entries, text) if "{" in text else text
    return RESULT.sub(_result, text) if "[" in text else text


def shown_by(code: str) -> tuple[str, tuple[str, ...]]:
    """The pattern of what a line of code shows, and the names whose figures are its groups.

    Of names, lists of them and words: print("w:", np.round([w1, w2], 4)). Else both are empty.
    """
    code = AS_DATA.sub("", DECIMALS.sub(")", re.sub(r"#[^'\"]*$", "", code)))
    code = ROUNDED.sub("(", LIBRARY.sub("", re.sub(r"^\s*print[ ]?(?=\()|;\s*$", "", code)))
    pattern, names, apart = "", list[str](), "*"
    for part in LISTED.findall(code) if LISTS.fullmatch(code) and "=" not in code else ():
        if part[0] in "'\"":
            pattern, apart = rf"{pattern}{AROUND}*{re.escape(part[1:-1].strip())}", "*"
        else:
            pattern, apart = rf"{pattern}{AROUND}{apart}({FIGURE})", "+"
            names.append(part)
    return (rf"{pattern}{AROUND}*", (*names,)) if names else ("", ())


def _entries(match: re.Match[str]) -> str:
    """The entries of a dictionary as statements; none is a new weight for its quotation mark."""
    slope = "d" if SLOPES.fullmatch(match["name"] or "") else " "
    said = rf"{slope}\1\3\2\4 ="
    inner = re.sub(KEY, lambda m: f"{m.expand(said):{FILLER}<{len(m[0])}}", match["inner"])
    return f"{'':{match.start('inner') - match.start()}}{inner} "


def with_lists_in_line(text: str) -> str:
    """A text in which what Octave prints below a name stands behind it, and no prompts."""
    if not PRINTED_BELOW.search(text):
        return text
    return PRINTED_BELOW.sub(_in_a_line, COMMAND_LINE.sub(_blank, text))


def _closed(match: re.Match[str]) -> str:
    """The end of a vector; its new line takes the place of the next prompt, if there is one."""
    return "\n" if match["free"] is None else "]\n"[: len(match[0])]


def _entry(match: re.Match[str]) -> str:
    """One entry without its prompts, and as one statement where its output is of a name."""
    code, printed = match["code"], PRINTED.fullmatch(match["out"])
    if several := _several(match):
        return several
    figures = printed["value"].split() if printed and printed["r"] else []
    if len({len(each.partition(".")[2]) for each in figures}) > 1:
        printed = None  # R gives all figures of a vector the same places
    code = COMMENT.sub(_blank, code) if code[:1] != "#" else code
    code = re.sub(r"\n[ \t]*(?:\+|\.\.\.)", _blank, code)
    code = LIBRARY.sub(lambda m: FILLER * len(m[0]), code)
    code = PRINTING.sub(_blank, code)
    if "<" in code or (printed and printed["r"]):  # h <- tanh(c(z1, z2))
        code = INDEXED.sub(rf"_\1{FILLER}", VECTOR.sub(r" [\1]", code))
    stated = _stated(code) if printed else 0
    code = _named(code)
    before = _blank(match[0][: match.start("code") - match.start()])
    if not printed or not stated:
        if printed:  # of 1 - p with no name the figure alone is listed
            code = re.sub(r"[^;]*\Z", _blank, code)
        return before + code + match["out"] + match["end"]
    value = _value(printed["value"])
    sign, end = ("=[", OPEN) if printed["several"] and match["end"] else ("=", match["end"])
    sign = ":=" if AUGMENTED.search(code) and not printed["several"] else sign
    if value[0] == "[" and (shown := SHOWN.fullmatch(code)):
        sign = _sign_behind(shown["name"], match.string[: match.start()]) or "?"
    room = len(code) - stated + printed.start("value")
    whole = f"{before}{code[:stated]}{sign:>{room}}{value}"
    return f"{whole:<{len(match[0]) - len(end)}}{end}"


def _several(match: re.Match[str]) -> str:
    """An entry of several names, as many as values are printed below it, as one statement."""
    names, values = SEVERAL.fullmatch(match["code"]), FIGURES.fullmatch(match["out"])
    if not names or not values or names["names"].count(",") != values["values"].count(","):
        return ""
    shown, start = names["names"], match.start("code") - match.start() + names.start("names")
    room = match.start("out") - match.start() + values.start("values") - start - len(shown)
    whole = f"{'':{start}}{shown}{'=':>{room}}{values['values']}"
    return f"{whole:<{len(match[0]) - len(match['end'])}}{match['end']}"


def _result(match: re.Match[str]) -> str:
    """A printed name and its vector or matrix as a statement; that of a step's result if it is."""
    shown = bool(match["call"] or match["print"])
    plain = not shown and (not match["sign"] or "\n" not in match["value"])
    depths = accumulate((sign == "[") - (sign == "]") for sign in match["value"])
    sign = "=" if match["sign"] else _sign_behind(match["name"], match.string[: match.start()])
    if plain or not sign or [at for at, depth in enumerate(depths, 1) if not depth] != [
        len(match["value"])
    ]:  # fmt: skip
        return match[0]
    start = len(match["before"] + (match["print"] or ""))
    room = match.start("value") - match.end("name")
    whole = f"{'':{start}}{_named(match['name'])}{sign:>{room}}{_value(match['value'])}"
    return f"{whole:<{len(match[0])}}"


def _sign_behind(name: str, code: str) -> str:
    """The sign between a shown name and its value below some code: := behind a step of its own.

    "" for a name that may mean several values: one that is given a value twice, or in a loop.
    """
    own = re.escape(name)
    given = rf"^(?:.*[;>:])?[ \t]*{own}[ \t]*(?P<step>[-+]=|=[ \t]*{own}\b|=)"
    steps = [each["step"] != "=" for each in re.finditer(given, code, re.M)]
    if steps.count(True) > 1 or False in steps[1:] or LOOP.search(code):
        return ""
    return ":=" if True in steps else "="


def _value(text: str) -> str:
    """A number, vector or matrix on one line, with commas; a vector of one is a number."""
    value = GAP.sub(lambda m: f"{',':{FILLER}<{len(m[0])}}", text)
    value = value if "," in value else re.sub(r"[\[\]]", FILLER, value)
    return re.sub(r"\s|(?<=\d)\.(?!\d)", FILLER, value)


def _named(code: str) -> str:
    """Code in which W1 stands for fc1.weight, and b1 for fc1.bias."""
    return MODULE.sub(lambda m: f"{LAYERS[m[2]]}{m[1]:{FILLER}<{len(m[0]) - 1}}", code)


def _stated(code: str) -> int:
    """Where the part of some code ends that is equal to what is printed below it; 0 for none."""
    parts = [*re.finditer(r"[^;]+", code)]
    made = [(each.start(), found) for each in parts if (found := ASSIGNED.fullmatch(each[0]))]
    shown = SHOWN.fullmatch(parts[-1][0]) if parts else None
    start, last = made[-1] if made else (0, None)
    if shown and not (last and last["name"] == shown["name"]):
        return parts[-1].start() + shown.end("name")
    if not last or not (shown or start == parts[-1].start()):
        return 0
    if len(last["sign"]) > 1 and last["sign"] != "<-":  # w -= 0.1*g
        return start + last.end("name")
    known = {each.rpartition(".")[2] for each in CALLED.findall(last["formula"])} <= KNOWN
    return start + (last.end() if known else last.end("name"))


def _blank(text: str | re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", text if isinstance(text, str) else text[0])


def _in_a_line(match: re.Match[str]) -> str:
    """What is printed below a name as a list behind it: [0.1 -0.2; 0.4 0.3]."""
    rows, gap = match["rows"], match.start("rows") - match.end("name")
    listed = rows.strip("\n").strip()
    if re.fullmatch(FIGURE, listed):
        return f"{match['name']} {listed}".ljust(len(match[0]) - 1) + "\n"
    inside = rows.rstrip("\n").replace("\n", ";")
    return f"{match['name']}{' ' * gap}[{inside[1:]}".ljust(len(match[0]) - 1) + "]"
