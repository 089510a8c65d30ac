"""Tell what frames a statement: another company, mere talk, a correction, a change, a date of effect.

What stands in one sentence reaches into the next ("Just a rumour. …", "Backdated to 3 March. …"); that is said
here, once, for all that is read. Works on marked text (see `passages`).
"""

from __future__ import annotations

import re

from fleet_runtime.learning.reading.effects import Effect, read_effects
from fleet_runtime.learning.reading.others import is_of_them, names_another
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage
from fleet_runtime.records import Event

_CORRECTS = re.compile(
    r"\b(?:correction|correct(?:ing|s)?\s+(?:myself|the\s+record|our|an?|my|that|this)|corrected|to\s+correct|misspoke|fat-?fingered|misunderst\w+|mislabel\w*|miscount\w*|miscalculat\w*|added\s+(?:it|that|them)\s+up\s+wrong|take\s+(?:that|it)\s+back|"
    r"(?:i|we)\s+(?:was|were|had\s+been)\s+(?:wrong|mistaken)|(?:got|had|have|noted|recorded|entered|logged|put|wrote|"
    r"typed|read|took)\s+(?:\S+\s+){1,5}?(?:wrong(?:ly)?|incorrectly|in\s+error|by\s+mistake)|my\s+mistake|"
    r"by\s+mistake|mistake\s+on\s+(?:my|our)\s+\w+|typos?|mistyped|i\s+meant|should(?:\s+have|'ve)\s+(?:said|read|been|"
    r"stated|shown)|"
    r"(?<!\bi\s)(?<!\bwe\s)should\s+(?:say|read|state|show)|erratum|errata|"
    r"(?:was|were|is|are)\s+(?:\w+\s+)?(?:wrong|incorrect|mistaken|an?\s+(?:\w+\s+)?(?:error|mistake|slip|mix-?up)|"
    r"in\s+error|"
    r"mis\w+ed)|data[\s-]entry\s+(?:error|mistake|slip)|my\s+(?:error|bad|fault|slip|oversight)|misread|misheard|"
    r"mis-?recorded|mix(?:ed)?[\s-]up|fix(?:ing|ed)?\s+(?:the|an?|our)\s+"
    r"(?:record|entry|crm|error)|set(?:ting)?\s+the\s+record\s+straight|wrong(?:ly)?\s+(?:\w+\s+){0,3}(?:in|on|had|"
    r"recorded|entered|noted|logged|listed|down|figure|number|date|name|value|person)|false\s+entry|clerical|"
    r"contrary\s+to\s+(?:what|our|the|my)|wrongly\s+(?:put|named|listed|told|said|gave|called|set|took|noted)|not\s+what\s+(?:we|i|the)|strike\s+(?:that|the)|scrap\s+(?:that|the)\s+"
    r"(?:earlier|previous|old)|disregard|(?:never|not)\s+(?:been\s+|was\s+|really\s+)?(?:\S+\s+){0,3}"
    r"in\s+the\s+first\s+place|at\s+no\s+(?:point|time)|(?:but|whereas|while)\s+(?:the\s+|"
    r"our\s+)?(?:signed\s+)?(?:contract|order\s+form|paper\w*|copy|original)\s+(?:says|shows|states|reads|has))\b",
    re.IGNORECASE,
)
_NOT_THAT = re.compile(
    rf"^(?!.*\b(?:now|moved?|new|changed?)\b).*{OPEN}[dnm]\d+{CLOSE}[^.;:]{{0,15}}?(?:,|"
    rf"\s)\s*(?:and\s+)?not\s+(?:\w+\s+){{0,2}}{OPEN}[dnm]",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"\b(?:(?:has|have|had|'s|'ve)\s+(?:in\s+fact\s+|actually\s+)?always\s+(?:been|had|stood|held|run|sat|meant|read|"
    r"said|"
    r"covered|paid)|(?:was|were|is|are)\s+always|always\s+(?:was|were|has\s+been|had|been|stood)|all\s+along|"
    r"in\s+fact\s+it|"
    r"the\s+whole\s+time|all\s+the\s+(?:while|time)|from\s+(?:day\s+(?:one|⟦n\d+⟧)|the\s+(?:very\s+)?(?:start|"
    r"beginning|outset|"
    r"first\s+day|get-?go|off))|since\s+(?:(?:we|they)\s+(?:first\s+)?signed|the\s+(?:beginning|start|outset|very\s+\w+|first\s+day)|day\s+(?:one|⟦n\d+⟧)|"
    r"the\s+(?:very\s+)?(?:start|beginning|outset)|signature|signing)|"
    r"from\s+the\s+word\s+go|ever\s+since\s+(?:they\s+)?sign\w+|right\s+from\s+(?:the\s+)?\w+|"
    r"originally\s+signed\s+for|"
    r"(?:been|was|is|stood|at)\s[^,;.]{1,30}\sthroughout(?=\s*(?:$|[.,;]))|at\s+all\s+times)(?!\w)",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?!(?:\w+\s+)?never\s+(?:\w+\s+)?(?:part|mentioned|discussed|asked|an?\s|in\s+doubt|raised|used|came|easy|fun|happy))(?:never\s+(?:was|were|had|has|have|been|held|paid|stood|ran|actually|really|in\s+fact|once|agreed|signed|at|"
    r"took|"
    r"covered)|(?:was|were|has|have|had|is|'s|'ve)\s+(?:in\s+fact\s+|actually\s+)?never|never\s+⟦)",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:now|new(?:ly)?|from\s+now|no\s+longer|any\s?more|mov(?:e|es|ed|ing)|switch\w*|chang(?:e|es|ed|ing)|"
    r"upgrad\w+|"
    r"downgrad\w+|went|gone|goes|going|grew|grown|r(?:ose|isen|ises)|f(?:ell|allen|alls)|drop\w*|cut|rais\w+|lower\w*|"
    r"increas\w+|reduc\w+|expand\w*|extend\w*|shr[aiu]nk\w*|tak(?:es|ing|en)\s+over|took\s+over|replac\w+|succe\w+|"
    r"hand(?:s|ed|ing)?\s+(?:\w+\s+){0,2}over|inherit\w*|becom\w+|became|appointed|named|assigned|reassigned|"
    r"promoted|stepp?\w*\s+(?:in|up|down)|left|leav\w+|instead|effective|as\s+of|as\s+from|starting|since|push\w*|"
    r"postpon\w+|delay\w*|brought\s+forward|pulled\s+(?:in|forward)|bump\w*|slip\w*|climb\w*|jump\w*|turned|"
    r"up\s+(?:from|to)|down\s+(?:from|to)|from\s+\S+\s+to|updat\w+|revis\w+|re-?sign\w*|renewed|signed|added|trim\w*|"
    r"swapped|shift\w*|reset|these\s+days|recently|just|latest|has\s+\w+ed)\b|->|\u2192",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"\b(?:jok(?:e|es|ed|ing(?:ly)?)|kidding|rumou?rs?|gossip\w*|hearsay|grapevine|hypothetical\w*|scenario|"
    r"thought\s+experiment|what\s+if|unconfirmed|not\s+(?:yet\s+)?confirmed|nothing\s+(?:is\s+|has\s+been\s+|was\s+)?"
    r"(?:yet\s+)?(?:decided|signed|agreed|final\w*|confirmed|official|firm|concrete|in\s+writing|settled|fixed|set)|"
    r"no\s+(?:formal\s+|final\s+)?(?:decision|commitment)\b|undecided|not\s+(?:yet\s+)?(?:decided|final|agreed|signed|"
    r"approved|official)|just\s+(?:an?\s+)?(?:idea|thought|brainstorm\w*|musing)|only\s+an?\s+(?:idea|thought)|"
    r"thinking\s+(?:out\s+)?(?:a)?loud|brainstorm\w*|spitball\w*|float(?:ed|ing)\s+(?:the|an?)|pipe\s*dream|"
    r"wish(?:ful|\s*list)|day\s*dream\w*|dummy|placeholder|sample\s+(?:data|account|contract|text)|example|demo\s+(?:data|account|tenant)|sandbox\s+(?:account|tenant|data|contract)|"
    r"(?:idea|option|suggestion|thought)(?:\s+\w+){0,3}(?=\s*:)|(?:an?|the|another)\s+(?:idea|thought|option|possibility|suggestion|scenario)\b|without\s+(?:any\s+|"
    r"a\s+)?(?:decision|commitment)|mock-?up|(?:from|in)\s+(?:the|an?)\s+template|tongue\s+in\s+cheek|lol|haha\w*|speculat\w+|(?<!have\s)(?<!'ve\s)guess\w*|"
    r"guesstimate|bet\s|ballpark|"
    r"draft\s+(?:order|quote|proposal|contract)|pencil+ed\s+in|supposed(?:ly)?|allegedly|reportedly|"
    r"in\s+theory|in\s+a\s+perfect\s+world|fingers\s+crossed|pending\s+(?:approval|signature|sign-off|board)|"
    r"still\s+(?:being\s+)?(?:discuss\w+|debat\w+|negotiat\w+|under\s+discussion|open|undecided)|business\s+case\s+for|"
    r"role-?play|training\s+exercise|simulation|quiz)\b",
    re.IGNORECASE,
)
_TALK_AROUND = re.compile(
    r"^(?:\W*(?:just|only|pure|total|all|that's|it's|this|that|it|but|though|so|is|was|a|an|the|of\s+course|obviously|"
    r"yet|still|so\s+far|however)\W+)*(?:jok\w+|kidding|(?:april|⟦d\d+⟧)\s+fool\w*|rumou?rs?|gossip|hypothetical\w*|"
    r"(?:the\s+)?decision\s+(?:is\s+)?(?:still\s+)?(?:open|pending|outstanding|to\s+come|due)|nothing\s+(?:\w+\s+)?(?:decided|agreed|signed|final|firm|confirmed|official|concrete)|no\s+decision|"
    r"undecided|not\s+(?:yet\s+)?(?:decided|confirmed|final|agreed|signed|approved)|unconfirmed|speculation|"
    r"brainstorming|lol|haha\w*|a?\s*guess|wishful|thinking\s+(?:out\s+)?(?:a)?loud|(?:no\s+one|"
    r"nobody)\s+has\s+(?:decided|agreed|signed|confirmed|approved|committed)|"
    r"we(?:'ll|\s+will)\s+see|fantasy)\b",
    re.IGNORECASE,
)
_HELD_AGAINST_US = re.compile(
    r"\bas\s+(?:you|we\s+both|we\s+all)\s+(?:\w+\s+)?(?:know|remember|recall)\b.*\b(?:was|were|had)\b|"
    r"^\W*(?:(?:but|and|so|well|then)\W+|in\s+\w+\W+)?you\s+(?:(?:have|had|also|once|already|clearly|even)\s+)*"
    r"(?:told|promised|agreed|assured|guaranteed|pledged)\b|\b(?:was|were|been)\s+(?:\w+\s+)?(?:promised|guaranteed)\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"^(?:and\s+|but\s+|so\s+)?(?:they|their|theirs|it|its|there|over\s+there|she|he|the\s+\w+\s+there)\b",
    re.IGNORECASE,
)
_CURT, _SHORT = 4, 9


class Frame:
    """What frames each sentence of one event's text.

    ``talk`` and ``foreign`` say, by a sentence's number, that it is mere talk, or of another company. What a customer
    says that we told or promised is mere talk too: it states what is claimed of us, not how things are.
    """

    def __init__(self, event: Event, passage: Passage, own_first: str = "") -> None:
        """Look over the sentences; ``own_first`` is the first word of the account's own name, if it has one."""
        self._own_first = own_first
        self._texts = [sentence.text for sentence in passage.sentences]
        held = [event.kind == "message" and _HELD_AGAINST_US.search(text) is not None for text in self._texts]
        self.talk = tuple(talk or claim for talk, claim in zip(_mere_talk(self._texts), held, strict=True))
        others = [self.names_another(text) or (event.kind == "message" and is_of_them(text)) for text in self._texts]
        self.foreign = tuple(
            other or (n > 0 and others[n - 1] and _THEIRS.match(self._texts[n]) is not None)
            for n, other in enumerate(others)
        )
        self._corrected = _corrected(self._texts)
        self.effects = tuple(read_effects(passage, passage.sentences))

    def corrects(self, number: int, value: str) -> bool:
        """Tell whether a sentence corrects what was believed, by more than the words of the value itself."""
        if number not in self._corrected:
            return False
        text = self._texts[number]
        return not _puts_right(text) or _puts_right(text.replace(value, " "))

    def changes(self, number: int) -> bool:
        """Tell whether a sentence names a change, a correction or a start."""
        begins = self.start(number) is not None
        return number in self._corrected or begins or _CHANGES.search(self._texts[number]) is not None

    def start(self, number: int) -> Effect | None:
        """Return the day of effect that an opening gives a sentence."""
        return next((effect for effect in self.effects if effect.first <= number <= effect.last), None)

    def names_another(self, text: str) -> bool:
        """Tell whether a text speaks of a company that is not the account."""
        return names_another(text, self._own_first)


def is_always(text: str) -> bool:
    """Tell whether a text says that something has been so all along."""
    return _ALWAYS.search(text) is not None


def _mere_talk(texts: list[str]) -> tuple[bool, ...]:
    """Tell of each sentence whether it, the one before or the one after takes it for mere talk."""
    talk = [_TALK.search(text) is not None for text in texts]
    around = [_TALK_AROUND.match(text) is not None for text in texts]
    return tuple(
        talk[n] or (n > 0 and (around[n - 1] or talk[n - 1])) or (n + 1 < len(texts) and around[n + 1])
        for n in range(len(texts))
    )


def _corrected(texts: list[str]) -> frozenset[int]:
    """Return the sentences that put right what was believed: those that say so, and their neighbours."""
    found: set[int] = set()
    for number, text in enumerate(texts):
        if _says_wrong(text):
            found |= {number, number + 1} | ({number - 1} if _looks_back(texts, number) else set())
        if _ALWAYS.search(text):
            found |= {number - 1, number}
        if _NEVER.search(text):
            found |= {number, number + 1}
    return frozenset(found)


def _looks_back(texts: list[str], number: int) -> bool:
    """Tell whether a sentence of error speaks of the one before: a curt one, or a short one that ends the text."""
    length = len(texts[number].split())
    return length <= _CURT or (number == len(texts) - 1 and length <= _SHORT)


def _says_wrong(text: str) -> bool:
    """Tell whether a text says that something was wrong."""
    return _CORRECTS.search(text) is not None or _NOT_THAT.search(text) is not None


def _puts_right(text: str) -> bool:
    """Tell whether a text corrects, by a word of error or by "always" and "never"."""
    return _says_wrong(text) or _ALWAYS.search(text) is not None or _NEVER.search(text) is not None
