"""What is shown: sheets as data, and one module for each output format."""
