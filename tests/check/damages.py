"""Damages to the workspace: each edits it; its findings are all that it causes, nothing else."""

import json
import re
from pathlib import Path

import msgspec

from corpus.formats.docbin import write_docbin
from corpus.model import (
    Document,
    Link,
    make_document,
)
from corpus.store import read_documents
from tests.check.workspaces import (
    AGAIN,
    GOLD_CHANGED,
    GOLD_STALE,
    SPLIT_AGAIN,
    edit,
    edit_manifest,
    gold_with,
)


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
