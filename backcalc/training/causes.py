"""Why a run became what it did: one function for each cause of the table of diagnoses."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backcalc.errors import listed
from backcalc.training.case import CHANGE, Case, Seen, short
from backcalc.training.facts import Activity, Facts


def dead(case: Case) -> Seen | None:
    """Units whose relu passes nothing on for any sample."""
    found = _off(case.facts)
    if not found:
        return None
    one, units = len(found) == 1, tuple(each.unit for each in found)
    seen = f"{_named(units)} {'is' if one else 'are'} dead: z <= 0 on {_all(found[0].samples)}, so"
    seen += " that relu passes nothing on and nothing back"
    if {*units} <= {each.unit for each in _off(case.first_facts)}:
        seen += f"; {'it was' if one else 'they were'} so at the start already"
        return Seen(seen, units=units, advice="take other starting weights, or leaky_relu")
    return Seen(seen, units=units)


def _off(facts: Facts) -> list[Activity]:
    return [each for each in facts.activities if 0 < each.off == each.samples]


def symmetry(case: Case) -> Seen | None:
    """Units that cannot become different."""
    alike: dict[tuple[str, str], list[str]] = {}
    for each in case.facts.activities:
        if each.incoming:
            alike.setdefault((each.call.function.name, each.incoming), []).append(each.unit)
    groups = [units for units in alike.values() if len(units) > 1]
    if not groups:
        return None
    names = listed(("units " + _and(units) for units in groups), 4)
    seen = f"{names} have identical weights, so that they do the same on every sample"
    return Seen(seen, units=tuple(unit for units in groups for unit in units))


def saturated(case: Case) -> Seen | None:
    """Units that pass little back."""
    flat = [each for each in case.facts.activities if _is_saturated(each)]
    if not flat:
        return None
    words = [f"{each.unit} on {each.flat} of {each.samples}" for each in flat]
    seen = f"saturated on most samples ({'unit' if len(flat) == 1 else 'units'} {listed(words)}):"
    units = tuple(each.unit for each in flat)
    return Seen(f"{seen} the local derivative is below {FLAT_TEXT}", units=units)


def _is_saturated(activity: Activity) -> bool:
    """Flat on more than half of the samples; an output only where it is wrong there."""
    if activity.output:
        return activity.flat_wrong > 0
    return 2 * activity.flat > activity.samples


FLAT_TEXT = "0.01, so that little passes back"


def same_output(case: Case) -> Seen | None:
    """One answer for all samples, though the targets differ."""
    predictions = case.facts.predictions
    if len(predictions) < 2 or not predictions[0].targets:
        return None
    spread = _spread([each.targets for each in predictions])
    if not spread or _spread([each.outputs for each in predictions]) >= CHANGE * spread:
        return None
    outputs = listed((short(round(each, 4)) for each in predictions[0].outputs), 6)
    seen = f"the net gives the same output, {outputs}, for every sample"
    if case.network.loss_name == "bce" and abs(case.loss - math.log(2)) < 0.001:
        seen += "; 0.693 = ln 2 is what bce gives for 1/2, whatever the target"
    hidden = any(not each.output for each in case.facts.activities)
    return Seen(seen, advice=None if hidden else "")


def _spread(rows: Sequence[tuple[float, ...]]) -> float:
    """The greatest difference within a column."""
    columns: list[tuple[float, ...]] = list(zip(*rows, strict=True))
    return max(max(column) - min(column) for column in columns)


def _and(words: Sequence[str]) -> str:
    *most, last = words if len(words) <= 12 else (*words[:12], f"{len(words) - 12} more")
    return f"{', '.join(most)} and {last}" if most else last


def _named(units: Sequence[str]) -> str:
    return f"unit{'s' if len(units) > 1 else ''} {_and(units)}"


def _all(samples: int) -> str:
    return f"all {samples} samples" if samples > 1 else "the sample"
