"""What words say of quantities, as statements: z1 is 0.5, w5 (new) = 0.3, a and b are 1 and 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import dropwhile, pairwise, takewhile

from backcalc.equations.network import Unit
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Name
from backcalc.reading.defining import described, described_step, described_unit
from backcalc.reading.figures import near
from backcalc.reading.grammar import (
    PUNCTUATION,
    Reader,
    closing,
    lone_symbol,
    slope_called,
    split,
    trimmed,
)
from backcalc.reading.left_sides import undamaged
from backcalc.reading.names import Symbol, Unreadable
from backcalc.reading.pieces import RELATIONS, equated, number_at, sides_of, written_plainly
from backcalc.reading.rewriting import BREAKS, cut_off, with_commas, without_asides
from backcalc.reading.signs import (
    ALSO,
    AND,
    AND_WORDS,
    ARTICLES,
    BECOMES,
    BY_ALONE,
    CHANGES,
    COMMANDS,
    ERROR_WORDS,
    FOR_ALONE,
    FUNCTION_NAMES,
    GETTING,
    GIVING,
    GRADIENT,
    HAVING,
    ITS,
    LEAD_INS,
    NEW,
    NOUNS,
    NOW_WORDS,
    OF_ALONE,
    OLD,
    PRONOUNS,
    SAMPLE_NOUNS,
    SETTING,
    SEVERAL_ARE,
    VALUES,
    VERBS,
    WERE,
    phrases,
    saying,
    says_later,
)
from backcalc.reading.statements import Statements
from backcalc.reading.tokens import Token, Tokens, tokens_of
from backcalc.reading.vocabulary import lengths

FROM, TO = ("|".join(phrases(name)) for name in ("FROM", "TO"))
CHANGING = regex(
    rf"(?:{'|'.join(sorted({*CHANGES} | BECOMES, key=len)[::-1]).replace(' ', '[ ]+')})(?!\w)"
    rf"|(?:[^\W\d_]+[ ]+){{1,2}}?(?:{FROM})[ ]+\$?"
    rf"(?P<old>[-−]?\d+(?:(?:[.,]|\{{,\}})\d+)?)\$?[ ]+(?:{TO})(?=[ ]+[-−$\d])",
    re.IGNORECASE,
)
"""Words that say that something changes, perhaps with its number before."""
PLAIN_NUMBER = str.maketrans({"−": "-", ",": ".", "{": None, "}": None})
WHICH = regex(
    r"(?:which (?:is|gives|equals|makes|comes to)|(?:was|das|dies) (?:ergibt|ist|macht)|or|that is,"
    r"|ce qui (?:donne|fait)|lo que da|che (?:dà|fa)|o que dá|i\.e\.,?)(?=[ ]+\$?[-−]?\d)",
    re.IGNORECASE,
)
"""Words between a formula and the number that it comes to."""
COMING = regex(rf"(?:{'|'.join(phrases('COMES')).replace(' ', '[ ]+')})(?!\w)", re.IGNORECASE)
NUMERIC = ("number", "sign", "open", "close", "fraction")
LONGEST_SLOPE = 16  # signs of a derivative with indexes up to the sign behind it
STATING = ("colon", *RELATIONS)
"""Kinds of signs between a name and what is said of it."""
WORDS = ("text", "word")
NOUN_OF = regex(r"\b(delta|output|activation|net input|error term) of\b")
THAT_OF = regex(r"(?:and )?that of (?:the )?")
LONGEST_ELIDED = 8  # tokens of a name that stands without its verb
ASIAN = regex(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""The start of a word in Chinese, Japanese or Korean."""
STEP_CLAUSE = regex(r"(?:at|for|in|bei|für|à|pour) (?:time )?(t ?= ?\d),? ", re.IGNORECASE)
"""The start of a line that says of which step in time it is."""


class PhraseReader(Statements):
    """Reads words between names and numbers as the signs that they stand for."""

    def with_phrases(self, tokens: list[Token]) -> list[Token]:
        """The tokens with what says that a weight changes, goes to or goes from 0.5 to, as becomes.

        Of anything else it may speak of the pass before or after the step. What comes out as is.
        """
        found: list[Token] = []
        text, end = self.document.work, 0
        for token in tokens:
            if token.start < end:
                continue  # of the phrase
            worded = bool(found) and token.spaced and token.kind in ("text", "word")
            phrase = CHANGING.match(text, token.start) if worded else None
            comes = COMING.match(text, token.start) if worded and not phrase else None
            name = self._stretch(found) if phrase or comes else []
            if comes and self._is_left(name):
                end = comes.end()
                token = token._replace(kind="text", text="is", end=end)
            old = (phrase["old"] or "").translate(PLAIN_NUMBER) if phrase else ""
            known = phrase and self._is_left(name) and self._is_weight_name(name)
            if phrase and known and (not old or self.is_old(name, old)):
                end = phrase.end()
                token = token._replace(kind="text", text="becomes", end=end)
            before = len(found) - len(name) - 1
            if token.end == end and before >= 0 and found[before].kind == "dot":
                found[before] = found[before]._replace(kind="stop", text="")  # of a sentence before
            if phrase and not (known or old):
                behind = [t for t in tokens if t.start >= phrase.end()]
                number = number_at([*dropwhile(lambda t: (t.kind, t.text) == ("stop", ""), behind)])
                left = self._is_left(name)
                meant, size = (name, len(name)) if left else self.subject_then(found)
                if number and meant and self.is_after(meant, written_plainly(number)):
                    at = found[-1].end if left else found[-size].start
                    prime = Token("prime", "'", at, at)
                    named = name if left else told(meant, [prime])[:-2]
                    found[-size:] = [*named, prime]
                    end = phrase.end()
                    token = token._replace(kind="text", text="is", end=end)
            if self.is_set(found, token) and number_at([t for t in tokens if t.start >= token.end]):
                token = token._replace(kind="text", text="becomes")
            which = WHICH.match(text, token.start) if worded and not (phrase or comes) else None
            if which and self.is_worked(found):
                end = which.end()
                found = found[:-1] if found[-1].kind == "comma" else found
                token = token._replace(kind="relation", text="=", end=end)
            found.append(token)
        return found

    def with_time(self, tokens: list[Token]) -> list[Token]:
        """The tokens with words that tell of the time after the step as a prime of the name.

        They stand behind the name or its number: w5 (after 1 step) = 0.36, w5 = 0.36 (new). The
        old number may say it too: w5 = 0.36 (was 0.4).
        """
        found = [*tokens]
        for at in reversed(range(1, len(tokens))):
            end = closing(tokens, at) + 1 if tokens[at].kind == "open" else 0
            inner = tokens[at + 1 : end - 1]
            old = written_plainly(number_at(inner[-2:]) or inner[-1:]) if inner else ""
            was = bool(old) and inner[0].text.casefold() in WERE
            end = end if was else at + self.clause_at(tokens, at)
            if end == at or tokens[at - 1].kind in ("text", "stop"):
                continue
            after = tokens[end : end + 1]
            sign = after and (after[0].kind in STATING or after[0].text.casefold() in VERBS)
            name = self._stretch(tokens[:at])
            if not sign and (not after or after[0].kind in (*BREAKS, "comma", "dot", "and")):
                statement = [*split(tokens[:at], (*BREAKS, "comma"))[-1]]
                place = next((n for n, t in enumerate(statement) if t.kind in STATING), 0)
                name, value = statement[:place], sides_of(statement[place + 1 :])[-1][1]
                number = written_plainly(value)
                weight = self._is_left(name) and self._is_weight_name(name)
                later = self.is_old(name, old) if was and weight else weight
                if not (number and self._is_left(name)) or not (
                    later if weight else not was and self.is_after(name, number)
                ):  # fmt: skip
                    continue
            elif was or not (sign and self._is_left(name)):
                continue
            if name[-1].kind != "prime":
                del found[at:end]
                place = name[-1].end
                found.insert(tokens.index(name[-1]) + 1, Token("prime", "'", place, place))
        return found

    def clause_at(self, tokens: Tokens, at: int) -> int:
        """How many tokens from a place on tell of the time after the step: after the update."""
        end = closing(tokens, at) if tokens[at].kind == "open" else -1
        inner = tokens[at + 1 : end] if end > 0 else [*takewhile(_is_said, tokens[at:])]
        if not inner or not all(map(_is_said, inner)):
            return 0
        said = [t.text.casefold() for t in inner]
        later = says_later(self.names.without_steps_in_time(said))
        return (len(inner) + 2 * (end > 0)) * (later and (end > 0 or len(inner) > 1))

    def is_set(self, tokens: Tokens, token: Token) -> bool:
        """True for the to behind a weight that is told to change: update w5 to 0.36, or gives."""
        name = self._stretch(tokens) if token.text.casefold() in {*TO.split("|"), *GIVING} else []
        verb = tokens[: len(tokens) - len(name)][-1:] if name else ()
        told = bool(verb) and verb[0].text.casefold() in SETTING
        return told and self._is_weight_name(name)

    def with_for(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a number that is got for a name as a statement of it.

        We get 0.38 for z1; for z1 we get 0.38.
        """
        found = [*tokens]
        for at in reversed([n for n, t in enumerate(tokens) if t.text.casefold() in FOR_ALONE]):
            back = takewhile(lambda t: t.kind in ("number", "sign"), reversed(found[:at]))
            before = at - len([*back]) - 1
            number = found[before + 1 : at]
            name = [*takewhile(lambda t: t.kind not in (*BREAKS, "comma", "dot"), found[at + 1 :])]
            end = at + 1 + len(name)
            got = before >= 0 and found[before].text.casefold() in GETTING
            if not number:
                said = [*takewhile(lambda t: t.kind in ("text", "stop"), found[end:])]
                before, end = at, end + len(said)
                got = len(said) < 4 and bool(GETTING & {t.text.casefold() for t in said})
                number = [*number_at(found[end : end + 2])]
                end += len(number)
            if got and name and written_plainly(number) and self._is_left(name):
                found[before:end] = told(name, number)
        return found

    def with_several(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a and b are 1 and 2 as a = 1 and b = 2, where each name has one number.

        One name may have them all: the scores are 1 and 2.
        """
        verbs = SEVERAL_ARE | {"is"}
        for at in [n for n, t in enumerate(tokens) if t.kind in STATING or t.text in verbs]:
            sides = (reversed(tokens[:at]), tokens[at + 1 :])
            apart = ("row", "stop", "semicolon", *RELATIONS)
            before, after = (split([*side], apart)[0] for side in sides)
            names = [name[::-1] for name in listing(before)]
            values = listing(after) or [*filter(None, split(after, ("comma",)))]
            values[-1:] = [[*takewhile(lambda t: t.kind in NUMERIC, values[-1])]] if values else []
            if len(values) < 2 or not all(map(written_plainly, values)):
                continue
            whole, end = self._stretch(tokens[:at]), tokens.index(values[-1][-1]) + 1
            if not names and self._is_vector(whole, len(values)):
                said = told(whole, in_brackets(values))
                return [*tokens[: at - len(whole)], *said, *self.with_several(tokens[end:])]
            names = names[: len(values)][::-1]
            if not listing(after) or len(names) < len(values):
                continue
            names[0] = self._stretch(names[0])
            if all(map(self._is_left, names)):
                each = zip(names, values, strict=True)
                said = [t for name, value in each for t in told(name, value)]
                start = tokens.index(names[0][0])
                return [*tokens[:start], *said, *self.with_several(tokens[end:])]
        return tokens

    def _is_vector(self, name: Tokens, length: int) -> bool:
        """True if some tokens name a vector of so many elements, or a number of each sample."""
        symbol = lone_symbol(name, self.names, False) if name else None
        own = symbol and symbol.key in self.names.vocabulary.tiers[0]
        if not symbol or (own and length != len(self.names.network.samples)):
            return False
        with suppress(Unreadable), self.names.shaped(False, (length,)):
            return lengths(self.left_side(trimmed(name), False)) == (length,)
        return False

    def is_worked(self, tokens: Tokens) -> bool:
        """True if some tokens end in a formula that something is said to be, z = w*x + b."""
        kept = tokens[:-1] if tokens[-1].kind == "comma" else tokens
        side = self._stretch(kept)
        before = kept[len(kept) - len(side) - 1 : len(kept) - len(side)]
        stated = bool(before) and (before[0].kind in RELATIONS or before[0].text in VERBS)
        return stated and any(t.kind == "sign" for t in side[1:]) and not written_plainly(side)

    def with_elided(self, tokens: list[Token]) -> list[Token]:
        """The tokens with the verb that words and a number go without behind such a statement.

        The output is 0.58 and the loss 0.09.
        """
        found = [*tokens]
        worded = [n for n in range(2, len(tokens)) if tokens[n - 1].kind in WORDS]
        for at in reversed(worded):
            number = number_at(tokens[at:])
            said = [*takewhile(lambda t: t.kind in WORDS, reversed(tokens[:at]))][::-1]
            start = at - len(said)
            if said and said[0].text.casefold() in AND_WORDS:
                del said[0]
            elif tokens[start - 1].kind == "comma":
                start -= 1
            else:
                continue
            ended = number and start > 0 and tokens[start - 1].kind == "number"
            behind = tokens[at + len(number) : at + len(number) + 1]
            ends = not behind or behind[0].kind in (*PUNCTUATION, "stop")
            if len(said) > 1 and ended and ends and self.subject_of("", said)[0]:
                found[at:at] = [Token("text", "is", tokens[at].start, tokens[at].start)]
        return self.with_names_elided(found)

    def with_names_elided(self, tokens: list[Token]) -> list[Token]:
        """The same where names stand in a list behind a verb: z1 is 0.5, z2 0.4 and z3 0.3."""
        verb = next((n for n, t in enumerate(tokens) if t.text.casefold() in VERBS), len(tokens))
        joints = [
            n for n, t in enumerate(tokens)
            if n > verb and (t.kind == "comma" or t.text.casefold() in AND_WORDS)
        ]  # fmt: skip
        found = [*tokens]
        for joint in reversed(joints):
            valued = tokens[joint - 1].kind in ("number", "percent", "comma")
            for at in range(joint + 2, min(joint + LONGEST_ELIDED, len(tokens))) if valued else ():
                number = number_at(tokens[at:])
                if number and tokens[at].spaced and self._is_left(tokens[joint + 1 : at]):
                    found[at:at] = [Token("text", "is", tokens[at].start, tokens[at].start)]
                    break
        return found

    def with_verbs(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a verb between a name and a number as an equals sign: L is 3.375."""
        found = [*tokens]
        for at, token in enumerate(tokens):
            verb = token.text.casefold()
            if token.kind != "colon" and (token.kind != "text" or verb not in VERBS | GIVING):
                continue
            it = at > 0 and tokens[at - 1].text.casefold() in PRONOUNS
            if (turned := self.subject_behind(tokens, at)) and verb in VERBS:
                return self.with_verbs(turned)
            before, after = self._stretch(tokens[: at - it]), tokens[at + 1 :]
            more = [*takewhile(_adds_nothing, after)]
            after = after[len(more) :]
            if verb in VERBS and (later := self.later_one(found[:at], more, after)):
                return self.with_verbs(later)
            number = [*number_at(after)]
            number += [t for t in after[len(number) : len(number) + 1] if t.kind == "percent"]
            rest = [t for t in after[len(number) :] if t.kind not in ("stop", *PUNCTUATION)]
            ends = not rest or after[len(number)].kind in ("stop", *PUNCTUATION)
            word = rest[0].text if rest and rest[0].kind == "text" else ""
            joined = word.casefold() in LEAD_INS or ASIAN.match(word)  # 0.38です
            # z1 is 0.4*0.5 + 0.1 = 0.3
            sides = sides_of(split(after[: _sentence(after)], (*BREAKS, "comma"))[0])
            plain = all(t.kind != "differential" for t in sides[0][1])
            lone = lone_symbol(sides[0][1], self.names, False)  # the error is e = y - yhat
            worked = len(sides) > 1 and plain and not lone and not self._is_left(sides[0][1])
            stated = worked or (number and (ends or joined))
            if stated and (subject := self.subject_of(verb, found[:at]))[0]:
                start = tokens[at - subject[1]].start if token.kind == "colon" else token.start
                sign = token._replace(kind="relation", text="=", start=start)
                kept = [*told(subject[0], [sign]), *after]
                return self.with_verbs([*tokens[: at - subject[1]], *kept])
            named = verb in VERBS and stated and self._is_left(before)
            if named and not self._is_last(before, found):
                if it:
                    found[at - 1] = found[at - 1]._replace(kind="stop", text="")
                newly = verb in BECOMES and self._is_weight_name(before)
                kind, text = ("assign", ":=") if newly else ("relation", "=")
                stops = (t._replace(kind="stop", text="") for t in more)
                found[at : at + len(more) + 1] = [token._replace(kind=kind, text=text), *stops]
                end = at + 1 + len(more) + len(number)
                if number and _sentence(after) == len(number) < len(after):
                    found[end] = found[end]._replace(kind="stop", text="")
        return found

    def later_one(self, before: Tokens, more: Tokens, after: Tokens) -> list[Token] | None:
        """The tokens of words that tell of the time after the step, is, and a name with its value.

        After the update the loss is L = 0.3; the output is now yhat = 0.5, if its figure says so.
        """
        (_, name), *values = sides_of(split(after[: _sentence(after)], (*BREAKS, "comma"))[0])
        said = [*takewhile(_is_worded, reversed(before))][::-1]
        number = written_plainly(values[-1][1]) if values else ""
        if not (said and name and number and self._is_left(name)) or name[-1].kind == "prime":
            return None
        heard = [t.text.casefold() for t in said]
        if self.quantity_called(name) not in self.names.forward:
            return None
        line = [t.text.casefold() for t in before if t.kind in WORDS]
        now = says_later(line) or any(t.text.casefold() in NOW_WORDS for t in more)
        if not (says_later(heard) or (now and self.is_after(name, number))):
            return None
        end = name[-1].end
        prime, stop = Token("prime", "'", end, end), Token("stop", "", end, end)
        kept = before[: len(before) - len(said)]
        return [*kept, stop, *name, prime, *after[after.index(name[-1]) + 1 :]]

    def _is_last(self, name: Tokens, tokens: Tokens) -> bool:
        """True for the second one of two names that one number is said of: z1 and z2 are 0.5."""
        at = tokens.index(name[0])
        joint = at > 1 and tokens[at - 1].text.casefold() in AND_WORDS
        return bool(joint) and self._is_left(self._stretch(tokens[: at - 1]))

    def subject_behind(self, tokens: Tokens, verb: int) -> list[Token] | None:
        """The tokens with the words behind a verb as its subject: nach dem Schritt ist L 0.3."""
        said = [*takewhile(lambda t: t.kind in WORDS, tokens[verb + 1 :])]
        end = verb + 1 + len(said)
        number = number_at(tokens[end : end + 2])
        ends = tokens[end + len(number) : end + len(number) + 1]
        if not number or len(said) < 2 or (ends and ends[0].kind not in ("stop", *PUNCTUATION)):
            return None
        meant = described(" ".join(t.text.casefold() for t in said), self.names)
        if not meant:
            return None
        return [*tokens[:verb], *told(tokens_of(meant), tokens[end:])]

    def with_title(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a line that says of which unit or time its names are: Unit 1: z = 0.5.

        A title before the colon is left out; words may say it too: hidden unit 1 has z = 0.5.
        """
        colon = next((n for n, t in enumerate(tokens) if t.kind == "colon"), 0)
        said = [*takewhile(_is_worded, tokens)]
        step = described_step(" ".join(t.text for t in tokens[:colon]), self.names)
        titled = bool(step) or 0 < len(said) == colon
        at = colon + 1 if titled else max(len(said) - 1, 0)
        if clause := STEP_CLAUSE.match(self.document.work, tokens[0].start):
            step = described_step(spaced(clause[1]), self.names)
            titled, at = True, sum(t.start < clause.end() for t in tokens)
        at += sum(1 for _ in takewhile(lambda t: titled and t.kind == "stop", tokens[at:]))
        ends = ("row", "stop", "semicolon", *RELATIONS)
        left = trimmed([*takewhile(lambda t: t.kind not in ends, tokens[at:])])
        before = said if titled else tokens[:at]
        name, text = (" ".join(t.text for t in part) for part in (left, before))
        unit = described_unit(text, self.names, whole=titled) if left and text else None
        below = step or (unit.name if unit else "")
        bare = titled and len(left) == 1 and left[0].text.isalpha() and (
            left[0].text not in self.names.vocabulary.tiers[0]
        )  # fmt: skip  # h1: out = 0.65
        told = step or bare or self.names.below
        if not below or not left or (self._is_one(left) and not told):
            return tokens
        with self.names.numbered(below):
            named = self._is_left(left) or (titled and described(name, self.names))
        if not named:
            return tokens
        self.finish()
        self.names.below, self.of_line = below, True
        return tokens[at:]

    def _is_one(self, tokens: Tokens) -> bool:
        """True if some tokens name one quantity, and no vector."""
        return self._is_left(tokens) and isinstance(self.left_side(tokens, False), Name)

    def with_role_of_title(self, tokens: list[Token]) -> list[Token]:
        """The tokens with the name that a title above them says: Gradient = 0.2, new value: 0.5."""
        at = next((n for n, t in enumerate(tokens) if t.kind in STATING), 0) if (
            self.titled_weight and tokens and tokens[0].kind == "text"
        ) else 0  # fmt: skip
        words = [t for t in without_asides(tokens[:at]) if t.kind != "stop"]
        heard = {w.casefold() for t in words for w in t.text.split()}
        role, rest = saying([*heard]), tokens[at:]
        known = {"gradient": GRADIENT | NOUNS["loss"], "new": NEW | VALUES}.get(role, frozenset())
        weight = self.quantity_called(self.titled_weight) if at else ""
        kind = "bias" if weight in self.names.network.biases else "weight"
        known = known | NOUNS[kind] | ARTICLES | OF_ALONE
        gaps = ("stop", "open", "close")
        aside = [t for t in tokens[:at] if t not in words and t.kind not in gaps]
        plain = not aside or aside[0].text == "nabla"
        if not heard or not heard <= known or not plain or any(t.kind not in WORDS for t in words):
            return tokens
        sign = rest[0]._replace(kind="relation", text="=", start=tokens[0].start)
        behind = [*dropwhile(lambda t: t.kind == "stop", rest[1:])]
        if not behind or self._is_left(sides_of(behind)[0][1]):
            return tokens  # which has a name of its own
        self.told_by_title = sign.start
        if role == "new":
            prime = Token("prime", "'", sign.start, sign.start)
            return equated([*self.titled_weight, prime], [sign, *behind])
        meant = str(self.names._by(self.names.loss_of(weight, ""), weight))
        return equated(tokens_of(meant), [sign, *behind])

    def with_described(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a name for words that describe it: net input of hidden unit 1 = 0.5."""
        for at, token in enumerate(tokens):
            if token.kind not in STATING:
                continue
            name, size = self.slope_named(tokens[:at]) or self.subject_of("", tokens[:at])
            behind = trimmed([*takewhile(lambda t: t.kind not in BREAKS, tokens[at + 1 :])])
            said = tokens[at - size : at] if name else []
            if said and said[0].text == "delta" and said[-1].start == said[0].start + 1:
                whole = said[0]._replace(text=f"delta{said[-1].text}", end=said[-1].end)
                return [*tokens[: at - size], whole, *tokens[at:]]  # δO1: the sheet tells its sign
            if name and behind and not self._is_left(sides_of(behind)[0][1]):
                sign = token._replace(start=tokens[at - size].start)
                if token.kind == "colon":
                    sign = sign._replace(kind="relation", text="=")
                rest = self.with_described(tokens[at + 1 :])
                return [*tokens[: at - size], *told(name, [sign]), *rest]
        return tokens

    def slope_named(self, tokens: Tokens) -> tuple[list[Token], int] | None:
        """The derivative that a weight and the word behind it mean, w5 gradient; their number."""
        weight = self._stretch(tokens[:-1])
        name = self.quantity_called(weight) if weight else ""
        if name not in self.names.weights or tokens[-1].text.casefold() not in GRADIENT:
            return None
        meant = str(self.names._by(self.names.loss_of(name, ""), name))
        return tokens_of(meant), len(weight) + 1

    def subject_of(self, verb: str, tokens: Tokens) -> tuple[list[Token], int]:
        """The name of what the words before a verb mean, and how many these words are.

        "The delta of output neuron 1 is"; "that of" repeats the noun; "and gives" behind z3 = 1.1
        is of what this unit puts out.
        """
        said = [*takewhile(_is_worded, reversed(tokens))][::-1]
        text = " ".join(t.text.casefold() for t in said if t.kind != "sign")
        its = ITS.intersection(text.split())
        before = self._unit_told(tokens[: -len(said)]) if said and (its or text in AND) else None
        if verb in GIVING:
            unit = before or described_unit(text, self.names)  # hidden unit 1 outputs 0.6
            meant = self.names.network.activations[unit.name] if unit else None
        else:
            if said and (that := THAT_OF.match(text)):
                nouns = NOUN_OF.findall(self.document.work, said[0].start - 120, said[0].start)
                text = f"{nouns[-1]} of {text[that.end() :]}" if nouns else text
            told = len(said) > 1 or (said and (self.names.below or ASIAN.match(text)))
            with self.names.numbered(before.name if before else self.names.below):
                meant = described(text, self.names) if told and (before or not its) else None
        if meant and meant.rstrip("'") == self.names.loss and ERROR_WORDS & {*text.split()}:
            meant = meant.replace(self.names.loss, "error")  # which may be a difference, too
        return (tokens_of(meant) if meant else []), len(said)

    def subject_then(self, tokens: Tokens) -> tuple[list[Token], int]:
        """The same, where words of the time after the step may stand behind it, and their number.

        The output on the next forward pass drops to 0.68.
        """
        outputs, said = self.names.network.outputs, [*takewhile(_is_worded, reversed(tokens))]
        for size in range(len(said)):
            kept, later = tokens[: len(tokens) - size], [t.text for t in tokens[-size:]]
            if size and not says_later([*map(str.casefold, later)]):
                continue
            meant, count = self.subject_of("", kept)
            name = [] if meant else self._stretch(kept)
            name, count = (name, len(name)) if self._is_left(name) else (meant, count)
            if not name and kept[-1].text.casefold() in NOUNS["output"] and len(outputs) == 1:
                name, count = tokens_of(outputs[0]), 1
            if name:
                return [t for t in name if t.kind != "prime"], count + size
        return [], 0

    def _unit_told(self, tokens: Tokens) -> Unit | None:
        """The unit whose weighted sum or activation the end of some tokens gives a number."""
        sides = sides_of(trimmed(tokens)[-12:])
        name = self._stretch(sides[-2][1]) if len(sides) > 1 else []
        if not name or not written_plainly(sides[-1][1]) or not self._is_left(name):
            return None
        of, acts = self.quantity_called(name), self.names.network.activations
        units = self.names.network.units
        return next((u for u in units if of in (u.pre_activation, acts[u.name])), None)

    def _stretch(self, tokens: Tokens) -> list[Token]:
        """What stands at the end of some tokens behind the last word or stop."""
        kept = [*tokens[:-1]] if tokens and tokens[-1].kind == "stop" else [*tokens]
        start = len(kept)
        while start and kept[start - 1].kind not in (*BREAKS, "comma", *RELATIONS):
            ended = kept[start - 1].kind == "dot" and not kept[start - 1].spaced
            if ended and kept[start : start + 1] and kept[start].spaced:
                break  # of a sentence
            start -= 1
        return kept[start:]

    def with_sample(self, tokens: list[Token]) -> list[Token]:
        """The tokens of the loss of sample 2 as those of loss[2]."""
        found = [*tokens]
        for at in reversed(range(1, len(tokens) - 2)):
            of, noun, number = tokens[at : at + 3]
            said = of.text.casefold() in OF_ALONE and noun.text.casefold() in SAMPLE_NOUNS
            name = self._stretch(tokens[:at]) if said and number.text.isdecimal() else []
            if name and lone_symbol(name, self.names, False) and name[-1].kind == "word":
                opens = of._replace(kind="open", text="[", spaced=False)
                closes = number._replace(kind="close", text="]", spaced=False)
                found[at : at + 3] = [opens, number._replace(spaced=False), closes]
        return found

    def with_breaks(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a stop between statements that have only a blank between them.

        Of two, z1 = 0.5 h1 = 0.25, it must be sure from the figures that no product is meant. So
        must it be where a dot ends the first one: z1 = 0.5. h1 = 0.25.
        """
        dots = {
            at + 1
            for at, (one, dot, two) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False))
            if one.kind == "number" and (dot.kind, dot.spaced, two.spaced) == ("dot", False, True)
            and two.kind in ("word", "differential")
        }  # fmt: skip
        if dots:
            dots |= {len(tokens) - 1} if tokens[-1].kind == "dot" else set()
            bare = [t for at, t in enumerate(tokens) if at not in dots]
            parted = self.with_breaks(bare)
            return parted if len(parted) > len(bare) else tokens
        places = [
            at + 1
            for at, (one, two) in enumerate(pairwise(tokens))
            if one.kind == "number" and two.kind in ("word", "differential") and two.spaced
            and tokens[at - 1].kind != "low"
            and (end := self._name_at(tokens, at + 1)) > at + 1
            and self._is_related([*tokens[end : end + 2]])
        ]  # fmt: skip
        ends = [*places, len(tokens)]
        names = ["".join(t.text for t in cut_off(tokens[at:])[0][1]) for at in places]
        if len({*names}) < len(names):
            return tokens  # one of them may be a copy
        for start, stop in zip([0, *places], ends, strict=True):
            sides = cut_off(tokens[start:stop])
            if not places or len(sides) < 2 or not written_plainly(sides[-1][1]):
                return tokens
        if len(places) == 1 and not self.is_no_product(tokens, places[0]):
            return tokens
        found = [*tokens]
        for at in reversed(places):
            found.insert(at, Token("stop", "", found[at].start, found[at].start))
        return found

    def _is_related(self, behind: Tokens) -> bool:
        """True if a sign of equality stands behind a name, or behind the star of a new one."""
        marked = len(behind) > 1 and behind[0].text in ("*", "+")
        return bool(behind) and behind[marked].kind in RELATIONS

    def is_no_product(self, tokens: Tokens, at: int) -> bool:
        """True if a number ends one statement by the figures, and the name behind begins another.

        In w1* = 0.4 - 0.02 = 0.38 b1* = 0.1 their product is neither what stands before nor behind.
        """
        (_, first), *before = cut_off(tokens[:at])
        (_, name), *after = cut_off(tokens[at:])
        each = self.quantity_called(name)
        ways = self.figures.ways(each, f"{each}'")
        number = float(written_plainly(before[-1][1]))
        left, right = (
            [way for _, side in sides if (way := self._amount(trimmed(side), False)) is not None]
            for sides in (before[:-1], after)
        )
        left += self.ways(first, False)
        product = any(near(number * way, told) for way in ways for told in (*left, *right))
        told = any(near(number, each) for each in left)
        told |= any(near(way, each) for way in ways for each in right)
        told |= name[-1].text in ("*", "+") or (len(right) > 1 and near(right[0], right[-1]))
        return bool(ways) and told and not product

    def with_pairs(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a line of names and numbers, z1 0.8, with an equals sign in each pair.

        Other lines of the sheet must be such, or the figures bear it out. A word before all of them
        may say that they are derivatives: grad w1 0.8.
        """
        lead = [*takewhile(lambda t: t.kind == "text", tokens)]
        slopes = self.is_gradient_of([t.text.casefold() for t in lead])
        found: list[Token] = []
        name: list[Token] = []
        at = len(lead) if slopes else 0
        while at < len(tokens):
            token = tokens[at]
            number = number_at(tokens[at : at + 2]) if name and token.spaced else ()
            if number:
                tight = not (token.kind == "sign" and number[-1].spaced)
                if not (tight and "." in number[-1].text and self.is_pair(name, number, slopes)):
                    return tokens
                stop = [Token("stop", "", name[0].start, name[0].start)] if found else []
                found += [*stop, *equated(name, number)]
                at, name = at + len(number), []
            elif (token.kind, token.text) == ("stop", "") and (self.paired if name else found):
                at += 1
            elif token.kind in ("text", "stop", "comma", "colon", *RELATIONS) or (
                token.kind == "number" and not name
            ):
                return tokens
            else:
                name.append(token)
                at += 1
        return [*lead[:1], *found] if found and not name else tokens

    def is_gradient_of(self, words: Sequence[str]) -> bool:
        """True for words that only say of a weight behind them that its derivative is meant."""
        named = bool(words) and words[0] in GRADIENT - {"deltas"}  # which are by sums
        return named and {*words[1:]} <= OF_ALONE | BY_ALONE

    def is_pair(self, name: Tokens, number: Tokens, slope: bool = False) -> bool:
        """True if a number is surely said of the name before it, or of the `slope` by that."""
        meant = self.quantity_called(name)
        if slope:
            meant = f"d{self.names.loss}/d{meant}" if meant in self.names.weights else ""
        if not meant or self.paired:
            return bool(meant)
        return self.figures.fits(float(written_plainly(number)), meant, f"{meant}'")

    def with_roles(self, tokens: list[Token]) -> list[Token]:
        """The tokens of w5: gradient -0.2, new value 0.7 as a statement for each number.

        Of a unit it says what goes in and comes out: Hidden unit 1 has net 0.3 and out 0.57.
        """
        signs = (n for n, t in enumerate(tokens) if t.kind == "colon" or t.text in HAVING)
        place = next(signs, 0)
        name, found = tokens[:place], list[Token]()
        known = place and self._is_left(name)
        title = "" if known else " ".join(t.text for t in name)
        titled = bool(title) and described_unit(title, self.names) is not None
        rest = split(with_commas(tokens[place + 1 :]), ("comma", "semicolon"))
        pieces = [*filter(None, rest)] if known or titled else []
        for piece in pieces:
            words = [*takewhile(lambda t: t.kind in ("text", "word", "stop"), piece)]
            number = trimmed([*dropwhile(lambda t: t.kind in RELATIONS, piece[len(words) :])])
            said = [t.text for t in words if t.text and t.text not in OF_ALONE]
            role = saying(said)
            meant = described(f"{title} {' '.join(said)}", self.names) if titled else None
            figure = written_plainly(number)
            if known and figure and OLD & {*said} and self.is_old(name, figure):
                continue
            if not (meant or role in ("gradient", "new")) or not figure:
                return tokens
            named = tokens_of(meant) if meant else name
            found += told(named, number, "" if meant else role)
        return found or tokens

    def with_listed(self, tokens: list[Token]) -> list[Token]:
        """The tokens of new weights: w5 0.36, w6 0.41 with an equals sign in each pair."""
        title = [*takewhile(lambda t: t.kind == "text", tokens)]
        if [t.kind for t in tokens[len(title) : len(title) + 1]] != ["colon"]:
            return tokens
        pieces = [*map(trimmed, split(tokens[len(title) + 1 :], ("comma", "semicolon")))]
        role, found = saying([t.text for t in title]), list[Token]()
        for piece in pieces:
            number = number_at(piece[-2:]) or piece[-1:]
            name = piece[: -len(number)]
            apart = number and number[0].spaced and "." in number[-1].text
            sign = any(t.kind in STATING for t in piece)
            if sign or not (apart and written_plainly(number) and self._is_left(name)):
                return tokens
            found += told(name, number, role)
        return found if len(pieces) > 1 else tokens

    def with_calls(self, tokens: list[Token]) -> list[Token]:
        """The tokens of net(h1) and delta(o1) as net_h1 and delta_o1, of grad(w1) as grad w1."""
        found, at = list[Token](), 0
        while at < len(tokens):
            head, *call = tokens[at : at + 4]
            tight = [t.text for t in call[::2]] == ["(", ")"] and not call[0].spaced
            at += 1
            found.append(head)
            timed = not self.names.network.units and tight and call[1].text.isdecimal()  # h(2)
            if not tight or head.kind not in WORDS or not (timed or call[1].kind == "word"):
                continue
            word, inner = head.text, call[1].text
            short = (timed or len(word) < 3) and self.names.knows(Symbol(word))  # of a product
            known = short or word in FUNCTION_NAMES or word == "d"
            if not known and self.names.knows(Symbol(word, inner)):
                name = tokens_of(f"{word}_{inner}")
                found[-1:] = [t._replace(start=head.start, end=call[2].end) for t in name]
                found[-len(name)] = found[-len(name)]._replace(spaced=head.spaced)
                at += 3
            elif word.casefold() in GRADIENT and self._is_weight_name(call[1:2]):
                found.append(call[1]._replace(spaced=True))
                at += 3
        return found

    def with_changes(self, tokens: list[Token]) -> list[Token]:
        """The tokens with w: 0.5 -> 0.25 as its new value, and with *w = 0.25 as w* = 0.25.

        Behind an equals sign the number must be the old one.
        """
        found = [*tokens]
        arrows = [n for n, t in enumerate(tokens) if n and (t.text, t.kind) == ("->", "stop")]
        for at in reversed(arrows):
            back = takewhile(lambda t: t.kind in ("number", "sign"), reversed(tokens[:at]))
            number = [*back][::-1]
            first = at - len(number) - 1
            sign, name = tokens[first], self._stretch(tokens[: max(first, 0)])
            bold = [(t.kind, t.text) for t in tokens[at + 1 : at + 2]] == [("stop", "")]
            said = written_plainly(number) if number_at(tokens[at + 1 + bold :]) else ""
            if not said or sign.kind not in ("colon", "relation") or not self._is_left(name):
                continue
            if self._is_weight_name(name) and (sign.kind == "colon" or self.is_old(name, said)):
                found[first : at + 1 + bold] = [tokens[at]._replace(kind="assign", text=":=")]
        star = found[:1] and found[0].text == "*" and found[0].kind == "sign"
        name = [*takewhile(lambda t: t.kind not in RELATIONS, found[1:])] if star else []
        end = self.last.end if self.last else 0
        before = self.document.work[end : found[0].start] if star else ""
        apart = not self.last or re.search(r"[^\W\d_]{2}|\n\s*\n", before) or (
            [t.text for t in self.last.sides[0][1][-1:]] == ["*"]
        )  # fmt: skip
        if apart and len(name) < len(found) - 1 and self._is_weight_name(name):
            sign = found[0]._replace(start=name[-1].end, end=name[-1].end)
            return [*name, sign, *found[len(name) + 1 :]]
        return found

    def is_old(self, name: Tokens, said: str) -> bool:
        """True if a number is what a weight is before the step."""
        meant = self.quantity_called(name)
        old = self.figures.own(meant) if meant else None
        return near(old, float(said))

    def is_after(self, name: Tokens, said: str) -> bool:
        """True if a number is rather what a quantity is after the step: L is now 0.3."""
        meant = self.quantity_called(name)
        here, later = self.figures.stated(meant), self.figures.own(f"{meant}'")
        if here is None or later is None:
            return False
        return abs(float(said) - later) < abs(float(said) - here)

    def with_arrow(self, tokens: list[Token]) -> list[Token]:
        """The tokens with an arrow from a name to its value as a sign: z0 -> 0.5, w5 -> 0.4 - 0.1.

        A name other than a weight's must be alone with a number, since a -> b may be a mapping.
        """
        tokens, blanks = self.with_results(tokens), set[int]()
        found = [*tokens]
        places = [n for n, t in enumerate(tokens) if t.kind in ("stop", *RELATIONS)]
        blank = [n for n in places if (tokens[n].kind, tokens[n].text) == ("stop", "")]
        places = [n for n in places if n not in blank]  # beside what is bold
        for place, at in enumerate(places):
            if tokens[at].text != "->" or tokens[at].kind != "stop":
                continue
            before = self._stretch(tokens[:at])
            after = [t for t in tokens[at + 1 : at + 3] if (t.kind, t.text) != ("stop", "")][:1]
            if not after or after[0].kind not in ("number", "sign", "open", "word"):
                continue
            weight = self._is_left(before) and self._is_weight_name(before)
            alone = not place and all(tokens[n].kind != "stop" for n in places[1:])
            if weight or (alone and self._is_left(before) and after[0].kind in ("number", "sign")):
                plain = len(places) == 1
                kind, sign = ("relation", "=") if plain and not weight else ("assign", ":=")
                found[at] = tokens[at]._replace(kind=kind, text=sign)
                blanks |= {at - 1} & {*blank}
        return [token for n, token in enumerate(found) if n not in blanks]

    def with_results(self, tokens: list[Token]) -> list[Token]:
        """The tokens with an arrow from a formula, which a name has, to its number as a sign."""
        found, start = [*tokens], 0
        for at, token in enumerate(tokens):
            if token.kind not in ("stop", "semicolon", "row"):
                continue
            before, start = tokens[start:at], at + 1
            number = number_at(tokens[start:]) if token.text == "->" else ()
            after = tokens[start + len(number) :][:1]
            if not number or any(t.kind not in (*BREAKS, "comma") for t in after):
                continue
            sign = next((n for n, t in enumerate(before) if t.kind in STATING), len(before))
            name = [*takewhile(lambda t: t.kind != "open", before[:sign])]
            formula = before[sign + 1 :]
            stated = bool(formula) and not written_plainly(formula)
            if self._is_left(name) and (stated or (not formula and not self._is_weight_name(name))):
                found[at] = token._replace(kind="relation", text="=")
        return found

    def _name_at(self, tokens: Tokens, at: int) -> int:
        """Where the name that begins at a place ends; the place itself where it is a word."""
        word = tokens[at].text
        slope = tokens[at].kind == "differential" or (
            word[0] == "d" and [t.text for t in tokens[at + 1 : at + 2]] == ["/"]
        )
        if slope and any(t.kind in RELATIONS for t in tokens[at : at + LONGEST_SLOPE]):
            name = [*takewhile(lambda t: t.kind not in (*BREAKS, *RELATIONS), tokens[at:])]
            if tokens[at].kind == "differential" or self._is_left(name):
                return at + len(name) * self._is_left(name)
        after = tokens[at + 1] if at + 1 < len(tokens) else Token("word", "", 0, 0, True)
        worded = word.isalpha() and len(word) > 2
        if worded and after.kind == "word" and after.text.casefold() not in NEW:
            letter = COMMANDS.get(word, ("",))[0] == "word"
            return at + (letter or self.names.knows(Symbol(word)))
        said = word.casefold() in LEAD_INS | BY_ALONE and len(word) > 1 and after.spaced
        begun = after.kind in ("word", "differential", "accent", "fraction")
        if said and begun and word not in self.names.vocabulary.tiers[0]:
            return at  # so h1 = 0.5, where s_o might be a sum
        reader = Reader(tokens[at : at + 40], self.names, False)
        try:
            symbol = reader.symbol()
        except Unreadable:
            return at + 1
        end = at + max(reader.at, 1)
        if symbol is None:
            return at
        key = f"{symbol.head}{symbol.low}".casefold()
        if [t.text for t in tokens[end : end + 2]] == [".", "grad"]:
            end += 2
        opens = end < len(tokens) and tokens[end].text == "("
        called = opens and (key in FUNCTION_NAMES or slope_called(key))
        if self.names.knows(symbol) or called or word == "nabla":
            return end
        if word.startswith("d") and end < len(tokens) and tokens[end].text == "/":
            return end
        below = word[0] == "d" and at > 1 and tokens[at - 1].text == "/"
        above = any(each.text.startswith("d") for each in tokens[max(at - 5, 0) : at - 1])
        whole = word[1:] in self.names.vocabulary.whole or self.names.sampled(word[1:])
        if below and above and whole:  # dE/dw, dL[1]/dyhat
            return end
        stated = end < len(tokens) and tokens[end].kind in RELATIONS
        if stated and self.names.knows(Symbol(undamaged(word))):  # hZ = 0.5
            return end
        letter = len(word) == 1 or COMMANDS.get(word, ("",))[0] == "word"
        if letter or symbol.low or symbol.layer or any(map(str.isdigit, word)):
            return end
        return at


def spaced(text: str) -> str:
    """Words with blanks around their equals sign: t = 2."""
    return re.sub(r" ?= ?", " = ", text)


def told(name: Tokens, number: Tokens, role: str = "") -> list[Token]:
    """A statement of its own, of the new value or of the gradient where a word said so."""
    at = number[0].start
    before = [Token("text", role, at, at)] if role == "gradient" else []
    behind = [Token("prime", "'", at, at)] if role == "new" else []
    return [Token("stop", "", at, at), *before, *equated([*name, *behind], number)]


def in_brackets(values: Sequence[Tokens]) -> list[Token]:
    """Numbers as the elements of one vector."""
    first, last = values[0][0].start, values[-1][-1].end
    inner = [t for value in values for t in (*value, Token("comma", ",", last, last))]
    return [Token("open", "(", first, first), *inner[:-1], Token("close", ")", last, last)]


def listing(tokens: Tokens) -> list[Tokens]:
    """The parts of a list whose last ones have "and" between them; none if there is no such."""
    listed = with_commas(tokens)
    return [*filter(None, split(listed, ("comma",)))] if listed != [*tokens] else []


def _sentence(tokens: Tokens) -> int:
    """How many tokens stand before the dot that ends a sentence between others."""
    pairs = pairwise(tokens)
    ends = (n for n, (dot, two) in enumerate(pairs)
            if (dot.kind, dot.spaced, two.spaced) == ("dot", False, True))  # fmt: skip
    return next(ends, len(tokens))


def _adds_nothing(token: Token) -> bool:
    """True for a word between a verb and its number, and for a gap: is about 0.5."""
    return token.kind == "stop" or token.text.strip(".").casefold() in ALSO


def _is_said(token: Token) -> bool:
    """True for a word that says when, and for a number among such words: after 1 step."""
    worded = token.kind == "text" and token.text.casefold() not in VERBS
    return worded or token.text.casefold() in NEW or token.text.isdecimal()


def _is_worded(token: Token) -> bool:
    """True for a word, a number that counts something, and the hyphen of pre-activation."""
    hyphen = token.text == "-" and not token.spaced
    return token.kind in WORDS or token.text.isdecimal() or hyphen
