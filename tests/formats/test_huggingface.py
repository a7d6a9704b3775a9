"""The dataset folder as Hugging Face's own libraries read it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import FormatError, UsageError
from corpus.formats import FORMATS, huggingface
from corpus.formats.huggingface import read_huggingface, schema, write_huggingface
from corpus.model import Layer, Mention, make_document
from corpus.store import read_documents, write_documents
from tests.formats.any_documents import written

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def folder(run_cli, tmp_path):
    first, second, third, *_ = read_documents(GOLDEN / "documents.jsonl")
    splits = tmp_path / "splits"
    splits.mkdir()
    write_documents([first, second], splits / "train.jsonl")
    write_documents([third], splits / "dev.jsonl")
    out = tmp_path / "hf"
    ran = run_cli(["export", splits, "-o", out, "--format", "huggingface"])
    assert (ran.code, ran.err) == (0, "")
    return out


def ran(code, *args):
    # A process of its own: these libraries warn, and warnings are errors here.
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_datasets_loads_every_split_with_its_mentions(folder, tmp_path):
    code = """
import sys, json, datasets
found = datasets.load_dataset(sys.argv[1], cache_dir=sys.argv[2])
print(json.dumps({name: [(row["id"], [(row["text"][m["start"]:m["end"]], m["label"], m["links"])
    for m in row["mentions"]]) for row in split] for name, split in found.items()}))
"""
    found = ran(code, folder, tmp_path / "cache")
    assert [row[0] for row in found["train"]] == ["kyiv/1", "none"]
    assert found["validation"] == [["empty", []]]
    mentions = found["train"][0][1]
    assert [m[0] for m in mentions][:4] == ["KYIV", "The OSCE", "OSCE", "Minsk"]
    assert mentions[2][2] == [{"target": "NIL", "role": "literal", "kb": "", "kb_hash": ""}]
    assert mentions[4][0::2] == ["NATO", []]


def test_mlcroissant_finds_nothing_wrong_and_reads_the_records(folder):
    code = """
import sys, json, logging, mlcroissant
logging.disable()
found = mlcroissant.Dataset(jsonld=sys.argv[1] + "/croissant.json")
issues = found.metadata.ctx.issues
print(json.dumps([sorted(issues.errors), [row["train-documents/id"].decode()
    for row in found.records("train-documents")]]))
"""
    assert ran(code, folder) == [[], ["kyiv/1", "none"]]


def test_mlcroissant_reads_mentions_as_the_croissant_describes_them(folder):
    """Lists in lists it cannot give: of a mention's links its records have the first."""
    code = """
import sys, json, logging, mlcroissant
logging.disable()
found = mlcroissant.Dataset(jsonld=sys.argv[1] + "/croissant.json")
print(json.dumps([*found.records("train-documents")], default=bytes.decode))
"""
    first, second = ran(code, folder)
    (document,) = (d for d in read_documents(GOLDEN / "documents.jsonl") if d.id == "kyiv/1")
    gold = document.layers[0].mentions
    assert first["train-documents/mentions"] == [
        {
            f"train-documents/mentions/{name}": getattr(mention, name)
            for name in ("id", "start", "end", "label", "source")
        }
        for mention in gold
    ]
    links = first["train-documents/mentions/links"]
    assert [each["train-documents/mentions/links/target"] for each in links] == [
        mention.links[0].target if mention.links else None for mention in gold
    ]
    assert first["train-documents/text"] == document.text
    assert second["train-documents/mentions"] == []
    assert second["train-documents/layer"]["train-documents/layer/name"] == "gold"


def test_croissant_describes_every_column_of_the_parquet_files(folder):
    """All but lists of strings inside structures, for which Croissant has no field here."""
    described = json.loads((folder / "croissant.json").read_text())["recordSet"][0]["field"]

    def names(fields, above=""):
        for field in fields:
            yield f"{above}{field['name']}"
            yield from names(field.get("subField", ()), f"{above}{field['name']}.")

    def columns(kind, above=""):
        while hasattr(kind, "value_field"):
            kind = kind.value_type
        for at in range(getattr(kind, "num_fields", 0)):
            yield f"{above}{kind[at].name}"
            yield from columns(kind[at].type, f"{above}{kind[at].name}.")

    there = {name for field in schema() for name in (
        field.name, *columns(field.type, f"{field.name}.")
    )}  # fmt: skip
    left_out = {"mentions.votes", "mentions.decisions", "layer.comments"}
    assert set(names(described)) == there - left_out


def test_the_card_counts_links_nil_and_not_judged(folder):
    card = (folder / "README.md").read_text()
    assert card.startswith('---\npretty_name: "hf"\nlanguage:\n- "en"\n')
    assert "  - split: validation\n    path: data/validation-*.parquet\n" in card
    assert "| NIL | 2 |\n| linked | 4 |\n| not judged | 1 |\n" in card


def test_what_is_no_such_folder_is_named(tmp_path):
    with pytest.raises(UsageError) as caught:
        list(read_huggingface(tmp_path / "x"))
    assert str(caught.value) == (
        f"{tmp_path / 'x'}: is no folder; give the one that holds data/*.parquet"
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.parquet").write_bytes(b"no")
    with pytest.raises(FormatError, match=r"train\.parquet: is no Parquet \(.*\); export it again"):
        list(read_huggingface(tmp_path))


def test_another_parquet_is_named_with_its_row(tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    (tmp_path / "data").mkdir()
    write_table(pa.table({"a": [1]}), tmp_path / "data" / "train.parquet")
    with pytest.raises(FormatError) as caught:
        list(read_huggingface(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path / 'data' / 'train.parquet'}: row 1: is no document of corpus (column 'text'); "
        "import reads the folders that corpus export wrote"
    )


def test_the_same_documents_give_the_same_bytes(tmp_path):
    documents = [d for d in read_documents(GOLDEN / "documents.jsonl") if d.layers]
    for name in "ab":
        (tmp_path / name).mkdir()
        written(documents, tmp_path / name / "hf", FORMATS["huggingface"])
    files = sorted(path for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) >= 3
    for path in files:
        other = tmp_path / "b" / path.relative_to(tmp_path / "a")
        if "manifest" not in path.name:
            assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(("written", "read"), [(2, 3), (3, 2)])
def test_row_groups_are_read_one_after_the_other(tmp_path, monkeypatch, written, read):
    layer = Layer("gold", mentions=(Mention("1", 0, 4, "X"),))
    documents = [make_document(f"d{n}", f"text {n}", layers=(layer,)) for n in range(7)]
    monkeypatch.setattr(huggingface, "ROWS", written)
    write_huggingface(documents, tmp_path / "hf")
    monkeypatch.setattr(huggingface, "ROWS", read)
    assert list(read_huggingface(tmp_path / "hf")) == documents
