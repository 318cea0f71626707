"""Which dealer serves a lead, and why: profiles, decisions, offers, windows, ratings."""
