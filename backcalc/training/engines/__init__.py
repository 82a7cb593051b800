"""The equations of a network as fast code, and the ways to run many epochs of them."""
