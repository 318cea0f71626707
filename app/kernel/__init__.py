"""What every room may lean on: identity, database, events, errors, money, time. No Flask views here."""
