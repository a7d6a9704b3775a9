"""corpus check: a workspace made by the real commands is clean, and what it prints."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from corpus.errors import UsageError
from corpus.model import (
    Change,
    Layer,
    Link,
    count_mentions,
    layer_of,
    make_document,
    with_layer,
)
from corpus.store import read_documents, write_documents
from tests.check.damages import CHAIN, break_manifest, damage_text, edit_count
from tests.check.workspaces import edit_manifest, findings, gold_with, keep, stage_over


def test_workspace_of_real_commands_is_clean(work: Path, run_cli: Callable) -> None:
    ran = run_cli(["check", "."])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "checked 14 files (21 documents, 120 mentions, 6 manifests, 5 other files passed over): "
        "all is well\n"
    )


def test_gold_has_mentions_and_links_to_prove(work: Path) -> None:
    gold = [layer_of(document, "gold") for document in read_documents("gold.jsonl")]
    assert [[link.target for m in layer.mentions for link in m.links] for layer in gold] == [
        ["Q1899", "Q81299", "Q1899"]
    ] * 3


def test_links_without_kb_are_a_note_not_a_finding(work: Path, run_cli: Callable) -> None:
    ran = run_cli(["check", "gold.jsonl"])
    assert ran.code == 0
    assert ran.err == "note: 27 links could not be proven: no --kb was given\n"
    ran = run_cli(["check", "gold.jsonl", "--kb", "seeds.kb"])
    assert (ran.code, ran.err) == (0, "")


def test_leftover_of_a_killed_run_is_a_note(work: Path, run_cli: Callable) -> None:
    Path(".gold.jsonl.999999999.partial").touch()
    ran = run_cli(["check", "."])
    assert ran.code == 0
    assert ran.err == (
        "note: .gold.jsonl.999999999.partial: left by a run that was killed; the next run removes "
        "it\n"
    )


def test_file_brings_its_manifest_along(work: Path) -> None:
    edit_count(work)
    assert len(findings("gold.jsonl", kbs=("seeds.kb",))) == 2


def test_json_holds_the_findings(work: Path, run_cli: Callable) -> None:
    damage_text(work)
    ran = run_cli(["check", ".", "--json"])
    result = json.loads(ran.out)
    assert (ran.code, result["found"], result["manifests"]) == (1, 4, 6)
    assert {
        "file": "gold.jsonl",
        "what": "sha256 is not that of the text: the text was changed after convert",
        "mend": "make the file again",
        "line": 1,
        "document": "0.txt",
    } in result["findings"]


def test_findings_are_lines_and_exit_1(work: Path, run_cli: Callable) -> None:
    break_manifest(work)
    ran = run_cli(["check", "."])
    assert ran.code == 1
    assert ran.out.splitlines()[0].startswith("gold.jsonl.manifest.json: not a manifest")
    assert ran.out.splitlines()[1].endswith(": 1 finding")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none", "none: no such file; check the path; a glob must match something"),
        ("-", "-: check reads its files twice; save it as a file first"),
        (
            "articles/0.txt",
            "articles/0.txt: nothing that check knows; give documents, .spacy files, signatures, "
            "manifests, knowledge bases or their folders",
        ),
    ],
)
def test_path_that_cannot_be_checked_is_a_usage_error(work: Path, path: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        findings(path)
    assert str(caught.value) == message


def test_kb_that_is_not_there_is_a_usage_error(work: Path, run_cli: Callable) -> None:
    ran = run_cli(["check", ".", "--kb", "none.kb"])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("corpus: error: none.kb: no knowledge base")


def test_gold_that_changed_its_links_on_the_way_is_named(work: Path) -> None:
    with stage_over("copy", "copy.jsonl", "gold.jsonl") as stage:
        documents = list(read_documents("gold.jsonl"))
        for document in documents:
            keep(document, stage)
        changed = gold_with(documents[0], links=(Link(target="Q81299"),))
        write_documents([changed, *documents[1:]], "copy.jsonl")
    assert findings(".") == [
        f"copy.jsonl:1: {CHAIN}its gold links are not as in the input of 'copy'; run 'copy' again "
        "with --force"
    ]


def test_gold_that_only_got_more_links_on_the_way_is_sound(work: Path) -> None:
    [first, *others] = read_documents("gold.jsonl")
    gold = layer_of(first, "gold")
    assert gold is not None and all(mention.links for mention in gold.mentions)
    bare = tuple(replace(m, links=()) if n else m for n, m in enumerate(gold.mentions))
    with stage_over("copy", "fewer.jsonl", "documents.jsonl") as stage:
        for document in read_documents("documents.jsonl"):
            keep(document, stage)
        fewer = [with_layer(first, replace(gold, mentions=bare)), *others]
        stage.mentions.added = sum(map(count_mentions, fewer))
        stage.mentions.written += stage.mentions.added
        write_documents(fewer, "fewer.jsonl")
    with stage_over("link", "more.jsonl", "fewer.jsonl") as stage:
        for document in fewer:
            keep(document, stage)
        write_documents([first, *others], "more.jsonl")
    assert [one for one in findings("fewer.jsonl", "more.jsonl") if "links are" in one] == []


def test_document_that_came_from_nowhere_is_named(work: Path) -> None:
    with stage_over("copy", "copy.jsonl", "gold.jsonl") as stage:
        documents = list(read_documents("gold.jsonl"))
        for document in documents:
            keep(document, stage)
        stranger = replace(documents[0], id="stranger")
        write_documents([stranger, *documents[1:]], "copy.jsonl")
    assert findings(".") == [
        f"gold.jsonl:1: {CHAIN}was read by 'copy' and is neither written nor rejected; run 'copy' "
        "again with --force",
        "copy.jsonl:1: document 'stranger': was written by 'copy' and is in none of its inputs; "
        "run 'copy' again with --force",
    ]


def test_layers_of_one_document_may_be_many(work: Path) -> None:
    layers = tuple(Layer(name=f"annotator:{n}") for n in range(50))
    write_documents([make_document("a", "x", layers=layers)], "d.jsonl")
    assert findings("d.jsonl") == []


def test_ways_to_docbin_and_back_and_splits_of_the_real_command_are_clean(
    work: Path, run_cli: Callable
) -> None:
    for command in (
        "convert gold.jsonl -o gold.spacy",
        "convert gold.spacy -o back.jsonl",
        "convert articles -o sharded.jsonl --shard-size 2",
        "suggest sharded.jsonl --kb seeds.kb -o again.jsonl.gz",
        "split gold.jsonl -o parts --ratios 60,20,20",
    ):
        assert run_cli(command.split()).code == 0
    assert findings(".") == []
    assert findings("sharded.jsonl") == []


def test_stage_that_reads_a_server_may_reject_what_is_in_no_input(work: Path) -> None:
    with stage_over("pull", "pulled.jsonl", "gold.jsonl") as stage:
        documents = list(read_documents("gold.jsonl"))
        for document in documents:
            keep(document, stage)
        stage.documents.received += 1
        stage.documents.rejected += 1
        stage.mentions.received += 2
        stage.mentions.rejected += 2
        for file in ("ann", "bob"):
            reason = "it is not among the given documents"
            stage.record(Change("rejected", "stranger", reason, where=file))
        write_documents(documents, "pulled.jsonl")
    assert findings(".") == []


def test_mentions_that_no_input_holds_are_named(work: Path) -> None:
    with stage_over("copy", "copy.jsonl", "gold.jsonl") as stage:
        documents = list(read_documents("gold.jsonl"))
        for document in documents:
            keep(document, stage)
        write_documents(documents, "copy.jsonl")
    for field in ("received", "kept", "written"):
        edit_manifest("copy.jsonl.manifest.json", "mentions", field, value=28)
    assert findings(".") == [
        "copy.jsonl.manifest.json: says that 28 mentions were written, its files hold 27; run "
        "'copy' again with --force",
        "copy.jsonl.manifest.json: says that 28 mentions were received, its inputs hold 27; run "
        "'copy' again with --force",
    ]


def test_broken_kb_description_is_named_by_its_file(work: Path) -> None:
    Path("seeds.kb/kb.json").write_text('{"type": "kb/2"}')
    [finding] = [found for found in findings("seeds.kb") if "missing" in found]
    assert finding.startswith("seeds.kb/kb.json: Object missing required field")
