"""Rules that make spaCy's tokenizer split where mentions begin or end inside a token.

`spacy train` tokenizes the texts again: of an entity off the borders of its tokens it learns the
whole tokens, which is another entity. A rule is a pattern of no width that stands between two
characters, so it splits exactly there:

    (?<=e)(?=Kyiv)      the mention Kyiv of the token "preKyiv" begins here
    (?<=Minsk)(?=i)     the mention Minsk of the token "Minskis" ends here
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.files import atomic_output
from corpus.model import Mention
from corpus.offsets import covering_range

CALLBACK = "corpus.tokenizer_rules"


class Rule(NamedTuple):
    """An infix pattern for the tokenizer of one language."""

    lang: str
    infix: str


def rules_of(
    text: str, lang: str, mentions: Iterable[Mention], starts: Sequence[int], ends: Sequence[int]
) -> Iterator[Rule]:
    """The rules for the borders of these mentions that lie inside the tokens starts-ends."""
    for mention in mentions:
        for border in (mention.start, mention.end):
            first, last = covering_range(starts, ends, border - 1, border + 1)
            if last - first != 1 or not starts[first] < border < ends[first]:
                continue
            if border == mention.start:
                left, right = text[border - 1], text[border : min(mention.end, ends[first])]
            else:
                left, right = text[max(mention.start, starts[first]) : border], text[border]
            yield Rule(lang, f"(?<={re.escape(left)})(?={re.escape(right)})")


_HEADER = '''\
"""Tokenizer rules for `spacy train`: split where the corpus has mentions inside a token.

In the config of the training:

    [initialize.before_init]
    @callbacks = "{callback}"

and then: spacy train config.cfg --code {name}

The trained pipeline keeps the rules; this file is not needed to load it.
"""

import spacy
from spacy.util import compile_infix_regex

INFIXES = {{
'''

_FOOTER = '''\
}}


@spacy.registry.callbacks("{callback}")
def make_add_rules():
    return add_rules


def add_rules(nlp):
    """Split at the corpus's mentions, beside where the language splits anyway."""
    infixes = [*INFIXES.get(nlp.lang, []), *(nlp.Defaults.infixes or [])]
    if infixes:
        nlp.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    return nlp
'''


def write_tokenizer_rules(rules: Iterable[Rule], path: str | Path) -> int:
    """The number of rules now in a Python file for `spacy train --code`."""
    infixes: dict[str, set[str]] = defaultdict(set)
    for rule in rules:
        infixes[rule.lang].add(rule.infix)
    lines = []
    for lang in sorted(infixes):
        lines.append(f"    {lang!r}: [")
        lines += [f"        {infix!r}," for infix in sorted(infixes[lang])]
        lines.append("    ],")
    body = "".join(f"{line}\n" for line in lines)
    text = _HEADER.format(callback=CALLBACK, name=Path(path).name) + body
    with atomic_output(path) as sink:
        sink.write((text + _FOOTER.format(callback=CALLBACK)).encode())
    return sum(map(len, infixes.values()))
