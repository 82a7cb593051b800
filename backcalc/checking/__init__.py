"""Answers in, verdicts out: what is right, what follows, and which mistake was made."""
