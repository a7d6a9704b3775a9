"""Nothing from an article commands the terminal that shows it."""

from __future__ import annotations

import json
import unicodedata

import pytest

from corpus.cli.terminal import one_line, print_result, printable, say

COMMANDS = "\x1b]0;owned\x07\x1b[2J\r\x08\x9b31m\u202eBAD\u2066\u200f\u2028\x7f"


def test_what_could_command_a_terminal_is_shown_as_an_escape():
    assert printable(COMMANDS) == (
        "\\x1b]0;owned\\x07\\x1b[2J\\r\\x08\\x9b31m\\u202eBAD\\u2066\\u200f\\u2028\\x7f"
    )
    assert one_line("a\nb\x1b") == "a\\nb\\x1b"


def test_every_control_and_direction_sign_is_covered_and_nothing_else():
    kept = {"\n", "\t", "\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}
    for point in range(0x110000):
        char = chr(point)
        control = unicodedata.category(char) in ("Cc", "Cs")
        turns = unicodedata.bidirectional(char) in (
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
        )
        if (control or turns) and char not in kept:
            assert printable(char) != char, hex(point)
        elif point > 0x2029 or char in kept or char.isprintable():
            assert printable(char) == char, hex(point)


def test_emoji_and_other_scripts_are_shown_as_they_are():
    text = "👨‍👩‍👧 क्षि עברית العربية café\n\tO’Neill"
    assert printable(text) == text


def test_say_and_results_are_shown_so(capsys):
    say(COMMANDS)
    print_result({}, COMMANDS, as_json=False)
    out, err = capsys.readouterr()
    assert out == err == printable(COMMANDS) + "\n"


def test_json_is_the_same_data_and_commands_nothing(capsys):
    print_result({"id": COMMANDS + "é😀"}, "", as_json=True)
    out = capsys.readouterr().out
    assert printable(out) == out
    assert json.loads(out) == {"id": COMMANDS + "é😀"}
    assert "é😀" in out


@pytest.mark.parametrize("name", ["\x1b[2Jid", "../../etc/passwd", "<script>alert(1)</script>"])
def test_names_of_articles_reach_no_terminal_and_no_path(run_cli, tmp_path, name):
    rows = [{"id": name, "text": "a"}, {"id": name, "text": "b"}]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    work = tmp_path / "work"
    work.mkdir()
    ran = run_cli(["convert", tmp_path / "in" / "a.jsonl", "-o", work / "documents.jsonl"])
    checked = run_cli(["check", work])
    for text in (ran.out, ran.err, checked.out, checked.err):
        assert "\x1b" not in text
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {
        tmp_path / "in",
        work,
    }
