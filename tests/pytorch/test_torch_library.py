"""The figures of the bundled networks and their errata, by PyTorch from the files' own text."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
import torch
import yaml
from conftest import LIBRARY, ROOT
from plainly import NotPlainError, tensor, worked

FIGURE = re.compile(r"-?[\d./e+-]+")
TEXTS = {Path(path).stem: (ROOT / path).read_text("utf-8") for path in LIBRARY}


def plain(name: str) -> dict[str, torch.Tensor]:
    try:
        return worked(TEXTS[name])
    except (NotPlainError, NameError, yaml.YAMLError) as error:
        pytest.skip(f"not read plainly: {error!r:.60}")


def element(found: dict[str, torch.Tensor], name: str) -> torch.Tensor | None:
    """A quantity, also one element of a matrix: Y_11, dL/dW_21, dL/dz1_3."""
    if name in found:
        return found[name]
    whole, dash, place = name.rpartition("_")
    if dash and whole in found:
        return found[whole][tuple(int(digit) - 1 for digit in place)]
    return None


def room(figure: str) -> float:
    """A unit of the last digit that is written, of what is rounded or cut off."""
    digits, _, power = figure.partition("e")
    places = len(digits.partition(".")[2])
    return 0 if "/" in figure else 1.01 * 10.0 ** (int(power or 0) - places)


def fits(figure: object, value: torch.Tensor) -> bool:
    if isinstance(figure, list):
        return all(map(fits, figure, value))
    number = float(Fraction(str(figure)))
    return abs(float(value) - number) <= room(str(figure)) + 1e-12 * abs(number)


@pytest.mark.parametrize("name", TEXTS)
def test_printed_figures(name: str) -> None:
    found = plain(name)
    printed = yaml.load(TEXTS[name], Loader=yaml.BaseLoader)["expect"]
    held = 0
    for quantity, figure in printed.items():
        value = element(found, quantity)
        if value is not None and (isinstance(figure, list) or FIGURE.fullmatch(figure)):
            assert tensor(figure).shape == value.shape
            assert fits(figure, value), (quantity, figure, value)
            held += 1
    assert held


WITH_ERRATA = [name for name, text in TEXTS.items() if "\nerrata:" in text]


@pytest.mark.parametrize("name", WITH_ERRATA)
def test_errata(name: str) -> None:
    found = plain(name)
    for each in yaml.load(TEXTS[name], Loader=yaml.BaseLoader)["errata"]:
        value = element(found, each["quantity"])
        if value is not None and FIGURE.fullmatch(each["printed"]):
            assert not fits(each["printed"], value), each
            assert fits(each["right"], value), each
