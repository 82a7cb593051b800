"""The proof of each derivative, as a sheet and as data."""

from __future__ import annotations

from collections.abc import Iterator

from backcalc.errors import listed
from backcalc.formulas.expression import Name, Rounded
from backcalc.formulas.notation import Decimal, Phrase, phrase_text
from backcalc.formulas.rounding import rounded
from backcalc.proving.verifying import KINK, Proof, Verification
from backcalc.sheets.blocks import Block, Heading, Sentences, Sheet, Table
from backcalc.sheets.data import Data, network_data, number
from backcalc.sheets.worked import title

DIGITS = 2  # of a difference


def verify_sheet(shown: Verification) -> Sheet:
    """A table with a row for each derivative, and what has to be said of it."""
    ways = [way.name for way in shown.ways if way.figures]
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        (
            (Name(proof.name),),
            (Decimal(proof.value),),
            *(_difference(proof.difference(way)) for way in ways),
            (proof.verdict,),
        )
        for proof in shown.proofs
    )
    blocks: list[Block] = [Heading(("Each derivative, found in other ways",))]
    if ways:
        blocks.append(Sentences((("below each way: its figure minus that of the equations.",),)))
    blocks.append(Table(("derivative", "equations", *ways, "verdict"), rows))
    kinks = tuple(_kinks(shown))
    if kinks:
        blocks.append(Sentences(kinks, marked=True))
    left_out = ((f"without {way.name}: {way.why}.",) for way in shown.ways if way.why)
    lost = (
        (f"{way.name}'s doubles have lost digits of {listed(way.lost)}: they prove nothing there.",)
        for way in shown.ways if way.lost
    )  # fmt: skip
    blocks.append(Sentences((*left_out, *lost, _outcome(shown))))
    return Sheet(title(shown.calculation.network), tuple(blocks))


def _difference(difference: Rounded | None) -> Phrase:
    return ("-",) if difference is None else (rounded(difference, DIGITS)[0],)


def _kinks(shown: Verification) -> Iterator[Phrase]:
    """Where a convention chooses between two slopes."""
    for proof in shown.proofs:
        if proof.verdict == KINK:
            yield (Name(proof.name), ": ", *proof.kink, "; a convention chooses.")


def _outcome(shown: Verification) -> Phrase:
    """Whether all agree, in one sentence."""
    wrong: list[Proof] = [proof for proof in shown.proofs if proof.wrong]
    if wrong:
        verb = "is" if len(wrong) == 1 else "are"
        return (f"{len(wrong)} of {len(shown.proofs)} derivatives {verb} not confirmed.",)
    kinks = sum(proof.verdict == KINK for proof in shown.proofs)
    but = f", {kinks} of them at a kink" if kinks else ""
    return (f"all {len(shown.proofs)} derivatives are confirmed{but}.",)


def verify_data(shown: Verification) -> Data:
    """`backcalc/verify/1`: each derivative with every way's figure and its verdict."""
    return {
        "schema": "backcalc/verify/1",
        "network": network_data(shown.calculation.network),
        "of": shown.calculation.of,
        "ways": [
            {
                "name": way.name,
                "used": bool(way.figures),
                "note": way.why or None,
                "lost": list(way.lost),
            }
            for way in shown.ways
        ],
        "derivatives": [
            {
                "name": proof.name,
                **number(proof.value),
                "ways": {
                    way: {
                        "value": float(figure),
                        "difference": float(proof.difference(way) or 0),
                    }
                    for way, figure in proof.others.items()
                },
                "verdict": proof.verdict,
                "kink": phrase_text(proof.kink) if proof.verdict == KINK else None,
            }
            for proof in shown.proofs
        ],
        "agree": shown.agreed,
    }
