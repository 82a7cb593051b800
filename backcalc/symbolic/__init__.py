"""Closed forms, and the bridge to sympy, which is imported only when it is used."""

from backcalc.symbolic.bridge import to_sympy
from backcalc.symbolic.closed import ClosedForm, closed_forms

__all__ = ["ClosedForm", "closed_forms", "to_sympy"]
