"""Classes of Wikidata (P31) -> our types of entities; `--types FILE` adds to the table."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import UsageError
from corpus.store import read_lines

_TYPES = {
    "person": "Q5",
    "organisation": "Q43229 Q484652 Q245065 Q163740 Q79913 Q7210356 Q2659904 Q17149090",
    "agency": "Q192283 Q327333 Q47913 Q192350",
    "company": "Q4830453 Q783794 Q891723 Q6881511 Q46970 Q18388277",
    "bank": "Q22687 Q66344",
    "party": "Q7278",
    "club": "Q476028 Q847017",
    "team": "Q12973014 Q6979593 Q1194951",
    "country": "Q6256 Q3624078 Q3024240",
    "city": "Q515 Q1549591 Q5119 Q200250 Q1093829 Q7930989",
    "town": "Q3957 Q486972",
    "village": "Q532",
    "municipality": "Q15284",
    "state": "Q35657 Q107390",
    "province": "Q34876 Q11828004",
    "region": "Q10864048 Q82794 Q36784",
    "continent": "Q5107",
    "river": "Q4022",
    "mountain": "Q8502 Q46831",
    "sea": "Q165 Q9430",
    "lake": "Q23397",
    "island": "Q23442",
    "peninsula": "Q34763",
    "building": "Q41176 Q16970 Q16560",
    "stadium": "Q483110",
    "facility": "Q1248784 Q55488",
    "war": "Q198 Q8465",
    "battle": "Q178561",
    "election": "Q40231 Q858439",
    "treaty": "Q131569",
    "law": "Q820655",
    "newspaper": "Q11032 Q1110794",
    "university": "Q3918 Q875538",
    "hospital": "Q16917",
    "language": "Q34770",
    "people": "Q41710",
    "film": "Q11424",
    "book": "Q571 Q7725634 Q47461344",
    "band": "Q215380",
    "taxon": "Q16521",
    "disease": "Q12136",
}
TYPES = {number: type for type, numbers in _TYPES.items() for number in numbers.split()}
"""Class -> type. Of a class that is not here, only its superclasses may give one."""


def read_types(path: str | Path) -> dict[str, str]:
    """The table of a file, `class TAB type` a line. Raises UsageError for any other line."""
    found = {}
    for number, line in read_lines(path):
        fields = line.decode("utf-8", "replace").strip().split("\t")
        if len(fields) != 2 or not all(field.strip() for field in fields):
            raise UsageError(
                f"{path}:{number}: a line is a class, a tab and a type", "such as: Q515\tcity"
            )
        found[fields[0].strip()] = fields[1].strip()
    return found
