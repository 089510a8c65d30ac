"""Tell a person's name in running text from other words with a capital letter.

A table of words that are none, and the shape of a name; no list of first names. Refuses what it is
not sure of: a name that is missed costs less than a department that becomes a champion.
"""

from __future__ import annotations

import re

from fleet_runtime.dates import MONTHS

_UPPER = "A-Z" + "".join(chr(n) for n in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)) if chr(n).isupper())
_PARTICLE = "van|von|de|der|den|da|di|del|du|la|le|al|el|bin|ibn|ten|ter|zu|dos|das|do|af|av|y|e|op"
_WORD = rf"(?:(?:[Aa]l|[Ee]l|[Bb]en)-)?[{_UPPER}](?:[\w-]*(?:'[{_UPPER}])?[\w-]*[^\W\d_]|\.)"
PERSON = rf"(?-i:{_WORD}(?:\s+(?:(?:{_PARTICLE})\s+)*{_WORD}){{0,3}})"
"""What a person's name may look like; `clean_person` decides."""

_TITLES = frozenset({"mr", "mr.", "mrs", "mrs.", "ms", "ms.", "dr", "dr.", "prof", "prof.", "sir", "madam"})
_PLAIN_WORDS = """
    i we you he she it they our my your their his her its the a an this that these those there here who what when
    where which why how and or but so as if then than also now today yesterday tomorrow currently meanwhile since
    because after before while once until unfortunately sadly luckily fortunately happily honestly actually
    basically finally again still just only well yes no not ok okay hi hello hey dear thanks thank regards best
    cheers sorry please note notes fyi btw update everyone everybody nobody somebody someone anyone people all both
    some most many few each every none another other others new old former current next last first second third
    monday tuesday wednesday thursday friday saturday sunday csm vp svp evp ceo cfo cto coo cio ciso cmo cro hr it
    qa pm po sso api crm erp arr qbr roi eu uk us usa usd eur gbp
    head chief director manager lead leader officer president executive exec sponsor champion owner admin
    administrator engineer analyst assistant coordinator specialist supervisor operations finance marketing sales
    usage logins subscription licence license weekly monthly daily annual number total active yearly quarterly
    product engineering support success customer customers account procurement legal purchasing logistics
    security infrastructure design research development people team department board office company group
    sponsorship ownership leadership handover everything something nothing paperwork wrong right name person
    correct old new current backfilling catching updated following quick subscription billing order desk slide book
    remove delete take strike add set met please meeting update called named based signed moved
    per via met spoke heard call called email emailed with from by to for of at in on into onto welcome congrats
    congratulations action item task todo to-do owner due deadline promise promised commitment next step follow-up
    reminder correction effective backdated until till deal kickoff kick-off qbr ebr summary minutes agenda
    attendees decision decisions status risk risks mood sentiment tone goal goals objective tier edition package
    according asked agreed internal external primary main minor major good great nice bad quick short long
    did does do has have had is are was were will would can could should must may might let if although though
    meet introducing presenting say um uh erm er yeah yep nope right oh ah hmm look listen anyway
    having being putting listing recording naming calling
    entering logging entry record
    business enterprise pro professional starter basic premium standard growth plan contract renewal seats usage
    users licences licenses go-live rollout health score competitor goal onboarding training adoption january
"""
_NO_NAMES = frozenset(_PLAIN_WORDS.split()) | frozenset(month.lower() for month in MONTHS)


def clean_person(words: str) -> str | None:
    """Return the person's name in ``words`` without openers and titles, or None if there is none.

    Args:
        words: A run of capitalised words, as matched by `PERSON`.
    """
    parts = words.split()
    while parts and (parts[0].lower() in _NO_NAMES or parts[0].lower() in _TITLES):
        del parts[0]
    if not parts or any(part.lower().strip(".") in _NO_NAMES for part in parts):
        return None
    if any(len(part) > 1 and part.isupper() and part.isalpha() for part in parts):
        return None  # an acronym is a department or a product
    return " ".join(parts)


def person_within(words: str) -> str | None:
    """Return the first run of a person's names within ``words``: "Action for Priya Nair" holds Priya Nair."""
    run: list[str] = []
    for part in [*words.split(), ""]:
        plain = not part or part.lower().strip(".") in _NO_NAMES or part.lower() in _TITLES
        if plain and run:
            return clean_person(" ".join(run))
        if not plain:
            run.append(part)
    return None


def is_plain_word(word: str) -> bool:
    """Tell whether a word with a capital is an ordinary word, and so no name of anything."""
    return word.lower() in _NO_NAMES and not word.isupper()


def is_name(words: str) -> bool:
    """Tell whether the whole of ``words`` reads as a person's name."""
    return re.fullmatch(PERSON, words.strip()) is not None and clean_person(words) == " ".join(words.split())


def same_person(one: str, other: str) -> bool:
    """Tell whether two names may mean the same person: every part of the shorter is in the longer."""
    shorter, longer = sorted((_parts(one), _parts(other)), key=len)
    return bool(shorter) and shorter <= longer


def _parts(name: str) -> frozenset[str]:
    """Return the parts of a name in small letters, without titles."""
    return frozenset(part.lower().strip(".,") for part in name.split()) - _TITLES
