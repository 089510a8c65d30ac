"""Finds who owns the work that a boundary refuses: classes, or else a domain, or nobody. Never invents an owner.

There is no list of classes here: a name counts by the way it is spoken of ("belongs to the X", "X's lane",
"X owns that"), by its look (``support-agent``) or by being set in bold. Bold alone is not enough, and being
mentioned ("together with the X") is weaker than being handed the work.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from fleet_runtime.parsing import wording
from fleet_runtime.parsing.names import DOMAINS, is_class_name
from fleet_runtime.parsing.outline import Prose

Strength = Literal["strong", "weak"]

_WINDOW: Final = 120  # characters of the sentence that are looked at on each side of a word
_NEAR: Final = 40  # characters that a preposition and an article take, with some to spare


class _Hit(NamedTuple):
    """A name that was found, and how surely it is an owner."""

    start: int
    end: int
    name: str
    strength: Strength


def find_owners(said: Prose, refused: str, own_class: str) -> tuple[tuple[str, ...], str | None]:
    """Return the owners in the order of their naming, and a domain if only a domain is named.

    ``said`` is what follows the refused work; ``refused`` is searched only for classes in parentheses.
    """
    hits = sorted([*_words(said, own_class), *_spoken(said, own_class)], key=lambda hit: hit.start)
    strong = [hit.name for hit in hits if hit.strength == "strong"]
    names = strong or _parenthesised(f"{refused} {said.text}", own_class) or [hit.name for hit in hits]
    owners = tuple(dict.fromkeys(names))
    return owners, None if owners else _domain(said.text)


def _words(said: Prose, own_class: str) -> list[_Hit]:
    """Find the single words and kebab-case names that are owners by look, mark and grammar."""
    bold = {
        mark.start + token.start()
        for mark in said.marks
        if _is_one_word(said.text[mark.start : mark.end])
        for token in re.finditer(wording.WORD, said.text[mark.start : mark.end])
    }
    hits: list[_Hit] = []
    for token in re.finditer(wording.WORD, said.text):
        name = token[0].lower() if re.fullmatch(wording.CHIEF, token[0]) else token[0]
        if name == own_class or not is_class_name(name) or name in DOMAINS or re.fullmatch(wording.NO_CLASS, name):
            continue
        before = said.text[hits[-1].end : token.start()] if hits else "."
        strength = _weighed(said.text, token, before, bold=token.start() in bold)
        if strength:
            hits.append(_Hit(token.start(), token.end(), name, strength))
    return hits


def _weighed(text: str, token: re.Match[str], before: str, *, bold: bool) -> Strength | None:
    """Weigh one word: does the sentence hand it the work, merely name it, or is it an ordinary word?

    ``before`` is the text since the last owner.
    """
    word = token[0]
    right = text[token.end() : token.end() + _WINDOW]
    compound = "-" in word
    ordinary = not bold and not compound
    if ordinary and word.endswith("s") and not word.endswith("ss"):
        return None
    if not re.match(wording.ENDING, right) or re.match(wording.DECLINING, right):
        return None
    left = _Left(text[max(0, token.start() - _WINDOW) : token.start()])
    job = re.search(wording.JOB, word) is not None
    owned = re.match(wording.OWNED, right) is not None
    got = left.gets()
    if left.ends(wording.BESIDE) and not owned and not got and not left.ends(wording.STAYING):
        return "weak" if compound and job else None
    joined = re.fullmatch(wording.JOINED, before) is not None
    acts = re.match(wording.ACTING, right) is not None and not left.ends(wording.WITHIN)
    role = re.match(wording.ROLE, right) is not None
    if bold:
        meant = compound or owned or got or acts or role or joined or re.match(wording.POSSESSED, right) is not None
        meant = meant or re.match(wording.JOINS_COMPOUND, right) is not None
        return "strong" if meant or left.sends() or left.belongs() else None
    if compound:
        named = job or left.ends(wording.THE)
        handed = owned or role or joined or (named and (acts or got or left.sends())) or left.belongs()
        return "strong" if handed else "weak" if job else None
    last = re.fullmatch(wording.JOINED_LAST, before) is not None
    listed = joined and re.match(wording.LIST_END if last else wording.JOINS_ON, right) is not None
    worker = re.fullmatch(wording.WORKER, word, re.IGNORECASE) and not re.fullmatch(wording.GENERAL, word)
    craft = job and worker and not left.opens() and left.sends()
    acts = acts and left.ends(wording.THE) and (worker or re.match(wording.TAKING_OVER, right) is not None)
    plain = owned or (role and left.sends()) or acts or left.belongs()
    return "strong" if plain or listed or craft or (worker and got) else None


class _Left:
    """What stands on the left of a word. Its wordings are looked for only where they can begin: near its end."""

    def __init__(self, text: str) -> None:
        self._text = text

    def ends(self, pattern: str, reach: int = _NEAR) -> bool:
        """Tell whether it ends with a wording of at most ``reach`` characters."""
        return re.compile(pattern).search(self._text, max(0, len(self._text) - reach)) is not None

    def belongs(self) -> bool:
        """Tell whether the work is said to belong to the word."""
        return self.ends(wording.BELONGING, _WINDOW)

    def gets(self) -> bool:
        """Tell whether somebody is said to get the work from the word."""
        if not self.ends(wording.FROM):
            return False
        begin = max(self._text.rfind(sign) for sign in wording.CLAUSE_SIGNS) + 1
        return re.fullmatch(wording.GETTING, self._text[begin:], re.IGNORECASE) is not None

    def opens(self) -> bool:
        """Tell whether nothing stands there but an article."""
        return re.fullmatch(wording.OPENING, self._text) is not None

    def sends(self) -> bool:
        """Tell whether the work is sent to the word, which may be the first one."""
        return self.opens() or self.ends(wording.SENDING)


def _spoken(said: Prose, own_class: str) -> list[_Hit]:
    """Find classes spoken in words ("belongs to the account executive", "**Account Executive**")."""
    places = [(match.start("name"), match.end("name")) for match in re.finditer(wording.SPOKEN, said.text)]
    places.extend((mark.start, mark.end) for mark in said.marks)
    hits: list[_Hit] = []
    for start, end in places:
        parts = [part.lower() for part in _names_in(said.text[start:end])]
        name = "-".join(parts)
        job = len(parts) > 1 and re.search(wording.JOB, name) is not None and is_class_name(name)
        if job and name != own_class and not any(_is_ordinary(part) for part in parts):
            hits.append(_Hit(start, end, name, "strong"))
    return hits


def _is_ordinary(part: str) -> bool:
    """Tell whether a word cannot be part of a job's name."""
    return re.fullmatch(wording.NO_CLASS, part) is not None and part not in wording.PART_OF_JOB


def _names_in(text: str) -> list[str]:
    """Return the words of a stretch that may be names, articles and possessives left aside."""
    words = re.sub(rf"{wording.POSSESSIVE}(?=\s|$)", "", text).split()
    return [word for word in words if word.lower() not in wording.FILLING]


def _is_one_word(marked: str) -> bool:
    """Tell whether a marked stretch is one name and no more, not even the ending of a file's name."""
    names = _names_in(marked)
    return len(names) == 1 and re.fullmatch(wording.WORD, names[0].strip(".,;:!?()")) is not None


def _parenthesised(text: str, own_class: str) -> list[str]:
    """Find "write code (coders), review (review), or merge (merge-gate)": only beside a compound name, no plurals."""
    names = [name for name in re.findall(wording.IN_PARENTHESES, text) if name != own_class]
    if not any("-" in name for name in names):
        return []
    return [name for name in names if "-" in name or not name.endswith("s")]


def _domain(text: str) -> str | None:
    """Find the domain that is handed the work ("sales' lane", "the engineering roles", "belongs to marketing")."""
    for domain in DOMAINS:
        # Every pattern holds the domain's own word, which is found much sooner than a pattern.
        if domain in text and any(re.search(pattern, text) for pattern in wording.domain_patterns(domain)):
            return domain
    return None
