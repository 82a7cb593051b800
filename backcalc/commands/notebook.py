"""The results of the Python functions: sheets to print, figures by name, pages in a notebook."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from backcalc.equations.calculation import Calculation
from backcalc.equations.matrix_form import shape_called
from backcalc.equations.named import elements_named, in_samples, index_hint, meant
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import Scalar
from backcalc.formulas.matrices import nested
from backcalc.formulas.notation import LATEX, formula_text, name_text, result_text
from backcalc.formulas.quantity import called, parsed
from backcalc.sheets.blocks import Picture, SheetBlocks
from backcalc.sheets.data import dumped, flat_rows
from backcalc.sheets.worked import title, worked_stages

if TYPE_CHECKING:
    from backcalc.checking.report import Report  # a forward pass needs none of it
    from backcalc.commands.options import Shown  # a network is loaded without
    from backcalc.worksheets.search import Variant

T = TypeVar("T")


@contextmanager
def in_python() -> Iterator[None]:
    """Make hints say how Python spells an option that the command line has."""
    try:
        yield
    except BackcalcError as error:
        error.hint = error.hint and error.hint.replace("add --force to", "say force=True to")
        raise


class Display:
    """Something to print, to save, and to look at in a notebook."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def __str__(self) -> str:
        """The text, as the command line prints it."""
        return self.written("text").rstrip("\n")

    def __repr__(self) -> str:
        """The same, so that a name alone shows it."""
        return str(self)

    def written(self, form: str) -> str:
        """Return it in one of the formats of `--format`.

        Raises BackcalcError where there is no such format.
        """
        if "_shown" not in vars(self):
            message = "this copy has the data but cannot print pages"
            raise BackcalcError(message, hint="print or save the sheet that it was made from")
        formats = self._shown.formats
        if form not in formats:
            hint = did_you_mean(form, formats) or f"there are {', '.join(formats)}"
            raise BackcalcError(f"there is no format {form[:60]!r} here", hint=hint)
        return self._shown.written(form)

    def save(self, file: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write it into a file; the end of its name decides the format, as with `-o`.

        Raises BackcalcError where the file is there already, unless `force` says to replace it.
        """
        from backcalc.commands.options import format_of, write  # a figure does without

        path = os.fspath(file)
        form = format_of(None, path, self._shown.formats, usual="", what="this sheet")
        with in_python():
            write(path, self.written(form), force)

    def _repr_html_(self) -> str:
        """The page of `--format html` as a part of the notebook's page."""
        return self._shown.inset()


class Sheet(dict[str, Any], Display):
    """The data of `--format json` as a dictionary, and the sheet that says the same."""

    __str__ = Display.__str__
    _names: Mapping[str, str] = MappingProxyType({})

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown.data())
        self._shown = shown

    def __repr__(self) -> str:
        """The sheet, or of a copy the data."""
        return str(self) if "_shown" in vars(self) else super().__repr__()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what no other process can show: the data and the figures go along."""
        return {name: value for name, value in vars(self).items() if name != "_shown"}

    def json(self) -> str:
        """The same text as on the command line."""
        return dumped(self)

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines as flat dictionaries: `pandas.DataFrame(sheet.rows())`.

        `word` is the network's own word for a name, where it has any.
        """
        rows = [*flat_rows(self)]
        for each in rows:
            names = self._names_of(each)
            if names and "name" in each:
                each["word"] = in_own_words(each["name"], names)
        return rows

    def _names_of(self, row: Mapping[str, Any]) -> Mapping[str, str]:
        """The own words for a line's quantities."""
        return self._names


class Worked(Sheet):
    """A network worked out: its figures by their names."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self._calculation: Calculation = shown.result
        self._names = self._calculation.program.network.names

    def number(self, name: str) -> Scalar:
        """One figure by its name, `dL/dw0` or `w0'`: a Fraction where it is exact, else a float.

        The sheet's own words are names too. Raises BackcalcError where there is none of that name.
        """
        wanted, names = self._meant(name)
        if names != (wanted,):
            hint = f"`matrix({name!r})` gives its numbers"
            raise BackcalcError(f"{name[:60]!r} is a vector or a matrix", hint=hint)
        return self._calculation.values[wanted]

    def matrix(self, name: str) -> list[Any]:
        """The numbers of a vector as a list, those of a matrix as a list of rows.

        They are Fractions where all of them are exact, else all are floats. Raises BackcalcError
        where there is none of that name.
        """
        wanted, names = self._meant(name)
        if names == (wanted,):
            hint = f"`number({name!r})` gives it"
            raise BackcalcError(f"{name[:60]!r} is a single number", hint=hint)
        form, values = self._calculation.program.network.matrix_form, self._calculation.values
        numbers: Iterable[Scalar] = [values.get(each, Fraction(0)) for each in names]
        if not all(isinstance(each, Fraction) for each in numbers):
            numbers = map(float, numbers)
        found: list[Any] = nested(numbers, shape_called(parsed(wanted), form.shapes))
        return found

    def _meant(self, name: str) -> tuple[str, Sequence[str]]:
        """The quantity that a name means, and its elements; itself where it is a number."""
        values, program = self._calculation.values, self._calculation.program
        wanted = meant(name, program)
        if wanted not in values and wanted.sample:  # dL[1]/dz1
            alike = in_samples(wanted, program.network)
            wanted = next((each for each in alike if each.sample == wanted.sample), wanted)
        names = elements_named(program.network, wanted)
        if values.keys().isdisjoint(names):
            own = program.network.names
            known = [called(parsed(each), own) for each in values]
            hint = did_you_mean(name, known) or f"there is {listed(known, 8)}"
            if not values.keys().isdisjoint(in_samples(parsed(wanted), program.network)):
                hint = index_hint(wanted, values, program.network)
            raise BackcalcError(f"there is no figure {name[:60]!r} here", hint=hint)
        return wanted, names

    def _repr_latex_(self) -> str:
        """The worked lines, one below the other."""
        lines = []
        for step in (step for _, steps in worked_stages(self._calculation) for step in steps):
            formula, values = step.equation.expression, self._calculation.values
            shown = dict.fromkeys(formula_text(formula, LATEX, known) for known in (None, values))
            result = result_text(step.value, LATEX)
            lines.append(f"{name_text(step.name, LATEX)} &= {' = '.join(shown)} {result}")
        body = " \\\\\n".join(lines)
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"


def in_own_words(name: str, names: Mapping[str, str]) -> str:
    """A quantity, or each one in the name of a question, in the network's own words."""
    return " ".join(called(parsed(each), names) for each in name.split(" ")) if names else name


class ByWord(dict[str, T]):
    """What is known of quantities, under the network's own words and found by true names too."""

    def __init__(self, found: Mapping[str, T], names: Mapping[str, str]) -> None:
        self._names = names
        super().__init__((self._word(name), each) for name, each in found.items())

    def _word(self, name: str) -> str:
        return in_own_words(name, self._names)

    def __missing__(self, name: str) -> T:
        if name not in self:
            raise KeyError(name)
        return self[self._word(name)]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or super().__contains__(self._word(str(name)))

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is known of a quantity, or else the default."""
        return super().get(name, super().get(self._word(name), default))


class Checked(Sheet):
    """Answers, marked: one sheet, or those of a class."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        reports: Sequence[Report]
        reports, apart = shown.result
        many = len(reports) > 1
        self.sheets: dict[str, Checked] = (
            {file: Checked(each) for file, each in apart().items()} if many else
            {each.file: self for each in reports}
        )  # fmt: skip
        """Each sheet by its file; of a single one this is it."""
        self.error = next((each.error for each in reports if not many), None)
        """Why a single sheet could not be marked."""
        self.score = sum((each.score for each in reports), Fraction(0))
        """Points earned."""
        self.points = sum((each.points for each in reports), Fraction(0))
        """Points that could have been earned."""
        self._names = {} if many else reports[0].names
        marks = {
            f"{each.file}: {one.name}" if many else one.name: one
            for each in reports for one in each.answers
        }  # fmt: skip
        verdicts = {name: one.verdict for name, one in marks.items()}
        self.verdicts: dict[str, str] = ByWord(verdicts, self._names)
        """For each answer's name its verdict: correct, rounded, follows, close, wrong, ...

        Of several sheets the file stands before the name: `ada.tex: z0`.
        """
        slips = {name: [*one.finding.names] for name, one in marks.items() if one.finding}
        self.slips: dict[str, list[str]] = ByWord(slips, self._names)
        """For each wrong answer with a known mistake its name."""
        self.unread = [each.text for report in reports for each in report.unread]
        """What could not be read, as it stands there."""
        self.status = max((each.status for each in reports), default=0)
        """The exit status of `backcalc check`: 0 if nothing is wrong, 1 else, 2 for an error."""

    def _names_of(self, row: Mapping[str, Any]) -> Mapping[str, str]:
        return self.sheets[row["file"]]._names if row.get("file") in self.sheets else self._names


class Variants(list[Network]):
    """The same network with other numbers, for each person."""

    def __init__(self, found: Sequence[Variant]) -> None:
        super().__init__(each.network for each in found)
        self._found = found

    @property
    def files(self) -> dict[str, str]:
        """The text of each one's network file, by its name: `variant-01`."""
        from backcalc.worksheets.class_folder import network_text  # who only works them needs none

        return {each.name: network_text(each.network.file, each.exercise) for each in self._found}

    def __reduce__(self) -> tuple[type[list[Network]], tuple[list[Network]]]:
        """Leave out what no other process can show."""
        return list, ([*self],)

    def _repr_html_(self) -> str:
        """The pictures, one below the other."""
        return "".join(map(network_html, self))


def network_html(network: Network) -> str:
    """The picture of a network, for a notebook that shows it."""
    from backcalc.commands.options import Shown
    from backcalc.drawing.layout import draw  # a sheet does without

    sheet = SheetBlocks(title(network), (Picture(draw(network), ()),))
    return Shown(network, lambda _: sheet).inset()
