"""corpus split, as a person types it."""

import json
from itertools import chain

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.model import Layer, Link, Mention, make_document
from corpus.store import read_documents, write_documents

GOLD = Layer("gold", mentions=(Mention("1", 0, 4, "GPE"), Mention("2", 12, 16, "ORG")))


def documents(number):
    bare = make_document("bare", "Nobody has judged this.", lang="en")
    return [
        *(
            make_document(f"d{n}", f"Kyiv wrote, NATO answered {n}.", lang="en", layers=(GOLD,))
            for n in range(number)
        ),
        bare,
    ]


@pytest.fixture
def gold(tmp_path):
    write_documents(documents(10), tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def ids(path):
    return [document.id for document in read_documents(path)]


def test_split_writes_each_split_twice_and_says_what_is_in_it(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    ran = run_cli(["split", gold, "-o", out, "--ratios", "60,20,20"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{out}/splits.jsonl: 11 documents, 20 mentions\n"
        "  newly placed: 10\n"
        "  without a layer 'gold', in rest.jsonl: 1\n"
        "                    train    dev   test\n"
        "  documents             6      2      2\n"
        "  tokens               42     14     14\n"
        "  mentions             12      4      4\n"
        "  unseen surfaces       –      0      0\n"
        "    their mentions      –      0      0\n"
        "  GPE               50.0%  50.0%  50.0%\n"
        "  ORG               50.0%  50.0%  50.0%\n"
    )
    names = ("train", "dev", "test")
    found = {name: ids(out / f"{name}.jsonl") for name in names}
    assert sorted(chain.from_iterable(found.values())) == sorted(f"d{n}" for n in range(10))
    assert ids(out / "rest.jsonl") == ["bare"]
    vocab = spacy.blank("en").vocab
    for name in names:
        docs = list(DocBin().from_disk(out / f"{name}.spacy").get_docs(vocab))
        assert [doc.user_data["id"] for doc in docs] == found[name]
        assert {ent.label_ for doc in docs for ent in doc.ents} == {"GPE", "ORG"}
    listed = [json.loads(line) for line in (out / "splits.jsonl").read_text().splitlines()]
    assert {each["document"]: each["split"] for each in listed} == {
        id: name for name in names for id in found[name]
    }


def test_split_again_is_up_to_date_and_a_grown_corpus_keeps_its_splits(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    run_cli(["split", gold, "-o", out])
    before = {name: ids(out / f"{name}.jsonl") for name in ("train", "dev", "test")}
    assert run_cli(["split", gold, "-o", out]).out.startswith(f"{out}/splits.jsonl is up to date\n")
    write_documents(documents(30), gold)
    ran = run_cli(["split", gold, "-o", out])
    assert ran.code == 0
    assert "  kept the split of an earlier run: 10\n  newly placed: 20\n" in ran.out
    for name, earlier in before.items():
        assert set(earlier) <= set(ids(out / f"{name}.jsonl"))
    assert len(ids(out / "train.jsonl")) == 24


def test_other_ratios_are_refused_and_fresh_forgets(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    run_cli(["split", gold, "-o", out])
    ran = run_cli(["split", gold, "-o", out, "--ratios", "60,20,20"])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"corpus: error: {out}/splits.jsonl: exists, made by 'split' with other settings (ratios "
        "[80.0, 10.0, 10.0], now [60.0, 20.0, 20.0]); give another -o, or --force to replace it\n"
    )
    ran = run_cli(["split", gold, "-o", out, "--ratios", "60,20,20", "--fresh"])
    assert "  newly placed: 10\n" in ran.out
    assert len(ids(out / "dev.jsonl")) == 2


def test_the_same_command_gives_the_same_bytes(run_cli, gold, tmp_path):
    for name in ("one", "two"):
        run_cli(["split", gold, "-o", tmp_path / name, "--seed", "7"])
    for file in sorted((tmp_path / "one").iterdir()):
        if not file.name.endswith(".manifest.json"):
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_files_that_split_did_not_make_are_not_replaced(run_cli, gold, tmp_path):
    (tmp_path / "train.jsonl").write_text("mine")
    ran = run_cli(["split", gold, "-o", tmp_path])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}: holds a train that this command did not make; "
        "give another -o, or --force to replace it\n",
    )
    assert (tmp_path / "train.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gold.jsonl", "--ratios", "1,2"], 2, "--ratios 1,2: not three numbers that are 0 or "
         "more; give train, dev and test, as in 80,10,10"),
        (["gold.jsonl", "--layer", "silver"], 1, "gold.jsonl: none of 11 documents has a layer "
         "'silver'; run corpus adjudicate first, or name another with --layer"),
        (["empty.jsonl"], 1, "empty.jsonl: holds no documents; nothing to split"),
        (["gold.jsonl", "--by", "size"], 2, "--by size: no such way; the ways are: labels, date, "
         "hash"),
        (["gold.jsonl", "--folds", "3", "--ratios", "1,1,1"], 2, "--folds and --ratios: folds are "
         "of equal size; give one of the two"),
        (["gold.jsonl", "--keep-together", "day,week"], 2, "--keep-together week: no such kind; "
         "give near-duplicates, source, event, day, meta.KEY or none, with commas between"),
        (["gold.jsonl", "--keep-together", ""], 2, "--keep-together: names nothing; give none to "
         "tear all apart"),
        (["gold.jsonl", "--frozen", "none"], 2, "none/splits.jsonl: no such file; check the path; "
         "a glob must match something"),
        (["-"], 2, "-: split reads its documents twice; save them as a file first"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_is_said(
    run_cli, gold, tmp_path, monkeypatch, arguments, code, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    ran = run_cli(["split", *arguments, "-o", "out"])
    assert (ran.code, ran.out, ran.err) == (code, "", f"corpus: error: {message}\n")


STORY = (
    "The council met at noon and agreed to build a bridge over the river by spring if funds last"
)


def story(id, text, target="Q1", start=4):
    mentions = (Mention("1", start, start + 7, "ORG", links=(Link(target),)),)
    return make_document(id, text, lang="en", layers=(Layer("gold", mentions=mentions),))


def test_copies_go_together_and_torn_ones_are_refused(run_cli, tmp_path):
    copies = [story(f"d{n}", f"{STORY}. Desk {n}") for n in range(6)]
    write_documents([*copies, *documents(10)[:-1]], tmp_path / "gold.jsonl")
    ran = run_cli(["split", tmp_path / "gold.jsonl", "-o", tmp_path / "a"])
    assert ran.code == 1
    assert ran.err == (
        "corpus: error: document id 'd0' stands twice; give each document an id of its own\n"
    )
    copies = [story(f"c{n}", f"{STORY}. Desk {n}") for n in range(6)]
    write_documents([*copies, *documents(10)[:-1]], tmp_path / "gold.jsonl")
    ran = run_cli(["split", tmp_path / "gold.jsonl", "-o", tmp_path / "a", "--json"])
    notes = json.loads(ran.out)["notes"]
    assert notes["documents of the largest group"] == 6
    assert (notes["near-duplicate pairs"], notes["near-duplicate pairs across splits"]) == (15, 0)
    torn = ["split", tmp_path / "gold.jsonl", "--ratios", "1,1,1", "--keep-together", "none"]
    ran = run_cli([*torn, "-o", tmp_path / "b"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "corpus: error: 12 near-duplicate pairs would stand in different splits; "
        "name near-duplicates in --keep-together, or give --allow-leaks\n"
    )
    assert run_cli([*torn, "-o", tmp_path / "b", "--allow-leaks"]).code == 0


def test_a_document_of_train_that_a_new_one_joins_to_test_is_moved_and_said(run_cli, tmp_path):
    first, last = story("first", STORY[:55]), story("last", STORY[35:], start=0)
    out = tmp_path / "splits"
    write_documents([first, last], tmp_path / "gold.jsonl")
    run_cli(["split", tmp_path / "gold.jsonl", "-o", out, "--ratios", "0,0,1"])
    lines = (out / "splits.jsonl").read_text().splitlines()
    (out / "splits.jsonl").write_text("\n".join([lines[0], lines[1].replace("test", "train")]))
    write_documents([first, last, story("whole", STORY)], tmp_path / "grown.jsonl")
    ran = run_cli(["split", tmp_path / "grown.jsonl", "-o", tmp_path / "new", "--frozen", out])
    assert ran.code == 0
    assert ids(tmp_path / "new" / "test.jsonl") == ["first", "last", "whole"]
    assert "  moved, a group they belong to stands in a later split: 1\n" in ran.out
    assert "moved, with its group: last: train to test\n" in ran.err
    manifest = json.loads((tmp_path / "new" / "splits.jsonl.manifest.json").read_text())
    assert manifest["notes"]["moved_documents"] == ["last: train to test"]
    assert [mark["path"] for mark in manifest["inputs"]] == [
        str(tmp_path / "grown.jsonl"), str(out / "splits.jsonl"),
    ]  # fmt: skip


def test_folds(run_cli, gold, tmp_path):
    ran = run_cli(["split", gold, "-o", tmp_path / "folds", "--folds", "5"])
    assert (ran.code, ran.err) == (0, "")
    names = [f"fold-{n}" for n in range(1, 6)]
    found = [ids(tmp_path / "folds" / f"{name}.jsonl") for name in names]
    assert sorted(chain.from_iterable(found)) == sorted(f"d{n}" for n in range(10))
    assert [len(each) for each in found] == [2] * 5
    assert "  documents              2       2       2       2       2\n" in ran.out


def test_hard_mentions_of_test_are_listed(run_cli, tmp_path):
    # By date: two documents of test, of which one names a new entity by words known from train.
    targets = ["Q1", "Q1", "Q2", "Q1", "NIL", "NIL", "Q1", "Q1", "Q3", "Q1"]
    made = [
        story(f"d{n}", f"On day {n} Brussel {'x' * n} met.", target, 3 if n == 9 else 9)
        for n, target in enumerate(targets)
    ]
    for n, document in enumerate(made):
        document.meta["date"] = f"2021-12-{n + 1:02}"
    write_documents(made, tmp_path / "gold.jsonl")
    command = ["split", tmp_path / "gold.jsonl", "-o", tmp_path / "out", "--by", "date"]
    ran = run_cli([*command, "--ratios", "80,0,20"])
    assert ran.code == 0, ran.err
    lines = (tmp_path / "out" / "linking-sets.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "type": "set_mention/1", "document": "d8", "mention": "1", "start": 9, "end": 16,
            "surface": "Brussel", "label": "ORG", "target": "Q3",
            "sets": ["ambiguous-surface", "unseen-entity"],
        },
        {
            "type": "set_mention/1", "document": "d9", "mention": "1", "start": 3, "end": 10,
            "surface": "day 9 B", "label": "ORG", "target": "Q1", "sets": ["unseen-surface"],
        },
    ]  # fmt: skip
    assert ran.out.endswith(
        "  mentions in linking-sets.jsonl: ambiguous-surface 1, unseen-entity 1, unseen-surface 1\n"
    )
    assert "  NIL rate              25.0%     –    0.0%\n" in ran.out
    assert "  unseen entities           –     0       1\n" in ran.out
    assert "  ambiguous surfaces        1     0       1\n" in ran.out
    assert run_cli(["check", tmp_path / "out"]).code == 0
    # Predictions that are right of d8 alone, scored on each set.
    test = list(read_documents(tmp_path / "out" / "test.jsonl"))
    right = test[0].layers[0].mentions
    silver = [Layer("silver", mentions=right), Layer("silver")]
    guessed = [
        make_document(d.id, d.text, layers=(each,)) for d, each in zip(test, silver, strict=True)
    ]
    write_documents(guessed, tmp_path / "guess.jsonl")
    score = ["score", tmp_path / "guess.jsonl", "--gold", tmp_path / "out" / "test.jsonl"]
    sets = ["--only", tmp_path / "out" / "linking-sets.jsonl"]
    for of_set, recall in (
        ([], 0.5),
        (["--set", "unseen-entity"], 1),
        (["--set", "unseen-surface"], 0),
    ):
        ran = run_cli([*score, *sets, *of_set, "-m", "strong_all_match", "--json"])
        assert json.loads(ran.out)["measures"]["strong_all_match"]["micro"]["recall"] == recall
    assert run_cli([*score, "--set", "unseen-entity"]).err == (
        "corpus: error: --set unseen-entity: of no list; give --only splits/linking-sets.jsonl\n"
    )
    assert run_cli([*score, *sets, "--set", "hard"]).err == (
        "corpus: error: --set hard: no such set; the sets are: ambiguous-surface, unseen-entity, "
        "unseen-surface\n"
    )


def test_a_corpus_too_small_for_its_ratios_is_said(run_cli, tmp_path):
    write_documents(documents(2), tmp_path / "gold.jsonl")
    ran = run_cli(["split", tmp_path / "gold.jsonl", "-o", tmp_path / "out"])
    assert ran.code == 0
    assert ran.err == (
        "dev is empty: 2 documents cannot be split 80,10,10\n"
        "test is empty: 2 documents cannot be split 80,10,10\n"
    )


def test_a_docbin_in_shards_holds_what_the_whole_one_does(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    command = ["split", gold, "-o", out]
    assert run_cli(command).code == 0
    (whole,) = out.glob("train*.spacy")
    texts = [doc.text for doc in DocBin().from_disk(whole).get_docs(spacy.blank("en").vocab)]
    ran = run_cli([*command, "--shard-size", "3", "--force"])
    assert (ran.code, ran.err) == (0, "")
    shards = sorted(out.glob("train*.spacy"))
    assert [each.name for each in shards] == [f"train-0000{n}.spacy" for n in range(3)]
    parts = [
        [d.text for d in DocBin().from_disk(s).get_docs(spacy.blank("en").vocab)] for s in shards
    ]
    assert list(map(len, parts)) == [3, 3, 2]
    assert (
        list(chain.from_iterable(parts))
        == texts
        == [d.text for d in read_documents(out / "train.jsonl")]
    )
    assert run_cli(["check", out]).code == 0
    assert run_cli([*command, "--shard-size", "4", "--force"]).code == 0
    assert len(list(out.glob("train*.spacy"))) == 2
    assert run_cli([*command, "--force"]).code == 0
    assert [each.name for each in out.glob("train*.spacy")] == ["train.spacy"]
