"""The audit: mistakes that were planted into sound gold are found, ranked, and nothing else."""

import pytest

from corpus.audit.debug_data import debug_data
from corpus.audit.doubts import Doubt
from corpus.audit.queue import audit, documents_for_review
from corpus.model import Layer, Link, Mention, make_document, with_ids
from corpus.store import encode_line

KB = {"OSCE": ("ORG", "Q81299"), "Kyiv": ("GPE", "Q1899"), "Minsk": ("GPE", "Q2280")}


def marked(id, text, *, skip=(), change=None, extra=()):
    """A document in which each name of KB is marked, but what is skipped or changed."""
    mentions = list(extra)
    for name, (label, target) in KB.items():
        at = text.find(name)
        while at >= 0:
            if (name, at) not in skip:
                mentions.append(Mention("", at, at + len(name), label, (Link(target),)))
            at = text.find(name, at + 1)
    mentions = [(change or {}).get((m.start, m.end), m) for m in mentions]
    return make_document(id, text, lang="en", layers=(Layer("gold", mentions=with_ids(mentions)),))


def sound(number=10):
    return [marked(f"s{n}", f"{n}. The OSCE went from Kyiv to Minsk.") for n in range(number)]


def one_mention(id, text, mention):
    return make_document(id, text, layers=(Layer("gold", mentions=with_ids([mention])),))


def audited(*documents):
    doubts, _ = audit(lambda _: documents, layer="gold", with_debug_data=False)
    return [(d.kind, d.document, d.surface, d.score, d.reason) for d in doubts]


def test_sound_gold_gives_no_doubt():
    assert audited(*sound()) == []


def test_another_label_than_the_same_words_have():
    odd = marked("odd", "In Kyiv.", change={(3, 7): Mention("", 3, 7, "ORG", (Link("Q1899"),))})
    reason = "labelled ORG here, GPE in 10 of 11"
    assert audited(*sound(), odd) == [("label-variant", "odd", "Kyiv", 0.8333, reason)]


def test_another_link_and_a_surer_doubt_within_one_document():
    other = Mention("", 3, 7, "GPE", (Link("Q9"),))
    nil = Mention("", 3, 7, "GPE", (Link("NIL"),))
    odd = marked("odd", "In Kyiv.", change={(3, 7): other})
    absent = marked("nil", "In Kyiv and Kyiv.", change={(3, 7): nil})
    assert audited(*sound(), odd, absent) == [
        ("link-variant", "nil", "Kyiv", 0.8929, "judged to be absent here, to Q1899 in 11 of 13"),
        ("link-variant", "odd", "Kyiv", 0.7857, "linked to Q9 here, to Q1899 in 11 of 13"),
    ]


def test_a_mention_that_lacks_the_link_of_its_twins():
    bare = Mention("", 0, 4, "GPE")
    near = marked("near", "Kyiv is Kyiv.", change={(0, 4): bare})
    far = marked("far", "Kyiv is not.", change={(0, 4): bare})
    assert audited(*sound(3), near, far) == [
        ("unlinked-twin", "near", "Kyiv", 0.95,
         "not linked, Q1899 in 1 of 1 linked in this document"),
        ("unlinked-twin", "far", "Kyiv", 0.72, "not linked, Q1899 in 4 of 4 linked in the corpus"),
    ]  # fmt: skip


def test_places_that_were_missed():
    near = marked("near", "Kyiv, yes Kyiv.", skip={("Kyiv", 10)})
    far = marked("far", "To Minsk, or Minskers.", skip={("Minsk", 3), ("Minsk", 13)})
    assert audited(*sound(), near, far) == [
        ("missed-mention", "near", "Kyiv", 0.9167,
         "not marked, 11 of 12 places are, in this document too"),
        ("missed-mention", "far", "Minsk", 0.8182, "not marked, 10 of 11 places are"),
    ]  # fmt: skip


def test_a_word_that_is_a_name_now_and_then_is_no_missed_mention():
    may = Mention("", 0, 3, "PER")
    documents = [marked(f"d{n}", "May it be so.", extra=[may] if n < 3 else []) for n in range(9)]
    assert audited(*documents) == []


def test_names_are_found_across_blanks_and_in_scripts_without_them():
    def names(id, text, spans):
        mentions = with_ids([Mention("", a, b, "GPE") for a, b in spans])
        return make_document(id, text, layers=(Layer("gold", mentions=mentions),))

    documents = [
        names("a", "New York, New\nYork, New York City", [(0, 8), (20, 33)]),
        names("b", "New York", [(0, 8)]),
        names("c", "在北京。在北京。", [(1, 3)]),
    ]
    assert [(d[1], d[2]) for d in audited(*documents)] == [("a", "New York"), ("c", "北京")]


@pytest.mark.parametrize(
    ("text", "span", "score", "reason"),
    [
        (" Kyivan", (0, 7), 1.0, "begins or ends with a blank"),
        ("Old\nTown", (0, 8), 0.9, "goes over the end of a line"),
        ("Old  Town", (0, 9), 0.7, "has two blanks in a row inside"),
        ("– – –", (0, 5), 0.95, "has no letter and no digit"),
        ("(Old", (0, 4), 0.85, "has ( or ) without the other"),
        ("»Old«, new", (0, 6), 0.8, "begins or ends with punctuation"),
        ("”Old, new", (0, 4), 0.85, "has one quotation mark without the other"),
        ("Oldest", (0, 3), 0.75, "begins or ends inside a word"),
    ],
)
def test_broken_spans(text, span, score, reason):
    odd = make_document(
        "odd", text, layers=(Layer("gold", mentions=with_ids([Mention("", *span, "X")])),)
    )
    (found,) = [each for each in audited(odd) if each[0] == "broken-span"]
    assert found[3:] == (score, reason)


@pytest.mark.parametrize("text", ["U.S.", "AT&T", "»Old« town", "O’Brien", "東京", "St.", "Jr."])
def test_names_as_they_are_written_are_not_broken(text):
    whole = Mention("", 2, 2 + len(text), "X")
    mentions = with_ids([whole])
    document = make_document("d", f"a {text} b", layers=(Layer("gold", mentions=mentions),))
    assert audited(document) == []


def test_borders_against_the_habit_of_the_label():
    with_article = Mention("", 3, 11, "ORG")
    owner = Mention("", 0, 6, "GPE")
    documents = [
        *sound(),
        one_mention("odd", "In the OECD.", with_article),
        *(marked(f"p{n}", f"{n} Kyiv's plan") for n in range(4)),
        one_mention("own", "Rome's plan", owner),
    ]
    assert audited(*documents) == [
        ("boundary", "odd", "the OECD", 0.8333, "article inside here, left out in 10 of 11 ORG"),
        ("boundary", "own", "Rome's", 0.6667, "possessive inside here, left out in 4 of 5 GPE"),
    ]


def test_labels_that_are_rare_or_look_like_another():
    documents = [*sound(60)]
    rare, twin = Mention("", 0, 4, "MISC"), Mention("", 0, 4, "gpe")
    documents.append(one_mention("rare", "Nero", rare))
    documents.append(one_mention("twin", "Cato", twin))
    assert audited(*documents) == [
        ("rare-label", "twin", "Cato", 0.9, "gpe has 1 mentions, and GPE has 120"),
        ("rare-label", "rare", "Nero", 0.5, "MISC has 1 of 182 mentions"),
    ]  # fmt: skip


def test_documents_for_review_come_in_the_order_of_their_surest_doubt():
    documents = sound(3)
    title = make_document(
        "s1", documents[1].text, meta={"title": "Talks"}, layers=documents[1].layers
    )
    doubts = [
        Doubt(kind="debug-data", score=1.0, reason="of no document"),
        Doubt(kind="broken-span", score=0.9, reason="x" * 120, document="s2", surface="S", end=1),
        Doubt(kind="boundary", score=0.5, reason="why", document="s1", surface="T", end=1),
        Doubt(kind="boundary", score=0.4, reason="and", document="s1", surface="U", end=1),
    ]  # fmt: skip
    last, first = documents_for_review([documents[0], title, documents[2]], doubts)
    assert (last.id, first.id) == ("s2", "s1")
    assert len(last.meta["title"]) == 100
    assert last.meta["title"].endswith("x…")
    assert first.meta == {
        "title": "'T' 0-1: why (+1)",
        "title_before": "Talks",
        "audit": ["'T' 0-1: why", "'U' 0-1: and"],
    }
    assert first.layers == title.layers


def test_what_spacy_says_of_the_data_is_in_the_queue():
    found = list(debug_data(sound(3), layer="gold", lang="en"))
    assert "Low number of examples to train a new pipeline (3)" in {d.reason for d in found}
    assert {d.score for d in found} <= {0.5, 0.9}
    assert not [d.reason for d in found if "evaluation" in d.reason or "warnings" in d.reason]


def test_the_queue_is_the_same_each_time():
    documents = [*sound(), marked("near", "Kyiv, yes Kyiv.", skip={("Kyiv", 10)})]
    one, _ = audit(lambda _: documents, layer="gold", with_debug_data=False)
    other, _ = audit(lambda _: documents[::-1], layer="gold", with_debug_data=False)
    assert list(map(encode_line, one)) == list(map(encode_line, other))
