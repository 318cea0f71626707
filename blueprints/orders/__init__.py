"""Orders of a tenant's site: placed once, paid once, followed by a signed link."""
