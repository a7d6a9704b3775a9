"""Make entity-linked annotation corpora with spaCy and Doccano: nothing lost, nothing shifted."""

__version__ = "0.1.0"
