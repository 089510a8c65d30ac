"""Find what a reply may not pass on whatever it knows: the contract's own words, tool calls, other accounts' names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.readings import TextRead
from fleet_runtime.lexical import words
from fleet_runtime.records import Finding

_LONG_RUN, _TELLING_RUN = 12, 7
_QUOTED = re.compile(r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u201e\u00bb]+)[\"\u201d\u00bb]?")
_TOOL_NAME = re.compile(r"\b[a-z][a-z0-9]+(?:_[a-z0-9]+)+\b")
_LEGAL_FORM = re.compile(
    r",?\s+(?:Ltd|Limited|Inc|LLC|GmbH|AG|SE|KG|SA|S\.A\.|SAS|SARL|S\.L\.|SL|BV|B\.V\.|plc|PLC|Corp|Corporation"
    r"|Co|Company|Group|Gruppe|Groupe|Grupo)\.?$"
)


def recitals(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding where a sentence recites the contract word for word, or speaks to a machine."""
    machine = _machine().search(sentence)
    if machine:
        yield _leak(machine.group().strip(), sentence, "is meant for a machine; speak to the customer")
        return
    if support.system is None:
        return
    run = _longest_run(sentence, support.system, support)
    if run:
        yield _leak(run, sentence, "recites your instructions; say it in your own words, or not at all")
        return
    shown = " ".join(read.lowered for read in support.shown)
    for match in _TOOL_NAME.finditer(sentence):
        if match.group() in support.system.lowered and match.group() not in shown:
            yield _leak(
                match.group(), sentence, "is a name of your tools or instructions; the customer does not know it"
            )
            return


def foreign_accounts(sentence: str, support: Support) -> Iterator[Finding]:
    """Yield a finding for each other account that a sentence names, or speaks of.

    Refusing to speak of one that the customer named first ("I cannot share Contoso's terms") is no finding, nor is
    giving back what the customer told of it.
    """
    refuses = bool(_refuses().search(sentence)) or bool(_gives_back().search(sentence))
    for name in support.evidence.foreign:
        said = _named(name, sentence, support)
        if said and not (refuses and said.lower() in support.lowered and not any(sign.isdigit() for sign in sentence)):
            yield _foreign(said, sentence)
            return
    other = _other_customer().search(sentence)
    if other and not refuses and not sentence.rstrip().endswith("?") and other.group().lower() not in support.lowered:
        yield _foreign(other.group(), sentence)


def _named(name: str, sentence: str, support: Support) -> str:
    """Return how a sentence names an account, if it does: whole, without its legal form, or by its first word."""
    short = _LEGAL_FORM.sub("", name.strip())
    own = {word for text in support.evidence.names for word in words(text)}
    candidates = [name.strip(), short]
    first = short.split()[0] if short else ""
    if first != short and first and words(first) and words(first)[0] not in support.small | support.capitalised | own:
        candidates.append(first)
    for candidate in candidates:
        found = re.search(rf"(?<!\w){re.escape(candidate)}(?!\w)", sentence, re.IGNORECASE) if candidate else None
        if found and (found.group() != found.group().lower() or " " in candidate):
            return found.group()
    return ""


def _longest_run(sentence: str, system: TextRead, support: Support) -> str:
    """Return the words of a sentence that stand in the contract in one run, if the run is long or telling."""
    said = words(sentence)
    if len(said) < _TELLING_RUN:
        return ""
    contract, shown = system.spoken, [read.spoken for read in support.shown]
    start = 0
    while start + _TELLING_RUN <= len(said):
        length = _TELLING_RUN
        if f" {' '.join(said[start : start + length])} " not in contract:
            start += 1
            continue
        while start + length < len(said) and f" {' '.join(said[start : start + length + 1])} " in contract:
            length += 1
        run = " ".join(said[start : start + length])
        telling = _telling().search(run) or (length >= _LONG_RUN and not any(sign.isdigit() for sign in run))
        if (telling or _is_quoted(run, sentence)) and not any(f" {run} " in text for text in shown):
            return run
        start += length
    return ""


def _is_quoted(run: str, sentence: str) -> bool:
    """Tell whether a run of words stands in quotation marks."""
    return any(f" {run} " in f" {' '.join(words(quoted))} " for quoted in _QUOTED.findall(sentence))


def _leak(text: str, sentence: str, what: str) -> Finding:
    """Say what leaks."""
    return Finding(kind="leak", text=text, sentence=sentence, message=f'"{text}" {what}')


def _foreign(text: str, sentence: str) -> Finding:
    """Say who is named."""
    return Finding(
        kind="foreign", text=text, sentence=sentence, message=f'"{text}" is another account; never speak of it here'
    )


@cache
def _refuses() -> re.Pattern[str]:
    """Give the pattern of a refusal to speak of something."""
    return re.compile(
        r"\b(?:cannot|can['\u2019]t|can\s+not|not\s+able|unable|won['\u2019]t|not\s+(?:share|discuss|speak"
        r"|comment|disclose)|don['\u2019]t\s+(?:share|discuss|have)|kann\s+(?:ich\s+)?\w*\s*(?:keine|nicht)"
        r"|d\u00fcrfen\s+wir|keine\s+(?:angaben|ausk\u00fcnfte|informationen)|ne\s+(?:peux|pouvons|puis"
        r"|partage\w*)|no\s+(?:puedo|podemos|comparto|compartimos))\b",
        re.IGNORECASE,
    )


@cache
def _gives_back() -> re.Pattern[str]:
    """Give the pattern of thanks for, or a mention of, what the customer told."""
    return re.compile(
        r"\b(?:thanks?(?:\s+you)?\s+for|you\s+(?:mention\w*|told|said|named|wrote|introduc\w+|recommend\w*|asked)"
        r"|(?:vielen\s+)?dank\s+f\u00fcr|sie\s+(?:haben\s+)?(?:erw\u00e4hn\w*|nannten|schrieben|fragten)|merci\s+(?:de|pour|d['\u2019])"
        r"|vous\s+(?:avez\s+)?(?:mentionn\w+|parl\w+|cit\w+|demand\w+)|gracias\s+por|(?:ha|han|me)\s+(?:mencion\w+|habl\w+)"
        r"|mencion\u00f3|pregunt\u00f3)\b",
        re.IGNORECASE,
    )


@cache
def _other_customer() -> re.Pattern[str]:
    """Give the pattern of talk about another customer."""
    return re.compile(
        r"\b(?:another|one\s+of\s+our(?:\s+other)?|a\s+(?:similar|different|fellow))\s+(?:customers?|clients?"
        r"|accounts?)\b"
        r"|\b(?:ein\s+anderer\s+kunde|ein\s+anderer\s+unserer\s+kunden|einer\s+unserer\s+(?:anderen\s+)?kunden)\b"
        r"|\b(?:un\s+autre\s+(?:de\s+nos\s+)?clients?|l['\u2019]un\s+de\s+nos\s+(?:autres\s+)?clients)\b"
        r"|\b(?:otro\s+cliente|otro\s+de\s+nuestros\s+clientes|uno\s+de\s+nuestros\s+(?:otros\s+)?clientes)\b",
        re.IGNORECASE,
    )


@cache
def _telling() -> re.Pattern[str]:
    """Give the words that tell a run of words to be an instruction."""
    return re.compile(
        r"\b(?:role|does\s+not|must|never|always|mandate|boundar\w+|persona|class|you\s+are|customer-success"
        r"|agent|tools?|respond|reply|instruction\w*"
        r"|do\s+not|doctrine|hand\s+off|escalate)\b",
        re.IGNORECASE,
    )


@cache
def _machine() -> re.Pattern[str]:
    """Give the pattern of what is meant for a machine."""
    return re.compile(
        r"[{,]\s*\"\w+\"\s*:|\"(?:name|arguments|parameters|tool|function|type|properties)\"\s*:|</?tool_?call"
        r"|\btool_call\w*|\bfunction\s*call\b"
        r"|\b[a-z]+(?:_[a-z0-9]+)+\s*\(",
        re.IGNORECASE,
    )
