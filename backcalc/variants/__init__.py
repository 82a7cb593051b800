"""The same network with other numbers: which numbers, which of them will do, the new file."""
