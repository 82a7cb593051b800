"""Each mistake of the table explained: what it is, a right and a wrong line, how a sheet shows it.

The numbers are worked out by the tool on a bundled network, and the checker itself must give the
mistake its name on the sheet with the wrong line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from backcalc.checking.key import GRADIENT, Key, key_for
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.own_work import OwnWork
from backcalc.checking.report import Marking, check
from backcalc.checking.slips import SLIPS, Slip
from backcalc.equations.named import with_numbers
from backcalc.equations.network import learning_rate
from backcalc.errors import BackcalcError, did_you_mean
from backcalc.formulas import record
from backcalc.formulas.expression import Expression, Name, Number, Scalar, evaluate
from backcalc.formulas.notation import Phrase, Result, Substituted, formula_text, rounded, sentence
from backcalc.loading.loader import load
from backcalc.sheets.blocks import Block, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.worked import put_in

GROUPS = {
    "On the way forward": "line",
    "Activations on the way back": "activation",
    "The loss and its derivative": "loss",
    "Derivatives": "derivative",
    "The update": "update",
    "Figures": "figure",
    "Vectors and matrices": "whole_matrices",
}
"""The groups of mistakes, each with its heading."""

TRIED = ("skip", "mazur", "skip_bias", "xor", "nand_gate")
"""The networks on which a mistake is looked for that names none."""
SHOWN_ON = {
    "other-convention": "skip", "other-optimizer": "clipped",
    "softmax-sign": "softmax", "short-form-again": "softmax", "sum-omitted": "softmax",
    "short-form-early": "logistic_regression", "one-sample": "nand_gate",
    "sample-dropped": "nand_gate",
    "closed-relu-as-1": "closed_relu", "penalty-omitted": "ridge",
    "bias-correction-omitted": "adam", "other-beta": "adam", "root-omitted": "adam",
    "old-state": "adam", "averages-interchanged": "adam",
    "other-clock": "adam", "other-decay": "clipped",
    "gradient-as-it-was": "clipped", "log10-for-ln": "autodiff_survey",
    "degrees": "autodiff_survey", "mean-or-sum": "linear_regression",
    "other-step": "rnn_repeat", "common-factor": "mazur", "rate-factor": "mazur",
    "change-sign": "rolling", "factor-two": "mazur",
}  # fmt: skip
"""The bundled network that shows a mistake which not every network can show."""
SET = {"other-convention": {"x": Fraction(0)}}
"""Numbers other than the network's, where no bundled one shows a mistake."""
DIGITS = 5  # of a figure in an example


@record(frozen=True, slots=True, eq=False)
class Example:
    """One line with a mistake in it, and the right one."""

    key: Key
    """The right lines of its network."""
    name: str
    """The quantity."""
    form: Form
    """The line as it reads with the mistake."""
    right: Scalar
    """The right figure."""
    wrong: Scalar
    """The figure with the mistake."""


def slip_named(name: str) -> Slip:
    """Return a mistake by its name.

    Raises BackcalcError with the likely ones, by spelling or by the words of what `check` says.
    """
    if name not in SLIPS:
        said = {*re.findall(r"\w{4,}", name.casefold())}
        shared = {
            each.name: len(said.intersection(re.findall(r"\w+", f"{each.name} {each.title}")))
            for each in SLIPS.values()
        }
        most = max(1, *shared.values())
        best = [repr(each) for each, count in shared.items() if count == most]
        hint = did_you_mean(name, SLIPS) or "`backcalc slips` lists them"
        if 0 < len(best) < 4 and (" " in name or hint.startswith("`")):
            hint = f"did you mean {' or '.join(best)}?"
        raise BackcalcError(f"no such mistake: {name[:60]}", hint=hint)
    return SLIPS[name]


IN_GENERAL = {
    "other-convention": ("another number", "the convention is another"),
    "path-dropped": ("a path",),
    "sample-dropped": ("a sample",),
    "one-sample": ("one sample",),
    "path-twice": ("a value",),
    "sign-inside": ("a formula",),
    "input-for-bias": ("an input",),
    "other-derivative": ("not this unit's",),
    "factor-two": ("twice",),
    "mean-or-sum": ("the samples",),
    "common-factor": ("several",),
    "rate-factor": ("several",),
    "averages-interchanged": ("beta", "beta"),
    "other-clock": ("1",),
    "other-decay": ("several",),
    "other-loss": ("not this network's",),
    "other-optimizer": ("not this network's",),
    "bias-omitted": ("of a unit",),
    "input-dropped": ("of a sum",),
    "activation-omitted": ("the activation",),
    "other-activation": ("another activation", "that of the unit"),
    "swapped-weights": ("two weights", "inputs"),
    "other-sample": ("the number of another sample or input", "the one that belongs here"),
    "other-unit": ("the value of another unit", "that of this one"),
    "scale-omitted": ("of a formula",),
    "misread-given": ("a given number", "another one"),
    "digits-transposed": ("of a figure",),
    "rounded-early": ("few digits",),
    "copied": ("another line",),
}
"""For the gaps of a title what stands there in general."""


def bare(slip: Slip) -> str:
    """Return a mistake's title in general."""
    return slip.title.format(*IN_GENERAL.get(slip.name, ()))


def in_groups() -> Iterator[tuple[str, list[Slip]]]:
    """Yield the mistakes of each group."""
    for title, group in GROUPS.items():
        yield title, [each for each in SLIPS.values() if each.group == group]


@cache
def example(slip: Slip) -> Example | None:
    """Return a line that the checker names for this mistake, on a bundled network."""
    networks = (SHOWN_ON[slip.name],) if slip.name in SHOWN_ON else TRIED
    for network in networks:
        for found in _examples(slip, _key(network, slip.name)):
            if _is_named(slip, found):
                return found
    return None


def _key(network: str, slip: str) -> Key:
    loaded = with_numbers(load(network), SET.get(slip, {}))
    rate = learning_rate(loaded, None)
    return key_for(loaded, Fraction(1, 2) if rate is None else rate, 1)


def _examples(slip: Slip, key: Key) -> Iterator[Example]:
    """Yield the lines of a sheet with the mistake in them, derivatives first."""
    names = [*key.worked]
    forward = slip.group in ("line", "figure")
    names.sort(key=lambda name: (not forward and key.lines[name].role != GRADIENT, key.order[name]))
    work = OwnWork(key, frozenset())
    for name in sorted(names, key=key.order.__getitem__):
        work.own.set(name, work.own.image(work.ways(name)))
    for name in names:
        right = key.value(name)
        for form in slip.forms(Spot(key.lines[name], work, DIGITS, _misprint(right))):
            try:
                wrong = evaluate(form.expression, key.right)
            except (ArithmeticError, ValueError, KeyError):
                continue
            if _text(wrong) != _text(right):
                yield Example(key, name, form, right, wrong)


MATRICES = "matrix_columns", "softmax_batch", "residual_vectors", "batch_norm_matrix", "matrix_rows"
"""The networks on which a mistake with matrices is looked for."""


@record(frozen=True, slots=True, eq=False)
class MatrixExample:
    """One line of matrices with a mistake in it, and the right one."""

    file: str
    """The bundled network."""
    name: str
    """The quantity."""
    right: Expression
    """Its formula."""
    wrong: Expression
    """The formula with the mistake."""


def matrix_example(slip: Slip) -> MatrixExample | None:
    """Return a line of matrices that the checker names for this mistake, on a bundled network."""
    from backcalc.checking.matrix_marks import formulas_of, shapes_of  # few mistakes need them

    for file in MATRICES if slip.edits else ():
        network = load(file)
        form = network.matrix_form
        for name, right in reversed([*formulas_of(network).items()]):
            for wrong in slip.edits(right, shapes_of(form)) if slip.edits else ():
                report = check(Marking(network), f"{name} = {formula_text(wrong)}\n", "example")
                named = [each.finding for each in report.answers if each.finding]
                if named and named[0].names == (slip.name,):
                    return MatrixExample(file, name, right, wrong)
    return None


def _matrix_blocks(found: MatrixExample) -> Iterator[Block]:
    """Yield the right and the wrong formula of matrices, and the commands that show them."""
    rows = ((("right",), (found.right,)), (("wrong",), (found.wrong,)))
    yield Heading(("For example ", Name(found.name), f" of the network {found.file}"), 2)
    yield Table(("line", "formula"), rows, whole=True)
    yield Heading(("See it on a sheet",), 2)
    line_wrong = f"{found.name} = {formula_text(found.wrong)}"
    yield Sentences((
        (f'echo "{line_wrong}" | backcalc check {found.file} -',),
        (f"backcalc backward {found.file}   the derivatives, worked out",),
    ))  # fmt: skip


def _text(value: Scalar) -> str:
    return rounded(value, DIGITS)[0]


def _misprint(right: Scalar) -> Fraction:
    """Return a figure with another third digit."""
    text = f"{float(right):.{DIGITS - 1}e}"
    place = text.index(".") + 2
    return Fraction(f"{text[:place]}{(int(text[place]) + 4) % 10}{text[place + 1 :]}")


def _sheet(slip: Slip, found: Example, *, whole: bool) -> list[str]:
    """Return the lines of a sheet with the mistake in it, or those that show it."""
    key, value = found.key, found.key.value
    also = [each.name for each in key.kin(found.name) if slip.joint and each.name in key.worked]
    wrong = {found.name: found.wrong}
    for name in also:
        old, first = (Fraction(key.right.get(key.lines[n].moves, 0)) for n in (name, found.name))
        factor = (Fraction(found.wrong) - first) / (Fraction(found.right) - first)
        wrong[name] = old + (Fraction(value(name)) - old) * factor
    shown = {*wrong, *(each for name in also for each in key.used(name))}
    return [
        f"{name} = {_text(wrong.get(name, value(name)))}"
        for name in key.worked if whole or name in shown
    ]  # fmt: skip


def _is_named(slip: Slip, found: Example) -> bool:
    """Return True if the checker calls the mistake by its name on a sheet that has it."""
    marking, sheet = Marking(found.key.network, found.key.rate), _sheet(slip, found, whole=True)
    report = check(marking, "\n".join(sheet), "example")
    (answer,) = [each for each in report.answers if each.name == found.name][:1] or (None,)
    return bool(answer and answer.finding and answer.finding.names == (slip.name,))


def slips_sheet() -> SheetBlocks:
    """Return all mistakes in groups, each with what was done."""
    blocks: list[Block] = []
    for title, group in in_groups():
        rows = tuple(((each.name,), (bare(each),)) for each in group)
        blocks += [Heading((title,), 2), Table(("name", "the mistake"), rows, prose=True)]
    return SheetBlocks("The mistakes that `backcalc check` names", tuple(blocks))


def slip_sheet(slip: Slip) -> SheetBlocks:
    """Return a mistake explained: what happens, the right and the wrong line, how to see it."""
    found = example(slip)
    comment = sentence(slip.comment, *(found.form.parts if found else ()))
    blocks: list[Block] = [Sentences((comment,))]
    blocks += _example_blocks(slip, found) if found else ()
    if not found and (of_matrices := matrix_example(slip)):
        blocks += _matrix_blocks(of_matrices)
    return SheetBlocks(f"{slip.name}: {bare(slip)}", tuple(blocks))


def _example_blocks(slip: Slip, found: Example) -> Iterator[Block]:
    """Yield the right and the wrong line side by side, and the commands that show them."""
    key, file = found.key, found.key.network.file
    setting = "".join(f" --set {name}={value}" for name, value in SET.get(slip.name, {}).items())
    equation = key.lines[found.name].equation
    formula, wrong = equation.expression, found.form.expression
    written: tuple[Phrase, Phrase] = (wrong,), (Substituted(wrong, key.right),)
    if slip.figure or (isinstance(wrong, Number) and wrong.value):
        written = (formula,), ("the figure is miswritten",)
    rows: tuple[tuple[Phrase, ...], ...] = (
        (("right",), (formula,), put_in(formula, key.right), (Result(found.right),)),
        (("wrong",), *written, (Result(found.wrong),)),
    )
    yield Heading(("For example ", Name(found.name), f" of the network {file}{setting}"), 2)
    yield Table(("line", "formula", "numbers", "result"), rows, whole=True)
    yield Heading(("See it on a sheet",), 2)
    rate = "" if found.key.network.learning_rate is not None else " --lr 0.5"
    said = ", ".join(_sheet(slip, found, whole=False))
    yield Sentences((
        (f'echo "{said}" | backcalc check {file} -{setting}{rate}',),
        (f"backcalc step {file}{setting}{rate}   the whole sheet, worked out",),
    ))  # fmt: skip
