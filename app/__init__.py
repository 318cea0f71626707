"""The frame every subsystem stands on, and the one place that joins them."""
