"""Pages of the site that do not stand in docs/: a hook of mkdocs (see mkdocs.yml).

README and the other guides stand where a reader of the repository looks for them, and records.md
is made of schemas/. Their links are turned to where the pages are in the site.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
PLACES = {  # in the repository: in the site
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "docker/README.md": "containers.md",
    "seeds/README.md": "seeds.md",
    "tests/LONG.md": "long-suites.md",
}
SOURCES = {place: source for source, place in PLACES.items()}
LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")

RECORDS = """\
# Records

Every file of lines is made of these, and so are the manifests. Each has a JSON Schema, which
`scripts/schemas` writes from the code; a `type` ends with its version, and a reader names a file of
another version instead of guessing. What the words mean stands in [the data model](data-model.md).
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of docs/ with the pages that stand elsewhere, and the schemas."""
    for source, place in PLACES.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    pictures = {path for source in PLACES for path in linked_files(source)}
    schemas = {f"schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")}
    for path in sorted(pictures | schemas):
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    files.append(File.generated(config, "records.md", content=records_page()))
    return files


def linked_files(source: str) -> Iterator[str]:
    """What a page outside of docs/ links to and is no page: places in the repository."""
    for found in LINK.finditer((ROOT / source).read_text("utf-8")):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[2]))
        if not path.startswith("docs/") and path not in PLACES and (ROOT / path).is_file():
            yield path


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its links turned from places in the repository to places in the site."""
    place = page.file.src_uri
    folder = posixpath.dirname(SOURCES.get(place, f"docs/{place}"))

    def turn(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        target = PLACES.get(target, target.removeprefix("docs/"))
        return found[1] + posixpath.relpath(target, posixpath.dirname(place) or ".") + found[3]

    return LINK.sub(turn, markdown)


def records_page() -> str:
    """A section for each record: what it is, its fields, its schema."""
    parts = [RECORDS]
    for path in sorted((ROOT / "schemas").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        types = schema["$defs"]
        root = schema["$ref"].rpartition("/")[2]
        parts.append(f"## {schema['title'].partition(':')[0]}\n")
        parts.append(f"[{path.name}](../schemas/{path.name})\n")
        parts.extend(section(types[name]) for name in [root, *sorted(set(types) - {root})])
    return "\n".join(parts)


def section(type: dict[str, Any]) -> str:
    """What a type is, and a table of its fields if it has names for them."""
    head = f"### {type['title']}\n\n{type.get('description', '')}\n"
    if "properties" not in type:
        return head
    rows = ["| Field | Type | If it is left out |", "|---|---|---|"]
    for name, field in type["properties"].items():
        default = _code(field["default"]) if "default" in field else "empty"
        default = "must be there" if name in type.get("required", ()) else default
        rows.append(f"| `{name}` | {type_of(field)} | {default} |")
    return head + "\n" + "\n".join(rows) + "\n"


def type_of(field: dict[str, Any]) -> str:
    """A schema's type in a few words."""
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(type_of(one) for one in field["anyOf"])
    if "enum" in field:
        return " or ".join(_code(value) for value in field["enum"])
    if "prefixItems" in field:
        return "(" + ", ".join(type_of(one) for one in field["prefixItems"]) + ")"
    if field.get("type") == "array":
        return f"list of {type_of(field.get('items') or {})}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"object of {type_of(field['additionalProperties'])}"
    return str(field.get("type", "any"))


def _code(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"
