"""From several annotators' links layers to the links of gold: by rule, else by decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from corpus.decisions import Answer, Decision, Vote, decision_id, hash_votes, make_vote, meaning
from corpus.gold.case import Case
from corpus.gold.decided import DecisionBook, list_stale
from corpus.gold.disputes import make_dispute
from corpus.gold.relinking import relink_documents
from corpus.gold.rules import Rule, settle, voting_layers
from corpus.manifest import Stage
from corpus.model import NIL, Change, Document, Layer, Mention

_KEY = "key:"
NOTES = (
    "waiting",
    "linked",
    "nil",
    "settled_by_rule",
    "settled_by_decision",
    "not_judged",
    "to_settle",
    "disputed_documents",
    "disputes",
    "decisions_whose_votes_changed",
)


def adjudicate_links(
    documents: Iterable[Document],
    stage: Stage,
    *,
    rule: Rule,
    book: DecisionBook,
    annotator: str = "",
) -> Iterator[Document]:
    """The documents, their gold mentions with the links that rule and decisions take.

    Ids, spans and labels of gold stay as they are, and so does a link that it has. A mention
    that gets its links is a repair. One whose votes nobody has settled stays without a link, not
    judged, and is a dispute beside the output; one that is settled as no link (BAD SPAN) or
    otherwise than gold has it is listed in the rejects. A document that nobody has confirmed
    goes on as it is.
    """
    notes = Counter(dict.fromkeys(NOTES, 0))
    return relink_documents(
        documents,
        stage,
        notes,
        layers_of=lambda document: voting_layers(document, "links", annotator=annotator),
        link=lambda document, layers, gold: _Linking(
            Case(document, layers, stage, rule, book, notes)
        ).run(gold),
    )


class _Linking:
    """One document's gold under the links layers of several people."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.said = [(layer, {one.id: one for one in layer.mentions}) for layer in case.layers]
        self.used: dict[str, Decision] = {}
        self.disputed: list[tuple[Mention, tuple[Vote, ...], Decision | None]] = []

    def run(self, gold: Layer) -> Layer:
        """The gold layer with links."""
        self._list_strays(gold)
        mentions = tuple(self._link(mention) for mention in gold.mentions)
        stale = list_stale(self.case.document, "links", self.case.book, self.used, self.case.stage)
        self.case.notes["decisions_whose_votes_changed"] += len(stale)
        for mention, votes, decision in self.disputed:
            dispute = make_dispute(
                self.case.document,
                "links",
                mention.id,
                (mention.start, mention.end),
                votes,
                decided=decision,
                stale=stale,
                label=mention.label,
            )
            self.case.stage.write_beside("disputes", dispute)
        open_ones = sum(decision is None for _, _, decision in self.disputed)
        self.case.notes["disputes"] += open_ones
        self.case.notes["disputed_documents"] += bool(open_ones)
        return replace(gold, mentions=mentions)

    def _list_strays(self, gold: Layer) -> None:
        """What was judged of mentions that gold does not have as they were; it does not count."""
        places = {mention.id: _place(mention) for mention in gold.mentions}
        for layer in self.case.layers:
            for said in layer.mentions:
                if _is_judged(said) and places.get(said.id) != _place(said):
                    there = said.id in places
                    what = "at another place or with another label" if there else "no more"
                    self._settle(said, f"gold has this mention {what}", layer.name)

    def _link(self, mention: Mention) -> Mention:
        votes = tuple(self._votes(mention))
        if not votes:
            self.case.notes["not_judged"] += not mention.links
            return mention
        answer = settle(votes, self.case.rule)
        settled = self.case.rule.decision if answer is not None else ""
        if answer is None:
            id = decision_id(self.case.document.id, "links", mention.id, hash_votes(votes))
            decision = self.case.book.find(id, self.case.document)
            if decision is not None:
                self.used[id] = decision
                answer, settled = decision.answer, id
            self.disputed.append((mention, votes, decision))
        self.case.write_votes(votes, settled)
        if answer is None:
            return mention
        self.case.notes["settled_by_decision" if settled in self.used else "settled_by_rule"] += 1
        return self._take(mention, votes, answer, settled)

    def _votes(self, mention: Mention) -> Iterator[Vote]:
        """What each says who has judged it."""
        for layer, by_id in self.said:
            said = by_id.get(mention.id)
            if said is None or not _is_judged(said) or _place(said) != _place(mention):
                continue
            key = "" if said.links else said.source.removeprefix(_KEY)
            answer = Answer(links=said.links, key=key)
            yield make_vote(
                self.case.document.id, "links", mention.id, layer.name, layer.round, answer
            )

    def _take(
        self, mention: Mention, votes: Sequence[Vote], answer: Answer, settled: str
    ) -> Mention:
        if not answer.links:
            self._settle(mention, f"{settled} says {answer.key}")
            return mention
        if mention.links:
            if meaning(Answer(links=mention.links)) != meaning(Answer(links=answer.links)):
                already = " ".join(link.target for link in mention.links)
                self._settle(mention, f"gold links it to {already}, which is never overwritten")
            return mention
        self.case.notes["nil" if answer.links[0].target == NIL else "linked"] += 1
        self.case.stage.record(
            Change(
                kind="repaired",
                document=self.case.document.id,
                reason=f"linked by {settled}",
                layer="gold",
                mention=mention.id,
                after={"links": msgspec.to_builtins(answer.links)},
            )
        )
        return replace(
            mention,
            links=answer.links,
            votes=(*mention.votes, *(vote.id for vote in votes)),
            decisions=(*mention.decisions, settled),
        )

    def _settle(self, mention: Mention, reason: str, layer: str = "gold") -> None:
        """List what a person must settle; the mention is kept as it is."""
        self.case.notes["to_settle"] += 1
        self.case.stage.record(
            Change(
                kind="rejected",
                document=self.case.document.id,
                reason=reason,
                layer=layer,
                mention=mention.id,
                before=msgspec.to_builtins(mention),
            )
        )


def _is_judged(mention: Mention) -> bool:
    return bool(mention.source or mention.links)


def _place(mention: Mention) -> tuple[int, int, str]:
    return (mention.start, mention.end, mention.label)
