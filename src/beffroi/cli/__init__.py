"""The command line: serve, demo, screen, bank, register, order, threat, spool, migrate, fsck, backup and more.

Owns: arguments, progress, exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some inputs could not be read.
Promises: `--json` prints one object a line and nothing else on standard output; a refusal is one sentence on
standard error.
Never does: what a running node must do itself; while a node holds the data, commands go through it.
"""

import sys

import typer

from beffroi.ground.kernel.errors import BeffroiError

from . import (
    bank,
    bench,
    bench_match,
    bench_size,
    config,
    demo,
    drill,
    keys,
    order,
    people,
    register,
    screen,
    serve,
    spool,
    threat,
    upkeep,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Beffroi, a node.")
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(screen.screen)
app.command()(spool.spool)
app.command()(upkeep.migrate)
app.command()(upkeep.fsck)
app.command()(upkeep.backup)
app.command()(upkeep.restore)
app.command()(people.erase)
app.add_typer(bank.app, name="bank", help="Banks of known signals.")
app.add_typer(threat.app, name="threat", help="Warnings of a threat to life, to read.")
app.add_typer(people.app, name="hold", help="What is kept though somebody asked to be erased.")
bench.app.command()(bench_size.size)
bench.app.command()(bench_match.match)
bench.app.command()(drill.restore)
app.add_typer(bench.app, name="bench", help="Measurements.")
app.add_typer(order.app, name="order", help="Removal orders.")
app.add_typer(register.app, name="register", help="The public bodies that this node knows.")
app.add_typer(keys.app, name="keys", help="The node's own keys.")
app.add_typer(config.app, name="config", help="Operation settings.")


@app.callback(invoke_without_command=True)
def _options(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    """Counter terrorist content together, lawfully and in the open."""
    if version:
        from beffroi import __version__
        from beffroi.ground.kernel import native

        typer.echo(f"beffroi {__version__} (kernels: {native.route()})")
        raise typer.Exit


def main() -> None:
    """The entry point: refusals become a sentence and exit code 1."""
    try:
        app()
    except BeffroiError as error:
        typer.echo(f"beffroi: {error.message}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
