"""Rehearsals of routing on the past: loaded from what is kept, run in a process of their own, shown as a decision.

The replay itself is `rules.rehearsal`. What a rehearsal promises, and what it takes for granted, stands in
`docs/routing.md`; why it runs as it does in `docs/decisions/a-rehearsal-is-a-process-of-its-own.md`.
"""
