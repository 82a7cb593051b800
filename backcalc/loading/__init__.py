"""The sections of a network file, one module for those that belong together."""
