"""The table of what `variant` makes for learning platforms: a module and a row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backcalc.worksheets.questions import Handout

FileTexts = Mapping[str, "str | bytes"]  # names in the folder, and what is written there


@dataclass(frozen=True, slots=True)
class Package:
    """What one platform takes."""

    name: str
    """The option that asks for it."""
    sentence: str
    """What the option says of it."""
    module: str
    """The module that writes it, named from here; it has `files`."""
    owns: str
    """A pattern: the names in the folder that are its own."""

    @property
    def files(self) -> Callable[[Handout], FileTexts]:
        """The function that writes it."""
        found: Callable[[Handout], FileTexts] = import_module(self.module, __package__).files
        return found


PACKAGES = {
    row.name: row
    for row in (
        Package("csv", "Make a table of all answers too: answers.csv.", ".answers_table",
                r"answers\.csv"),
        Package("moodle", "Make a Moodle quiz too: moodle.xml.", ".moodle", r"moodle\.xml"),
        Package("qti", "Make a QTI 2.1 package too: qti.zip.", ".qti", r"qti\.zip"),
        Package("canvas", "Make a Canvas quiz too (QTI 1.2): canvas.zip.", ".canvas",
                r"canvas\.zip"),
        Package("gradescope", "Make an autograder for Gradescope too: the folder gradescope.",
                ".gradescope",
                r"gradescope(/(setup\.sh|run_autograder|variants(/variant-\d+(/network\.yaml)?)?))?"),
        Package("prairielearn", "Make a PrairieLearn question too: the folder prairielearn.",
                ".prairielearn", r"prairielearn(/(info\.json|question\.html|server\.py))?"),
    )
}  # fmt: skip
