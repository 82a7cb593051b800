"""A network as a picture, before any format: what is drawn, and where."""
