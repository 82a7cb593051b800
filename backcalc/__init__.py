"""The backprop calculator that shows its work and checks yours."""

__version__ = "0.1.0"
