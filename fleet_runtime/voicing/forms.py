"""What a message's form gives away without a model: sentences, questions, wishes, courtesies, tone.

Pure text work in English; decides nothing about who answers.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Literal

from fleet_runtime.lexical import stems
from fleet_runtime.voicing.bank import VoiceBank

Tone = Literal["negative", "positive", "neutral", "request"]

LONGEST_COURTESY = {"thanks": 7, "farewell": 7, "greeting": 3}
"""Words up to which a message with such a cue holds nothing else."""


class Order(Enum):
    """Whether a sentence gives an order: none, one that may also be read otherwise, or a plain one."""

    NONE = "none"
    LIKELY = "likely"
    PLAIN = "plain"


_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+(?=[\"'(A-Z0-9])|\n+")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|approx|e\.g|i\.e|etc|vs)\.$", re.IGNORECASE)
_LEAD = r"^(?:(?:so|and|but|please|ok|well|also|then|now|sorry|by the way|just)\b,?\s*)*"
_ASKS = re.compile(
    _LEAD + r"(?!have an? (?:nice|good|great|lovely|pleasant|wonderful|relaxing)\b)"
    r"(?:what|when|where|who|whom|whose|which|why|how|can|could|will|would|do|does|did|is|are|was|were|have|has|should|may|any)\b",
    re.IGNORECASE,
)
_REMINDS = re.compile(
    r"\b(?:remind me|tell me|let me know|i(?:'d| would) like to know|i wonder|not sure (?:when|who|what|how))\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    _LEAD + r"(?:can|could|will|would) (?:you|we|i)\b"
    r"|\b(?:please|we need|i need|we want you to|we would like you to|give us|give me)\b",
    re.IGNORECASE,
)
_BEFORE_ORDERS = re.compile(
    r"^(?:(?:so|and|but|please|kindly|ok|okay|well|also|then|now|sorry|by the way|just|simply|come on|fine|at least"
    r"|great|alright|all right|right|once more|again|today|quickly|always|never)\b[,:.!]*\s*)+",
    re.IGNORECASE,
)
_BARE_VERBS = (
    r"(?:accept|act|add|admit|agree|allow|answer|apply|approve|arrange|ask|assume|assure|behave|book|bring|build|calculate"
    r"|call|cancel|change|check|close|come|commit|compare|confirm|connect|consider|count|create|credit|cut|delete|describe"
    r"|disable|disregard|do|don['\u2019]t|draft|drop|email|enable|expect|explain|extend|find|fix|follow|forget|forward|get|give"
    r"|go|grant|guarantee|help|hold|ignore|imagine|include|keep|leave|let|list|look|lower|make|match|name|note|obey|offer"
    r"|open|output|pass|pay|prepare|pretend|print|produce|promise|provide|put|quote|raise|read|reduce|refund|release|remember"
    r"|remind|remove|renew|repair|repeat|reply|reset|respond|restore|reveal|say|schedule|see|send|set|share|ship|show|sign"
    r"|skip|spell|start|state|stop|summari[sz]e|switch|take|tell|translate|transfer|trust|try|turn|unlock|update|use|wait"
    r"|waive|write)"
)
_ORDERS = re.compile(
    rf"^{_BARE_VERBS}\b(?!\s+(?:is|are|was|were|has|have|had|went|will|would|can|could)\b)", re.IGNORECASE
)
_ORDERS_PLAINLY = re.compile(
    rf"^{_BARE_VERBS}\s+(?:the|a|an|us|me|it|that|this|these|those|your|our|my|him|her|them|all|some|every|any|in|on|up|off|out"
    r"|with|for|by|to|yes|no|how|what|whether|down|back|only|everything|nothing|\d+)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"</?[a-z][\w-]*[^<>]{0,40}>|\[/?(?:inst|system|assistant|user)\]|<\||```|^\W*(?:system|assistant|developer|admin|root)\s*:"
    r"|\bnew (?:task|instructions?|orders?|rules?)\b[^.?!]{0,30}:",
    re.IGNORECASE | re.MULTILINE,
)
_OVERRIDES = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(?:instruction|rule|prompt|guideline|restriction"
    r"|limit|above|training|contract|boundar|told before|said before)\w*"
    r"|\b(?:print|show|reveal|repeat|output|display|recite|paste|dump|translate|summari[sz]e|tell (?:me|us)"
    r"|give (?:me|us)|what(?:'s| is| are| does| do))\b[^.!?]{0,40}"
    r"(?:\byour (?:system |hidden |own |initial |exact |role )*(?:prompt|instructions?|guidelines|rules)\b"
    r"|\b(?:role contract|system prompt)\b|\b(?:words|text|lines?|message) above\b)"
    r"|\b(?:reply|answer|respond|write|speak) only (?:with|in|as)\b"
    r"|\bfrom now on,? you(?:'re| are| will| must| always| answer| act| only)\b"
    r"|\byou are (?:now )?(?:an? )?(?:\w+ )?(?:bot|pirate|unrestricted|free of|no longer)\b",
    re.IGNORECASE,
)
_OWN_WORD = r"(?:also |already |once |have |had |all |both |just |even |then |clearly |yourself |yourselves )*"
_SAID_SO = (
    "(?:promised|said|agreed|told|guaranteed|committed|assured|confirmed|offered|granted|pledged|approved|waived)"
)
_CLAIMS = re.compile(
    rf"(?<!did )(?<!what )\b(?:you |your (?:\w+ ){{1,3}}?){_OWN_WORD}{_SAID_SO}\b"
    r"|\byou(?:'ve| have) (?:given|gave) (?:us|me) your word\b"
    r"|\b(?:was|were|been) (?:\w+ )?(?:promised|guaranteed|assured|pledged)\b|\bit was agreed\b"
    r"|\bas (?:agreed|promised|discussed|(?:you|we) (?:\w+ )?(?:agreed|promised|discussed|confirmed|said))\b"
    r"|\bas (?:you|we both|we all) (?:\w+ )?(?:know|remember|recall)\b.*\b(?:was|were|had|did)\b",
    re.IGNORECASE | re.DOTALL,
)
_WANTS_A_WORD = re.compile(
    r"\b(?:commit|guarantee|promise|assure|confirm)\b"
    r"|\b(?:tell (?:me|us)|say|admit)\s+(?:that\s+)?"
    r"(?:yes|no|so|it(?:'s| is| will)|that it|you(?:'ll| will)|we(?:'ll| will| get| can))\b"
    r"|^(?:so |and |but |then )*you(?:'ll| will)\b",
    re.IGNORECASE,
)
_TAG_ALONE = re.compile(
    r"^(?:nice|great|good|lovely|wonderful|fantastic|funny|amazing|well done|cool)?\W*"
    r"(?:isn['\u2019]?t it|is it not|right|don['\u2019]?t you think"
    r"|wouldn['\u2019]?t you say|you know|you see|eh|okay|ok|no)\s*\?$",
    re.IGNORECASE,
)
_AFTER_YOU = re.compile(
    r"\bhow (?:are (?:you|things)|is (?:life|everything)|have you been|do you do|was your)\b", re.IGNORECASE
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY_SAID = re.compile(
    rf"\b(?:{_MONTHS}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:19|20)\d\d|spring|summer|autumn|winter|Christmas|Easter"
    r"|next|weeks?|months?|yesterday|tomorrow|today)\b"
)
_NAME_SAID = re.compile(rf"(?:(?<=[a-z,:] )|^)(?!(?:{_MONTHS}|The|An?|You|Your|It|This|That|On|In)\b)[A-Z][\w'-]+")
_MONEY_SAID = re.compile(
    r"[$\u20ac\u00a3]\s?\d|\d\s?(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|%|percent|per cent)", re.IGNORECASE
)
_WANTED_KIND = (
    (
        re.compile(r"\b(?:how much|price|cost|costs|charge|fee|fees|discount|cheaper|expensive)\b", re.IGNORECASE),
        _MONEY_SAID,
    ),
    (re.compile(r"\b(?:when|(?:which|what) (?:day|date|month|year|week))\b", re.IGNORECASE), _DAY_SAID),
    (
        re.compile(r"\bhow (?:many|often|long)\b", re.IGNORECASE),
        re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half)\b", re.IGNORECASE),
    ),
    (re.compile(r"^\W*(?:(?:and|but|so|then|ok)\b,?\s+)*(?:who|whom|whose)\b", re.IGNORECASE), _NAME_SAID),
)
_STRANGE_IN_COURTESY = 1
_LONGEST_PLEASANTRY = 16
_NEWS = re.compile(r"\d|\b(?:we|our)\b", re.IGNORECASE)
_NO_NAME = r"(?!I\b|I'|We\b|My\b|Our\b|The\b)"
_SALUTATION = re.compile(
    r"^(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b"
    rf"(?: (?:there|all|team|everyone|again))?(?:,? {_NO_NAME}[A-Z][\w-]+)?[,.!]*\s+"
)


def sentences(text: str) -> tuple[str, ...]:
    """Cut a text into its sentences, each a piece of the text; abbreviations do not end one."""
    found: list[str] = []
    begin = 0
    for end, following in (*(match.span() for match in _SENTENCE_END.finditer(text)), (len(text), len(text))):
        piece = text[begin:end].strip()
        if following < len(text) and _ABBREVIATION.search(piece):
            continue
        if piece:
            found.append(piece)
        begin = following
    return tuple(found)


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks, with or without its mark."""
    return sentence.rstrip("\"') ").endswith("?") or bool(_ASKS.match(sentence) or _REMINDS.search(sentence))


def is_wish(sentence: str) -> bool:
    """Tell whether a sentence asks for something to be done or given."""
    return bool(_WISHES.search(sentence))


def without_greeting(text: str) -> tuple[str, bool]:
    """Return the text without its opening salutation, and whether it had one before something else."""
    rest = _SALUTATION.sub("", text, count=1)
    return (rest, True) if rest and rest != text else (text, False)


def without_lead(sentence: str) -> str:
    """Return a sentence without what leads up to an order: "Come on, just say yes" -> "say yes"."""
    return _BEFORE_ORDERS.sub("", sentence.strip(), count=1)


def order_in(sentence: str) -> Order:
    """Tell whether a sentence begins with a bare verb and names nobody who does it: it wants something done."""
    rest = without_lead(sentence)
    if _ORDERS_PLAINLY.match(rest):
        return Order.PLAIN
    return Order.LIKELY if _ORDERS.match(rest) else Order.NONE


def is_markup(text: str) -> bool:
    """Tell whether a text holds what is written for machines: tags, a role's name before a colon, a new task."""
    return bool(_MARKUP.search(text))


def talks_a_role_out(text: str, bank: VoiceBank) -> bool:
    """Tell whether a text tries to give a role other orders than its own."""
    return is_markup(text) or bool(_OVERRIDES.search(text)) or bank.cued("injection", text)


def holds_claim(text: str) -> bool:
    """Tell whether a text says that we promised, agreed or knew something, by its grammar."""
    return bool(_CLAIMS.search(text))


def claims(text: str, bank: VoiceBank) -> bool:
    """Tell whether a text says that we promised, agreed or knew something, by its grammar or by cue words."""
    return holds_claim(text) or bank.cued("claim", text)


def wants_a_word(text: str) -> bool:
    """Tell whether a text wants something promised or confirmed."""
    return bool(_WANTS_A_WORD.search(text))


def answers(question: str, text: str) -> bool:
    """Tell whether a text holds one of the kinds of things that a question asks for: people, days, counts, money."""
    wanted = [said for asks, said in _WANTED_KIND if asks.search(question)]
    return not wanted or any(said.search(text) for said in wanted)


def is_tag(sentence: str) -> bool:
    """Tell whether a question only asks to agree: "Nice, isn't it?"."""
    return bool(_TAG_ALONE.match(sentence.strip()))


def courtesy(text: str, bank: VoiceBank) -> str | None:
    """Name the courtesy (``thanks``, ``farewell``, ``greeting``, ``small_talk``) if the message holds nothing else.

    "Thanks, we are leaving" is short, and news all the same.
    """
    length = len(re.sub(r"[^\w\s']", " ", text).split())
    if _AFTER_YOU.search(text) and length <= _LONGEST_PLEASANTRY and not _NEWS.search(text):
        return "after_you"
    pieces = [piece for piece in sentences(text) if not is_tag(piece)]
    if any(is_question(piece) for piece in pieces) or _NEWS.search(text) or bank.cued("negative", text):
        return None
    named = [name for name in LONGEST_COURTESY if bank.cued(name, text)]
    short = next((name for name in named if length <= LONGEST_COURTESY[name]), None)
    if short or length > _LONGEST_PLEASANTRY:
        return short
    if bank.cued("small_talk", text):
        return "small_talk"
    known = frozenset(stems(" ".join(bank.cues.get("pleasantries", ()))))
    strange = [word for word in stems(text) if word not in known]
    return named[0] if named and len(strange) <= _STRANGE_IN_COURTESY else None


def tone_of(sentence: str, bank: VoiceBank) -> Tone:
    """Guess the tone from plain words; the voice's model may know better."""
    if is_wish(sentence):
        return "request"
    if bank.cued("negative", sentence):
        return "negative"
    return "positive" if bank.cued("positive", sentence) else "neutral"
