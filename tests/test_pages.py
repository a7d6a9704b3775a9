"""The reader of pages: what it takes for a command, and what for the same output."""

import pytest

from tests.conftest import Ran
from tests.pages import Block, Reader, matches, read_blocks

PAGE = """\
# A page

```
corpus convert a.txt \\
  -o b.jsonl      # a comment
# only a comment
corpus check .
```

```text
all is well
```

## More

```python title="x/y.py"
print(1)
```

```json
{"read": "only"}
```

```
cd x
python y.py
```

and this is shown for a reader's eyes:

```text
2
```
"""


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_blocks_are_commands_with_their_output_and_files(page):
    more = [Block((), title="x/y.py", content="print(1)\n"), Block(("cd x", "python y.py"))]
    commands = ("corpus convert a.txt -o b.jsonl", "corpus check .")
    assert read_blocks(page) == [Block(commands, "all is well\n"), *more]
    assert read_blocks(page, section="More") == more


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nb\nc\n", False),
        ("a …\n", "a 1 and 2\n", True),
        ("a …\n", "a 1\nb\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\n", "a\n", True),
        ("a\n…\nd\n", "a\nb\n", False),
        ("http://127.0.0.1:8000/projects/1 a.b\n", "http://127.0.0.1:97/projects/31 a.b\n", True),
        ("a.b\n", "axb\n", False),
    ],
)
def test_an_output_is_the_same_but_for_what_is_left_open(shown, printed, same):
    assert matches(shown, printed) == same


def test_a_reader_does_what_the_page_says_and_compares(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked, waited = [], []

    def run_cli(words):
        asked.append(words)
        return Ran(0, "all is well\n" if words[0] == "check" else "", "")

    reader = Reader(run_cli, after=lambda words: waited.append(words[0]))
    reader.follow(read_blocks(page))
    assert asked == [["convert", "a.txt", "-o", "b.jsonl"], ["check", "."]]
    assert waited == ["convert", "check"]
    assert reader.ran[2:] == ["cd x", "python y.py"]


def test_a_reader_stops_at_another_exit_code_or_output(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError, match="printed\nnot so\n\nnot\nall is well"):
        Reader(lambda words: Ran(0, "not so\n" * (words[0] == "check"), "")).follow(
            read_blocks(page)
        )
    with pytest.raises(AssertionError, match="a\\.txt -o b\\.jsonl: exit code 2"):
        Reader(lambda _: Ran(2, "", "no")).follow(read_blocks(page))
