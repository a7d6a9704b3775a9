"""What a person sees of a knowledge base: candidates for a name, and the reasons of their rank."""

from __future__ import annotations

from itertools import islice

from msgspec import Struct

from corpus.kb.candidates import firing, rank
from corpus.kb.folding import Folding
from corpus.kb.knowledge_base import KB, Entity
from corpus.kb.rules import variants_of

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


def search(kb: KB, query: str, *, context: str = "", limit: int = 9) -> Answer:
    """The candidates for a name, the best first, else the entity of that id, else what is near."""
    key = kb.folding.key_of(query)
    postings = kb.lookup(query)
    if not postings:
        return _by_id(kb, query, key) or Answer(query, key, _near(kb, query, key), ())
    fires = firing(postings, query)
    terms = kb.words(context)
    ranked = rank(kb, fires or postings, query, terms)
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
        why = [
            f"prior {one.prior:.3f}: {counts[one.entity.number]:,} of {total:,}",
            f"score {one.score:.3f}: "
            + (
                f"shares {', '.join(sorted(one.shared))} with the context"
                if one.shared
                else "prior alone"
            ),
            f"as {', '.join(repr(alias) for alias in aliases)}{_bridge(query, aliases, kb)}",
        ]
        hits.append(_hit(one.entity, one.prior, one.score, aliases, why))
    return Answer(query, key, says, tuple(hits))


def _matching(kb: KB, entity: Entity, key: str) -> tuple[str, ...]:

    return tuple(
        dict.fromkeys(
            alias.text
            for alias in kb.aliases(entity.number)
            if key in variants_of(kb.folding.key_of(alias.text), kb.folding.rules)
        )
    )


def _bridge(query: str, aliases: tuple[str, ...], kb: KB) -> str:
    """The rules without which no alias would meet the query."""
    if query in aliases:
        return ""

    needed = []
    for rule in kb.info.rules:
        folding = Folding([other for other in kb.info.rules if other != rule])
        key = folding.key_of(query)
        if not any(key in variants_of(folding.key_of(alias), folding.rules) for alias in aliases):
            needed.append(rule)
    return f", by the rule{'s' if len(needed) > 1 else ''} {', '.join(needed)}" if needed else ""


def _by_id(kb: KB, query: str, key: str) -> Answer | None:
    entity = kb.find(query)
    if entity is None:
        return None
    aliases = tuple(dict.fromkeys(alias.text for alias in kb.aliases(entity.number)))
    hit = _hit(entity, 1.0, 1.0, aliases, [f"known as {', '.join(aliases)}"])
    return Answer(query, key, f"{query} is an id", (hit,))


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
