"""Tables to statements: chains in a row, names above numbers, columns that say what they hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, pairwise, takewhile

from backcalc.equations.program import loss_name
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Expression, Name, names_in
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.cells import (
    CLASSES,
    FORMULA_HEAD,
    HATTED,
    SLOPE,
    SLOPE_HEAD,
    UNITS,
    CellReader,
)
from backcalc.reading.figures import near, room_of, worked
from backcalc.reading.grammar import Reader, lone_symbol, split, trimmed, without_index
from backcalc.reading.items import Item, Span, SpanRow, SpanRows, Spans
from backcalc.reading.names import Unreadable
from backcalc.reading.pieces import RELATIONS, equated, sides_of, written_plainly
from backcalc.reading.rewriting import scaling, with_commas
from backcalc.reading.sample_parts import BY_INPUTS, sample_said, sample_with
from backcalc.reading.signs import (
    BACKWARD,
    EARLIER,
    FUNCTION_NAMES,
    LAYERS,
    NEW,
    NOUNS,
    OLD,
    OVERALL,
    PASSES,
    REMARKS,
    RESIDUALS,
    RESULTS,
    SAMPLES,
    STEPS,
    TIMES,
    TOTALS,
    VALUES,
    WORKINGS,
    saying,
    words,
)
from backcalc.reading.statements import STEP_PART
from backcalc.reading.tokens import Token, Tokens, tokens_of
from backcalc.reading.values import Value
from backcalc.reading.vocabulary import SPELLINGS

CLASSES_OR_UNITS = "its numbers may be those of classes or of units"
TIMED = regex(rf"[\s$*]*(?:{'|'.join(sorted(TIMES))})\s*=?\s*(\d+)[\s$*]*\Z", re.IGNORECASE)
CHANGE = regex(r"[Δ∆]|\\Delta|\bdelta[ _]?w", re.IGNORECASE)
"""What a weight changes by, as the title of a column."""
LABEL = regex(r"[^\W\d_]{1,2}")
"""The letter of a gate, which stands below the names of its weights."""
ROUNDED = 0.001  # how far off, relatively, a figure is that was worked from rounded ones
UNKNOWN_HEAD = "no quantity here has the name above this column"
COUNTERS = ("t", "k", "n", "i")
"""The letters above a column that may count the rows of a table."""
NO_FORMULA = "a name of a quantity with a formula should stand here"
TWOFOLD = "its words and its name may be of two quantities"
PRIMED = regex(r"^\W*(?:unit |neuron )?[ho]_?\{?\d?\}?\s?(?:'|′|\^\{?\\?prime)\W*$")
"""The label of a unit that is said to be of another pass: h1'."""
UPDATES = words("update updates aktualisierung actualización aggiornamento")
"""Heads of a column that holds new weights, or what they change by."""
FROM_NOUGHT = "units are counted from 0 here: which one is 1?"
OF_ALL = "no sample has a value of its own for this: is it a derivative?"
TOTAL = "it is the sum of its column, which has no name here"
OTHER_PASS = "this row may belong to another sample or to another pass"
SHORT = "this row has more or fewer cells than the head of the table"


class TableReader(CellReader):
    """Reads the statements off a table."""

    def table(self, item: Item) -> None:
        """The rows of a table: chains, names above numbers, or columns that say what they hold."""
        cells = [*filter(None, chain.from_iterable(item.rows))]
        lefts = [*map(self.left_in, cells)]
        first = lefts[: len(item.rows[0])]
        if all(lefts) and all(map(self._is_left, first)):  # a box of whole statements
            self.lines(cells)
            return
        torn = not item.headed and self.is_torn(item.rows[0])
        cut = [row for row in item.rows if torn or self.is_cut(row, item.rows[0])]
        cut = [*item.rows] if item.rows[0] in cut else cut  # without a head nothing is told
        rows = self.without(cut, item.rows, "this row of the table is broken off")
        if not rows:
            return
        if len(self.names.network.samples) > 1 < len(rows) and self.by_sample(rows):
            return
        rows = self.with_one_head(rows)
        if not rows:
            return
        rows = self.below_each_other(rows)
        pairs = [(*map(self._text, row),) for row in rows]
        twice = [
            row
            for row, pair in zip(rows, pairs, strict=True)
            if len(pair) > 1 and (pair[0].isdecimal() or self._is_name(row[0]))
            and any(other[:1] == pair[:1] and other != pair for other in pairs)
        ]  # fmt: skip
        rows = self.without(twice, rows, "two rows of this table have the same number or name")
        if not rows:
            return
        titled = self.is_title(rows)
        if titled and saying(told := self.words([*chain.from_iterable(rows[0])])):
            self.hear(told, heading=True)
        rows = self.without_descriptions(self.without_numbers(rows[titled:]))
        head, *body = self.without_steps(rows[0]), *rows[1:]
        if len([*filter(None, head)]) == 1 and any(t.kind == "text" for t in self.tokens(head[0])):
            most = max(map(len, rows))
            head = (*head, *((),) * (most - len(head)))  # it ends behind its words
        rows = (head, *body)
        uneven = any(len(row) not in (1, len(head)) for row in rows)
        self.ragged = uneven and not self.is_of_a_spreadsheet(rows)
        self.later = scaling(self.tokens_in(head)) or self.later
        value = self.tokens(head[1]) if len(rows) == 1 and len(head) == 2 else []
        if value and value[0].kind in RELATIONS:  # |dL/dw0| = 0.75
            self.lose(head, "this is the size of a quantity: write the quantity itself")
            return
        cells = [*head, *(row[0] for row in rows if row)]
        self.hatted = any(HATTED.search(self._text(cell)) for cell in cells)
        steps = [*map(self.step_of, head[2:])]
        begun = bool(steps) and any(w in OLD or w.startswith("init") for w in self.words(head[1]))
        from_old = begun and steps == [*range(1, len(steps) + 1)]  # | Init | Epoch 1 | Epoch 2 |
        self.counting = from_old or any(self.step_of(cell) == 0 for cell in cells)
        counted = self.counting and all(self.step_of(cell) is not None for cell in head[1:])
        if not counted and (
            self.by_parts(rows)
            or self.by_optimizer(rows)
            or self.by_label(rows)
            or self.by_sample_columns(rows)
            or self.by_unit(rows)
            or self.by_letter(rows)
            or self.by_letter((*zip(*rows, strict=False),))
        ):
            return
        titled = bool(head) and not head[0] and any(row and row[0] for row in body)
        if body and any(head) and all(map(self._is_name, filter(None, head))) and not titled:
            whole = item.headed and all(len(row) == len(head) for row in body)
            for name, cell in (pair for row in body for pair in self.with_titles(head, row)):
                self.pair(name, cell, "", weak=not whole)
            return
        roles = self.roles(head, body)
        untold = [c for c, role in zip(head, roles, strict=True) if role not in ("old", "new")]
        states = any(t.kind in RELATIONS for t in self.tokens_in(untold))
        whole = bool(self._is_name(head[0]) and self.number(head[-1]))
        roles = [""] * len(roles) if (states and not self.counting) or whole else roles
        if {*roles[1:]} >= {"old", "value"} and {*roles[1:]}.isdisjoint(("new", "gradient")):
            roles = ["value" if role == "old" else role for role in roles]  # either may be said
        body = body if any(roles) or not (states or self._is_name(head[0])) else [*rows]
        roles = self.without_changes(roles, head, body)
        columns = [role for role in roles[1:] if role in ("gradient", "new", "old")]
        if not columns and self.gives_slopes(head, body):
            columns = ["gradient"]
        slope = roles.index("gradient", 1) if "gradient" in roles[1:] and len(columns) == 1 else 0
        if slope and (valued := self.has_values(head, body, slope)):  # | b | -1 | -3 |
            columns.append("value")
            roles = [r if n in (0, slope, valued) else "remark" for n, r in enumerate(roles)]
        named = [n for n, cell in enumerate(head) if n and self._is_name(cell)]
        passes = {"old", "new"} <= {self._role(row[0]) for row in body if row}
        unclear = any(map(self.holds_two_results, [self.kept(row, roles) for row in body]))
        untitled = columns == ["old"] and not all(head[1:])  # what stands there may be new
        if passes and named:  # a gradient is of the pass before the step
            body.sort(key=lambda row: bool(row) and self._role(row[0]) == "new")
        for row in chain.from_iterable(map(self.by_name, body)) if len(columns) > 1 else body:
            if not row or not row[0]:
                continue
            filled = [cell for cell in row if not self.is_blank(cell)]
            if len(filled) == 1 < len(head) and self._is_worded(row[0]):
                self.hear(self.words(row[0]), heading=True)  # the title of the rows below
                continue
            bare = len(filled) > 2 or row is head or not item.headed
            if bare and all(map(self._is_name, reversed(filled))):
                self.skip(self.tokens(row[0]), "this row holds names but no numbers")
                continue
            if len(row) > len(head) and any(map(self.number, row[len(head) :])):
                self.lose(row, "this row has more cells than the head of the table")
                continue
            row = row[: len(head)]  # what stands behind them only remarks
            if len(row) == 2 and self.with_value(row[0], row[1]):
                continue
            if len(row) == len(head) and (
                self.repeats_targets(head, row) or self.of_units(head, row)
            ):
                continue
            if named and len(named) == len(head) - 1 and not self._is_name(row[0]):
                if SLOPE_HEAD.search(self._text(row[0])) or SLOPE.search(self._text(row[0])):
                    self.slopes_of_units([head[n] for n in named], row)
                    continue
                role = self._role(row[0])
                strange = role not in ("old", "new", "gradient") and self.is_of_others(head, row)
                if len(row) == len(head) and (strange or self.is_formula(row[0], role)):
                    self.lose(row, FORMULA_HEAD)
                    continue
                for name, cell in self.with_titles(head, row)[1:]:
                    weight = self._is_weight(name)
                    if passes and role in ("old", "new") and not weight:
                        self.before_and_after(name, cell, role)
                    elif role != "old" or not weight:
                        self.pair(name, cell, role)
            elif self._is_name(row[0]) and len(columns) > 1 and len(row) == len(roles):
                self.of_columns(head, roles, row, columns)
            elif self._is_name(row[0]) and len(columns) > 1 and len(row) > 1:
                self.lose(row, SHORT)
            elif self._is_name(row[0]) or all(
                self._is_left(side) for _, side in sides_of(self.value(row[0]))
            ):
                said = columns[0] if columns else ""
                kept = self.kept(row, roles)
                empty = slope and len(row) > slope and self.is_blank(row[slope])
                if len(head) == 2 and row is not head and self.is_scaled(head[1]):
                    self.lose(row, FORMULA_HEAD)
                    continue
                if untitled or empty or (unclear and len(self.numbers_in(kept)) > 1):
                    self.lose(row, "it is not clear what the columns of this table hold")
                    continue
                self.row(kept, said if said != "old" else "")
            elif not (columns or self.subject) and self.is_described(row):
                self.row(row, "")
            else:
                self.labelled(row)
        self.subject = []

    def is_of_a_spreadsheet(self, rows: SpanRows) -> bool:
        """True for a table whose rows have one number of cells, of which the last may be empty."""
        text, document = self.document.text, self.document
        lines = {document.row(row[0][0].start) for row in rows if row and row[0]}
        starts = [document.starts[line] for line in lines]
        tabs = {text[at : text.find("\n", at) % (len(text) + 1)].count("\t") for at in starts}
        return document.file.lower().endswith(".csv") or (len(tabs) == 1 and 0 not in tabs)

    def roles(self, head: SpanRow, body: SpanRows) -> list[str]:
        """What each column of a table holds, as its title says: gradient, new, old, value, ..."""
        letter, titles = self._text(head[0]).strip("$ "), [*map(self._text, head)]
        roles = [
            "gradient"
            if letter and title.strip("$ }").endswith(f"d{letter}") and SLOPE.search(title)
            else self._role(cell)
            for cell, title in zip(head, titles, strict=True)
        ]
        if "gradient" in roles[1:]:  # a column of inputs is how these are worked out
            inputs = NOUNS["input"] | NOUNS["pre-activation"]
            for n, said in enumerate(map(self.words, head)):
                roles[n] = "remark" if n and said and inputs.issuperset(said) else roles[n]
        if roles.count("new") == 2:  # the working of the new value beside it
            at = roles.index("new")
            below = [row[at] for row in body if len(row) == len(head)]
            roles[at] = "new" if not below or any(map(self.number, below)) else "value"
        return roles

    def with_one_head(self, rows: SpanRows) -> SpanRows:
        """The rows of a table whose head has two: what stands below a title of several columns."""
        if len(rows) < 3 or not len(rows[0]) == len(rows[1]) == len(rows[2]):
            return rows
        first, second, body = rows[:3]
        numbers = any(self.number(cell) for cell in second if cell)
        whole = all(map(any, zip(first, second, strict=True))) and any(second) and body[0]
        if second[0] or numbers or not whole or not any(map(self._text, body)):
            return rows
        if any(one and two for one, two in zip(first, second, strict=True)) and (
            all({*self.words(cell)} & (NEW | OLD | EARLIER) for cell in second if cell)
        ):  # z and z over before and after
            for row in rows[2:]:
                self.lose(row, OTHER_PASS)
            return ()
        return (tuple(two or one for one, two in zip(first, second, strict=True)), *rows[2:])

    def below_each_other(self, rows: SpanRows) -> SpanRows:
        """The rows of a table whose head has the same titles twice or more: | w | dw | w | dw |.

        What stands side by side under them are rows of their own.
        """
        apart = [n for n, cells in enumerate(zip(*rows, strict=False)) if not any(cells)]
        kept = [tuple(c for n, c in enumerate(row) if n not in apart) for row in rows]
        head, *body = kept
        titles, count = [*map(self._text, head)], len(head)
        slopes = ["d" if SLOPE.search(each) else each for each in titles]
        if not body or max(map(len, body)) > count or all(map(self._is_name, head)):
            return rows

        def named(at: int) -> bool:
            cells = [row[at] for row in body if len(row) > at and row[at]]
            return titles[at] == titles[0] or (bool(cells) and all(map(self._is_name, cells)))

        for size in (n for n in range(2, count // 2 + 1) if count % n == 0):
            again = (slopes[at + 1 : at + size] for at in range(0, count, size))
            same = len({*map(tuple, again)}) == 1 and any(titles[1:size])
            if same and all(map(named, range(0, count, size))):
                parts = [row[at : at + size] for row in body for at in range(0, len(row), size)]
                return (head[:size], *filter(any, parts))
        return rows

    def of_columns(
        self, head: SpanRow, roles: Sequence[str], row: SpanRow, columns: Sequence[str]
    ) -> None:
        """Read a row whose first cell is a name, each of the others as its column says."""
        name, *cells = row
        states = [self.state_of(column, name) for column in head[1:]]
        titles = [*zip(head[1:], roles[1:], states, strict=True)]
        steps = [self.steps_in(t) for t, role, state in titles if role == "new" and not state]
        weight, several = self._is_weight(name), len(steps) > 1
        olds = zip(row, roles, strict=True) if weight and "gradient" in columns else ()
        old = {self._text(cell) for cell, role in olds if role == "old" and cell}
        if len({*steps}) < len(steps):
            self.lose(row, "two columns of this table may be of one pass")
            return
        passes = {*roles[1:]} == {"old", "new"}
        for (title, role, state), cell in zip(titles, cells, strict=True):
            if state:
                self.equate(state, (name, cell), "old")
            elif (passes and not (weight and (role == "old" or not several))) or (
                several and role == "new"
            ):  # fmt: skip
                self.before_and_after(name, cell, role, self.steps_in(title))
            elif role == "new" and cell and self._text(cell) in old:
                end = name[-1].end  # the old number once more, under this head
                primed = [*self.label_tokens(name), Token("prime", "'", end, end)]
                self.equate(primed, (name, cell), role)
            elif role == "gradient" and cell and (slope := self.slope_of_part(title, name)):
                self.equate(tokens_of(slope), (name, cell), "")
            elif role in ("gradient", "new") and cell:
                self.pair(name, cell, role)
            elif "value" in columns and not (weight or role == "remark"):  # else given
                self.pair(name, cell, "")

    def slope_of_part(self, title: Spans, name: Spans) -> str:
        """The derivative of another quantity than the loss, if a title says so: of R by w1."""
        match = SLOPE.search(self._text(title))
        of = self.quantity_called(tokens_of(match["of"]), True) if match else ""
        by = self.quantity_called(self.value(name))
        other = by and of in self.names.forward and of != self.names.loss_of(by)
        return str(Derivative(of, by)) if other else ""

    def gives_slopes(self, head: SpanRow, body: SpanRows) -> bool:
        """True if the figures of a table are derivatives by what stands before them.

        The head of its first column says so, or a title, or workings without the weight itself. No
        title counts where more of the figures are those of the weights than of derivatives.
        """
        slope = SLOPE.search(self._text(head[0]))
        if slope and slope["of"] in SPELLINGS["loss"] and not self._is_name(head[0]):
            return True
        rows = [row for row in body if row and row[0] and any(row[1:])]
        if not rows or self.said == "new" or not all(self._is_name(row[0]) for row in rows):
            return False
        kinds = [*map(self.kind_of_figure, rows)]
        slopes, others = kinds.count("gradient"), kinds.count("itself")
        others *= 1 if all(self._is_weight(row[0]) for row in rows) else len(rows)
        if self.said == "gradient":
            valued = {*self.words(head[-1])} & VALUES  # and no change of a weight
            told = others <= slopes and bool(slopes or valued)
            self.said = self.said if told else ""
            return told
        backward = {*re.findall(r"[^\W\d_]+", self.titles.casefold())} & BACKWARD
        worked_out = len(rows) > 1 and all(map(self.has_working, rows))
        return slopes > others and bool(backward or worked_out)

    def is_scaled(self, head: Spans) -> bool:
        """True for the head of values that is a letter of something else, or scales them."""
        text = self._stem(head)
        lettered = len(text) == 1 and text.isalpha() and not self._is_name(head)
        return lettered or re.search(r"%|‰|×\s?10", self._text(head)) is not None

    def without_changes(self, roles: list[str], head: SpanRow, body: SpanRows) -> list[str]:
        """The roles of columns where one of two of new numbers holds what the weights change by.

        Its title says so, or in most rows it is what the old number lacks of the new one.
        """
        new = [n for n, role in enumerate(roles) if n and role == "new"]
        rows = [row for row in body if len(row) == len(head) and self._is_weight(row[0])]
        if len(new) == 1 and rows and {*self.words(head[new[0]])} <= UPDATES:
            moves = sum(self.is_change(row, new[0]) for row in rows)
            roles[new[0]] = "remark" if 2 * moves > len(rows) else "new"
        if len({self.steps_in(head[n]) for n in new}) != len(new) - 1 or len(new) != 2 or not rows:
            return roles
        changes = [n for n in new if CHANGE.search(self._text(head[n]))] or [
            change for change, other in (new, new[::-1])
            if 2 * sum(self.is_change(row, change, other) for row in rows) > len(rows)
        ]  # fmt: skip
        if len(changes) == 1:
            roles[changes[0]] = "remark"
        return roles

    def is_change(self, row: SpanRow, change: int, new: int = 0) -> bool:
        """True if a cell holds how far the new number of a weight in another is from its own.

        Or how far the right new one is, if there is no other.
        """
        weight = self.quantity_called(self.value(row[0]))
        own, moved = self.figures.given.get(weight), self.number(row[change])
        if not new:
            ways = self.figures.ways(f"{weight}'") if moved and own is not None else []
            moves = [abs(way - float(own or 0)) for way in ways]
            return any(abs(abs(float(moved or 0)) - each) < room_of(moved or "") for each in moves)
        then = self.number(row[new])
        if not moved or not then or own is None:
            return False
        room = room_of(moved) + room_of(then)
        return abs(abs(float(then) - float(own)) - abs(float(moved))) < room

    def has_values(self, head: SpanRow, body: SpanRows, slope: int) -> int:
        """The one column of values beside that of gradients, both of numbers alone; 0 for none.

        In no other column but the first a number may stand, and some of the cells may be empty.
        """
        titled = [n for n, title in enumerate(head) if n and {*self.words(title)} & VALUES]
        titled = [n for n in titled if n != slope]
        rows = [row for row in body if row and row[0] and self._is_name(row[0])]
        if len(titled) != 1 or not rows or any(len(row) != len(head) for row in rows):
            return 0
        filled = [(n, c) for row in rows for n, c in enumerate(row) if n and not self.is_blank(c)]
        plain = all(bool(self.number(cell)) == (n in (slope, *titled)) for n, cell in filled)
        return titled[0] if plain else 0

    def kind_of_figure(self, row: SpanRow) -> str:
        """What the last figure of a row is by its size: gradient, itself, or "" for neither."""
        meant, numbers = self.quantity_called(self.value(row[0])), self.numbers_in(row)
        if not meant or isinstance(parsed(meant), Derivative) or not numbers:
            return ""
        said, room = float(numbers[-1]), room_of(numbers[-1])
        slopes = self.figures.ways(str(Derivative(self.names.loss_of(meant), meant)))
        own = self.figures.ways(meant, parsed(meant).after(1))
        fits = [
            any(near(said, way) or abs(said - way) < room for way in ways)
            for ways in ([*slopes, *(-way for way in slopes)], own)
        ]
        return "gradient" if fits == [True, False] else "itself" if fits == [False, True] else ""

    def has_working(self, row: SpanRow) -> bool:
        """True if a formula stands between a weight and its figure, without the weight itself."""
        name = re.sub(r"\W|_", "", self._text(row[0]))
        formulas = [cell for cell in row[1:-1] if cell and not self.number(cell)]
        return bool(formulas) and not any(
            name in re.sub(r"[\s{}_$]", "", self._text(cell)) or self._is_worded(cell)
            for cell in formulas
        )

    def of_units(self, head: SpanRow, row: SpanRow) -> bool:
        """Read a row of what its first cell says of the units above it: net, 0.38 below h1."""
        if self._is_operated(row[0]) or (self.hatted and self._stem(row[0]) == "y"):
            return False
        meant = (self.role_of(self._text(cell), row[0]) for cell in head[1:])
        names = [each for each in takewhile(bool, meant) if each]
        if not names or len(names) < len(head) - 1:
            return False
        for each, name, cell in zip(names, head[1:], row[1:], strict=True):
            if not self.is_blank(cell):
                self.equate(tokens_of(each), (name, cell), "")
        return True

    def repeats_targets(self, head: SpanRow, row: SpanRow) -> bool:
        """True for a row of targets below the outputs, whatever its label: 1, 0 below o1, o2."""
        network = self.names.network
        aims = dict(zip(network.outputs, network.targets, strict=False))
        names = [self.quantity_called(self.value(cell)) for cell in head[1:]]
        pairs, given = [*zip(names, map(self.number, row[1:]), strict=True)], self.figures.given
        put_out = {*SPELLINGS["output"], *SPELLINGS["activation"], *VALUES, *NOUNS["output"]}
        other = put_out.isdisjoint((self._stem(row[0]), *self.words(row[0])))
        return bool(row[0]) and other and bool(pairs) and all(
            name in aims and number and float(number) == float(given.get(aims[name], math.nan))
            for name, number in pairs
        )  # fmt: skip

    def is_of_others(self, head: SpanRow, row: SpanRow) -> bool:
        """True if what stands before a row may say that it is not of the names above it.

        Its words are those of no value, and most of its figures do not fit these names.
        """
        words = {*self.words(row[0])}
        if not words or words & (VALUES | NOUNS["output"] | NOUNS["activation"] | PASSES):
            return False
        names = [self.quantity_called(self.value(cell)) for cell in head[1:]]
        figures = [*zip(names, map(self.number, row[1:]), strict=False)]
        told = [
            self.figures.fits(float(number), name, f"{name}'")
            for name, number in figures if name and number
        ]  # fmt: skip
        return bool(told) and 2 * sum(told) <= len(told)

    def by_name(self, row: SpanRow) -> list[SpanRow]:
        """The same row for each of the names of one quantity that stand before it: yhat = z3."""
        sides = [side for _, side in sides_of(self.value(row[0]))] if row and row[0] else []
        if len(sides) < 2 or not all(side and self._is_left(side) for side in sides):
            return [row]
        names = (Span(side[0].start, side[-1].end, row[0][0].math) for side in sides)
        return [((name,), *row[1:]) for name in names]

    def kept(self, row: SpanRow, roles: Sequence[str]) -> list[Spans]:
        """The cells of a row but for old values and remarks."""
        whole = len(row) == len(roles)
        return [c for n, c in enumerate(row) if not (whole and roles[n] in ("old", "remark"))]

    def holds_two_results(self, row: SpanRow) -> bool:
        """True for a name with two numbers of which neither may be the other one rounded."""
        if not row or not self._is_name(row[0]):
            return False
        told = [(float(number), room_of(number)) for number in self.numbers_in(row)]
        return any(abs(one - two) > max(a, b) for (one, a), (two, b) in pairwise(told))

    def without_numbers(self, rows: SpanRows) -> SpanRows:
        """The rows of a table without a first column that only numbers them."""
        full = [row for row in rows[1:] if len(row) > 2]
        numbers = [self._text(row[0]).strip("().:$ ") for row in full]
        if len(full) < 2 or not counts_on(numbers):
            return rows
        if 2 * sum(self._is_name(row[1]) or self.states(row[1]) for row in full) > len(full):
            return [row[1:] if len(row) > 1 else row for row in rows]
        return rows

    def without_descriptions(self, rows: SpanRows) -> SpanRows:
        """The rows of a table of steps without their numbers and what describes them, in words.

        What is left are formulas with their names, or names, and the values beside them. Rows are
        unread whose words say what the name beside them does not: gradient, w_1 = 0.3.
        """
        head, *body = rows
        at = len(head) - 2  # where the name or the formula stands
        if at < 1 or any(len(row) != len(head) for row in body):
            return rows
        told = [self._is_name(row[at]) or self.states(row[at]) for row in body]
        stated = any(told) if at > 1 else any(self.states(row[at]) for row in body)
        named = (self.is_described(row[at - 1 : at]) for row in body)
        sure = stated and 2 * sum(map(max, told, named)) > len(body)
        described = [row[:at] for row, known in zip(body, told, strict=True) if known]
        if not sure or not all(map(self._describes, chain.from_iterable(described))):
            return rows
        kept: list[SpanRow] = [head[at:]]
        for row, known in zip((each[at - 1 :] for each in body), told, strict=True):
            description, formula, _ = row
            name, says = self.value(formula), saying(self.words(description))
            meant = self.quantity_called(sides_of(name)[0][1], True)
            if not known and all(t.kind not in RELATIONS for t in name):
                if name and (left := self.behind_words(self.value(description))):
                    self.equate(equated(left, name), row, "")
                else:
                    self.lose(row, NO_FORMULA)
                continue
            own = self.quantity_called(self.value(description), False)
            plain = (self._is_name(formula) and bool(says)) or own not in ("", meant)
            slope = says == "gradient" and not isinstance(parsed(meant), Derivative)
            if plain or (meant and slope):
                self.lose(row, TWOFOLD)
            else:
                kept.append(row[1:])
        return kept

    def is_title(self, rows: SpanRows) -> bool:
        """True if words above the head of a table are its title: Exercise 4, Ada."""
        first, head = ([*filter(None, row)] for row in (rows[0], rows[1] if len(rows) > 2 else ()))
        if not 0 < len(first) < len(head) or not all(map(self._is_worded, first)):
            return False
        ends = (sides_of(self.value(cell))[-1][1] for cell in head[1:])
        said = self._is_name(head[0]) and any(map(written_plainly, ends))
        return (len(first) == 1 and not said) or all(map(self._is_worded, head))

    def without(self, lost: SpanRows, rows: SpanRows, reason: str) -> SpanRows:
        """The rows of a table but for some, which are listed as unread."""
        for row in lost:
            self.lose(row, reason)
        return [row for row in rows if row not in lost]

    def with_titles(self, head: SpanRow, row: SpanRow) -> list[tuple[Spans, Spans]]:
        """Each title with the cell below it; none for a row with more or fewer, which is unread."""
        if len(row) != len(head):
            self.lose(row, SHORT)
        return [*zip(head, row, strict=True)] if len(row) == len(head) else []

    def is_torn(self, first: SpanRow) -> bool:
        """True if a rule or a row that is none stands right above the first row of a table."""
        text = self.document.work
        start = text.rfind("\n", 0, min(s.start for c in first for s in c)) if any(first) else 0
        above = text[text.rfind("\n", 0, max(start, 0)) + 1 : max(start, 0)]
        return "|" in above or "--" in above

    def is_cut(self, row: SpanRow, head: SpanRow) -> bool:
        """True if a row of a table in Markdown goes on on the next line, which is no whole row."""
        text, ends = self.document.work, []
        for each in (row, head):
            last = max((span.end for cell in each for span in cell), default=0)
            stop = text.find("\n", last)
            ends.append((text[last:stop].strip()[-1:], stop))
        (closing_, stop), (usual, other) = ends
        whole = closing_ == "|" and len(row) >= len(head)
        if -1 in (stop, other) or usual != "|" or whole:
            return False
        below = text[stop + 1 : stop + 200].split("\n")[0].lstrip(" >\t")
        short = closing_ != "|" and len(row) < len(head)  # its rest may look like a row
        return bool(below) and (below[0] != "|" or short)

    def by_parts(self, rows: SpanRows) -> bool:
        """Read a table of the parts of derivatives, a row for each step in time, then their sum.

        What heads its columns says of which derivative: contribution to dL/dw: delta_t x_t.
        """
        head, *steps = rows
        summed = bool(steps and steps[-1]) and not self.is_counted(steps[-1][0])
        whole = steps.pop() if summed else ()
        timed = bool(self.names.vocabulary.repeated) and bool({*self.words(head[0])} & TIMES)
        if not (steps and (timed or (whole and {*self.words(whole[0])} & TOTALS))):
            return False
        if not all(row and self.is_counted(row[0]) for row in steps):
            return False
        names = dict[int, Tokens]()
        for at, cell in enumerate(head):
            tokens = self.value(cell)
            first = [*takewhile(lambda t: t.kind not in ("colon", *RELATIONS), tokens)]
            if at and SLOPE.search(self._text(cell)) and (name := self.behind_words(first)):
                names[at] = name
        for row in rows[1:] if names else ():
            for at, cell in enumerate(row):
                if at in names and row is whole and cell and {*self.words(row[0])} & TOTALS:
                    self.equate(names[at], (head[at], cell), "")
                elif at in names and cell:
                    self.lose((cell,), STEP_PART)
                elif at and cell and at < len(head) and row is not whole:
                    self.of_unit(head[at], cell, self.value(row[0])[0])
        return bool(names)

    def is_counted(self, cell: Spans) -> bool:
        """True for a number alone that counts rows."""
        return self._text(cell).strip("$ ").isdecimal()

    def by_optimizer(self, rows: SpanRows) -> bool:
        """Read a table of what the optimizer works out for each weight: g, m, v.

        Each weight has a row, or a column.
        """
        head, *body = rows
        if not all(len(row) == len(head) and row[0] for row in body):
            return False
        if body and all(map(self._is_weight, head[1:])):
            words = [self.optimizer_word(row[0]) for row in body]
            if len({*words}) == len(words) > 1 and all(words):
                for word, (title, *cells) in zip(words, body, strict=True):
                    for name, cell in zip(head[1:], cells, strict=True):
                        self.of_optimizer(word, name, title, cell)
                return True
        words = [self.optimizer_word(cell) for cell in head]
        several = len({*filter(None, words)}) == sum(map(bool, words)) > 1
        if not (several and all(self._is_weight(row[0]) for row in body)):
            return False
        for row in body:
            for word, title, cell in [*zip(words, head, row, strict=True)][1:]:
                role = "" if word else self._role(title)
                if word:
                    self.of_optimizer(word, row[0], title, cell)
                elif self.is_blank(cell):
                    continue
                elif role in ("gradient", "new"):
                    self.pair(row[0], cell, role)
                elif role != "old":
                    self.lose((cell,), UNKNOWN_HEAD)
        return True

    def of_optimizer(self, word: str, name: Spans, title: Spans, cell: Spans) -> None:
        """Read what an optimizer works out for one weight."""
        weight = self.quantity_called(self.value(name))
        meant = f"{word}_{weight}"
        if word == "g" and word not in self.names.network.descent.words:
            meant = str(Derivative(self.names.loss_of(weight), weight))
        self.equate(tokens_of(meant), (title, cell), "")

    def is_total(self, cell: Spans) -> bool:
        """True for a word or a sign for a sum, and nothing else."""
        said = {*self.words(cell)} | {self._text(cell).strip("$*_ :")}
        return said <= TOTALS | {"Σ", "∑", "\\sum", "Sum", "SUM"}

    def optimizer_word(self, cell: Spans) -> str:
        """What an optimizer works out for each weight, by the letter above a column: m, vhat_1."""
        left = sides_of(self.value(cell))[0][1]
        symbol = lone_symbol(left, self.names, True) if left else None
        numbered = symbol and (symbol.low.isdecimal() or symbol.low in ("", *COUNTERS))
        words = ("g", *self.names.network.descent.words)
        return symbol.head if symbol and numbered and symbol.head in words else ""

    def by_label(self, rows: SpanRows) -> bool:
        """Read a table whose first column says which unit a row is of: | unit | net | out |."""
        alone = [row for row in rows[1:] if row and not row[0] and sum(map(bool, row)) == 1]
        if alone and self.by_label([row for row in rows if row not in alone]):
            for row in alone:  # a sum below one column, which has its own name
                self.lines([*filter(None, row)])
            return True
        if rows[2:] and rows[-1] and rows[-1][0] and self.is_total(rows[-1][0]) and (
            self.by_label(rows[:-1])
        ):  # fmt: skip
            for cell in rows[-1][1:]:  # of softmax's exponentials, say, and of its outputs: 1
                self.lose((cell,), TOTAL)
            return True
        head, *body = rows
        first = [t.text.casefold() for t in self.tokens(head[0]) if t.kind in ("word", "text")]
        several = len(self.names.network.samples) > 1 and bool(
            {*first} & {*self.names.network.inputs, "i", "n", *SAMPLES}
        )
        told_apart = all(self._role(row[0]) in ("old", "new", "gradient") for row in body if row)
        if several and self.by_sample_columns(rows):
            return True
        if {*first} & LAYERS and len(head) > 2 and {*self.words(head[1])} & UNITS:
            head, first = head[1:], self.words(head[1])
            body = [((*row[0], *row[1]), *row[2:]) if len(row) > 1 else row for row in body]
        self.units, self.activated = {}, False
        sums = bool({*first} & UNITS) or any(
            self.letter_of(cell) == "net" or {*self.words(cell)} & NOUNS["input"]
            for cell in head[1:]
        )
        labels = [self.label(row[0], joined=sums) for row in body if row]
        if any(t.kind in RELATIONS for label in labels for t in label):
            return False
        below = [any(t.text in first[:1] for t in self.tokens(cell)[1:]) for cell in head[1:]]
        timed = len(first) == 1 == len(first[0]) and all(below)  # | t | z_t | h_t |
        if any(below) and not (several or self.names.vocabulary.repeated):
            with self.names.counting_by(first[0]):
                if self.by_step(head, body):
                    return True
        steps = self.names.vocabulary.repeated and {*first} & TIMES and not several
        timed = timed or bool(steps)  # | t | z | h |
        named = bool(body) and all(self._is_name(row[0]) for row in body if sum(map(bool, row)) > 1)
        if named and not several:
            if saying(self.words(head[0])):
                self.hear(self.words(head[0]))  # the head is the title of a block of names
        elif not timed and self.by_step(head, body):
            return True
        elif several or ({*first} & SAMPLES and not timed and not (body and told_apart)):
            for row in body:
                self.lose(row, OTHER_PASS)
            return True
        numbers = [each[0].text for each in labels if each]
        nought = numbers[:2] == ["0", "1"] and "0" not in self.names.vocabulary.named
        if nought and ({*first} & UNITS or not first):
            for row in body:
                self.lose(row, FROM_NOUGHT)
            return True
        single, classes = all(len(label) == 1 for label in labels), bool({*first} & CLASSES)
        units = [label[0] for label in labels] if single else []
        self.units = self.units_of(units) if single else {}
        self.units = {} if classes else self.units
        self.neurons = bool({word for word in first if len(word) > 2} & (UNITS - CLASSES))
        if self.units:
            there = sum(map(partial(self.has_sum_before, head), body, units))
            self.activated = 2 * there > len(body)
        told = timed or {*first} & UNITS or (not first and not self._text(head[0]))
        counted = all(unit.text.isdecimal() or unit.text[:1] in ("h", "o") for unit in units)
        if not (body and units and told and (self.units or counted)):
            return False
        self.activated_heads = [c for c in head[1:] if c and self.is_activation(c, units)]
        self.activated_heads += self.results(head, body, units)
        sure = self.of_outputs(head[1:], units, head[:1])
        if self.units and not any(unit.text.isdecimal() for unit in units):
            sure = [True] * len(sure)  # o1 is the name of a unit
        for unit, row in zip(units, body, strict=True):
            if PRIMED.search(self._text(row[0])):
                self.lose(row, OTHER_PASS)
                continue
            stated, working, behind = False, list[Token](), (*row[2:], ())
            blank = [not after for after in (*head[2:], head)]  # the value stands below it
            pairs = zip(self.with_titles(head, row)[1:], behind, sure, blank, strict=False)
            above: Spans = ()
            for (title, cell), after, known, valued in pairs:
                title = above = title or above
                value = self.value(cell)
                if not known and not self.is_given(title, unit, cell):
                    if outer := self.of_class(title, unit, units) if classes else None:
                        self.of_unit(title, cell, outer)
                    else:
                        self.skip(value, CLASSES_OR_UNITS)
                elif not stated and self.with_value(cell, after):
                    stated = True  # the cell behind it is its value
                elif self.units and (valued or {*self.words(title)} & WORKINGS):
                    if len(split(value, ("semicolon",))) > 1:
                        self.skip(value, "several workings stand in one cell")
                    else:
                        working += [*equated((), value)] if cell else []
                else:
                    if not stated:
                        self.of_unit(title, cell, unit, working)
                    stated, working = False, []
        return True

    def has_sum_before(self, head: SpanRow, row: SpanRow, label: Token) -> bool:
        """True if the right weighted sum of a row's unit stands below a head that says before."""
        right = self.figures.right(self.units[label.text].pre_activation)
        said = (c for title, c in zip(head, row, strict=False) if {*self.words(title)} & EARLIER)
        amount = next((self._amount(self.value(cell), True) for cell in said), None)
        return near(amount, right)

    def by_unit(self, rows: SpanRows) -> bool:
        """Read a table with a column for each unit or class: | | class 1 | class 2 |."""
        summed = len(rows[0]) > 3 and {*self.words(rows[0][-1])} & TOTALS
        head, *body = [row[:-1] if summed and len(row) == len(rows[0]) else row for row in rows]
        labels = [self.label(cell) for cell in head[1:]]
        if not body or len(labels) < 2 or {*map(len, labels)} != {1}:
            return False
        first = [label for (label,) in labels]
        if not counts_on([label.text for label in first]):
            return False
        if len(first) == len(self.names.network.samples):
            for row in body:
                self.lose(row, OTHER_PASS)
            return True
        whole = [row for row in body if row and self._is_name(row[0])]
        if first[0].text == "0" and 2 * len(whole) > len(body):
            return False  # its rows are quantities, and its columns may be steps
        apart = self.of_outputs([row[0] for row in body], first, head)
        for row, sure in zip(body, apart, strict=True):
            if len(row) == len(head) and not sure:
                self.lose(row, CLASSES_OR_UNITS)
                continue
            for (_, cell), label in zip(self.with_titles(head, row)[1:], first, strict=False):
                self.of_unit(row[0], cell, label)
        return True

    def by_letter(self, rows: SpanRows) -> bool:
        """Read a table in which what stands before a row is below each name at its head.

        In the column dL/dW and the row of the gate f is dL/dW_f. Each of them must be a quantity.
        """
        head, *body = rows or ((),)
        matches = [SLOPE_HEAD.search(self._text(cell)) for cell in head]
        kept = [n for n, found in enumerate(matches) if not found or found.lastgroup != "other"]
        columns = [row for row in (head, *body) if len(row) == len(head)]
        if len(kept) < len(head) and len(columns) > len(body):  # 1 - h
            return self.by_letter([[row[n] for n in kept] for row in columns])
        heads = [cell[:1] if cell and cell[0].math else cell for cell in head[1:]]  # dL/dW (x)
        roles = [self._role(cell) if self._is_worded(cell) else "" for cell in heads]
        labels = [[t for t in self.value(row[0]) if LABEL.fullmatch(t.text)] for row in body]
        if not all(heads) or {*map(len, labels)} != {1} or {*map(len, body)} != {len(head)}:
            return False
        self.units, self.named_units, self.activated_heads = {}, {}, ()
        made = dict[tuple[str, str], tuple[list[Token], Spans]]()
        with suppress(Unreadable):
            for (label,), row in zip(labels, body, strict=True):
                for each, role, cell in zip(heads, roles, row[1:], strict=True):
                    name = self.name_of_unit(each, label)
                    meant = self.left_side(name, True)
                    if isinstance(meant, Name) and (role != "old" or self._is_weight_name(name)):
                        prime = [name[-1]._replace(kind="prime", text="'")] * (role == "new")
                        made[meant.id, role] = [*name, *prime], cell
        if len(made) != len(heads) * len(body) or len(made) < 2:
            return False
        for (_, role), (name, cell) in made.items():
            if role != "old" and not self.is_blank(cell):
                self.equate(name, (heads[0], cell), "")
        return True

    def slopes_of_units(self, heads: SpanRow, row: SpanRow) -> None:
        """A row of derivatives, h(1 - h) or dL/dz, below the names of units."""
        for head, cell in zip(heads, row[1:], strict=False):
            label = "".join(t.text for t in self.value(head) if t.kind in ("word", "number"))
            with suppress(Unreadable):
                name = self.name_of_unit(row[0], Token("word", label, 0, 0))
                self.left_side(name, True)
                self._one(equated(name, self.value(cell)), (head, cell), "")
                continue
            self.lose((cell,), FORMULA_HEAD)

    def by_step(self, head: SpanRow, body: SpanRows) -> bool:
        """Read a table with a row for each number of steps: | step | w | L |.

        Its first row must be that of the start: the given weights, and most other figures right;
        or row 1 has the weights that its own step makes.
        Without a word for a step its rows count from 0, and all its columns are named.
        """
        head = [*map(self.bare, head)]
        rows = [row for row in body if row and self.number_of_step(row[0]).isdecimal()]
        numbers = [self.number_of_step(row[0]) for row in rows]
        named = [n for n, name in enumerate(head) if n and self._is_left(self.value(name))]
        lettered = numbers[:1] == ["1"] and self._text(head[0]).strip("$ ") in COUNTERS
        told = numbers if {*self.words(head[0])} & STEPS else lettered or numbers[:2] == ["0", "1"]
        plain = (self.number(cell) for cell in chain.from_iterable(body))
        bare = not told and len(body) > 1 and {*map(len, body)} == {len(head)} and (
            all(map(self._is_name, head)) and all(plain)
        )  # fmt: skip
        if bare:  # without a column that counts
            rows, named = [*body], [*range(len(head))]
            told = numbers = [*map(str, range(len(body)))]
        if not named or not told or (told is True and len(named) < len(head) - 1):
            return False
        strange = [n for n, name in enumerate(head) if n and n not in named]
        strange = [n for n in strange if self.is_unknown(head[n], self.value(head[n]))]
        named = [n for n in named if not self.is_given_above(head[n], [r[n : n + 1] for r in rows])]
        names = {n: self.left_side(self.value(head[n]), True) for n in named}
        residuals = self.residuals_in(head, names, rows[0] if rows else ())
        names |= {n: Name(slope) for n, slope in residuals.items()}
        counted = [str(n + (numbers[0] == "1")) for n in range(len(rows))]
        sure = counted == numbers and all(len(row) == len(head) for row in rows)
        sure = sure and len({*names.values()}) == len(names)  # and no letter of two is that of one
        fits = {n: sure and self.is_at_start(name, rows[0][n]) for n, name in names.items()}
        weights = {n for n in named if getattr(names[n], "id", "") in self.names.stepwise}
        others = [fit for n, fit in fits.items() if n not in weights]
        made = sure and numbers[0] == "1" and bool(weights) and not any(fits[n] for n in weights)
        made = made and 2 * sum(map(bool, others)) > len(others)
        there = self.made_in(names, rows[0]) if sure and weights else {}
        sloped = any(isinstance(parsed(getattr(n, "id", "")), Derivative) for n in names.values())
        told = sloped or len(there) > 1  # which one weight does not
        made = made and told and 2 * [*there.values()].count(True) >= len(there)
        remembered = {n for n in weights if getattr(names[n], "id", "") not in self.names.weights}
        moved = weights if made else {n for n in remembered if there.get(n) and not fits[n]}
        fits |= dict.fromkeys(moved, True)
        sure = sure and None not in fits.values() and all(fits[n] for n in weights)
        sure = sure and 2 * sum(map(bool, fits.values())) > len(fits)
        if not sure and (lettered or any(self.step_of(row[0]) is not None for row in rows)):
            return False
        for row in body[bare and not sure :]:
            if not sure or row not in rows:  # or the differences
                self.lose(row, OTHER_PASS)
        for row in rows if sure else ():
            for cell in (row[n] for n in strange if self.number(row[n])):
                self.lose((cell,), UNKNOWN_HEAD)
        for steps, row in enumerate(rows if sure else rows[:bare]):
            before, self.first_pass = self.first_pass, sure and not steps
            for n in named:
                new = n in moved
                if (steps or new or n not in weights) and not self.is_blank(row[n]):
                    name = tokens_of(residuals[n]) if n in residuals else self.value(head[n])
                    said = "old" if sure else ""
                    self.equate(name, (head[n], row[n]), said, steps=steps + new)
            self.first_pass = before
        return True

    def residuals_in(
        self, head: SpanRow, names: Mapping[int, Value], row: SpanRow
    ) -> dict[int, str]:
        """The columns of yhat - y, beside one of the loss that has such a name as well.

        They are the loss's derivative where the first row shows it.
        """
        loss, outputs = Name(self.names.loss), self.names.network.outputs
        twice = [n for n, name in names.items() if name == loss]
        called = [n for n in twice if {*self.words(head[n])} & RESIDUALS] if twice[1:] else []
        slope = str(Derivative(self.names.loss, outputs[0])) if len(outputs) == 1 else ""
        return {n: slope for n in called if slope and self.is_at_start(Name(slope), row[n])}

    def made_in(self, columns: Mapping[int, Value], row: SpanRow) -> dict[int, bool]:
        """Whether each weight and state in a row is that after a step from the row's figures."""
        amounts = {n: self._amount(self.value(row[n]), True) for n in columns}
        said = {
            n: (name.id, number)
            for n, name in columns.items()
            if isinstance(name, Name) and (number := amounts[n]) is not None
        }
        values = self.figures.afresh()
        values.claimed |= {name: n for name, n in said.values() if name not in self.names.stepwise}
        return {
            n: any(near(number, way) for way in values.ways(parsed(name).after(1)))
            for n, (name, number) in said.items() if name in self.names.stepwise
        }  # fmt: skip

    def is_given_above(self, name: Spans, column: SpanRows) -> bool:
        """True for an input or a target with the number of the exercise in each of its cells."""
        of = getattr(self.left_side(self.value(name), True), "id", "")
        leaf = of in (*self.names.network.inputs, *self.names.network.targets)
        given = self.figures.right(of) if leaf else None
        said = [self._amount(self.value(cell), True) for cells in column for cell in cells]
        return given is not None and {*said} == {given}

    def is_at_start(self, name: Value, cell: Spans) -> bool | None:
        """True if a cell holds what a quantity is before the first step; None for no number."""
        given = {*self.names.network.inputs, *self.names.network.targets}  # no step changes these
        known = isinstance(name, Name) and name.id not in given
        right = self.figures.right(name.id) if known and isinstance(name, Name) else None
        said = self._amount(self.value(cell), True)
        if right is None or said is None:
            return None
        return near(said, right) or abs(said - right) <= ROUNDED * abs(right)

    def by_sample(self, rows: SpanRows) -> bool:
        """Read a table with a row for each sample, whose number or inputs stand in it."""
        head, *body = rows
        if not all(len(row) == len(head) for row in body):
            return False
        last, overall = body[-1], len(body) > 1 and self.is_overall(body[-1])
        body = body[:-1] if overall else body
        numbers = [self._text(row[0]).strip("$ ") for row in body if row]
        count = len(self.names.network.samples)
        part = {*self.words(head[0])} & SAMPLES - PASSES and 0 < len(numbers) <= count
        told = len(numbers) if part else count
        counted = numbers == [str(n) for n in range(1, told + 1)]
        others = PASSES | STEPS | TIMES | UNITS | LAYERS
        counted &= not (others - {"i"}) & {*self.words(head[0])}
        if not counted:
            numbers = [self.sample_by_inputs(head, row) for row in body]
            if "" in numbers or len({*numbers}) < len(numbers):
                return False
        for number, row in zip(numbers, body, strict=True):
            for name, cell in zip(head[counted:], row[counted:], strict=True):
                with self.names.of_sample(number):
                    title = without_index(self.value(name))
                    if not (said := self.number(cell)):
                        continue
                    named = title if self._is_left(title) else ()
                    if named and self.is_of_all(named):
                        self.lose((cell,), OF_ALL)
                        continue
                    formula = None if named else self.formula_in(title)
                    if stated := named or tokens_of(self.slope_of_head(formula)):
                        self.equate(stated, (name, cell), "", sampled=True)
                    elif not self._gives(formula, float(said)):
                        self.lose((cell,), "this is not what the head of its column comes to here")
                    elif self.is_unknown(name, title):
                        self.lose((cell,), UNKNOWN_HEAD)
        if overall:
            over = next(cell for cell in last if self._text(cell))
            self.over_all(over, zip(head, last, strict=True))
        return True

    def is_of_all(self, name: Tokens) -> bool:
        """True for the name of a weight or of the total, which no sample has for itself."""
        meant = self.left_side(trimmed(name), False)
        return isinstance(meant, Name) and meant.id in (self.names.loss, *self.names.weights)

    def formula_in(self, title: Tokens) -> Expression | None:
        """The formula of several quantities that stands above a column."""
        with suppress(Unreadable):
            value = Reader(trimmed(title), self.names, True).whole()
            if not isinstance(value, tuple) and len({*names_in(value)}) > 1:
                return value
        return None

    def slope_of_head(self, formula: Expression | None) -> str:
        """The derivative of the sample's loss that is a formula, as yhat - y is; "" for none."""
        if formula is None:
            return ""
        own = [n for n in reversed(self.names.forward) if n.endswith(f"[{self.names.sample}]")]
        loss = next((n for n in own if n.startswith(loss_name(self.names.network))), "")
        slopes = [str(Derivative(loss, each)) for each in own if loss and each != loss]
        known = (n for n in slopes if n in self.names.vocabulary.derivatives)
        return next((n for n in known if self.figures.is_formula_of(n, formula)), "")

    def is_unknown(self, name: Spans, title: Tokens) -> bool:
        """True for a head of results that is no name of the network, and counts no rows."""
        counting = SAMPLES | PASSES | STEPS | TIMES | REMARKS | {"i", "n", "k", "nr", "no"}
        signs = any(t.kind in ("sign", *RELATIONS) for t in title)
        return bool(title) and not signs and counting.isdisjoint(self.words(name))

    def _gives(self, formula: Expression | None, said: float) -> bool:
        """False for a number that a formula above it does not give with the sheet's figures."""
        amount = None if formula is None else worked(formula, self.figures.stated)
        return amount is None or abs(amount - said) < max(0.02 * abs(amount), 0.005)

    def is_overall(self, row: SpanRow) -> bool:
        """True for a row of what all samples above it come to: their mean or their sum."""
        first = next((cell for cell in row if self._text(cell)), ())
        said = {*self.words(first)} | {self._text(first).strip("$ :")}
        return bool(first) and bool(said & (TOTALS | OVERALL | {"Σ", "∑", "\\sum", "Ø", "∅"}))

    def over_all(self, title: Spans, pairs: Iterable[tuple[Spans, Spans]]) -> None:
        """Read what all samples come to, where it is what the loss makes of them."""
        summed = {*self.words(title)}.isdisjoint(OVERALL - TOTALS)
        slopes = {str(Derivative(self.names.loss, each)) for each in self.names.weights}
        for name, cell in pairs:
            if cell is title or not self.number(cell):
                continue
            called = without_index(self.value(name))
            with self.names.of_sample("1"):  # as the rows or columns beside it call it
                one = parsed(self.quantity_called(called, self.is_math(name)))
            own = loss_name(self.names.network)
            meant = str(Derivative(self.names.loss, one.by)) if isinstance(one, Derivative) else ""
            meant = self.names.loss if one.of_sample(None) == own else meant
            if summed != (self.names.network.reduction == "sum"):
                self.lose((cell,), "the loss takes the samples together in another way")
            elif meant == self.names.loss or meant in slopes:
                self.equate(tokens_of(meant), (name, cell), "")

    def sample_by_inputs(self, head: SpanRow, row: SpanRow) -> str:
        """The number of the sample whose inputs, and targets, stand in a row; "" for none."""
        network, said = self.names.network, dict[str, str]()
        lead = BY_INPUTS.match(f"{self._text(row[0])}:")
        if lead and not lead["pairs"]:
            return sample_said(lead, network)
        for name, cell in zip(head, row, strict=True):
            with self.names.of_sample("1"):
                of = self.quantity_called(without_index(self.value(name)), True)
                leaf = self.names.quantity(of).of_sample(None)
            if leaf in (*network.inputs, *network.targets) and (number := self.number(cell)):
                said[leaf] = number
        return sample_with(said, network) if said else ""

    def by_sample_columns(self, rows: SpanRows) -> bool:
        """Read a table with a column for each sample, or with the numbers of one of them."""
        found = {n: self.sample_of(cell) for n, cell in enumerate(rows[0])}
        columns = {n: number for n, number in found.items() if number}
        counted = [str(n) for n, _ in enumerate(self.names.network.samples, 1)]
        titles = [self._text(cell).strip("$ ") for cell in rows[0][1:]]
        counting = SAMPLES - PASSES - TIMES | {"i", "n", "k"}
        if titles == counted != ["1"] and counting.intersection(self.words(rows[0][0])):
            columns = dict(enumerate(counted, 1))
        if not columns or 0 in columns:
            return False
        own = {n: k for n, k in columns.items() if len(self.words(rows[0][n])) < 2}
        over_all = [n for n, head in enumerate(rows[0]) if own and self.words(head) == ["all"]]
        totals = [
            n for n, head in enumerate(rows[0])
            if own and n not in (0, *own, *over_all) and self.is_overall((head,))
        ]  # fmt: skip
        for row in rows[1:]:
            alone = len(row) > 1 and bool(row[1]) and not any(row[2:])
            if own and alone and self._is_name(row[0]):  # which no sample has
                self.pair(row[0], row[1], "")
                continue
            if own and len(row) != len(rows[0]):
                if not any(t.text in OLD for t in self.tokens_in(row)):
                    self.lose(row, SHORT)  # but given numbers leave other cells empty
                continue
            for n, number in (*own.items(), *((n, self.names.sample) for n in over_all)):
                with self.names.of_sample(number):
                    self.pair(row[0], row[n], "")
            for n in totals:
                self.over_all(rows[0][n], [(row[0], row[n])])
            if not own:  # the numbers of one sample, and their results elsewhere
                with self.names.of_sample(min(columns.values())):
                    self.row(row, "")
        return True

    def results(self, head: SpanRow, body: SpanRows, labels: Tokens) -> list[Spans]:
        """The column of results behind one of weighted sums, with an activation worked out between.

        In each row stands the function of the unit that the row is of: | o1 | 0.4 | σ(0.4) | 0.6 |.
        """
        kinds = ["net" if self.letter_of(c) == "net" else "working" if {*self.words(c)} & WORKINGS
                 else "result" if {*self.words(c)} & RESULTS else "" for c in head]  # fmt: skip
        at = kinds.index("net") + 1 if "net" in kinds else 0
        last = at + len([*takewhile("working".__eq__, kinds[at:])]) if at else 0
        if not at < last < len(head) or kinds[last] != "result":
            return []
        for label, row in zip(labels, body, strict=True):
            unit = self.named_units.get(label.text)
            between = [t for cell in row[at:last] for t in self.value(cell)]
            called = {FUNCTION_NAMES.get(t.text, t.text) for t in between}
            slope = any(t.kind == "prime" for t in between)
            if not unit or slope or unit.activation.name not in called:
                return []
        return [head[last]]

    def labelled(self, row: SpanRow) -> None:
        """A row with a word before it: a statement, or more of the quantity that stands above."""
        if len(sides_of(self.value(row[0]))) > 1:  # statements side by side, or with their values
            cells = [*filter(None, row)]
            if working := self.worked_on(cells) if len(cells) > 2 else ():
                behind = [t for cell in working for t in equated((), self.value(cell))]
                self._one([*self.value(cells[0]), *behind], cells, "")
                return
            while cells:
                valued = len(cells) > 1 and self.with_value(*cells[:2])
                self.lines(cells[: not valued])
                cells = cells[1 + valued :]
            return
        names, values = (
            split(with_commas(self.value(cell)), ("comma", "semicolon"))
            for cell in (row[0], row[-1] if len(row) > 1 else ())
        )
        if len(names) > 1 and all(map(self._is_left, names)):  # | z0, h0 | 0.5, 0.5 |
            one, between = self.value(row[-1]), chain.from_iterable(map(self.value, row[1:-1]))
            figures = any(t.kind == "number" and "." in t.text for t in between)
            if len(values) < 2 and written_plainly(one) and not figures:
                values = [one] * len(names)  # | dL/dw1, dL/dw2 | the unit is dead | 0 |
            if len(names) != len(values) or any(t.kind == "text" for v in values for t in v):
                self.lose(row, "several names stand here for one value")
                return
            for name, value in zip(names, values, strict=True):
                self._one([*name, *equated((), value)], row, "")
            return
        rest = [t for t in self.tokens_in(row[1:]) if t.kind not in ("text", "stop")]
        if not any(t.kind in RELATIONS for t in rest):
            return
        if self.subject and (number := self.sample_of(row[0])):
            self.for_sample(number, rest)
        elif rest[0].kind in RELATIONS:
            self._one(equated(self.subject, rest), row, "")
        else:
            self.subject = self.subject or sides_of(rest)[0][1]
            for cell in filter(None, row[1:]):
                self.line(Item("line", cell))
            self.finish()

    def worked_on(self, cells: SpanRow) -> SpanRow:
        """The cells that work out what the first one states: | z = w x | 0.5*2 | 1.0 |.

        The last one may hold all of it, 0.5*2 = 1.0; none where it is not so.
        """
        first, *between, last = cells
        sides = [side for _, side in sides_of(self.value(last))]
        if not self.states(first) or not written_plainly(sides[-1]):
            return ()
        if len(sides) > 1:
            plain = {t.kind for side in sides for t in side}.isdisjoint(("word", "text", "accent"))
            return (last,) if plain and sides[0] else ()
        worked_out = (
            {t.kind for t in self.value(cell)}.isdisjoint(("text", *RELATIONS)) for cell in between
        )
        return tuple(cells[1:]) if all(worked_out) else ()

    def without_steps(self, head: SpanRow) -> SpanRow:
        """The head of a table with the bare numbers of steps in time: | t = 1 | t = 2 |."""
        steps = [TIMED.match(self._text(cell)) for cell in head[1:]]
        if not (self.names.vocabulary.repeated and steps and all(steps)):
            return head
        found = [head[0]]
        for cell, step in zip(head[1:], steps, strict=True):
            at = self.document.text.index(step[1], cell[0].start) if step else 0
            found.append((cell[0]._replace(start=at, end=at + len(step[1]) if step else at),))
        return (*found,)

    def row(self, row: SpanRow, said: str) -> None:
        """A row as one chain: quantity, formula, value; or unit, letter, value."""
        title = self._text(row[0]).strip(" :*")
        lettered = len(row) == 3 and row[1] and not self._is_name(row[1])
        meant = self.role_of(title, row[1]) if lettered else None
        if meant and self.number(row[2]):
            self.equate(tokens_of(meant), (row[0], row[2]), said)
            return
        second = next((n for n in range(2, len(row) - 1) if self.begins_anew(row, n)), len(row))
        if second < len(row):
            self.row(row[:second], said)
            self.row(row[second:], said)
            return
        described = not said and self.is_described(row)
        tokens = self.tokens(row[0]) if described else self.value(row[0])
        others: list[tuple[list[Token], Spans]] = []
        for cell in row[1:]:
            whole = self.value(cell)
            more, kinds = [t for t in whole if t.kind != "text"], {t.kind for t in whole}
            listed = len(split(more, ("comma",))) > 1 and kinds.isdisjoint(RELATIONS)
            comments = "text" in kinds and (
                kinds.isdisjoint(("word", "number"))
                or (
                    (cell is not row[1] or cell is not row[-1])  # times v_3, before its value
                    and lone_symbol(more, self.names, True) is not None
                )
                or (cell is not row[-1] and listed)  # idem, sin a_2
            )
            if not more or comments or self.is_blank(cell) or self.tells_kind(cell):
                continue
            left = tokens[: next((n for n, t in enumerate(tokens) if t.kind in RELATIONS), None)]
            (_, again), *sides = sides_of(more)
            if sides and self._is_other(left, again):
                others.append((more, cell))  # a statement of its own
                continue
            if sides and [t.text for t in again] == [t.text for t in left]:
                more = more[len(again) :]  # the rule says the name once more
            tokens = [*tokens, *equated((), more)]
        if described:
            self.line(Item("line", (*chain.from_iterable(row),)), tokens=tokens)
            self.finish()
        else:
            self._one(tokens, row, said)
        for more, cell in others:  # under a title of its own, if under any
            self._one(more, (cell,), "" if said == "gradient" else said)

    def bare(self, cell: Spans) -> Spans:
        """A head without words that fit the name behind them: Prediction ŷ, loss L."""
        tokens = self.value(cell)
        worded = [*takewhile(lambda t: t.kind in ("text", "word"), tokens)]
        for n in range(1, len(worded) + 1) if worded and not self._is_left(tokens) else ():
            words = {t.text.casefold() for t in worded[:n]}
            meant = self.quantity_called(tokens[n:], True) if self._is_left(tokens[n:]) else ""
            if any(words & NOUNS[kind] and self.names.is_kind(meant, kind) for kind in NOUNS):
                kept = [each for each in cell if each.end > tokens[n].start]
                return kept[0]._replace(start=max(kept[0].start, tokens[n].start)), *kept[1:]
        return cell

    def is_described(self, row: SpanRow) -> bool:
        """True for a name with words before it, as a sentence has it: output a1, Loss $E$."""
        tokens, *others = map(self.value, row)
        if self._is_left(tokens) or any(t.kind in RELATIONS for t in chain(tokens, *others)):
            return False
        return 0 < len(self.behind_words(tokens)) < len(tokens)

    def begins_anew(self, row: SpanRow, at: int) -> bool:
        """True if a cell behind a number is the name of another quantity, with its own number."""
        numbers = self.number(row[at - 1]) and self.number(row[-1])
        named = bool(numbers) and self._is_name(row[at])
        return named and self._is_other(self.tokens(row[0]), self.tokens(row[at]))


def counts_on(numbers: Sequence[str]) -> bool:
    """True for numbers each of which is the next one."""
    return all(map(str.isdecimal, numbers)) and all(
        int(two) - int(one) == 1 for one, two in pairwise(numbers)
    )
