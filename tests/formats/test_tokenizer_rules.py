"""The rules make spaCy's own training see the mentions that its tokenizer hid."""

import runpy

import pytest
import spacy
from spacy.cli.init_config import init_config
from spacy.tokens import DocBin
from spacy.training import Corpus, biluo_tags_to_spans
from spacy.training.initialize import init_nlp

from corpus.formats.docbin import DocBinWriter
from corpus.formats.docbin_segment import encode_segment
from corpus.formats.tokenizer_rules import Rule, write_tokenizer_rules
from corpus.model import Layer, Mention, make_document


def document(id, text, *surfaces):
    mentions = []
    for number, surface in enumerate(surfaces):
        start = text.index(surface)
        mentions.append(Mention(str(number), start, start + len(surface), "GPE"))
    return make_document(id, text, lang="en", layers=(Layer("gold", mentions=tuple(mentions)),))


DOCUMENTS = [
    document("a", "The Minskis and preKyiv talks in Unter_Linden*.", "Minsk", "Kyiv", "Linden"),
    document("b", "USA+Russia met, x̂Nato☃ too. (Kyivs)", "Russia", "Nato", "Kyiv"),
    document("c", "Nothing is hidden in Minsk.", "Minsk"),
]


@pytest.fixture
def written(tmp_path):
    with DocBinWriter(tmp_path / "train.spacy") as writer:
        writer.add_segment(encode_segment(DOCUMENTS))
    assert write_tokenizer_rules(writer.rules, tmp_path / "rules.py") == len(writer.rules) > 5
    return tmp_path


SURFACES = ["Minsk", "Kyiv", "Linden", "Russia", "Nato", "Kyiv", "Minsk"]


def learned(nlp, path):
    """The entities that a training sees, aligned to the tokens of this pipeline."""
    found = []
    for example in Corpus(path)(nlp):
        tags = [tag or "-" for tag in example.get_aligned_ner()]
        found += [span.text for span in biluo_tags_to_spans(example.predicted, tags)]
    return found


def test_a_trained_pipeline_learns_every_mention_with_the_rules_and_not_without(written):
    path = written / "train.spacy"
    assert learned(spacy.blank("en"), path) == [
        *("Minskis", "preKyiv", "Unter_Linden", "USA+Russia", "x̂Nato", "Kyivs", "Minsk"),
    ]
    runpy.run_path(str(written / "rules.py"))
    config = init_config(lang="en", pipeline=["ner"], silent=True)
    config["paths"] |= {"train": str(path), "dev": str(path)}
    config["initialize"]["before_init"] = {"@callbacks": "corpus.tokenizer_rules"}
    nlp = init_nlp(config)
    assert learned(nlp, path) == SURFACES
    nlp.to_disk(written / "model")
    spacy.registry.callbacks("corpus.tokenizer_rules", func=pytest.fail)
    assert learned(spacy.load(written / "model"), path) == SURFACES


def test_the_rules_leave_other_tokens_as_they_were(written):
    runpy.run_path(str(written / "rules.py"))
    add_rules = spacy.registry.callbacks.get("corpus.tokenizer_rules")()
    nlp, plain = add_rules(spacy.blank("en")), spacy.blank("en")
    text = "Kyiv-based troops don't leave Minsk's well-known streets; U.S. aides said so at 5p.m."
    assert [t.text for t in nlp(text)] == [t.text for t in plain(text)]


def test_a_file_of_rules_reads_well(tmp_path):
    rules = {Rule("uk", "(?<=Мінськ)(?=у)"), Rule("en", "(?<=Minsk)(?=i)")}
    write_tokenizer_rules(rules, tmp_path / "rules.py")
    text = (tmp_path / "rules.py").read_text()
    assert "and then: spacy train config.cfg --code rules.py" in text
    assert (
        "INFIXES = {\n    'en': [\n        '(?<=Minsk)(?=i)',\n    ],\n    'uk': [\n"
        "        '(?<=Мінськ)(?=у)',\n    ],\n}\n"
    ) in text


def test_docs_loaded_from_the_file_have_the_mentions_as_entities(written):
    docs = DocBin().from_disk(written / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert [e.text for doc in docs for e in doc.ents] == SURFACES
