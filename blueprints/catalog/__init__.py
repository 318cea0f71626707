"""The master catalogue HQ publishes, each owner's stock, each dealer's own offers, and how both are imported."""
