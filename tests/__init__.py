"""Tests mirror the rooms; `journeys` walk whole stories, `architecture` holds the house to its rules."""
