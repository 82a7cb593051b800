"""The quantities of one network by every spelling that people have, in the order of trust."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from backcalc.equations.matrix_form import elements_called
from backcalc.equations.network import Network, Unit
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import Equation, assemble, loss_name, needed, update
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Call, Name, Operation, names_in
from backcalc.formulas.quantity import Derivative, called, parsed
from backcalc.reading.signs import SCORES, SHARES, by_kind
from backcalc.reading.tokens import GREEK_NAMES

Quantities: TypeAlias = "str | tuple[Quantities, ...]"
"""One quantity, or a vector or matrix of them."""
SPELLINGS = by_kind("SPELLINGS")
"""The letters and words for each kind of quantity, the network's own names aside."""
KEYWORD_FOR = ("lam", "lamb", "lambd", "lmbda", "lambda_")
"""How files call a constant lambda, which is a word of formulas."""
_SQUARES, _ENTROPIES = ("l2", "half_l2", "mse"), ("bce", "cross_entropy")
SHORT_FOR = {"MSE": _SQUARES, "SE": _SQUARES[::2], "MAE": ("l1",)} | (
    dict.fromkeys(("BCE", "CE", "NLL"), _ENTROPIES)
)  # fmt: skip
"""Which losses the short words for a loss may mean."""
OPTIONS = {"eps": "epsilon", "mu": "beta gamma", "alpha": "rho gamma", "weight_decay": "lambda"}
"""The letters that sheets have for an optimizer's options, which are called as in PyTorch."""
NUMBERED_SUMS = regex(r"[zZ](\d*)")
NUMBERED_OUTPUTS = regex(r"[aAhHoO](\d+)")
AIMED = {"expected", "desired", "target", "wanted", "ideal", "goal", "t"}
"""Names of a target beside which the actual value is what the network puts out."""
IN_WORDS = {"z": ("net",), "h": ("out", "hidden"), "s": ("state", "cell"), "c": ("cell", "state")}
"""Words for the letters of a recurrent network's equations."""
PREDICTING = {"p", "y", "a", "f"}
"""Letters of predictions, to which people give a hat."""
SEEN_AS = {"v": "nu upsilon", "u": "mu upsilon"}
"""Letters for which a scanner takes those of a weight."""
RECURRENT = {"wx": "xh hx ih", "wh": "hh rec", "wy": "hy yh ho"}
"""What stands below a weight of a recurrent network: from where it goes, and to where."""


def layer_spellings(network: Network) -> dict[str, list[str]]:
    """The names a1, h1 and A1 of the activations of each layer, by the network's own name.

    The layer's number is that of the sums, z1, or else of the name itself.
    """
    form, found = network.matrix_form, dict[str, list[str]]()
    used = {*form.shapes, *(each.replace("_", "") for each in network.names.values())}
    for line in form.lines if len(network.samples) < 2 else ():
        match line.expression:
            case (Call() | Operation()) as call if (
                call.function.activation if isinstance(call, Call) else call.row.name == "softmax"
            ):
                within = [*names_in(call.arguments[0])]
                number = NUMBERED_SUMS.fullmatch(within[0]) if len(within) == 1 else None
                number = number or NUMBERED_OUTPUTS.fullmatch(line.name)
                if number:
                    free = [each for each in "ahAH" if used.isdisjoint((each, each + number[1]))]
                    free += [line.name] if line.name.isalpha() and number[1] else []  # h_1 for h
                    found[line.name] = [f"{each}{number[1]}" for each in free]
    every = [each for names in found.values() for each in names]
    return {own: [e for e in names if every.count(e) == 1] for own, names in found.items()}


LAYERED = regex(r"([A-Za-z]+)(\d)_(\d+)")
"""A word of the file's own for a unit, with the numbers of its layer and of the unit."""
WHOLE = -1  # no place in the order of trust: only where the shape fits


class Vocabulary:
    """The quantities of one network by every spelling, in the order of trust."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.program = assemble(network, by_inputs=True)
        self.loss = self.program.loss
        self.forward: dict[str, Equation] = {line.name: line for line in self.program.forward}
        self.derivatives = {equation.name for equation in self.program.backward}
        self.weights = [*network.weights]
        leaves, numbers = [*network.inputs, *network.targets], range(1, len(network.samples) + 1)
        several = len(network.samples) > 1
        if several:
            leaves = [f"{name}[{number}]" for number in numbers for name in leaves]
        inner = {each.name.replace("'", "") for each in update(network, self.loss)}
        numbers_given = [*network.constants, *network.descent.numbers, RATE]
        known = [*self.forward, *self.weights, *leaves, *numbers_given, *sorted(inner)]
        self.constant = {*leaves, *numbers_given}  # what no step changes
        self.units = {unit.pre_activation: unit for unit in network.units}
        self.named = {u.name: network.activations[u.name] for u in network.units}
        """What each unit puts out, by the unit's own name."""
        self.depends: dict[str, set[str]] = {}
        self.slopes: dict[tuple[str, str], Derivative] = {}
        self.firsts: set[str] = set()  # weights of the first layer
        self.tiers: list[dict[str, set[Quantities]]] = [{}, {}, {}, {}]
        self.whole: dict[str, set[Quantities]] = {}  # where numbers of this shape are said of it
        words = {in_one_word(_spelled(word)) for word in network.names.values()}
        for name in known:
            if name not in network.names or in_one_word(name) not in words:  # another's word
                self._add(0, in_one_word(name), name)
        for name in (each for each in network.inputs if re.fullmatch(r"i\d+", each)):
            if name.upper() not in known:  # and no sum, as it is elsewhere
                self._add(0, name.upper(), name)
        if network.names:  # its own words, and what is made of them
            for name in (*known, *sorted(self.derivatives)):
                word = called(parsed(name), network.names)
                if not isinstance(word, Derivative):
                    self._add(0, in_one_word(_spelled(word)), name)
        for tier, key, meant in self._spelled():
            self._add(tier, key, meant)
        self.repeated = {
            each.of_sample(None): f"{in_one_word(each.stem)}{each.element[0]}"
            for each in (parsed(name, several=several) for name in known if not network.matrices)
            if len(each.element) == 1
        }
        """How people write what each step has one of: h1 for h[1]."""
        for repeated, key in self.repeated.items():
            if key not in self.tiers[0]:
                self.tiers[1][key] = {repeated}
        for stem, named, vectors in self._by_own_words(known):
            for spelled in (*self.tiers[1:], self.whole):  # no vector of others is called so
                among = spelled.pop(stem, set())
                kept = {m for m in among if isinstance(m, str) or named >= names_of(m)}
                spelled |= {stem: kept} if kept else {}
            self.whole.setdefault(stem, set()).update(vectors)
        shapes = network.matrices.shapes if network.matrices else {}
        self.matrices = {in_one_word(each) for each, shape in shapes.items() if shape}
        for each, shape in shapes.items():  # the one element of a vector has its name too
            if shape and {*shape} == {1} and not isinstance(parsed(each), Derivative):
                self._add(0, in_one_word(each), elements_called(parsed(each), shapes)[0])
        self.sampled = {name for name in known if name.endswith("]") and leaves and several}
        self.above: dict[str, set[Quantities]] = {}  # by layer, where a number may count samples
        for spelled in self.tiers[1:] if several else ():
            for key in [key for key in spelled if "^" in key]:
                self.above.setdefault(key, spelled.pop(key))
        self.layered = False  # the file's own words count layers: z3 is called z2_1
        for name, own in network.names.items():
            if (parts := LAYERED.fullmatch(own)) and several:
                self.layered = True
                self.above[f"{parts[1]}{parts[3]}^{parts[2]}"] = {name}
        self.folded = [_folded(tier) for tier in self.tiers]
        digits = {n for name in self.forward for n in re.findall(r"\d+", name)}
        self.numbers = sorted(digits, key=int)
        """The numbers in the names of the forward pass."""
        calls = (each.expression for each in self.forward.values())
        within = [
            call.arguments[0].id for call in calls
            if isinstance(call, Call) and call.function.activation
            and isinstance(call.arguments[0], Name)
        ]  # fmt: skip
        names = [(self.repeated.get(parsed(name), name), name) for name in within]
        self.sums = {end[len(end.rstrip(string.digits)) :]: name for end, name in names}
        """The weighted sum of each number that is put into an activation function."""
        tuples = (m for tier in (*self.tiers, self.whole) for each in tier.values() for m in each)
        given = {*self.weights}
        self.blocks = {m for m in tuples if isinstance(m, tuple) and names_of(m) <= given}

    def _add(self, tier: int, key: str, meant: Quantities) -> None:
        (self.whole if tier == WHOLE else self.tiers[tier]).setdefault(key, set()).add(meant)

    def _spelled(self) -> Iterator[tuple[int, str, Quantities]]:
        """Every usual spelling with its place in the order of trust."""
        network, words = self.network, SPELLINGS
        for name in (*self.weights, *self.forward) if network.matrices else ():
            if element := re.fullmatch(r"([A-Za-z]+)(\d)_(\d+)", name):  # w_{12}^{(1)} for W1_12
                head, layer, low = element.groups()
                yield from ((2, f"{each}{low}^{layer}", name) for each in {head, head.lower()})
        for own, others in layer_spellings(network).items() if network.matrices else ():
            elements = [*enumerate(elements_called(parsed(own), network.matrix_form.shapes), 1)]
            for each in others if len(network.matrix_form.shapes[own]) == 1 else ():
                yield from ((2, f"{each[0]}{low}^{each[1:]}", name) for low, name in elements)
        for kind, names in (("input", network.inputs), ("target", network.targets)):
            for tier, low, name in _numbered(names):
                known = [e for e in words[kind] if e != "d" or low not in self.tiers[0]]  # dL/do1
                yield from ((tier, f"{head}{low}", name) for head in known)
        if network.inputs:
            yield 2, "a^0", network.inputs if len(network.inputs) > 1 else network.inputs[0]
        for head, meant in self._by_stems():
            leaves = names_of(meant) <= {*network.inputs, *network.targets}
            yield 3 if leaves else WHOLE, head, meant
            if leaves:
                yield 3, head.upper(), meant
        several = numbers if len(numbers := range(1, len(network.samples) + 1)) > 1 else ()
        outputs = self._compared() if network.outputs == (self.loss,) else network.outputs
        hats = {f"{target[0]}hat" for target in network.targets}  # of t as well
        again = bool(network.targets) and all(  # an autoencoder, which puts out its inputs
            [each[n] for n in network.targets] == [each[n] for n in network.inputs]
            for each in network.samples
        )
        hats |= {f"{name[0]}hat" for name in network.inputs if again}
        for tier, low, name in _numbered(outputs):
            if several and low in ("1", "0"):
                continue
            apart = name == self.loss  # compared with nothing that has a name
            called = {h for h in (*words["output"], *hats) if not (apart and "y" in h)}
            yield from ((tier, f"{head}{low}", name) for head in called)
            yield from ((2, f"{head}{low}", name) for head in ("y", "outy") if not apart)
            if AIMED.intersection(network.targets):
                yield 3, f"actual{low}", name  # beside what is expected
        if len(outputs) > 1:
            yield from ((3, head, (*outputs,)) for head in {*words["output"], *hats})
            if grouped := [u.pre_activation for u in network.units if u.group]:
                yield 3, "o", (*grouped,)  # the scores of softmax
        for number in several if len(network.outputs) == 1 else ():
            name = f"{network.outputs[0]}[{number}]"
            yield from ((2, f"{head}{number}", name) for head in words["output"])
        if several:
            yield from ((3, head, self.loss) for head in ("losses", "Losses"))
            if len(network.outputs) == 1:
                yield from ((3, head, network.outputs[0]) for head in SHARES)
        for name in (each for each in self.forward if each.endswith("]")):
            if name.split("[")[0] == loss_name(network):
                low = name.split("[")[1].rstrip("]")
                yield from ((2, f"{head}{low}", name) for head in words["loss"])
        total, row = self.loss, network.loss_name
        losses = [e for e in words["loss"] if row is None or row in SHORT_FOR.get(e, (row,))]
        yield from ((1, head, total) for head in losses)
        lows = () if several else ("n", "i", "p")  # of the sample n
        letters = (f"{head}{low}" for head in "LEJ" for low in lows)
        yield from ((3, each, total) for each in letters if each != "Ln")  # which is a logarithm
        written = self.forward.get(total)
        inner = {*names_in(written.expression)} if written and not network.units else set()
        free = inner.isdisjoint(network.weights) and not inner <= {*self.forward}
        if network.loss_name or free:  # with no penalty
            named = [(head, low) for head in "LEJC" for low in losses if low.isupper()]
            yield from ((3, f"{head}{low}", total) for head, low in named if len(low) > 1)
        settings = network.descent.numbers
        options = {head: own for own in settings for head in OPTIONS.get(own, "").split()}
        yield from ((1, head, own) for head, own in options.items())
        yield from ((1, head, RATE) for head in words["rate"] if head not in options)
        yield from ((1, "lambda", name) for name in network.constants if name in KEYWORD_FOR)
        for name in self.weights:
            if name[0] in "wb":
                heads = words["weight" if name[0] == "w" else "bias"]
                yield from ((1, f"{head}{in_one_word(name[1:])}", name) for head in heads)
            if name[0] == "w" and len(network.biases) == 1:
                yield 3, f"beta{in_one_word(name[1:])}", name
            for letter in SEEN_AS.get(name[0], "").split():
                yield 3, f"{letter}{in_one_word(name[1:])}", name
            for low in RECURRENT.get(name, "").split():
                yield from ((2, f"{head}{low}", name) for head in words["weight"])
            for own in network.descent.state_names(name):  # v_41 for v_w41
                if name[0] in "wb" and own[0] in "mv" and name[1:].strip("_").isdigit():
                    yield 2, f"{own[0]}{in_one_word(name[1:])}", own
            if name in network.biases:
                yield 1, f"b{in_one_word(name).lstrip('b')}", name
        for kind, among in (("w", set(network.biases) ^ {*self.weights}), ("b", network.biases)):
            alone = [name for name in self.weights if name in among]
            if len(alone) == 1:
                yield 2, kind, alone[0]
        yield from self._of_updates(bool(several))
        if all(unit.lines for unit in network.units):
            yield from self._of_equations(outputs)
        yield from self._of_units(words)
        lone = not (network.units or network.matrices or several)
        given = (*network.inputs, *network.targets, *network.constants)
        for name in (*self.weights, *self.forward, *given) if lone else ():  # z^(1) for z1
            if match := re.fullmatch(r"([A-Za-z]+)(\d)", name):
                self.counts.add(int(match[2]))
                yield 2, f"{match[1]}^{match[2]}", name
                if match[1] in PREDICTING:
                    yield 3, f"{match[1]}hat^{match[2]}", name

    def _of_updates(self, several: bool) -> Iterator[tuple[int, str, Quantities]]:
        """What is worked out for each weight by its letter alone, m and g; vectors of several."""
        learnt = [name for name in self.weights if name not in self.network.frozen]
        words = self.network.descent.words
        found = [(word, tuple(f"{word}_{name}" for name in learnt)) for word in words]
        if "g" not in words and not several:
            found.append(("g", tuple(Derivative(self.loss, name) for name in learnt)))
        for word, each in found:
            if each:
                yield 3, word, each if len(each) > 1 else each[0]

    def _of_equations(self, outputs: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """The names of units that courses have, where a network is written as equations."""
        for name in self.forward:
            lows = [name[1:]] + [f"h{name[1:]}"] * name[1:].isdecimal()
            if name[0] in PREDICTING:
                yield 3, f"{name[0]}hat{name[1:]}", name
            for head in (name[0], *IN_WORDS.get(name[0], ())):
                yield from ((1, f"{head}{low}", name) for low in lows)
        for number, name in enumerate(outputs, 1):
            inner = {*names_in(self.forward[name].expression)} if name in self.forward else set()
            total = inner.pop() if len(inner) == 1 else name  # z3 of yhat = sigmoid(z3)
            yield from ((2, f"{head}o{number}", total) for head in ("z", "net"))
            yield from ((2, f"{head}o{number}", name) for head in ("out", "a", "h"))

    def _compared(self) -> tuple[str, ...]:
        """What the equations of a network compare with its targets, or its outputs.

        Without targets these are constants of their letters in the line of the loss.
        """
        inner = {line: [*names_in(each.expression)] for line, each in self.forward.items()}
        losses = [line for line, names in inner.items() if {*self.network.targets} & {*names}]
        letters = {*SPELLINGS["target"]}
        if not self.network.targets and any(
            re.sub(r"_?\d+$", "", name) in letters
            for name in {*inner.get(self.loss, ())} & {*self.network.constants}
        ):
            losses = [self.loss]
        beside = [n for line in losses for n in inner[line] if n in inner and n not in losses]
        return (*dict.fromkeys(beside),) or self.network.outputs

    def _by_own_words(
        self, known: Iterable[str]
    ) -> Iterator[tuple[str, set[str], set[Quantities]]]:
        """What the file's own words number, a_1 and a_2, by one letter, and its vectors."""
        groups: dict[str, dict[int, str]] = {}
        for name in known:
            word = in_one_word(_spelled(self.network.names.get(name, "")))
            if match := re.fullmatch(r"([A-Za-z]+)([1-9])", word):
                groups.setdefault(match[1], {})[int(match[2])] = name
        acts = self.network.activations
        for stem, group in groups.items():
            if len(group) < 2 or stem in self.tiers[0]:
                continue
            own, vectors = {*group.values()}, set[Quantities]()
            for units in layers_of(self.network):
                sums = tuple(unit.pre_activation for unit in units)
                each = tuple(acts[unit.name] for unit in units)
                vectors |= {found for found in (sums, each) if len(found) > 1 and own >= {*found}}
            if not vectors and len(group) == max(group):
                vectors = {tuple(group[number] for number in sorted(group))}
            yield stem, own, vectors

    def _by_stems(self) -> Iterator[tuple[str, Quantities]]:
        """The vectors and matrices of what the network calls by one letter: v1, v2; w11, w12."""
        network, groups = self.network, dict[str, dict[str, str]]()
        names = (*network.inputs, *network.targets, *self.weights, *self.forward)
        for name in names if not network.matrices else ():
            if match := re.fullmatch(r"([A-Za-z]+)_?(\d\d?)", network.names.get(name, name)):
                groups.setdefault(match[1], {})[match[2]] = name
        for stem, group in groups.items():
            rows = sorted({low[0] for low in group})
            columns = sorted({low[1:] for low in group})
            if len(group) == len(rows) * len(columns) > 1 and len(rows) > 1:
                whole = tuple(tuple(group[r + c] for c in columns) for r in rows)
                yield stem, tuple(row[0] for row in whole) if columns == [""] else whole
                if columns != [""]:
                    yield stem.upper(), whole

    def _of_units(
        self, words: Mapping[str, tuple[str, ...]]
    ) -> Iterator[tuple[int, str, Quantities]]:
        """The spellings of what belongs to a unit or to a layer."""
        layers, acts = layers_of(self.network), self.network.activations
        self.layers = len(layers)
        self.counts: set[int] = set()
        self.outputs = layers[-1] if layers else ()
        self.hidden = layers[0] if len(layers) == 2 else ()
        self.single = all(len(units) == 1 for units in layers)
        counted = ("o", "O", "out") if len(self.network.outputs) > 1 else ("o", "O")
        for number, units in enumerate(layers, 1):
            hidden = len(layers) == 2 and number == 1
            output = number == len(layers)
            for index, unit in enumerate(units, 1):
                self.firsts |= {edge.weight for edge in unit.edges if number == 1}
                lows = [(1, in_one_word(unit.name))]
                lows += [(1, f"h{index}")] if hidden else []
                if hidden and len(units) == 1:
                    lows.append((2, "h"))
                    yield 3, "h", acts[unit.name]
                    if all(each.activation.name == "identity" for each in layers[-1]):
                        yield 3, "z", unit.pre_activation
                lows += [(1, f"o{index}")] if output else []
                noughts = any(each.name == "0" for each in self.network.units)
                if output and len(units) == 1 and not noughts:
                    lows += [(1, "o"), (3, "out"), (3, "output")]
                above = unit.name if self.single and unit.name.isdecimal() else str(number)
                self.counts.add(int(above))
                lows += [(2, f"{index}^{above}")]
                lows += [(3, "")] if len(self.network.units) == 1 else []
                lone_layer = len(layers) == 1 < len(units) and not unit.name.isdecimal()
                lows += [(2, str(index))] if lone_layer else []
                lows += [(2, f"^{above}")] if len(units) == 1 else []
                if not unit.name.isdecimal():  # else the number below is the unit's
                    lows += [(3, str(number))] if len(units) == 1 else [(3, f"{number}{index}")]
                for tier, low in lows:
                    if low[:1] in ("h", "o"):
                        for tail in ("in", "net", "input"):
                            yield tier, f"{low}{tail}", unit.pre_activation
                        yield from ((tier, f"{low}{t}", acts[unit.name]) for t in ("out", "output"))
                    for head in (*words["pre-activation"], *("n" if "^" in low else "")):
                        yield tier, f"{head}{low}", unit.pre_activation
                    if low == f"h{index}" and len(units) > 1 and not unit.name.isdecimal():
                        yield 3, low, acts[unit.name]  # or the layer's vector
                    for head in (*words["activation"], *self.outward(low, output)):
                        if head != "h" or low[:1] not in ("h", "o"):
                            later = 2 if head in counted else tier  # or an output's number
                            yield max(tier, later), f"{head}{low}", acts[unit.name]
                    own = self.numbered_itself(unit.bias) if low == f"^{above}" else ""
                    if own:
                        yield 2, f"b^{own}", unit.bias or ""
                    elif unit.bias and low != "o":
                        yield max(tier, 2), f"b{low}", unit.bias
                        if low == unit.name and low.isdecimal():
                            yield 3, f"theta{low}", unit.bias
                yield from self._of_edges(unit, index, above, len(units))
            yield from self._vectors(units, number, words, acts)

    def outward(self, low: str, output: bool) -> tuple[str, ...]:
        """The letters y and yhat for what a unit puts out, by a number of no output or target."""
        several = max(len(self.network.outputs), len(self.network.targets))
        letters = ("y", *(SPELLINGS["output"] if output else ()))
        return letters if low.isdecimal() and int(low) > several else ()

    def _of_edges(
        self, unit: Unit, index: int, number: str, count: int
    ) -> Iterator[tuple[int, str, Quantities]]:
        """The weights of one unit, as weights of its layer."""
        edges = unit.edges
        for place, edge in enumerate(edges, 1):
            digits = re.sub(r"\D", "", edge.weight)
            both = [f"{index}{place}", f"{place}{index}"]
            lows = [digits] if digits in both else both
            if place > count or index > len(edges):  # the other order can be of no weight but this
                lows = [*both]
            lows += [str(place)] if count == 1 else []
            lows += [str(index)] if len(edges) == 1 else []
            lows += [""] if count == len(edges) == 1 else []
            own = self.numbered_itself(edge.weight) if "" in lows else ""
            yield from (
                (2, f"{head}{low}^{number if low else own or number}", edge.weight)
                for low in lows for head in "wW"
            )  # fmt: skip
            if self.layers == 1 < count and len(edges) > 1:
                tiers = (2, 2 if len(edges) == count else 3)  # else an index beyond the units tells
                for tier, low in zip(tiers, both, strict=True):
                    yield from ((tier, f"{head}{low}", edge.weight) for head in "wW")

    def numbered_itself(self, weight: str | None) -> str:
        """The number in a weight's own name where units follow one by one: w^(1) is w1."""
        every = [*re.finditer(r"(?m)^([wb])(\d)$", "\n".join(self.weights))]
        own = [m[2] for m in every if m[0] == weight]
        return own[0] if self.single and len(every) == len(self.weights) and own else ""

    def _vectors(
        self, units: tuple[Unit, ...], number: int, words: Mapping[str, tuple[str, ...]],
        acts: Mapping[str, str],
    ) -> Iterator[tuple[int, str, Quantities]]:  # fmt: skip
        """What a layer has one of for each unit."""
        if self.single and (self.layers > 1 or len(units[0].edges) < 2):
            return
        sums = tuple(unit.pre_activation for unit in units)
        outputs = tuple(acts[unit.name] for unit in units)
        biases = tuple(unit.bias for unit in units if unit.bias)
        rows = tuple(tuple(edge.weight for edge in unit.edges) for unit in units)
        matrix: Quantities = rows if len(rows) > 1 else rows[0]
        matrix = tuple(row[0] for row in rows) if {*map(len, rows)} == {1} else matrix
        even = len({len(row) for row in rows}) == 1 and len(rows) * len(rows[0]) > 1
        several = len(units) > 1
        plain = "" if units[0].name.isdecimal() and not several else str(number)
        alone = [("", 3)] if self.layers == 1 else []
        if alone and not several:
            yield 3, "w", rows[0]
        lows = [each for each in ((plain, 3), (units[0].layer or "", 3)) if each[0]]
        if not several and len(rows[0]) > 1 and self.layers > 1:
            yield WHOLE, f"W{number}", rows[0]
        if several and units[0].layer:
            yield WHOLE, units[0].layer, outputs
        if several and number == self.layers:
            yield from ((3, word, sums) for word in SCORES)
            yield from ((3, word, outputs) for word in SHARES)
        bare = [("", WHOLE)] if several and not alone else []
        lows += [("ho"[number - 1], 3)] if self.layers == 2 else []
        for low, tier in ((f"^{number}", 2), *lows, *alone, *bare):
            if bare and low == "":
                yield from ((tier, head, sums) for head in ("z", "net"))
                yield from ((tier, head, outputs) for head in "ah"[: 1 + (number < self.layers)])
            elif several:
                heads = (*words["pre-activation"], *("n" if "^" in low else ""))
                yield from ((tier, f"{head}{low}", sums) for head in heads)
                heads = (*(each for each in words["activation"] if not {each, low} <= {"h", "o"}),)
                yield from ((tier, f"{head}{low}", outputs) for head in heads)
            if len(biases) == len(units):
                meant = biases if len(set(biases)) > 1 else biases[0]
                yield tier, f"b{low}", meant
                if "w0" not in self.weights:  # as MIT's 6.036 calls it, and regression
                    heads = ("w", "W") if several else ("w", "W", "theta", "beta")
                    yield from ((3, f"{head}0{low}", meant) for head in heads)
            if even:
                yield from ((tier, f"{head}{low}", matrix) for head in "Ww"[: 1 + ("^" in low)])

    def before(self, of: str) -> set[str]:
        """Every quantity that another depends on, itself included."""
        if of not in self.depends:
            forward = self.forward
            self.depends[of] = needed(self.program.forward, of) if of in forward else set()
            for name in [*self.depends[of]]:
                if name in forward:
                    self.depends[of].update(names_in(forward[name].expression))
        return self.depends[of]


@lru_cache(maxsize=8)
def vocabulary(network: Network) -> Vocabulary:
    """The spellings of a network's quantities, made once."""
    return Vocabulary(network)


@lru_cache(maxsize=2048)
def in_one_word(name: str) -> str:
    """A quantity's name without the signs that only set it: w_h1_x1 is wh1x1, z0[2] is z0^2.

    >>> in_one_word("a_2^(1)")
    'a2^1'
    """
    stem, _, index = re.sub(r"_|(?<=\^)\(|\)", "", name).partition("[")
    return f"{stem}^{index.rstrip(']').replace('][', ',')}" if index else stem


def _spelled(word: str) -> str:
    """A word with Greek letters by name, as it is read on a sheet."""
    return "".join(GREEK_NAMES.get(letter, letter) for letter in word)


def lengths(value: object) -> tuple[int, ...]:
    """The lengths of a vector or a matrix; none for anything else."""
    return (len(value), *lengths(value[0])) if isinstance(value, tuple) and value else ()


def leaves(value: object) -> Iterator[Any]:
    """What a vector or a matrix is made of, row by row."""
    if isinstance(value, tuple):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def names_of(quantities: Quantities) -> set[str]:
    """The names in a vector or a matrix."""
    return {*leaves(quantities)}


def _folded(tier: Mapping[str, set[Quantities]]) -> dict[str, set[Quantities]]:
    found: dict[str, set[Quantities]] = {}
    for key, meant in tier.items():
        found.setdefault(key.casefold(), set()).update(meant)
    return found


def _numbered(names: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    """Names with the numbers that people give them, counted from 1; of sequences those of one."""
    several = len({parsed(name).stem for name in names}) > 1
    if several and any(name.endswith("]") for name in names):
        return
    for number, name in enumerate(names, 1):
        yield 2, str(number), name
        if len(names) == 1:
            yield 2, "", name
            yield 2, "0", name
            yield 2, "o1", name
        else:
            yield 3, f"o{number}", name


def layers_of(network: Network) -> list[tuple[Unit, ...]]:
    """The units in layers: as the file has them, or by the longest way from the inputs."""
    acts = {name: unit for unit, name in network.activations.items()}
    depth: dict[str, int] = {}
    level: Callable[[str], int] = lambda source: depth.get(acts.get(source, ""), 0)  # noqa: E731
    for _ in network.units:
        for unit in network.units:
            depth[unit.name] = 1 + max((level(e.source) for e in unit.edges), default=0)
    layers: dict[int, list[Unit]] = {}
    for unit in network.units:
        layers.setdefault(depth[unit.name], []).append(unit)
    return [tuple(layers[number]) for number in sorted(layers)]
