"""corpus check: a workspace made by the real commands is clean, and each damage to it is named."""

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from corpus.check.findings import Report
from corpus.check.workspace import check_paths
from corpus.cli import run
from corpus.errors import UsageError
from corpus.formats.docbin import write_docbin
from corpus.manifest import Stage, open_stage
from corpus.model import (
    Change,
    Document,
    Layer,
    Link,
    count_mentions,
    layer_of,
    make_document,
    with_layer,
)
from corpus.store import encode_line, read_documents, write_documents

ENTITIES = """\
{"id": "Q81299", "label": "OSCE", "type": "ORG"}
{"id": "Q1899", "label": "Kyiv", "type": "GPE", "aliases": ["Kiev"]}
"""
TEXT = "KYIV, March {}. The OSCE met in Kyiv 😀 at noon.\n"


def stage_over(command: str, output: str, source: str) -> Stage:
    stage = open_stage(command, output, [source])
    assert stage is not None
    return stage


def keep(document: Document, stage: Stage, kept: bool = True) -> None:
    stage.documents.received += 1
    stage.documents.kept += 1
    stage.documents.written += 1
    for field in ("received", "kept", "written"):
        old = getattr(stage.mentions, field)
        setattr(stage.mentions, field, old + count_mentions(document))


def annotate(source: str, output: str) -> None:
    """Stand in for pull: ann confirms what silver suggests; two people confirm the last one."""
    with stage_over("pull", output, source) as stage:
        annotated = []
        documents = list(read_documents(source))
        for document in documents:
            keep(document, stage)
            silver = layer_of(document, "silver")
            assert silver is not None
            people = ["ann", "bob"] if document is documents[-1] else ["ann"]
            for person in people:
                layer = replace(silver, name=f"annotator:{person}", state="confirmed")
                document = with_layer(document, layer)
                stage.add(layer.name, len(layer.mentions))
                stage.mentions.written += len(layer.mentions)
            annotated.append(document)
        write_documents(annotated, output)


def export(source: str, folder: str) -> None:
    """The same documents as JSONL and as DocBin, under one manifest."""
    Path(folder).mkdir()
    with stage_over("split", folder, source) as stage:
        documents = list(read_documents(source))
        for document in documents:
            keep(document, stage)
        write_documents(documents, f"{folder}/train.jsonl")
        write_docbin(documents, f"{folder}/train.spacy", layer="gold")
        stage.wrote([f"{folder}/train.jsonl", f"{folder}/train.spacy"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "work"
    (folder / "articles").mkdir(parents=True)
    for number in range(4):
        (folder / "articles" / f"{number}.txt").write_text(TEXT.format(number))
    (folder / "entities.jsonl").write_text(ENTITIES)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for command in (
            "convert articles -o documents.jsonl --lang en",
            "kb build entities.jsonl -o seeds.kb",
            "suggest documents.jsonl --kb seeds.kb -o silver.jsonl",
        ):
            assert run(command.split()) == 0
        annotate("silver.jsonl", "annotated.jsonl")
        assert run(["adjudicate", "annotated.jsonl", "-o", "gold.jsonl"]) == 1
        export("gold.jsonl", "splits")
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def work(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace, moved to another place: its manifests must still find their files."""
    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


def findings(*paths: str, kbs: tuple[str, ...] = ()) -> list[str]:
    report = Report()
    found = check_paths([Path(p) for p in paths or (".",)], report=report, kbs=[*map(Path, kbs)])
    return [str(finding) for finding in found]


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


# Each damage edits the workspace; the findings are all that it causes, and nothing else.

AGAIN = "run 'adjudicate' again with --force"
SPLIT_AGAIN = "run 'split' again with --force"
GOLD_CHANGED = f"gold.jsonl: was changed after 'adjudicate' wrote it; {AGAIN}"
GOLD_STALE = "gold.jsonl: was changed after 'split' read it; make splits again with --force"


def edit(path: str, change: Callable[[list[Document]], list[Document]]) -> None:
    write_documents(change(list(read_documents(path))), path)


def edit_manifest(path: str, *names: object, value: object) -> None:
    manifest = json.loads(Path(path).read_text())
    place = manifest
    for name in names[:-1]:
        place = place[name]
    place[names[-1]] = value
    Path(path).write_text(json.dumps(manifest))


def gold_with(document: Document, **fields: object) -> Document:
    layer = layer_of(document, "gold")
    assert layer is not None
    first, *others = layer.mentions
    mentions = (replace(first, **fields), *others)
    return with_layer(document, replace(layer, mentions=mentions))


def damage_text(work: Path) -> None:
    content = Path("gold.jsonl").read_text()
    Path("gold.jsonl").write_text(content.replace("at noon", "at moon", 1))


def damage_text_and_hash(work: Path) -> None:
    def change(documents: list[Document]) -> list[Document]:
        first = documents[0]
        text = first.text.replace("noon", "moon")
        return [make_document(first.id, text, layers=first.layers), *documents[1:]]

    edit("gold.jsonl", change)
    remark("gold.jsonl.manifest.json", "gold.jsonl")


def remark(manifest: str, *files: str) -> None:
    """Give the manifest the files' new hashes, as one who covers their tracks would."""
    from corpus.manifest import mark_file

    content = json.loads(Path(manifest).read_text())
    content["outputs"] = [{**msgspec.to_builtins(mark_file(file)), "path": file} for file in files]
    Path(manifest).write_text(json.dumps(content))


def remove_line(work: Path) -> None:
    edit("gold.jsonl", lambda documents: documents[:-1])


def remove_line_and_remark(work: Path) -> None:
    edit("gold.jsonl", lambda documents: documents[:-1])
    remark("gold.jsonl.manifest.json", "gold.jsonl")
    for field in ("kept", "received", "written"):
        edit_manifest("gold.jsonl.manifest.json", "documents", field, value=2)


def flip_byte(work: Path) -> None:
    content = bytearray(Path("gold.jsonl").read_bytes())
    content[0] ^= 1
    Path("gold.jsonl").write_bytes(content)


def move_mention(work: Path) -> None:
    edit("gold.jsonl", lambda d: [gold_with(d[0], start=1), *d[1:]])


def move_mention_in_the_split(work: Path) -> None:
    edit("splits/train.jsonl", lambda d: [gold_with(d[0], start=1), *d[1:]])


def mention_past_the_end(work: Path) -> None:
    lines = Path("gold.jsonl").read_text().splitlines(keepends=True)
    lines[1] = re.sub(r'"end":4,', '"end":400,', lines[1])
    Path("gold.jsonl").write_text("".join(lines))


def unknown_entity(work: Path) -> None:
    link = Link(target="Q42")
    edit("gold.jsonl", lambda d: [gold_with(d[0], links=(link,)), *d[1:]])


def other_kb(work: Path) -> None:
    link = Link(target="Q1899", kb="seeds", kb_hash="0123456789abcdef")
    edit("gold.jsonl", lambda d: [gold_with(d[0], links=(link,)), *d[1:]])


def duplicate_id(work: Path) -> None:
    edit("gold.jsonl", lambda d: [*d, d[0]])


def cut_line(work: Path) -> None:
    Path("gold.jsonl").write_bytes(Path("gold.jsonl").read_bytes()[:-2])


def edit_count(work: Path) -> None:
    edit_manifest("gold.jsonl.manifest.json", "documents", "kept", value=4)


def edit_counts_in_balance(work: Path) -> None:
    for field in ("kept", "received", "written"):
        edit_manifest("splits.manifest.json", "documents", field, value=4)


def remove_output(work: Path) -> None:
    Path("gold.jsonl").unlink()


def remove_ledger(work: Path) -> None:
    Path("gold.jsonl.rejects.jsonl").unlink()


def damage_ledger(work: Path) -> None:
    ledger = Path("gold.jsonl.rejects.jsonl")
    ledger.write_text(ledger.read_text().replace("rejected", "forgiven", 1))


def unfinished(work: Path) -> None:
    edit_manifest("gold.jsonl.manifest.json", "finished", value=False)


def break_manifest(work: Path) -> None:
    Path("gold.jsonl.manifest.json").write_text("{")


def cut_docbin(work: Path) -> None:
    content = Path("splits/train.spacy").read_bytes()
    Path("splits/train.spacy").write_bytes(content[: len(content) // 2])


def docbin_lacks_a_document(work: Path) -> None:
    documents = list(read_documents("splits/train.jsonl"))
    write_docbin(documents[:-1], "splits/train.spacy")


def docbin_has_other_links(work: Path) -> None:
    documents = list(read_documents("splits/train.jsonl"))
    changed = gold_with(documents[0], links=(Link(target="NIL"),))
    write_docbin([changed, *documents[1:]], "splits/train.spacy")


def break_kb(work: Path) -> None:
    offsets = Path("seeds.kb/offsets.u64")
    offsets.write_bytes(offsets.read_bytes()[:-8])


def input_article_changed(work: Path) -> None:
    Path("articles/0.txt").write_text("Another text.\n")


CHAIN = "document '0.txt': "
CASES = [
    (
        damage_text,
        [
            f"gold.jsonl:1: {CHAIN}sha256 is not that of the text: the text was changed after "
            "convert; make the file again",
            GOLD_CHANGED,
            f"gold.jsonl:1: {CHAIN}its text is not as in the input of 'adjudicate'; {AGAIN}",
            GOLD_STALE,
        ],
    ),
    (
        damage_text_and_hash,
        [
            f"gold.jsonl:1: {CHAIN}its text is not as in the input of 'adjudicate'; {AGAIN}",
            GOLD_STALE,
        ],
    ),
    (
        remove_line,
        [
            GOLD_CHANGED,
            "gold.jsonl.manifest.json: says that 3 documents were written, its files hold 2; "
            + AGAIN,
            "gold.jsonl.manifest.json: says that 27 mentions were written, its files hold 18; "
            + AGAIN,
            "annotated.jsonl:3: document '2.txt': was read by 'adjudicate' and is neither "
            f"written nor rejected; {AGAIN}",
            GOLD_STALE,
        ],
    ),
    (
        remove_line_and_remark,
        [
            "gold.jsonl.manifest.json: documents are not conserved: received 2 is not kept 2 + "
            f"repaired 0 + rejected 1; {AGAIN}",
            "gold.jsonl.manifest.json: says that 27 mentions were written, its files hold 18; "
            + AGAIN,
            "gold.jsonl.manifest.json: says that 2 documents were received, its inputs hold 4; "
            + AGAIN,
            "annotated.jsonl:3: document '2.txt': was read by 'adjudicate' and is neither "
            f"written nor rejected; {AGAIN}",
            GOLD_STALE,
        ],
    ),
    (
        move_mention,
        [GOLD_CHANGED, GOLD_STALE],
    ),
    (
        move_mention_in_the_split,
        [
            f"splits/train.jsonl: was changed after 'split' wrote it; {SPLIT_AGAIN}",
            f"splits/train.spacy: {CHAIN}lacks mention 1-4 GPE of layer 'gold' in "
            "splits/train.jsonl; make the file again",
            f"splits/train.spacy: {CHAIN}has mention 0-4 GPE of layer 'gold', unlike "
            "splits/train.jsonl; make the file again",
            f"splits/train.jsonl:1: {CHAIN}its gold spans are not as in the input of 'split'; "
            + SPLIT_AGAIN,
        ],
    ),
    (
        mention_past_the_end,
        [
            *(
                f"gold.jsonl:2: document '1.txt': mention 0-4:GPE of layer {layer!r} at 0-400 "
                "lies outside the text of 47 code points; make the file again"
                for layer in ("silver", "annotator:ann", "gold")
            ),
            GOLD_CHANGED,
            GOLD_STALE,
        ],
    ),
    (
        unknown_entity,
        [
            f"gold.jsonl:1: {CHAIN}mention 0-4:GPE of layer 'gold' links to Q42, which is not in "
            "any knowledge base given; give its --kb, or link again",
            GOLD_CHANGED,
            GOLD_STALE,
        ],
    ),
    (
        other_kb,
        [
            f"gold.jsonl:1: {CHAIN}mention 0-4:GPE of layer 'gold' was linked with another state "
            "of seeds (0123456789ab) than any given; give its --kb, or link again",
            GOLD_CHANGED,
            GOLD_STALE,
        ],
    ),
    (
        duplicate_id,
        [
            f"gold.jsonl:4: {CHAIN}the id stands already in line 1; give each document its own id",
            GOLD_CHANGED,
            "gold.jsonl.manifest.json: says that 3 documents were written, its files hold 4; "
            + AGAIN,
            "gold.jsonl.manifest.json: says that 27 mentions were written, its files hold 36; "
            + AGAIN,
            GOLD_STALE,
        ],
    ),
    (
        edit_count,
        [
            "gold.jsonl.manifest.json: documents are not conserved: received 4 is not kept 4 + "
            f"repaired 0 + rejected 1; {AGAIN}",
            "gold.jsonl.manifest.json: documents are not conserved: written 3 is not kept 4 + "
            f"repaired 0 + added 0; {AGAIN}",
        ],
    ),
    (
        edit_counts_in_balance,
        [
            "splits.manifest.json: says that 4 documents were written, its files hold 3; "
            + SPLIT_AGAIN,
            "splits.manifest.json: says that 4 documents were received, its inputs hold 3; "
            + SPLIT_AGAIN,
        ],
    ),
    (
        remove_output,
        [f"gold.jsonl: is missing, 'adjudicate' wrote it; {AGAIN}"],
    ),
    (
        remove_ledger,
        [
            f"gold.jsonl.rejects.jsonl: is missing, 'adjudicate' wrote it; {AGAIN}",
            "gold.jsonl.manifest.json: 1 documents were rejected, 0 stand in "
            f"gold.jsonl.rejects.jsonl; {AGAIN}",
            "annotated.jsonl:4: document '3.txt': was read by 'adjudicate' and is neither "
            f"written nor rejected; {AGAIN}",
        ],
    ),
    (
        damage_ledger,
        [
            "gold.jsonl.rejects.jsonl:1: Invalid enum value 'forgiven' - at `$.kind`; see "
            "schemas/ for what a record holds",
            f"gold.jsonl.rejects.jsonl: was changed after 'adjudicate' wrote it; {AGAIN}",
            "gold.jsonl.manifest.json: 1 documents were rejected, 0 stand in "
            f"gold.jsonl.rejects.jsonl; {AGAIN}",
            "annotated.jsonl:4: document '3.txt': was read by 'adjudicate' and is neither "
            f"written nor rejected; {AGAIN}",
        ],
    ),
    (
        unfinished,
        [
            "gold.jsonl.manifest.json: 'adjudicate' was stopped before it finished; run that "
            "command again"
        ],
    ),
    (
        break_manifest,
        [
            "gold.jsonl.manifest.json: not a manifest (Input data was truncated); make the "
            "output again"
        ],
    ),
    (
        docbin_lacks_a_document,
        [
            f"splits/train.spacy: was changed after 'split' wrote it; {SPLIT_AGAIN}",
            "splits/train.spacy: has fewer documents than splits/train.jsonl; make the file again",
        ],
    ),
    (
        docbin_has_other_links,
        [
            f"splits/train.spacy: was changed after 'split' wrote it; {SPLIT_AGAIN}",
            f"splits/train.spacy: {CHAIN}lacks mention 0-4 GPE of layer 'gold' in "
            "splits/train.jsonl; make the file again",
            f"splits/train.spacy: {CHAIN}has mention 0-4 GPE of layer 'gold', unlike "
            "splits/train.jsonl; make the file again",
        ],
    ),
    (
        break_kb,
        [
            "seeds.kb: its files are not of one build; build it again: corpus kb build",
            "seeds.kb/offsets.u64: was changed after 'kb build' wrote it; run 'kb build' again "
            "with --force",
        ],
    ),
    (
        input_article_changed,
        [
            "articles/0.txt: was changed after 'convert' read it; make documents.jsonl again "
            "with --force"
        ],
    ),
]


@pytest.mark.parametrize(("damage", "expected"), CASES, ids=[case[0].__name__ for case in CASES])
def test_each_damage_is_found_and_named(
    work: Path, damage: Callable[[Path], None], expected: list[str]
) -> None:
    damage(work)
    assert sorted(findings(".")) == sorted(expected)


@pytest.mark.parametrize("damage", [flip_byte, cut_line, cut_docbin])
def test_damage_of_single_bytes_is_found(work: Path, damage: Callable[[Path], None]) -> None:
    damage(work)
    assert any("was changed after" in finding for finding in findings("."))


def test_cut_docbin_is_named_with_the_reason_of_spacy(work: Path) -> None:
    cut_docbin(work)
    [finding] = [f for f in findings("splits/train.spacy") if "spaCy" in f]
    assert finding.startswith("splits/train.spacy: spaCy cannot load it (")


def test_every_single_byte_of_an_output_counts(work: Path) -> None:
    path = Path("documents.jsonl")
    content = path.read_bytes()
    for at in range(0, len(content), 211):
        damaged = bytearray(content)
        damaged[at] ^= 4
        path.write_bytes(damaged)
        assert any(
            "documents.jsonl: was changed" in finding for finding in findings("documents.jsonl")
        )


def test_damaged_gzip_is_named(work: Path) -> None:
    documents = list(read_documents("documents.jsonl"))
    raw = gzip.compress(b"".join(map(encode_line, documents)))
    Path("d.jsonl.gz").write_bytes(raw[:-12])
    assert findings("d.jsonl.gz") == [
        "d.jsonl.gz: cannot be read to its end (compressed file ended before the end-of-stream "
        "marker was reached); the file was cut or is damaged; make it again"
    ]


def test_broken_line_is_named_with_line_and_column(work: Path) -> None:
    lines = Path("documents.jsonl").read_bytes().splitlines(keepends=True)
    Path("d.jsonl").write_bytes(lines[0] + b'{"type":"document/1" "id"}\n' + lines[1])
    assert findings("d.jsonl") == [
        "d.jsonl:2:22: JSON is malformed: expected ',' or '}'; mend that line"
    ]


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
            "articles/0.txt: nothing that check knows; give documents, .spacy files, manifests, "
            "knowledge bases or their folders",
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
