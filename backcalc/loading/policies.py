"""THE table of marking policies, one row each: what a line earns, and what counts as close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.formulas import record
from backcalc.formulas.parser import parse_number

SHARES = {"full": Fraction(1), "half": Fraction(1, 2), "none": Fraction(0)}
"""The words for a part of a line's points."""


@record(frozen=True, slots=True, eq=False)
class Policy:
    """One row: something that graders decide."""

    name: str
    """The key in files, and the option."""
    sentence: str
    """What is decided."""
    default: str
    """What holds unless somebody decides otherwise: one deduction for a mistake."""
    strict: str
    """What holds under the strict preset."""
    wanted: str
    """What may be said, in words."""
    read: Callable[[str], Any]
    """Makes the value; raises ValueError where the text is none."""


def _share(text: str) -> Fraction:
    value = SHARES[text] if text in SHARES else _number(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def _number(text: str) -> Fraction:
    try:
        return parse_number(text)
    except BackcalcError:
        raise ValueError(text) from None


def _digits(text: str) -> int | None:
    if text == "auto":
        return None
    value = int(text)
    if not 1 <= value <= 15:
        raise ValueError(text)
    return value


def _tolerance(text: str) -> Fraction:
    value = _number(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= value < 1:
        raise ValueError(text)
    return value


_PART = "full, half, none or a number from 0 to 1"

POLICIES = {
    row.name: row
    for row in (
        Policy("carry", "Points for a line that follows from a wrong one.", "full", "none",
               _PART, _share),
        Policy("again", "Points for a line with a mistake that was made before.", "full", "none",
               _PART, _share),
        Policy("close", "Points for a line that is off by less than the tolerance.", "full",
               "none", _PART, _share),
        Policy("missing", "What a missing line costs: all its points, or nothing.", "lost",
               "lost", "lost or free", lambda text: ("free", "lost").index(text) == 1),
        Policy("elements", "What a matrix is worth: one mark, or one for each of its elements.",
               "whole", "whole", "whole or each", lambda text: ("whole", "each").index(text) == 1),
        Policy("digits", "Significant digits that a rounded figure needs at least.", "auto",
               "3", "auto or a number from 1 to 15", _digits),
        Policy("tolerance", "How far off a `close` line may be.", "1%", "0.1%",
               "a part such as 1% or 0.01", _tolerance),
    )
}  # fmt: skip

PRESETS = ("follow-through", "strict")
"""The two usual sets of policies: one deduction for a mistake; only what is right earns."""


@record(frozen=True, slots=True)
class Policies:
    """What graders have decided, a field for each row of the table."""

    carry: Fraction = Fraction(1)
    again: Fraction = Fraction(1)
    close: Fraction = Fraction(1)
    missing: bool = True
    elements: bool = False
    digits: int | None = None
    tolerance: Fraction = Fraction(1, 100)


def policies(said: Mapping[str, str], preset: str = "") -> Policies:
    """Return the policies of a preset, with what is said of single ones.

    Raises BackcalcError for a value that a policy does not have.
    """
    preset = preset or said.get("policy", PRESETS[0])
    if preset not in PRESETS:
        raise BackcalcError(f"there is no policy {preset[:60]!r}", hint=f"known: {listed(PRESETS)}")
    values = {name: row.strict if preset == "strict" else row.default
              for name, row in POLICIES.items()}  # fmt: skip
    values |= {name: text for name, text in said.items() if name != "policy"}
    return Policies(**{name: read_policy(name, text) for name, text in values.items()})


def earned_words(rules: Policies) -> str:
    """Return the sentence that tells what lines behind a mistake earn."""

    def part(share: Fraction) -> str:
        known = {1: "all its points", Fraction(1, 2): "half its points", 0: "no points"}
        return known.get(share, f"{float(share):.4g} of its points")

    follows, again = part(rules.carry), part(rules.again)
    if follows == again:
        both = "follows from a wrong one, or has a mistake that was made before"
        return f"a line that {both}, earns {follows}"
    mistake = f"one with a mistake that was made before {again}"
    return f"a line that follows from a wrong one earns {follows}, {mistake}"


def read_policy(name: str, text: str, place: Place | None = None) -> Any:
    """Return what a text says of one policy; raise BackcalcError where it says nothing."""
    if name not in POLICIES:
        hint = did_you_mean(name, POLICIES) or f"there are {listed(POLICIES)}"
        raise BackcalcError(f"there is no policy {name[:60]!r}", place, hint)
    row = POLICIES[name]
    try:
        return row.read(text)
    except ValueError:
        message = f"{name} cannot be {text[:60]!r}"
        words = [*SHARES, "lost", "free", "auto", "whole", "each"]
        guess = did_you_mean(text, [word for word in words if word in row.wanted])
        raise BackcalcError(message, place, guess or f"it is {row.wanted}") from None
