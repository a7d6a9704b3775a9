"""A folder to train spaCy in: DocBins by split and a config for each component.

    train.spacy  dev.spacy  test.spacy  ner.cfg  spancat.cfg  entity_linker.cfg  rules.py  kb/

    cd FOLDER && spacy train ner.cfg -o model

Documents without sentences get those of spaCy's rule-based sentencizer, since `entity_linker`
needs some. The configs are spaCy's own (`spacy init config`) with the paths, the language, the
span group and the span lengths of the corpus. `rules.py` is there where mentions lie inside the
tokens that spaCy makes; the configs then name it, and want `--code rules.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from corpus.files import atomic_folder
from corpus.formats.docbin import DocBinWriter
from corpus.formats.docbin_reader import read_docbin
from corpus.formats.docbin_segment import encode_segment, is_full
from corpus.formats.layers import choose_layer
from corpus.formats.tokenizer_rules import CALLBACK, Rule, write_tokenizer_rules
from corpus.formats.tokens import NEUTRAL, blank_language
from corpus.manifest import Stage
from corpus.model import Document

SPLITS = ("train", "dev", "test")
RULES = "rules.py"
_LONGEST_NGRAM = 12
"""Tokens; a suggester of longer spans proposes more than a computer can score."""


def write_spacy_training(
    documents: Iterable[Document],
    path: str | Path,
    *,
    layer: str | None = None,
    stage: Stage | None = None,
    split_of: Callable[[Document], str] = lambda document: "train",
    linker: bool = False,
) -> int:
    """The number of documents now in the folder's DocBins, whole or not at all.

    `split_of` names the split of the document that was last taken from `documents`. `linker`
    says that a knowledge base will stand in `kb/`, and writes its config too.
    """
    with atomic_folder(path) as folder:
        facts = _Facts(layer)
        rules: set[Rule] = set()
        count = 0
        with ExitStack() as stack:
            files: dict[str, _SplitFile] = {}
            for document in documents:
                split = split_of(document)
                if split not in files:
                    files[split] = stack.enter_context(_SplitFile(folder, split, layer, stage))
                files[split].add(document)
                facts.add(document)
            for split in ("train",) if not files else ():
                files[split] = stack.enter_context(_SplitFile(folder, split, layer, stage))
            for each in files.values():
                each.flush()
                count += each.documents
                rules |= each.rules
        if rules:
            write_tokenizer_rules(rules, folder / RULES)
        for component in ("ner", "spancat", *(("entity_linker",) if linker else ())):
            config = _config(component, facts, files, has_rules=bool(rules))
            (folder / f"{component}.cfg").write_bytes(config.to_str().encode() + b"\n")
    return count


class _SplitFile:
    """One DocBin, in segments."""

    def __init__(self, folder: Path, split: str, layer: str | None, stage: Stage | None) -> None:
        self._writer = DocBinWriter(folder / f"{split}.spacy", stage=stage)
        self._writer.unknown_spaces = True
        self._layer = layer
        self._batch: list[Document] = []
        self._characters = 0

    def __enter__(self) -> _SplitFile:
        self._writer.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._writer.__exit__(*error)

    def add(self, document: Document) -> None:
        self._writer.unknown_spaces &= _has_unknown_spaces(document)
        self._batch.append(document)
        self._characters += len(document.text)
        if is_full(len(self._batch), self._characters):
            self.flush()

    def flush(self) -> None:
        if self._batch:
            self._writer.add_segment(encode_segment(self._batch, layer=self._layer))
        self._batch, self._characters = [], 0

    @property
    def documents(self) -> int:
        return self._writer.documents

    @property
    def rules(self) -> set[Rule]:
        return set() if self._writer.unknown_spaces else self._writer.rules


def _has_unknown_spaces(document: Document) -> bool:
    """Whether the source brought words and nothing else, as CoNLL does.

    spaCy then trains and scores on those words, as it does with what `spacy convert` makes.
    """
    tokens = document.tokens
    if not tokens or document.text.endswith(" "):
        return False
    return all(token.space_after for token in tokens[:-1])


class _Facts:
    """What the configs need to know of the documents."""

    def __init__(self, layer: str | None) -> None:
        self._layer = layer
        self.langs: Counter[str] = Counter()
        self.groups: Counter[str] = Counter()
        self.longest = 1

    def add(self, document: Document) -> None:
        """Count a document's language, and the span group and longest span of its layer."""
        self.langs[blank_language(document.lang).lang] += 1
        layer = choose_layer(document, self._layer)
        if layer is None:
            return
        self.groups[layer.name] += 1
        for mention in layer.mentions:
            words = len(document.text[mention.start : mention.end].split())
            self.longest = max(self.longest, words)

    @property
    def lang(self) -> str:
        return min(self.langs, key=lambda lang: (-self.langs[lang], lang), default=NEUTRAL)

    @property
    def group(self) -> str:
        return min(self.groups, key=lambda name: (-self.groups[name], name), default="gold")


def _config(component: str, facts: _Facts, splits: Iterable[str], *, has_rules: bool) -> Any:
    from spacy.cli.init_config import init_config

    config = init_config(lang=facts.lang, pipeline=[component], optimize="efficiency", gpu=False)
    for name in ("train", "dev"):
        # Without a dev split the training one, so that the config runs as it is.
        config["paths"][name] = f"{name if name in set(splits) else 'train'}.spacy"
    if has_rules:
        config["initialize"]["before_init"] = {"@callbacks": CALLBACK}
    if component == "spancat":
        sizes = list(range(1, min(facts.longest + 1, _LONGEST_NGRAM) + 1))
        config["components"]["spancat"]["spans_key"] = facts.group
        config["components"]["spancat"]["suggester"] = {
            "@misc": "spacy.ngram_suggester.v1",
            "sizes": sizes,
        }
        # The component's own weights are of the span group `sc`.
        weights: dict[str, float | None] = {f"spans_sc_{one}": None for one in "fpr"}
        weights |= {f"spans_{facts.group}_{one}": None for one in "pr"}
        weights[f"spans_{facts.group}_f"] = 1.0
        config["training"]["score_weights"] = weights
    if component == "entity_linker":
        config["nlp"]["pipeline"] = ["sentencizer", *config["nlp"]["pipeline"]]
        config["components"]["sentencizer"] = {"factory": "sentencizer"}
        config["training"]["score_weights"] |= {f"sents_{one}": None for one in "fpr"}
        config["initialize"]["components"]["entity_linker"] = {
            "kb_loader": {"@misc": "spacy.KBFromFile.v1", "kb_path": "kb"}
        }
    return config


def read_spacy_training(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of the folder's DocBins, split by split."""
    for split in SPLITS:
        file = Path(path) / f"{split}.spacy"
        if file.is_file():
            yield from read_docbin(file, layer=layer, stage=stage)
