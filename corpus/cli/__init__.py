"""The console command: parse, call, print. The only floor that writes to the terminal.

A command is one file here: `x_cli` parses and prints, the floors below do the work. Modules
of those floors are imported inside the commands, so that `corpus --help` costs nothing.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from corpus.cli.adjudicate import adjudicate_cli
from corpus.cli.agreement import agreement_cli
from corpus.cli.check import check_cli
from corpus.cli.convert import convert_cli
from corpus.cli.datasheet import datasheet_cli
from corpus.cli.disputes import disputes_app
from corpus.cli.doccano import doccano_app
from corpus.cli.export import export_cli
from corpus.cli.import_ import import_cli
from corpus.cli.init import init_cli
from corpus.cli.kb import kb_app
from corpus.cli.pull import pull_cli
from corpus.cli.push import push_cli
from corpus.cli.rank import rank_cli
from corpus.cli.report import report_cli
from corpus.cli.run_project import run_project_cli
from corpus.cli.score import score_cli
from corpus.cli.serve import serve_cli
from corpus.cli.split import split_cli
from corpus.cli.startup import app_for
from corpus.cli.status import status_cli
from corpus.cli.suggest import suggest_cli
from corpus.cli.terminal import set_verbose
from corpus.cli.why import why_cli
from corpus.errors import CorpusError

app = typer.Typer(
    name="corpus",
    rich_markup_mode=None,  # plain help: twice as fast, and the same in a terminal and in docs
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="In the order in which they are usually run; check, report and status at any time.",
)

app.command("init")(init_cli)
app.command("run")(run_project_cli)
app.command("status")(status_cli)
app.command("convert")(convert_cli)
app.add_typer(kb_app, name="kb")
app.command("suggest")(suggest_cli)
app.add_typer(doccano_app, name="doccano")
app.command("push")(push_cli)
app.command("pull")(pull_cli)
app.command("agreement")(agreement_cli)
app.command("adjudicate")(adjudicate_cli)
app.add_typer(disputes_app, name="disputes")
app.command("why")(why_cli)
app.command("score")(score_cli)
app.command("split")(split_cli)
app.command("export")(export_cli)
app.command("import")(import_cli)
app.command("check")(check_cli)
app.command("report")(report_cli)
app.command("datasheet")(datasheet_cli)
app.command("rank")(rank_cli)
app.command("serve")(serve_cli)


def _print_version(value: bool) -> None:
    if value:
        from corpus import __version__

        typer.echo(f"corpus {__version__}")
        raise typer.Exit


@app.callback()
def corpus_cli(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")] = False,
) -> None:
    """Make entity-linked annotation corpora with spaCy and Doccano."""
    set_verbose(verbose)


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 the data or the server is wrong, 2 usage."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """The exit code of the command line `args`; errors are one line on stderr."""
    asked = sys.argv[1:] if args is None else args
    try:
        code: Any = app_for(app, asked)(asked, prog_name="corpus", standalone_mode=False)
    except CorpusError as error:
        return _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        return _usage(error)
    except BrokenPipeError:
        # The reader (head, say) has gone; nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.filename is None:
            raise  # of no file that a message could name: a fault of ours
        return _fail(f"{error.filename}: {error.strerror}", 1)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    if code == 130:
        return _fail("stopped by Ctrl-C; nothing is half-written, run it again to go on", 1)
    return code if isinstance(code, int) else 0


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
