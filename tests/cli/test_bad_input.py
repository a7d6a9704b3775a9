"""What bad input gets: one line that says what, where and what to do; nothing half-written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.manifest import manifest_path, read_manifest, rejects_path
from corpus.model import Change, Layer, Mention, make_document
from corpus.store import read_documents, read_records, write_documents

ROWS = "".join(
    f'{{"text": "line {n}"}}\n' if n != 17 else '{"text": "line 17" "x"}\n' for n in range(1, 21)
)
FILES = {
    "empty.txt": b"",
    "blank.txt": b" \n\t\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "binary.txt": bytes(range(256)) * 4,
    "nul.txt": b"A\0B\n",
    "cut.txt": "Київ".encode()[:-1],
    "emoji.txt": "😀".encode(),
    "latin.txt": (
        "Le président a été reçu à l'Élysée, où il a dîné avec le ministre des Affaires "
        "étrangères.\nLes négociations sur la sécurité européenne ont été prolongées jusqu'à la "
        "fin de la journée.\n"
    ).encode("latin-1"),
    "lone.jsonl": rb'{"text": "lone \ud83d surrogate"}' + b"\n",
    "line17.jsonl": ROWS.encode(),
    "columns.csv": b"title,body\na,b\n",
    "twice.jsonl": b'{"id": "x", "text": "one"}\n{"id": "x", "text": "two"}\n',
    "no_id.csv": b"name\nOSCE\n",
    "newer.jsonl": b'{"type":"document/9","id":"a","text":"","sha256":""}\n',
}
ORG = Mention(id="m", start=0, end=5, label="ORG")


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files that are all wrong in their own way."""
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    gold = Layer(name="gold", mentions=(ORG,))
    past = Layer(name="silver", mentions=(Mention(id="m", start=0, end=99, label="ORG"),))
    document = make_document("g", "short text", layers=(gold,))
    write_documents([make_document("past", "short", layers=(past,))], "past.jsonl")
    write_documents([document, document], "twins.jsonl")
    write_documents([make_document("plain", "short")], "plain.jsonl")
    return tmp_path


def no_leftovers(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if "partial" in path.name]


# A file that is no article is a reject with a reason; the others go on.
REJECTS = [
    ("empty.txt", "empty.txt", "it is empty"),
    ("blank.txt", "blank.txt", "it is empty"),
    ("picture.png", "picture.png", "a PNG image, not an article"),
    ("binary.txt", "binary.txt", "NUL (U+0000) at byte 0: a binary or damaged file"),
    ("nul.txt", "nul.txt", "NUL (U+0000) at byte 1: a binary or damaged file"),
    ("lone.jsonl", "lone.jsonl:1", "lone surrogate U+D83D at offset 5 of the text"),
    ("line17.jsonl", "line17.jsonl:17:20", "broken JSON: Expecting ',' delimiter"),
    (
        "columns.csv",
        "columns.csv",
        "no column 'text'; there are: title, body (choose with --text-column)",
    ),
    (
        "twice.jsonl",
        "twice.jsonl:2",
        "its id is also that of twice.jsonl:1, which was kept; --id-column - makes ids of file "
        "and row",
    ),
]


@pytest.mark.parametrize(("source", "where", "reason"), REJECTS, ids=[case[0] for case in REJECTS])
def test_convert_lists_what_is_no_article_and_goes_on(
    run_cli: Callable, bad: Path, source: str, where: str, reason: str
) -> None:
    ran = run_cli(["convert", source, "emoji.txt", "-o", "out.jsonl"])
    assert (ran.code, ran.err) == (1, "")
    assert "rejected 1 document, 0 mentions: out.jsonl.rejects.jsonl" in ran.out
    [change] = read_records(rejects_path("out.jsonl"), Change)
    assert (change.where, change.reason) == (where, reason)
    assert "😀" in [document.text for document in read_documents("out.jsonl")]
    assert no_leftovers(bad)
    assert run_cli(["check", "out.jsonl"]).code == 0
    ran = run_cli(["convert", source, "emoji.txt", "-o", "out.jsonl", "--force", "--allow-rejects"])
    assert ran.code == 0


def test_convert_names_the_encoding_that_it_read(run_cli: Callable, bad: Path) -> None:
    assert run_cli(["convert", "latin.txt", "-o", "out.jsonl"]).code == 0
    [document] = read_documents("out.jsonl")
    assert document.text.startswith("Le président a été reçu")
    assert document.meta["encoding"] != "utf-8"


NO_SERVER = (
    "no Doccano server is known; type `corpus doccano up`, or set DOCCANO_URL, DOCCANO_USERNAME "
    "and DOCCANO_PASSWORD"
)
PAST = (
    "past.jsonl: document 'past': mention m of layer 'silver' at 0-99 lies outside the text of 5 "
    "code points; run: corpus check past.jsonl"
)
NO_FILE = "none.jsonl: no such file; check the path; a glob must match something"
NO_KB = "none.kb: no knowledge base (kb.json cannot be read); make one: corpus kb build SOURCE -o "
NO_KB += "NAME.kb"
ERRORS = [
    ("convert none.txt -o out", 2, "none.txt: no such file or folder; check the path"),
    ("convert none*.txt -o out", 2, "none*.txt: the pattern matches nothing; check the pattern"),
    (
        "convert emoji.txt -o no/out.jsonl",
        2,
        "no/out.jsonl: there is no folder no; make it first: mkdir -p no",
    ),
    (
        "convert emoji.txt -o /proc/out.jsonl",
        2,
        "/proc/out.jsonl.manifest.json: cannot be written (no such file or directory); give "
        "another -o",
    ),
    (
        "convert emoji.txt -o emoji.txt --force",
        2,
        "emoji.txt: is an input too; give another -o",
    ),
    (
        "convert emoji.txt -o plain.jsonl",
        2,
        "plain.jsonl: exists, has no manifest, so it was not made by this command; give another "
        "-o, or --force to replace it",
    ),
    ("adjudicate past.jsonl -o out.jsonl", 1, PAST),
    ("adjudicate none.jsonl -o out.jsonl", 2, NO_FILE),
    (
        "adjudicate emoji.txt -o out.jsonl",
        1,
        "emoji.txt:1:1: JSON is malformed: invalid character; mend that line",
    ),
    (
        "adjudicate line17.jsonl -o out.jsonl",
        1,
        "line17.jsonl:1: Object missing required field `id`; see schemas/ for what a record holds",
    ),
    (
        "adjudicate newer.jsonl -o out.jsonl",
        1,
        "newer.jsonl:1: is 'document/9', this corpus reads 'document/1'; use the version of "
        "corpus that wrote it",
    ),
    ("split past.jsonl -o out", 1, PAST),
    (
        "split twins.jsonl -o out",
        1,
        "document id 'g' stands twice; give each document an id of its own",
    ),
    (
        "split plain.jsonl -o out",
        1,
        "plain.jsonl: none of 1 document has a layer 'gold'; run corpus adjudicate first, or name "
        "another with --layer",
    ),
    (
        "split twins.jsonl -o out --ratios 1,2",
        2,
        "--ratios 1,2: not three numbers that are 0 or more; give train, dev and test, as in "
        "80,10,10",
    ),
    ("suggest plain.jsonl --kb none.kb -o out.jsonl", 2, NO_KB),
    (
        "suggest plain.jsonl -o out.jsonl",
        2,
        "nothing to suggest from; give --kb DIR, --model NAME or both",
    ),
    ("kb info none.kb", 2, NO_KB),
    (
        "kb build no_id.csv -o out.kb",
        1,
        "no_id.csv: needs a column id and one of label, alias, aliases; it has name; name the "
        "columns in the first row",
    ),
    ("score past.jsonl --gold past.jsonl", 1, PAST),
    ("score plain.jsonl --gold none.jsonl", 2, NO_FILE),
    ("check none.jsonl", 2, NO_FILE),
    ("push plain.jsonl --project p", 2, NO_SERVER),
    ("pull --project p -o out", 2, NO_SERVER),
]


@pytest.mark.parametrize(("command", "code", "message"), ERRORS, ids=[case[0] for case in ERRORS])
def test_mistake_is_one_line_and_leaves_nothing_half_written(
    run_cli: Callable, bad: Path, command: str, code: int, message: str
) -> None:
    before = {path.name: path.read_bytes() for path in bad.iterdir()}
    ran = run_cli(command.split())
    assert (ran.code, ran.out, ran.err) == (code, "", f"corpus: error: {message}\n")
    assert no_leftovers(bad)
    for name, content in before.items():
        assert (bad / name).read_bytes() == content
    fresh = {path.name for path in bad.iterdir()} - set(before)
    for name in fresh:  # at most a manifest that says: not finished
        assert name.endswith(".manifest.json") or (bad / name).is_dir()
    for manifest in bad.rglob("*.manifest.json"):
        assert not read_manifest(manifest).finished


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        (
            "http://127.0.0.1:9",
            1,
            "http://127.0.0.1:9 cannot be reached (ConnectionError); check DOCCANO_URL, and that "
            "the server runs",
        ),
        (
            "nonsense",
            2,
            "DOCCANO_URL in the environment is not the address of a server; write it like "
            "http://127.0.0.1:8000",
        ),
    ],
)
def test_wrong_address_of_a_server_is_one_line(
    run_cli: Callable,
    bad: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    code: int,
    message: str,
) -> None:
    for name, value in (("URL", url), ("USERNAME", "ann"), ("PASSWORD", "secret-word")):
        monkeypatch.setenv(f"DOCCANO_{name}", value)
    for command in ("push plain.jsonl --project p", "pull --project p -o out"):
        ran = run_cli(command.split())
        assert (ran.code, ran.out, ran.err) == (code, "", f"corpus: error: {message}\n")
        assert "secret-word" not in ran.err


def test_failed_run_with_force_keeps_the_old_output(run_cli: Callable, bad: Path) -> None:
    assert run_cli(["convert", "emoji.txt", "-o", "out.jsonl"]).code == 0
    before = Path("out.jsonl").read_bytes()
    assert run_cli(["adjudicate", "past.jsonl", "-o", "out.jsonl", "--force"]).code == 1
    assert Path("out.jsonl").read_bytes() == before
    assert not read_manifest(manifest_path("out.jsonl")).finished


@pytest.mark.long
def test_article_of_fifty_megabytes_goes_through(run_cli: Callable, bad: Path) -> None:
    Path("big.txt").write_text("The OSCE met in Kyiv.\n" * 2_400_000)
    assert run_cli(["convert", "big.txt", "-o", "out.jsonl", "--lang", "en"]).code == 0
    assert run_cli(["check", "out.jsonl"]).code == 0
