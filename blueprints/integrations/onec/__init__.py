"""The exchange of 1C with a site: 1C signs in, sends files, asks until they are taken in, and fetches orders.

At HQ's host it fills the catalogue, at a dealer's host his stock and prices. Orders are always the tenant's own.
"""
