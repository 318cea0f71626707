"""The demo network, and what runs it on a machine that has nothing but Python."""
