r"""Tables of the signs and words that people write: LaTeX commands, Unicode, many languages.

`COMMANDS` says for each LaTeX command what kind of token it is and what it means. A command that
stands in no table makes its statement unread: nothing is dropped that might mean something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile, takewhile

from backcalc.errors import texts
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import GREEK


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(re.findall(r"\S+", text))


def _row(kind: str, names: str, text: str | None = None) -> dict[str, tuple[str, str]]:
    return {name: (kind, name if text is None else text) for name in names.split()}


COMMANDS: Mapping[str, tuple[str, str]] = {
    **_row("word", " ".join(GREEK)),
    **_row("word", "varepsilon", "epsilon") | _row("word", "vartheta", "theta"),
    **_row("word", "varphi", "phi") | _row("word", "ell", "L"),
    **_row("word", "Delta Theta Sigma Omega Phi nabla"),
    **_row("word", "exp log ln tanh max min sin cos cosh sech"),
    **_row("differential", "partial", "d"),
    **_row("sign", "cdot times ast star bullet centerdot odot circ", "*"),
    **_row("sign", "div", "/"),
    **_row("relation", "approx simeq cong approxeq doteq thickapprox thicksim sim", "≈"),
    **_row("relation", "doteqdot fallingdotseq risingdotseq", "≈"),
    **_row("relation", "equiv eq coloneq triangleq", "="),
    **_row("assign", "leftarrow gets longleftarrow coloneqq Leftarrow", ":="),
    **_row("stop", "Rightarrow implies Longrightarrow therefore because iff Leftrightarrow"),
    **_row("stop", "rightarrow to longrightarrow mapsto longmapsto", "->"),
    **_row("stop", "quad qquad hfill newline par hline toprule"),
    **_row("stop", "midrule bottomrule item square qed blacksquare"),
    **_row("compare", "le leq leqslant", "<="),
    **_row("compare", "ge geq geqslant", ">="),
    **_row("compare", "ne neq", "!="),
    **_row("colon", "colon", ":"),
    **_row("compare", "lt", "<"),
    **_row("compare", "gt", ">"),
    **_row("bar", "lvert rvert vert mid lVert rVert Vert |", "|"),
    **_row("open", "{ lbrace", "\\{"),
    **_row("close", "} rbrace", "\\}"),
    **_row("open", "lbrack", "["),
    **_row("close", "rbrack", "]"),
    **_row("fraction", "frac dfrac tfrac cfrac nicefrac sfrac"),
    **_row("over", "over"),
    **_row("root", "sqrt"),
    **_row("accent", "hat widehat", "hat"),
    **_row("accent", "bar overline", "bar"),
    **_row("accent", "tilde widetilde", "tilde") | _row("accent", "dot ddot breve check", "other"),
    **_row("angle", "langle rangle"),
    **_row("prime", "prime", "'"),
    **_row("transpose", "top intercal"),
    **_row("percent", "%"),
    **_row("digits", "dots ldots cdots dotsc"),
    **_row("wrap", "mathrm mathbf boldsymbol bm mathit mathcal mathscr mathsf mathbb mathtt vec"),
    **_row("wrap", "operatorname operatorname* boxed fbox underline cancel bcancel xcancel mathop"),
    **_row("wrap", "ensuremath bold mathnormal pmb num mathfrak rm bf it cal"),
    **_row("wrap", "alert structure uncover visible only onslide"),
    **_row("space", ", ; : ! > left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr"),
    **_row("space", "Biggl Biggr bigm displaystyle textstyle limits nolimits nonumber notag"),
    **_row("space", "strut mathstrut centering noindent small large scriptstyle null / allowbreak"),
    **_row("space", "checkmark"),
    **_row("space", "mathclose mathopen mathbin mathrel raggedright arraybackslash endhead"),
    **_row("text", "text textrm textnormal textbf textit textsf texttt mbox hbox emph textup"),
    **_row("text", "intertext shortintertext"),
}  # fmt: skip
"""The kind and the meaning of each LaTeX command that is read."""

DROPPED: Mapping[str, int] = {
    "hspace": 1, "vspace": 1, "label": 1, "tag": 1, "color": 1, "phantom": 1, "hphantom": 1,
    "vphantom": 1, "rule": 2, "includegraphics": 1, "ref": 1, "eqref": 1, "cite": 1, "footnote": 1,
    "renewcommand": 2, "setlength": 2, "input": 1, "include": 1, "usepackage": 1,
    "documentclass": 1, "write": 1, "href": 1, "url": 1, "needspace": 1, "backcalcneed": 1,
    "pause": 0,
}  # fmt: skip
"""Commands that say nothing of a quantity, with the number of their arguments."""

LABELLED: Mapping[str, int] = {"underbrace": 0, "overbrace": 0, "textcolor": 1, "colorbox": 1}
"""Commands around a formula, with the number of arguments before it; `_{...}` behind is a label."""

LAYOUT = words(
    "align alignat aligned alignedat gather gathered eqnarray equation split multline displaymath "
    "math flalign IEEEeqnarray dmath"
)
"""Environments that only set lines below each other."""
PROSE = words(
    "verbatim itemize enumerate center proof solution quote figure table theorem remark document "
    "description lstlisting minipage flushleft tcolorbox framed answer exercise example"
)
"""Environments of text."""
MATRICES = words("matrix pmatrix bmatrix Bmatrix smallmatrix array")
"""Environments that hold an array."""
CHOICES = frozenset({"cases", "dcases", "rcases"})
"""Environments that hold a formula in pieces."""

UNICODE: Mapping[str, str] = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "＝": "=",
    "·": "·", "⋅": "·", "∙": "·", "•": "·", "×": "*", "∗": "*", "⁎": "*", "⊙": "*", "∘": "*",
    "÷": "/", "⁄": "/", "∕": "/", "≈": "≈", "≃": "≈", "≅": "≈", "≐": "≈", "∼": "≈", "≡": "=",
    "←": ":=", "≔": ":=", "⇐": ":=", "⇒": "⇒", "→": "->", "⟹": "⇒", "∴": "⇒", "⟶": "->", "↦": "->",
    "➡": "⇒", "👉": "⇒", "≒": "≈", "≓": "≈",
    "≤": "<=", "≥": ">=", "≠": "!=", "⩽": "<=", "⩾": ">=", "∂": "∂", "𝛛": "∂", "∇": "nabla ",
    "ℒ": "L", "ℓ": "L", "′": "'", "’": "'", "‘": "'", "ʹ": "'", "″": "''", "√": "√",
    "…": "...", "∥": "|", "‖": "|", "∣": "|", "∣∣": "|", "，": ", ", "；": ";", "：": ": ",
    "（": "(", "）": ")", "［": "[", "］": "]", "。": ". ", "、": ", ", "⟨": "[", "⟩": "]",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " ",
    "\N{IDEOGRAPHIC SPACE}": " ", "\N{FIGURE SPACE}": " ", "\N{ZERO WIDTH SPACE}": "",
    "\N{WORD JOINER}": "", "\N{ZERO WIDTH NO-BREAK SPACE}": "", "\N{INVISIBLE TIMES}": "*",
    "〖": "(", "〗": ")", "├": "", "┤": "", "▒": " ", "\N{INVISIBLE SEPARATOR}": ",",
    "\N{INVISIBLE PLUS}": "+", "\N{FUNCTION APPLICATION}": "", "\N{SOFT HYPHEN}": "",
    "\N{LEFT-TO-RIGHT MARK}": "",
}  # fmt: skip
"""Signs beyond ASCII as they are typed on a keyboard."""

LOW, HIGH = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾"
LOWERED = {**dict(zip(LOW, "0123456789+-()", strict=True)),
           **dict(zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx", strict=True))}  # fmt: skip
RAISED = {**dict(zip(HIGH, "0123456789+-()", strict=True)), "ᵀ": "T", "ⁿ": "n",
          **dict(zip("ᵃᵉˡᵗᵘʷ", "aeltuw", strict=True))}  # fmt: skip
"""Digits and letters below and above the line."""

FUNCTION_NAMES: Mapping[str, str] = {
    **{name.replace("_", ""): name for name in FUNCTIONS},
    "ln": "log", "σ": "sigmoid", "sigma": "sigmoid", "sigm": "sigmoid", "sig": "sigmoid",
    "logistic": "sigmoid", "sgn": "sign", "lrelu": "leaky_relu", "th": "tanh", "lognat": "log",
    "id": "identity", "linear": "identity", "ramp": "relu", "tgh": "tanh", "tanhyp": "tanh",
    "sigmoide": "sigmoid", "sigmoïde": "sigmoid", "sigmoida": "sigmoid", "sen": "sin",
    "logsig": "sigmoid", "tansig": "tanh", "purelin": "identity", "poslin": "relu",
}  # fmt: skip
"""Functions of the table by the words that people use, small letters, without underscores."""

_TEXTS = {head.partition(":")[0]: text for head, text in texts(__package__, "words.txt").items()}
_LISTS = {name: words(text) for name, text in _TEXTS.items()}
"""The lists of words by name; words.txt says what each of them means."""

_ROWS = [row.split("|") for row in re.split(r"\n(?=[a-z])", _TEXTS["PASSES BY LANGUAGE"])]
NEW, _OLD, _BEFORE = (words(" ".join(row[column] for row in _ROWS)) for column in (1, 2, 3))
"""Words that say that what follows comes after the update, and that it comes before it."""
OLD = _OLD | _BEFORE
EARLIER = _BEFORE | {"prima"}  # which behind w is a prime


def phrases(name: str) -> list[str]:
    """Return the phrases of a list, or their patterns."""
    return re.split(r",\s+", _TEXTS[name].strip())


CHANGES = phrases("CHANGES")
AND = ("and", "and it", "which", "so it", "and so it")
"""What stands before GIVING."""
BY = ("with respect to", "w r t", "wrt", "par rapport à", "respecto a", "rispetto a", "bezüglich")
"""Words behind a derivative that say by what it is taken."""

ACTIVATIONS = _LISTS["ACTIVATIONS"]
AFTER = _LISTS["AFTER"]
ACTIVATING = _LISTS["ACTIVATING"]
NEW_ALONE = _LISTS["NEW_ALONE"]
OLD_ALONE = _LISTS["OLD_ALONE"]
GRADIENT = _LISTS["GRADIENT"]
DESCENT = _LISTS["DESCENT"]
PASSES = _LISTS["PASSES"]
FILLING = _LISTS["FILLING"]
ORDINALS = _LISTS["ORDINALS"]
HALF_PASSES = _LISTS["HALF_PASSES"]
STEPS_OF_WORK = _LISTS["STEPS_OF_WORK"]
LEARNING = _LISTS["LEARNING"]
AGAIN = _LISTS["AGAIN"]
CHECKS = _LISTS["CHECKS"]
LEAD_INS = _LISTS["LEAD_INS"]
THUS = _LISTS["THUS"]
VERBS = _LISTS["VERBS"]
BECOMES = _LISTS["BECOMES"]
SETTING = _LISTS["SETTING"]
GETTING = _LISTS["GETTING"]
FOR_ALONE = _LISTS["FOR_ALONE"]
GIVING = _LISTS["GIVING"]
AND_WORDS = _LISTS["AND_WORDS"]
PRONOUNS = _LISTS["PRONOUNS"]
BY_ALONE = _LISTS["BY_ALONE"]
OF_ALONE = _LISTS["OF_ALONE"]
SCALING = _LISTS["SCALING"]
ARTICLES = _LISTS["ARTICLES"]
ALSO = _LISTS["ALSO"]
THERE = _LISTS["THERE"]
THAT_IS = _LISTS["THAT_IS"]
RESIDUALS = _LISTS["RESIDUALS"]
ERROR_WORDS = _LISTS["ERROR_WORDS"]
LAYERS = _LISTS["LAYERS"]
NEURONS = _LISTS["NEURONS"]
HIDDEN = _LISTS["HIDDEN"]
REMARKS = _LISTS["REMARKS"]
SCALES = _LISTS["SCALES"]
RESULTS = _LISTS["RESULTS"]
CONDITIONS = _LISTS["CONDITIONS"]
OTHERWISE = _LISTS["OTHERWISE"]
SAMPLE_NOUNS = _LISTS["SAMPLE_NOUNS"]
NOW_WORDS = _LISTS["NOW_WORDS"]
HAVING = _LISTS["HAVING"]
SEVERAL_ARE = _LISTS["SEVERAL_ARE"]
ITS = _LISTS["ITS"]
SUPPOSED = _LISTS["SUPPOSED"]
FALLS = _LISTS["FALLS"]
EXAMPLES = _LISTS["EXAMPLES"]
THIS = _LISTS["THIS"]
PATHS = _LISTS["PATHS"]
OVERALL = _LISTS["OVERALL"]
UNREAL = _LISTS["UNREAL"]
CORRECTING = _LISTS["CORRECTING"]
TOTALS = _LISTS["TOTALS"]
WORKINGS = _LISTS["WORKINGS"]
SAMPLES = _LISTS["SAMPLES"]
TIMES = _LISTS["TIMES"]
VALUES = _LISTS["VALUES"]
BACKWARD = _LISTS["BACKWARD"]
MARKING = _LISTS["MARKING"]
TOTAL = _LISTS["TOTAL"]
SAME = ALSO | _LISTS["SAME"]
WERE = OLD | _LISTS["WERE"]
STEPS = _LISTS["STEPS"] | PASSES - words(
    "forward values weights update vorwärts vorwärtslauf propagation"
)


def by_kind(name: str) -> dict[str, str]:
    """Return the words of a list in which there are some for each of several kinds."""
    return dict(re.findall(r"^([\w-]+): ((?:.|\n )+)", _TEXTS[name], re.MULTILINE))


NOUNS = {kind: words(text) for kind, text in by_kind("NOUNS").items()}


def says_by(said: Sequence[str]) -> bool:
    """Return true if the name behind some words is what the loss is differentiated by."""
    *before, last = [*said] or [""]
    while before and last in ARTICLES:
        *before, last = before
    said = [*before, last]
    if last in OF_ALONE:
        return bool(before) and before[-1].startswith("grad")
    if last not in BY_ALONE | {"at"}:
        return " ".join(said).endswith(BY)
    between = OF_ALONE | LEAD_INS | NOUNS["loss"]
    of = [*takewhile(lambda w: w in between or len(w) < 3, reversed(before))]
    noun = before[-len(of) - 1 : len(before) - len(of)]
    of_loss = OF_ALONE.intersection(of) and SCALING.isdisjoint(before)
    by = bool(of_loss) or last in ("at", "nach", "по", "за", "po")
    return by and not GRADIENT.isdisjoint(noun)


def saying(words: Sequence[str]) -> str:
    """What words say of the statements after them: new, gradient, again or nothing."""
    heard = {word.casefold() for word in words if len(word) > 2 or not word.isascii()}
    heard -= GRADIENT if heard & DESCENT else set()
    low = [word.casefold() for word in words]
    for place, word in enumerate(low):
        of = [*dropwhile(FILLING.__contains__, low[place + 1 : place + 4])][:1]
        heard -= {word} if word in AFTER and ACTIVATING & {*of} else set()
    heard -= set() if heard & PASSES else ORDINALS
    found = [
        said for said, known in (("new", NEW), ("gradient", GRADIENT), ("again", AGAIN - CHECKS))
        if heard & known
    ]  # fmt: skip
    return found[0] if len(found) == 1 and not (found[0] == "new" and heard & EARLIER) else ""


def says_later(words: Sequence[str]) -> bool:
    """Return true if a clause is of the time behind the update: after one step, as a new pass."""
    heard = {word.casefold() for word in words}
    if saying(words) != "new" or heard & NEW - AFTER - ORDINALS:
        return saying(words) == "new"
    if heard & ORDINALS:
        return bool(heard & AFTER) or heard.isdisjoint(STEPS_OF_WORK)
    return not heard.isdisjoint(PASSES | LEARNING) and heard.isdisjoint(HALF_PASSES)
