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
from functools import partial
from pathlib import Path
from typing import Any

from corpus.files import atomic_folder, shards_of
from corpus.formats.docbin_reader import read_docbin
from corpus.formats.docbin_shards import DocBinShards, docbin_shards
from corpus.formats.layers import choose_layer
from corpus.formats.tokenizer_rules import CALLBACK, write_tokenizer_rules
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
        files: dict[str, DocBinShards] = {}
        docbin = partial(
            docbin_shards,
            layer=layer,
            stage=stage,
            shard_size=shard_size,
            unknown_spaces=_has_unknown_spaces,
        )
        place = partial(_place_of, folder, is_sharded=shard_size is not None)
        with ExitStack() as stack:
            for document in documents:
                split = split_of(document)
                if split not in files:
                    files[split] = stack.enter_context(docbin(place(split)))
                files[split].add(document)
                facts.add(document)
            if not files:
                files["train"] = stack.enter_context(docbin(place("train")))
        rules = {rule for each in files.values() for rule in each.rules}
        if rules:
            write_tokenizer_rules(rules, folder / RULES)
        suffix = ".spacy" if shard_size is None else ""
        for component in ("ner", "spancat", *(("entity_linker",) if linker else ())):
            config = _config(component, facts, files, suffix, has_rules=bool(rules))
            (folder / f"{component}.cfg").write_bytes(config.to_str().encode() + b"\n")
    return sum(each.documents for each in files.values())


def _place_of(folder: Path, split: str, *, is_sharded: bool) -> Path:
    """Where the DocBin of a split stands; the name that its shards have, their folder now there."""
    if is_sharded:
        folder = folder / split
        folder.mkdir()
    return folder / f"{split}.spacy"


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
        for file in [whole] if whole.is_file() else shards_of(Path(path) / split / whole.name):
            yield from read_docbin(file, layer=layer, stage=stage)
