"""Five public corpora, read apart from the code under test: what their files say.

A fact is (document, start, end, surface, label, literal link, metonymic link); a link is None where
it was not judged.
"""

import json
from collections import Counter
from pathlib import Path

DATA = Path(__file__).parents[3] / "shared" / "data"


def hipe_facts(path):
    """HIPE: the text is put together from its words and NoSpaceAfter."""
    facts, id, rows = Counter(), "", []
    lines = [*path.read_text("utf-8").splitlines()[1:], "# hipe2022:document_id = end"]
    for line in lines:
        if line.startswith("# hipe2022:document_id"):
            facts.update(_hipe_document(id, rows))
            id, rows = line.rpartition(" = ")[2], []
        elif line.strip() and not line.startswith("# "):
            rows.append(line.split("\t"))
    return facts


def _hipe_document(id, rows):
    text, places = "", []
    for row in rows:
        places.append((len(text), len(text) + len(row[0])))
        text += row[0] + ("" if "NoSpaceAfter" in row[9] else " ")
    for column in (1, 6):
        at = 0
        while at < len(rows):
            tag, last = rows[at][column], at
            if tag[:2] not in ("B-", "I-"):
                at += 1
                continue
            while last + 1 < len(rows) and rows[last + 1][column] == f"I-{tag[2:]}":
                last += 1
            start, end = places[at][0], places[last][1]
            links = [
                rows[at][c] if column == 1 and rows[at][c] not in "_" else None for c in (7, 8)
            ]
            yield (id, start, end, text[start:end], tag[2:], *links)
            at = last + 1


def conll_facts(path):
    """WNUT17: a block is a document, its words have a blank between them."""
    facts = Counter()
    blocks = path.read_text("utf-8").strip("\n").split("\n\n")
    number = 0
    for block in blocks:
        rows = [line.split("\t") for line in block.split("\n") if line.strip()]
        if not rows:
            continue
        number += 1
        text, open_ = "", None
        found = []
        for word, tag in rows:
            start = len(text)
            text += word + " "
            if tag.startswith("B-"):
                found.append([start, start + len(word), tag[2:]])
                open_ = tag[2:]
            elif tag.startswith("I-") and open_ == tag[2:]:
                found[-1][1] = start + len(word)
            else:
                open_ = None
        for start, end, label in found:
            facts[(f"{path.name}#{number}", start, end, text[start:end], label, None, None)] += 1
    return facts


def elevant_facts(path):
    """wiki-fair-v2: spans as they stand; values such as dates are linked to nothing."""
    facts = Counter()
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        for label in row["labels"]:
            start, end = label["span"]
            target = {"<NIL>": "NIL", "DATETIME": None, "QUANTITY": None, "": None}.get(
                label["entity_id"], label["entity_id"]
            )
            surface = row["text"][start:end]
            facts[(str(row["id"]), start, end, surface, label["type"], target, None)] += 1
    return facts


def re3d_facts(path):
    """re3d: begin and end as they stand."""
    texts = {}
    for line in (path / "documents.json").read_text("utf-8").splitlines():
        row = json.loads(line)
        texts[row["_id"]] = row["text"]
    facts = Counter()
    for line in (path / "entities.json").read_text("utf-8").splitlines():
        row = json.loads(line)
        id, start, end = row["documentId"], row["begin"], row["end"]
        facts[(id, start, end, texts[id][start:end], row["type"], None, None)] += 1
    return facts


def facts_of(documents, layer="gold"):
    """The same facts of Documents."""
    facts = Counter()
    for document in documents:
        for each in document.layers:
            for m in each.mentions if each.name == layer and each.task == "spans" else ():
                links = [
                    next((x.target for x in m.links if x.role == role), None)
                    for role in ("literal", "metonymic")
                ]
                surface = document.text[m.start : m.end]
                facts[(document.id, m.start, m.end, surface, m.label, *links)] += 1
    return facts


CORPORA = {
    "topres19th": ("hipe2022/HIPE-2022-v2.1-topres19th-dev-en.tsv", "hipe", hipe_facts),
    "newseye": ("hipe2022/HIPE-2022-v2.1-newseye-dev-sv.tsv", "hipe", hipe_facts),
    "wiki-fair-v2": ("elevant/wiki-fair-v2.benchmark.jsonl", "elevant", elevant_facts),
    "re3d": ("re3d/CENTCOM", "re3d", re3d_facts),
    "wnut17": ("wnut17/emerging.dev.conll", "conll", conll_facts),
}
"""Name -> (where it is under the data, its format, how its facts are read)."""
