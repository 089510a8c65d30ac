"""Countries that the evidence names by a code, a time zone or in another language. Data and its lookup only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from fleet_runtime.guarding.evidence import Support

_COUNTRIES: Mapping[str, str] = {
    "uk|britain|kingdom|gro\u00dfbritannien|royaume-uni|reino": r"europe/london|\bgb\b|\buk\b|britain|united\s+kingdom",
    "ireland|irland|irlande|irlanda": r"europe/dublin|\bie\b|\bireland\b|\birland",
    "germany|deutschland|allemagne|alemania": r"europe/berlin|\bde\b|germany|deutschland|allemagne|alemania",
    "france|frankreich|francia": r"europe/paris|\bfr\b|france|frankreich|francia",
    "spain|spanien|espagne|espa\u00f1a": r"europe/madrid|\bes\b|spain|spanien|espagne|espa\u00f1a",
    "austria|\u00f6sterreich|autriche": r"europe/vienna|\bat\b|austria|\u00f6sterreich|autriche",
    "switzerland|schweiz|suisse|suiza": r"europe/zurich|\bch\b|switzerland|schweiz|suisse|suiza",
    "netherlands|niederlande|pays-bas": r"europe/amsterdam|\bnl\b|netherlands|niederlande|pays-bas",
    "usa|us": r"america/(?:new_york|chicago|denver|los_angeles)|\busa\b|united\s+states",
}
_CODE_HINTS = re.compile(r"\\b(?:de|es|at|fr|ie|ch|nl|gb)\\b")
"""Codes that are words as well count only as capitals."""

_CODES = re.compile(r"\b[A-Z]{2}\b")


def is_known_place(word: str, support: Support) -> bool:
    """Tell whether a word names a country that the evidence implies, or a word of it with other accents."""
    lowered = word.lower()
    if not lowered.isascii() and _plain(lowered) in support.words:
        return True
    for names, hints in _COUNTRIES.items():
        if lowered in names.split("|"):
            codes = {code.lower() for read in support.shown for code in _CODES.findall(read.text)}
            spelled = _CODE_HINTS.sub("(?!)", hints)
            return bool(re.search(spelled, support.lowered)) or any(rf"\b{code}\b" in hints for code in codes)
    return False


def _plain(word: str) -> str:
    """Return a word without its accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
