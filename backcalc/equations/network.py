"""The frozen description of a network, as its file says it."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from typing import TYPE_CHECKING

from backcalc.equations.initial import INITIALISATIONS, Initial, Initialisation
from backcalc.equations.losses import LOSSES
from backcalc.equations.optimizers import Descent
from backcalc.errors import BackcalcError, Place
from backcalc.formulas import record
from backcalc.formulas.expression import Expression, Function
from backcalc.formulas.functions import FUNCTIONS, LAYOUTS, default_conventions

if TYPE_CHECKING:
    from backcalc.equations.matrix_form import MatrixForm

Givens = Mapping[str, Fraction]


@record(frozen=True, slots=True)
class Edge:
    """One incoming connection of a unit: it adds weight times source to the weighted sum."""

    source: str
    """The quantity that comes in: an input `x`, a unit's activation `h0`, an equation's name."""
    weight: str
    """The weight's name."""
    skip: bool = False
    """True if it stands under `skip:`."""


@record(frozen=True, slots=True, eq=False)
class Unit:
    """One unit: z = weighted sum + bias, h = activation(z)."""

    name: str
    """The key in the file: `0`, or a word."""
    edges: tuple[Edge, ...]
    """Incoming edges in file order, those under `skip:` last."""
    bias: str | None
    """The weight that is added, if any."""
    activation: Function
    """The row of the table that makes h from z."""
    settings: tuple[Fraction, ...] = ()
    """Further numbers of the activation: the slope of leaky_relu."""
    group: tuple[str, ...] = ()
    """For softmax the names of all units that share it, this one included."""
    layer: str | None = None
    """The layer that it was written in, if any."""
    where: Place | None = None
    """Where it stands in the file."""
    lines: tuple[str, str] | None = None
    """The equations that are its weighted sum and its activation, where the file has those."""

    @property
    def pre_activation(self) -> str:
        """The name of its weighted sum: z0, or z_name."""
        if self.lines:
            return self.lines[0]
        return f"z{self.name}" if self.name.isdecimal() else f"z_{self.name}"

    @property
    def hidden(self) -> str:
        """The name of its activation while it is no output: h0, or h_name."""
        if self.lines:
            return self.lines[1]
        return f"h{self.name}" if self.name.isdecimal() else f"h_{self.name}"


@record(frozen=True, slots=True, eq=False)
class Definition:
    """One line under `equations:`, with several names for a function of several outputs."""

    names: tuple[str, ...]
    """The left side."""
    expression: Expression
    """The right side, in the author's order."""
    where: Place | None = None
    """Where it stands in the file."""


@record(frozen=True, slots=True)
class Expected:
    """One printed answer under `expect:`."""

    name: str
    """The quantity: `z0`, `dL/dw0`, `w0'`."""
    written: str
    """The source's figure, as written."""
    wrong: str | None = None
    """The mistake by which the source's figure is known to be wrong, if it is."""
    where: Place | None = None
    """Where it stands in the file."""


@record(frozen=True, slots=True)
class Erratum:
    """One figure or formula under `errata:` that is wrong where it is published."""

    quantity: str
    """The quantity: `z0`, `dL/dw0`."""
    printed: str
    """What is printed there."""
    right: str
    """What it should be."""
    mistake: str
    """The name of the mistake, as `check` names it, or a sentence that says what happened."""
    place: str
    """Where it is printed."""
    where: Place | None = None
    """Where it stands in the file."""


GROUPS = {
    "forward": "forward",
    **dict.fromkeys(("gradients", "parameter_gradients", "batch_gradients"), "backward"),
    "update": "update", "after": "after",
}  # fmt: skip
"""The groups of lines that `ask:` knows, with the stages of a sheet that they are."""


@record(frozen=True, slots=True)
class Asked:
    """One entry of `ask:`."""

    name: str
    """A quantity, a group or a kind of question."""
    points: Fraction | None = None
    """What each line of it earns, where that is said."""
    digits: int | None = None
    """The fewest significant digits of a figure that is not exact, where that is said."""
    seed: int | None = None
    """What draws the mistake that is to be found, where that is said."""
    where: Place | None = None
    """Where it stands in the file; None where an option asks for it."""


@record(frozen=True, slots=True, eq=False)
class Network:
    """Everything that a network file says, checked, with names resolved."""

    file: str
    """Where it came from, as the user named it."""
    inputs: tuple[str, ...]
    """Names of the inputs, in file order."""
    targets: tuple[str, ...]
    """Names of the targets, in file order."""
    weights: Givens
    """Starting values of all weights and biases, in file order."""
    biases: tuple[str, ...]
    """The weights that are added: those of units, and those under `biases:`."""
    constants: Givens
    """Known numbers that are no inputs."""
    samples: tuple[Givens, ...]
    """One for each sample: the values of all inputs and targets. At least one."""
    units: tuple[Unit, ...]
    """The units of `nodes:` and `layers:`, in file order."""
    definitions: tuple[Definition, ...]
    """The lines of `equations:`, in file order."""
    outputs: tuple[str, ...]
    """The quantities that the loss compares with the targets, in file order: yhat, yhat1, ..."""
    output_units: tuple[str, ...]
    """For each output the unit whose activation it is, or "" where it is an equation's value."""
    loss: Expression | str
    """The loss written out, or the name of the equation that is differentiated."""
    loss_name: str | None = None
    """The loss's name in the table, where the file used one."""
    upstream: bool = False
    """True if the sheet begins with given gradients; the loss is one that has just these."""
    frozen: tuple[str, ...] = ()
    """Weights that the update leaves alone."""
    reduction: str = "mean"
    """How the losses of several samples become one: mean or sum."""
    learning_rate: Fraction | None = None
    """The file's own learning rate."""
    descent: Descent = field(default_factory=Descent)
    """How weights go on from their gradients."""
    initial: Initial = field(default_factory=lambda: Initial(asked=False))
    """How random weights are drawn."""
    random: tuple[str, ...] = ()
    """The weights whose numbers are drawn, in file order."""
    conventions: Givens = field(default_factory=default_conventions)
    """The derivative at each kind of kink, every one given; and the layout's number, if said."""
    expect: tuple[Expected, ...] = ()
    """Printed answers of the sheet."""
    errata: tuple[Erratum, ...] = ()
    """What is wrong where it is published."""
    points: Givens = field(default_factory=dict)
    """What an answer to a quantity earns; 1 where nothing is said."""
    points_at: Mapping[str, Place] = field(default_factory=dict)
    """Where the file says what each of them earns."""
    ask: tuple[Asked, ...] = ()
    """What a sheet must hold, in order; nothing said: what is on it."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The sheet's own words for quantities: {"L": "E", "dL/dz1": "delta_1"}."""
    marking: Mapping[str, str] = field(default_factory=dict)
    """What graders decide: each policy with what is said of it."""
    fractions: bool = False
    """True if the author writes fractions (1/2) rather than decimals."""
    title: str = ""
    """The sheet's title."""
    topic: str = ""
    """The topic that it is an example of, for the list of bundled networks."""
    about: str = ""
    """One line: why the network is here."""
    source: str = ""
    """Who published the example."""
    matrices: MatrixForm | None = None
    """The file in matrix notation, where it has vectors or matrices."""
    remarks: tuple[str, ...] = ()
    """Things in the file that are no error but may be a slip: an unused weight."""

    def __repr__(self) -> str:
        """Its file, its title and its size: all that it says would fill a screen."""
        said = f"weights={len(self.weights)}, samples={len(self.samples)}"
        return f"Network({self.file!r}, {self.title!r}, {said})"

    def _repr_html_(self) -> str:
        """The picture that a notebook shows."""
        from importlib import import_module  # by name: only notebooks ask for it

        picture: str = import_module("backcalc.commands.notebook").network_html(self)
        return picture

    @property
    def matrix_form(self) -> MatrixForm:
        """The file in matrix notation, of a network that has one."""
        assert self.matrices is not None
        return self.matrices

    @property
    def numbers(self) -> list[int | None]:
        """The samples' numbers, from 1; None for the only one."""
        return [*range(1, len(self.samples) + 1)] if len(self.samples) > 1 else [None]

    @property
    def target_is_class(self) -> bool:
        """True if the only target is the number of the right one of several outputs."""
        row = LOSSES.get(self.loss_name or "")
        return bool(row and row.classes) and len(self.targets) == 1 < len(self.outputs)

    @property
    def layout(self) -> str:
        """How derivatives by matrices are laid out."""
        return [*LAYOUTS][int(self.conventions.get("layout", 0))]

    @property
    def activations(self) -> dict[str, str]:
        """The name of each unit's activation: h0, or yhat for an output."""
        names = dict(zip(self.output_units, self.outputs, strict=True))
        return {unit.name: names.get(unit.name, unit.hidden) for unit in self.units}


def learning_rate(network: Network, given: Fraction | None = None) -> Fraction | None:
    """Return the learning rate that was given, or else the file's; None if there is neither."""
    return network.learning_rate if given is None else given


def needed_rate(
    network: Network,
    given: Fraction | None = None,
    complaint: str = "no learning rate is given",
    where: Place | None = None,
) -> Fraction:
    """Return the learning rate that was given, or else the file's.

    Raises BackcalcError with this complaint if there is neither.
    """
    rate = learning_rate(network, given)
    if rate is None:
        raise BackcalcError(complaint, where, "add --lr 0.5, or learning_rate: 0.5 to the file")
    return rate


# A network may go to other processes: rows of the tables, which hold code, go by their names.


def _function(name: str) -> Function:
    return FUNCTIONS[name]


def _initialisation(name: str) -> Initialisation:
    return INITIALISATIONS[name]


copyreg.dispatch_table[Function] = lambda row: (_function, (row.name,))
copyreg.dispatch_table[Initialisation] = lambda row: (_initialisation, (row.name,))
