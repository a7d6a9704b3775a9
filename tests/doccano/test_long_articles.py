"""push --max-chars and pull on the live server."""

import pytest

from corpus.cli import run
from corpus.doccano.judged import OTHER_CUT
from corpus.model import Layer, Mention, layer_of, make_document, with_ids, with_layer
from corpus.store import read_documents, write_documents

pytestmark = pytest.mark.server

PARAGRAPHS = ["Kyiv 😀 in Kyiv.\n\n", "An x\u0302 in Kyiv.\n", "Kyiv again.\n\n", "And Kyiv."]
LONG = "".join(PARAGRAPHS)
LIMIT = 20


def kyivs(text, id="long"):
    at = [start for start in range(len(text)) if text.startswith("Kyiv", start)]
    mentions = with_ids(Mention(id="", start=s, end=s + 4, label="GPE") for s in at)
    document = make_document(id, text, meta={"title": id, "date": "2024-05-01"})
    return with_layer(document, Layer(name="silver", mentions=mentions))


def spans_of(text):
    return [(m.start, m.end, m.label) for m in layer_of(kyivs(text), "silver").mentions]


@pytest.fixture
def pushed(project):
    project.push([kyivs("In Kyiv", "short"), kyivs(LONG)], max_chars=LIMIT)
    return project


PIECES = [f"long ({number}/4)" for number in (1, 2, 3, 4)]


def test_long_article_goes_in_pieces_in_its_order_and_comes_back_whole(project):
    pushed = project.push([kyivs("In Kyiv", "short"), kyivs(LONG)], max_chars=LIMIT)
    assert (pushed.result.sent, pushed.result.clean, pushed.findings) == (5, True, [])
    assert pushed.result.notes == [
        "documents over 20 characters: 1, in 4 pieces",
        "the project was created",
    ]
    assert [row.corpus_id for row in project.export()] == ["short", *PIECES]
    assert [row.text for row in project.export()][1:] == PARAGRAPHS
    pulled = project.pull()
    assert pulled.spans("long") == spans_of(LONG)
    assert pulled.layer("long").state == "untouched"
    assert pulled.documents["long"].text == LONG
    assert pulled.layer("long").mentions[0].id == kyivs(LONG).layers[0].mentions[0].id
    again = project.push(max_chars=LIMIT)
    assert (again.result.sent, again.result.clean, again.findings) == (0, True, [])


def test_rebuilt_without_documents_it_is_the_article(pushed):
    pulled = pushed.pull(given=False)
    assert list(pulled.documents) == ["short", "long"]
    assert pulled.documents["long"].text == LONG
    assert pulled.documents["long"].meta == {"title": "long", "date": "2024-05-01"}
    assert pulled.spans("long") == spans_of(LONG)
    assert pulled.rejects == []


def test_article_is_confirmed_when_all_of_its_pieces_are(pushed):
    for piece in PIECES[:3]:
        pushed.confirm(piece)
    assert pushed.pull().layer("long").state == "touched"
    pushed.confirm(PIECES[3])
    assert pushed.pull().layer("long").state == "confirmed"


def test_what_people_do_in_a_piece_has_the_article_s_offsets(pushed):
    pushed.delete_spans(PIECES[0])
    pushed.add_span(PIECES[0], 5, 7, "GPE")  # the emoji: two UTF-16 units
    pushed.comment(PIECES[2], "third")
    pushed.comment(PIECES[1], "second")
    pulled = pushed.pull()
    assert pulled.spans("long") == [(5, 6, "GPE"), *spans_of(LONG)[2:]]
    assert pulled.layer("long").comments == ("second", "third")
    assert pulled.layer("long").state == "touched"
    again = pushed.push(max_chars=LIMIT)
    assert [(f.document, f.verdict, f.start, f.end) for f in again.findings] == [
        (PIECES[0], "edited", None, None),
        (PIECES[0], "dropped", 0, 4),
        (PIECES[0], "added", 5, 6),
        (PIECES[0], "dropped", 10, 14),
    ]


def test_span_past_the_end_of_a_piece_does_not_reach_into_the_next(pushed):
    pushed.add_span(PIECES[1], 11, 18, "GPE")
    pulled = pushed.pull()
    assert pulled.spans("long") == spans_of(LONG)
    [reject] = pulled.rejects
    assert (reject["document"], reject["before"]) == (
        "long",
        {"start": 11, "end": 18, "label": "GPE"},
    )
    assert reject["reason"].endswith(", in piece 2 of 4")


def test_pieces_of_a_project_in_grapheme_mode(pushed):
    pushed.change(grapheme_mode=True)
    for piece in PIECES:
        pushed.delete_spans(piece)
    pushed.add_span(PIECES[0], 5, 6, "GPE")
    pushed.add_span(PIECES[1], 3, 4, "GPE")
    at = LONG.index("x\u0302")
    assert pushed.pull().spans("long") == [(5, 6, "GPE"), (at, at + 2, "GPE")]


def test_piece_that_is_gone_is_sent_again_and_its_article_a_reject_until_then(pushed):
    before = pushed.pull()
    client, id = pushed.client, pushed.id
    client.delete_examples(id, [pushed.examples()[PIECES[1]]["id"]])
    pulled = pushed.pull()
    reason = "of its 4 pieces the server does not have 2; push the documents again"
    assert [(one["document"], one["reason"]) for one in pulled.rejects] == [("long", reason)]
    assert pulled.documents == before.documents
    again = pushed.push(max_chars=LIMIT)
    assert (again.result.sent, again.result.clean) == (1, True)
    assert pushed.pull().spans("long") == spans_of(LONG)


def test_text_that_was_changed_in_a_piece_is_a_reject(pushed):
    example = pushed.examples()[PIECES[1]]["id"]
    url = f"projects/{pushed.id}/examples/{example}"
    pushed.client._request("PATCH", url, json={"text": "An other x in Kyiv.\n"})
    pulled = pushed.pull()
    reason = "its text on the server is not that of the document, so its spans may be shifted"
    assert [(one["document"], one["reason"]) for one in pulled.rejects] == [("long", reason)]
    assert layer_of(pulled.documents["long"], "annotator:ann") is None


@pytest.mark.parametrize("options", [{}, {"max_chars": 40}, {"max_chars": LIMIT, "text": "New.\n"}])
def test_article_in_other_pieces_is_left_as_it_is(pushed, options):
    text = options.pop("text", "") + LONG
    before = pushed.export()
    again = pushed.push([kyivs("In Kyiv", "short"), kyivs(text)], update=True, **options)
    assert {(finding.verdict, finding.reason) for finding in again.findings} == {
        ("different", OTHER_CUT)
    }
    assert (again.result.sent, again.result.clean) == (0, False)
    assert pushed.export() == before


def test_whole_article_is_not_sent_again_in_pieces(project):
    project.push([kyivs(LONG)])
    again = project.push(max_chars=LIMIT)
    assert again.verdicts() == [(piece, "different") for piece in PIECES]
    assert len(project.export()) == 1


def test_suggestions_that_changed_are_replaced_in_their_piece_alone(pushed, tmp_path):
    silver = layer_of(kyivs(LONG), "silver")
    fewer = Layer(name="silver", mentions=silver.mentions[:-1])
    before = {row.corpus_id: row.id for row in pushed.export()}
    changed = [kyivs("In Kyiv", "short"), with_layer(make_document("long", LONG), fewer)]
    again = pushed.push(changed, max_chars=LIMIT, update=True, kept=tmp_path / "kept")
    after = {row.corpus_id: row.id for row in pushed.export()}
    assert {id for id in before if before[id] != after[id]} == {PIECES[3]}
    assert (again.result.sent, again.result.clean) == (1, True)
    assert pushed.pull().spans("long") == spans_of(LONG)[:-1]


def test_paragraph_over_the_length_stays_whole_and_is_counted(project):
    pushed = project.push([kyivs("In Kyiv, in Kyiv, in Kyiv.\nEnd.")], max_chars=LIMIT)
    assert pushed.result.notes[:2] == [
        "documents over 20 characters: 1, in 2 pieces",
        "longer than 20 characters, since no paragraph or mention is cut: 1",
    ]


def test_all_pieces_of_an_article_go_to_the_same_person(team):
    documents = [kyivs(LONG, f"long-{number}") for number in range(6)]
    write_documents(documents, team.documents)
    shares = team.push(options={"max_chars": LIMIT}).shares
    assert [(share.documents, share.pushed.sent) for share in shares] == [(2, 8)] * 3
    again = team.push(options={"max_chars": LIMIT}).shares
    assert [(share.there, share.pushed.sent) for share in again] == [(2, 0)] * 3
    pulled = team.pull()
    layers = [[layer.name for layer in document.layers[1:]] for document in pulled.values()]
    assert sorted(map(len, layers)) == [1] * 6
    assert all(document.text == LONG for document in pulled.values())


def test_option_of_the_command(tmp_path, capsys, doccano, project):
    write_documents([kyivs(LONG)], tmp_path / "silver.jsonl")
    push = ["push", str(tmp_path / "silver.jsonl"), "--project", project.name]
    assert run([*push, "--max-chars", str(LIMIT)]) == 0
    assert "documents over 20 characters: 1, in 4 pieces" in capsys.readouterr().out
    assert run([*push, "--task", "links", "--kb", "no.kb", "--max-chars", "9"]) == 2
    assert "--max-chars" in capsys.readouterr().err
    assert run([*push, "--max-chars", "0"]) == 2
    pull = ["pull", "--project", project.name, "--documents", str(tmp_path / "silver.jsonl")]
    assert run([*pull, "-o", str(tmp_path / "pulled")]) == 0
    [document] = read_documents(tmp_path / "pulled" / "documents.jsonl")
    assert document.text == LONG
