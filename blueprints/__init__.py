"""The subsystems, one package each; ranks and contracts stand in pyproject.toml."""
