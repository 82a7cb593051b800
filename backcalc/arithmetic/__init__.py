"""Numbers to as many digits as a sheet needs."""
