"""Five public corpora through the whole job: imported, annotated in Doccano, exported, compared."""

import json
from collections import Counter

import pytest

from corpus.doccano.client import Doccano
from corpus.doccano.settings import read_settings
from corpus.formats import FORMATS
from corpus.formats.fit import fit_document
from corpus.formats.keeps import Wish
from corpus.manifest import rejects_path
from corpus.model import Change, layer_of
from corpus.store import read_documents, read_records
from scripts.scripted_annotator import annotate, decide, find_project
from tests.formats.any_documents import written
from tests.formats.real_corpora import CORPORA, DATA, facts_of

pytestmark = [
    pytest.mark.skipif(not DATA.exists(), reason="the corpora are not beside this checkout"),
]


def imported(name, tmp_path, run_cli, layer="gold"):
    where, format, _ = CORPORA[name]
    out = tmp_path / f"{layer}.jsonl"
    args = ["import", DATA / where, "--format", format, "-o", out, "--layer", layer]
    ran = run_cli([*args, "--allow-rejects"])
    assert (ran.code, ran.err) == (0, "")
    return out


def rejected(path):
    ledger = rejects_path(path)
    return list(read_records(ledger, Change)) if ledger.exists() else []


@pytest.mark.parametrize("name", CORPORA)
def test_every_mention_of_the_file_is_imported_or_listed(name, tmp_path, run_cli):
    where, _, read = CORPORA[name]
    out = imported(name, tmp_path, run_cli)
    wanted, found = read(DATA / where), facts_of(read_documents(out))
    lost = wanted - found
    assert found - wanted == Counter()
    assert lost.total() == len(rejected(out))
    assert lost.total() == (2 if name == "re3d" else 0)


@pytest.mark.parametrize("format", [n for n, one in FORMATS.items() if one.write])
@pytest.mark.parametrize(
    "name", ["newseye", "wnut17", *(pytest.param(n, marks=pytest.mark.long) for n in
     ("topres19th", "wiki-fair-v2", "re3d"))],
)  # fmt: skip
def test_every_format_gives_back_what_it_can_hold(name, format, tmp_path, run_cli):
    documents = list(read_documents(imported(name, tmp_path, run_cli)))[:60]
    chosen = FORMATS[format]
    stage = written(documents, tmp_path / "out", chosen)
    assert stage.documents.received == len(documents)
    if chosen.keeps.all:
        assert list(chosen.read(tmp_path / "out")) == documents
    if stage.documents.rejected == stage.mentions.rejected == 0 and not chosen.texts:
        # All mentions are there, each on its own surface.
        wish = Wish(chosen.title, chosen.keeps, unfit=chosen.unfit)
        fitted = [fit_document(document, wish).document for document in documents]
        again = Counter(fact[3] for fact in facts_of(fitted).elements())
        assert again.total() == facts_of(documents).total()


@pytest.mark.long
@pytest.mark.server
@pytest.mark.parametrize("name", CORPORA)
def test_every_mention_and_link_survives_doccano(name, tmp_path, run_cli, doccano):
    silver, gold = (imported(name, tmp_path, run_cli, layer) for layer in ("silver", "gold"))

    def ok(*args, code=0):
        ran = run_cli(args)
        assert ran.code == code, ran.out + ran.err
        return ran

    project = f"real-{name}"
    wanted = facts_of(read_documents(gold))
    twins = {
        place for place, count in Counter(map(place_of, wanted.elements())).items() if count > 1
    }
    ok("push", silver, "--project", project, code=1 if twins else 0)
    done = annotate(project, gold)
    assert done["spans deleted"] == done["spans added"] == 0
    ok("pull", "--project", project, "--documents", silver, "-o", tmp_path / "pulled")
    ok("adjudicate", tmp_path / "pulled", "-o", tmp_path / "spans.jsonl")
    result = tmp_path / "spans.jsonl"
    if any(fact[5] or fact[6] for fact in wanted):
        result = linked(project, result, gold, tmp_path, ok)
    found = facts_of(read_documents(result))
    # Doccano would show one of two mentions of the same span and label: the other is listed.
    listed = [json.loads(line) for line in refused(silver, project)]
    assert {(one["document"], one["start"], one["end"], one["label"]) for one in listed} == twins
    assert (wanted - found).total() == len(listed) and found - wanted == Counter()
    for format in ("docbin", "label-studio", "prodigy", "huggingface"):
        out = tmp_path / f"out-{format}"
        ok("export", result, "--format", format, "-o", out, "--layer", "gold")
        assert facts_of(FORMATS[format].read(out)) == found


def place_of(fact):
    return (fact[0], fact[1], fact[2], fact[4])


def refused(silver, project):
    """The lines of the push's record that say what was not sent."""
    record = silver.with_name(f"{silver.name}.push-{project}.jsonl")
    lines = record.read_text("utf-8").splitlines() if record.exists() else []
    return [line for line in lines if '"verdict":"refused"' in line]


def linked(project, spans, gold, tmp_path, ok):
    """The documents after the second pass: each link decided by a key that gold names."""
    names = {}
    documents = {document.id: document for document in read_documents(gold)}
    for document in documents.values():
        for mention in layer_of(document, "gold").mentions:
            for link in mention.links:
                surface = " ".join(document.text[mention.start : mention.end].split())
                if link.target != "NIL":
                    names.setdefault(link.target, set()).add(surface)
    rows = ({"id": id, "aliases": sorted(found)} for id, found in sorted(names.items()))
    source = tmp_path / "entities.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    kb = tmp_path / "real.kb"
    ok("kb", "build", source, "-o", kb)
    asked = tmp_path / "asked.jsonl"
    ok("suggest", spans, "--task", "links", "--kb", kb, "-o", asked)
    task = ("--task", "links", "--project", f"{project}-links", "--kb", kb)
    ok("push", asked, *task, "--per", "mention")
    decide_all(f"{project}-links", documents)
    ok("pull", *task, "--documents", asked, "-o", tmp_path / "links")
    out = tmp_path / "linked.jsonl"
    ok("adjudicate", tmp_path / "links", "--task", "links", "-o", out, "--allow-rejects")
    return out


def decide_all(project_name, gold):
    """Answer every example by gold's link; where gold did not judge, by UNSURE."""
    server = Doccano(read_settings())
    project = int(find_project(server, project_name)["id"])
    labels = {label["text"]: label["id"] for label in server.list_category_types(project)}
    done = Counter()
    for example in list(server.list_examples(project)):
        meta = example["meta"]
        document = gold[meta["corpus_id"]]
        start, _, end = meta["corpus_places"].split()[0].partition("-")
        asked = (int(start), int(end), meta["corpus_label"])
        mentions = layer_of(document, "gold").mentions
        if any(m.links for m in mentions if (m.start, m.end, m.label) == asked):
            decide(server, project, example, document, labels, done)
        else:
            server.create_category(project, example["id"], labels["UNSURE"])
        server.confirm_example(project, example["id"])
