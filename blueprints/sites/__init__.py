"""A dealer registers himself and has a branded site in a minute: application, confirmation, wizard, HQ's say."""
