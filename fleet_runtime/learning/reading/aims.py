"""The forms in which a customer's main goal is said. Data for `wordings`."""

from __future__ import annotations

from fleet_runtime.learning.reading.passages import CLOSE, OPEN
from fleet_runtime.learning.reading.sayings import ASIDE, said_of, said_to_be

_GOAL = (
    r"(?<!\bmy\s)(?!\w+\s+(?:of|for)\s+(?:the|this|today's|that|our|next|tomorrow's|each)\s+(?:\w+\s+)?(?:call|meeting|session|workshop|"
    r"e-?mail|visit|demo|review|training|webinar|qbr|ebr|sync|conversation)\b)(?:goals?|aims?|objectives?|priorit(?:y|ies)|targets?|outcomes?|north\s+star|mission|focus|ambition|purpose|"
    r"success\s+"
    r"(?:criteri(?:on|a)|metric|measure)|use\s+case|mandate|intent(?:ion)?|brief|agenda|aspiration|driver|must-win|"
    r"endgame|"
    r"(?:business|desired|overall)\s+outcome|reason\s+(?:they|we)\s+(?:bought|signed|chose|picked|came)|"
    r"job\s+to\s+be\s+done|"
    r"thing\s+(?:that\s+)?(?:they|we)\s+(?:want|care|need)\w*(?:\s+about)?|point\s+of\s+(?:the\s+(?:whole\s+)?\w+|"
    r"all\s+this|it\s+all)|"
    r"business\s+case|one\s+thing|(?:definition|measure|idea)\s+of\s+success|what\s+(?:good|success)\s+looks\s+like)"
)
_VERB = (
    r"(?!the\b|a\b|an\b|be\b|is\b|their\b|our\b|his\b|not\b|now\b|it\b|that\b|this\b|we\b|they\b|on\b|in\b|at\b|"
    r"for\b|of\b)(?-i:[a-z])[\w-]*"
)
_ANY_VERB = (
    r"(?!the\b|a\b|an\b|be\b|is\b|their\b|our\b|his\b|not\b|now\b|it\b|that\b|this\b|we\b|they\b|on\b|in\b|at\b|"
    r"for\b|of\b)[a-z][\w-]*"
)
_PHRASE = rf"(?P<v>{_VERB}\s+[^;!?\u2014]{{2,140}}?)"
_ANY_PHRASE = rf"(?P<v>{_ANY_VERB}\s+[^;!?\u2014]{{2,140}}?)"
_END = (
    rf"(?=\s*(?:,\s+{ASIDE}\b|,\s+(?:everything|whatever|because|although|though|who|since|agreed|confirmed|stated|noted|everyone)\b|$|"
    r"[;!?\u2014(]|\.\s|\s-\s|,\s+(?:and|but|so|which|that|as|while|not|no|nothing|we|they|he|she|it|he|"
    r"per|above|first|"
    r"rather|instead|full|said|says|according|plain|everything|the\s+rest|in\s+(?:that|her|his|their)|replacing|i)\b|"
    r"\s(?:is|was|remains|became|becomes|has\s+become|now\s+is)\s+"
    r"(?:now\s+|still\s+)?(?:the|their|our|what|number|top|first|his|her|all|priority|where|why|how)\b|"
    r"\s(?:rather\s+than|instead\s+of|more\s+than\s+anything|above\s+all|"
    r"first\s+and\s+foremost|as\s+(?:the|their|our|its|a|number)\s|because|since\s|so\s+that|which\b|where\b|per\s|"
    rf"according\s+to|(?:as\s+of|from|since)\s+{OPEN}d|this\s+(?:year|quarter)$|everything\s+else|"
    r"before\s+anything)))"
)
_TO = r"(?:to\s+|being\s+able\s+to\s+)?"
_WANTS = (
    r"(?:wants?|needs?|aims?|aiming|hop(?:e|es|ing)|intends?|is\s+(?:trying|looking|out|here|determined|keen|set)|"
    r"are\s+(?:trying|"
    r"looking|out|here|determined|keen|set|focused\s+on\s+how)|'re\s+(?:trying|looking|out|here|determined|set)|"
    r"set\s+out|bought\s+"
    r"(?:us|it|this|you|the\s+\w+)|signed\s+up|came\s+to\s+us|brought\s+us\s+in|chose\s+us|hired\s+us|strives?|"
    r"striving|seeks?|working|work|"
    r"committed|plans?|sets?\s+out|exists?|picked\s+us|us(?:e|es|ing)\s+(?:us|it|the\s+\w+)|is\s+all\s+about\s+how)"
)
HINT = (
    rf"\b{_GOAL}\b|\b(?:what\s+(?:th|we|our|management)|in\s+this|with\s+us|above\s+all|more\s+than\s+anything|first\s+and\s+foremost|most\s+of\s+all|success|"
    rf"matters|boils\s+down|{_WANTS}|after|all\s+about|care[s]?\s+about|chasing|rallying|everything)\b"
)
_LINK = (
    r"(?:\s*(?:\b(?:is|are|was|remains|becomes?|became|has|have|been|now|for|this|year|quarter|with|the|their|our|"
    r"tool|us|"
    r"product|platform|rollout|programme|project|account|currently|changed|change[sd]?|shifted|shift|moved|moves|"
    r"switched|to|from|be|will|stays|"
    r"reads|mean[s]?|simple|simply|clear|behind|here|of|customer|team|side|in|on|set|as|new|main|primary|top|still|"
    r"today|"
    r"stated|agreed|they|want|need|confirmed|number|one|it|that|just|really|updated|under|going|forward|over|next|"
    r"these|days|officially|by|remained)\b|"
    r"[:=>\"'\u201c\u2018\u2192\u2013\u2014-]))+?\s*"
)
_AN_AIM = rf"(?:{_GOAL}|number[\s-]{OPEN}n\d+{CLOSE}|thing\s+(?:they|we)\s+\w+\s+most)"
FORMS = (
    *said_to_be(_AN_AIM, _PHRASE, _END, r"to\s+"),
    rf"\b{_GOAL}\b(?:[^.;:!?]|\b[Nn]o\.){{0,110}}?\s*(?::|=|->|\u2192)\s*(?:\w+\s*:\s*)?{_TO}{_ANY_PHRASE}{_END}",
    (
        r"\bwhat\s+(?:they|we|the\s+\w+|management|their\s+\w+|our\s+\w+)(?:'re|'ve|\s+are|\s+is|\s+have|\s+has)?\s+(?:\w+ly\s+|really\s+|all\s+|most\s+)*"
        r"(?:trying|hoping|aiming|looking|working|striving|want\w*|need\w*|set\s+out|set\s+themselves|committed|after|here\s+for)"
        rf"(?:\s+to\s+\w+)?[^.;:!?]{{0,40}}?(?:\s+is|\s+was|'s|\s+remains|:)\s+(?:to\s+)?{_PHRASE}{_END}"
    ),
    (
        r"\b(?:they|we|customer|client|team)(?:'re|\s+are|\s+is)?\s+(?:\w+ly\s+|only\s+|really\s+|all\s+|just\s+)*(?:in\s+(?:this|it)|here|with\s+(?:us|you)|"
        rf"on\s+board|doing\s+this)\s+(?:\w+ly\s+)?to\s+{_PHRASE}{_END}"
    ),
    *said_of(
        _AN_AIM,
        rf"(?P<v>{_VERB}\s+[^;!?:.\u2014]{{3,140}}?)",
        r"^(?:\W*(?:so|well|right|noted|agreed)\b\W*)*(?:to\s+)?",
    ),
    (
        rf"\b{_GOAL}\b(?:[^.;:!?]|\b[Nn]o\.\s?\S+){{0,60}}?\b(?:is|was|are|remains|becomes?|became|now|changed|shifted|"
        rf"moved|switched|been|be|means)\b[^.;:!?]{{0,30}}?\s+to\s+{_PHRASE}{_END}"
    ),
    rf"\b(?:above\s+(?:all|everything)|more\s+than\s+anything)(?:\s+else)?\b[^.;!?]{{0,50}}?\s(?:to)\s+{_PHRASE}{_END}",
    rf"\b{_GOAL}\b[^.;:!?]{{0,60}}?\s*(?::|=|->|\u2192|\u2014|\u2013|\s-\s)\s*(?:\w+\s*:\s*)?{_TO}{_ANY_PHRASE}{_END}",
    (
        r"\b(?:what|all|the\s+(?:one\s+)?thing)\s+(?:they|we|the\s+\w+)\b[^.;:!?]{0,50}?(?:\bdo\s+)?\b(?:is|"
        rf"was)\s+(?:to\s+)?{_PHRASE}{_END}"
    ),
    (
        rf"^(?:\W*(?:so|and|basically|honestly|in\s+short|bottom\s+line)\W+)?(?:to\s+)?(?P<v>{_ANY_VERB}\s+[^;!?:\u2014"
        r"]{3,140}?)\s*(?:,|\u2014|-|:|\.|\()?\s*(?:\(?(?:that|this|which)(?:'s|\s+is|\s+remains)|is|was|remains|"
        r"has\s+become|became|becomes)\s+"
        rf"(?:now\s+|still\s+|really\s+)?(?:[\w']+\s+){{0,5}}?(?:{_GOAL}|they(?:'re|\s+are)\s+(?:after|here\s+for|"
        r"chasing)|(?:matters|counts)\s+(?:most|to)|we(?:'re|\s+are)\s+after|it's\s+(?:all\s+)?about|what\s+(?:this|the|"
        r"our|their)\s+\w+\s+is\s+(?:for|about)|why\s+(?:they|we)\b|the\s+(?:whole\s+)?(?:point|reason|idea)|(?:they|"
        r"we)\s+(?:want|need|bought|signed))\b"
    ),
    (
        r"\b(?:above\s+all(?:\s+else)?|more\s+than\s+anything(?:\s+else)?|first\s+and\s+foremost|"
        rf"most\s+of\s+all)\b[^.;!?]{{0,60}}?\s+to\s+{_PHRASE}{_END}"
    ),
    (
        r"\b(?:they|we|customer|client|team|account|management|board|leadership|company|i|everyone)(?:'re|\s+\w+ly|"
        r"\s+now|\s+really|\s+just|\s+still|\s+mainly|\s+both|\s+all|\s+are|\s+is|\s+have|"
        rf"\s+has)*\s+{_WANTS}(?:\s+\w+ly)?(?:\s+us)?\s+(?:in\s+order\s+)?to\s+"
        rf"(?P<v>{_VERB}\s+[^;!?\u2014]{{2,140}}?){_END}"
    ),
    rf"\b{_GOAL}\b{_LINK}(?:to\s+|(?<=[:=>])\s*|(?<=\bis\s)){_PHRASE}{_END}",
    (
        r"\b(?:(?<!customer\s)success(?!\s+(?:manager|lead|team|plan|owner|partner))\b[^.;:!?]{0,50}?|"
        r"what\s+(?:matters|counts)\b[^.;:!?]{0,40}?|it(?:'s|\s+is)?\s+(?:all\s+)?(?:boils|comes)\s+down|"
        r"everything[^.;:!?]{0,40}?|(?:what\s+)?(?:they|we)(?:'re|\s+are)?\s+(?:really\s+|now\s+)?(?:after|chasing|"
        r"care\s+about|want|need|rallying)[^.;:!?]{0,40}?)"
        r"(?:\s+(?:is|means|would\s+be|mean|if\s+(?:they|we)|when\s+(?:they|we)|to)|"
        rf"\s*:)\s+(?:being\s+able\s+)?(?:to\s+)?{_PHRASE}{_END}"
    ),
)
NO_GOAL = (
    rf"\b(?:seats?|licen[cs]es?|discount|pricing|price|renew\w*|cancel\w*|subscription|invoice)\b|{OPEN}m|"
    r"^(?:dropped|met|"
    r"reached|shelved|parked|abandoned|scrapped|achieved|unchanged|unclear|gone|off|no|none|nothing|not|"
    r"move\s+to\s+(?:the\s+)?(?-i:[A-Z])|"
    r"upgrade|downgrade|switch\s+to|talk|meet|call|discuss|hear|see\s+(?:you|a\s+demo)|know|thank|join|schedule|book|"
    r"confirm|"
    r"\w+$|decide|roll\s+out\s+(?:in|on)\b|go\s+live|speed\s+up\s+the\s+(?:call|process|meeting)|help\s+(?:you|them|us)\b|check|ask|let|know|stay|keep\s+(?:us|you)|come|go|get\s+(?:back|together|in\s+touch)|have\s+a|be\b|you|your|us|"
    r"do\b|plan\b|blank\b|none\b|withdrawn\b|success\b|what|how|when|if|"
    r"review|revisit|look|follow|send|share|add|buy|order|sign|extend|pay|take\s+over|hand|step|leave|left|defined|"
    r"undefined|stated|still|already|clear|changed|moved|set|agreed|wait|find\s+out|say|tell|start|begin)\b"
)
