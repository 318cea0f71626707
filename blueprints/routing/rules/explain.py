"""The explanation of a decision as small JSON, kept for good, and read back for HQ or for one dealer.

Every dealer has one line, so that he can be given his own and no other:

    {"v": 1, "profile": ["default", 3], "strategy": "orders", "tried": [], "reason": "decision.chosen",
     "ranked": 12, "excluded": 3,
     "marks": ["territory.shared 60", "distance.km", "stock_now.none -"],
     "lines": {"t_000042": "2ab87,9", "t_000051": "c"}}

A line is the rank (none if excluded) and a mark for each verdict: a letter stands for an entry of `marks`, which
holds the reason and, if it comes without numbers, the score in hundredths, or `-` for an exclusion. With numbers,
the score (or `-`) and they follow the letter; an area's number leaves the score in `marks`. A full score is not
written before numbers. An excluded dealer's line holds only what excludes him.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from operator import attrgetter
from string import ascii_letters, digits
from typing import Any, NamedTuple

from blueprints.routing.rules.decide import Decision
from blueprints.routing.rules.facts import PLACED, Verdict

LETTERS = ascii_letters + "".join(map(chr, range(0x4E00, 0xA000)))
"""Past the Latin alphabet go on with Chinese characters: there are more of them than reasons."""
VERDICT = re.compile(r"([^\W\d_])(-?[\d.]*(?:,-?[\d.]+)*)")


class Told(NamedTuple):
    """What an explanation says of one dealer: his rank (`None`: excluded) of so many ranked, and why.

    `is_split`: the order went to several dealers.
    """

    rank: int | None
    of: int
    verdicts: tuple[Verdict, ...]
    is_split: bool = False


def explain(decision: Decision) -> dict[str, Any]:
    """The decision as JSON."""
    marks = _Marks()
    judged = [*map(attrgetter("verdicts"), decision.ranking), *map(attrgetter("reasons"), decision.excluded)]
    texts = marks.lines(judged)
    lines = {each.dealer_id: f"{each.rank}{text}" for each, text in zip(decision.ranking, texts, strict=False)}
    lines |= {each.dealer_id: text for each, text in zip(decision.excluded, texts, strict=True)}
    return {
        "v": 1,
        "profile": [decision.profile_id, decision.profile_version],
        "strategy": decision.strategy,
        "tried": list(decision.tried),
        "reason": decision.reason,
        "ranked": len(decision.ranking),
        "excluded": len(decision.excluded),
        "marks": list(marks.letters),
        "lines": lines,
    }


def parts_kept(decision: Decision) -> dict[str, Any] | None:
    """Of an order that is split, who got what as `[product, pieces]`, what of it is `owed`, what is `left`."""
    if not decision.parts:
        return None
    return {
        "parts": {part.dealer_id: [list(line) for line in part.lines] for part in decision.parts},
        "owed": [list(line) for part in decision.parts for line in part.owed],
        "left": [list(line) for line in decision.left],
    }


def told(explanation: Mapping[str, Any], dealer_id: str) -> Told | None:
    """What the explanation says of this dealer; `None` if he was no candidate."""
    line = explanation["lines"].get(dealer_id)
    if line is None:
        return None
    said, marks = line.lstrip(digits), dict(zip(LETTERS, explanation["marks"], strict=False))
    rank = line[:len(line) - len(said)]
    verdicts = tuple([_verdict(marks[letter], numbers) for letter, numbers in VERDICT.findall(said)])
    is_split = explanation["reason"] == "decision.split"
    return Told(int(rank) if rank else None, explanation["ranked"], verdicts, is_split)


class _Marks:
    """The letters given so far."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}

    def lines(self, judged: Sequence[tuple[Verdict, ...]]) -> Iterator[str]:
        """A line for each dealer; many share a verdict, whose text is made once.

        It is known by identity, for equal ones are made once and to compare them takes longer than to word them.
        """
        every = list(chain.from_iterable(judged))
        keys = list(map(id, every))
        known = {key: self._text(each) for key, each in dict(zip(keys, every, strict=True)).items()}
        texts = map(known.__getitem__, keys)
        return ("".join(islice(texts, len(verdicts))) for verdicts in judged)

    def _text(self, verdict: Verdict) -> str:
        mark, numbers = _worded(verdict)
        letter = self.letters.get(mark)
        if letter is None:
            letter = self.letters[mark] = LETTERS[len(self.letters)]
        return letter + numbers


@lru_cache(maxsize=16_384)
def _worded(verdict: Verdict) -> tuple[str, str]:
    """The entry of `marks` and what follows its letter, the same in every explanation."""
    score = "-" if verdict.score is None else str(round(verdict.score * 100))
    if not verdict.values:
        return f"{verdict.reason} {score}", ""
    numbers = ",".join([str(each) if type(each) is int else f"{each:.12g}" for each in verdict.values])
    if verdict.reason in PLACED:
        return f"{verdict.reason} {score},", numbers
    return verdict.reason, f"{score.replace('100', '')},{numbers}"


@lru_cache(maxsize=65_536)
def _verdict(mark: str, numbers: str) -> Verdict:
    """Read back once what many lines of many explanations say: a rehearsal reads dozens for each lead."""
    reason, _space, constant = mark.partition(" ")
    score, *values = (constant + numbers).split(",")
    return Verdict(None if score == "-" else int(score or 100) / 100, reason, tuple(float(each) for each in values))
