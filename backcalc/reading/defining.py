"""Names that a sheet defines itself: in words, or for all units by an index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backcalc.equations.network import Unit
from backcalc.equations.optimizers import RATE
from backcalc.formulas.expression import Name
from backcalc.reading.grammar import Reader
from backcalc.reading.names import SPELLINGS, UNCLEAR, Names, Quantities, Symbol, Unreadable, shown
from backcalc.reading.signs import words
from backcalc.reading.tokens import Token

FORWARD = words("denote denotes denoting denoted represents represent means bezeichnet bezeichne "
                "désigne désignent denota denotiert")  # fmt: skip
"""Words between a new name and what it means."""
STANDING = words("stands stand steht short")
"""The same, where `for` follows."""
WRITING = words("write writes writing schreiben schreibe schreibt écrivons écrit escribimos")
"""The same, where the name and `for` follow."""
FOR = words("for für pour por")
BACKWARD = words("called heißt heisst nennen")
"""Words between what is meant and its new name."""
BY = {"by": words("denote denotes denoted mark"), "as": words("denote denoted write abbreviated"),
      "mit": words("bezeichnen bezeichne"), "par": words("notons note désignons")}  # fmt: skip
"""The same, with the words one of which stands before."""
ENDS = ("dot", "comma", "semicolon", "row", "relation", "assign", "colon")
FILLERS = words("the of a an its our this der die das des la le du de l")
COUNTED = {"first": 1, "second": 2, "third": 3, "only": 1}
UNITS = words("unit units neuron neurons node nodes einheit neurone")
UNIT = (
    r"(?:(?P<count>first|second|third|only) )?(?:(?P<layer>hidden|output) )?"
    r"(?P<unit>unit|neuron|node)(?: (?P<name>\w+))?"
)
MEANT = {
    "activation": re.compile(rf"(?:output|activation) {UNIT}"),
    "sum": re.compile(rf"(?:net input|pre ?activation|weighted sum) {UNIT}"),
    "loss": re.compile(r"(?:total |squared )?(?:loss|cost)(?: function)?"),
    "output": re.compile(r"prediction|network output|output network"),
    "rate": re.compile(r"learning rate|step size"),
}
"""What names are said to mean, in English words."""

FOR_ALL = re.compile(r"(?P<letter>delta|Err|err)_?(?P<index>[i-or])=(?P<sign>-?)"
                     r"d(?P<of>[A-Za-z]+)d(?P<by>[A-Za-z]+?)_?(?P=index)")  # fmt: skip
CHANGE_FOR_ALL = re.compile(
    r"Delta(?P<weight>w_?[i-r]{0,2})=(?P<sign>-?)(?P<rate>eta|lr|alpha)?d(?P<of>[A-Za-z]+)d(?P=weight)"
)


def define_in_words(tokens: Sequence[Token], names: Names, math: bool) -> None:
    """Give names their meaning where a line says it: let a_1 denote h_0, we write o for yhat."""
    for new, meant in _said(tokens):
        symbol = _alone(new, names, math)
        if symbol is None or symbol.primes:
            continue
        quantity = _quantity(meant, names, math)
        own = names.vocabulary.tiers[0].get(symbol.key)
        if quantity is None and not UNITS & {t.text.casefold() for t in meant}:
            continue
        if own is not None and quantity in (None, *own):
            continue
        names.alias([symbol.key], UNCLEAR if own is not None or quantity is None else quantity)
        if own is None and quantity is not None:
            names.taken[shown(symbol)] = str(quantity)


def _said(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """Each new name with what it is said to mean."""
    kept = [token for token in tokens if token.kind != "stop"]
    texts = [token.text.casefold() for token in kept]
    for place, token in enumerate(kept):
        if token.kind != "text":
            continue
        word, following = texts[place], texts[place + 1 : place + 2]
        before, after = _run(kept, place, -1), _run(kept, place, 1)
        lead = texts[: place - len(before)]
        if word in FORWARD and before:
            yield before, _phrase(kept, place + 1)
        elif word in STANDING and before and following and following[0] in FOR:
            yield before, _phrase(kept, place + 2)
        elif word in FOR and before and WRITING & {*lead[-1:]}:
            yield before, _phrase(kept, place + 1)
        elif after and (word in BACKWARD or BY.get(word, frozenset()) & {*lead}):
            start = place - 1 if texts[place - 1 : place] == ["is"] else place
            yield after, _run(kept, start, -1)


def _run(tokens: Sequence[Token], place: int, way: int) -> list[Token]:
    """The tokens of mathematics beside a word."""
    found: list[Token] = []
    place += way
    while 0 <= place < len(tokens) and tokens[place].kind not in ("text", *ENDS):
        found.append(tokens[place])
        place += way
    return found[::way]


def _phrase(tokens: Sequence[Token], place: int) -> list[Token]:
    """What stands from a place on up to the end of the sentence or the next `and`."""
    found: list[Token] = []
    for token in tokens[place:]:
        if token.kind in ENDS or token.text.casefold() in ("and", "und", "et", "where"):
            break
        found.append(token)
    return found


def _alone(tokens: Sequence[Token], names: Names, math: bool) -> Symbol | None:
    """The one name that some tokens are."""
    reader = Reader(tokens, names, math)
    try:
        symbol = reader.symbol()
    except Unreadable:
        return None
    return symbol if symbol and reader.ahead().kind == "end" else None


def _quantity(tokens: Sequence[Token], names: Names, math: bool) -> Quantities | None:
    """The quantity that some tokens or words mean."""
    if tokens and all(token.kind != "text" for token in tokens):
        try:
            value = Reader(tokens, names, math).whole()
        except (Unreadable, RecursionError):
            return None
        if isinstance(value, Name) and "'" not in value.id:
            return value.id
    said = [token.text.casefold() for token in tokens if token.text != "-"]
    text = " ".join(word for word in said if word not in FILLERS)
    for kind, pattern in MEANT.items():
        match = pattern.fullmatch(text)
        if match and kind in ("activation", "sum"):
            unit = _unit(match, names)
            acts = names.network.activations
            if unit is None:
                return None
            return acts[unit.name] if kind == "activation" else unit.pre_activation
        if match:
            outputs = names.network.outputs
            return {"loss": names.loss, "rate": RATE}.get(kind) or (
                outputs[0] if len(outputs) == 1 else None
            )
    return None


def _unit(match: re.Match[str], names: Names) -> Unit | None:
    """The unit that words mean."""
    ends = {*names.network.output_units}
    layer, units = match["layer"], list(names.network.units)
    if layer:
        units = [each for each in units if (each.name in ends) == (layer == "output")]
    if match["name"]:
        named = [each for each in units if each.name == match["name"]]
        return named[0] if named and not match["count"] else None
    count = COUNTED.get(match["count"] or "only", 1)
    several = match["count"] not in (None, "only")
    if not layer or not (several or len(units) == 1):
        return None
    return units[count - 1] if count <= len(units) else None


def is_second_name(left: Sequence[Token], right: Sequence[Token], names: Names) -> bool:
    """Return true for a line that only says what a usual name means here: E = L."""
    new, known = (_alone(side, names, math=True) for side in (left, right))
    own = names.vocabulary.tiers[0]
    if not new or not known or new.primes or new.key in own or known.key not in own:
        return False
    usual = {each for tier in names.vocabulary.tiers for each in tier.get(new.key, ())}
    if usual != own[known.key]:
        return False
    quantity = next(iter(own[known.key]))
    names.alias([new.key], quantity)
    names.taken[shown(new)] = str(quantity)
    return True


def sign_for_all(left: Sequence[Token], right: Sequence[Token]) -> tuple[str, int] | None:
    """Return a letter with its sign where a line defines it for all units or weights.

    Err_j = -dE/dI_j gives -1 for Err; Delta w = -eta dE/dw gives 1, for the change of a weight.
    """
    text = "=".join(
        "".join("d" if t.kind == "differential" else t.text for t in side
                if t.kind not in ("open", "close", "fraction") and t.text not in ("/", "*", "·"))
        for side in (left, right)
    )  # fmt: skip
    match = FOR_ALL.fullmatch(text)
    sums, losses = (SPELLINGS[kind].split() for kind in ("pre-activation", "loss"))
    if match and match["of"] in losses and match["by"] in sums:
        return match["letter"], -1 if match["sign"] else 1
    match = CHANGE_FOR_ALL.fullmatch(text)
    if match and match["of"] in losses and (match["rate"] or not match["sign"]):
        return "Delta", 2 if not match["rate"] else 1 if match["sign"] else -1
    return None
