"""Doors to the world outside: payments, the 1C exchange, the REST API."""
