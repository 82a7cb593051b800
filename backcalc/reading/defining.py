"""Names that a sheet defines itself: in words, or for all units by an index."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import dropwhile, pairwise

from backcalc.equations.network import Unit
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Name
from backcalc.formulas.quantity import Derivative
from backcalc.reading.grammar import Reader, lone_symbol
from backcalc.reading.names import UNCLEAR, NameReader, Symbol, Unreadable
from backcalc.reading.signs import (
    FILLING,
    HIDDEN,
    LAYERS,
    LEAD_INS,
    MANY_WORDS,
    NEURONS,
    NEW,
    NOUNS,
    PASSES,
    STEPS_OF_WORK,
    TOTAL,
    by_kind,
    phrases,
    saying,
    words,
)
from backcalc.reading.tokens import FILLER, Token, Tokens, tokens_of
from backcalc.reading.vocabulary import SPELLINGS

WRITE = r"(?:(?:writ|schreib|écri|escrib)\w*|note|notons|anoto)"
SAID = tuple(
    regex(pattern)
    for pattern in (
        r"§(?P<new>\d+) (?:(?:denot|represent|bezeichn|désign)\w*|means) (?P<meant>.+)",
        r"§(?P<new>\d+) (?:stands?|steht|is short) (?:for|für) (?P<meant>.+)",
        rf"(?:{WRITE}|and|et|y) §(?P<new>\d+) (?:for|pour|por|für) (?=(?P<meant>.+))",
        r"(?P<meant>§\d+) (?:(?:is|are) )?(?:called|heißt|heisst) §(?P<new>\d+)",
        r"(?:denot|writ|bezeichn|désign|not)\w* (?P<meant>§\d+) (?:by|as|mit|par) §(?P<new>\d+)",
    )
)
"""How a sheet says in words what a new name means; § with a number stands for mathematics."""
TELLING = regex("|".join(phrases("TELLING")), re.IGNORECASE)
"""A word of each of these sentences."""

ENDS = ("dot", "semicolon", "row", "relation", "assign", "colon")
TELLS = r"(?:denot|represent|bezeichn|désign)\w*|means?|stands? for|for|pour|por|für"
MEANING_LIST = r"(§\d+(?:(?: ,(?: (?:and|und|et|y))?| and| und| et| y) §\d+)+)"
LIST_IN_WORDS = regex(
    rf"(?:.*\b(?:{WRITE}|let|where|here|note))?[^§]*{MEANING_LIST} (?:{TELLS}) "
    rf"(?:(?!§)\w+ ){{0,2}}{MEANING_LIST}"
)
"""Several names said to mean as many others: let §0 , §1 denote §2 , §3."""
PARTED = regex(
    rf" ,(?: (?:and|und|et|y)(?= §))? | (?:and|und|et|y) (?=(?:let |sei |soit )?§\d+ (?:{TELLS}) )"
)
"""What stands between two of these in a sentence."""
INDEXES = "ijklmnprt"
NOUN = (
    "(?:(?:error|upstream|local) )?(?:state|unit|neuron|node|output|activation|loss|weight|sum"
    "|signal|term|zustand|estado|état)s?"
)
COUNTED = {"first": 0, "second": 1, "third": 2}
PLAIN_WORDS: Mapping[str, str] = {
    word: plain.strip("-")
    for plain, said in {
        **by_kind("DESCRIBING"),
        "unit": NEURONS,
        "layer": LAYERS,
        "hidden": HIDDEN,
        "output": NOUNS["output"] | words("out class klasse classe clase"),
        "activation": NOUNS["activation"] | {"activity", "aktivität"},
        "sum": NOUNS["pre-activation"],
        "input": NOUNS["input"] | {"in"},
    }.items()
    for word in said
}  # fmt: skip
"""Words that describe a quantity of a unit, each with the one that stands for its kind."""
COUNT, LAYER = r"(?:(?P<count>first|second|third) )?", r"(?P<layer>hidden|output)"
UNIT = rf"(?:{COUNT}(?:{LAYER}(?: unit| layer)?|unit)(?: (?P<name>\w+))?|(?P<own>\w+))"
NUMBERED_UNIT = rf"{COUNT}(?:{LAYER} )?unit(?: (?P<name>\d+))?(?P<own>)"
MEANT = (
    regex(rf"(?P<role>(?:output|activation|sum|delta)(?: of)?|input of) {UNIT}"),
    regex(rf"(?:of )?{UNIT} (?P<role>output|activation|sum|delta|input)"),
)
"""What names are said to mean, in these words."""
ALONE = regex("(?P<role>output|activation|sum|delta|input)")
"""The same where a title above says of which unit."""
STEP = regex(
    r"(?:(?:at|for|bei|zum|à) )?(?:t(?: =)?|time(?: step)?|zeitschritt|zeitpunkt|pas de temps"
    rf"|instante?|tiempo|tempo|{'|'.join(phrases('A_SAMPLE'))}"
    rf"|(?P<work>{'|'.join(sorted(STEPS_OF_WORK))})) (?P<number>\d)"
)
"""Titles of one step in time, or of one sample where its numbers are constants of the network."""
ROLES = {"output": "activation", "input": "sum"}

NAME = r"\$?[^\W\d_]\w{0,8}(?:_\{?\w{1,6}\}?)?\$?"
LIST = rf"({NAME}(?:(?:, (?:and |und )?| and | und | et ){NAME}){{0,15}})"
LISTED = regex(rf"{LIST} (?:(?:are|denote|mean|sind) )?(?:the |die )?\Z")
"""A list of names before what they are said to mean."""
MANY = regex(
    r"\b(?:(?P<activation>outputs|activations|ausgaben|aktivierungen)"
    r"|(?P<sum>(?:weighted )?sums|net inputs|pre-?activations|summen|netzeingaben)"
    r"|(?P<delta>deltas|error terms|error signals))\b"
    r"(?:\s+(?:before|vor)\s+\w+(?:\s+(?:function|sigmoid|\w*funktion))?)?"
    r"(?:\s+(?:of|der|in)\s+(?:the\s+|all\s+)?(?:(?!hidden|output|unit|neuron)\w+\s+)?"
    r"(?:(?P<hidden>hidden|versteckten)|(?P<output>output|network|net\b|netz\w*)|(?P<all>units|neurons)))?",
    re.IGNORECASE,
)
"""What a list of names may mean: the outputs of the hidden units."""
PUT_OUT = regex(r"(?:outputs|ausgaben)[ \t]*(?:[.,;:)\n]|\Z)", re.IGNORECASE)
"""Words that mean what the network puts out, and no unit inside it: o1 and o2 the outputs."""
SLOPE = regex(
    rf"({NAME}) (?:means|is|denotes|stands for) (?:the )?(?:derivative|gradient) of the "
    rf"(?:error|loss|cost) (?:by|with respect to|wrt) ({NAME})"
    rf"(?:,? (?:and )?(?:the )?(?:same|likewise) for {LIST})?"
)
JOINT = regex(r",? (?:and|und|et) |, ")
BEFORE_LIST = 160  # characters in which a list is looked for

FOR_ALL = regex(r"(?P<letter>delta|Err|err|s)(?P<index>[_^]?[i-ort]|)=(?P<sign>-?)"
                     r"d(?P<of>[A-Za-z]+)d(?P<by>[A-Za-z]+?)(?P=index)")  # fmt: skip
BAR_FOR_ALL = regex(r"bar(?P<name>\w+)=d(?P<of>\w+)d(?P=name)")
SLOPE_FOR_ALL = regex(r"(?P<letter>[A-Za-z])_(?P<by>[a-z]|theta)=d(?P<of>[A-Za-z]+)d(?P=by)")
CHANGE_FOR_ALL = regex(
    r"Delta(?P<weight>w_?[i-r]{0,2})=(?P<sign>-?)(?P<rate>eta|lr|alpha)?d(?P<of>[A-Za-z]+)d(?P=weight)"
)

FOR_ALL_HEADS = ("delta", "Err", "err", "bar", "Delta", "s")


def define_lists(text: str, names: NameReader) -> None:
    """Give several names their meanings at once: A and B are the outputs of the hidden units."""
    low = text.casefold()
    listed = any(word in low for word in MANY_WORDS)
    for match in MANY.finditer(text) if listed else ():
        before = " ".join(text[max(match.start() - BEFORE_LIST, 0) : match.start()].split())
        found = LISTED.search(f"{before} ")
        words = JOINT.split(found[1]) if found else []
        units = names.network.units
        alone = before.endswith((" the", " die")) and PUT_OUT.match(text, match.start())
        if match["hidden"] or match["output"] or alone:
            outer = {*names.network.output_units}
            units = tuple(u for u in units if (u.name in outer) == (not match["hidden"]))
        kind = next(k for k in ("activation", "sum", "delta") if match[k])
        extra, words = words[: -len(units)], words[-len(units) :]
        if len(words) == len(units) > 1 and all(len(each) > 3 for each in extra):
            for word, unit in zip(words, units, strict=True):
                _define(word, _of_unit(kind, unit, names), names)
    for match in SLOPE.finditer(" ".join(text.split())) if "derivative" in text else ():
        one, other = match[1].strip("$"), match[2].strip("$")
        tail = other[1:]
        same = JOINT.split(match[3]) if match[3] and tail and one.endswith(tail) else []
        pairs = [(each, other[0] + each[len(one) - len(tail) :]) for each in same]
        for word, by in ((one, other), *pairs):
            with suppress(Unreadable):
                meant = _symbol(by, names)
                quantity = names.find(meant).quantities if meant else ""
                if quantity and isinstance(quantity, str):
                    _define(word, Derivative(names.loss, quantity), names)


def _symbol(word: str, names: NameReader) -> Symbol | None:
    tokens = tokens_of(word.strip("$"), math=True)
    return lone_symbol(tokens, names, True)


def _define(word: str, meant: str, names: NameReader) -> None:
    """Give a name its meaning unless it is one of the network's own."""
    symbol = _symbol(word, names)
    if symbol and symbol.key not in names.vocabulary.tiers[0]:
        names.define(symbol, meant)


def _of_unit(kind: str, unit: Unit, names: NameReader) -> str:
    """The activation, the weighted sum or the error term of a unit."""
    if kind == "activation":
        return names.network.activations[unit.name]
    return Derivative(names.loss, unit.pre_activation) if kind == "delta" else unit.pre_activation


def define_in_words(tokens: Tokens, names: NameReader, math: bool) -> None:
    """Give names their meaning where a line says it: let a_1 denote h_0, we write o for yhat."""
    if not any(token.kind == "text" and TELLING.match(token.text) for token in tokens):
        return
    for new, meant, text in _said(tokens):
        if slope_for_all(new, meant, names) or define_by_index(new, meant, names, math):
            continue
        if general := sign_for_all(new, meant, names.loss):
            names.define_for_all(*general)
            continue
        symbol = lone_symbol(new, names, math)
        if symbol is None:
            continue
        quantity = _named(meant, names, math) or described(text, names)
        own = names.vocabulary.tiers[0].get(symbol.key, set())
        if quantity is None and not NEURONS & {*text.split()}:
            continue
        if own and quantity in (None, *own):
            continue
        if own or quantity is None:
            names.alias([symbol.key], UNCLEAR)
        else:
            names.define(symbol, quantity)


def define_by_index(new: Tokens, meant: Tokens, names: NameReader, math: bool) -> bool:
    """Take in a letter that a sheet defines for every index: s_t for h_t, delta_t = dE/da_t."""
    symbol = lone_symbol(new, names, math) if any(t.text in INDEXES for t in new) else None
    if not symbol or len(symbol.low) != 1 or symbol.low not in INDEXES or symbol.layer:
        return False
    if symbol.head in [t.text.removeprefix("d") for t in meant]:
        return False
    found: dict[str, str] = {}
    for number in names.vocabulary.numbers:
        put = [t._replace(kind="number", text=number) if t.text == symbol.low else t for t in meant]
        quantity = _named(put, names, math) if put != [*meant] else None
        if f"{symbol.head}{number}" in names.vocabulary.tiers[0]:
            return False
        if quantity:
            found[f"{symbol.head}{number}"] = quantity
    for key, quantity in found.items():
        names.alias([key], quantity)
    return bool(found)


def _said(tokens: Tokens) -> Iterator[tuple[list[Token], list[Token], str]]:
    """Each new name, with the mathematics that it is said to mean, and with the words."""
    sentence: list[str] = []
    runs: list[list[Token]] = []
    joined = False

    def told() -> Iterator[tuple[list[Token], list[Token], str]]:
        whole, verb = " ".join(sentence), ""
        if several := LIST_IN_WORDS.fullmatch(whole):
            found = (re.findall(r"§(\d+)", each) for each in several.groups())
            pairs = [[runs[int(n)] for n in numbers] for numbers in found]
            if len(pairs[0]) == len(pairs[1]):
                yield from ((new, meant, "") for new, meant in zip(*pairs, strict=True))
                return
        parts = PARTED.split(whole)
        if any(
            re.fullmatch(r"(?:let )?§\d+", one) and re.match(rf"§\d+ (?:{TELLS})\b", two)
            for one, two in pairwise(parts)
        ):
            return  # of a list that was not understood
        for part in parts:
            writes = re.search(rf"\b{WRITE}", part)
            verb = f"{writes[0]} " if writes else verb
            for pattern in SAID:
                for match in pattern.finditer(part if writes else verb + part):
                    meant = re.split(" (?:and|und|et|where) ", match["meant"])[0]
                    inside = [runs[int(number)] for number in re.findall(r"§(\d+)", meant)]
                    text = re.sub(
                        r"§(\d+)", lambda m: " ".join(t.text for t in runs[int(m[1])]), meant
                    )
                    alone = re.fullmatch(
                        rf"(?:(?:the|a|der|die|das|le|la|el) )?(?:{NOUN} )?§\d+", meant
                    )
                    yield runs[int(match["new"])], inside[0] if alone else [], text.casefold()

    for token in tokens:
        if token.kind in ENDS:
            yield from told()
            sentence, joined = [], False
        elif token.kind == "comma":
            sentence.append(",")
            joined = False
        elif token.kind == "text":
            sentence.append(token.text.casefold())
            joined = False
        elif token.kind != "stop":
            if not joined:
                sentence.append(f"§{len(runs)}")
                runs.append([])
            runs[-1].append(token)
            joined = True
    yield from told()


def _named(tokens: Tokens, names: NameReader, math: bool) -> str | None:
    """The quantity that some mathematics names."""
    try:
        value = Reader(tokens, names, math).whole() if tokens else None
    except (Unreadable, RecursionError):
        return None
    return value.id if isinstance(value, Name) and "'" not in value.id else None


def described(text: str, names: NameReader) -> str | None:
    """The quantity that some words mean."""
    plain = _plain_words(text)
    leads = ({"o", "os"} | LEAD_INS) - NOUNS["loss"]
    bare = [*dropwhile(leads.__contains__, text.split())]
    beside = {*bare} - NOUNS["loss"]
    lone = len({*bare} - beside) == 1  # one word for the loss
    if lone and not NEW.isdisjoint(beside) and beside <= NEW | PASSES | FILLING | {"total"}:
        return f"{names.loss}'"  # the loss after the step
    if lone and beside <= TOTAL:
        return names.loss
    if saying(bare) == "new" and (learnt := _alone(bare, names)):
        return f"{learnt}'"
    ends, puts = names.network.outputs, NOUNS["output"]
    if len(ends) == 1 and not names.below and {*bare} & puts and {*bare} <= puts | NEW:
        return ends[0] + "'" * (not NEW.isdisjoint(bare))
    titled = next((unit for unit in names.network.units if unit.name == names.below), None)
    patterns = (*MEANT, ALONE) if titled else MEANT
    for pattern in patterns:
        match = pattern.fullmatch(plain)
        unit = (titled if pattern is ALONE else _unit(match, names)) if match else None
        if match and unit:
            role = match["role"].removesuffix(" of")
            return _of_unit(ROLES.get(role, role), unit, names)
    return None


def _alone(words: Sequence[str], names: NameReader) -> str:
    """The only bias or weight that words speak of, or the letter of all weights there are."""
    biases = names.network.biases
    for kind, others in (("bias", False), ("weight", True)):
        if {*words} & NOUNS[kind] and {*words} <= NOUNS[kind] | NEW | PASSES | FILLING:
            own = [name for name in names.weights if (name in biases) != others]
            vector = names.vocabulary.tiers[3].get("w", set()) if others else set()
            return own[0] if len(own) == 1 else "w" * (tuple(own) in vector)
    return ""


ABOVE = regex(
    r"(?P<before>(?P<letter>[zZWwbax]|δ|\\delta|\\mathbf\{[zWbax]\})"
    r"(?:_\{?\w{1,3}\}?)?[ ]?\^[ ]?\{?[ ]?[\[(][ ]?)(?P<layer>\d)(?=[ ]?[\])])"
)
"""A number in brackets above a letter, which may count layers."""
OF_TIME = regex(
    r"(?<![\w\\])(?P<name>[^\W\d_])(?:_(?:t|\{\s*t\s*(?P<earlier>[-−]\s*1)?\s*\})|ₜ(?P<above>₋₁)?)(?!\w)"
)
"""A letter with the step in time below it: h_t, h_{t-1}."""


def described_step(text: str, names: NameReader) -> str:
    """Return the number of the step in time that some words mean, t = 2; "" for none."""
    match = None if names.network.units else STEP.fullmatch(text.casefold())
    return match["number"] if match and (names.timed or not match["work"]) else ""


def without_time(text: str, known: Collection[str]) -> str:
    """A text with names of one step in time as the network, which has but one, calls them.

    f_t is f and c_{t-1} is c0, where the network has these and no f_t.
    """

    def bare(match: re.Match[str]) -> str:
        name, before = match["name"], match["earlier"] or match["above"]
        own = f"{name}0" if before else name
        if own not in known or f"{name}t" in known:
            return match[0]
        new = f"{name}_0" if before else name
        return new + FILLER * (len(match[0]) - len(new))

    return OF_TIME.sub(bare, text)


def with_layers_from_sums(text: str, layers: int) -> str:
    """A text whose numbers above count the inputs as layer 1, with the first sums as layer 1.

    W^{[2]}, z^{[3]} of two layers are W^{[1]}, z^{[2]} where no sum or weight is of a layer 1.
    """
    found = {int(m["layer"]) for m in ABOVE.finditer(text) if m["letter"] not in ("a", "x")}
    if not layers or not found or min(found) < 2 or max(found) != layers + 1:
        return text
    return ABOVE.sub(lambda m: f"{m['before']}{int(m['layer']) - 1}", text)


def described_unit(text: str, names: NameReader, *, whole: bool = True) -> Unit | None:
    """Return the unit that some words mean, Hidden unit 1; if not `whole`, some of them."""
    plain = _plain_words(text)
    if whole:
        match = re.fullmatch(UNIT, plain.removeprefix("of "))
        return _unit(match, names) if match else None
    found = [*re.finditer(rf"(?<!\w)(?:{NUMBERED_UNIT})(?!\w)", plain)]
    return _unit(found[0], names) if len(found) == 1 else None


def _plain_words(text: str) -> str:
    """The words of a description, one for each kind, without articles and what leads to it."""
    said = re.sub(r"pre activation", "preactivation", text.casefold().replace("-", " "))
    said = re.sub(r"\bnet (?=output)", "", said)  # what the whole network puts out
    said = re.sub(r"net (?:input|\w*eingabe)|(?:entrée|entrada) net\w+", "netinput", said)
    said = re.sub(r"error (?=term|signal)", "error", said)
    leads = (LEAD_INS - PLAIN_WORDS.keys() - COUNTED.keys()).__contains__
    plain = [PLAIN_WORDS.get(word, word) for word in dropwhile(leads, said.split())]
    text = " ".join(filter(None, plain))
    behind = r"(?<!hidden )(?<!output )unit (?:of )?(hidden|output)"  # neurone caché 1
    return re.sub(behind, r"\1 unit", text)


def _unit(match: re.Match[str], names: NameReader) -> Unit | None:
    """The unit that is meant, if there is one alone."""
    network, layer, name = names.network, match["layer"], match["own"] or match["name"]
    if name and not name.isdecimal():
        meant = _named(tokens_of(name), names, False)
        acts = network.activations
        found = [unit for unit in network.units if name == unit.name or meant == acts[unit.name]]
        lettered = re.fullmatch(r"([ho])(\d)", name) if not (found or layer) else None
        if not lettered:
            return found[0] if len(found) == 1 else None
        layer, name = "hidden" if lettered[1] == "h" else "output", lettered[2]
    units = [
        unit for unit in network.units
        if not layer or (unit.name in network.output_units) == (layer == "output")
    ]  # fmt: skip
    if name:
        named = [unit for unit in units if unit.name == name]
        from_0 = any(unit.name == "0" for unit in network.units)
        place = int(name) if layer or from_0 else 0
        counted = units[place - 1 : place] if place else []
        units = named or counted
        if named and counted and named != counted:
            return None  # of units 0 and 1 the first one may be called 1 as well
    elif match["count"]:
        units = units[COUNTED[match["count"]] :][:1] if layer else []
    return units[0] if len(units) == 1 and not (match["own"] or "").isdecimal() else None


def is_second_name(left: Tokens, right: Tokens, names: NameReader) -> bool:
    """Return true for a line that only says what a usual name means here: E = L."""
    new, known = (lone_symbol(side, names, math=True) for side in (left, right))
    own = names.vocabulary.tiers[0]
    if not new or not known or new.key in own or known.key not in own:
        return False
    usual = {each for tier in names.vocabulary.tiers for each in tier.get(new.key, ())}
    if usual != own[known.key]:
        return False
    names.define(new, next(iter(own[known.key])))
    return True


def _in_line(left: Tokens, right: Tokens) -> str:
    """A definition without brackets and strokes: delta_j=dEdz_j."""
    return "=".join(
        "".join("d" if t.kind == "differential" else t.text for t in side
                if t.kind not in ("open", "close", "fraction") and t.text not in ("/", "*", "·"))
        for side in (left, right)
    )  # fmt: skip


def slope_for_all(left: Tokens, right: Tokens, names: NameReader) -> bool:
    """Take in a sign for derivatives by whatever stands below it: E_p for dE/dp, for every p."""
    match = SLOPE_FOR_ALL.fullmatch(_in_line(left, right)) if len(left) > 2 else None
    own = names.vocabulary.tiers[0]
    if not match or match["by"] in own or f"{match['letter']}{match['by']}" in own:
        return False
    if match["of"] not in (*SPELLINGS["loss"], *own) or (
        own.get(match["of"], {names.loss}) != {names.loss}
    ):  # fmt: skip
        return False
    names.late |= match["letter"] not in names.slopes
    names.slopes.add(match["letter"])
    return True


def sign_for_all(left: Tokens, right: Tokens, loss: str) -> tuple[str, int, str] | None:
    """Return a letter with its sign where a line defines it for all units or weights.

    The third is the letter of the weighted sums that an error term is for.
    Err_j = -dE/dI_j gives -1 for Err; Delta w = -eta dE/dw gives 1, for the change of a weight;
    a bar may stand for the derivative.
    """
    if not any(token.text.startswith(FOR_ALL_HEADS) for token in left):
        return None
    text = _in_line(left, right)
    match = FOR_ALL.fullmatch(text)
    sums, losses = (SPELLINGS[kind] for kind in ("pre-activation", "loss"))
    if match and match["of"] in (*losses, "F") and match["by"] in (*sums, "n"):
        return match["letter"], -1 if match["sign"] else 1, match["by"]
    match = BAR_FOR_ALL.fullmatch(text)
    if match and match["of"].replace("_", "") in (*losses, loss):
        return "bar", 1, ""
    match = CHANGE_FOR_ALL.fullmatch(text)
    if match and match["of"] in losses and (match["rate"] or not match["sign"]):
        return "Delta", 2 if not match["rate"] else 1 if match["sign"] else -1, ""
    return None
