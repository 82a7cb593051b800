"""Many epochs: runs, restarts, sweeps, and what they tell."""
