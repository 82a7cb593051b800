"""The proof of each derivative, as a sheet and as data."""

from __future__ import annotations

from collections.abc import Iterator

from backcalc.errors import listed
from backcalc.formulas.expression import Name, Rounded
from backcalc.formulas.notation import InDigits, Phrase, phrase_text, rounded
from backcalc.proving.verification import KINK, Verification
from backcalc.sheets.blocks import Block, Heading, Sentences, Sheet, Table
from backcalc.sheets.data import Data, network_data, number
from backcalc.sheets.worked import title

DIGITS = 2  # of a difference


def verify_sheet(shown: Verification) -> Sheet:
    """Return a table with a row for each derivative, and the sentences that go with it."""
    heading = Heading(("Each derivative, found in other ways",))
    blocks: tuple[Block, ...] = (heading, *_table(shown), Sentences(tuple(_remarks(shown))))
    if not shown.proofs:
        nothing = "there is nothing to check: this network has no weights."
        blocks = (heading, Sentences(((nothing,),)))
    return Sheet(title(shown.calculation.network), blocks)


def _table(shown: Verification) -> Iterator[Block]:
    """Yield the table of all figures, and a sentence for each kink below it."""
    ways = [way.name for way in shown.ways if way.figures]
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        (
            (Name(proof.name),),
            (InDigits(proof.value),),
            *(_difference(proof.difference(way)) for way in ways),
            (proof.verdict,),
        )
        for proof in shown.proofs
    )
    if ways:
        yield Sentences((("below each way: its figure minus that of the equations.",),))
    yield Table(("derivative", "equations", *ways, "verdict"), rows)
    kinks = tuple(
        (Name(proof.name), ": ", *proof.kink, "; a convention chooses.")
        for proof in shown.proofs if proof.verdict == KINK
    )  # fmt: skip
    if kinks:
        yield Sentences(kinks, marked=True)


def _difference(difference: Rounded | None) -> Phrase:
    return ("-",) if difference is None else (rounded(difference, DIGITS)[0],)


def _remarks(shown: Verification) -> Iterator[Phrase]:
    """Yield the figures that are missing or prove nothing, and the outcome."""
    yield from ((f"without {way.name}: {way.why}.",) for way in shown.ways if way.why)
    for way in shown.ways:
        if way.lost:
            digits = f"{way.name}'s doubles have lost digits of {listed(way.lost)}"
            yield (f"{digits}: they prove nothing there.",)
    count, wrong = len(shown.proofs), sum(proof.wrong for proof in shown.proofs)
    if wrong:
        yield (f"{wrong} of {count} derivatives {'is' if wrong == 1 else 'are'} not confirmed.",)
        return
    kinks = sum(proof.verdict == KINK for proof in shown.proofs)
    but = f", {kinks} of them at a kink" if kinks else ""
    yield (f"all {count} derivatives are confirmed{but}.",)


def verify_data(shown: Verification) -> Data:
    """Return `backcalc/verify/1`: each derivative with every way's figure and its verdict."""
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
