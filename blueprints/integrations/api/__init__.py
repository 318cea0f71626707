"""The interface for other programs, `/api/v1`: catalogue, stock, prices, orders and leads of one tenant.

A key belongs to the tenant whose host is called and does what its scopes say; the database does the rest.
Lists are `{"items": [...], "next": cursor}`, amounts are integers in minor units, times are UTC, refusals
are `{"code", "message", "field"}` with one sentence in the caller's language.
"""
