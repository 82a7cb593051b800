"""What a sheet shows, as blocks, before any format."""
