"""Networks drawn at random over every construct of a network file."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from drawn import Drawn, Formula, Line, Named, Num, Op, Ref, Unit, names_in, written
from frozen import FUNCTIONS, INITIALISATIONS, LOSSES, OPTIMIZERS
from random_formulas import (
    ACTIVATIONS,
    EXACT,
    POSITIVE_ONLY,
    RISKY,
    constant,
    formula,
    number,
    positive,
    setting,
)

from backcalc.equations import losses, optimizers
from backcalc.equations.optimizers import known_options
from backcalc.formulas import functions
from backcalc.formulas.functions import CONVENTIONS

KINDS = {"nodes": 6, "layers": 4, "equations": 5, "mixed": 3, "repeat": 3}
BETWEEN_0_AND_1 = {"bce", "cross_entropy"}  # losses of outputs that are probabilities
SEVERAL = [row.name for row in FUNCTIONS.values() if row.outputs]
WORDS = ["a", "b_1", "ŵ", "é", "y_", "no", "on", "Θ", "hidden", "u"]


def random_network(seed: int, functions: Sequence[str] = ACTIVATIONS) -> str:
    """The file of a network; of exact functions only if those are asked for."""
    return drawn(seed, exact=functions is EXACT or None).text


def drawn(seed: int, exact: bool | None = None, always: str = "") -> Drawn:
    """A network; in fractions throughout if `exact`, which is drawn too unless it is given.

    Of every row that `always` names, an activation, a loss or an optimizer, it has one.
    """
    return _Drawer(seed, exact, always).whole()


def mapping(entries: dict[str, str]) -> str:
    """Names with what they stand for; in a block where a name has an index."""
    if any("[" in name for name in entries):
        return "".join(f"\n  {name}: {value}" for name, value in entries.items())
    return f" {{{', '.join(f'{name}: {value}' for name, value in entries.items())}}}"


class _Drawer:
    """One network as it grows."""

    def __init__(self, seed: int, exact: bool | None, always: str = "") -> None:
        self.seed = seed
        self.always = always
        self.draw = random.Random(seed)
        self.kind = self.draw.choices(list(KINDS), list(KINDS.values()))[0]
        self.exact = self.draw.random() < 0.25 if exact is None else exact
        self.open = not self.exact and self.draw.random() < 0.15  # weights given as random
        self.several = self.draw.choice([1, 1, 1, 2, 3])
        self.steps = self.draw.randint(1, 3) if self.kind == "repeat" else 0
        self.sections: dict[str, str] = {}
        self.weights: dict[str, str] = {}
        self.listed: dict[str, str] = {}  # under weights:
        self.biases: dict[str, None] = {}
        self.constants: dict[str, str | list[str]] = {}
        self.units: list[Unit] = []
        self.edges: list[list[tuple[str, str, str]]] = []  # of each unit: source, quantity, weight
        self.nodes: dict[str, str] = {}
        self.skips: list[str] = []
        self.layers: list[str] = []
        self.lines: list[Line] = []
        self.ends: dict[str, str] = {}  # output units and equations with the names of their values
        self.inputs = [f"x{place}" for place in range(1, self.draw.randint(1, 2) + 1)]
        self.sequences = [*self.inputs[: self.draw.randint(1, 2)]] if self.steps else []
        self.scope = [Ref(name) for name in self.inputs if name not in self.sequences]
        self.sources = {name: name for name in self.inputs}  # what may come into a unit
        self.shared = 0.25

    # Numbers.

    def weight(self, stem: str = "w", bias: bool = False) -> str:
        """The name of a weight, now and then of one that is there."""
        old = [*self.listed]
        if old and self.draw.random() < self.shared:
            return self.draw.choice(old)
        name = f"{stem}{len(self.weights)}"
        if self.draw.random() < 0.05:
            name = f"{self.draw.choice(WORDS)}{len(self.weights)}"
        self.listed[name] = self.weights[name] = self.cell()
        if bias and self.draw.random() < 0.3:
            self.biases[name] = None
        return name

    def cell(self) -> str:
        """A weight's number."""
        return "random" if self.open and self.draw.random() < 0.5 else number(self.draw)

    def known(self) -> Ref:
        """A weight or a constant, for a formula."""
        if self.draw.random() < 0.8:
            return Ref(self.weight())
        name = f"c{len(self.constants)}"
        self.constants[name] = number(self.draw)
        return Ref(name)

    def names(self, few: int = 2) -> list[Ref]:
        """What a formula may hold."""
        return [*self.scope, *(self.known() for _ in range(self.draw.randint(1, few)))]

    # Units.

    def activation(self, last: bool) -> tuple[str, tuple[str, ...]]:
        """A function and its settings; for an output one whose values the loss can take."""
        if last and self.probable:
            several = self.loss.name == "cross_entropy" and self.count > 1
            return ("softmax", ()) if several else ("sigmoid", ())
        names = EXACT if self.exact else ACTIVATIONS
        name = self.draw.choice([each for each in names if each not in POSITIVE_ONLY])
        if not self.exact and self.draw.random() < RISKY:
            name = self.draw.choice([*POSITIVE_ONLY, *(SEVERAL if self.kind == "layers" else [])])
        name = self.always if self.always in functions.FUNCTIONS else name
        most = len(functions.FUNCTIONS[name].defaults)
        return name, tuple(setting(self.draw) for _ in range(self.draw.randint(0, most)))

    def unit(self, name: str, last: bool) -> None:
        """A unit of nodes:, some of its edges under skip:."""
        function, settings = self.activation(last)
        latest = [*self.sources][-1:]
        others = [source for source in self.sources if source not in latest]
        chosen = latest + self.draw.sample(others, self.draw.randint(0, min(2, len(others))))
        edges = [(source, self.sources[source], self.weight()) for source in chosen]
        late = [edge for edge in edges[1:] if self.draw.random() < 0.2]
        self.skips += [f"{{from: {e[0]}, to: {name}, weight: {e[2]}}}" for e in late]
        own = [edge for edge in edges if edge not in late]
        bias = self.weight("b", bias=True) if self.draw.random() < 0.5 else None
        if bias and self.draw.random() < 0.05:
            own = []  # nothing but the bias and what is under skip:
        parts = [f"from: {{{', '.join(f'{source}: {weight}' for source, _, weight in own)}}}"]
        parts = parts if own else []
        parts += [f"bias: {bias}"] if bias else []
        if function != "identity" or self.draw.random() < 0.5:
            parts.append(f"activation: {self.called(function, settings)}")
        self.draw.shuffle(parts)
        self.nodes[name] = f"{{{', '.join(parts)}}}"
        self.add_unit(name, own + late, bias, function, settings)

    def add_unit(
        self, name: str, edges: list[tuple[str, str, str]], bias: str | None, function: str,
        settings: tuple[str, ...], group: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """A unit with its names; others may read it from here on."""
        mark = name if name.isdecimal() else f"_{name}"
        pairs = tuple((quantity, weight) for _, quantity, weight in edges)
        unit = Unit(f"z{mark}", f"h{mark}", pairs, bias, function, settings, group)
        self.units.append(unit)
        self.edges.append(edges)
        self.sources[name] = unit.post

    @staticmethod
    def called(function: str, settings: tuple[str, ...]) -> str:
        """An activation as it is written."""
        return f'"{function}({", ".join(settings)})"' if settings else function

    def layer(self, name: str, before: list[str], size: int, last: bool) -> list[str]:
        """A dense layer; the names of its units."""
        function, settings = self.activation(last)
        names = [f"{name}{place}" for place in range(1, size + 1)]
        parts = [f"name: {name}", f"units: {size}"]
        if self.draw.random() < 0.25 and len(self.sources) > len(before):
            before = self.draw.sample([*self.sources], self.draw.randint(1, 2))
            parts.append(f"from: [{', '.join(before)}]")
        cells = [[self.layer_cell(f"w_{unit}_{source}") for source in before] for unit in names]
        rows = [f"[{', '.join(text for text, _ in row)}]" for row in cells]
        parts.append(f"weights: [{', '.join(rows)}]")
        biases: list[str | None] = [None] * size
        form = self.draw.random()
        if form < 0.5:
            pairs = [self.layer_cell(f"b_{unit}") for unit in names]
            parts.append(f"bias: [{', '.join(text for text, _ in pairs)}]")
            biases = [own for _, own in pairs]
        elif form < 0.7:
            biases = [self.weight("b", bias=True)] * size
            parts.append(f"bias: {biases[0]}")
        parts.append(f"activation: {self.called(function, settings)}")
        self.draw.shuffle(parts)
        self.layers.append(f"{{{', '.join(parts)}}}")
        group = tuple(f"z_{unit}" for unit in names) if function in SEVERAL else ()
        reads = dict(self.sources)
        for unit, row, bias in zip(names, cells, biases, strict=True):
            edges = [(s, reads[s], own) for s, (_, own) in zip(before, row, strict=True)]
            self.add_unit(unit, edges, bias, function, settings, group)
        return names

    def layer_cell(self, own: str) -> tuple[str, str]:
        """What stands in a matrix, and the weight that it is."""
        if self.draw.random() < 0.2:
            name = self.weight()
            return name, name
        self.weights[own] = self.cell()
        return self.weights[own], own

    # Equations.

    def line(self, names: tuple[Ref, ...], right: Formula) -> None:
        """An equation, whose values others may use from here on."""
        self.lines.append(Line(names, right))

    def equation(self, name: str, last: bool = False) -> None:
        """An equation; for an output one whose values the loss can take."""
        right = formula(self.draw, self.names(), exact=self.exact)
        if last and self.probable:
            right = Op("sigmoid", (right,))
        self.line((Ref(name),), right)
        self.scope.append(Ref(name))
        self.sources[name] = name

    def several_values(self, names: Sequence[str], function: str = "") -> None:
        """An equation with several left sides."""
        function = function or self.draw.choice(SEVERAL)
        scope = self.names(3)
        parts = tuple(formula(self.draw, scope, 1) for _ in names)
        self.line(tuple(map(Ref, names)), Op(function, parts))
        self.scope += map(Ref, names)

    # Kinds of networks.

    def nodes_kind(self) -> None:
        """Units one by one, with equations between them if mixed."""
        hidden = self.draw.randint(0, 3)
        words = self.draw.random() < 0.2
        mixed = self.kind == "mixed"
        for place in range(hidden + self.count):
            last = place >= hidden
            if mixed and not last and self.draw.random() < 0.6:
                self.scope += [
                    Ref(name) for unit in self.units for name in (unit.pre, unit.post)
                    if Ref(name) not in self.scope
                ]  # fmt: skip
                self.equation(f"e{place}")
            else:
                name = f"{'kmn'[place % 3]}{place}" if words else str(place)
                self.unit(name, last)
                if last:
                    del self.sources[name]
                if last or (not mixed and self.draw.random() < 0.1 and not self.probable):
                    self.ends[name] = ""
        self.mixed_up()

    def layers_kind(self) -> None:
        """Dense layers, the first on the inputs."""
        before = [*self.inputs]
        sizes = [self.draw.randint(1, 3) for _ in range(self.draw.randint(0, 2))] + [self.count]
        for place, size in enumerate(sizes):
            last = place == len(sizes) - 1
            before = self.layer("ghqp"[place], before, size, last)
        self.ends = dict.fromkeys(before, "")

    def equations_kind(self) -> None:
        """Equations alone."""
        for place in range(self.draw.randint(0, 3)):
            if not self.exact and self.draw.random() < 0.15:
                count = self.draw.randint(1, 3)
                self.several_values([f"s{place}_{each}" for each in range(count)])
            else:
                self.equation(f"e{place}")
        names = [f"p{place}" for place in range(1, self.count + 1)]
        if self.loss.name == "cross_entropy" and self.count > 1:
            self.several_values(names, "softmax")
        else:
            for name in names:
                self.equation(name, last=True)
                self.scope.pop()
        self.ends = {name: name for name in names}
        self.mixed_up()

    def mixed_up(self) -> None:
        """Name the outputs in another order now and then."""
        if self.draw.random() < 0.3:
            ends = [*self.ends]
            self.draw.shuffle(ends)
            self.ends = {end: self.ends[end] for end in ends}

    @property
    def probable(self) -> bool:
        """Whether the outputs have to be probabilities."""
        return self.loss.name in BETWEEN_0_AND_1

    def repeat_kind(self) -> None:
        """A cell over a sequence."""
        start = self.draw.choice(["weight", "constant"])
        if start == "weight":
            self.listed["h[0]"] = self.weights["h[0]"] = number(self.draw)
        else:
            self.constants["h[0]"] = number(self.draw)
        if self.draw.random() < 0.3:
            self.constants["k"] = [number(self.draw) for _ in range(self.steps)]
        inner = [Ref("x1", "t"), Ref("h", "t-1"), *self.scope]
        inner += [Ref(name, "t") for name in self.sequences[1:]]
        inner += [Ref("k", "t")] if "k" in self.constants else []
        u, v, b = (Ref(self.weight()) for _ in "uvb")
        total = Op("+", (Op("*", (u, inner[0])), Op("*", (v, inner[1]))))
        right = Op("+", (total, b)) if self.draw.random() < 0.5 else total
        if self.draw.random() < 0.3:
            right = Op("+", (right, formula(self.draw, [*inner, u, v, b], 1, self.exact)))
        self.line((Ref("z", "t"),), right)
        name, settings = self.activation(False)
        name, settings = ("tanh", ()) if name in SEVERAL else (name, settings)
        name, settings = ("relu", ()) if name == "tanh" and self.exact else (name, settings)
        given = tuple(constant(each) for each in settings)
        self.line((Ref("h", "t"),), Op(name, (Ref("z", "t"), *given)))
        last = [Ref("h", "T"), Ref("h", "1"), Ref("z", str(self.steps)), Ref("x1", "1")]
        self.scope += [each for each in last if self.draw.random() < 0.7] or last[:1]
        self.draw.shuffle(self.lines)
        if self.each:
            self.equation_at_each()
        elif not self.probable and self.draw.random() < 0.3:
            self.ends = {"h[T]": f"h[{self.steps}]"}
        else:
            self.equation("p1", last=True)
            self.ends = {"p1": "p1"}

    def equation_at_each(self) -> None:
        """An output at each step."""
        scope = [Ref("h", "t"), Ref("z", "t"), Ref("x1", "t"), Ref(self.weight())]
        right = formula(self.draw, scope, 2, self.exact)
        if self.probable:
            right = Op("sigmoid", (right,))
        self.line((Ref("p", "t"),), right)
        self.ends = {"p": "p"}

    # The loss.

    def target(self) -> str:
        """A target that the loss can take."""
        if self.probable:
            return self.draw.choice(["0", "1", "1"])
        if self.loss.name == "hinge":
            return self.draw.choice(["-1", "1", number(self.draw)])
        return number(self.draw)

    def choose_loss(self) -> None:
        """Which loss it will be, and of how many outputs."""
        names = [name for name in LOSSES if not self.exact or name not in BETWEEN_0_AND_1]
        name = self.draw.choice(names)
        name = self.always if self.always in losses.LOSSES else name
        most = len(losses.LOSSES[name].parameters)
        given = self.draw.randint(0, most)
        settings = tuple(self.draw.choice(["1", "0.5", "2", "1/3"]) for _ in range(given))
        self.loss = Named(name, settings)
        self.form = self.draw.choices(["named", "expression", "equation"], [6, 3, 1])[0]
        self.each = self.steps and self.form == "named" and self.draw.random() < 0.5
        self.count = 1 if self.steps else self.draw.choice([1, 1, 2, 3])
        if self.kind in ("nodes", "layers", "mixed") and self.form == "equation":
            self.form = "expression"
        self.classes = (
            self.form == "named" and self.count > 1 and losses.LOSSES[name].classes
            and self.draw.random() < 0.5
        )  # fmt: skip

    def expression(self, outputs: list[str], targets: list[str]) -> Formula:
        """A loss written out, perhaps with a penalty."""
        terms: list[Formula] = []
        for output, target in zip(outputs, targets, strict=True):
            stem, _, step = output.rstrip("]").partition("[")
            output_now = Ref(stem, step)
            less = Op("-", (output_now, Ref(target)))
            half = Op("/", (Num("1"), Num("2")))
            ways: list[Formula] = [
                Op("**", (less, Num("2"))), Op("abs", (less,)), Op("square", (less,)),
                Op("*", (half, Op("*", (less, less)))), Op("max", (Num("0"), less)),
                formula(self.draw, [output_now, Ref(target)], 2, self.exact),
            ]  # fmt: skip
            ways += [] if self.exact else [Op("log", (positive(self.draw, [output_now], False),))]
            terms.append(self.draw.choice(ways))
        if self.draw.random() < 0.4:
            weight = Ref(self.draw.choice([*self.listed] or [*self.weights] or [self.weight()]))
            cost = self.draw.choice([Op("**", (weight, Num("2"))), Op("abs", (weight,))])
            terms.append(Op("*", (Num("0.01"), cost)))
        total = terms[0]
        for term in terms[1:]:
            total = Op("+", (total, term))
        return total

    # The file.

    def whole(self) -> Drawn:
        """The network."""
        self.choose_loss()
        kind = "nodes" if self.kind == "mixed" else self.kind
        getattr(self, f"{kind}_kind")()
        outputs = self.name_outputs()
        count = 1 if self.classes else len(outputs)
        targets = [f"y{place}" for place in range(1, count + 1)]
        listed_targets, sequences = targets, [*self.sequences]
        if self.each:
            listed_targets, sequences = ["y"], [*self.sequences, "y"]
            targets = [f"y[{step}]" for step in range(1, self.steps + 1)]
        loss = self.write_loss(outputs, targets)
        samples = self.write_samples(listed_targets, sequences, len(outputs))
        self.write_rest()
        chosen = self.choose_descent(loss)
        keys = [*self.sections]
        self.draw.shuffle(keys)
        text = "".join(f"{key}:{self.sections[key]}\n" for key in keys)
        names = [*samples[0]]
        stems = {*self.inputs}
        return Drawn(
            self.seed, text, self.kind,
            inputs=tuple(name for name in names if name.partition("[")[0] in stems),
            targets=tuple(name for name in names if name.partition("[")[0] not in stems),
            samples=tuple(samples),
            weights={n: None if v == "random" else Fraction(v) for n, v in self.weights.items()},
            biases=frozenset({*self.biases, *(unit.bias for unit in self.units if unit.bias)}),
            constants=self.numbers(self.constants),
            units=tuple(self.units), lines=tuple(self.lines), outputs=tuple(outputs),
            loss=loss, steps=self.steps, **chosen,
        )  # fmt: skip

    @staticmethod
    def numbers(texts: dict[str, str | list[str]]) -> dict[str, Fraction]:
        """Names with their numbers, sequences one by one."""
        found = {}
        for name, text in texts.items():
            if isinstance(text, list):
                found |= {f"{name}[{k}]": Fraction(each) for k, each in enumerate(text, 1)}
            else:
                found[name] = Fraction(text)
        return found

    def name_outputs(self) -> list[str]:
        """The names of the outputs' values: yhat, or yhat1, ..., or the equation's."""
        if self.each:
            self.sections["outputs"] = " [p]"
            return [f"p[{step}]" for step in range(1, self.steps + 1)]
        self.group_units()
        inside = [end for end, name in self.ends.items() if not name]
        for place, end in enumerate(inside, 1):
            self.ends[end] = "yhat" if len(inside) == 1 else f"yhat{place}"
        posts = {f"h{'' if end.isdecimal() else '_'}{end}": name for end, name in self.ends.items()}
        self.units = [
            replace(
                unit,
                post=posts.get(unit.post, unit.post),
                edges=tuple((posts.get(source, source), weight) for source, weight in unit.edges),
            )
            for unit in self.units
        ]
        if self.steps or [*self.ends] != self.unconsumed() or self.draw.random() < 0.6:
            block = "".join(f"\n  - {end}" for end in self.ends)
            flow = f" [{', '.join(self.ends)}]"
            self.sections["outputs"] = block if "[" in block else flow
        return [*self.ends.values()]

    def unconsumed(self) -> list[str]:
        """Units and equations whose value nothing takes in: the outputs unless others are named."""
        sources = {source for edges in self.edges for source, _, _ in edges}
        used = sources | {name for line in self.lines for name in names_in(line.formula)}
        names = [unit.pre.removeprefix("z").removeprefix("_") for unit in self.units]
        ends = [name for name, unit in zip(names, self.units, strict=True)
                if not used & {name, unit.pre, unit.post}]  # fmt: skip
        return ends + [n.name for line in self.lines for n in line.names if n.name not in used]

    def group_units(self) -> None:
        """Units of nodes: with the same function of several outputs share it."""
        for function in SEVERAL:
            alike = tuple(u.pre for u in self.units if u.activation == function and not u.group)
            self.units = [replace(u, group=alike) if u.pre in alike else u for u in self.units]

    def write_loss(self, outputs: list[str], targets: list[str]) -> Named | Ref | Formula:
        """The loss, and what the file says of it."""
        if self.form == "named":
            given = f"({', '.join(self.loss.settings)})" if self.loss.settings else ""
            self.sections["loss"] = f" {self.loss.name}{given}"
            return self.loss
        loss = self.expression(outputs, targets)
        if self.form == "equation":
            name = self.draw.choice(["E", "cost", "L"])
            if self.steps and name != "L":  # one for each step, of which the last is the loss
                at_each = Op("+", (loss, Op("*", (Num("0.5"), Ref("h", "t")))))
                self.lines.append(Line((Ref(name, "t"),), at_each))
                self.sections["loss"] = f" {name}[T]"
                return Ref(name, "T")
            self.lines.append(Line((Ref(name),), loss))
            self.sections["loss"] = f" {name}"
            return Ref(name)
        self.sections["loss"] = f" {self.quoted(loss)}"
        if isinstance(loss, Ref):  # which would name an equation
            loss = Op("+", (loss, Num("0")))
            self.sections["loss"] = f" {self.quoted(loss)}"
        return loss

    def quoted(self, right: Formula) -> str:
        """A formula as YAML has it."""
        mark = self.draw.choice(["", '"', "'"])
        return f"{mark}{written(self.draw, right)}{mark}"

    def write_samples(
        self, targets: list[str], sequences: list[str], outputs: int
    ) -> list[dict[str, Fraction]]:
        """Inputs and targets, under their own keys or under data:."""
        texts: list[dict[str, str]] = []
        found = []
        for _ in range(self.several):
            own: dict[str, str | list[str]] = {}
            right = self.draw.randrange(outputs)
            for name in [*self.inputs, *targets]:
                number_of = (lambda: number(self.draw)) if name in self.inputs else self.target
                if name in sequences:
                    own[name] = [number_of() for _ in range(self.steps)]
                elif self.classes and name == "y1":
                    own[name] = str(right)
                elif self.loss.name == "cross_entropy" and outputs > 1 and name in targets:
                    own[name] = str(int(name == f"y{right + 1}"))
                else:
                    own[name] = number_of()
            found.append(self.numbers(own))
            texts.append(
                {n: f"[{', '.join(v)}]" if isinstance(v, list) else v for n, v in own.items()}
            )
        if self.several > 1 or self.draw.random() < 0.1:
            self.sections["inputs"] = f" [{', '.join(self.inputs)}]"
            self.sections["targets"] = f" [{', '.join(targets)}]"
            self.sections["data"] = "".join(f"\n  -{mapping(each)}" for each in texts)
        else:
            (only,) = texts
            self.sections["inputs"] = mapping({name: only[name] for name in self.inputs})
            self.sections["targets"] = mapping({name: only[name] for name in targets})
        return found

    def write_rest(self) -> None:
        """Weights, constants, units, equations and words that mean nothing."""
        listed = {name: text for name, text in self.listed.items() if name not in self.biases}
        if listed:
            self.sections["weights"] = mapping(listed)
        if self.biases:
            self.sections["biases"] = mapping({name: self.listed[name] for name in self.biases})
        if self.constants:
            self.sections["constants"] = mapping({
                n: f"[{', '.join(v)}]" if isinstance(v, list) else v
                for n, v in self.constants.items()
            })  # fmt: skip
        if self.nodes:
            self.sections["nodes"] = "".join(f"\n  {n}: {v}" for n, v in self.nodes.items())
        if self.skips:
            self.sections["skip"] = "".join(f"\n  - {each}" for each in self.skips)
        if self.layers:
            self.sections["layers"] = "".join(f"\n  - {each}" for each in self.layers)
        if self.lines:
            self.sections["equations"] = "".join(
                f"\n  {', '.join(written(self.draw, name, 5).strip('()') for name in line.names)}: "
                f"{self.quoted(line.formula)}"
                for line in self.lines
            )
        if self.steps:
            self.sections["repeat"] = f" {self.steps}"
        for label in ("title", "topic", "about", "source"):
            if self.draw.random() < 0.03:
                self.sections[label] = " 'a label: ** [b] \"c\" #'"
        if self.draw.random() < 0.03:
            self.sections |= {"points": " {J: 2}", "expect": " {J: 0.5}"}

    def choose_descent(self, loss: object) -> dict[str, object]:
        """How weights go on, what they cost, and where a derivative has none."""
        draw = self.draw
        chosen: dict[str, object] = {"online": draw.random() < 0.15}
        if draw.random() < 0.5 and self.several > 1:
            chosen["reduction"] = draw.choice(["mean", "sum"])
            self.sections["reduction"] = f" {chosen['reduction']}"
        rate = draw.choice(["0.1", "0.1", "0.01", "1/2", "1", "0"])
        chosen["rate"] = Fraction(rate)
        self.sections["learning_rate"] = f" {rate}"
        if draw.random() < 0.2 and self.weights:
            frozen = draw.sample([*self.weights], draw.randint(1, min(2, len(self.weights))))
            chosen["frozen"] = frozenset(frozen)
            quoted = (f"'{name}'" for name in frozen)
            self.sections["frozen"] = f" [{', '.join(quoted)}]"
        if draw.random() < 0.2:
            names = draw.sample([*CONVENTIONS], draw.randint(1, len(CONVENTIONS)))
            texts = {name: draw.choice(["0", "1", "1/2", "1/4"]) for name in names}
            chosen["conventions"] = self.numbers({**texts})
            self.sections["conventions"] = mapping(texts)
        self.choose_optimizer(chosen)
        if draw.random() < 0.2 and not isinstance(loss, Ref):
            texts = {n: draw.choice(["0.01", "1/8", "0", "0.5"])
                     for n in draw.sample(["l1", "l2"], draw.randint(1, 2))}  # fmt: skip
            chosen["penalty"] = self.numbers({**texts})
            self.sections["regularisation"] = mapping(texts)
        if None in self.weights.values() or "random" in self.weights.values():
            self.choose_start()
        return chosen

    def choose_optimizer(self, chosen: dict[str, object]) -> None:
        """The rule of the update."""
        draw = self.draw
        asked = self.always in optimizers.OPTIMIZERS
        if not asked and (draw.random() < 0.4 or (self.exact and draw.random() < 0.5)):
            return
        row = OPTIMIZERS[draw.choice([*OPTIMIZERS])]
        row = optimizers.OPTIMIZERS[self.always] if asked else row
        known = known_options(row)
        options = {name: draw.choice(["0.5", "0.01", "0.9", "0.25"])
                   for name in draw.sample(known, draw.randint(0, min(3, len(known))))}  # fmt: skip
        chosen["optimizer"] = row.name
        chosen["options"] = self.numbers({**options})
        self.sections["optimizer"] = mapping({"name": row.name, **options})
        if not options and draw.random() < 0.5:
            self.sections["optimizer"] = f" {row.name}"

    def choose_start(self) -> None:
        """How weights given as random are drawn."""
        draw = self.draw
        by_fans = [row.name for row in INITIALISATIONS.values() if row.by_fans]
        names = [name for name in INITIALISATIONS if self.kind == "layers" or name not in by_fans]
        row = INITIALISATIONS[draw.choice(names)]
        options = {name: draw.choice(["0.5", "1", "1/4"]) for name, _ in row.options
                   if draw.random() < 0.5}  # fmt: skip
        self.sections["init"] = mapping(
            {"distribution": row.name, "seed": str(draw.randint(0, 99)), **options}
        )
