"""Curves and heat maps."""
