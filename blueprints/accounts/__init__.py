"""People of a tenant: staff with their roles and customers; signing in, inviting, resetting, API keys."""
