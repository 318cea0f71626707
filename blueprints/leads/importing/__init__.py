"""Leads out of a person's table: columns guessed and approved, rows checked line by line, taken in by a worker."""
