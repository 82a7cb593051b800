"""A network as equations, and the equations worked out."""
