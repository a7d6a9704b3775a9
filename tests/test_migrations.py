"""Files of earlier versions are read, those of later ones named."""

import json
from pathlib import Path

import pytest
from msgspec import Struct

from corpus import migrations
from corpus.errors import StoreError
from corpus.manifest import read_manifest
from corpus.migrations import steps_between
from corpus.model import Document, Layer, Mention, make_document
from corpus.store import read_documents, read_records, write_documents

LATER = "use the version of corpus that wrote it"


class Thing(Struct, tag_field="type", tag="thing/3", forbid_unknown_fields=True):
    """A record that has had two other forms."""

    name: str
    size: int = 0


def rename(record):
    return {("name" if key == "title" else key): value for key, value in record.items()}


def measure(record):
    return {**record, "size": len(record["name"])}


@pytest.fixture
def steps(monkeypatch):
    monkeypatch.setattr(migrations, "STEPS", {"thing/1": rename, "thing/2": measure})


def test_records_of_every_earlier_version_stand_in_one_file(steps, tmp_path):
    path = tmp_path / "things.jsonl"
    rows = ['{"type":"thing/1","title":"ab"}', '{"type":"thing/2","name":"c"}']
    path.write_text("\n".join([*rows, '{"type":"thing/3","name":"d","size":9}']) + "\n")
    assert list(read_records(path, Thing)) == [Thing("ab", 2), Thing("c", 1), Thing("d", 9)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            '{"type":"thing/4","name":"a"}',
            ":1: is 'thing/4', this corpus reads 'thing/3'; " + LATER,
        ),
        (
            '{"type":"thing/0","name":"a"}',
            ":1: is 'thing/0', this corpus reads 'thing/3'; " + LATER,
        ),
        (
            '{"type":"other/1"}',
            ":1: is 'other/1', this corpus reads 'thing/3'; give a file of that type",
        ),
        (
            '{"type":"thing/2","title":"a"}',
            ":1: is 'thing/2', and cannot be made 'thing/3' ('name'); mend that record",
        ),
        (
            '{"type":"thing/2","name":"a","more":1}',
            ":1: is 'thing/2', and cannot be made 'thing/3' (Object contains unknown field "
            "`more`); mend that record",
        ),
    ],
)
def test_what_no_step_leads_on_from_is_named(steps, tmp_path, row, message):
    path = tmp_path / "things.jsonl"
    path.write_text(row + "\n")
    with pytest.raises(StoreError) as caught:
        list(read_records(path, Thing))
    assert str(caught.value) == f"{path}{message}"


def test_steps_lead_from_an_earlier_version_to_a_later_one_of_the_same_type(steps):
    assert steps_between("thing/1", "thing/3") == [rename, measure]
    assert steps_between("thing/2", "thing/3") == [measure]
    for found, wanted in (
        ("thing/3", "thing/3"),
        ("thing/4", "thing/3"),
        ("other/1", "thing/3"),
        ("thing/x", "thing/3"),
        ("thing", "thing/3"),
        ("thing/1", ""),
        ("", "thing/3"),
    ):
        assert steps_between(found, wanted) is None


def test_documents_and_manifests_of_an_earlier_version_are_read_and_written_anew(
    monkeypatch, tmp_path
):
    """As if `layers` had been named `annotations`, and a manifest's `command` `stage`, before."""

    def document(record):
        return {("layers" if k == "annotations" else k): v for k, v in record.items()}

    def manifest(record):
        return {("command" if k == "stage" else k): v for k, v in record.items()}

    monkeypatch.setattr(migrations, "STEPS", {"document/0": document, "manifest/0": manifest})
    made = make_document("d", "Kyiv", layers=(Layer("gold", mentions=(Mention("1", 0, 4, "X"),)),))
    path, again = tmp_path / "d.jsonl", tmp_path / "again.jsonl"
    write_documents([made], again)
    row = json.loads(again.read_text())
    row["annotations"] = row.pop("layers")
    path.write_text(json.dumps({**row, "type": "document/0"}) + "\n")
    (found,) = read_documents(path)
    assert found == made
    assert isinstance(found, Document)
    write_documents([found], path)
    assert path.read_bytes() == again.read_bytes()
    told = tmp_path / "d.jsonl.manifest.json"
    told.write_text('{"type": "manifest/0", "stage": "convert", "finished": true}')
    assert read_manifest(told).command == "convert"
    told.write_text('{"type": "manifest/7", "command": "convert"}')
    with pytest.raises(StoreError, match="is 'manifest/7', this corpus reads 'manifest/1'"):
        read_manifest(told)


def test_every_step_starts_at_a_version_whose_schema_is_kept():
    schemas = Path(__file__).parent.parent / "schemas"
    for name in migrations.STEPS:
        kind, _, version = name.partition("/")
        assert (schemas / f"{kind}-{version}.schema.json").is_file()
    assert (schemas / "document-1.schema.json").is_file()
