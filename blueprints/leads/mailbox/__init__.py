"""Leads that come by e-mail: a letter is read with the standard library alone, and whom it was sent to takes it."""
