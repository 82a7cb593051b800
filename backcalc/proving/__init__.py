"""Derivatives found again in other ways."""
