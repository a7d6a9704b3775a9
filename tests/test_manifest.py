"""manifest: up to date, resumed, refused, forced; conservation; what a stopped run leaves."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import CorpusError, StoreError, UsageError
from corpus.manifest import (
    Counts,
    Manifest,
    Stage,
    located,
    manifest_path,
    mark_file,
    open_stage,
    read_manifest,
    rejects_path,
    repairs_path,
)
from corpus.model import Change, make_document
from corpus.store import read_records, write_documents, write_shards

DOCUMENTS = [make_document("a", "text"), make_document("b", "more")]
REJECT = Change(kind="rejected", document="a", reason="no text")
REPAIR = Change(kind="repaired", document="b", reason="cut", before={"text": "more"})


def work(stage: Stage | None, *changes: Change) -> Stage:
    """Keep one document, record the changes, write what is left."""
    assert stage is not None
    with stage:
        stage.documents.received = 2
        stage.documents.kept = stage.documents.written = 2
        for change in changes:
            stage.documents.kept -= 1
            if change.kind == "rejected":
                stage.documents.rejected += 1
                stage.documents.written -= 1
            else:
                stage.documents.repaired += 1
            stage.record(change)
        if stage.on_disk:
            write_documents(DOCUMENTS, stage.output)
    return stage


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    write_documents(DOCUMENTS, path)
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def refusal(output: object, why: str) -> str:
    return f"{output}: exists, {why}; give another -o, or --force to replace it"


def test_finished_manifest_says_all_but_the_clock_the_same_each_time(
    source: Path, output: Path
) -> None:
    manifests = []
    for _ in range(2):
        stage = open_stage(
            "try", output, [source], settings={"z": 1, "a": (1, 2)}, seed=7, force=True
        )
        stage.add("silver", 0)
        work(stage, REJECT)
        manifest = read_manifest(manifest_path(output))
        assert sorted(manifest.clock) == ["finished", "seconds", "started"]
        manifest.clock = {}
        manifests.append(manifest)
    assert manifests[0] == manifests[1]
    [manifest, _] = manifests
    assert manifest.finished
    assert (manifest.command, manifest.seed) == ("try", 7)
    assert list(manifest.settings.items()) == [("a", [1, 2]), ("z", 1)]
    assert manifest.inputs == [mark_file(source)]
    assert [(mark.path, located(mark, manifest_path(output))) for mark in manifest.outputs] == [
        ("out.jsonl", output)
    ]
    assert [mark.path for mark in manifest.ledgers] == ["out.jsonl.rejects.jsonl"]
    assert manifest.documents == Counts(received=2, kept=1, rejected=1, written=1)


def test_same_job_again_is_up_to_date(source: Path, output: Path) -> None:
    work(open_stage("try", output, [source], settings={"pair": (1, 2)}))
    assert open_stage("try", output, [source], settings={"pair": (1, 2)}) is None


def test_up_to_date_does_not_depend_on_the_working_directory(
    source: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    work(open_stage("try", output.name, [source.name]))
    monkeypatch.chdir(source.parent.parent)
    here = source.parent.name
    assert open_stage("try", f"{here}/{output.name}", [f"{here}/{source.name}"]) is None
    with pytest.raises(UsageError, match="from other inputs"):
        open_stage("try", f"{here}/{output.name}", [])


def test_workspace_can_be_moved(
    tmp_path: Path, source: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    work(open_stage("try", output.name, [source.name]))
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    monkeypatch.chdir(moved)
    assert open_stage("try", output.name, [source.name]) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"command": "other"}, "made by 'try' and not by 'other'"),
        ({"inputs": []}, "made by 'try' from other inputs"),
        (
            {"settings": {"rule": "b"}},
            "made by 'try' with other settings (rule 'a', now 'b')",
        ),
        (
            {"settings": {"rule": "a", "more": True}},
            "made by 'try' with other settings (more None, now True)",
        ),
        (
            {"versions": {"spacy": "4"}},
            "made by 'try' with other versions (spacy '3', now '4')",
        ),
        ({"seed": 2}, "made by 'try' with other seed (seed 1, now 2)"),
        ({"inputs": ["-"]}, "made by 'try' from what cannot be compared with standard input"),
    ],
)
def test_other_job_is_refused_and_says_what_differs(
    source: Path, output: Path, change: dict, why: str
) -> None:
    job = {
        "command": "try",
        "inputs": [source],
        "settings": {"rule": "a"},
        "versions": {"spacy": "3"},
        "seed": 1,
    }

    def begin(**fields: object) -> Stage | None:
        return open_stage(fields.pop("command"), output, fields.pop("inputs"), **fields)

    work(begin(**job))
    with pytest.raises(UsageError) as caught:
        begin(**{**job, **change})
    assert str(caught.value) == refusal(output, why)
    assert caught.value.exit_code == 2
    assert begin(**{**job, **change}, force=True) is not None


def test_changed_input_is_another_job(source: Path, output: Path) -> None:
    work(open_stage("try", output, [source]))
    write_documents(DOCUMENTS[:1], source)
    with pytest.raises(UsageError) as caught:
        open_stage("try", output, [source])
    assert str(caught.value) == refusal(output, "made by 'try' from other inputs")


def test_output_of_standard_input_is_never_up_to_date(output: Path) -> None:
    work(open_stage("try", output, ["-"]))
    with pytest.raises(UsageError) as caught:
        open_stage("try", output, ["-"])
    assert str(caught.value) == refusal(
        output, "made by 'try' from what cannot be compared with standard input"
    )


def test_output_changed_by_hand_is_not_replaced(source: Path, output: Path) -> None:
    work(open_stage("try", output, [source]))
    output.write_text("my own")
    with pytest.raises(UsageError) as caught:
        open_stage("try", output, [source])
    assert str(caught.value) == refusal(output, f"changed after 'try' made it ({output})")


def test_deleted_output_is_made_again(source: Path, output: Path) -> None:
    work(open_stage("try", output, [source]))
    output.unlink()
    assert open_stage("try", output, [source]) is not None


@pytest.mark.parametrize("kind", ["file", "shard", "folder"])
def test_output_without_manifest_is_not_replaced(output: Path, kind: str) -> None:
    if kind == "file":
        output.touch()
    elif kind == "shard":
        write_shards(DOCUMENTS, output, lambda docs, path: write_documents(docs, path), 1)
    else:
        output.mkdir()
        (output / "somebody's").touch()
    with pytest.raises(UsageError) as caught:
        open_stage("try", output, [])
    assert str(caught.value) == refusal(
        output, "has no manifest, so it was not made by this command"
    )
    assert open_stage("try", output, [], force=True) is not None


def test_empty_folder_is_a_fine_output(output: Path) -> None:
    output.mkdir()
    assert open_stage("try", output, []) is not None


@pytest.mark.parametrize("force", [False, True])
def test_output_that_is_an_input_is_refused_even_with_force(
    source: Path, force: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    with pytest.raises(UsageError) as caught:
        open_stage("try", source.name, [source], force=force)
    assert str(caught.value) == "in.jsonl: is an input too; give another -o"


def test_output_whose_shard_is_an_input_is_refused(output: Path) -> None:
    shards = write_shards(DOCUMENTS, output, lambda docs, path: write_documents(docs, path), 1)
    with pytest.raises(UsageError) as caught:
        open_stage("try", output, shards, force=True)
    assert str(caught.value) == f"{output}: is an input too; give another -o"


@pytest.mark.parametrize("sharded", [False, True])
def test_unfinished_input_is_refused(tmp_path: Path, output: Path, sharded: bool) -> None:
    middle = tmp_path / "middle.jsonl"
    with pytest.raises(KeyboardInterrupt), open_stage("first", middle, []):
        paths = write_shards(
            DOCUMENTS,
            middle,
            lambda docs, path: write_documents(docs, path),
            1 if sharded else None,
        )
        raise KeyboardInterrupt
    with pytest.raises(UsageError) as caught:
        open_stage("second", output, paths)
    assert str(caught.value) == (
        f"{paths[0]}: is unfinished, the command that makes it was stopped; run that command "
        "again first"
    )


def test_missing_input_and_missing_folder_are_named(tmp_path: Path, source: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_stage("try", tmp_path / "out", [tmp_path / "none"])
    assert str(caught.value) == (
        f"{tmp_path}/none: no such file or directory; give a file that can be read"
    )
    with pytest.raises(UsageError) as caught:
        open_stage("try", tmp_path / "no" / "out", [source])
    assert str(caught.value) == (
        f"{tmp_path}/no/out: there is no folder {tmp_path}/no; make it first: mkdir -p "
        f"{tmp_path}/no"
    )


@pytest.mark.parametrize("stop", [KeyboardInterrupt, StoreError("broken")])
def test_stopped_stage_is_unfinished_and_runs_again(
    source: Path, output: Path, stop: BaseException
) -> None:
    with pytest.raises((KeyboardInterrupt, StoreError)), open_stage("try", output, [source]) as s:
        s.record(REJECT)
        raise stop
    assert not read_manifest(manifest_path(output)).finished
    assert not rejects_path(output).exists()
    assert sorted(path.name for path in output.parent.iterdir()) == [
        "in.jsonl",
        "out.jsonl.manifest.json",
    ]
    work(open_stage("try", output, [source]))
    assert open_stage("try", output, [source]) is None


def test_killed_stage_runs_again_and_leaves_nothing_behind(source: Path, output: Path) -> None:
    code = """
        import sys, time
        from corpus.manifest import open_stage
        from corpus.model import Change
        from corpus.files import atomic_output
        with open_stage("try", sys.argv[2], [sys.argv[1]]) as stage:
            stage.record(Change(kind="rejected", document="a", reason="no text"))
            with atomic_output(sys.argv[2]) as sink:
                sink.write(b"half")
                print("writing", flush=True)
                time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(source), str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.kill()
    assert not output.exists()
    assert sum(path.name.endswith(".partial") for path in output.parent.iterdir()) == 2
    work(open_stage("try", output, [source]))
    assert sorted(path.name for path in output.parent.iterdir()) == [
        "in.jsonl",
        "out.jsonl",
        "out.jsonl.manifest.json",
    ]


def test_ledgers_hold_each_change_and_go_when_there_is_none(source: Path, output: Path) -> None:
    work(open_stage("try", output, [source]), REJECT, REPAIR)
    assert list(read_records(rejects_path(output), Change)) == [REJECT]
    assert list(read_records(repairs_path(output), Change)) == [REPAIR]
    work(open_stage("try", output, [source], force=True))
    assert not rejects_path(output).exists()
    assert not repairs_path(output).exists()
    assert read_manifest(manifest_path(output)).ledgers == []


def test_stage_to_standard_output_keeps_its_first_changes_for_the_terminal(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = open_stage("try", "-", [source])
    with stage:
        stage.documents.received = stage.documents.rejected = 50
        for _ in range(50):
            stage.record(REJECT)
    assert stage.unlisted == [REJECT] * 20
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("counts", "problems"),
    [
        (Counts(), []),
        (Counts(received=5, kept=2, repaired=2, rejected=1, added=3, written=7), []),
        (
            Counts(received=5, kept=4, written=4),
            ["received 5 is not kept 4 + repaired 0 + rejected 0"],
        ),
        (
            Counts(received=1, repaired=1, added=1, written=1),
            ["written 1 is not kept 0 + repaired 1 + added 1"],
        ),
        (
            Counts(rejected=1, written=1),
            [
                "received 0 is not kept 0 + repaired 0 + rejected 1",
                "written 1 is not kept 0 + repaired 0 + added 0",
            ],
        ),
    ],
)
def test_counts_say_which_equation_fails(counts: Counts, problems: list[str]) -> None:
    assert counts.problems() == problems


def lose_document(stage: Stage) -> None:
    stage.documents.received = 1


def invent_mention(stage: Stage) -> None:
    stage.mentions.written = 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lose_document, "documents are not conserved: received 1 is not kept 0 + "),
        (invent_mention, "mentions are not conserved: written 1 is not kept 0 + "),
    ],
)
def test_stage_that_loses_anything_never_finishes(
    output: Path, fault: Callable[[Stage], None], words: str
) -> None:
    with pytest.raises(CorpusError) as caught, open_stage("try", output, []) as stage:
        fault(stage)
    assert str(caught.value).startswith(f"{output}: {words}")
    assert str(caught.value).endswith("; this is a fault of corpus, please report it")
    assert not read_manifest(manifest_path(output)).finished


def test_additions_are_counted_by_author_in_order(output: Path) -> None:
    with open_stage("try", output, []) as stage:
        stage.add("silver", 2)
        stage.add("gold")
        stage.add("silver")
        stage.mentions.written = 4
        write_documents([], output)
    manifest = read_manifest(manifest_path(output))
    assert list(manifest.added_by.items()) == [("gold", 1), ("silver", 3)]
    assert manifest.mentions.added == 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not a manifest (Input data was truncated); make the output again"),
        (b"\xff", "not a manifest ("),
        (
            b'{"type": "manifest/2"}',
            "is 'manifest/2', this corpus reads 'manifest/1'; use the version of corpus that "
            "wrote it",
        ),
    ],
)
def test_broken_manifest_is_named_and_force_goes_over_it(
    output: Path, content: bytes, reason: str
) -> None:
    path = manifest_path(output)
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        open_stage("try", output, [])
    assert str(caught.value).startswith(f"{path}: {reason}")
    work(open_stage("try", output, [], force=True))
    assert isinstance(read_manifest(path), Manifest)


def test_unwritable_place_is_named_before_any_work(tmp_path: Path) -> None:
    # Not even root can make a file there.
    with pytest.raises(UsageError) as caught, open_stage("try", "/proc/out.jsonl", []):
        pytest.fail("the work must not begin")
    assert str(caught.value) == (
        "/proc/out.jsonl.manifest.json: cannot be written (no such file or directory); give "
        "another -o"
    )


def test_interrupt_signal_in_a_real_process_leaves_an_unfinished_manifest(output: Path) -> None:
    code = """
        import sys, time
        from corpus.manifest import open_stage
        with open_stage("try", sys.argv[1], []):
            print("working", flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(output)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as process:
        process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
    assert not read_manifest(manifest_path(output)).finished
