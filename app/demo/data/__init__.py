"""What the demo network is made of: pure data, the same for the same seed, no database."""
