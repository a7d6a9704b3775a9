"""From the decisions of a link project to the links layers of one annotator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from corpus.doccano.annotators import ANNOTATOR, Share
from corpus.doccano.exports import ExportFile
from corpus.doccano.link_decisions import KnowledgeBase
from corpus.doccano.link_layers import WAITS, LinkReading, read_layer
from corpus.doccano.link_rows import Stored
from corpus.doccano.link_store import LinkStore
from corpus.doccano.sources import CONFIRMED_MEANWHILE, LayerKey, Pulled, Refused
from corpus.kb.knowledge_base import KB
from corpus.model import Change, Document, State, layer_of


class LinkSource:
    """One annotator's decisions, found by document id."""

    def __init__(
        self,
        share: Share,
        full: Sequence[ExportFile],
        confirmed: Sequence[ExportFile],
        *,
        spans: str,
        kb: KB | None,
    ) -> None:
        self.key: LayerKey = (f"{ANNOTATOR}{share.annotator}", "links", share.round)
        self.cut_from = 0
        self._reading = LinkReading(self.key[0], share.round, spans, _ask(kb))
        self._full = full
        self._confirmed = confirmed
        self._store = LinkStore()
        self._torn = 0

    def load(self) -> Iterator[Refused]:
        """The rows that are no decisions; all others are known from now on."""
        for row, reason in self._store.load(self._full):
            name = str(row.corpus_id or f"doccano:{row.id}")
            where = f"example {row.id}"
            yield Refused(Change(kind="rejected", document=name, reason=reason, where=where), 0)
        self._torn = self._store.load_confirmed(self._confirmed)

    def pull(self, document: Document) -> Pulled | None:
        """The annotator's links layer; None if none of the document's mentions was asked."""
        decisions = [stored for stored, _ in self._store.decisions(document.id)]
        spans = layer_of(document, self._reading.spans)
        if not decisions and spans and spans.mentions:
            return None
        read = read_layer(document, spans, decisions, self._reading)
        mentions = read.layer.mentions if read.layer else ()
        judged = sum(mention.source not in ("", WAITS) for mention in mentions)
        notes = {
            "judged": judged,
            "not_judged": len(mentions) - judged,
            "to_split_by_the_next_push": read.split,
            CONFIRMED_MEANWHILE: self._torn,
        }
        self._torn = 0  # told once
        return Pulled(read.layer, read.refused, len(read.refused), notes, read.repaired)

    def rest(self) -> Iterator[str]:
        """The ids that nobody asked for, in the order of the export."""
        return self._store.unseen()

    def rebuild(self, id: str) -> tuple[Document | None, str]:
        """Nothing: a decision shows no more than a part of its text."""
        return None, "it is not among the given documents"

    def discard(self, id: str) -> tuple[str, int] | None:
        """The document's examples and how many mentions they stand for."""
        decisions = [stored for stored, _ in self._store.decisions(id)]
        if not decisions:
            return None
        more = f" and {len(decisions) - 1} more" if len(decisions) > 1 else ""
        places = sum(len(stored.places) for stored in decisions)
        return f"example {decisions[0].example}{more}", places

    def states(self) -> Counter[State]:
        """How many decisions are in which state."""
        return Counter(link_state(stored) for stored in self._store.all())

    def close(self) -> None:
        """Nothing is left open."""
        self._store.close()


def link_state(stored: Stored) -> State:
    """What Doccano can prove of one decision."""
    if stored.confirmed:
        return "confirmed"
    return "touched" if stored.chosen != stored.preselected or stored.comments else "untouched"


def _ask(kb: KB | None) -> KnowledgeBase | None:
    if kb is None:
        return None
    return KnowledgeBase(kb.info.name, kb.info.hash, kb.target_of)
