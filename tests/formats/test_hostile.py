"""Broken files of every format: one line that names the file, and the line where there are any."""

import pytest

from corpus.errors import CorpusError
from corpus.formats import FORMATS
from corpus.formats.importing import import_documents
from corpus.manifest import open_stage, rejects_path
from corpus.model import Change
from corpus.store import read_records

TSV = "#FORMAT=WebAnno TSV 3.3\n#T_SP=x|value\n\n#Text=Kyiv\n"
HIPE = "TOKEN\tNE-COARSE-LIT\tNEL-LIT\tMISC\n"
NIF = "@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .\n"
MENTION = '"meta":{"left_context":"a","mention":"b","right_context":""}'

BROKEN = [
    ("aida", "x\tB\tx\tQ1\n", ":1: stands before the first -DOCSTART-; add that line"),
    ("aida", "-DOCSTART- (1)\nx\tZ\tx\n", ":2: 'Z' in column 2 of 3; a token of a mention has B or "
     "I, the mention and its entity after it"),
    ("aida", b"-DOCSTART- (1)\nx\xff\n", ":2:2: not UTF-8 (byte 0xff); convert the file to UTF-8 "
     "first"),
    ("hipe", "no\theader\n", ":1: is not HIPE's first line; it names the columns: TOKEN "
     "NE-COARSE-LIT …"),
    ("hipe", HIPE + "a\tO\t_\n", ":2: 3 columns, the first line names 4; mend that line"),
    ("hipe", HIPE + "a\tX-LOC\t_\t_\n", ":2: 'X-LOC' in NE-COARSE-LIT is no tag; tags are O, _, B- "
     "or I- and a label"),
    ("hipe", HIPE + "# hipe2022:document_id = a\n# corpus:meta = [\n", ":3: corpus:meta is no JSON "
     "object; mend that line"),
    ("prodigy", '{"text":"a"}\n{"spans":[]}\n', ":2: Object missing required field `text`; a line "
     "is a JSON object as Prodigy writes it"),
    ("prodigy", '{"text":"a","spans":[{"start":"0","end":1}]}\n', ":1: Expected `int`, got `str` - "
     "at `$.spans[0].start`; a line is a JSON object as Prodigy writes it"),
    ("prodigy-links", "[1]\n", ":1: Expected `object`, got `array`; a line is a JSON object as "
     "Prodigy writes it"),
    ("doccano", '{"label":[]}\n', ":1: has no text; a line is {'text': …, 'label': […]}"),
    ("doccano", '{"text":"a","label":[[0,"1","X"]]}\n', ":1: label holds [0, '1', 'X'], which is "
     "no span; a span is [start, end, label]"),
    ("label-studio", "[{\n\n\n x]", ":1: no JSON from here on (expecting property name enclosed in "
     "double quotes); mend the file"),
    ("label-studio", '[{"data":{"text":"a"}}\n', ":2: no JSON from here on (the array is not "
     "closed); mend the file"),
    ("label-studio", '[{"data":{"image":1}}]', ": item 1: has no text in its data; give a project "
     "of texts"),
    ("label-studio", "[3]", ": item 1: Expected `object`, got `int`; give Label Studio's JSON "
     "export"),
    ("label-studio", b"[\xff]", ":1: no JSON from here on (not UTF-8); mend the file"),
    ("kilt", '{"id":"a","input":"b","output":[]}\n', ":1: its meta lacks left_context, mention or "
     "right_context; give KILT's files for entity linking"),
    ("kilt", "{\n", ":1:2: Input data was truncated; a line is a JSON object as KILT writes it"),
    ("nif", NIF + "<a> nif:x \n\n\n", ":2: is no RDF (objectList expected); give NIF in Turtle"),
    ("elevant", '{"id":1}\n', ":1: Object missing required field `text`; a line is a JSON object "
     "as ELEVANT writes it"),
]  # fmt: skip

BROKEN_FOLDERS = [
    ("brat", {"a.txt": "Kyiv", "a.ann": "T1\tGPE 0 x\tK\n"}, "/a.ann:1: an end is 'x', not a whole "
     "number; mend that line"),
    ("brat", {"a.txt": "Kyiv", "a.ann": "\nT1\tGPE 0\tK\n"}, "/a.ann:2: '0' is no span; a mention "
     "is: T1<tab>LABEL START END<tab>text"),
    ("brat", {"a.txt": "Kyiv", "a.ann": "Z1\tx\n"}, "/a.ann:1: 'Z1' begins no annotation of brat; "
     "a line begins with T, N, R, E, A, M, # or * and a number"),
    ("brat", {"a.txt": "Kyiv", "a.ann": "N1\tReference T1\n"}, "/a.ann:1: is no normalization; one "
     "is: N1<tab>Reference T1 kb:Q42<tab>text"),
    ("brat", {"a.txt": b"a\nb\xff", "a.ann": ""}, "/a.txt:2:2: not UTF-8 (byte 0xff); convert the "
     "file to UTF-8 first"),
    ("brat", {"a.md": ""}, ": holds no file that is brat standoff; check the path and --format"),
    ("webanno", {"a.tsv": "1-1\t0-4\tKyiv\t_\n"}, "/a.tsv:1: is no WebAnno TSV 3; its first line "
     "says #FORMAT=WebAnno TSV 3.3"),
    ("webanno", {"a.tsv": TSV + "1\t0-4\tKyiv\t_\n"}, "/a.tsv:5: is no token with 1 columns of "
     "values; a line is: 1-1<tab>0-4<tab>token<tab>values"),
    ("webanno", {"a.tsv": TSV + "1-1\t0-9\tKyiv\tGPE\n"}, "/a.tsv: span 0-9 lies outside a text of "
     "4 units; mend its offsets"),
    ("uima-xmi", {"a.xmi": "<x>\n"}, "/a.xmi:2: is no UIMA CAS (Premature end of data in tag x "
     "line 1, line 2, column 1 (a.xmi, line 2)); export it again"),
    ("uima-json", {"a.json": "{"}, "/a.json:1: is no UIMA CAS (Expecting property name enclosed in "
     "double quotes: line 1 column 2 (char 1)); export it again"),
]  # fmt: skip


def read_all(name, path, tmp_path, **options):
    with open_stage("import", tmp_path / "out.jsonl", [], force=True) as stage:
        found = list(import_documents(path, format=FORMATS[name], stage=stage, **options))
        (tmp_path / "out.jsonl").write_text("")
    return found


@pytest.mark.parametrize(("name", "content", "message"), BROKEN)
def test_a_broken_file_is_one_line_with_its_place(tmp_path, name, content, message):
    path = tmp_path / "in"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CorpusError) as caught:
        read_all(name, path, tmp_path)
    assert str(caught.value).startswith(f"{path}{message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "files", "message"), BROKEN_FOLDERS)
def test_a_broken_folder_is_one_line_with_its_place(tmp_path, name, files, message):
    folder = tmp_path / "in"
    folder.mkdir()
    for file, content in files.items():
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CorpusError) as caught:
        read_all(name, folder, tmp_path)
    assert str(caught.value) == f"{folder}{message}"


REJECTED = [
    ("prodigy", '{"text":"ab","answer":"reject"}\n', ["answered 'reject', not accepted"]),
    ("prodigy", '{"text":"ab","spans":[{"start":0,"end":9,"label":"X"},{"start":0,"end":1}]}\n',
     ["span 0-9 lies outside the text of 2 code points", "span 0-1 has no label"]),
    ("doccano", '{"id":1,"text":"😀a","label":[[1,3,"X"],[0,9,"X"],[2,2,"X"]],'
     '"relations":[{"id":1}]}\n',
     ["UTF-16 offset 1 lies inside a surrogate pair", "span 0-9 lies outside a text of 3 units",
      "span 2-2 is empty or has no label", "a relation between mentions"]),
    ("label-studio", '[{"data":{"text":"ab"},"annotations":[{"result":[{"type":"relation"},'
     '{"type":"labels","id":"h","value":{"start":"/p[1]","end":"/p[1]","labels":["X"]}}]}]}]',
     ["a relation", "its place '/p[1]'-'/p[1]' or its labels ['X'] are none of the text"]),
    ("elevant", '{"id":1,"text":"ab","labels":[{"span":[1,5],"entity_id":"Q1","type":"X"}]}\n',
     ["span 1-5 lies outside the text of 2 code points"]),
    ("nif", NIF + '<a#char=0,2> nif:isString "ab" .\n<b> nif:referenceContext <a#char=0,2> ; '
     'nif:anchorOf "x" ; nif:beginIndex 0 ; nif:endIndex 1 ; '
     '<http://www.w3.org/2005/11/its/rdf#taIdentRef> <q> .\n<c> nif:referenceContext <z> .\n',
     ["its place (0-1) is not where its anchor 'x' stands",
      "a phrase whose context is not in the file"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reasons"), REJECTED)
def test_what_no_document_can_hold_is_a_listed_reject(tmp_path, name, content, reasons):
    path = tmp_path / "in"
    path.write_text(content, "utf-8")
    read_all(name, path, tmp_path)
    found = read_records(rejects_path(tmp_path / "out.jsonl"), Change)
    assert [change.reason for change in found] == reasons


def test_discontinuous_mentions_relations_and_missing_files_of_brat_are_rejects(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Kyiv and Oblast")
    lines = [
        "T1\tGPE 0 4;9 15\tKyiv Oblast",
        "T2\tGPE 0 99\tx",
        "R1\tPart Arg1:T1 Arg2:T2",
        "E1\tX:T1",
    ]
    (folder / "a.ann").write_text("".join(f"{line}\n" for line in [*lines, "*\tEquiv T1 T2"]))
    (folder / "b.txt").write_text("alone")
    (document,) = read_all("brat", folder, tmp_path)
    assert document.layers[0].mentions == ()
    found = read_records(rejects_path(tmp_path / "out.jsonl"), Change)
    assert [(change.document, change.mention, change.reason) for change in found] == [
        ("a", "T1", "discontinuous: 0 4;9 15"),
        ("a", "T2", "span 0 99 lies outside the text of 15 code points"),
        ("a", "R1", "a relation"),
        ("a", "E1", "an event"),
        ("a", "*", "an equivalence"),
        ("b", "", "there is no b.ann beside it"),
    ]


def test_lines_of_neleval_without_their_document_or_outside_it_are_rejects(tmp_path):
    from corpus.model import make_document
    from corpus.store import write_documents

    write_documents([make_document("a", "Kyiv")], tmp_path / "texts.jsonl")
    (tmp_path / "in").write_text("a\t0\t9\tQ1\nb\t0\t1\tQ1\n")
    read_all("neleval", tmp_path / "in", tmp_path, texts=tmp_path / "texts.jsonl")
    found = read_records(rejects_path(tmp_path / "out.jsonl"), Change)
    assert [(change.document, change.where, change.reason) for change in found] == [
        ("a", f"{tmp_path / 'in'}:1", "span 0-10 lies outside the text of 4 code points"),
        ("b", f"{tmp_path / 'in'}:2", "there is no document 'b' among the texts"),
    ]
    (tmp_path / "in").write_text("a\t0\n")
    with pytest.raises(CorpusError) as caught:
        read_all("neleval", tmp_path / "in", tmp_path, texts=tmp_path / "texts.jsonl")
    assert str(caught.value) == (
        f"{tmp_path / 'in'}:1: 2 columns, neleval has at least 4; a line is document, start, end, "
        "entity, score and type, divided by tabs"
    )


def test_two_documents_of_one_id_are_not_written_over_each_other(tmp_path):
    from corpus.model import Layer, make_document
    from tests.formats.any_documents import written

    twins = [make_document("a", text, layers=(Layer("gold"),)) for text in ("one", "two")]
    for name in ("brat", "webanno", "uima-json"):
        with pytest.raises(CorpusError) as caught:
            written(twins, tmp_path / name, FORMATS[name])
        assert "two documents have the id 'a'; give each an id of its own" in str(caught.value)
        assert not (tmp_path / name).exists()
