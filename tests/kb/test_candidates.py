"""Ranking beside a plain one that was written for this test, from the sources themselves."""

import math
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.kb.candidates import joined, rank
from corpus.kb.cards import words_of
from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.context import Context, context_of, sure_of
from corpus.kb.knowledge_base import KB
from corpus.kb.standing import Standing, what_counts

WORDS = "capital harbour treaty football senate river mayor church coast union bank with the city"
TEXT_WORDS = WORDS.split()
SURFACES = [f"Name{letter}" for letter in "abcdefgh"]


def make_entities():
    """Entities that share names: some counted, some not, some whose label is the name."""
    dice = random.Random(7)
    for number in range(120):
        names = dice.sample(SURFACES, dice.randint(1, 3))
        entity = {
            "id": f"Q{dice.randint(0, 9)}{number:03}",
            "label": names[0] if dice.random() < 0.5 else f"Other {number}",
            "type": dice.choice(["city", "river", "person", ""]),
            "description": " ".join(dice.choices(TEXT_WORDS, k=dice.randint(0, 9))),
            "aliases": names,
        }
        counted = [name for name in names if name < "Namee" and dice.random() < 0.7]
        entity["counts"] = {name: dice.randint(1, 30) for name in counted}
        yield entity
    for name in SURFACES[2:4]:
        # One that its name alone makes sure, with a label that is another one's too.
        yield {
            "id": f"Q1{name}",
            "label": "Namee Harbour",
            "type": "city",
            "description": "football union with a church on the coast",
            "aliases": [name],
            "counts": {name: 2000},
        }


ENTITIES = list(make_entities())


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    import json

    from corpus.kb.build import build_kb

    folder = tmp_path_factory.mktemp("kb")
    source = folder / "many.jsonl"
    source.write_text("".join(json.dumps(entity) + "\n" for entity in ENTITIES))
    build_kb([source], folder / "many.kb")
    return KB(folder / "many.kb")


def terms_of(entity):
    said = " ".join([entity["label"], entity["type"], entity["description"]]).lower()
    return sorted(set(re.findall(r"\w{4,}", said)) - COMMON_WORDS)


SHARED = [word for entity in ENTITIES for word in terms_of(entity)]
RARITY = {word: 1 - math.log(SHARED.count(word)) / math.log(len(ENTITIES)) for word in SHARED}
BY_ID = {entity["id"]: entity for entity in ENTITIES}


def weight_of(entity, name):
    """How often the name means it: as counted, else as often as it is meant at all."""
    return entity.get("counts", {}).get(name) or 1


def meanings_of(name):
    return {e["id"]: weight_of(e, name) for e in ENTITIES if name in {*e["aliases"], e["label"]}}


def surest(meanings):
    best = max(meanings, key=lambda id: meanings[id], default=None)
    whole = sum(meanings.values())
    return best if best and meanings[best] >= 0.8 * whole else None


def plain_rank(name, words, names, named):
    """(id, prior, score) of every candidate, as docs/kb.md says."""
    meanings = meanings_of(name)
    total = sum(meanings.values())
    uncounted = total <= len(meanings | dict.fromkeys(named))
    sure = [surest(meanings_of(other)) for other in names]
    entities = {id for id in sure if id}
    rows = []
    for id in sorted({*meanings, *named}):
        prior = meanings.get(id, 0) / (total or 1)
        base = prior * 1.4 if uncounted and BY_ID[id]["label"] == name else prior
        if named:
            base = (base or 1 / (total + 1)) + (id in named)
        force = 0.0
        for word in terms_of(BY_ID[id]):
            if word == name.lower():
                continue
            if word in words:
                force += RARITY[word]
                continue
            others = [other for other in entities if word in terms_of(BY_ID[other])]
            if surest(meanings) in others and sure.count(surest(meanings)) == 1:
                others.remove(surest(meanings))
            force += RARITY[word] * len(others) / (len(others) + 1)
        rows.append(
            (id, prior, base * math.exp(force / max(1, len(terms_of(BY_ID[id])) / 4) ** 0.5))
        )
    mass = {
        True: sum(weight for id, _, weight in rows if id in named),
        False: sum(weight for id, _, weight in rows if id not in named),
    }
    share = {True: 0.9, False: 0.1} if all(mass.values()) else {True: 1.0, False: 1.0}
    scored = [
        (id, round(prior, 6), round(weight / mass[id in named] * share[id in named], 6))
        for id, prior, weight in rows
    ]
    return sorted(scored, key=lambda row: (-row[2], -row[1], row[0]))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SURFACES),
    st.sets(st.sampled_from([*TEXT_WORDS, *map(str.lower, SURFACES)])),
    st.sets(st.sampled_from(SURFACES)),
    st.sets(st.sampled_from(sorted(BY_ID)), max_size=3),
    st.sampled_from([None, 1, 9]),
)
def test_rank_is_as_a_plain_ranking_has_it(kb, name, words, names, named, most):
    found = {id: kb.find(id) for id in named}
    meant = {entity.number: 2 for entity in found.values()}
    postings = joined(kb.lookup(name), meant)
    context = context_of(kb, frozenset(words), [tuple(kb.lookup(other)) for other in sorted(names)])
    ranked = rank(kb, postings, name, context, named=meant, most=most)
    expected = plain_rank(name, words, names, named)[:most]
    assert [one.entity.id for one in ranked] == [id for id, _, _ in expected]
    for one, (_, prior, score) in zip(ranked, expected, strict=True):
        # Sums in another order differ in their last bit, which may turn the sixth decimal.
        assert (one.prior, one.score) == (prior, pytest.approx(score, abs=1.1e-6))
        assert one.entity.label == BY_ID[one.entity.id]["label"]
        assert one.named == (one.entity.id in named)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(SURFACES),
    st.sets(st.sampled_from([*TEXT_WORDS, *map(str.lower, SURFACES), "elsewhere"])),
    st.sets(st.sampled_from(SURFACES)),
)
def test_what_counts_of_a_context_is_all_that_ranking_needs_of_it(kb, name, words, names):
    postings = tuple(kb.lookup(name))
    context = context_of(kb, frozenset(words), [tuple(kb.lookup(other)) for other in sorted(names)])
    standing = Standing(kb, postings, name)
    shared, related, alone = what_counts(standing, context)
    sure = {sure_of(postings): 1} if alone else {}
    less = Context(shared, dict(related), sure)
    assert rank(kb, postings, name, less) == rank(kb, postings, name, context)
    assert what_counts(standing, less) == (shared, related, alone)


@given(st.text() | st.text(alphabet="aé '’-_ß\u0301٣²\x1f\u2028中½"))
def test_words_of_finds_what_the_regular_expression_finds(text):
    assert words_of(text) == set(re.findall(r"\w+", text))
