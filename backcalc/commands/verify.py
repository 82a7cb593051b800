"""`explain` and `verify`: one derivative over its paths, and all of them proved in other ways."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from backcalc.commands.options import (
    changes_option,
    deliver,
    digits_option,
    direction,
    format_option,
    judged,
    network_argument,
    number,
    opening,
    options,
    output_options,
    rate_option,
)
from backcalc.equations.network import Network
from backcalc.sheets.worked import Wishes


@click.command()
@network_argument
@click.argument("derivative", metavar="DERIVATIVE")
@click.option("--without", metavar="WEIGHT", help="Beside it the same without this weight's edges.")
@options(changes_option, digits_option, format_option, output_options)
@opening
def explain(net: Network, derivative: str, without: str | None, digits: int, **out: Any) -> None:
    """One derivative (dL/dw0, dz2/dh0, ...) as the sum over all its paths."""
    from backcalc.explaining.explanation import explain, explain_data, explain_sheet

    wishes = Wishes(digits=digits)
    explanation = explain(net, derivative, without=without)
    deliver(
        sheet=lambda: explain_sheet(explanation, wishes),
        data=lambda: explain_data(explanation),
        wishes=wishes, network=net, **out,
    )  # fmt: skip


@click.command()
@network_argument
@click.option("--by", metavar="NAME", help="The given number that moves.")
@click.option(
    "--along", type=direction, metavar="NAME=NUMBER,...",
    help="A direction in which several move at once: a Jacobian times a vector.",
)  # fmt: skip
@click.option("--dual", is_flag=True, help="The trace in dual numbers.")
@click.option("--reverse", is_flag=True, help="Reverse mode beside it.")
@options(changes_option, digits_option, format_option, output_options)
@opening
def tangent(
    net: Network, by: str | None, along: dict[str, Fraction] | None, dual: bool, reverse: bool,
    digits: int, **out: Any,
) -> None:  # fmt: skip
    """Forward mode: each value with its tangent, in the order of the forward pass."""
    from backcalc.explaining.tangent import tangent, tangent_data, tangent_sheet

    wishes = Wishes(digits=digits)
    shown = tangent(net, by, along=along, reverse=reverse)
    deliver(
        sheet=lambda: tangent_sheet(shown, wishes, dual=dual), data=lambda: tangent_data(shown),
        wishes=wishes, network=net, **out,
    )  # fmt: skip


def names(text: str) -> list[str]:
    """Names with commas between them."""
    return [name.strip() for name in text.split(",")]


@click.command()
@network_argument
@click.option("--by", type=names, metavar="NAME,...", help="Only these weights instead of all.")
@click.option(
    "--times", type=direction, metavar="NAME=NUMBER,...",
    help="The Hessian times this vector too; what is not named is 0.",
)  # fmt: skip
@options(rate_option, changes_option, digits_option, format_option, output_options)
@opening
def hessian(
    net: Network, by: list[str] | None, times: dict[str, Fraction] | None,
    rate: Fraction | None, digits: int, **out: Any,
) -> None:  # fmt: skip
    """Second derivatives, whether they are definite, and the Newton step."""
    from backcalc.explaining.hessian import hessian, hessian_data, hessian_sheet

    shown = hessian(net, by, times=times)
    deliver(
        sheet=lambda: hessian_sheet(shown, rate), data=lambda: hessian_data(shown),
        wishes=Wishes(digits=digits), network=net, **out,
    )  # fmt: skip


@click.command()
@network_argument
@options(changes_option, digits_option)
@click.option(
    "--torch/--no-torch", default=True, help="Whether PyTorch is asked too, where it is installed."
)
@options(format_option, output_options)
@opening
def verify(net: Network, digits: int, torch: bool, **out: Any) -> int:
    """Every derivative by sympy, central differences and PyTorch too.

    Exit status 1 where one of them disagrees.
    """
    from backcalc.proving.verification import verify, verify_data, verify_sheet

    shown = verify(net, torch=torch)
    status = 0 if shown.agreed else 1
    with judged(lambda: status):
        deliver(
            sheet=lambda: verify_sheet(shown), data=lambda: verify_data(shown),
            wishes=Wishes(digits=digits), network=net, **out,
        )  # fmt: skip
    return status


@click.command()
@network_argument
@click.option(
    "--h", "width", type=number, default="0.01", show_default=True, metavar="NUMBER",
    help="How far each weight is moved.",
)  # fmt: skip
@click.option("--one-sided", is_flag=True, help="(L(w + h) - L(w))/h instead of both sides.")
@click.option("--by", type=names, metavar="NAME,...", help="Only these weights instead of all.")
@options(changes_option, digits_option, format_option, output_options)
@opening
def gradcheck(
    net: Network, width: Fraction, one_sided: bool, by: list[str] | None, digits: int, **out: Any
) -> None:
    """Slopes of the loss beside the derivatives, with their relative errors."""
    from backcalc.proving.gradcheck import gradcheck, gradcheck_data, gradcheck_sheet

    shown = gradcheck(net, width, by, one_sided=one_sided)
    deliver(
        sheet=lambda: gradcheck_sheet(shown), data=lambda: gradcheck_data(shown),
        wishes=Wishes(digits=digits), network=net, **out,
    )  # fmt: skip
