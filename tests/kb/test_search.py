"""Candidates, their order and the reasons given for it."""

import pytest

from corpus.kb.build import build_kb
from corpus.kb.candidates import firing, rank
from corpus.kb.context import context_of
from corpus.kb.knowledge_base import KB
from corpus.kb.search import search

CITY = {
    "id": "local:washington-dc",
    "label": "Washington, D.C.",
    "type": "city",
    "description": "capital of the United States",
    "counts": {"Washington": 3},
}
STATE = {
    "id": "local:washington-state",
    "label": "Washington",
    "type": "state",
    "description": "state on the Pacific coast with Seattle",
    "count": 2,
}
US = {"id": "Q30", "label": "United States", "aliases": ["US"], "counts": {"Washington": 1}}


@pytest.fixture
def kb(make_kb):
    return KB(make_kb(CITY, STATE, US))


def test_rank_is_prior_without_context_and_shared_words_with_it(kb):
    postings = kb.lookup("Washington")
    ids = [(one.entity.id, one.prior, one.score) for one in rank(kb, postings, "Washington")]
    assert ids == [
        ("local:washington-dc", 0.5, 0.5),
        ("local:washington-state", 0.333333, 0.333333),
        ("Q30", 0.166667, 0.166667),
    ]
    context = context_of(kb, kb.words("Washington, on the Pacific coast"))
    ranked = rank(kb, postings, "Washington", context)
    # Two words that no other entity has, of five: e^(2 / sqrt(5 / 4)) times the prior.
    assert [(one.entity.id, one.score, sorted(one.shared)) for one in ranked] == [
        ("local:washington-state", 0.749455, ["coast", "pacific"]),
        ("local:washington-dc", 0.187909, []),
        ("Q30", 0.062636, []),
    ]
    assert rank(kb, postings, "Washington", context, most=1) == ranked[:1]
    assert rank(kb, [], "Washington") == []


def test_firing_minds_the_case(kb):
    assert firing(kb.lookup("us"), "us") == []
    assert len(firing(kb.lookup("us"), "US")) == 1


def test_search_shows_why(kb):
    context = context_of(kb, kb.words("the Pacific coast"))
    answer = search(kb, "WASHINGTON", context=context)
    assert answer.says == (
        "'WASHINGTON' is looked up as 'washington': 3 of the knowledge base's entities"
    )
    assert answer.hits[0].why == (
        "prior 0.333: 2 of 6",
        "score 0.749: the context has coast 1.00, pacific 1.00",
        "as 'Washington', by the rule case",
    )
    assert len(search(kb, "Washington", limit=2).hits) == 2


def test_search_for_what_no_text_is_taken_for(kb):
    assert search(kb, "us").says.endswith(
        "in a text none is taken for it (a common word, or another case)"
    )


def test_lookup_leaves_out_an_article_and_a_possessive(kb, make_kb):
    assert kb.lookup("the Washington’s") == kb.lookup("Washington") != []
    assert kb.lookup("the United States'") == kb.lookup("United States") != []
    assert kb.lookup("Washington, the capital") == kb.lookup("Washington")
    bare = KB(make_kb(US, rules=("case", "quotes")))
    assert bare.lookup("The US") == bare.lookup("US's") == []


def test_search_by_id_and_for_nothing(kb, tmp_path):
    answer = search(kb, "Q30")
    assert answer.says == "Q30 is an id"
    assert answer.hits[0].why == ("known as US, United States, Washington",)
    (tmp_path / "old.tsv").write_text("Q29\tQ30\n")
    sources = [tmp_path / "entities.jsonl", f"redirects:{tmp_path / 'old.tsv'}"]
    build_kb(sources, tmp_path / "later.kb")
    later = search(KB(tmp_path / "later.kb"), "Q29")
    assert (later.says, later.hits) == ("Q29 is Q30 now", answer.hits)
    answer = search(kb, "Washingten")
    assert (answer.hits, answer.says) == (
        (),
        "no alias and no id is 'Washingten'; aliases near it: washington, washington, d.c.",
    )
    assert search(kb, "Zürich").says == "no alias and no id is 'Zürich'"


def test_label_ranks_higher_where_nobody_counted(make_kb):
    entities = (
        {"id": "a", "label": "City of London", "aliases": ["London"]},
        {"id": "b", "label": "London"},
    )
    kb = KB(make_kb(*entities))
    ranked = rank(kb, kb.lookup("London"), "London")
    assert [(one.entity.id, one.prior, one.score) for one in ranked] == [
        ("b", 0.5, 0.583333),
        ("a", 0.5, 0.416667),
    ]
    kb = KB(kb.path, without=["label"])
    assert [one.score for one in rank(kb, kb.lookup("London"), "London")] == [0.5, 0.5]
    kb = KB(make_kb({**entities[0], "count": 3}, entities[1]))
    assert [one.entity.id for one in rank(kb, kb.lookup("London"), "London")] == ["a", "b"]
