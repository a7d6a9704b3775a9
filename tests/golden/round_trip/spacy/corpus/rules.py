"""Tokenizer rules for `spacy train`: split where the corpus has mentions inside a token.

In the config of the training:

    [initialize.before_init]
    @callbacks = "corpus.tokenizer_rules"

and then: spacy train config.cfg --code rules.py

The trained pipeline keeps the rules; this file is not needed to load it.
"""

import spacy
from spacy.util import compile_infix_regex

INFIXES = {
    "en": [
        "(?<=Kyiv)(?=b)",
    ],
}


@spacy.registry.callbacks("corpus.tokenizer_rules")
def make_add_rules():
    return add_rules


def add_rules(nlp):
    """Split at the corpus's mentions, beside where the language splits anyway."""
    infixes = [*INFIXES.get(nlp.lang, []), *(nlp.Defaults.infixes or [])]
    if infixes:
        nlp.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    return nlp
