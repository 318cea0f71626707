"""The command line: `zveno ...`. Commands of a subject live in `app/commands/`."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "db": "app.commands.database:database",
    "tenants": "app.commands.tenants:tenants",
    "events": "app.commands.events:events",
    "web": "app.commands.processes:web",
    "worker": "app.commands.processes:worker",
    "provisioner": "app.commands.processes:provisioner",
    "relay": "app.commands.processes:relay",
    "scheduler": "app.commands.processes:scheduler",
    "mail-in": "app.commands.letters:mail_in",
    "leads": "app.commands.letters:leads",
    "metrics": "app.commands.metrics:metrics",
    "audit": "app.commands.audit:audit",
    "people": "app.commands.people:people",
    "demo": "app.commands.demo:demo",
    "personal": "app.commands.personal:personal",
    "catalogue": "app.commands.catalogue:catalogue",
    "routing": "app.commands.routing:routing",
    "figures": "app.commands.figures:figures",
}


class Lazy(click.Group):
    """A group that imports a command only when it is called, so each starts fast."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command of that name, or None."""
        if name not in COMMANDS:
            return None
        module, _colon, attribute = COMMANDS[name].partition(":")
        return getattr(import_module(module), attribute)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Zveno: the system a manufacturer runs its whole dealer network on."""


if __name__ == "__main__":
    main()
