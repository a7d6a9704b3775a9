"""Where Doccano shows a document again: words that find it, in the projects that have it."""

import msgspec

from corpus.doccano.pulled import (
    PulledProject,
    example_addresses,
    read_cut,
    read_pulled,
    search_words,
)
from corpus.manifest import Manifest, manifest_path
from corpus.model import Layer, make_document

TEXT = 'Kyiv & co.\nThe OSCE went #2 to Kyiv, 50 % "on" Friday.\nKyiv.'


def project(id=3, *, url="http://h:1/d", task="spans", name="annotator:ann"):
    return PulledProject(id, f"news.{id}", "news", task, (name,), 1, (), url)


def document(*layers):
    return make_document("d", TEXT, layers=layers)


def test_words_are_the_nearest_each_once_without_any_sign():
    at = TEXT.index("OSCE")
    words = search_words(TEXT, (at, at + 4), in_line=False)
    assert words == ["Friday", "Kyiv", "OSCE", "went", "The", "50", "co", "on", "to", "2"]
    assert search_words(TEXT, (0, 4), in_line=True) == ["Kyiv", "co"]
    assert search_words(TEXT, (len(TEXT) - 5, len(TEXT) - 1), in_line=True) == ["Kyiv"]
    assert search_words("😀 …", (0, 1), in_line=False) == []
    many = " ".join(f"w{n:04d}" for n in range(1000))
    at = many.index("w0500")
    nearest = [f"w{n:04d}" for n in range(492, 508)]
    assert search_words(many, (at, at + 5), in_line=False) == nearest


def test_address_is_of_each_project_for_spans_whose_layer_the_document_has():
    projects = {
        project(3): 0,
        project(4, name="annotator:bob"): 0,
        project(5, task="links"): 0,
        project(6, url=""): 0,
        project(7): len(TEXT),
    }
    ann = document(Layer("annotator:ann", state="confirmed"), Layer("gold"))
    assert list(example_addresses(projects, ann, (0, 4))) == [
        (
            "news.3",
            "http://h:1/d/projects/3/sequence-labeling?page=1&q=Friday%20Kyiv%20OSCE%20went%20"
            "The%2050%20co%20on%20to%202",
        ),
        ("news.7", "http://h:1/d/projects/7/sequence-labeling?page=1&q=Kyiv%20co"),
    ]
    second = document(Layer("annotator:ann", round=2, state="confirmed"))
    assert list(example_addresses(projects, second, (0, 4))) == []
    assert list(example_addresses(projects, document(Layer("gold")), (0, 4))) == []


def test_manifests_of_earlier_versions_have_no_address(tmp_path):
    output = tmp_path / "documents.jsonl"
    assert (read_pulled(output), read_cut(output)) == ([], {})
    earlier = {
        "id": 3, "name": "n", "project": "n", "task": "spans", "layers": ["annotator:ann"],
        "round": 1, "snapshots": [],
    }  # fmt: skip
    notes = {"in_pieces_from": {"3": 9}}
    manifest = Manifest("pull", settings={"projects": [earlier]}, notes=notes)
    manifest_path(output).write_bytes(msgspec.json.encode(manifest))
    (found,) = read_pulled(output)
    assert found.url == ""
    assert read_cut(output) == {3: 9}
