"""errors: one tree, one line, an exit code."""

import inspect
import pickle

import pytest

from corpus import errors
from corpus.errors import CorpusError, StoreError, UsageError

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass)]


def test_tree_in_the_docstring_names_every_class() -> None:
    drawn = {word for word in errors.__doc__.split() if word.endswith("Error")}
    assert drawn == {c.__name__ for c in CLASSES} == set(errors.__all__)


@pytest.mark.parametrize("kind", CLASSES)
def test_error_survives_pickle(kind: type[CorpusError]) -> None:
    error = pickle.loads(pickle.dumps(kind("no such file", "check the path")))
    assert (type(error), str(error)) == (kind, "no such file; check the path")


def test_error_without_hint_is_its_message() -> None:
    assert str(StoreError("line 3 is broken")) == "line 3 is broken"


def test_exit_code_is_2_for_usage_and_1_for_the_rest() -> None:
    assert {c for c in CLASSES if c.exit_code == 2} == {UsageError}
    assert {c.exit_code for c in CLASSES} == {1, 2}
