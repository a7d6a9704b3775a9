"""A folder to train spaCy in: DocBins by split and a config for each component.

    train.spacy  dev.spacy  test.spacy  ner.cfg  spancat.cfg  entity_linker.cfg  rules.py  kb/

    cd FOLDER && spacy train ner.cfg -o model

With shards the DocBins of a split are in a folder, train/train-00000.spacy and so on, which spaCy
reads as one.

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

from corpus.files import atomic_folder, shard_path, shards_of
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
    shard_size: int | None = None,
) -> int:
    """The number of documents now in the folder's DocBins, whole or not at all.

    `split_of` names the split of the document that was last taken from `documents`. `linker`
    says that a knowledge base will stand in `kb/`, and writes its config too. With `shard_size`
    a DocBin is one of several of so many documents: a single one holds 4 GiB of tokens.
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
                    files[split] = _SplitFile(folder, split, layer, stage, stack, shard_size)
                files[split].add(document)
                facts.add(document)
            if not files:
                files["train"] = _SplitFile(folder, "train", layer, stage, stack, shard_size)
            for each in files.values():
                each.flush()
                count += each.documents
                rules |= each.rules
        if rules:
            write_tokenizer_rules(rules, folder / RULES)
        for component in ("ner", "spancat", *(("entity_linker",) if linker else ())):
            suffix = ".spacy" if shard_size is None else ""
            config = _config(component, facts, files, suffix, has_rules=bool(rules))
            (folder / f"{component}.cfg").write_bytes(config.to_str().encode() + b"\n")
    return count


class _SplitFile:
    """The DocBin of a split, or its shards, in segments."""

    def __init__(
        self,
        folder: Path,
        split: str,
        layer: str | None,
        stage: Stage | None,
        stack: ExitStack,
        shard_size: int | None,
    ) -> None:
        self._whole = folder / f"{split}.spacy"
        if shard_size is not None:
            (folder / split).mkdir()
            self._whole = folder / split / self._whole.name
        self._layer = layer
        self._stage = stage
        self._stack = stack
        self._shard_size = shard_size
        self._shards: list[DocBinWriter] = []
        self._taken = 0  # documents of the last shard
        self._batch: list[Document] = []
        self._characters = 0
        self._open()

    def _open(self) -> None:
        is_shard = self._shard_size is not None
        path = shard_path(self._whole, len(self._shards)) if is_shard else self._whole
        writer = self._stack.enter_context(DocBinWriter(path, stage=self._stage))
        writer.unknown_spaces = True
        self._shards.append(writer)

    def add(self, document: Document) -> None:
        if self._taken == self._shard_size:
            self.flush()
            self._open()
            self._taken = 0
        self._taken += 1
        self._shards[-1].unknown_spaces &= _has_unknown_spaces(document)
        self._batch.append(document)
        self._characters += len(document.text)
        if is_full(len(self._batch), self._characters):
            self.flush()

    def flush(self) -> None:
        if self._batch:
            self._shards[-1].add_segment(encode_segment(self._batch, layer=self._layer))
        self._batch, self._characters = [], 0

    @property
    def documents(self) -> int:
        return sum(writer.documents for writer in self._shards)

    @property
    def rules(self) -> set[Rule]:
        return {rule for each in self._shards if not each.unknown_spaces for rule in each.rules}


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


def _config(
    component: str, facts: _Facts, splits: Iterable[str], suffix: str, *, has_rules: bool
) -> Any:
    from spacy.cli.init_config import init_config

    config = init_config(lang=facts.lang, pipeline=[component], optimize="efficiency", gpu=False)
    for name in ("train", "dev"):
        # Without a dev split the training one, so that the config runs as it is.
        config["paths"][name] = f"{name if name in set(splits) else 'train'}{suffix}"
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
        whole = Path(path) / f"{split}.spacy"
        shards = shards_of(Path(path) / split / whole.name)
        for file in [whole] if whole.is_file() else shards:
            yield from read_docbin(file, layer=layer, stage=stage)
