"""A Wikidata dump: what is taken of it, what is left out, and what a damaged one gets."""

import bz2
import gzip
import json

import pytest

from corpus.errors import KBError, StoreError, UsageError
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.kb.sources import Alias, Bad, Record, Redirect, Selection, read_source
from corpus.kb.wikidata_types import TYPES, read_types
from tests.kb.wikidata_dump import dump, item

KYIV = item(
    "Q1899",
    {"en": "Kyiv", "uk": "Київ", "de": "Kiew"},
    classes=["Q515", "Q5119"],
    aliases={"en": ["Kiev"], "de": ["Kyjiw"]},
    descriptions={"en": "capital of Ukraine", "de": "Hauptstadt"},
    sitelinks=3,
)
PUTIN = item("Q7747", {"mul": "Vladimir Putin"}, classes=["Q5"], sitelinks=2)
FLOWER = item("Q99", {"en": "a flower"}, classes=["Q16521"], sitelinks=0)
PROPERTY = item("P31", {"en": "instance of"}) | {"type": "property", "datatype": "wikibase-item"}


def read(path, **selection):
    chosen = Selection(**selection)
    return list(read_source(path, chosen)), dict(chosen.left_out)


@pytest.fixture
def make_dump(tmp_path):
    def make(*entities, name="dump.json"):
        path = tmp_path / name
        path.write_bytes(dump(entities))
        return path

    return make


def test_item_gives_names_type_description_and_sitelinks(make_dump):
    path = make_dump(KYIV, PUTIN, PROPERTY)
    (kyiv, putin), left_out = read(path)
    assert kyiv == Record(
        where=f"{path}:2",
        id="Q1899",
        label="Kyiv",
        type="city",
        description="capital of Ukraine",
        count=3,
        aliases=(
            Alias("Kyiv", "en"),
            Alias("Київ", "uk"),
            Alias("Kiew", "de"),
            Alias("Kiev", "en"),
            Alias("Kyjiw", "de"),
        ),
    )
    assert (putin.label, putin.type, putin.aliases) == (
        "Vladimir Putin",
        "person",
        (Alias("Vladimir Putin", "mul"),),
    )
    assert left_out == {"properties and lexemes": 1}


def test_languages_choose_names_label_and_description(make_dump):
    (kyiv, putin), left_out = read(make_dump(KYIV, PUTIN, FLOWER), langs=("de", "uk"))
    assert (kyiv.label, kyiv.description) == ("Kiew", "Hauptstadt")
    assert [alias.text for alias in kyiv.aliases] == ["Київ", "Kiew", "Kyjiw"]
    assert putin.label == "Vladimir Putin"
    assert left_out == {"items without a name in the languages": 1}


def test_classes_and_sitelinks_filter(make_dump):
    path = make_dump(KYIV, PUTIN, FLOWER)
    (putin,), left_out = read(path, classes=frozenset({"Q5", "Q16521"}), min_sitelinks=1)
    assert putin.id == "Q7747"
    assert left_out == {"items of other classes": 1, "items with fewer sitelinks": 1}


def test_type_is_of_the_preferred_class_and_never_of_a_deprecated_one(make_dump):
    path = make_dump(
        item("Q1", {"en": "one"}, classes=["Q515", ("Q6256", "preferred")]),
        item("Q2", {"en": "two"}, classes=[("Q515", "deprecated"), None]),
        item("Q3", {"en": "three"}, classes=["Q1000000000"]),
    )
    records, _ = read(path, types={"Q1000000000": "spaceship"})
    assert [record.type for record in records] == ["country", "", "spaceship"]


def test_old_dumps_with_lists_for_empty_maps_and_numbers_for_ids_are_read(tmp_path):
    bare = {"id": "Q1", "type": "item", "labels": {"en": {"language": "en", "value": "one"}}}
    lists = bare | {"descriptions": [], "aliases": [], "claims": [], "sitelinks": []}
    old = item("Q2", {"en": "two"}, classes=["Q515"])
    del old["claims"]["P31"][0]["mainsnak"]["datavalue"]["value"]["id"]
    path = tmp_path / "old.json"
    path.write_bytes(dump([lists, old]))
    (one, two), _ = read(path)
    assert (one.label, one.count, two.type) == ("one", 0, "city")


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_compressed_dump_is_read_and_a_cut_one_is_an_error(tmp_path, suffix, pack):
    many = [item(f"Q{number}", {"en": f"name {number * 7919}"}) for number in range(1, 3000)]
    packed = pack(dump(many))
    path = tmp_path / f"dump.json{suffix}"
    path.write_bytes(packed)
    records, _ = read(path)
    assert len(records) == 2999
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(StoreError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: cannot be read to its end (")
    with pytest.raises(StoreError):
        build_kb([path], tmp_path / "x.kb")
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name]


def test_dump_without_its_last_bracket_was_cut(make_dump):
    path = make_dump(KYIV, PUTIN)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b'"Q7747"')])
    with pytest.raises(KBError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: the dump was cut: its last line, 3, is not ]; "
        "get it whole; for a part of it, give whole lines without the brackets"
    )


def test_lines_of_a_dump_without_brackets_are_read(tmp_path):
    path = tmp_path / "part.jsonl"
    path.write_bytes(dump([KYIV, PUTIN])[2:-3] + b",\n")
    records, _ = read(f"wikidata:{path}")
    assert [record.id for record in records] == ["Q1899", "Q7747"]


def test_line_that_is_not_json_is_listed_and_the_rest_goes_on(make_dump):
    path = make_dump(KYIV, PUTIN, FLOWER)
    lines = path.read_bytes().split(b"\n")
    lines[2] = lines[2][:40]
    lines.insert(3, b'{"id": 7},')
    lines.insert(4, b"{},")
    path.write_bytes(b"\n".join(lines))
    found, _ = read(path)
    assert [one.id for one in found] == ["Q1899", "", "", "", "Q99"]
    assert found[1:4] == [
        Bad(f"{path}:3:41", "", "Input data was truncated"),
        Bad(f"{path}:4", "", "Expected `str`, got `int` - at `$.id`"),
        Bad(f"{path}:5", "", "neither an entity with an id nor a redirect"),
    ]


def test_redirects_of_a_dump_lead_to_entities(make_dump, tmp_path):
    path = make_dump(
        KYIV,
        {"entity": "Q26790101", "redirect": "Q1899"},
        {"entity": "Q26790102", "redirect": "Q26790101"},
        {"entity": "Q5", "redirect": "Q6"},
    )
    found, _ = read(path)
    assert found[1] == Redirect(f"{path}:3", "Q26790101", "Q1899")
    built = build_kb([path], tmp_path / "x.kb")
    kb = KB(tmp_path / "x.kb")
    assert (built.redirects.kept, built.left_out) == (
        2,
        {"redirects to no entity of this knowledge base": 1},
    )
    assert [kb.target_of(id) for id in ("Q26790101", "Q26790102", "Q1899", "Q5")] == [
        "Q1899",
        "Q1899",
        "Q1899",
        None,
    ]


def test_table_of_types(tmp_path):
    assert len(set(TYPES)) == len(TYPES) and TYPES["Q5"] == "person"
    (tmp_path / "types.tsv").write_text("Q11446\tship\n")
    assert read_types(tmp_path / "types.tsv") == {"Q11446": "ship"}
    (tmp_path / "bad.tsv").write_text("Q11446 ship\n")
    with pytest.raises(UsageError) as caught:
        read_types(tmp_path / "bad.tsv")
    assert str(caught.value) == (
        f"{tmp_path}/bad.tsv:1: a line is a class, a tab and a type; such as: Q515\tcity"
    )


def test_build_from_a_dump_as_typed(run_cli, make_dump, tmp_path):
    path = make_dump(KYIV, PUTIN, FLOWER, name="dump.json")
    out = tmp_path / "x.kb"
    ran = run_cli(
        ["kb", "build", path, "-o", out, "--class", "Q5", "--class", "Q515", "--lang", "en"]
    )
    info = json.loads((out / "kb.json").read_text())
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{out}: entities 2, aliases 3, keys 4, hash {info['hash']}\n"
        "  left out: items of other classes 1\n"
    )
    manifest = json.loads((tmp_path / "x.kb.manifest.json").read_text())
    assert manifest["settings"]["classes"] == ["Q5", "Q515"]
    assert manifest["notes"]["left_out"] == {"items of other classes": 1}
