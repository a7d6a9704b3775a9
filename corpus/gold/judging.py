"""From several annotators' spans to gold: a rule settles what it can, decisions the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from corpus.decisions import Decision, Mark, Vote, decision_id, hash_votes
from corpus.gold.case import Case
from corpus.gold.decided import DecisionBook, list_stale
from corpus.gold.disputes import make_dispute
from corpus.gold.questions import Accepted, Place, span_questions
from corpus.gold.rules import Rule, voting_layers
from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, Mention, count_mentions, with_ids, with_layer

_NO_GOLD_TWICE = "it has a gold layer already, which is never overwritten"


def adjudicate_spans(
    documents: Iterable[Document],
    stage: Stage,
    *,
    rule: Rule,
    book: DecisionBook,
    annotator: str = "",
) -> Iterator[Document]:
    """The documents, each with a `gold` layer where rule and decisions settle every question.

    One with an open dispute goes on without gold, as does one that nobody has confirmed; both are
    counted in the notes. Votes and disputes are written beside the output. A decision whose
    votes have changed is listed and does not count.
    """
    notes = Counter(dict.fromkeys(NOTES, 0))
    for document in documents:
        mentions = count_mentions(document)
        stage.documents.received += 1
        stage.mentions.received += mentions
        if any(layer.name == "gold" for layer in document.layers):
            stage.documents.rejected += 1
            stage.mentions.rejected += mentions
            stage.record(Change(kind="rejected", document=document.id, reason=_NO_GOLD_TWICE))
            continue
        stage.documents.kept += 1
        stage.mentions.kept += mentions
        layers = voting_layers(document, "spans", annotator=annotator)
        gold = _Judging(Case(document, layers, stage, rule, book, notes)).run() if layers else None
        notes["waiting"] += not layers
        if gold is not None:
            document = with_layer(document, gold)
            stage.add("gold", len(gold.mentions))
        stage.documents.written += 1
        stage.mentions.written += count_mentions(document)
        yield document
    stage.manifest.notes.update(notes)


NOTES = (
    "waiting",
    "settled_by_rule",
    "settled_by_decision",
    "judged_no_mention",
    "links_left_out",
    "disputed_documents",
    "disputes",
    "decisions_whose_votes_changed",
)


class _Judging:
    """One document under rule and decisions."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.used: dict[str, Decision] = {}
        self.mentions: list[Mention] = []

    def run(self) -> Layer | None:
        """The gold layer, None while a dispute is open."""
        accepted, places = span_questions(self.case.document, self.case.layers, self.case.rule)
        for one in accepted:
            self.case.write_votes(one.votes, self.case.rule.decision)
            self.mentions.append(self._accept(one))
            self.case.notes["settled_by_rule"] += 1
        decided = [(place, self._settle(place)) for place in places]
        stale = list_stale(self.case.document, "spans", self.case.book, self.used, self.case.stage)
        self.case.notes["decisions_whose_votes_changed"] += len(stale)
        for place, decision in decided:
            if place.answer is None:
                self._write_dispute(place, decision, stale)
        if any(place.answer is None and decision is None for place, decision in decided):
            self.case.notes["disputed_documents"] += 1
            return None
        return Layer("gold", mentions=with_ids(_once_named(self.mentions)))

    def _accept(self, accepted: Accepted) -> Mention:
        ids = {mention.id for mention in accepted.mentions}
        said = {mention.links for mention in accepted.mentions if mention.links}
        self.case.notes["links_left_out"] += len(said) > 1
        return replace(
            accepted.mentions[0],
            id=ids.pop() if len(ids) == 1 else "",
            links=said.pop() if len(said) == 1 else (),
            source=_sources(accepted.votes, accepted.mark),
            votes=tuple(vote.id for vote in accepted.votes),
            decisions=(self.case.rule.decision,),
        )

    def _settle(self, place: Place) -> Decision | None:
        """Its mentions are gold if rule or decision settle it; the decision, if it needed one."""
        decision = None
        answer = place.answer
        if answer is None:
            id = decision_id(self.case.document.id, "spans", place.mention, hash_votes(place.votes))
            decision = self.case.book.find(id, self.case.document)
            if decision is None:
                self.case.write_votes(place.votes, "")
                return None
            self.used[id] = decision
            answer = decision.answer
        settled = decision.id if decision else self.case.rule.decision
        self.case.write_votes(place.votes, settled)
        self.case.notes["settled_by_decision" if decision else "settled_by_rule"] += 1
        self.case.notes["judged_no_mention"] += not answer.marks
        there = {Mark(m.start, m.end, m.label) for m in self.mentions}
        for mark in answer.marks:
            # A decision may name a mention that all agree on already.
            if decision is None or mark not in there:
                self.mentions.append(self._decided(mark, place, settled))
        return decision

    def _decided(self, mark: Mark, place: Place, settled: str) -> Mention:
        twins = (
            mention
            for layer in self.case.layers
            for mention in layer.mentions
            if (mention.start, mention.end, mention.label) == mark
        )
        return replace(
            next(twins, Mention("", *mark)),
            id="",
            links=(),
            source=_sources(place.votes, mark),
            votes=tuple(vote.id for vote in place.votes),
            decisions=(settled,),
        )

    def _write_dispute(
        self, place: Place, decision: Decision | None, stale: Sequence[Decision]
    ) -> None:
        dispute = make_dispute(
            self.case.document,
            "spans",
            place.mention,
            (place.start, place.end),
            place.votes,
            decided=decision,
            stale=stale,
        )
        self.case.stage.write_beside("disputes", dispute)
        self.case.notes["disputes"] += decision is None


def _sources(votes: Sequence[Vote], mark: Mark) -> str:
    """Whose layers have the mention."""
    return " ".join(f"{v.author}#{v.round}" for v in votes if mark in v.answer.marks)


def _once_named(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """The mentions; of those whose id another has already, the id is taken away."""
    seen: set[str] = set()
    for mention in mentions:
        if mention.id in seen:
            mention = replace(mention, id="")
        seen.add(mention.id)
        yield mention
