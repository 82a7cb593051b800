"""Sheets to hand out: worksheets, variants, questions for Moodle."""
