"""The console command: parse, call, print. The only floor that writes to the terminal.

A command is one file here: `x_cli` parses and prints, the floors below do the work. Modules
of those floors are imported inside the commands, so that `corpus --help` costs nothing.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated, Any

import typer

from corpus.cli.startup import add_commands
from corpus.cli.terminal import set_verbose
from corpus.errors import CorpusError


def _print_version(value: bool) -> None:
    if value:
        from corpus import __version__

        typer.echo(f"corpus {__version__}")
        raise typer.Exit


def corpus_cli(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Say what is read and decided.")
    ] = False,
) -> None:
    """Make entity-linked annotation corpora with spaCy and Doccano."""
    set_verbose(verbose)


def make_app(args: list[str] | None = None) -> typer.Typer:
    """The app: with all commands, or the one that `args` name and the others' summaries."""
    app = typer.Typer(
        name="corpus",
        rich_markup_mode=None,  # plain help: twice as fast, and the same in a terminal and in docs
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="In the order in which they are usually run; check, report and status at any time.",
    )
    app.callback()(corpus_cli)
    return add_commands(app, args)


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 the data or the server is wrong, 2 usage."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """The exit code of the command line `args`; errors are one line on stderr."""
    asked = _verbose_first(sys.argv[1:] if args is None else args)
    try:
        code: Any = make_app(asked)(asked, prog_name="corpus", standalone_mode=False)
    except CorpusError as error:
        return _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        return _usage(error)
    except BrokenPipeError:
        # The reader (head, say) has gone; nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) and error.filename is None:
            import tempfile

            hint = "free some room there or set TMPDIR to another folder"
            return _fail(f"{tempfile.gettempdir()}: {error.strerror}; {hint}", 1)
        if error.filename is None:
            raise  # of no file that a message could name: a fault of ours
        return _fail(f"{error.filename}: {error.strerror}", 1)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    if code == 130:
        return _fail("stopped by Ctrl-C; nothing is half-written, run it again to go on", 1)
    return code if isinstance(code, int) else 0


def _verbose_first(args: list[str]) -> list[str]:
    """The arguments with -v before the command, wherever it was typed."""
    end = args.index("--") if "--" in args else len(args)
    others = [arg for arg in args[:end] if arg not in ("-v", "--verbose")]
    return args if len(others) == end else ["-v", *others, *args[end:]]


def _usage(error: Any) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "corpus"
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message())
        return 2
    message = " ".join(error.format_message().split())
    return _fail(f"{message.rstrip('.')}; see: {path} --help", 2)


def _fail(message: str, code: int) -> int:
    # An article's file name or id may hold anything: no control character reaches the terminal.
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
    typer.echo(f"corpus: error: {line}", err=True)
    return code
