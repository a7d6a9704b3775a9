"""One more label type for projects that run: nothing is re-opened, sent or moved."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from corpus.doccano.annotators import choose_shares
from corpus.doccano.certainty import make_types
from corpus.doccano.client import Doccano
from corpus.doccano.labels import check_labels, plan_span_types
from corpus.doccano.projects import check_type


class LabelsAdded(msgspec.Struct, frozen=True):
    """One project, and the label types that it got; those that it had are left as they are."""

    id: int
    name: str
    added: list[str]


def add_label_types(
    client: Doccano, project: str, labels: Sequence[str], *, project_id: int | None = None
) -> list[LabelsAdded]:
    """The project and every annotator's pass of it have these label types, each once.

    Raises before anything is made: DataError for a name that Doccano would mix up with another,
    DoccanoProjectError where there is no such project, or one that is not for spans.
    """
    names = check_labels(labels)
    shares = choose_shares(client, project, "", project_id)
    for share in shares:
        check_type(share.project)
    plans = [plan_span_types(names, client.list_span_types(share.id)) for share in shares]
    for share, types in zip(shares, plans, strict=True):
        make_types(share.id, types, client.create_span_type, client.list_span_types)
    return [
        LabelsAdded(share.id, str(share.project["name"]), [str(one["text"]) for one in types])
        for share, types in zip(shares, plans, strict=True)
    ]
