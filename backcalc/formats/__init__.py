"""Sheets as text, Markdown, LaTeX and HTML."""
