"""Who has confirmed how much, and for whom the rest waits."""

from corpus.flow.people import Progress, progress_of, tell_waiting, waiting_for
from corpus.model import Layer, make_document


def document(id, **states):
    layers = [Layer(f"annotator:{name}", state=state) for name, state in states.items()]
    return make_document(id, id, layers=(Layer("silver"), Layer("gold"), *layers))


DOCUMENTS = [
    document("1", ann="confirmed", bob="confirmed"),
    document("2", ann="confirmed", bob="touched"),
    document("3", ann="confirmed", bob="untouched"),
    document("4", bob="untouched"),
]


def test_progress_counts_each_persons_states():
    assert progress_of(DOCUMENTS) == [
        Progress("ann", confirmed=3), Progress("bob", confirmed=1, touched=1, untouched=2),
    ]  # fmt: skip
    links = make_document("5", "5", layers=(Layer("annotator:ann", task="links", state="touched"),))
    assert progress_of([links]) == [Progress("ann", "links", touched=1)]


def test_who_has_part_of_the_documents_is_done_with_those():
    progress = progress_of(DOCUMENTS)
    waiting = waiting_for(progress, ("ann", "bob", "eve"), "spans")
    assert [each.person for each in waiting] == ["bob", "eve"]
    assert tell_waiting(waiting) == "bob has confirmed 1 of 4, eve has confirmed 0 of 0"
    assert [each.person for each in waiting_for(progress, ("ann",), "links")] == ["ann"]
    assert waiting_for(progress, ("ann",), "spans") == []
