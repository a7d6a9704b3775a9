"""corpus convert, run as people run it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.articles import conversion
from corpus.articles.cleaning import original_text
from corpus.cli import run as run_here
from corpus.model import Layer, Link, Mention, make_document
from corpus.store import read_documents, write_documents

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


def documents(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def rejects(path: Path) -> list[dict]:
    return documents(Path(f"{path}.rejects.jsonl"))


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed article is not part of the repository")
def test_seed_article_has_title_dateline_credit_and_no_boilerplate(run_cli, tmp_path):
    out = tmp_path / "seed.jsonl"
    assert run_cli(["convert", SEEDS, "-o", out]).code == 0
    (document,) = documents(out)
    meta = document["meta"]
    assert meta["title"] == "US, Russia seek to avoid nightmare confrontation over Ukraine"
    assert (meta["dateline"], meta["credit"]) == ("STOCKHOLM", "AFP")
    assert document["text"].endswith("is through diplomacy,” Blinken said.")
    assert document["text"].startswith(meta["title"] + "\n\nSTOCKHOLM: Momentum")
    assert document["lang"] == "en"


def test_folder_of_many_kinds_becomes_documents_in_order(run_cli, tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.txt").write_text("Title here\n\nKYIV: It rained all day in the city.\n")
    (folder / "sub" / "a.jsonl").write_text('{"text": "One."}\n\n{"id": 7, "text": "Two."}\n')
    (folder / "c.csv").write_text('id,text\nx,"Three, and"\n')
    out = tmp_path / "documents.jsonl"
    ran = run_cli(["convert", folder, "-o", out])
    assert (ran.code, ran.err) == (0, "")
    assert [d["id"] for d in documents(out)] == ["b.txt", "x", "sub/a.jsonl#1", "7"]


def test_docbin_output_is_loaded_by_spacy(run_cli, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "Biden met Putin."}\n{"text": "They spoke."}\n')
    out = tmp_path / "a.spacy"
    assert run_cli(["convert", tmp_path / "a.jsonl", "-o", out]).code == 0
    docs = list(DocBin().from_disk(out).get_docs(spacy.blank("en").vocab))
    assert [doc.text for doc in docs] == ["Biden met Putin.", "They spoke."]


def test_broken_line_is_named_and_the_rest_goes_on(run_cli, tmp_path):
    lines = [json.dumps({"text": f"Article {n}."}) for n in range(1, 21)]
    lines[16] = '{"text": "half'
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    out = tmp_path / "o.jsonl"
    ran = run_cli(["convert", tmp_path / "a.jsonl", "-o", out])
    assert ran.code == 1
    assert len(documents(out)) == 19
    (reject,) = rejects(out)
    assert reject["document"] == "a.jsonl#17"
    assert reject["where"] == f"{tmp_path}/a.jsonl:17:10"
    assert reject["reason"] == "broken JSON: Unterminated string starting at"
    assert (
        run_cli(["convert", tmp_path / "a.jsonl", "-o", out, "--force", "--allow-rejects"]).code
        == 0
    )


ARTICLE = (
    "Talks number {n} go on\n\nKYIV: The ministers met on Thursday, and 1,2{n} people came. "
    "They wanted the cease-fire’s terms made public.\n\n“It is late,” she said.–AFP\n"
)


def write_articles(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as sink:
        for n in range(count):
            sink.write(json.dumps({"id": f"a{n}", "text": ARTICLE.format(n=n)}) + "\n")
    return path


@pytest.mark.parametrize("name", ["o.spacy", "o.jsonl", "o.jsonl.gz"])
def test_two_workers_write_the_bytes_of_one(run_cli, tmp_path, name):
    source = write_articles(tmp_path / "a.jsonl", 700)
    with source.open("a") as sink:
        sink.write('{"id": "a3", "text": "Twin."}\n{"id": "b", "text": "Again"}\n')
    folders = [tmp_path / "1", tmp_path / "2"]
    for workers, folder in enumerate(folders, 1):
        folder.mkdir()
        args = ["convert", source, "-o", folder / name, "--workers", workers]
        assert run_cli(args).code == 1
    one, two = ((folder / name).read_bytes() for folder in folders)
    assert one == two
    assert rejects(folders[0] / name) == rejects(folders[1] / name)


def test_duplicate_id_is_a_reject_that_names_both_places(run_cli, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("id,text\nx,One.\ny,Two.\n")
    (tmp_path / "in" / "b.jsonl").write_text('{"id": "y", "text": "Other."}\n')
    out = tmp_path / "o.spacy"
    assert run_cli(["convert", tmp_path / "in", "-o", out]).code == 1
    (reject,) = rejects(out)
    assert (reject["document"], reject["where"]) == ("y", f"{tmp_path}/in/b.jsonl:1")
    assert reject["reason"] == (
        f"its id is also that of {tmp_path}/in/a.csv#2, which was kept; "
        "--id-column - makes ids of file and row"
    )
    counts = json.loads(Path(f"{out}.manifest.json").read_text())["documents"]
    assert counts == {
        "received": 3, "kept": 2, "repaired": 0, "rejected": 1, "added": 0, "written": 2,
    }  # fmt: skip
    assert len(DocBin().from_disk(out)) == 2


def test_duplicate_text_is_kept_and_listed(run_cli, tmp_path):
    (tmp_path / "a.txt").write_text("The same text.\r\n")
    (tmp_path / "b.txt").write_text("The same text.\n")
    ran = run_cli(["convert", tmp_path / "a.txt", tmp_path / "b.txt", "-o", tmp_path / "o.jsonl"])
    assert ran.code == 0
    assert "duplicate texts: 1" in ran.out
    notes = json.loads((tmp_path / "o.jsonl.manifest.json").read_text())["notes"]
    assert notes["duplicates"] == [{"document": "b.txt", "same_text_as": f"{tmp_path}/a.txt"}]
    assert len(documents(tmp_path / "o.jsonl")) == 2


def test_docbin_and_document_jsonl_come_back_as_they_were(run_cli, tmp_path):
    text = "Pre-Kyiv e\u0301 talks\r\n\r\nLeave a Reply"
    document = make_document(
        "d", text, meta={"k": 1}, layers=(Layer("gold", mentions=(Mention("m", 4, 8, "GPE"),)),)
    )
    write_documents([document], tmp_path / "d.jsonl")
    first, back = tmp_path / "d.spacy", tmp_path / "back.jsonl"
    assert run_cli(["convert", tmp_path / "d.jsonl", "-o", first]).code == 0
    assert run_cli(["convert", first, "-o", back]).code == 0
    (found,) = read_documents(back)
    assert (found.text, found.meta, found.layers) == (text, {"k": 1}, document.layers)


def test_misaligned_mentions_and_rules(run_cli, tmp_path):
    text = "Minskis accords"
    mention = Mention("m", 0, 5, "GPE")
    document = make_document("d", text, lang="en", layers=(Layer("gold", mentions=(mention,)),))
    write_documents([document], tmp_path / "d.jsonl")
    out, rules = tmp_path / "o.spacy", tmp_path / "rules.py"
    ran = run_cli(["convert", tmp_path / "d.jsonl", "-o", out, "--tokenizer-rules", rules])
    assert ran.code == 0
    assert "(?<=Minsk)(?=i)" in rules.read_text()
    args = ["convert", tmp_path / "d.jsonl", "-o", out, "--misaligned", "reject", "--force"]
    assert run_cli(args).code == 1
    (reject,) = rejects(out)
    assert (reject["mention"], reject["layer"]) == ("m", "gold")


def test_rules_of_all_shards_stand_in_one_file(run_cli, tmp_path):
    texts = ["Minskis accords", "Kyivers met"]
    write_documents(
        [
            make_document(
                text,
                text,
                lang="en",
                layers=(Layer("gold", mentions=(Mention("m", 0, n, "GPE"),)),),
            )
            for text, n in zip(texts, (5, 4), strict=True)
        ],
        tmp_path / "d.jsonl",
    )
    rules = tmp_path / "rules.py"
    args = ["convert", tmp_path / "d.jsonl", "-o", tmp_path / "o.spacy", "--shard-size", "1"]
    assert run_cli([*args, "--tokenizer-rules", rules]).code == 0
    assert "(?<=Minsk)(?=i)" in rules.read_text()
    assert "(?<=Kyiv)(?=e)" in rules.read_text()


def test_shards_of_document_jsonl_have_the_same_bytes_for_any_workers(run_cli, tmp_path):
    mention = Mention("m", 0, 4, "GPE", links=(Link("Q1899"),))
    write_documents(
        [
            make_document(f"d{n}", "Kyiv met", layers=(Layer("gold", mentions=(mention,)),))
            for n in range(700)
        ],
        tmp_path / "d.jsonl",
    )
    for workers in ("1", "2"):
        out = tmp_path / workers / "o.jsonl"
        out.parent.mkdir()
        args = ["convert", tmp_path / "d.jsonl", "-o", out, "--shard-size", "300"]
        assert run_cli([*args, "--workers", workers]).code == 0
    for name in ("o-00000.jsonl", "o-00001.jsonl", "o-00002.jsonl"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_documents_that_are_not_sound_are_rejects_with_their_mentions(run_cli, tmp_path):
    layer = Layer("gold", mentions=(Mention("m", 0, 99, "GPE"),))
    write_documents([make_document("d", "Kyiv", layers=(layer,))], tmp_path / "d.jsonl")
    out = tmp_path / "o.jsonl"
    assert run_cli(["convert", tmp_path / "d.jsonl", "-o", out, "--force"]).code == 1
    (reject,) = rejects(out)
    assert reject["reason"] == (
        "mention m of layer 'gold' at 0-99 lies outside the text of 4 code points"
    )
    counts = json.loads(Path(f"{out}.manifest.json").read_text())["mentions"]
    assert (counts["received"], counts["rejected"]) == (1, 1)


@pytest.mark.parametrize("name", ["o.jsonl", "o.spacy"])
def test_shards_hold_what_one_file_holds(run_cli, tmp_path, name):
    source = write_articles(tmp_path / "a.jsonl", 600)
    run_cli(["convert", source, "-o", tmp_path / "one.jsonl"])
    ran = run_cli(["convert", source, "-o", tmp_path / name, "--shard-size", 250])
    assert ran.code == 0
    suffix = name.removeprefix("o")
    assert sorted(p.name for p in tmp_path.glob(f"o-*{suffix}")) == [
        f"o-0000{n}{suffix}" for n in range(3)
    ]
    assert run_cli(["convert", tmp_path / name, "-o", tmp_path / "back.jsonl"]).code == 0
    assert (tmp_path / "back.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


def test_stdin_to_stdout(run_cli):
    ran = run_cli(["convert", "-", "-o", "-"], stdin=b'{"text": "One."}\n{"text"\n')
    assert ran.code == 1
    assert json.loads(ran.out)["id"] == "stdin#1"
    assert "rejected stdin#2: broken JSON: Expecting ':' delimiter" in ran.err


def test_same_again_is_up_to_date_and_other_settings_are_refused(run_cli, tmp_path):
    source = write_articles(tmp_path / "a.jsonl", 3)
    out = tmp_path / "o.jsonl"
    run_cli(["convert", source, "-o", out])
    before = out.stat().st_mtime_ns
    assert run_cli(["convert", source, "-o", out, "--workers", 2]).out == f"{out} is up to date\n"
    assert out.stat().st_mtime_ns == before
    ran = run_cli(["convert", source, "-o", out, "--lang", "de"])
    assert (ran.code, "with other settings (lang '', now 'de')" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nowhere.txt"], "nowhere.txt: no such file or folder; check the path"),
        (
            ["a.txt", "--input-format", "pdf"],
            "--input-format pdf: no such kind; the kinds are: ",
        ),
        (["a.txt", "--misaligned", "drop"], "--misaligned drop: no such choice; "),
        (
            ["a.txt", "--tokenizer-rules", "r.py"],
            "--tokenizer-rules: only a .spacy output has tokens; give -o a name in .spacy",
        ),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(run_cli, tmp_path, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Text.")
    ran = run_cli(["convert", *args, "-o", "o.jsonl"])
    assert ran.code == 2
    assert ran.err.startswith(f"corpus: error: {message}")
    assert ran.err.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt"]


def test_output_in_a_folder_that_is_not_there_is_refused(run_cli, tmp_path):
    (tmp_path / "a.txt").write_text("Text.")
    ran = run_cli(["convert", tmp_path / "a.txt", "-o", tmp_path / "no" / "o.jsonl"])
    assert ran.code == 2
    assert ran.err.startswith(f"corpus: error: {tmp_path}/no/o.jsonl: there is no folder")


def test_lang_option_holds_for_all_and_is_detected_otherwise(run_cli, tmp_path):
    (tmp_path / "a.txt").write_text(
        "Міністр заявив у четвер, що країна готова до переговорів завтра."
    )
    run_cli(["convert", tmp_path / "a.txt", "-o", tmp_path / "o.jsonl"])
    run_cli(["convert", tmp_path / "a.txt", "-o", tmp_path / "p.jsonl", "--lang", "xx"])
    assert documents(tmp_path / "o.jsonl")[0]["lang"] == "uk"
    assert documents(tmp_path / "p.jsonl")[0]["lang"] == "xx"


def test_one_emoji_and_one_huge_article(run_cli, tmp_path):
    (tmp_path / "a.txt").write_text("😀")
    with (tmp_path / "b.txt").open("w", encoding="utf-8") as sink:
        for n in range(12_000):
            sink.write(ARTICLE.format(n=n) + "\n")
    assert (
        run_cli(
            ["convert", tmp_path / "a.txt", tmp_path / "b.txt", "-o", tmp_path / "o.jsonl"]
        ).code
        == 0
    )
    emoji, huge = read_documents(tmp_path / "o.jsonl")
    assert emoji.text == "😀"
    assert original_text(huge) == (tmp_path / "b.txt").read_text()


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_leaves_nothing_half_written(tmp_path, workers):
    source = write_articles(tmp_path / "a.jsonl", 60_000)
    before = sorted(p.name for p in tmp_path.iterdir())
    command = [sys.executable, "-m", "corpus", "convert", source, "-o", tmp_path / "o.spacy"]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)], stderr=subprocess.PIPE, start_new_session=True
    )
    manifest = tmp_path / "o.spacy.manifest.json"
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".o.spacy.*.partial")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert (
        err == b"corpus: error: stopped by Ctrl-C; nothing is half-written, run it again to go on\n"
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == [*before, manifest.name]
    assert json.loads(manifest.read_text())["finished"] is False


def test_convert_gives_up_only_the_article_that_kills_its_worker(tmp_path, monkeypatch):
    source, output = tmp_path / "news.jsonl", tmp_path / "documents.jsonl"
    texts = [f"Article {number} of the news." for number in range(300)]
    texts[170] = "POISON in the news."
    source.write_text("".join(f'{{"text": "{text}"}}\n' for text in texts))
    make = conversion._make_document

    def make_or_die(source, raw, name, options):
        if "POISON" in raw.text:
            os._exit(9)  # as a fault in a parser written in C would
        return make(source, raw, name, options)

    monkeypatch.setattr(conversion, "_make_document", make_or_die)
    assert run_here(["convert", str(source), "-o", str(output), "--workers", "2"]) == 1
    assert [document.text for document in read_documents(output)] == texts[:170] + texts[171:]
    assert rejects(output) == [
        {
            "type": "change/1",
            "kind": "rejected",
            "document": "news.jsonl#171",
            "reason": "the worker process that read it died, twice, perhaps for lack of memory",
            "where": f"{source}:171",
        }
    ]
