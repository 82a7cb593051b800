"""One formula: its tree, how it is read and written, its functions and derivatives."""
