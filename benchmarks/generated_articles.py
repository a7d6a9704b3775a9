"""News articles without end, the same each time, of a vocabulary of some 20,000 words."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

SENTENCES = """
Momentum was building on Thursday for direct talks between the two presidents, officials said.
The foreign ministers of Sweden and Finland came face to face in Stockholm to discuss the plan.
Western powers have been sounding the alarm for weeks about troops massing along the border.
“The date has not yet been agreed,” said the deputy minister, who asked not to be named.
The central bank raised its key rate by 0.25 percentage points to 4.5%, its highest since 2008.
Shares in the carmaker fell 3.2% in early trading before recovering to close at $41.07.
Heavy rain flooded parts of the old town, and some 1,200 people had to leave their homes.
The court ruled on Monday that the law, passed in 2019, does not breach the constitution.
A spokesperson for the OSCE said its observers had seen no violations since the cease-fire.
The U.N. agency needs $350 million by March, or it will have to cut rations in the camps.
Turnout was 61.4 percent, down from 67.9 percent four years ago, the election commission said.
The striker scored twice in the second half as the hosts won 3-1 and moved up to fourth place.
Prices of wheat and maize have doubled within a year, which hits importers such as Egypt hard.
Investigators are looking into whether the pilot’s radio had failed before the plane came down.
The museum, which opened in 1891, will lend 40 paintings to galleries in Kyiv, Lviv and Odesa.
She said the company’s e-mail system wasn’t hacked; an employee had sent the file by mistake.
"""

FIRST = re.findall(
    r"\w+", "Ann Ben Carla Dmytro Eva Farid Greta Hugo Iryna Jonas Karim Lena Marta Nils Olena"
)
LAST = re.findall(
    r"\w+", "Abbas Berg Costa Doyle Ek Fischer Gomez Haas Ilves Jansen Kovalenko Lind Moreau Novak"
)
TOWNS = re.findall(
    r"\w+", "STOCKHOLM KYIV VIENNA WARSAW BRUSSELS GENEVA PARIS BERLIN OSLO ROME MADRID LISBON"
)


def sentences() -> list[str]:
    """The project's own articles where they are, and the sentences above."""
    found = SENTENCES.strip().splitlines()
    for path in sorted((Path(__file__).parents[1] / "seeds").rglob("*.txt")):
        text = path.read_text("utf-8")
        if text.isascii() or "the" in text:
            found += [s for s in re.split(r"(?<=[.!?”])\s+", text) if 40 < len(s) < 300]
    return found


def generate(path: Path, count: int) -> None:
    """`count` articles of about 2.5 kB, the same each time, of a vocabulary of some 20,000 words.

    spaCy keeps every word it has seen: with new words without end its memory grows, and (a)'s too.
    """
    pool = sentences()
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as sink:
        for number in range(count):
            paragraphs = [
                f"Talks number {number % 1000} go on as {rng.choice(LAST)} warns of delay"
            ]
            size = 0
            while size < 2400:
                line = " ".join(rng.choice(pool) for _ in range(rng.randint(1, 3)))
                line += f" {rng.choice(FIRST)} {rng.choice(LAST)} put it at"
                line += f" {rng.randint(100, 20_000):,}."
                paragraphs.append(line)
                size += len(line)
            paragraphs[1] = f"{rng.choice(TOWNS)}: {paragraphs[1]}"
            sink.write(json.dumps({"id": f"a{number}", "text": "\n\n".join(paragraphs)}) + "\n")
