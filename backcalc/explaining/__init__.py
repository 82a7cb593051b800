"""One derivative over all its paths."""
