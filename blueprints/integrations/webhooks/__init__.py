"""Webhooks: other systems are told of leads as things happen, signed, again and again until they take it."""
