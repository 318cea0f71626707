"""Two version trees: `network`, one schema; `tenant`, the schema of each tenant."""
