"""What stands beside the Parquet files: the dataset card (README.md) and Croissant metadata."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from corpus.manifest import mark_file
from corpus.model import NIL, Document

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "equivalentProperty": "cr:equivalentProperty",
    "samplingRate": "cr:samplingRate",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


class Facts:
    """What the card says of the documents."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.splits: dict[str, int] = {}
        self.langs: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.links: Counter[str] = Counter()

    @property
    def documents(self) -> int:
        """How many there are in all splits."""
        return sum(self.splits.values())

    def add(self, split: str, document: Document) -> None:
        """Count a document with its one layer."""
        self.splits[split] = self.splits.get(split, 0) + 1
        if document.lang:
            self.langs[document.lang] += 1
        for mention in document.layers[0].mentions:
            self.labels[mention.label] += 1
            kind = "not judged"
            if mention.links:
                is_nil = all(link.target == NIL for link in mention.links)
                kind = "NIL" if is_nil else "linked"
            self.links[kind] += 1


def write_card(folder: Path, facts: Facts) -> None:
    """README.md, whose head tells `datasets` where each split is."""
    lines = ["---", f"pretty_name: {json.dumps(facts.name, ensure_ascii=False)}"]
    if facts.langs:
        lines += ["language:", *(f"- {json.dumps(lang)}" for lang in sorted(facts.langs))]
    lines += ["task_categories:", "- token-classification", "configs:", "- config_name: default"]
    lines.append("  data_files:")
    for split in facts.splits:
        lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    lines += ["---", "", f"# {facts.name}", ""]
    lines += ["| Split | Documents |", "|---|---:|"]
    lines += [f"| {split} | {count:,} |" for split, count in facts.splits.items()]
    lines += ["", "| Label | Mentions |", "|---|---:|"]
    lines += [f"| {_cell(label)} | {count:,} |" for label, count in sorted(facts.labels.items())]
    lines += ["", "| Links | Mentions |", "|---|---:|"]
    lines += [f"| {kind} | {count:,} |" for kind, count in sorted(facts.links.items())]
    lines += [
        "",
        "Offsets count Unicode code points, ends are exclusive. Mentions may nest and overlap.",
        "A mention without links was not judged; one linked to `NIL` was judged to be absent from",
        "the knowledge base. `meta` is JSON.",
        "",
    ]
    (folder / "README.md").write_bytes("\n".join(lines).encode())


def _cell(label: str) -> str:
    return " ".join(label.split()).replace("|", "\\|")


def write_croissant(folder: Path, facts: Facts) -> None:
    """croissant.json: every split a record set over its Parquet file, with the file's hash."""
    files = []
    records = []
    for split in facts.splits:
        path = f"data/{split}-00000-of-00001.parquet"
        digest = mark_file(folder / path).sha256
        files.append(
            {
                "@type": "cr:FileObject",
                "@id": split,
                "name": split,
                "contentUrl": path,
                "encodingFormat": "application/x-parquet",
                "sha256": digest,
            }
        )
        records.append(
            {
                "@type": "cr:RecordSet",
                "@id": f"{split}-documents",
                "name": f"{split}-documents",
                "field": [
                    *(_field(split, *one) for one in _FIELDS),
                    *(_nested_field(split, one) for one in _NESTED),
                ],
            }
        )
    metadata: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": facts.name,
        "description": f"{facts.documents} documents with entity mentions and links.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "inLanguage": sorted(facts.langs),
        "distribution": files,
        "recordSet": records,
    }
    text = json.dumps(metadata, ensure_ascii=False, indent=2)
    (folder / "croissant.json").write_bytes(f"{text}\n".encode())


class _Nested(NamedTuple):
    """A column of structures, or of lists of them: what stands in each."""

    name: str
    description: str
    fields: tuple[tuple[str, str, str], ...]
    repeated: bool = True
    inner: tuple[_Nested, ...] = ()


_SPAN = (
    ("start", "sc:Integer", "Code points of the text before it."),
    ("end", "sc:Integer", "Code points before its end, which is exclusive."),
)
_FIELDS = (
    ("id", "sc:Text", "The document's own id."),
    ("text", "sc:Text", "The text; offsets count its code points."),
    ("lang", "sc:Text", "The language's code."),
    ("meta", "sc:Text", "Metadata as JSON."),
)
_LINKS = _Nested(
    "links",
    "Entities it is linked to. None: it was not judged. NIL: judged to be in no knowledge base.",
    (
        ("target", "sc:Text", "The entity's id, or NIL."),
        ("role", "sc:Text", "literal or metonymic."),
        ("kb", "sc:Text", "The name of the knowledge base."),
        ("kb_hash", "sc:Text", "Its hash."),
    ),
)
_CANDIDATES = _Nested(
    "candidates",
    "Entities that were offered for it.",
    (
        ("kb_id", "sc:Text", "The entity's id."),
        ("prior", "sc:Float", "How probable the entity is for the surface."),
        ("score", "sc:Float", "The score that candidates are ranked by."),
        ("label", "sc:Text", "The entity's label."),
    ),
)
_NESTED = (
    _Nested(
        "mentions",
        "Labelled spans of the text, which may nest and overlap.",
        (
            ("id", "sc:Text", "Its id in the document."),
            *_SPAN,
            ("label", "sc:Text", "Its label."),
            ("source", "sc:Text", "What made it."),
        ),
        inner=(_LINKS, _CANDIDATES),
    ),
    _Nested(
        "tokens",
        "The source's tokens; null where it brought none.",
        (*_SPAN, ("space_after", "sc:Boolean", "Whether a blank follows that is no token.")),
    ),
    _Nested("sentences", "The source's sentences; null where it brought none.", _SPAN),
    _Nested(
        "layer",
        "Whose mentions these are.",
        (
            ("name", "sc:Text", "gold, silver or annotator:NAME."),
            ("round", "sc:Integer", "The pass of annotation."),
            ("state", "sc:Text", "confirmed, touched, untouched, or null."),
            ("blind", "sc:Boolean", "Whether suggestions were kept from the annotator."),
        ),
        repeated=False,
    ),
)


def _field(split: str, name: str, kind: str, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{split}-documents/{name}",
        "name": name,
        "description": description,
        "dataType": kind,
        "source": {"fileObject": {"@id": split}, "extract": {"column": name}},
    }


def _nested_field(split: str, one: _Nested, above: str = "", path: str = "") -> dict[str, Any]:
    """A field with sub-fields: each is the column, and the place in its structures (JSONPath)."""
    here = f"{above}{one.name}"
    column = here.partition("/")[0]
    fields = []
    for name, kind, description in one.fields:
        field = _field(split, f"{here}/{name}", kind, description)
        source = {"extract": {"column": column}, "transform": {"jsonPath": f"{path}{name}"}}
        fields.append({**field, "name": name, "source": {**field["source"], **source}})
    fields += [_nested_field(split, each, f"{here}/", f"{each.name}[*].") for each in one.inner]
    return {
        "@type": "cr:Field",
        "@id": f"{split}-documents/{here}",
        "name": one.name,
        "description": one.description,
        **({"repeated": True} if one.repeated else {}),
        "subField": fields,
    }
