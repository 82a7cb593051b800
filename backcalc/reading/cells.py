"""Tables to statements: chains in a row, names above numbers, columns that say what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain, pairwise, takewhile

from backcalc.equations.network import Unit
from backcalc.equations.program import loss_name
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Name, names_in
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.defining import described, described_unit
from backcalc.reading.figures import by_of, near, worked
from backcalc.reading.grammar import Reader, lone_symbol, split, trimmed, without_index
from backcalc.reading.items import Item, Span
from backcalc.reading.names import ERRORS, Unreadable
from backcalc.reading.pieces import BLANK, RELATIONS, Chain, equated, sides_of, written_plainly
from backcalc.reading.rewriting import scaling, with_commas
from backcalc.reading.sample_parts import BY_INPUTS, sample_said, sample_with
from backcalc.reading.sentences import SAMPLE, TELLING, SentenceReader
from backcalc.reading.signs import (
    ACTIVATING,
    ACTIVATIONS,
    AFTER,
    BACKWARD,
    EARLIER,
    ERROR_WORDS,
    FUNCTION_NAMES,
    GRADIENT,
    HIDDEN,
    LAYERS,
    NEURONS,
    NEW,
    NEW_ALONE,
    NOUNS,
    OLD,
    OLD_ALONE,
    OVERALL,
    PASSES,
    REMARKS,
    RESULTS,
    SAMPLES,
    STEPS,
    TIMES,
    TOTALS,
    VALUES,
    WORKINGS,
    by_kind,
    saying,
    words,
)
from backcalc.reading.statements import PART
from backcalc.reading.tokens import Token, tokens_of
from backcalc.reading.values import Value
from backcalc.reading.vocabulary import SPELLINGS, in_one_word, layers_of

UNITS = words("j i k class clase klasse classe classes") | NEURONS
FUNCTIONS = ACTIVATIONS | FUNCTION_NAMES.keys()
CLASSES = words("class klasse clase classe classes clases klassen") | NOUNS["output"]
CLASSES_OR_UNITS = "its numbers may be those of classes or of units"
COUNTING = UNITS | NOUNS["output"]
"""Words before the number of a unit."""

TIMED = regex(rf"[\s$*]*(?:{'|'.join(sorted(TIMES))})\s*=?\s*(\d+)[\s$*]*\Z", re.IGNORECASE)

DESCRIBING = regex(r"(?:[^\W\d_]{3,}|[一-鿿]+)(?:[\s-]+[^\W\d_]+)*(?: \d)?[.,;]?")
"""What a cell may hold that only describes a quantity."""
COUNTS = [*map(frozenset, by_kind("COUNTS").values())]

MULTIPLIED = regex(
    r"(?<![∂d])(?<!partial)(?<!partial )(?<!partial\\,)(?:[*·×⋅∗]|[\\/](?:cdot|times)\b)"
)
COUNTABLE = "|".join(sorted(PASSES | STEPS))
COUNTED = regex(
    rf"(?:\w+ )?(?:{COUNTABLE}|[tkn]|(?:it|iter|ep)\.?)[ ]?[=:#]?[ ]?(?P<below>\d)"
    rf"|(?:\w+ )?(?P<before>\d)[. ]+(?:{COUNTABLE})",
    re.IGNORECASE,
)
"""A title that counts the steps that were made: step 0, t = 1, after 1 step."""
CHANGE = regex(r"[Δ∆]|\\Delta|\bdelta[ _]?w", re.IGNORECASE)
"""What a weight changes by, as the title of a column."""
LABEL = regex(r"[^\W\d_]{1,2}")
"""The letter of a gate, which stands below the names of its weights."""
ROUNDED = 0.001  # how far off, relatively, a figure is that was worked from rounded ones
UNKNOWN_HEAD = "no quantity here has the name above this column"
ARROWS = regex(r"→|->|\\(?:long)?(?:right)?arrow|\\to(?![a-z])")
SLOPE_HEAD = regex(
    r"(?P<sigmoid>(?P<of>\w+)\}?\W{0,9}\(1\s*[-−]\s*(?:\\text\{)?(?P=of)\}?\))"
    r"|(?P<tanh>1\s*[-−]\s*\w+\}?\s*(?:²|\^\{?2))|(?P<other>1\s*[-−]\s*\w)|^\W*(?:[fg]|\\?(?:sigma|phi|varphi)|[σφ])'\s*\("
)
"""A formula at the head of a column: out(1 - out), which is a derivative, 1 - out, f'(net)."""
OPERATED = regex(r"[\^+·×*²]|\w\s?\(|\s[-−]|[-−]\s|\d[-−]|/\s?\d|^\W*\(")
"""Signs that the head of a column is a formula: exp(-net), t - out."""
APPLIED = regex(r"\\?\w+\s?\(\s?\\?(?P<inner>\w+?)(?:_\{?\w+\}?)?\s?\)")
"""A function of one name at the head of a column: sigmoid(net)."""
LONE = regex(r"\\?\w+(?:_\{?\w+\}?)?\s?\^\s?\{?[(\[]?\w+[)\]]?\}?(?:_\{?\w+\}?)?")
"""A name with a number above it, perhaps that of its layer."""
OWN_SLOPES = words("derivative slope ableitung steigung dérivée pente derivada derivata afgeleide")
"""Words for a derivative that may be that of a unit's function by its sum."""
APART = words("difference differenz différence diferencia differenza diff exp dead bits")
"""Words before a row of figures that are those of no quantity."""
COUNTERS = ("t", "k", "n", "i")
"""The letters above a column that may count the rows of a table."""
OTHER_PASS = "this row may belong to another sample or to another pass"
FORMULA_HEAD = "it stands beside words or a formula that name no quantity here"
UNNAMED = "a name of a quantity with a formula should stand here"
TWOFOLD = "its words and its name may be of two quantities"
SHORT = "this row has more or fewer cells than the head of the table"
SLOPE = regex(
    r"(?:\bd|∂|\\partial)\s*\{?(?P<of>\w+)(?:_\{?\w+\}?)?\}?\s*[/}]\s*\{?\(?(?:d|∂|\\partial)"
)
"""A derivative as the title of a column, whatever stands for what it is taken by."""
SECOND = regex(
    r"''|″|\b(?:second|2nd|two|zweite\w*|zwei|deuxième) (?:\w+ )?(?:step|iteration|schritt|pas\b)"
    r"|\b(?:step|iteration|schritt|epoch) 2",
    re.IGNORECASE,
)
"""Signs that a sheet goes two steps, so that new beside a prime may be the second."""


class TableReader(SentenceReader):
    """Reads the statements off a table."""

    titles = ""
    """The heading above it, and what stands right before it."""
    led_in = ""
    """What a line with a colon at its end right before it says: new, gradient or nothing."""

    def table(self, item: Item) -> None:
        """The rows of a table: chains, names above numbers, or columns that say what they hold."""
        cells = [*filter(None, chain.from_iterable(item.rows))]
        lefts = [sides_of(value)[0][1] if any(t.kind in RELATIONS for t in value) else []
                 for value in map(self.value, cells)]  # fmt: skip
        first = lefts[: len(item.rows[0])]
        if all(lefts) and all(map(self._is_left, first)):  # a box of whole statements
            for cell in cells:
                self.line(Item("line", cell))
                self.finish()
            return
        torn = not item.headed and self.is_torn(item.rows[0])
        rows = tuple(r for r in item.rows if not (torn or self.is_cut(r, item.rows[0])))
        rows = rows if item.rows[0] in rows else ()  # without a head nothing is told
        for row in item.rows:
            if row not in rows:
                self.lose(row, "this row of the table is broken off")
        if not rows:
            return
        if len(self.names.network.samples) > 1 < len(rows) and self.by_sample(rows[0], rows[1:]):
            return
        rows = self.below_each_other(self.with_one_head(rows))
        pairs = [(*map(self._text, row),) for row in rows]
        twice = [
            row
            for row, pair in zip(rows, pairs, strict=True)
            if len(pair) > 1 and (pair[0].isdecimal() or self._is_name(row[0]))
            and any(other[:1] == pair[:1] and other != pair for other in pairs)
        ]  # fmt: skip
        for row in twice:
            self.lose(row, "two rows of this table have the same number or name")
        rows = tuple(row for row in rows if row not in twice)
        if not rows:
            return
        titled = self.is_title(rows)
        if titled and saying(told := self.words([*chain.from_iterable(rows[0])])):
            self.hear(told, heading=True)
        rows = (*self.without_descriptions(self.without_numbers(rows[titled:])),)
        head, most = self.without_steps(rows[0]), max(map(len, rows))
        rows = (head, *rows[1:])
        if len([*filter(None, head)]) == 1 and any(t.kind == "text" for t in self.tokens(head[0])):
            head = (*head, *((),) * (most - len(head)))  # it ends behind its words
            rows = (head, *rows[1:])
        uneven = any(len(row) not in (1, len(head)) for row in rows)
        self.ragged = uneven and not self.document.file.lower().endswith(".csv")
        self.later = scaling([t for cell in head for t in self.tokens(cell)]) or self.later
        value = self.tokens(head[1]) if len(rows) == 1 and len(head) == 2 else []
        if value and value[0].kind in RELATIONS:  # |dL/dw0| = 0.75
            self.lose(head, "this is the size of a quantity: write the quantity itself")
            return
        cells = [*head, *(row[0] for row in rows if row)]
        self.counting = any(self.step_of(cell) == 0 for cell in cells)
        counted = self.counting and all(self.step_of(cell) is not None for cell in head[1:])
        if not counted and (
            self.by_parts(rows[0], rows[1:])
            or self.by_optimizer(rows[0], rows[1:])
            or self.by_label(rows)
            or self.by_sample_columns(rows)
            or self.by_unit(rows)
            or self.by_letter(rows)
            or self.by_letter((*zip(*rows, strict=False),))
        ):
            return
        letter = self._text(head[0]).strip("$ ")
        roles = [
            "gradient" if letter and self._text(cell).strip("$ }").endswith(f"d{letter}") and (
                SLOPE.search(self._text(cell))
            ) else self._role(cell)
            for cell in head
        ]  # fmt: skip
        if "gradient" in roles[1:]:  # a column of inputs is how these are worked out
            inputs = NOUNS["input"] | NOUNS["pre-activation"]
            put_in = [bool(said) and inputs.issuperset(said) for said in map(self.words, head)]
            roles = ["remark" if n and told else role
                     for n, (role, told) in enumerate(zip(roles, put_in, strict=True))]  # fmt: skip
        if roles.count("new") == 2:  # the working of the new value beside it
            at = roles.index("new")
            below = [row[at] for row in rows[1:] if len(row) == len(head)]
            if below and not any(written_plainly(self.value(cell)) for cell in below):
                roles[at] = "value"
        titled = bool(head) and not head[0] and any(row and row[0] for row in rows[1:])
        names = all(self._is_name(cell) for cell in head if cell)
        if len(rows) > 1 and any(head) and names and not titled:
            whole = item.headed and all(len(row) == len(head) for row in rows)
            for row in rows[1:]:
                if len(row) == len(head):
                    for name, cell in zip(head, row, strict=True):
                        self.pair(name, cell, "", weak=not whole)
                else:
                    self.lose(row, SHORT)
            return
        untold = (c for c, role in zip(head, roles, strict=True) if role not in ("old", "new"))
        states = any(t.kind in RELATIONS for cell in untold for t in self.tokens(cell))
        whole = bool(self._is_name(head[0]) and written_plainly(self.value(head[-1])))
        roles = [""] * len(roles) if (states and not self.counting) or whole else roles
        if {*roles[1:]} >= {"old", "value"} and {*roles[1:]}.isdisjoint(("new", "gradient")):
            roles = ["value" if role == "old" else role for role in roles]  # either may be said
        body = rows[1:] if any(roles) or not (states or self._is_name(head[0])) else rows
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
            body = tuple(sorted(body, key=lambda row: bool(row) and self._role(row[0]) == "new"))
        for row in chain.from_iterable(map(self.by_name, body)) if len(columns) > 1 else body:
            if not row or not row[0]:
                continue
            filled = [cell for cell in row if not BLANK.fullmatch(self._text(cell))]
            if len(filled) == 1 < len(head) and self._is_worded(row[0]):
                self.hear(self.words(row[0]), heading=True)  # the title of the rows below
                continue
            bare = len(filled) > 2 or row is head or not item.headed
            if bare and all(map(self._is_name, reversed(filled))):
                self.skip(self.tokens(row[0]), "this row holds names but no numbers")
                continue
            if len(row) > len(head):
                self.lose(row, "this row has more cells than the head of the table")
                continue
            if len(row) == 2 and self.with_value(row[0], row[1]):
                continue
            if len(row) == len(head) and self.of_units(head, row):
                continue
            if named and len(named) == len(head) - 1 and not self._is_name(row[0]):
                if SLOPE_HEAD.search(self._text(row[0])) or SLOPE.search(self._text(row[0])):
                    self.slopes_of_units([head[n] for n in named], row)
                    continue
                role = self._role(row[0])
                if len(row) != len(head) or self.is_formula(row[0], role):
                    self.lose(row, SHORT if len(row) != len(head) else FORMULA_HEAD)
                    continue
                for n in named:
                    if n >= len(row) or (role == "old" and self._is_weight(head[n])):
                        continue
                    if passes and role in ("old", "new") and not self._is_weight(head[n]):
                        self.before_and_after(head[n], row[n], role)
                    else:
                        self.pair(head[n], row[n], role)
            elif self._is_name(row[0]) and len(columns) > 1 and len(row) == len(roles):
                titles = [*zip(head, roles, strict=True)][1:]
                remembered = [self.state_of(column, row[0]) for column in head[1:]]
                steps = [
                    self.steps_in(column)
                    for (column, role), state in zip(titles, remembered, strict=True)
                    if role == "new" and not state
                ]
                weight, several = self._is_weight(row[0]), len(steps) > 1
                olds = zip(row, roles, strict=True) if weight and "gradient" in columns else ()
                old = {self._text(cell) for cell, role in olds if role == "old" and cell}
                if len({*steps}) < len(steps):
                    self.lose(row, "two columns of this table may be of one pass")
                    continue
                for (column, role), state, cell in zip(titles, remembered, row[1:], strict=True):
                    if state:
                        if cell:
                            self._one(equated(state, self.value(cell)), (row[0], cell), "old")
                        continue
                    passes = {*roles[1:]} == {"old", "new"}
                    if passes and not (weight and (role == "old" or not several)):
                        self.before_and_after(row[0], cell, role, self.steps_in(column))
                    elif role == "new" and cell and self._text(cell) in old:
                        end = row[0][-1].end  # the old number once more, under this head
                        primed = [*self.label_tokens(row[0]), Token("prime", "'", end, end)]
                        self._one(equated(primed, self.value(cell)), (row[0], cell), role)
                    elif role in ("gradient", "new") and cell:
                        self.pair(row[0], cell, role)
                    elif "value" in columns and not (weight or role == "remark"):  # else given
                        self.pair(row[0], cell, "")
            elif self._is_name(row[0]) and len(columns) > 1 and len(row) > 1:
                self.lose(row, SHORT)
            elif self._is_name(row[0]) or all(
                self._is_left(side) for _, side in sides_of(self.value(row[0]))
            ):
                said = columns[0] if columns else ""
                kept = self.kept(row, roles)
                empty = slope and len(row) > slope and BLANK.fullmatch(self._text(row[slope]))
                if untitled or empty or (unclear and len(self.numbers_in(kept)) > 1):
                    self.lose(row, "it is not clear what the columns of this table hold")
                    continue
                self.row(kept, said if said != "old" else "")
            elif not (columns or self.subject) and self.is_described(row):
                self.row(row, "")
            else:
                self.labelled(row)
        self.subject = []

    def with_one_head(
        self, rows: tuple[tuple[tuple[Span, ...], ...], ...]
    ) -> tuple[tuple[tuple[Span, ...], ...], ...]:
        """The rows of a table whose head has two: what stands below a title of several columns."""
        if len(rows) < 3 or not len(rows[0]) == len(rows[1]) == len(rows[2]):
            return rows
        first, second, body = rows[:3]
        numbers = any(written_plainly(self.value(cell)) for cell in second if cell)
        whole = all(map(any, zip(first, second, strict=True))) and any(second) and body[0]
        if second[0] or numbers or not whole or not any(map(self._text, body)):
            return rows
        return (tuple(two or one for one, two in zip(first, second, strict=True)), *rows[2:])

    def below_each_other(
        self, rows: tuple[tuple[tuple[Span, ...], ...], ...]
    ) -> tuple[tuple[tuple[Span, ...], ...], ...]:
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

    def gives_slopes(
        self, head: Sequence[Sequence[Span]], body: Sequence[Sequence[tuple[Span, ...]]]
    ) -> bool:
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

    def without_changes(
        self, roles: list[str], head: Sequence[Sequence[Span]],
        body: Sequence[Sequence[tuple[Span, ...]]],
    ) -> list[str]:  # fmt: skip
        """The roles of columns where one of two of new numbers holds what the weights change by.

        Its title says so, or in most rows it is what the old number lacks of the new one.
        """
        new = [n for n, role in enumerate(roles) if n and role == "new"]
        rows = [row for row in body if len(row) == len(head) and self._is_weight(row[0])]
        if len({self.steps_in(head[n]) for n in new}) != len(new) - 1 or len(new) != 2 or not rows:
            return roles
        changes = [n for n in new if CHANGE.search(self._text(head[n]))] or [
            change for change, other in (new, new[::-1])
            if 2 * sum(self.is_change(row, change, other) for row in rows) > len(rows)
        ]  # fmt: skip
        known = len(changes) == 1
        return ["remark" if known and n in changes else role for n, role in enumerate(roles)]

    def is_change(self, row: Sequence[tuple[Span, ...]], change: int, new: int) -> bool:
        """True if a cell holds how far the new number of a weight in another is from its own."""
        own = self.figures.given.get(self.quantity_called(self.value(row[0])))
        moved, then = (written_plainly(self.value(row[n])) for n in (change, new))
        if not moved or not then or own is None:
            return False
        room = 0.51 * sum(10.0 ** -len(each.partition(".")[2]) for each in (moved, then))
        return abs(abs(float(then) - float(own)) - abs(float(moved))) < room

    def has_values(
        self, head: Sequence[Sequence[Span]], body: Sequence[Sequence[tuple[Span, ...]]], slope: int
    ) -> int:
        """The one column of values beside that of gradients, both of numbers alone; 0 for none.

        In no other column but the first a number may stand, and some of the cells may be empty.
        """
        titled = [n for n, title in enumerate(head) if n and {*self.words(title)} & VALUES]
        titled = [n for n in titled if n != slope]
        rows = [row for row in body if row and row[0] and self._is_name(row[0])]
        if len(titled) != 1 or not rows or any(len(row) != len(head) for row in rows):
            return 0
        for n, cell in (each for row in rows for each in enumerate(row) if each[0]):
            plain = bool(written_plainly(self.value(cell)))
            if not BLANK.fullmatch(self._text(cell)) and plain != (n in (slope, *titled)):
                return 0
        return titled[0]

    def kind_of_figure(self, row: Sequence[tuple[Span, ...]]) -> str:
        """What the last figure of a row is by its size: gradient, itself, or "" for neither."""
        meant, numbers = self.quantity_called(self.value(row[0])), self.numbers_in(row)
        if not meant or isinstance(parsed(meant), Derivative) or not numbers:
            return ""
        said, room = float(numbers[-1]), 0.51 * 10.0 ** -len(numbers[-1].partition(".")[2])
        slopes = self.figures.ways(str(Derivative(self.names.loss_of(meant), meant)))
        own = self.figures.ways(meant, parsed(meant).after(1))
        fits = [
            any(near(said, way) or abs(said - way) < room for way in ways)
            for ways in ([*slopes, *(-way for way in slopes)], own)
        ]
        return "gradient" if fits == [True, False] else "itself" if fits == [False, True] else ""

    def has_working(self, row: Sequence[Sequence[Span]]) -> bool:
        """True if a formula stands between a weight and its figure, without the weight itself."""
        name = re.sub(r"\W|_", "", self._text(row[0]))
        formulas = [cell for cell in row[1:-1] if cell and not written_plainly(self.value(cell))]
        return bool(formulas) and not any(
            name in re.sub(r"[\s{}_$]", "", self._text(cell)) or self._is_worded(cell)
            for cell in formulas
        )

    def of_units(self, head: Sequence[Sequence[Span]], row: Sequence[Sequence[Span]]) -> bool:
        """Read a row of what its first cell says of the units above it: net, 0.38 below h1."""
        if self._is_operated(row[0]):
            return False
        meant = (self.role_of(self._text(cell), row[0]) for cell in head[1:])
        names = [each for each in takewhile(bool, meant) if each]
        if not names or len(names) < len(head) - 1:
            return False
        for each, name, cell in zip(names, head[1:], row[1:], strict=True):
            if not BLANK.fullmatch(self._text(cell)):
                said = tokens_of(each)
                self._one(equated(said, self.value(cell)), (name, cell), "")
        return True

    def role_of(self, title: str, label: Sequence[Span]) -> str | None:
        """The quantity of a unit that a title names and a label, delta or z, is of."""
        title = title.strip(" $*`").replace("_", "")
        self.check_names()
        if title not in self.headed:
            self.headed[title] = described_unit(title, self.names) if title else None
        unit = self.headed[title]
        if unit is None or self._role(label) in ("old", "new", "gradient"):
            return None
        if meant := described(f"{title} {' '.join(self.words(label))}".casefold(), self.names):
            return meant
        with self.names.numbered(unit.name):
            value = self.quantity_called(self.tokens(label))
        own = (unit.pre_activation, self.names.network.activations[unit.name])
        kinds = (SPELLINGS[kind] for kind in ("pre-activation", "activation"))
        letter = self._text(label).strip(" $*`")
        lettered = [name for name, known in zip(own, kinds, strict=True) if letter in known]
        if not value and lettered:
            return lettered[0]  # h, which the network calls no output
        return value if by_of(value) in own else None

    def by_name(self, row: tuple[tuple[Span, ...], ...]) -> list[tuple[tuple[Span, ...], ...]]:
        """The same row for each of the names of one quantity that stand before it: yhat = z3."""
        sides = [side for _, side in sides_of(self.value(row[0]))] if row and row[0] else []
        if len(sides) < 2 or not all(side and self._is_left(side) for side in sides):
            return [row]
        names = (Span(side[0].start, side[-1].end, row[0][0].math) for side in sides)
        return [((name,), *row[1:]) for name in names]

    def kept(self, row: Sequence[tuple[Span, ...]], roles: Sequence[str]) -> list[tuple[Span, ...]]:
        """The cells of a row but for old values and remarks."""
        whole = len(row) == len(roles)
        return [c for n, c in enumerate(row) if not (whole and roles[n] in ("old", "remark"))]

    def numbers_in(self, row: Sequence[tuple[Span, ...]]) -> list[str]:
        """The numbers that stand alone in cells behind the first one."""
        return [number for cell in row[1:] if (number := written_plainly(self.value(cell)))]

    def holds_two_results(self, row: Sequence[tuple[Span, ...]]) -> bool:
        """True for a name with two numbers of which neither may be the other one rounded."""
        if not row or not self._is_name(row[0]):
            return False
        numbers = self.numbers_in(row)
        rooms = [0.51 * 10.0 ** -len(each.partition(".")[2]) for each in numbers]
        told = [*zip(map(float, numbers), rooms, strict=True)]
        return any(abs(one - two) > max(a, b) for (one, a), (two, b) in pairwise(told))

    def value(self, cell: Sequence[Span]) -> list[Token]:
        """The tokens of a cell without gaps, which are asked for several times."""
        self.check_names()
        key: tuple[Span | str, ...] = (*cell, self.names.sample)
        if key not in self.values:
            self.values[key] = self._value(cell)
        return self.values[key]

    def _value(self, cell: Sequence[Span]) -> list[Token]:
        kept = [t for t in self.label_tokens(cell) if t.kind != "stop"]
        newly = len(kept) > 1 and kept[0].kind == "text" and saying([kept[0].text.casefold()])
        if newly == "new" and self._is_left(kept[1:]):
            kept = [*kept[1:], Token("prime", "'", kept[-1].end, kept[-1].end)]  # new w1
        behind = kept[-3:] if [t.kind for t in kept[-3:]] == ["open", "text", "close"] else []
        if behind and saying([behind[1].text]) == "new" and self._is_left(kept[:-3]):
            kept = [*kept[:-3], Token("prime", "'", kept[-1].end, kept[-1].end)]  # w1 (new)
        at = next((n for n, t in enumerate(kept) if n and t.text == "("), 0)
        worded = at and kept[-1].text == ")" and {t.kind for t in kept[at + 1 : -1]} == {"text"}
        remark = worded and TELLING.isdisjoint(t.text.casefold() for t in kept[at:])
        kept = kept[:at] if remark and written_plainly(kept[:at]) else kept  # 0 (dead)
        return [
            t._replace(kind="sign") if t.kind == "unknown" and t.text == "+" else t for t in kept
        ]

    def label_tokens(self, cell: Sequence[Span]) -> list[Token]:
        """The tokens of a cell, or the weight's name of an edge that it names by its ends."""
        found, weight = self.tokens(cell), self.weight_of_edge(cell)
        named = (
            [Token("word", in_one_word(weight), found[0].start, found[-1].end)] if weight else []
        )
        return named or found

    def weight_of_edge(self, cell: Sequence[Span]) -> str:
        """The weight of the edge that a cell names by its ends: x_1 → h_1; "" for anything else."""
        ends = split(self.tokens(cell), ("stop",)) if ARROWS.search(self._text(cell)) else []
        if len(ends) != 2:
            return ""
        source, target = (self.quantity_called(trimmed(end), True) for end in ends)
        acts, units = self.names.network.activations, self.names.network.units
        into = [unit for unit in units if target in (unit.pre_activation, acts[unit.name])]
        edges = (edge for unit in into for edge in unit.edges if edge.source == source)
        return next((edge.weight for edge in edges), "")

    def check_names(self) -> None:
        """Forget what the cells hold once the sheet's names mean something else."""
        if self.known_names != self.names.aliases:
            self.known_names = dict(self.names.aliases)
            self.named.clear()
            self.headed.clear()
            self.values.clear()

    def without_numbers(
        self, rows: Sequence[tuple[tuple[Span, ...], ...]]
    ) -> Sequence[tuple[tuple[Span, ...], ...]]:
        """The rows of a table without a first column that only numbers them."""
        full = [row for row in rows[1:] if len(row) > 2]
        numbers = [self._text(row[0]).strip("().:$ ") for row in full]
        counted = len(full) > 1 and all(map(str.isdecimal, numbers)) and all(
            int(two) - int(one) == 1 for one, two in pairwise(numbers)
        )  # fmt: skip
        if not counted:
            return rows
        if 2 * sum(self._is_name(row[1]) or self.states(row[1]) for row in full) > len(full):
            return [row[1:] if len(row) > 1 else row for row in rows]
        return rows

    def without_descriptions(
        self, rows: Sequence[tuple[tuple[Span, ...], ...]]
    ) -> Sequence[tuple[tuple[Span, ...], ...]]:
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
        kept: list[tuple[tuple[Span, ...], ...]] = [head[at:]]
        for (*_, description, formula, value), known in zip(body, told, strict=True):
            name, says = self.value(formula), saying(self.words(description))
            meant = self.quantity_called(sides_of(name)[0][1], True)
            if not known and all(t.kind not in RELATIONS for t in name):
                if left := self.behind_words(self.value(description)):
                    whole = equated(equated(left, name), self.value(value))
                    self._one(whole, (description, formula, value), "")
                    continue
                self.lose((description, formula, value), UNNAMED)
                continue
            own = self.quantity_called(self.value(description), False)
            plain = (self._is_name(formula) and bool(says)) or own not in ("", meant)
            slope = says == "gradient" and not isinstance(parsed(meant), Derivative)
            if plain or (meant and slope):
                self.lose((description, formula, value), TWOFOLD)
            else:
                kept.append((formula, value))
        return kept

    def _describes(self, cell: Sequence[Span]) -> bool:
        """True for a cell of words alone, or a number that counts rows."""
        text = self._text(cell).strip("*_ ")
        counted = text.rstrip(".)").isdecimal()
        return counted or self._is_worded(cell) or bool(DESCRIBING.fullmatch(text))

    def states(self, cell: Sequence[Span]) -> bool:
        """True if a cell says by a formula what a quantity is: z = w x + b."""
        (_, left), *sides = sides_of(self.value(cell))
        worked_out = bool(left and sides) and not written_plainly(sides[-1][1])
        math = any(span.math for span in cell)
        return worked_out and (self._is_left(left) or bool(self.quantity_called(left, math)))

    def is_title(self, rows: Sequence[Sequence[tuple[Span, ...]]]) -> bool:
        """True if words above the head of a table are its title: Exercise 4, Ada."""
        first, head = ([*filter(None, row)] for row in (rows[0], rows[1] if len(rows) > 2 else ()))
        if not 0 < len(first) < len(head) or not all(map(self._is_worded, first)):
            return False
        ends = (sides_of(self.value(cell))[-1][1] for cell in head[1:])
        said = self._is_name(head[0]) and any(map(written_plainly, ends))
        return (len(first) == 1 and not said) or all(map(self._is_worded, head))

    def _is_worded(self, cell: Sequence[Span]) -> bool:
        """True if a cell holds words, and neither a name nor a formula."""
        tokens = self.value(cell)
        formula = any(t.kind in (*RELATIONS, "sign") for t in tokens)
        return any(t.kind == "text" for t in tokens) and not (formula or self._is_name(cell))

    def lose(self, row: Sequence[Sequence[Span]], reason: str) -> None:
        """List a row as unread."""
        self.skip([t for cell in row for t in self.tokens(cell)], reason)

    def is_torn(self, first: Sequence[tuple[Span, ...]]) -> bool:
        """True if a rule or a row that is none stands right above the first row of a table."""
        text = self.document.work
        start = text.rfind("\n", 0, min(s.start for c in first for s in c)) if any(first) else 0
        above = text[text.rfind("\n", 0, max(start, 0)) + 1 : max(start, 0)]
        return "|" in above or "--" in above

    def is_cut(self, row: Sequence[tuple[Span, ...]], head: Sequence[tuple[Span, ...]]) -> bool:
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

    def by_parts(
        self, head: Sequence[tuple[Span, ...]], body: Sequence[Sequence[tuple[Span, ...]]]
    ) -> bool:
        """Read a table of the parts of derivatives, a row for each step in time, then their sum.

        What heads its columns says of which derivative: contribution to dL/dw: delta_t x_t.
        """
        *steps, whole = body or [()]
        if not (steps and whole and {*self.words(whole[0])} & TOTALS):
            return False
        if not all(row and self._text(row[0]).strip("$ ").isdecimal() for row in steps):
            return False
        names = dict[int, Sequence[Token]]()
        for at, cell in enumerate(head):
            tokens = self.value(cell)
            first = [*takewhile(lambda t: t.kind not in ("colon", *RELATIONS), tokens)]
            if at and SLOPE.search(self._text(cell)) and (name := self.behind_words(first)):
                names[at] = name
        for row in body if names else ():
            for at, cell in enumerate(row):
                if at in names and row is whole and cell:
                    self._one(equated(names[at], self.value(cell)), (head[at], cell), "")
                elif at in names and cell:
                    self.lose((cell,), PART)
                elif at and cell and at < len(head) and row is not whole:
                    self.of_unit(head[at], cell, self.value(row[0])[0])
        return bool(names)

    def by_optimizer(
        self, head: Sequence[tuple[Span, ...]], body: Sequence[Sequence[tuple[Span, ...]]]
    ) -> bool:
        """Read a table with a row for each weight, below what the optimizer works out: g, m, v."""
        words = [self.optimizer_word(cell) for cell in head]
        several = len({*filter(None, words)}) == sum(map(bool, words)) > 1
        whole = all(len(row) == len(head) and row[0] for row in body)
        if not (several and whole and all(self._is_weight(row[0]) for row in body)):
            return False
        for row in body:
            weight = self.quantity_called(self.value(row[0]))
            for word, title, cell in [*zip(words, head, row, strict=True)][1:]:
                if not cell or BLANK.fullmatch(self._text(cell)):
                    continue
                name = f"{word}_{weight}"
                if word == "g" and word not in self.names.network.descent.words:
                    name = str(Derivative(self.names.loss_of(weight), weight))
                role = "" if word else self._role(title)
                if word:
                    self._one(equated(tokens_of(name), self.value(cell)), (title, cell), "")
                elif role in ("gradient", "new"):
                    self.pair(row[0], cell, role)
                elif role != "old":
                    self.lose((cell,), UNKNOWN_HEAD)
        return True

    def optimizer_word(self, cell: Sequence[Span]) -> str:
        """What an optimizer works out for each weight, by the letter above a column: m, vhat_1."""
        left = sides_of(self.value(cell))[0][1]
        symbol = lone_symbol(left, self.names, True) if left else None
        numbered = symbol and (symbol.low.isdecimal() or symbol.low in ("", *COUNTERS))
        words = ("g", *self.names.network.descent.words)
        return symbol.head if symbol and numbered and symbol.head in words else ""

    def by_label(self, rows: Sequence[Sequence[tuple[Span, ...]]]) -> bool:
        """Read a table whose first column says which unit a row is of: | unit | net | out |."""
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
        below = [
            any(t.text == first[0] for t in self.tokens(cell)[1:]) for cell in head[1:] if first
        ]
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
        single = all(len(label) == 1 for label in labels)
        self.units = self.units_of([each[0] for each in labels]) if single else {}
        self.units = {} if {*first} & CLASSES else self.units
        self.neurons = bool({word for word in first if len(word) > 2} & (UNITS - CLASSES))
        if self.units:
            pairs = zip(labels, body, strict=True)
            there = sum(self.has_sum_before(head, row, label[0]) for label, row in pairs)
            self.activated = 2 * there > len(body)
        single = single and all(
            each.text.isdecimal() or each.text[:1] in ("h", "o") or self.units for (each,) in labels
        )
        told = timed or {*first} & UNITS or (not first and not self._text(head[0]))
        if not (body and labels and single and told):
            return False
        rows_of = [label[0] for label in labels]
        self.activated_heads = [c for c in head[1:] if c and self.is_activation(c, rows_of)]
        self.activated_heads += self.results(head, body, rows_of)
        sure = [True, *self.of_outputs(head[1:], [each[0] for each in labels], head[:1])]
        if self.units and not any(label[0].text.isdecimal() for label in labels):
            sure = [True] * len(head)  # o1 is the name of a unit
        first_counts = bool({*first} & CLASSES)
        for label, row in zip(labels, body, strict=True):
            if len(row) != len(head):
                self.lose(row, SHORT)
                continue
            stated, working = False, list[Token]()
            for number, (cell, value) in enumerate(zip(head[1:], row[1:], strict=True), 2):
                if not sure[number - 1] and not self.is_given(cell, label[0], value):
                    if outer := self.of_class(cell, label[0], rows_of) if first_counts else None:
                        self.of_unit(cell, value, outer)
                    else:
                        self.skip(self.value(value), CLASSES_OR_UNITS)
                    continue
                after = row[number] if number < len(row) else ()
                if not stated and self.with_value(value, after):
                    stated = True  # the cell behind it is its value
                    continue
                if self.units and {*self.words(cell)} & WORKINGS:
                    if len(split(self.value(value), ("semicolon",))) > 1:
                        self.skip(self.value(value), "several workings stand in one cell")
                    else:
                        working += [*equated((), self.value(value))] if value else []
                    continue
                if not stated:
                    self.of_unit(cell, value, label[0], working)
                stated, working = False, []
        return True

    def of_class(
        self, head: tuple[Span, ...], label: Token, labels: Sequence[Token]
    ) -> Token | None:
        """The output's name for the number of its class, in a column of error terms by classes.

        There must be a row for each output, and no layer inside with as many units.
        """
        network, texts = self.names.network, [t.text for t in labels]
        *inside, last = layers_of(network) or [()]
        several = [*map(str, range(len(last)))], [*map(str, range(1, len(last) + 1))]
        if texts not in several or {u.name for u in last} != {*network.output_units}:
            return None
        counts = [*map(len, inside), sum(map(len, inside))]
        if len(last) in counts or any(unit.name.isdecimal() for unit in network.units):
            return None
        outer = label._replace(kind="word", text=network.output_units[texts.index(label.text)])
        name = self.name_of_unit(head, outer)
        slope = parsed(self.quantity_called(name, True))
        return outer if name[0].text in ERRORS and isinstance(slope, Derivative) else None

    def is_given(self, head: tuple[Span, ...], label: Token, value: Sequence[Span]) -> bool:
        """True if a cell repeats a number of the exercise, x_1 = 0.5."""
        of = self.quantity_called(self.name_of_unit(head, label), True)
        number, own = written_plainly(self.value(value)), self.figures.own(of)
        known = of in (*self.names.network.inputs, *self.names.network.targets)
        return bool(known and number) and near(own, float(number))

    def units_of(self, labels: Sequence[Token]) -> dict[str, Unit]:
        """The unit that each row is of by its label; numbers alone must be those of all units."""
        acts, found = self.names.network.activations, dict[str, Unit]()
        for label in labels:
            own = [unit for unit in self.names.network.units if acts[unit.name] == label.text]
            found |= dict.fromkeys([label.text] * len(own), *own[:1])
            name = f"net_{label.text}"
            meant = self.quantity_called(tokens_of(name, math=True), True)
            unit = self.names.activation(meant)
            found |= {label.text: unit} if unit and label.text not in found else {}
        self.named_units = found
        numbered = any(label.text.isdecimal() for label in labels)
        least = len(self.names.network.units) if numbered else len(labels)
        whole = len({unit.name for unit in found.values()}) == len(labels)
        return found if whole and len(labels) >= least else {}

    def has_sum_before(
        self, head: Sequence[Sequence[Span]], row: Sequence[Sequence[Span]], label: Token
    ) -> bool:
        """True if the right weighted sum of a row's unit stands below a head that says before."""
        right = self.figures.right(self.units[label.text].pre_activation)
        said = (c for title, c in zip(head, row, strict=False) if {*self.words(title)} & EARLIER)
        amount = next((self._amount(self.value(cell), True) for cell in said), None)
        return near(amount, right)

    def label(self, cell: Sequence[Span], *, joined: bool = False) -> list[Token]:
        """The tokens before a row of a table; of k = 1 and of class 1 the number alone.

        If `joined`, a name, h_1, is in one word, and so are hidden 1 and output 1.
        """
        tokens = self.value(cell)
        counted = [t.kind for t in tokens[1:]] in (["relation", "number"], ["number"])
        first = tokens[0].text.casefold() if tokens else ""
        if joined and [t.kind for t in tokens[1:]] == ["number"]:
            letter = "h" if first in HIDDEN else "o" if first in NOUNS["output"] else ""
            if letter:
                return [tokens[1]._replace(kind="word", text=letter + tokens[1].text)]
        if joined and len(tokens) > 1 and self._is_name(cell):
            accent = "".join(t.text for t in tokens if t.kind == "accent")
            word, *low = [t.text for t in tokens if t.kind in ("word", "number")]
            return [tokens[0]._replace(kind="word", text="".join((word, accent, *low)))]
        return tokens[-1:] if counted and first in COUNTING else tokens

    def by_unit(self, rows: Sequence[Sequence[tuple[Span, ...]]]) -> bool:
        """Read a table with a column for each unit or class: | | class 1 | class 2 |."""
        summed = len(rows[0]) > 3 and {*self.words(rows[0][-1])} & TOTALS
        head, *body = [row[:-1] if summed and len(row) == len(rows[0]) else row for row in rows]
        labels = [self.label(cell) for cell in head[1:]]
        numbers = [int(each[0].text) for each in labels if each and each[0].text.isdecimal()]
        counted = len(numbers) == sum(map(len, labels)) == len(labels) > 1
        if not (body and counted and all(two - one == 1 for one, two in pairwise(numbers))):
            return False
        whole = [row for row in body if row and self._is_name(row[0])]
        if "0" in {each[0].text for each in labels} and 2 * len(whole) > len(body):
            return False  # its rows are quantities, and its columns may be steps
        first = [each[0] for each in labels]
        apart = self.of_outputs([row[0] for row in body], first, head)
        for row, sure in zip(body, apart, strict=True):
            if len(row) != len(head):
                self.lose(row, SHORT)
            elif not sure:
                self.lose(row, CLASSES_OR_UNITS)
            else:
                for cell, label in zip(row[1:], first, strict=True):
                    self.of_unit(row[0], cell, label)
        return True

    def by_letter(self, rows: Sequence[Sequence[tuple[Span, ...]]]) -> bool:
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
        made = dict[tuple[str, str], tuple[list[Token], tuple[Span, ...]]]()
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
            if role != "old" and not BLANK.fullmatch(self._text(cell)):
                self._one(equated(name, self.value(cell)), (heads[0], cell), "")
        return True

    def of_outputs(
        self, heads: Sequence[Sequence[Span]], labels: Sequence[Token],
        titles: Sequence[Sequence[Span]],
    ) -> list[bool]:  # fmt: skip
        """For each head of numbers that count classes whether it is of outputs; else True."""
        network, kinds = self.names.network, list[set[bool]]()
        units = [unit for unit in network.units if unit.name not in network.output_units]
        sums = {unit.pre_activation for unit in units}
        inside = {*network.inputs, *sums, *(network.activations[unit.name] for unit in units)}
        for line in self.names.forward.values():
            if line.name.of_sample(None) in sums:
                inside |= {parsed(each).of_sample(None) for each in names_in(line.expression)}
        for head in heads:
            kinds.append(set())
            for label in labels if head else ():
                try:
                    name = self.left_side(self.name_of_unit(head, label), True)
                except Unreadable:
                    kinds[-1].add(False)
                else:
                    own = parsed(name.id if isinstance(name, Name) else "")
                    kinds[-1].add(getattr(own, "by", own).of_sample(None) not in inside)
        counted = {word for cell in titles for word in self.words(cell)} & CLASSES
        classes = counted or ({True} in kinds and len(labels) == len(network.outputs))
        return [not classes or kind <= {True} for kind in kinds]

    def by_step(
        self, head: Sequence[tuple[Span, ...]], body: Sequence[Sequence[tuple[Span, ...]]]
    ) -> bool:
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
        plain = (written_plainly(self.value(cell)) for cell in chain.from_iterable(body))
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
        names = [self.left_side(self.value(head[number]), True) for number in named]
        counted = [str(n + (numbers[0] == "1")) for n in range(len(rows))]
        sure = counted == numbers and all(len(row) == len(head) for row in rows)
        sure = sure and len({*names}) == len(names)  # and no letter of two is taken for that of one
        fits = [
            sure and self.is_at_start(*each, rows[0]) for each in zip(names, named, strict=True)
        ]
        columns = dict(zip(names, named, strict=True))
        stepped = {columns[n] for n in names if getattr(n, "id", "") in self.names.stepwise}
        weights = [fit for n, fit in zip(named, fits, strict=True) if n in stepped]
        others = [fit for n, fit in zip(named, fits, strict=True) if n not in stepped]
        made = sure and numbers[0] == "1" and bool(weights) and True not in weights
        made = made and 2 * others.count(True) > len(others)
        if made and self.are_made_there(columns, rows[0]):
            fits = [fit or n in stepped for n, fit in zip(named, fits, strict=True)]
            weights = []
        else:
            made = False
        sure = sure and None not in fits and all(weights) and 2 * fits.count(True) > len(fits)
        if not sure and (lettered or any(self.step_of(row[0]) is not None for row in rows)):
            return False
        for row in body[bare and not sure :]:
            if not sure or row not in rows:  # or the differences
                self.lose(row, OTHER_PASS)
        for row in rows if sure else ():
            for cell in (row[n] for n in strange if written_plainly(self.value(row[n]))):
                self.lose((cell,), UNKNOWN_HEAD)
        for steps, row in enumerate(rows if sure else rows[:bare]):
            before, self.first_pass = self.first_pass, sure and not steps
            for name, value, kept in ((head[n], row[n], n in stepped) for n in named):
                filled = value and not BLANK.fullmatch(self._text(value))
                new = made and kept
                if filled and (steps or new or not kept):
                    own = equated(self.value(name), self.value(value))
                    self._one(own, (name, value), "old" if sure else "", steps=steps + new)
            self.first_pass = before
        return True

    def are_made_there(self, columns: Mapping[Value, int], row: Sequence[tuple[Span, ...]]) -> bool:
        """True if half of the weights in a row are those after a step from its own figures."""
        said = {
            name.id: number
            for name, at in columns.items()
            if isinstance(name, Name)
            and (number := self._amount(self.value(row[at]), True)) is not None
        }
        values = self.figures.afresh()
        values.claimed |= {name: n for name, n in said.items() if name not in self.names.stepwise}
        made = [
            any(near(number, way) for way in values.ways(parsed(name).after(1)))
            for name, number in said.items() if name in self.names.stepwise
        ]  # fmt: skip
        sloped = any(isinstance(parsed(name), Derivative) for name in said)
        told = sloped or len(made) > 1  # which one weight does not
        return told and 2 * made.count(True) >= len(made)

    def is_given_above(
        self, name: Sequence[Span], column: Sequence[Sequence[tuple[Span, ...]]]
    ) -> bool:
        """True for an input or a target with the number of the exercise in each of its cells."""
        of = getattr(self.left_side(self.value(name), True), "id", "")
        leaf = of in (*self.names.network.inputs, *self.names.network.targets)
        given = self.figures.right(of) if leaf else None
        said = [self._amount(self.value(cell), True) for cells in column for cell in cells]
        return given is not None and {*said} == {given}

    def is_at_start(self, name: Value, at: int, row: Sequence[tuple[Span, ...]]) -> bool | None:
        """True if a cell holds what a quantity is before the first step; None for no number."""
        given = {*self.names.network.inputs, *self.names.network.targets}  # no step changes these
        known = isinstance(name, Name) and name.id not in given
        right = self.figures.right(name.id) if known and isinstance(name, Name) else None
        said = self._amount(self.value(row[at]), True)
        if right is None or said is None:
            return None
        return near(said, right) or abs(said - right) <= ROUNDED * abs(right)

    def number_of_step(self, cell: Sequence[Span]) -> str:
        """The number before a row: of 0, of 0 (start) and of step 0."""
        steps = self.step_of(cell)
        label = re.sub(r"[.:]?(?: \(.*\))?$", "", self._text(cell).strip("$ \n"))
        return label if steps is None else str(steps)

    def by_sample(
        self, head: Sequence[tuple[Span, ...]], body: Sequence[Sequence[tuple[Span, ...]]]
    ) -> bool:
        """Read a table with a row for each sample, whose number or inputs stand in it."""
        if not all(len(row) == len(head) for row in body):
            return False
        *body, last = body
        overall = bool(body) and self.is_overall(last)
        body = body if overall else [*body, last]
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
                    said = written_plainly(self.value(cell))
                    if said and self._is_left(title):
                        whole = equated(title, self.value(cell))
                        self._one(whole, (name, cell), "", sampled=True)
                    elif said and (slope := self.slope_of_head(title)):
                        whole = equated(tokens_of(slope), self.value(cell))
                        self._one(whole, (name, cell), "", sampled=True)
                    elif said and not self._gives(title, float(said)):
                        self.lose((cell,), "this is not what the head of its column comes to here")
                    elif said and self.is_unknown(name, title):
                        self.lose((cell,), UNKNOWN_HEAD)
        if overall:
            self.over_all(head, last)
        return True

    def slope_of_head(self, formula: Sequence[Token]) -> str:
        """The derivative of the sample's loss that is a formula, as yhat - y is; "" for none."""
        with suppress(Unreadable):
            value = Reader(trimmed(formula), self.names, True).whole()
            if isinstance(value, tuple) or len({*names_in(value)}) < 2:
                return ""
            number = f"[{self.names.sample}]"
            own = [n for n in reversed(self.names.forward) if n.endswith(number)]
            loss = next((n for n in own if n.startswith(loss_name(self.names.network))), "")
            slopes = [str(Derivative(loss, each)) for each in own if loss and each != loss]
            known = (n for n in slopes if n in self.names.vocabulary.derivatives)
            return next((n for n in known if self.figures.is_formula_of(n, value)), "")
        return ""

    def is_unknown(self, name: Sequence[Span], title: Sequence[Token]) -> bool:
        """True for a head of results that is no name of the network, and counts no rows."""
        counting = SAMPLES | PASSES | STEPS | TIMES | REMARKS | {"i", "n", "k", "nr", "no"}
        return (
            bool(title)
            and not {*self.words(name)} & counting
            and not any(t.kind in ("sign", *RELATIONS) for t in title)
        )

    def _gives(self, formula: Sequence[Token], said: float) -> bool:
        """False for a number that a formula above it does not give with the sheet's figures."""
        with suppress(Unreadable):
            value = Reader(trimmed(formula), self.names, True).whole()
            if not isinstance(value, tuple) and len({*names_in(value)}) > 1:
                amount = worked(value, self.figures.stated)
                return amount is None or abs(amount - said) < max(0.02 * abs(amount), 0.005)
        return True

    def is_overall(self, row: Sequence[tuple[Span, ...]]) -> bool:
        """True for a row of what all samples above it come to: their mean or their sum."""
        first = next((cell for cell in row if self._text(cell)), ())
        said = {*self.words(first)} | {self._text(first).strip("$ :")}
        return bool(first) and bool(said & (TOTALS | OVERALL | {"Σ", "∑", "\\sum", "Ø", "∅"}))

    def over_all(self, head: Sequence[tuple[Span, ...]], row: Sequence[tuple[Span, ...]]) -> None:
        """Read the row of what all samples come to, where it is what the loss makes of them."""
        first = next(cell for cell in row if self._text(cell))
        summed = {*self.words(first)}.isdisjoint(OVERALL - TOTALS)
        slopes = {str(Derivative(self.names.loss, each)) for each in self.names.weights}
        for name, cell in zip(head, row, strict=True):
            if cell is first or not written_plainly(self.value(cell)):
                continue
            meant = self.quantity_called(without_index(self.value(name)))
            if summed != (self.names.network.reduction == "sum"):
                self.lose((cell,), "the loss takes the samples together in another way")
            elif meant == self.names.loss or meant in slopes:
                self.pair(name, cell, "")

    def sample_by_inputs(
        self, head: Sequence[tuple[Span, ...]], row: Sequence[tuple[Span, ...]]
    ) -> str:
        """The number of the sample whose inputs, and targets, stand in a row; "" for none."""
        network, said = self.names.network, dict[str, str]()
        lead = BY_INPUTS.match(f"{self._text(row[0])}:")
        if lead and not lead["pairs"]:
            return sample_said(lead, network)
        for name, cell in zip(head, row, strict=True):
            number = written_plainly(self.value(cell))
            with self.names.of_sample("1"), suppress(Unreadable):
                value = self.left_side(trimmed(without_index(self.value(name))), True)
                of = (
                    self.names.quantity(value.id).of_sample(None) if isinstance(value, Name) else ""
                )
                if number and of in (*network.inputs, *network.targets):
                    said[of] = number
        return sample_with(said, network) if said else ""

    def by_sample_columns(self, rows: Sequence[Sequence[tuple[Span, ...]]]) -> bool:
        """Read a table with a column for each sample, or with the numbers of one of them."""
        found = {n: self.sample_of(cell) for n, cell in enumerate(rows[0])}
        columns = {n: number for n, number in found.items() if number}
        counted = [str(n) for n, _ in enumerate(self.names.network.samples, 1)]
        titles = [self._text(cell).strip("$ ") for cell in rows[0][1:]]
        if titles == counted != ["1"] and {*self.words(rows[0][0])} & (
            SAMPLES - PASSES - TIMES | {"i", "n", "k"}
        ):  # fmt: skip
            columns = dict(enumerate(counted, 1))
        if not columns or 0 in columns:
            return False
        own = {n: k for n, k in columns.items() if len(self.words(rows[0][n])) < 2}
        over_all = [n for n, head in enumerate(rows[0]) if own and self.words(head) == ["all"]]
        for row in rows[1:]:
            alone = len(row) > 1 and bool(row[1]) and not any(row[2:])
            if own and alone and self._is_name(row[0]):  # which no sample has
                self.pair(row[0], row[1], "")
                continue
            if own and len(row) != len(rows[0]):
                if not any(t.text in OLD for cell in row for t in self.tokens(cell)):
                    self.lose(row, SHORT)  # but given numbers leave other cells empty
                continue
            for n, number in own.items():
                with self.names.of_sample(number):
                    self.pair(row[0], row[n], "")
            for n in over_all:
                self.pair(row[0], row[n], "")
            if not own:  # the numbers of one sample, and their results elsewhere
                with self.names.of_sample(min(columns.values())):
                    self.row(row, "")
        return True

    def sample_of(self, cell: Sequence[Span]) -> str:
        """The number of the sample that a cell is for; "" where it says none."""
        match = SAMPLE.search(self._text(cell))
        count = len(self.names.network.samples)
        return match[1] if match and 0 < int(match[1]) <= count > 1 else ""

    def with_value(self, cell: Sequence[Span], after: Sequence[Span]) -> bool:
        """Read a cell with a name and a formula, z_0 = w_0 x, with the number in the next one."""
        said = self.value(cell)
        number = self.value(after)
        sides = sides_of(said)
        if len(sides) < 2 or not number or not self._is_left(sides[0][1]):
            return False
        told = written_plainly(number[number[0].kind in RELATIONS :])
        if not told or written_plainly(sides[-1][1]):
            return False
        self._one([*said, *equated((), number)], (cell, after), "")
        return True

    def _is_weight(self, cell: Sequence[Span]) -> bool:
        """True if a cell holds the name of a weight."""
        return self._is_weight_name(self.value(cell))

    def steps_in(self, title: Sequence[Span]) -> int:
        """The number of steps that the head of a column speaks of: after 2 steps."""
        if self.counting and (counted := self.step_of(title)):
            return counted
        said = {*re.findall(r"\w+", self._text(title).casefold())}
        return next((n for n, known in enumerate(COUNTS, 2) if said & known), 1)

    def step_of(self, title: Sequence[Span]) -> int | None:
        """The number of steps that a title counts; None for other words."""
        counted = COUNTED.fullmatch(self._text(title).strip("$ "))
        known = counted and not self.names.vocabulary.repeated
        return int(counted["below"] or counted["before"]) if counted and known else None

    def before_and_after(
        self, name: Sequence[Span], cell: Sequence[Span], role: str, steps: int = 1
    ) -> None:
        """A value in a column that says whether it is of the pass before or after the step."""
        value = self.value(cell)
        if not value or role not in ("old", "new") or BLANK.fullmatch(self._text(cell)):
            return
        tokens = self.value(name)
        new = self.quantity_called(tokens, any(span.math for span in name))
        second = SECOND.search(self.document.text)
        primes = 0 if second else new.count("'")  # L' below new says it twice
        if primes and role == "old":
            if new.rstrip("'") not in self.names.weights:
                self.skip(value, "its column says old and its name says new")
            return
        prime = [Token("prime", "'", 0, 0)] * (steps - primes) if role == "new" else []
        if any(t.text == "/" or t.kind in ("fraction", "differential") for t in tokens):
            self.skip(value, "this derivative may be from before the update or from after it")
            return
        self._one(equated([*tokens, *prime], value), (name, cell), "old")

    def state_of(self, title: Sequence[Span], name: Sequence[Span]) -> list[Token]:
        """The name of what an optimizer remembers of a weight, whose letter is above a column."""
        head, low = self.value(title), self.value(name)
        letters = {t.text for t in head if t.kind in ("word", "text")} - NEW - OLD
        known = letters <= {*self.names.network.descent.optimizer.states}
        if len(letters) != 1 or not known or not self._is_weight(name):
            return []
        signs = [("word", letters.pop()), ("low", "_"), ("open", "{"), ("close", "}")]
        *below, closes = (Token(*sign, low[0].start, low[0].start) for sign in signs)
        newly = self._role(title) == "new" or any(t.text in ("+", "'", "*") for t in head)
        prime = [closes._replace(kind="prime", text="'")] if newly else []  # v^+
        return [*below, *low, closes, *prime]

    def of_unit(
        self, head: tuple[Span, ...], cell: tuple[Span, ...], label: Token,
        working: Sequence[Token] = (),
    ) -> None:  # fmt: skip
        """One cell of a column such as O_j or net in the row of a unit, perhaps behind working."""
        value = self.value(cell)
        if not value or BLANK.fullmatch(self._text(cell)):
            return
        own = sides_of(value)[0][1] if any(t.kind in RELATIONS for t in value) else []
        if self._is_left(own):  # the cell says of what it is itself
            self._one(value, (cell,), "")
            return
        try:
            name = self.name_of_unit(head, label)
        except Unreadable as error:
            self.skip(value, str(error))
            return
        if head in self.activated_heads and not SLOPE_HEAD.search(self._text(head)):
            put_out = self.names.network.activations[self.named_units[label.text].name]
            name = tokens_of(put_out)
        try:
            meant = self.left_side(name, any(span.math for span in head))
            each = self.names.quantity(meant.id) if isinstance(meant, Name) else None
            if self.names.vocabulary.repeated and each and not each.element:
                raise Unreadable(f"{each} has no value for each step")
            act = {a: unit for unit, a in self.names.network.activations.items()}.get(str(each))
            numbered = self.neurons and label.text.isdecimal() and act != label.text
            if numbered and each in self.names.network.outputs:
                raise Unreadable(f"unit {label.text} may be another one than that of {each}")
        except Unreadable as error:
            self.skip(value, str(error))
            return
        value = [*working, *equated((), value)] if working else value
        slope = self.led_in == "gradient" and self._is_weight_name(name)
        self._one(equated(name, value), (head, cell), "gradient" * slope)

    def is_activation(self, head: tuple[Span, ...], labels: Sequence[Token]) -> bool:
        """True if the letter of a column is that of what each unit puts out, where that is sure.

        Where o_4 is of unit 4, o_1 is of unit 1, and not of the first output.
        """
        found, math = set[bool](), any(span.math for span in head)
        for label in labels if {label.text for label in labels} <= {*self.named_units} else ():
            own = self.names.network.activations[self.named_units[label.text].name]
            with suppress(Unreadable):
                meant = self.quantity_called(self.name_of_unit(head, label), math)
                found |= {meant == own} if meant else set()
        return found == {True}

    def results(
        self, head: Sequence[tuple[Span, ...]], body: Sequence[Sequence[tuple[Span, ...]]],
        labels: Sequence[Token],
    ) -> list[tuple[Span, ...]]:  # fmt: skip
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
            if (
                not unit
                or unit.activation.name not in called
                or "prime" in {t.kind for t in between}
            ):
                return []
        return [head[last]]

    def name_of_unit(self, head: Sequence[Span], label: Token) -> list[Token]:
        """The name at the head of a column or row such as O_j or net, with the number of a unit."""
        at = label.start
        if found := SLOPE_HEAD.search(self._text(head)):
            return self.slope_of_unit(found.lastgroup or "", label)
        if self._is_operated(head) and not SLOPE.search(self._text(head)):
            raise Unreadable(FORMULA_HEAD)
        signs = tuple(span for span in head if span.math) or head
        marked = sides_of(self.value(signs))[0][1]  # of h = sigmoid(z)
        parts = [
            [t for n, t in enumerate(part) if t.kind != "text" or (n and part[n - 1].text == "/")]
            for part in split(marked, ("comma",))
        ]  # of dL/dnet the last is no word of the language
        name = next((part for part in reversed(parts) if part), marked)
        letter = self.letter_of(head)
        unit = self.units.get(label.text)
        if unit and not label.text.isdecimal() and [t.text for t in name] in (["h"], ["y"]):
            letter = "out"  # of unit h1
        if unit and letter in ("net", "out"):
            act = self.names.network.activations[unit.name]
            own = unit.pre_activation if letter == "net" else act
            return tokens_of(own)
        if letter and (len(parts[0]) != 1 or not any(parts) or self.is_of_units(parts[0][0])):
            name = [Token("word", letter, at, at)]
        number = Token("number" if label.text.isdecimal() else "word", label.text, at, at)
        low = Token("low", "_", at, at)
        function = [t.kind for t in name] == ["word", "prime"] and name[0].text in FUNCTIONS
        if function and not self._is_left([name[0], low, number]):
            opens, net = Token("open", "(", at, at), Token("word", "net", at, at)
            return [*name, opens, net, low, number, Token("close", ")", at, at)]  # f'(net_1)
        indexes = [n for n, t in enumerate(name) if n and re.fullmatch(r"[ijkt]\d*", t.text)]
        if len(indexes) == 1:
            place, first = indexes[0], name[indexes[0]]
            name[place] = number._replace(text=label.text + first.text[1:])
        elif not indexes:
            slash = next((n for n, t in enumerate(name) if t.text == "/"), 0)
            above = name[slash - 1].text.removeprefix("d") if slash else ""
            both = above != self.names.loss and above in SPELLINGS["activation"]  # dout/dnet
            name = [*name[:slash], *[low, number] * both, *name[slash:], low, number]
        return [t._replace(kind="word") if t.kind == "text" else t for t in name]

    def slope_of_unit(self, function: str, label: Token) -> list[Token]:
        """The name of what a unit puts out by its sum, if it has this function, or for any.

        Raises Unreadable for other formulas.
        """
        units, acts = self.names.network.units, self.names.network.activations
        by_name = {unit.name: unit for unit in units} | dict(self.named_units)
        unit = by_name.get(label.text)
        if not unit or function not in ("", unit.activation.name):
            raise Unreadable(FORMULA_HEAD)
        return tokens_of(str(Derivative(acts[unit.name], unit.pre_activation)))

    def is_formula(self, cell: Sequence[Span], role: str) -> bool:
        """True if what stands before a row is not about the names above it: exp(-z), 1 - h, bias.

        A slope may be that of a unit's own function.
        """
        text, words = self._text(cell).strip("$*_ "), {*self.words(cell)}
        if self._is_operated(cell) or re.search(r"[=']|\^\s?\{?[-−2]", text):
            return True
        if role in ("old", "new", "gradient"):
            return role == "gradient" and not words.isdisjoint(OWN_SLOPES)
        other = NOUNS["bias"] | NOUNS["weight"] | FUNCTIONS | ERROR_WORDS | APART
        return bool(words & other) or (len(text) == 1 and text.isalpha())

    def slopes_of_units(
        self, heads: Sequence[Sequence[Span]], row: Sequence[Sequence[Span]]
    ) -> None:
        """A row of derivatives, h(1 - h) or dL/dz, below the names of units."""
        for head, cell in zip(heads, row[1:], strict=False):
            label = "".join(t.text for t in self.value(head) if t.kind in ("word", "number"))
            with suppress(Unreadable):
                name = self.name_of_unit(row[0], Token("word", label, 0, 0))
                self.left_side(name, True)
                self._one(equated(name, self.value(cell)), (head, cell), "")
                continue
            self.lose((cell,), FORMULA_HEAD)

    def is_of_units(self, title: Token) -> bool:
        """True for output at the head of a column: that of the unit, and not of the network."""
        own, noun = title.text in self.names.vocabulary.tiers[0], title.text.casefold()
        return not own and noun in NOUNS["output"] and bool(self.names.network.units)

    def letter_of(self, head: Sequence[Span]) -> str:
        """The letter for what a column of a table of units holds, by its words."""
        said, text = {*self.words(head)}, self._stem(head)
        if re.search("[=≈]", self._text(head)):
            said &= {*re.findall(r"[^\W\d_]+", text.casefold())}  # o = sigmoid(net)
        if call := APPLIED.fullmatch(text):
            said -= {call["inner"]}
        elif self._is_operated(head):
            return ""
        functions = {FUNCTION_NAMES.get(word) for word in said if "'" not in self._text(head)}
        activations = {unit.activation.name.replace("_", "") for unit in self.units.values()}
        activated = bool(said & ACTIVATING) or self.activated
        if said & GRADIENT or (said & (NEW - AFTER) and self.units):
            return "delta" if "delta" in said else ""
        if said & AFTER and not activated:
            return ""
        if said & (NOUNS["pre-activation"] | {"net", "pre"}) or (said & EARLIER and activated):
            return "net"
        if said & NOUNS["input"] and all(len(u.edges) > 1 for u in self.units.values()):
            return "net" if self.units else ""
        if said & (NOUNS["activation"] | NOUNS["output"] | {"post", "out"}) or (
            (activations and activations == functions - {None}) or (said & AFTER and activated)
        ):  # fmt: skip
            return "out"
        return "delta" if "delta" in said else "Err" if said & NOUNS["loss"] else ""

    def labelled(self, row: Sequence[tuple[Span, ...]]) -> None:
        """A row with a word before it: a statement, or more of the quantity that stands above."""
        if len(sides_of(self.value(row[0]))) > 1:  # statements side by side, or with their values
            cells = [*filter(None, row)]
            while cells:
                valued = len(cells) > 1 and self.with_value(*cells[:2])
                if not valued:
                    self.line(Item("line", cells[0]))
                    self.finish()
                cells = cells[1 + valued :]
            return
        tokens = [t for cell in row[1:] for t in self.tokens(cell)]
        names, values = (
            split(with_commas(self.value(cell)), ("comma", "semicolon"))
            for cell in (row[0], row[-1] if len(row) > 1 else ())
        )
        if len(names) > 1 and all(map(self._is_left, names)):  # | z0, h0 | 0.5, 0.5 |
            one, between = self.value(row[-1]), [self.value(cell) for cell in row[1:-1]]
            figures = any(t.kind == "number" and "." in t.text for cell in between for t in cell)
            if len(values) < 2 and written_plainly(one) and not figures:
                values = [one] * len(names)  # | dL/dw1, dL/dw2 | the unit is dead | 0 |
            if len(names) != len(values) or any(t.kind == "text" for v in values for t in v):
                self.lose(row, "several names stand here for one value")
                return
            for name, value in zip(names, values, strict=True):
                self._one([*name, *equated((), value)], row, "")
            return
        rest = [t for t in tokens if t.kind not in ("text", "stop")]
        if not any(t.kind in RELATIONS for t in rest):
            return
        if self.subject and (number := self.sample_of(row[0])):
            self.for_sample(number, rest)
            return
        if rest[0].kind in RELATIONS:
            self._one(equated(self.subject, rest), row, "")
            return
        if not self.subject:
            self.subject = sides_of(rest)[0][1]
        for cell in filter(None, row[1:]):
            self.line(Item("line", cell))
        self.finish()

    def without_steps(self, head: tuple[tuple[Span, ...], ...]) -> tuple[tuple[Span, ...], ...]:
        """The head of a table with the bare numbers of steps in time: | t = 1 | t = 2 |."""
        steps = [TIMED.match(self._text(cell)) for cell in head[1:]]
        if not (self.names.vocabulary.repeated and steps and all(steps)):
            return head
        found = [head[0]]
        for cell, step in zip(head[1:], steps, strict=True):
            at = self.document.text.index(step[1], cell[0].start) if step else 0
            found.append((cell[0]._replace(start=at, end=at + len(step[1]) if step else at),))
        return (*found,)

    def row(self, row: Sequence[Sequence[Span]], said: str) -> None:
        """A row as one chain: quantity, formula, value."""
        second = next((n for n in range(2, len(row) - 1) if self.begins_anew(row, n)), len(row))
        if second < len(row):
            self.row(row[:second], said)
            self.row(row[second:], said)
            return
        described = not said and self.is_described(row)
        tokens = self.tokens(row[0]) if described else self.value(row[0])
        others: list[tuple[list[Token], Sequence[Span]]] = []
        for cell in row[1:]:
            whole = self.value(cell)
            more = [t for t in whole if t.kind != "text"]
            comments = len(more) < len(whole) and (
                not any(t.kind in ("word", "number") for t in more)
                or (cell is not row[1] and lone_symbol(more, self.names, True) is not None)
                or (
                    cell is not row[-1]  # idem, sin a_2
                    and len(split(more, ("comma",))) > 1
                    and not any(t.kind in RELATIONS for t in more)
                )
            )
            if not more or comments or BLANK.fullmatch(self._text(cell)) or self.tells_kind(cell):
                continue
            left = tokens[: next((n for n, t in enumerate(tokens) if t.kind in RELATIONS), None)]
            again = sides_of(more)
            if len(again) > 1 and self._is_other(left, again[0][1]):
                others.append((more, cell))  # a statement of its own
                continue
            if len(again) > 1 and [t.text for t in again[0][1]] == [t.text for t in left]:
                more = more[len(again[0][1]) :]  # the rule says the name once more
            tokens = [*tokens, *equated((), more)]
        if described:
            self.line(Item("line", (*chain.from_iterable(row),)), tokens=tokens)
            self.finish()
        else:
            self._one(tokens, row, said)
        for more, cell in others:  # under a title of its own, if under any
            self._one(more, (cell,), "" if said == "gradient" else said)

    def bare(self, cell: Sequence[Span]) -> tuple[Span, ...]:
        """A head without words that fit the name behind them: Prediction ŷ, loss L."""
        tokens = self.value(cell)
        worded = [*takewhile(lambda t: t.kind in ("text", "word"), tokens)]
        for n in range(1, len(worded) + 1) if worded and not self._is_left(tokens) else ():
            words = {t.text.casefold() for t in worded[:n]}
            meant = self.quantity_called(tokens[n:], True) if self._is_left(tokens[n:]) else ""
            if any(words & NOUNS[kind] and self.names.is_kind(meant, kind) for kind in NOUNS):
                kept = [each for each in cell if each.end > tokens[n].start]
                return kept[0]._replace(start=max(kept[0].start, tokens[n].start)), *kept[1:]
        return tuple(cell)

    def is_described(self, row: Sequence[Sequence[Span]]) -> bool:
        """True for a name with words before it, as a sentence has it: output a1, Loss $E$."""
        tokens, *others = map(self.value, row)
        if self._is_left(tokens) or any(t.kind in RELATIONS for t in chain(tokens, *others)):
            return False
        return 0 < len(self.behind_words(tokens)) < len(tokens)

    def behind_words(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """The name that some tokens end with, behind nothing but words; none for others."""
        starts = (n for n in range(len(tokens)) if self._is_left(tokens[n:]))
        start = next(starts, len(tokens))
        return tokens[start:] if all(t.kind in ("text", "word") for t in tokens[:start]) else ()

    def tells_kind(self, cell: Sequence[Span]) -> bool:
        """True for a cell of words alone that say what kind of quantity a row is about: input."""
        words = self.words(cell)
        if any(span.math for span in cell) or not DESCRIBING.fullmatch(self._text(cell)):
            return False
        return len(words) > 1 or not {*words}.isdisjoint(chain.from_iterable(NOUNS.values()))

    def begins_anew(self, row: Sequence[Sequence[Span]], at: int) -> bool:
        """True if a cell behind a number is the name of another quantity, with its own number."""
        number, last = (self.value(row[n]) for n in (at - 1, -1))
        if not (self._is_name(row[at]) and written_plainly(number) and written_plainly(last)):
            return False
        return self._is_other(self.tokens(row[0]), self.tokens(row[at]))

    def _is_other(self, one: Sequence[Token], two: Sequence[Token]) -> bool:
        """True if two stretches are the names of two quantities."""
        bare = ([t for t in each if t.kind != "stop"] for each in (one, two))
        with suppress(Unreadable):
            left, right = (self.left_side(trimmed(each), True) for each in bare)
            return left != right
        return False

    def pair(
        self, name: Sequence[Span], cell: Sequence[Span], said: str, *, weak: bool = False
    ) -> None:
        """A name in the head of a table and the value below it; `weak`: the table may be torn."""
        value = self.value(cell)
        own = sides_of(value)[0][1] if any(t.kind in RELATIONS for t in value) else []
        if own and self._is_left(own) and self._is_other(self.tokens(name), own):
            self._one(value, (cell,), said)  # the cell says of what it is itself
        elif value and not BLANK.fullmatch(self._text(cell)):
            weak |= self._is_name(cell)  # of the head of another table
            self._one(equated(self.label_tokens(name), value), (name, cell), said, weak=weak)

    def _one(
        self, tokens: list[Token], spans: Sequence[Sequence[Span]], said: str, *,
        weak: bool = False, steps: int = 0, sampled: bool = False,
    ) -> None:  # fmt: skip
        tokens = [t for t in tokens if t.kind != "stop"]
        sides = sides_of(tokens)
        if len(sides) < 2 or not sides[0][1]:
            return
        if any(len(split(side, ("text", "comma"))) > 1 for _, side in sides):
            reason = "this cell holds words or a list where one value should stand"
            self.skip(tokens, reason, any(t.kind == "number" for t in tokens))
            return
        if [t.kind for t in tokens[-2:]] == ["number", "dot"] and tokens[-2].text.isdecimal():
            self.skip(tokens, "the number breaks off")
            return
        math = any(span.math for cell in spans for span in cell)
        self.last = Chain(sides, math, said or self.said)
        weak |= self.ragged and written_plainly(trimmed(sides[-1][1])) != ""
        self.last.tabled, self.last.weak, self.last.steps = True, weak, steps
        self.last.sampled = sampled
        self.last.lead = ("gradient",) if said == "gradient" else ()
        self.finish()

    def _is_operated(self, cell: Sequence[Span]) -> bool:
        """True for a formula of several names or numbers: exp(-net), t - out."""
        text = self._stem(cell)
        return bool(OPERATED.search(text)) and not (APPLIED.fullmatch(text) or LONE.fullmatch(text))

    def _stem(self, cell: Sequence[Span]) -> str:
        """What stands in the head of a column before a sign, without what is said aside."""
        return re.sub(r"[\s$]\(.*|[=≈:].*", "", self._text(cell)).strip("$ ")

    def _text(self, cell: Sequence[Span]) -> str:
        return " ".join(self.document.text[s.start : s.end] for s in cell).strip(" *`")

    def _role(self, cell: Sequence[Span]) -> str:
        """What a cell of a head says of its column."""
        words = self.words(cell)
        sides = sides_of(self.tokens(cell))
        if len(sides) > 1 and saying([t.text for t in sides[0][1] if t.kind != "stop"]) == "new":
            return "new"  # w_new = w_old - eta * gradient
        if self.counting and (steps := self.step_of(cell)) is not None:
            return "new" if steps else "old"
        said = saying(words) or ("gradient" if SLOPE.search(self._text(cell)) else "")
        if said == "gradient" and self._is_name(cell):
            return ""
        if said == "gradient" and MULTIPLIED.search(self._text(cell)):
            return "value"  # w - eta * gradient: how the column beside it is worked out
        if said:
            return said
        if words and set(words) & OLD:
            return "old"
        for said, alone in (("new", NEW_ALONE), ("old", OLD_ALONE)):
            if alone & {*words} and {*words} <= alone | PASSES | VALUES:
                return said
        if {*words} & REMARKS:
            return "remark"
        return "value" if words and not self._is_name(cell) else ""

    def _is_name(self, cell: Sequence[Span]) -> bool:
        """True if a cell holds a quantity's name and nothing else."""
        self.check_names()
        key = (*cell,)
        if key not in self.named:
            tokens = trimmed(self.value(cell))
            self.named[key] = False
            kinds = {t.kind for t in tokens}
            if not kinds <= {"sign", "number"} and "text" not in kinds:
                with suppress(Unreadable):
                    self.left_side(tokens, any(span.math for span in cell))
                    self.named[key] = True
        return self.named[key]
