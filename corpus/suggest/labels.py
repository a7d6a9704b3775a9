"""The labels of silver mentions, from the types of a knowledge base and of spaCy pipelines.

PER    a person                          ORG    an organisation, company, team, news agency
GPE    a place with a government         LOC    another place: a region, river, building
EVENT  a war, election, match            LAW    a treaty, accord, law
MISC   any other entity with a name
"""

from __future__ import annotations

_TYPES = {
    "PER": "PER PERSON HUMAN POLITICIAN",
    "ORG": "ORG ORGANISATION ORGANIZATION COMPANY BUSINESS BANK AGENCY TEAM CLUB PARTY BRAND",
    "GPE": "GPE COUNTRY CITY TOWN VILLAGE CAPITAL STATE PROVINCE MUNICIPALITY TERRITORY",
    "LOC": "LOC LOCATION PLACE REGION CONTINENT RIVER MOUNTAIN SEA LAKE ISLAND PENINSULA "
    "FAC FACILITY BUILDING STADIUM",
    "EVENT": "EVENT WAR CONFLICT BATTLE ELECTION MATCH TOURNAMENT SUMMIT DISASTER FLOOD",
    "LAW": "LAW TREATY AGREEMENT ACCORD CONVENTION",
    "MISC": "MISC PRODUCT WORK_OF_ART OFFICE",
}
LABELS = tuple(_TYPES)
"""Every label that `suggest` gives, unless --labels names a pipeline's own."""

_LABEL_OF = {spelling: label for label, types in _TYPES.items() for spelling in types.split()}


def label_of(type: str) -> str:
    """The label for a type as a knowledge base or a pipeline calls it; MISC if it is not known."""
    return known_label(type) or "MISC"


def known_label(type: str) -> str:
    """The label for a type, or nothing for what we do not mark: DATE, MONEY, NORP …"""
    return _LABEL_OF.get(type.strip().upper().replace(" ", "_"), "")
