"""Names of quantities as values: one spelling, read back in one place."""

from __future__ import annotations

import pickle
import re

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from backcalc.formulas.quantity import Derivative, Quantity, parsed

NUMBERS = st.integers(min_value=1, max_value=10**6)
QUANTITIES = st.builds(
    Quantity,
    st.from_regex(r"[^\W\d]\w{0,8}", fullmatch=True),
    st.integers(0, 3),
    st.none() | NUMBERS,
    st.lists(NUMBERS, max_size=2).map(tuple),
)
DERIVATIVES = st.recursive(
    st.builds(Derivative, QUANTITIES, QUANTITIES), lambda of: st.builds(Derivative, of, QUANTITIES)
)


def fields(name: Quantity) -> object:
    if isinstance(name, Derivative):
        return fields(name.of), fields(name.by)
    return name.stem, name.step, name.sample, name.element


@pytest.mark.sweep
@settings(max_examples=40)
@given(QUANTITIES | DERIVATIVES)
def test_a_name_is_read_back_as_it_was_spelled(name: Quantity) -> None:
    text = str(name)
    assert type(text) is str
    for again in (parsed(text), parsed(text, several=True), pickle.loads(pickle.dumps(name))):
        assert again == name == text
        assert type(again) is type(name)
        assert again.after(2) == name.after(2)
    assert fields(pickle.loads(pickle.dumps(name))) == fields(name)


@pytest.mark.sweep
@settings(max_examples=40)
@given(QUANTITIES.filter(lambda name: name.sample is not None))
def test_with_several_samples_the_last_index_is_the_sample_s(name: Quantity) -> None:
    assert fields(parsed(str(name), several=True)) == fields(name)


@pytest.mark.sweep
@settings(max_examples=40)
@given(QUANTITIES.filter(lambda name: name.sample is None))
def test_else_the_only_index_is_an_element_s(name: Quantity) -> None:
    assert fields(parsed(str(name))) == fields(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (Quantity("z0"), "z0"),
        (Quantity("z0", step=2), "z0''"),
        (Quantity("z0", sample=2), "z0[2]"),
        (Quantity("h", step=1, sample=2, element=(3,)), "h'[3][2]"),
        (Quantity("W", element=(1, 2)), "W[1,2]"),
        (Quantity("z0", step=1).after(1), "z0''"),
        (Quantity("z0", step=1, sample=2).at_step(0), "z0[2]"),
        (Quantity("z0", sample=1).of_sample(None), "z0"),
        (Derivative(Quantity("L", sample=2), Quantity("w0")), "dL[2]/dw0"),
        (Derivative("L", "w0").after(1), "dL'/dw0'"),
        (Derivative("L", "d").of, "L"),
        (parsed("dd/dd").by, "d"),
        (parsed("d(dL/dw0)/dw1").of, "dL/dw0"),
        (parsed("dL[1]/dw0", several=True).of_sample(3), "dL[3]/dw0"),
    ],
)  # fmt: skip
def test_spelling(name: Quantity, text: str) -> None:
    assert name == text


def test_what_is_not_in_our_spelling_stays_whole() -> None:
    for text in ("#t", "z0[2]'", "", "a/b", "z0[x]"):
        assert parsed(text) == text
        assert parsed(text).stem == text


PLACES = {"formulas/quantity.py", "formulas/parser.py"}
"""Where a derivative's name is read: as a value, and as a word of a formula."""


def test_nothing_else_takes_a_derivative_s_name_apart() -> None:
    apart = re.compile(r"""\[\^/\]|/d[(\[.]|/\[d|\("/d|"/d?" in \w*name|"/" in \w+\.id""")
    package = ROOT / "backcalc"
    sources = {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}
    found = {name for name, path in sources.items() if apart.search(path.read_text("utf-8"))}
    assert found <= PLACES
