"""A lead from its birth to the customer's word on it: who holds it, what became of it, for how much."""
