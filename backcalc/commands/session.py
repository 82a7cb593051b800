"""`quiz`: the sheet asked line by line."""

from __future__ import annotations

import sys
from fractions import Fraction

import click

from backcalc.checking import turns as asking
from backcalc.checking.key import MOST_STEPS
from backcalc.checking.turns import Quiz
from backcalc.commands.options import (
    Changes,
    ask_option,
    changes_option,
    completing,
    network_argument,
    opened,
    options,
    rate_option,
    unfold_option,
)
from backcalc.equations.calculation import SHEET, Calculation
from backcalc.equations.matrix_form import shape_called
from backcalc.equations.named import is_matrix
from backcalc.equations.network import Asked
from backcalc.errors import BackcalcError, counted, printable
from backcalc.formats import text
from backcalc.formats.terminal import fitted, notation_for
from backcalc.formulas.expression import Name, Numbers
from backcalc.formulas.notation import DIGITS, Phrase, phrase_text
from backcalc.formulas.parser import MAX_LENGTH
from backcalc.formulas.quantity import parsed
from backcalc.sheets import worked
from backcalc.sheets.blocks import Heading, Sentences, SheetBlocks
from backcalc.sheets.worked import Wishes


@click.command()
@options(network_argument, ask_option, rate_option)
@click.option(
    "--steps", type=click.IntRange(1, MOST_STEPS), metavar="N",
    help="Ask so many steps. Without it one is asked, or none if there is no learning rate.",
)  # fmt: skip
@click.option("--from", "last", metavar="NAME",
              shell_complete=completing("quantities"),
              help="Ask only the lines that this quantity needs, such as dL/dw0.")  # fmt: skip
@options(changes_option, unfold_option)
def quiz(
    network: str, ask: tuple[Asked, ...] | None, rate: Fraction | None, steps: int | None,
    last: str | None, changes: Changes, unfolded: str | None,
) -> None:  # fmt: skip
    """Ask the sheet line by line, with hints and a score.

    An answer is a number, a fraction, arithmetic or a formula. A wrong one brings the next of
    three hints (what the line depends on; its rule; the numbers), a fourth the answer. Each
    hint takes a quarter of the line's points. ? is for a hint too, an empty line skips, q or
    the end of input leaves.
    """
    if network == "-":
        raise BackcalcError("standard input is for the answers; name a network file")
    net = opened(network, changes, unfolded=unfolded, ask=ask)
    session = Session(asking.quiz(net, rate, steps, last))
    try:
        session.begin()
        session.ask()
    except KeyboardInterrupt:
        session.say()
        session.end()
        raise click.Abort from None
    session.end()


class Session:
    """A quiz on a terminal, or with answers from a pipe."""

    def __init__(self, quiz: Quiz) -> None:
        self.quiz = quiz
        habits = (DIGITS, quiz.key.network.fractions, quiz.key.network.names)
        self.notation = notation_for(sys.stdout).with_numbers(*habits)
        self.shown: set[str] = set()
        self.piped = sys.stdin is None or not sys.stdin.isatty()
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="backslashreplace")

    def say(self, *phrase: Phrase) -> None:
        """A line for each phrase, or an empty one."""
        for each in phrase or ((),):
            for line in fitted(phrase_text(each, self.notation), sys.stdout):
                sys.stdout.write(f"{line}\n")

    def begin(self) -> None:
        """The network, its numbers, and how to answer."""
        key = self.quiz.key
        known = Calculation(key.program, Numbers(key.given, SHEET))
        blocks = [*worked.introduction(known, Wishes(), worked.view_of(key.network))]
        form = key.network.matrices
        lines: list[Phrase] = [
            (", ".join(line.names), " = ", line.expression) for line in key.network.definitions
        ]
        if form is not None:
            lines = [
                (Name(line.name), " = ", line.expression, *self.shape(line.name))
                for line in form.lines[:-1]
            ]
        if lines:
            blocks += [Heading(("Equations",)), Sentences(tuple(lines))]
        title = key.network.title or key.network.file
        sys.stdout.write(text.render(SheetBlocks(title, tuple(blocks)), self.notation, sys.stdout))
        leave = f"{self.quiz.farewell} or " if self.quiz.farewell else ""
        many = counted(len(self.quiz.names), "line")
        self.say((), (f"{many}; ? for a hint, an empty line skips, {leave}end of input leaves",))

    def shape(self, name: str) -> Phrase:
        """The shape of a vector or a matrix, in brackets."""
        network = self.quiz.key.network
        if not is_matrix(network, name):
            return ()
        return (f"   ({shape_called(parsed(name), network.matrix_form.shapes)})",)

    def ask(self) -> None:
        """Line after line, to the last one or until the person leaves."""
        while self.quiz.turn:
            self.lead()
            sys.stdout.write(self.prompt)
            answer = self.answer()
            if answer is None or answer.strip() == self.quiz.farewell:
                return
            self.hear(answer)

    def lead(self) -> None:
        """Show what belongs before the line that is asked next, once."""
        name = self.quiz.turn.name if self.quiz.turn else ""
        if name in self.quiz.before and name not in self.shown:
            self.shown.add(name)
            self.say()
            sheet = SheetBlocks("", self.quiz.before[name])
            sys.stdout.write(text.render(sheet, self.notation, sys.stdout))

    @property
    def prompt(self) -> str:
        """The start of the line that is to be filled in; empty at the end."""
        if self.quiz.turn is None:
            return ""
        name = self.quiz.turn.name
        shape = "".join(map(str, self.shape(name))).replace("  ", "")
        return printable(f"{phrase_text(self.quiz.label(name), self.notation)}{shape} = ")

    def hear(self, answer: str) -> None:
        """Go on with an answer, and say what is to be said to it."""
        try:
            self.quiz, told = asking.reply(self.quiz, answer)
        except BackcalcError as error:
            told = ((error.message + (f" ({error.hint})" if error.hint else ""),),)
        self.say(*told)

    def answer(self) -> str | None:
        """One line from the person, cut where it is too long to be read; None at the end."""
        sys.stdout.flush()
        line = rest = sys.stdin.readline(MAX_LENGTH + 1) if sys.stdin else ""
        while len(rest) > MAX_LENGTH and not rest.endswith("\n"):
            rest = sys.stdin.readline(MAX_LENGTH + 1)
        if self.piped or not line:
            self.say()
        return line or None

    def end(self) -> None:
        """The summary."""
        self.say((), *asking.summary(self.quiz))
        sys.stdout.flush()
