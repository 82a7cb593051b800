"""Sheets as blocks, before any format."""
