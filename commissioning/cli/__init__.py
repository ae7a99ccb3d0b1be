"""The `commissioning` command.

Each sub-command lives in a module of its own and is imported only when it is asked for, so that
`commissioning award` starts without the web framework and without a database.
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from typing import Any

import click

from commissioning import __version__
from commissioning.kernel.errors import DomainError

# Every sub-command: its name, and where it stands as "module:attribute". Add new ones here.
COMMANDS = {
    "audit": "commissioning.cli.trail:audit",
    "award": "commissioning.cli.award:award",
    "award-scenarios": "commissioning.cli.scenarios:award_scenarios",
    "create-administrator": "commissioning.cli.site:create_administrator",
    "demo": "commissioning.cli.demo:demo",
    "migrate": "commissioning.cli.site:migrate",
    "probe": "commissioning.cli.site:probe_once",
    "receipt": "commissioning.cli.receipt:receipt",
    "run-due": "commissioning.cli.site:run_due",
    "seed": "commissioning.cli.demo:seed",
    "serve": "commissioning.cli.site:serve",
    "show-lifecycle": "commissioning.cli.tables:show_lifecycle",
    "show-permissions": "commissioning.cli.tables:show_permissions",
    "sweep": "commissioning.cli.site:sweep",
}

WRONG_USAGE = 64
INTERNAL_FAILURE = 70
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a sub-command when it is called, by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, without importing anything."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The sub-command of that name, imported now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commissioning() -> None:
    """Public procurement and commissioning, from launch to mobilisation."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code.

    64 is wrong usage and 70 a failure of ours, in every sub-command; what else a code means is
    said by the sub-command that gives it.
    """
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        outcome: Any = commissioning.main(
            args=arguments, prog_name="commissioning", standalone_mode=False
        )
    except click.UsageError as error:
        error.show()
        return WRONG_USAGE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except DomainError as error:
        click.echo(error.sentence, err=True)
        return 1
    except Exception:  # noqa: BLE001 - the last line of defence: said aloud, and no success
        traceback.print_exc()
        click.echo("This is a failure of the program, not of what you gave it.", err=True)
        return INTERNAL_FAILURE
    # Outside standalone mode, click returns the code given to `Context.exit`, else the result.
    return outcome if type(outcome) is int else 0
