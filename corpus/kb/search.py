"""What a person sees of a knowledge base: candidates for a name, and the reasons of their rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec import Struct

from corpus.kb.candidates import Ranked, firing, joined, rank
from corpus.kb.cards import Entity
from corpus.kb.context import NOTHING, Context
from corpus.kb.folding import Folding
from corpus.kb.keys import keys_of
from corpus.kb.knowledge_base import KB
from corpus.kb.records import Alias

_NEAR = 5


class Hit(Struct, frozen=True):
    """A candidate with its reasons, a sentence each; aliases are those that match the query."""

    id: str
    label: str
    type: str
    description: str
    prior: float
    score: float
    aliases: tuple[str, ...]
    why: tuple[str, ...]


class Answer(Struct, frozen=True):
    """What a query found; `says` is one line about it."""

    query: str
    key: str
    says: str
    hits: tuple[Hit, ...]


def search(
    kb: KB,
    query: str,
    *,
    context: Context = NOTHING,
    named: Mapping[int, int] | None = None,
    limit: int = 9,
) -> Answer:
    """The candidates for a name, the best first, else the entity of that id, else what is near.

    `context` is that of the document in which the name stands, `named` are the entities that it
    introduces under this name.
    """
    key = kb.folding.key_of(query)
    postings = joined(kb.lookup(query), named or {})
    if not postings:
        return _by_id(kb, query, key) or Answer(query, key, _near(kb, query, key), ())
    fires = firing(postings, query)
    ranked = rank(kb, fires or postings, query, context, named=named or {})
    says = f"{query!r} is looked up as {key!r}: {len(postings)} of the knowledge base's entities"
    if not fires:
        says += "; in a text none is taken for it (a common word, or another case)"
    elif len(fires) < len(postings):
        says += f", {len(postings) - len(fires)} of them not in this spelling of case"
    counts = {posting.entity: posting.weight for posting in postings}
    total = sum(counts[one.entity.number] for one in ranked)
    hits = []
    for one in ranked[:limit]:
        aliases = _matching(kb, one.entity, key)
        alone = len(ranked) == 1 or context == NOTHING
        why = [
            f"prior {one.prior:.3f}: {counts[one.entity.number]:,} of {total:,}",
            f"score {one.score:.3f}: {_support(one, alone)}",
        ]
        if aliases:
            texts = tuple(dict.fromkeys(alias.text for alias in aliases))
            bridge = _bridge(query, one.entity, aliases, kb)
            why.append(f"as {', '.join(map(repr, texts))}{bridge}")
        hits.append(_hit(one.entity, one.prior, one.score, texts if aliases else (), why))
    return Answer(query, key, says, tuple(hits))


def _support(one: Ranked, alone: bool) -> str:
    """What raises a candidate's score above its prior, each word with its weight, the best first.

    Scores sum to 1, so a candidate also falls where others rise.
    """
    reasons = ["the document introduces it under this name"] if one.named else []
    for says, words in (("the context has", one.shared), ("others in it share", one.related)):
        if words:
            weights = ", ".join(f"{word} {weight:.2f}" for word, weight in _heaviest(words))
            reasons.append(f"{says} {weights}")
    if reasons:
        return "; ".join(reasons)
    return "prior alone" if alone else "nothing in the context supports it"


def _heaviest(words: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(words.items(), key=lambda item: (-item[1], item[0]))


def _matching(kb: KB, entity: Entity, key: str) -> tuple[Alias, ...]:
    """The entity's aliases that the key is a spelling of."""
    return tuple(
        alias for alias in kb.aliases(entity.number) if _spells(key, alias, entity, kb.folding)
    )


def _spells(key: str, alias: Alias, entity: Entity, folding: Folding) -> bool:
    return any(key == other for other, _ in keys_of(alias.text, alias.lang, entity.type, folding))


def _bridge(query: str, entity: Entity, aliases: Sequence[Alias], kb: KB) -> str:
    """The rules without which no alias would meet the query."""
    if any(alias.text == query for alias in aliases):
        return ""
    needed = []
    for rule in kb.info.rules:
        folding = Folding([other for other in kb.info.rules if other != rule])
        key = folding.key_of(query)
        if not any(_spells(key, alias, entity, folding) for alias in aliases):
            needed.append(rule)
    return f", by the rule{'s' if len(needed) > 1 else ''} {', '.join(needed)}" if needed else ""


def _by_id(kb: KB, query: str, key: str) -> Answer | None:
    target = kb.target_of(query)
    entity = kb.find(target) if target else None
    if entity is None:
        return None
    aliases = tuple(dict.fromkeys(alias.text for alias in kb.aliases(entity.number)))
    hit = _hit(entity, 1.0, 1.0, aliases, [f"known as {', '.join(aliases)}"])
    says = f"{query} is an id" if target == query else f"{query} is {target} now"
    return Answer(query, key, says, (hit,))


def _near(kb: KB, query: str, key: str) -> str:
    for size in range(len(key), 2, -1):
        near = list(islice(kb.trie.iterkeys(key[:size]), _NEAR))
        if near:
            return f"no alias and no id is {query!r}; aliases near it: {', '.join(near)}"
    return f"no alias and no id is {query!r}"


def _hit(
    entity: Entity, prior: float, score: float, aliases: tuple[str, ...], why: list[str]
) -> Hit:
    return Hit(
        id=entity.id,
        label=entity.label,
        type=entity.type,
        description=entity.description,
        prior=prior,
        score=score,
        aliases=aliases,
        why=tuple(why),
    )
