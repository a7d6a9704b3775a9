"""Lines of a Wikidata JSON dump, in its true form: as the service writes entities."""

import json
from collections.abc import Iterable
from typing import Any


def item(
    id: str,
    labels: dict[str, str],
    *,
    classes: Iterable[str | tuple[str, str] | None] = (),
    parents: Iterable[str | tuple[str, str] | None] = (),
    aliases: dict[str, list[str]] | None = None,
    descriptions: dict[str, str] | None = None,
    sitelinks: int = 0,
    **other: Any,
) -> dict[str, Any]:
    """An item; a class (P31) or parent (P279) may be (id, rank), or None for an unknown value."""
    return {
        "type": "item",
        "id": id,
        "labels": terms(labels),
        "descriptions": terms(descriptions or {}),
        "aliases": {
            lang: [{"language": lang, "value": text} for text in texts]
            for lang, texts in (aliases or {}).items()
        },
        "claims": {
            "P31": [statement(id, "P31", one) for one in classes],
            **({"P279": [statement(id, "P279", one) for one in parents]} if parents else {}),
            "P1082": [population(id, 1234)],
        },
        "sitelinks": {
            f"w{number}wiki": {
                "site": f"w{number}wiki",
                "title": f"Page {number}",
                "badges": [],
                "url": f"https://w{number}.example.org/wiki/Page",
            }
            for number in range(sitelinks)
        },
        "pageid": 3596065,
        "ns": 0,
        "title": id,
        "lastrevid": 194466307,
        "modified": "2024-02-18T02:36:02Z",
        **other,
    }


def terms(texts: dict[str, str]) -> dict[str, Any]:
    return {lang: {"language": lang, "value": text} for lang, text in texts.items()}


def statement(id: str, prop: str, value: str | tuple[str, str] | None) -> dict[str, Any]:
    target, rank = value if isinstance(value, tuple) else (value, "normal")
    snak: dict[str, Any] = {"snaktype": "somevalue", "property": prop, "datatype": "wikibase-item"}
    if target is not None:
        snak["snaktype"] = "value"
        snak["datavalue"] = {
            "value": {"entity-type": "item", "numeric-id": int(target[1:]), "id": target},
            "type": "wikibase-entityid",
        }
    return {
        "mainsnak": snak,
        "type": "statement",
        "id": f"{id}$0A1B2C3D-0000-4000-8000-000000000000",
        "rank": rank,
        "references": [],
    }


def population(id: str, number: int) -> dict[str, Any]:
    one = statement(id, "P1082", None)
    one["mainsnak"] |= {
        "snaktype": "value",
        "datavalue": {"value": {"amount": f"+{number}", "unit": "1"}, "type": "quantity"},
        "datatype": "quantity",
    }
    return one


def dump(entities: Iterable[dict[str, Any]]) -> bytes:
    """The bytes of a dump: brackets on lines of their own, a comma after each line but the last."""
    lines = [json.dumps(entity, ensure_ascii=False, separators=(",", ":")) for entity in entities]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()
