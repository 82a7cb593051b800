"""What a whole sheet shows of its notation: what its marks, its letters and its numbers mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction

from backcalc.errors.patterns import regex
from backcalc.reading.names import UNCLEAR, NameReader, Symbol
from backcalc.reading.signs import SCORES, SHARES
from backcalc.reading.tokens import GREEK_NAMES
from backcalc.reading.vocabulary import AIMED, SPELLINGS


def _begun(letters: str) -> str:
    r"""The pattern of a letter that begins a word; a search for \b takes ten times as long."""
    return rf"[{letters}](?<!\w[{letters}])"


NEW_MARKS: Mapping[str, re.Pattern[str]] = {
    "tilde": regex(r"\\(?:wide)?tilde\s*\{?\s*[wvub](?![a-z])[^=$\n]{0,20}=[^=$\n]{1,60}[-+]"),
    "bar": regex(r"\\(?:bar|overline)\s*\{?\s*w(?![a-z])[^=$\n]{0,20}=\s*w[\s\w{}]{0,9}-"),
    "*": regex(_begun("w") + r"\s*(?:_\s*\{?\s*\w+\s*\}?)?\s*\^\s*\{?\s*"
                    r"(?:\*|\\ast\b|\\star\b)[^=$\n]{0,8}=[^=$\n]{1,60}-"),
}  # fmt: skip
"""Signs above a weight that say new where it is an old number or name less something."""
NEW_BELOW = regex(rf"{_begun('wWb')}_?\{{?(\d+)[ ,_]*([A-Za-z]+)\}}?\s*&?=\s*\w_?\{{?\1\}}?\s*[-−]")
"""A letter behind the number below a weight that says new: w_{1u} = w_1 - ..."""
NET_INPUT = regex(
    r"\boutput\s*\}?\s*(?:\{\s*\\partial|/\s*[d∂]|=\s*\w+\()\s*"
    r"(?:input_?\{?(?:\\(?:text|mathrm)\{)?net|net_?\{?(?:\\(?:text|mathrm)\{)?input)\b"
)
"""Signs that the net input is that of the output: d output / d input_net."""
SIGMOIDAL = regex(r"sigmo|logisti|сигмо|e\s*\^\s*\{?\s*[-−]|exp\s*\(\s*[-−]|\be\*\*\(?-|np\.exp")
"""What tells that a sigma is the sigmoid function, whatever the network has."""
STARRED = regex(
    r"(?<![\w\\])y\s*(?:_\s*\{?(?P<low>\w{1,2})\}?)?\s*\^\s*\{?\s*(?:\*|\\ast\b|\\star\b)\s*\}?\s*"
    r"(?:_\s*\{?(?P<behind>\w{1,2})\}?)?\s*=\s*(?P<number>[-−]?\d+(?:\.\d+)?)(?![\d.,]*\d)\s*[$.,;\n)]"
)
"""A y with a star before a number alone."""
MARK_SAID = regex(
    r"\\(?:wide)?(?P<sign>bar|overline|tilde)\s*\{?\s*[wb\\]?[^.=\n]{0,25}"
    r"\b(?:denotes?|be|is|are|means?|stands? for|for)\b[^.=\n]{0,9}\b(?:new|updated)\b"
    r"|\b(?:new|updated|novos|nuevos|nuovi|neu|neue\w?|nouve\w+|nieuwe?|nya?|nye)\b[^.\n]{0,30}"
    r"\b(?:carr|wear|have|get|with|lev|con|port|trag|mit|avec|met|med)\w*[^.\n]{0,12}"
    r"\b(?P<word>bar|overline|barra|balken|(?:quer)?strich|streep|stre[gk]|streck|barre|tilde)\b"
    r"|\b(?:new|updated|neue\w?|nouve\w+|nuev[ao]s?|nuov[ei]|nov[ao]s)[ \t]+[^\W\d_]+[ \t]*"
    r"[:*]*[\s$]*\\(?:wide)?(?P<head>bar|overline|tilde)\s*\{?\s*[wb](?![^\W\d_])"
    r"|\\(?:wide)?(?P<step>bar|overline|tilde)\s*\{?\s*(?P<old>[wb])\}?(?P<low>[\w^{}()]{0,12})"
    r"\s*&?=\s*(?P=old)(?P=low)\s*-",
    re.IGNORECASE,
)
"""Words, or the update itself, that say that a sign above a letter means new."""
COUNTED_STEPS = regex(_begun("wWb") + r"\}?(?:\^\{?\w\}?)?\s*(?:\([knt]\s*\+\s*1\)|\(0\)\s*&?=)")
"""A weight with its step in brackets behind it: W(k+1)."""
SENSITIVITIES = regex(r"([sn])(?<!\w[sn])\}?\s*\^\s*\{?\d")
"""A textbook's letters for the sensitivities, and for the net inputs that they go by."""
MINUS_DELTA = regex(
    r"(?:δ|delta|дельта)[\w{}^]*\s*(?::?=|is|ist|est|es|это)\s*(?:(?:the|die|la) )?(?:"
    r"(?:minus|negativ\w*|минус|menos|moins|meno|[-−])\s*(?:(?:of )?(?:the|die|la) )?"
    r"(?:deriv|gradient|ableitung|dériv|производн|градиент)"
    r"|(?:(?:[^-−=\n$;,]|1\s*[-−]){1,40}?\(|\(?)\s*"
    r"[ytd]_?\{?[i-n]\}?\s*[-−]\s*(?:[oa]_|out|ŷ|y_?hat|\\hat))",
    re.IGNORECASE,
)
"""Words or a formula for all units that say that an error term is minus the derivative."""
CAPITAL_LOSS = regex(rf"(?:\\partial|∂|{_begun('d')}|\\hat)\s*\{{?\s*F\b")
"""A derivative of F, or an F with a hat."""
ERROR_BY_E = regex(r"e(?<![\w\\{^]e)\s*&?=\s*[-(]?[A-Za-z\\]")
"""An e that is worked out, so that e^2 is its square: e = t - a."""
LOOKALIKES = {"0": "oO", "1": "lI", "5": "sS", "8": "B"}
"""Letters that stand for a digit in scanned text."""
MARK_WORDS = ("bar", "overline", "tilde", "balken", "strich", "stre")
"""The words for such signs."""
LOWER_LOSS = regex(rf"(?:\\partial|\\delta|∂|{_begun('d')})\s*\{{?\s*l\b")
"""A derivative of l."""
RAISED = regex(
    rf"(?P<letter>{_begun('zwWbBahno')}|\\delta|δ)\s?\}}?\s?"
    r"(?:\^\s?\{?\s?(?P<number>\d)\s?\}?|(?P<sign>[⁰¹²³⁴-⁹]))(?!\d)"
    r"(?P<after>\s?_|[₁-₉]|[\s$}*`]*(?:[=≈|&]|:=|\\(?:approx|leftarrow|gets)|<-|←))?"
)
"""A number above the letter of a unit, with an index below or a sign that make it a name."""
_ABOVE = r"\}?\s?\^\s?\{?\s?[(\[]\s?(\d{1,2})\s?[)\]]\s?\}?"
UNITS_ABOVE = regex(rf"{_begun('z')}{_ABOVE}[\s$}}]*(?:&?[=≈]|\\approx)")
"""The number in brackets above a weighted sum that is said to be something."""
INDEXED_ABOVE = regex(
    rf"{_begun('zah')}(?:{_ABOVE}\s?_|\}}?\s?_\s?(?:\w|\{{[^{{}}]*\}})\s?\^\s?\{{?\s?[(\[]\d)"
)
"""Such a number above a name with an index below."""
FIRST_STEP = r"\}?(?:_\{?)?[1₁]\}?[\s$&]*:?=[\s$&]*"
"""What stands behind a weight up to what the first step gives: _1 =."""
PLAIN = r"(?P<plain>[-−]?\d+(?:\.\d+)?)(?![\d.,]*\d)(?=\s*(?P<less>[-−+])?)"
BOLD = regex(r"\\(?:mathbf|boldsymbol|bm)\s*\{?\Z")
LOWERED = regex(rf"({_begun('zwWbBahno')}|\\delta|δ)\}}?\s?(?:_\s?\{{?\s?\d|[₀-₉])")
LETTERED = regex(r"([abhwxz])_?\{?([oOlIsSB])")
"""A name with a letter where a digit should stand."""
COUNTED = regex(
    r"\b(?:super(?:script|índice)|upper ind|exponent|exposant|hochgestellt|esponent|apic)\w*"
    r"[^.\n]{0,60}?\b(?:(?P<layers>layer|schicht|couche|capa|strat)"
    r"|sample|example|beispiel|muster|exemple|muestra|ejemplo|esemp)"
    r"|\^\{\(\d\)\}\$ is [^\n]{1,40} of sample",
    re.IGNORECASE,
)
"""Words that say what the numbers above the names of a sheet count."""
OUT = ("o", "out")
"""What units put out, in letters with a number."""
HATTED = r"(?:\\(?:wide)?hat ?\{? ?y\}?|ŷ|y_?hat)"
"""The pattern of a y with a hat."""
OUTER = regex(rf"{_begun('d')}o\b|{_begun('o')}\s+=")
"""A sign that o is what the network puts out."""


def hear_notation(text: str, names: NameReader) -> None:
    """Take in what a whole sheet shows of what its names mean."""
    if names.vocabulary.sampled and names.layered is None and (said := COUNTED.search(text)):
        names.layered = bool(said["layers"])
    _hear_marks(text, names)
    _hear_letters_for_digits(text, names)
    known, network = names.vocabulary.tiers[0], names.network
    sums = re.findall(rf"({_begun('z')}\d+)\s*=", text)
    names.summed = not names.vocabulary.units.keys().isdisjoint(sums)
    several = max(len(network.outputs), len(network.targets))
    factors = rf"{_begun('d')}_?\{{?(\d)\}}?\s*(?:&?:?=|[*·⋅×]|\\(?:cdot|times)\b)"
    names.apart = "d1" not in known and any(
        int(each) > several and names.knows(Symbol("z", each)) for each in re.findall(factors, text)
    )
    close = re.sub(r" ?([_{}]) ?", r"\1", text) if "_ {" in text else text
    counts = {int(n) for n in re.findall(rf"{_begun('o')}_?\{{?(\d)\}}?[ \t]*&?:?[=≈]", text)}
    lettered = any(f"o{n}" in names.vocabulary.tiers[2] for n in counts)
    counted = lettered and max(counts) > len(network.outputs)
    for number, name in enumerate(network.outputs, 1):
        hidden = names.vocabulary.tiers[2].get(f"o{number}", {name})
        outer = counted or (len(network.outputs) == 1 and OUTER.search(close))
        stands = [w for w in OUT if any(f"{w}{low}{number}" in close for low in ("", "_", "_{"))]
        if "o" in stands and len(hidden) > 1 and outer:
            names.presume(f"o{number}", next(iter(hidden - {name})))
        for word in stands:
            key = f"{word}{number}"
            if key not in names.aliases and key not in names.moved:
                _hear_output(word, number, close, names)
    hear_indexes(close, names)
    for letter, derived in (("l", LOWER_LOSS), ("F", CAPITAL_LOSS)):
        if derived.search(close) and not names.knows(Symbol(letter)):
            names.alias([letter, f"{letter}hat"], names.loss)
    if ERROR_BY_E.search(close) and not names.knows(Symbol("e")):
        names.alias(["e"], UNCLEAR)
    _hear_scores(close, names)
    hear_layers(close, names)
    names.units_above = counts_units_above(close, names)
    names.stepped_behind = bool(COUNTED_STEPS.search(close))
    hear_steps(close, names)
    lower = [re.escape(u.name) for u in names.vocabulary.hidden if not u.name.isdecimal()]
    named = rf"(?:delta|δ)_?\{{?(?:{'|'.join(lower)})\b"
    names.outer = len(network.outputs) > 1 and bool(lower and re.search(named, close))


def _hear_marks(text: str, names: NameReader) -> None:
    """Take in what marks and single letters mean: a star, a bar, sigma, s and delta."""
    names.marks = frozenset(mark for mark, used in NEW_MARKS.items() if used.search(text))
    names.marks_below = (*dict.fromkeys(mark for _, mark in NEW_BELOW.findall(text)),)
    network, low = names.network, text.casefold()
    aims = [*network.targets] if len(network.samples) == 1 else []
    for aim in STARRED.finditer(text) if len(aims) == 1 else ():
        if Fraction(aim["number"].replace("−", "-")) == network.samples[0][aims[0]]:
            names.starred = True
            names.alias([f"ystar{aim['low'] or aim['behind'] or ''}"], aims[0])
    functions = {unit.activation.name for unit in network.units} - {"identity"}
    settled = any(unit.settings for unit in network.units)
    if len(functions) == 1 and not settled and not SIGMOIDAL.search(low):
        names.sigma = next((name for name in functions if name in low), "")
    if any(each in low for each in MARK_WORDS) and (said := MARK_SAID.search(text)):
        names.marks |= {"tilde" if "tilde" in said[0].casefold() else "bar"}
    raised = {*SENSITIVITIES.findall(text)} if "sensitivit" in low else set()
    if raised >= {"s", "n"} and not any(key[0] in "sn" for key in names.vocabulary.tiers[0]):
        names.define_for_all("s", 1, "n")
    if MINUS_DELTA.search(text):
        names.define_for_all("delta", -1, "")
    outer = [unit for unit in network.units if unit.name in network.output_units]
    if len(outer) == 1 and NET_INPUT.search(text):
        names.alias(["inputnet", "netinput"], outer[0].pre_activation)
    if len(aims) == 1 and "predicted" in low and AIMED.isdisjoint(aims):
        names.alias(["actual", "Actual"], aims[0])


def _hear_letters_for_digits(text: str, names: NameReader) -> None:
    """Take names with a letter where a digit should stand, hO, as those of the digit."""
    known = names.vocabulary.tiers[0]
    for head, letter in sorted({*LETTERED.findall(text)}):
        digit = next(digit for digit, letters in LOOKALIKES.items() if letter in letters)
        name = rf"{head}_?\{{?{letter}\}}?"
        used = re.search(rf"\b{name}'?(?:\s*[=:·]|\s\*\s|\*\w)|\bd{name}(?![\w}}])", text)
        if f"{head}{digit}" in known and used and not names.knows(Symbol(head, letter)):
            (meant,) = known[f"{head}{digit}"]
            names.presume(f"{head}{letter}", meant)
            if letter not in known:
                names.alias([letter], UNCLEAR)  # its letter may be lost


def _hear_output(word: str, number: int, text: str, names: NameReader) -> None:
    """Take in if o1 or out1 is what the network puts out, or what a unit inside it does."""
    key, name = f"{word}{number}", names.network.outputs[number - 1]
    among, acts = {*names.options(key)}, names.network.activations
    if name not in among:
        return
    others = among - {name}
    lefts = {w: re.search(rf"{w}(?<!\w{w})_?{number}[ \t]*=", text) for w in OUT}
    order = sorted((left.start(), w) for w, left in lefts.items() if left)
    if len(order) == len(among) == 2:  # what is hidden is worked out first
        names.presume(key, name if word == order[1][1] else others.pop())
        return
    outer = [unit for unit in names.network.units if acts[unit.name] == name]
    low = rf"_?(?:{number}\b|\{{{number}\}})"
    hatted = rf"{HATTED} ?{low}"
    one = rf"(?:^|[$&\n,;=]) *o{low} *&?= *{hatted}|{hatted} *&?= *o{low}"
    logit = rf"logits?\W+o|(?:{_begun('p')}|exp ?[({{]? ?o|e\^\{{? ?o) ?{low}"
    beside = word == "o" and re.search(hatted, text) and not re.search(one, text)
    several = max(len(names.network.outputs), len(names.network.targets))
    if outer and word == "o" and (beside or re.search(logit, text)):
        inner = beside and not outer[0].group and not re.search(rf"{_begun('ah')}{low}", text)
        alone = inner and len(others) == 1
        names.presume(key, others.pop() if alone else outer[0].pre_activation)
    elif len(among) > 1 and re.search(
        rf"{_begun('o')}{word[1:]}_?\{{?[{several + 1}-9]\b", text
    ):  # of all
        names.alias([key], others.pop() if len(others) == 1 else UNCLEAR)
    elif len(among) > 1 and re.search(rf"{_begun('ah')}_?\{{?{number}\b", text):
        names.presume(key, name)


def _hear_scores(text: str, names: NameReader) -> None:
    """Take in scores and shares of classes that are counted from 0: scores_0."""
    last = names.vocabulary.outputs
    for word in (*SCORES, *SHARES) if len(last) > 1 else ():
        numbers = {int(n) for n in re.findall(rf"\b{word}_?\{{?(\d)\b", text)}
        first = 0 if 0 in numbers else 1
        if numbers & {0, len(last)} and max(numbers) < len(last) + first:
            for number, unit in enumerate(last, first):
                out = names.network.activations[unit.name]
                names.alias([f"{word}{number}"], unit.pre_activation if word in SCORES else out)


def hear_layers(text: str, names: NameReader) -> None:
    """Take in if bare numbers above names count layers: z^2_1, w^1_{11}, or z^1 of a lone unit.

    Nobody writes a power of 1. Without indexes below the numbers on left sides must be just
    those of the layers, or, where the inputs are the first one, one more.
    """
    low, alone, first = set[int](), dict[str, set[int]](), False
    written = names.raising and re.search("[\\^⁰-⁹¹²³]", text)
    lowered = {*LOWERED.findall(text)} if written else set()
    for match in RAISED.finditer(text) if written else ():
        letter, after = match["letter"].replace("δ", "\\delta"), match["after"] or ""
        number = int(match["number"] or "⁰¹²³⁴⁵⁶⁷⁸⁹".index(match["sign"]))
        indexed = after.endswith((*"_₁₂₃₄₅₆₇₈₉",))
        if indexed and letter in ("z", "\\delta"):
            low.add(number)
        bold = letter in "Wbna" and BOLD.search(text, 0, match.start())
        first |= number == 1 and bool(bold or (indexed and letter in "wWbna"))
        if after and not indexed and letter not in lowered:
            alone.setdefault(letter, set()).add(number)
    layers, most = names.vocabulary.layers, max(low, default=0)
    told = names.layered or not names.vocabulary.sampled
    if most in (layers, layers + 1) and (1 in low) != (most > layers):
        names.raised = most - layers
    elif told and first:
        names.raised = 0
    elif told and (many := _whole_layers(alone, names)) is not None:
        names.raised = many
    elif told and names.vocabulary.single and sum(map(len, alone.values())) > 1:
        outer = set[int]().union(*(alone.pop(letter, ()) for letter in "aho"))
        numbers, known = set[int]().union(*alone.values()), names.vocabulary.counts
        more = int(bool(known) and max(numbers, default=0) > max(known))
        whole = {each + more for each in known}
        sure = numbers == whole if more and len(known) > 1 else not more or 1 in outer
        if min(whole, default=-1) in numbers <= whole and sure:
            names.raised, names.alone = more, True


def counts_units_above(text: str, names: NameReader) -> bool:
    """True if numbers in brackets above weighted sums are more than there are layers.

    They must be those of units from the first one on, and stand above names without an index.
    """
    if names.vocabulary.sampled or not names.network.units or names.vocabulary.single:
        return False
    own = any("^" in word and word[0] in "zah" for word in names.network.names.values())
    numbers = {int(each) for each in UNITS_ABOVE.findall(text)}
    several = max(numbers, default=0) > names.vocabulary.layers and 1 in numbers
    known = all(names.knows(Symbol("z", str(number))) for number in numbers)
    return several and known and not own and not INDEXED_ABOVE.search(text)


def _whole_layers(alone: Mapping[str, set[int]], names: NameReader) -> int | None:
    """How many more the numbers above whole vectors are than those of the layers.

    Three letters at least must each have all of them, such as z^2, z^3, w^2, w^3, b^2, b^3.
    """
    known = {*range(1, names.vocabulary.layers + 1)}
    if names.vocabulary.single or len(known) < 2:
        return None
    full = []
    for more in (0, 1):
        whole = {number + more for number in known}
        letters = [letter for letter, n in alone.items() if whole <= n <= whole | {more}]
        full += [more] if len(letters) > 2 else []
    return full[0] if len(full) == 1 else None


def hear_indexes(text: str, names: NameReader) -> None:
    """Take in if the weights of the one layer stand with the number of the input first."""
    usual, others = names.vocabulary.tiers[2:4]
    found = {f"w{low}" for low in re.findall(rf"{_begun('wW')}_\{{?(\d\d)\b", text)}
    among = others.items() if found else ()
    turned = {k: m for k, m in among if re.fullmatch(r"[wW]\d\d", k) and len(m) == 1}
    if any(key in turned and key not in usual for key in found):
        for key, (meant, *_) in turned.items():
            names.alias([key], meant)


def hear_steps(text: str, names: NameReader) -> None:
    """Take in if numbers below names count steps: w_1 = w_0 - ..., where the network has one w.

    Without a w_0, w_1 is the first new one unless just the given number stands behind it.
    What each step works out, g_1 and mhat_1, is of the step that leads to w_1 unless there is g_0.
    """
    firsts = dict[str, int]()
    for name in names.weights:
        if not name[-1].isdigit() and not names.knows(Symbol(name, "1")):
            low, numbers = _lettered(name), _numbers_below(name, text)
            first = re.search(rf"{low}{FIRST_STEP}(?:{low}|{PLAIN})", text)
            if first or numbers > {0}:
                alone = first and first["plain"] and not first["less"] and 0 not in numbers
                value = Fraction(first["plain"].replace("−", "-")) if first and alone else None
                firsts[name] = int(value == names.network.weights[name])
    if not firsts:
        return
    descent = names.network.descent
    letters = [each for each in SPELLINGS["loss"] if len(each) == 1]
    names.counted = firsts | dict.fromkeys(("g", *descent.words), 1)
    from_nought = [each for each in ("g", *letters) if 0 in _numbers_below(each, text)]
    names.counted |= dict.fromkeys((*descent.optimizer.states, *from_nought), 0)
    if from_nought:
        names.counted |= dict.fromkeys(("g", *letters), 0)


def _lettered(name: str) -> str:
    """The pattern of a name on a sheet, where a Greek one may be a letter or a command."""
    letter = next((sign for sign, word in GREEK_NAMES.items() if word == name), name)
    return rf"(?<![^\W\d_])\\?(?:{re.escape(name)}|{re.escape(letter)})"


def _numbers_below(name: str, text: str) -> set[int]:
    """The numbers that stand below a name."""
    found = re.findall(rf"{_lettered(name)}\}}?(?:_\{{?)?([0-9₀-₉])(?!\w)", text)
    return {int(unicodedata.normalize("NFKC", each)) for each in found}
