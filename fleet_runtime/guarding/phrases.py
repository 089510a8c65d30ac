"""The shape of what promises, claims of action and their excuses look like in another language than English.

English has its own modules; German, French and Spanish each fill one `Phrases`. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from fleet_runtime.guarding.languages import Language


class Phrases(NamedTuple):
    """The patterns of one language; letter case never matters.

    ``promises`` and ``deeds`` may name the verb as group ``verb``; ``mine`` marks a deed as the speaker's own.
    ``firm`` are promises of money, terms and features, which no "if you like" excuses. ``denies`` (also where it
    follows, if ``denies_late``) and ``attributes`` excuse a clause, ``offers`` a sentence. ``verbs`` maps the beginning
    of a verb to the English verb of the same deed; ``idle`` are beginnings of verbs that promise and claim nothing.
    """

    promises: tuple[str, ...]
    firm: tuple[str, ...]
    deeds: tuple[str, ...]
    product: str
    denies: str
    denies_late: bool
    attributes: str
    offers: str
    asks: str
    as_agreed: str
    verbs: Mapping[str, str]
    idle: tuple[str, ...]
    leaks: str


@cache
def phrases(language: Language) -> Phrases:
    """Give a language's phrases, loaded when the first sentence in it comes."""
    module = import_module(f"fleet_runtime.guarding.phrases_{language}")
    found: Phrases = module.PHRASES
    return found
