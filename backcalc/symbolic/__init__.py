"""Closed forms, and the bridge to sympy, which is imported only when it is used."""

from backcalc.symbolic.closed import ClosedForm, closed_forms, to_sympy

__all__ = ["ClosedForm", "closed_forms", "to_sympy"]
