"""The commands, in the order in which they are usually run: the one table of what there is.

To add one: a file here with `x_cli`, and a row. A test compares each summary with the command's own
help: it stands here too, so that `corpus --help` need not load the command.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Command(NamedTuple):
    """A command: its name, `module:function` below corpus.cli, the first sentence of its help.

    A group's function is a Typer app of its own.
    """

    name: str
    place: str
    summary: str
    group: bool = False

    def load(self) -> Any:
        """The function, or the app of a group."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(f"corpus.cli.{module}"), name)


COMMANDS = (
    Command(
        "init",
        "init:init_cli",
        "Make a project folder, from which corpus run leads to a trained model.",
    ),
    Command(
        "run",
        "run_project:run_project_cli",
        "Run the stages of a project that are not as their inputs and settings say.",
    ),
    Command(
        "status",
        "status:status_cli",
        "Tell where a corpus stands: stages and counts, who confirmed how much, what to type next.",
    ),
    Command(
        "convert",
        "convert:convert_cli",
        "Make documents from news articles: text, HTML, JSONL, CSV, Parquet, RSS, Atom, NewsML, "
        "NITF.",
    ),
    Command(
        "kb",
        "kb:kb_app",
        "Build, describe, search, compare and extend a knowledge base.",
        group=True,
    ),
    Command(
        "suggest",
        "suggest:suggest_cli",
        "Suggest mentions and links: aliases of a knowledge base, entities of a spaCy pipeline.",
    ),
    Command(
        "doccano", "doccano:doccano_app", "Install, start and stop a local Doccano.", group=True
    ),
    Command(
        "push",
        "push:push_cli",
        "Send documents to a Doccano project and prove that every span arrived.",
    ),
    Command(
        "pull", "pull:pull_cli", "Fetch what annotators did from a Doccano project into a folder."
    ),
    Command(
        "agreement",
        "agreement:agreement_cli",
        "Measure agreement: boundaries, types, links and NIL apart, over what both confirmed.",
    ),
    Command(
        "adjudicate",
        "adjudicate:adjudicate_cli",
        "Make the gold layer from what annotators confirmed.",
    ),
    Command(
        "disputes",
        "disputes:disputes_app",
        "Decide what annotators differ about and no rule settles.",
        group=True,
    ),
    Command(
        "why",
        "why:why_cli",
        "Tell why a mention is gold, or why none is: votes, rule or decision, links, article, "
        "steps.",
    ),
    Command(
        "score",
        "score:score_cli",
        "Score predictions against gold: mentions, links, NIL and clusters, micro and macro.",
    ),
    Command(
        "signatures",
        "signatures:signatures_cli",
        "Take the signatures of texts by which corpus split finds near-duplicates, file by file.",
    ),
    Command(
        "split",
        "split:split_cli",
        "Split documents into train, dev and test, balanced by label, nothing leaking.",
    ),
    Command(
        "export",
        "export:export_cli",
        "Write documents in the format of another tool, read the file again, and compare.",
    ),
    Command(
        "import",
        "import_:import_cli",
        "Make documents of a file that carries annotations, exactly as they are.",
    ),
    Command("check", "check:check_cli", "Prove that nothing was lost, shifted or changed."),
    Command(
        "report",
        "report:report_cli",
        "Put documents, their mentions and links, and their figures on one HTML page.",
    ),
    Command(
        "datasheet",
        "datasheet:datasheet_cli",
        "Write the corpus's card: sources, rights, annotators, agreement, splits, hashes, limits.",
    ),
    Command("rank", "rank:rank_cli", "Put the documents that are worth most to annotate first."),
    Command(
        "curve",
        "curve:curve_cli",
        "Train spaCy on growing shares of the documents and draw how good it gets, with intervals.",
    ),
    Command(
        "serve", "serve:serve_cli", "Suggest mentions over HTTP, for Doccano's auto-labelling."
    ),
)
