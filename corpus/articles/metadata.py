"""What an article says of itself in its first and last lines: title, dateline, byline, credit.

Nothing is changed here: these are copies, the text keeps them. A blank may be any Unicode
space, NBSP too; soft hyphens are left out of the copies.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Credit(NamedTuple):
    """The agency named after the last sentence, and the span that is no prose."""

    name: str
    start: int
    end: int


class Head(NamedTuple):
    """What stands at the beginning of an article; empty where it does not."""

    title: str = ""
    dateline: str = ""
    dateline_date: str = ""
    credit: str = ""
    byline: str = ""


_AGENCIES = (
    "AFP|AP|Reuters|REUTERS|TASS|ITAR-TASS|Interfax|Interfax-Ukraine|Ukrinform|Unian|UNIAN"
    "|UNN|dpa|DPA|ANSA|EFE|Efe|Xinhua|Kyodo|Yonhap|PTI|ANI|IANS|APP|UPI|TT|NTB|Ritzau|STT"
    "|Belga|ANP|APA|PAP|CTK|ČTK|MTI|Agerpres|Anadolu|Anadolu Agency|AA|WAM|SPA|MENA|KUNA|IRNA"
    "|Bloomberg|BBC|CNN|Lusa|Sputnik|(?:with |news )?[Aa]gencies|Agence France-Presse"
    "|(?:The )?Associated Press|Press Trust of India|Thomson Reuters|Deutsche Presse-Agentur"
    "|Press Association|РИА Новости|РИА|ТАСС|Интерфакс|Интерфакс-Украина|Рейтер|АФП|УНН|УНІАН"
    "|Укрінформ|رويترز|فرانس برس|أ ف ب|د ب أ|سانا|新华社|法新社|路透社|美联社|中新社|中央社"
)
_SHORT_NAMES = {
    "agence france-presse": "AFP",
    "the associated press": "AP",
    "associated press": "AP",
    "thomson reuters": "Reuters",
    "press trust of india": "PTI",
    "deutsche presse-agentur": "dpa",
}
_known = re.compile(rf"(?:{_AGENCIES})(?:(?:/|, | and | & )(?:{_AGENCIES}))*")
_B = r"[^\S\n]"
_DASH = r"(?:[-–—―]{1,2})"

# After the end of a sentence only: "said.–AFP", "said. (Reuters)", or a last line "— dpa".
_credit = re.compile(
    r"(?<=[.!?…。！？؟\"”’»)\]])\s*"
    rf"(?:{_DASH}{_B}*(?P<glued>{_known.pattern}|[A-Z]{{2,6}}(?:/[A-Z]{{2,6}})*)"
    rf"|[(\[（]{_B}*(?P<bracketed>{_known.pattern}){_B}*[)\]）]"
    rf"|(?<=\n)(?:/|©{_B}?|[Ss]ource:{_B}?)?(?P<line>{_known.pattern}))\.?(?=\s*\Z)"
)
_CREDIT_WINDOW = 120


def find_credit(text: str, end: int) -> Credit | None:
    """The agency credit behind the last sentence before `end`, or None."""
    start = max(0, end - _CREDIT_WINDOW)
    tail = text[start:end]
    if tail.rstrip()[-1:] in ".!?…。！？؟”\"'’»" and not _ends_in_short_line(tail):
        return None
    match = _credit.search(tail)
    if match is None:
        return None
    name = match["glued"] or match["bracketed"] or match["line"]
    return Credit(agency_name(name), start + match.start(), start + match.end())


def _ends_in_short_line(tail: str) -> bool:
    # "—AFP." ends like a sentence; a credit is never longer than this.
    last = tail.rstrip()[-30:]
    return any(dash in last for dash in "-–—―(（\n")


def agency_name(name: str) -> str:
    """The short name of an agency where it has a common one, else the name as written."""
    clean = copied(name)
    return _SHORT_NAMES.get(clean.lower(), clean)


def copied(text: str) -> str:
    """The text on one line: blanks of any kind as one U+0020, without soft hyphens."""
    return " ".join((text.replace("\xad", "") if "\xad" in text else text).split())


_HEAD = 4000  # code points in which title, byline and dateline must stand
_TITLE = 250
_PROSE = 80  # a title without a blank line below it stands above a line at least so long
_LINES = 6


def read_head(text: str, *, title: str = "") -> Head:
    """Title, dateline, byline and credit from the first lines; a title given is not looked for."""
    lines = _first_lines(text)
    if not title and _is_title(lines, text):
        title = copied(lines.pop(0))
    elif title and lines and copied(lines[0]) == copied(title):
        lines.pop(0)
    byline = ""
    for line in lines:
        if len(line) <= 100 and not byline:
            byline = _find_byline(line)
            if byline:
                continue
        dateline = find_dateline(line)
        if dateline is not None:
            return Head(title, *dateline, byline)
        if len(line) > _TITLE:
            break
    return Head(title, byline=byline)


def _first_lines(text: str) -> list[str]:
    lines: list[str] = []
    start = 0
    while start < min(len(text), _HEAD) and len(lines) < _LINES:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        # A paragraph of megabytes is not copied to look at its beginning.
        line = text[start : min(end, start + _HEAD)].strip()
        if line:
            lines.append(line)
        if len(line) > _TITLE:
            break  # the article itself: what stands below is no head
        start = end + 1
    return lines


_ends_in_abbreviation = re.compile(r"(?:\b\w\.){2,}$|\b(?:[A-Z][a-z]{0,3}|Inc|Corp|Ltd|Co)\.$")


def _is_title(lines: list[str], text: str) -> bool:
    if len(lines) < 2 or len(lines[0]) > _TITLE:
        return False
    first = lines[0]
    if first[-1] in ".。,;:،؛" and not _ends_in_abbreviation.search(first):
        return False
    if first.startswith(("http://", "https://")) or find_dateline(first) is not None:
        return False
    below = text[text.find(first) + len(first) :].partition("\n")[2]
    return not below.partition("\n")[0].strip() or len(lines[1]) > max(len(first), _PROSE)


_byline = re.compile(
    rf"(?:By|BY|Von|Par|Por|Autor(?:in)?:|Author:|Автор:|Writer:){_B}+"
    rf"(?P<name>[^\W\d_a-z][\w.'’\-]*(?:,?{_B}+(?:[^\W\d_a-z][\w.'’\-]*|and|und|et|y|de|van|von|der|of|for|&))"
    r"{0,9})"
)


def clean_byline(line: str) -> str:
    """A byline without its `By`."""
    return _find_byline(line) or copied(line)


def _find_byline(line: str) -> str:
    match = _byline.match(line)
    if match is None or line[match.end() :].strip().startswith(tuple("abcdefghijklmnopqrstuvwxyz")):
        return ""
    return "" if line.endswith(".") else copied(match["name"])


# What may stand before a colon or dash in capitals and is no place.
_NO_PLACE = frozenset(
    """
    ADVERTISEMENT ANALYSIS ANALYST ANSWER BREAKING CAUTION COMMENT CORRECTED CORRECTION
    DISCLAIMER EDITORIAL EU EXCLUSIVE EXPLAINED EXPLAINER FACTBOX FEATURE FOCUS IMF INSIGHT
    INTERVIEW IMPORTANT LIVE NATO NB NEWS NOTE NOTES OPEC OPINION OSCE PHOTO PHOTOS PICTURE
    PICTURES POLL PROFILE QUESTION QUOTE READ REVIEW SPORT SUMMARY TIMELINE UN UNESCO UNICEF
    UPDATE UPDATED US USA VIDEO VIEWPOINT WARNING WATCH WHO WRAPUP ВАЖНО ВИДЕО ВІДЕО
    ИНТЕРВЬЮ НАТО ОБСЕ ОБСЄ ОНОВЛЕНО ООН РЕКЛАМА СРОЧНО США ТЕРМІНОВО ФОТО
    """.split()  # noqa: SIM905 - one word a line would fill a page
)
_separator = re.compile(
    rf"(?:{_B}*\({_B}*(?P<agency>[^()\n]{{2,40}}?){_B}*\)\.?{_B}*(?:{_DASH}|:)?{_B}*"
    rf"|{_B}*/(?P<wire>[A-Za-z ]{{4,30}})/{_B}*{_DASH}{_B}*"
    rf"|\.?{_B}*[–—―]{{1,2}}{_B}*|\.?{_B}+-{{1,2}}{_B}+|\.-{_B}*|:{_B}+)"
)
_DATELINE = 110
_mark = re.compile(r"[-–—―:(/]")
_digit = re.compile(r"\d")
_no_name = re.compile(r"[\d\"“”«»?!;@#]")
_between_words = re.compile(r"[ /,]+")
_initials = re.compile(r"\b\w\.\w$")
_date_start = re.compile(rf",?{_B}*(?=(?:[^\W\d_]+\.?{_B}+)?\d)")
_caseless = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u3040-\u30ff\u4e00-\u9fff]")
_chinese = re.compile(
    r"[（(【]?(?P<agency>新华社|法新社|路透社|美联社|中新社|中新网|中央社)(?P<place>[\u4e00-\u9fff]{2,8}?)"
    r"(?P<date>(?:\d{1,2}月)?\d{1,2}日)?[电電讯訊]"
)
_dotted = re.compile(
    rf"(?P<place>[^\W\d_][^\W\d_'’ʼ\-]+)\.{_B}+(?P<date>\d{{1,2}}{_B}+[^\W\d_]+)\.{_B}+(?P<agency>{_AGENCIES})\."
)


def find_dateline(line: str) -> tuple[str, str, str] | None:
    """(place, date, agency) of a line like `STOCKHOLM, Dec 2 (Reuters) - Momentum …`, or None."""
    special = _chinese.match(line) or _dotted.match(line)
    if special is not None:
        return special["place"], special["date"] or "", agency_name(special["agency"])
    window = line[:_DATELINE]
    if not _may_be_dateline(window):
        return None
    separator = _separator.search(window, 2)
    if separator is None or separator.end() >= len(line):
        return None
    head = copied(window[: separator.start()])
    if _initials.search(head):  # the separator took the last point of "D.C."
        head += "."
    agency = separator["agency"] or separator["wire"] or ""
    if separator["agency"] and not _known.fullmatch(agency):
        return None
    place, date = _split_place(head)
    if not _is_place(place, proven=bool(agency or date)):
        return None
    if not agency:
        follows = _known.match(line, separator.end())
        if follows and line[follows.end() : follows.end() + 1] in (".", "/"):
            agency = follows[0]
    return place, date, agency_name(agency) if agency else ""


def _may_be_dateline(window: str) -> bool:
    """False for nearly all prose, and quickly."""
    if _mark.search(window) is None:
        return False
    word = window.split(None, 1)[0] if window and not window[0].isspace() else window
    if word.isupper() or not word[:1].isalpha() or _caseless.match(word):
        return True
    return "(" in window or "/" in window or _digit.search(window) is not None


def _split_place(head: str) -> tuple[str, str]:
    date = _date_start.search(head)
    if date is None or date.start() == 0:
        return head, ""
    return head[: date.start()].rstrip(" ,."), head[date.end() :]


def _is_place(place: str, *, proven: bool) -> bool:
    """Whether it is capitals, or capitalised words where an agency or a date follows it."""
    if not 2 < len(place) <= 60 or _no_name.search(place):
        return False
    first = place.partition(",")[0]
    words = _between_words.split(place)
    if len(words) > 7:
        return False
    if _caseless.match(place):
        return len(words) <= (4 if proven else 2)
    if not first.strip() or first.split()[0] in _NO_PLACE:
        return False
    if first.isupper():
        return len(first) > 2
    return proven and all(word[:1].isupper() or word in ("de", "of", "la", "am") for word in words)
