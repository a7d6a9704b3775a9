"""schemas/: not stale, and true of the records that are really written."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from corpus.decisions import Answer, Dispute, Mark, decide, make_vote, options_of
from corpus.manifest import manifest_path, open_stage, rejects_path
from corpus.model import NIL, Candidate, Change, Layer, Link, Mention, Token, make_document
from corpus.store import encode_line, write_documents

ROOT = Path(__file__).parent.parent


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


MENTION = Mention(
    id="m",
    start=0,
    end=4,
    label="ORG",
    links=(Link(target="Q81299", kb="seeds", kb_hash="ab"), Link(target=NIL, role="metonymic")),
    candidates=(Candidate(kb_id="Q81299", prior=0.9, score=0.8, label="OSCE"),),
    source="alias",
)
DOCUMENT = make_document(
    "a",
    "OSCE met",
    lang="en",
    meta={"title": "OSCE", "cuts": [1, 2.5, None, True]},
    tokens=(Token(0, 4, True), Token(5, 8, False)),
    sentences=((0, 8),),
    layers=(Layer(name="silver", state="touched", comments=("ok",), mentions=(MENTION,)),),
)


def test_schemas_are_not_stale() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "schemas", "--check"], capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


def test_every_schema_is_one() -> None:
    names = sorted(path.name for path in (ROOT / "schemas").iterdir())
    assert "document-1.schema.json" in names
    checked = [validator(name.removesuffix(".schema.json")).schema for name in names]
    ids = [f"urn:corpus:{name.removesuffix('.schema.json').replace('-', ':')}" for name in names]
    assert [schema["$id"] for schema in checked] == ids


def test_documents_that_are_written_are_valid() -> None:
    for document in (DOCUMENT, make_document("b", "")):
        assert list(validator("document-1").iter_errors(json.loads(encode_line(document)))) == []


def test_ledger_and_manifest_that_are_written_are_valid(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    stage = open_stage("try", output, ["-"], settings={"a": [1]}, versions={"b": "2"}, seed=1)
    assert stage is not None
    with stage:
        stage.documents.received = stage.documents.rejected = 1
        stage.record(Change(kind="rejected", document="a", reason="no text", before={"x": 1}))
        write_documents([], output)
    ledger = rejects_path(output).read_text().splitlines()
    validator("change-1").validate(json.loads(ledger[0]))
    validator("manifest-1").validate(json.loads(manifest_path(output).read_text()))


def test_votes_disputes_and_decisions_that_are_written_are_valid() -> None:
    marked = Answer(marks=(Mark(0, 4, "ORG"),))
    linked = Answer(links=(Link(target=NIL, kb="seeds", kb_hash="ab"),), key="UNSURE")
    votes = [
        make_vote("a", "spans", "0-4", f"annotator:{name}", 1, answer)
        for name, answer in (("ann", marked), ("bob", linked))
    ]
    dispute = Dispute("i", "a", "ab", "spans", "0-4", 0, 4, "h", tuple(votes), options_of(votes))
    decision = decide(dispute, marked, "judge", source="terminal", comment="so")
    decided = msgspec.structs.replace(dispute, decided=decision, earlier=decision, label="ORG")
    for name, record in (
        ("vote-1", votes[0]),
        ("vote-1", msgspec.structs.replace(votes[1], settled="rule:majority")),
        ("dispute-1", dispute),
        ("dispute-1", decided),
        ("decision-1", decision),
    ):
        assert list(validator(name).iter_errors(json.loads(encode_line(record)))) == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"type": "document/2"},
        {"id": 7},
        {"sha256": None},
        {"surprise": 1},
        {"layers": [{"name": "gold", "task": "relations"}]},
        {"layers": [{"name": "gold", "mentions": [{"id": "m", "start": 0, "end": 4}]}]},
        {"tokens": [[0, 4]]},
        {"sentences": [[0]]},
    ],
)
def test_documents_that_are_broken_are_neither_valid_nor_read(spoil: dict) -> None:
    record = {**json.loads(encode_line(DOCUMENT)), **spoil}
    assert not validator("document-1").is_valid(record)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(record), type=type(DOCUMENT))
