"""The forms in which the mood on an account is said. Data for `wordings`."""

from __future__ import annotations

from fleet_runtime.learning.passages import OPEN

_MOOD = (
    r"(?:sentiment|mood|tone|vibes?|atmosphere|temperature|attitude|temper|morale|spirits|disposition|feelings?|feel|"
    r"relationship\s+(?:health|temperature|feel)|demeanou?r|outlook|energy|reception|reaction|emotional\s+(?:state|"
    r"read)|read\s+on\s+(?:them|the\s+room)|impression|"
    r"(?:general|overall|prevailing)\s+(?:sense|view|impression|stance|posture)|stance|posture|body\s+language|"
    r"satisfaction)"
)
_WORDS = r"(?P<v>(?:not\s+)?[\w'-]+(?:\s+(?:but|and|yet|if|to|with|of|about|on|than|the|at|in|for|,)?\s*[\w'-]+){0,4}?)"
_END = (
    r"(?=\s*(?:$|[.;!?,\u2014(\"'\u201d]|\s-\s|\s(?:since|after|because|as\s|when|at\s+the\s+moment|right\s+now|"
    r"now\b|today|this\s|these\s+days|overall|"
    r"on\s+(?:the|their|our|this|both)|in\s+(?:the|our|this|their)|during|throughout|about\s|with\s+(?:us|the|our|"
    r"how|you)|following|given|over\s+(?:the|there)|right\b|by\s+the|but\s+(?:we|they|i|he|she|the|it|no|that|there|"
    rf"i)\b|and\s+(?:we|they|i|he|she|the|no|that)|towards?\s|across|among|from\s|lately|recently|so\s+far|{OPEN}|"
    r"for\s+(?:now|the)|compared|rather|instead|where|which|though|while|despite|per\s|until)))"
)
_DEGREES = (
    r"(?:(?:now|currently|still|best\s+described\s+as|overall|best|again|to|as|at|well|very\s+much|definitely|more|"
    r"all|has|been|be|down|up|firmly|squarely|noticeably|from\s+[\w\s]{3,30}?\s+to|on\s+the\s+call|there|today|"
    r"described\s+as|summed\s+up\s+as|logged\s+as|marked\s+as|recorded\s+as|set\s+to|tagged|rated|i'd\s+say)\s+)*"
)
_BE = (
    r"(?:is|was|are|were|has\s+(?:turned|become|gone|shifted|moved|been|swung|cooled|warmed|slipped|improved|soured)|"
    r"have\s+been|remains?|remained|turned|"
    r"became|becomes|stays?|feels?|felt|seems?|seemed|sounds?|sounded|reads?|looks?|looked|appears?|appeared|went|"
    r"shifted|moved|"
    r"swung|changed|stands|comes\s+across|came\s+across|has|can\s+be|could\s+be|sits|runs|would\s+(?:call|"
    r"describe)\s+(?:it\s+)?(?:as\s+)?)"
)
LEXICON = (
    r"(?:worried|unhappy|frustrated|disappointed|concerned|annoyed|dissatisfied|angry|upset|fed\s+up|nervous|"
    r"s[ck]eptical|"
    r"anxious|uneasy|furious|tired|irritated|let\s+down|losing\s+patience|exasperated|stressed|overwhelmed|bitter|wary|"
    r"impatient|guarded|cautious|tense|hopeful|optimistic|pessimistic|upbeat|enthusiastic|lukewarm|warm|cool|cold|"
    r"frosty|"
    r"neutral|positive|negative|mixed|sour|content|calm|relaxed|buoyant|jittery|restless|curious|engaged|disengaged|"
    r"indifferent|apathetic|resigned|grumpy|cheerful|elated|ecstatic|reassured|supportive|appreciative|grateful|loyal|"
    r"trusting|distrustful|suspicious|defensive|hostile|friendly|energi[sz]ed|motivated|weary|doubtful|torn|ambivalent|"
    r"encouraged|discouraged|happy|delighted|pleased|thrilled|satisfied|excited|impressed|glad|confident|relieved|"
    r"bullish|"
    r"bearish|stoked|chuffed|sanguine|on\s+the\s+fence|fired\s+up|won\s+over|at\s+ease|over\s+the\s+moon|"
    r"sold|icy|prickly|subdued|flat|gloomy|bleak|rosy|sunny|fragile|shaky|volatile|patient|unimpressed|unconvinced|"
    r"reserved|non-?committal|receptive|keen|disillusioned|disenchanted|disgruntled|rattled|unsettled|steady|stable|"
    r"solid|good|bad|poor|great|excellent|low|high|strained|rocky|constructive|pragmatic|businesslike)"
)
_MODIFIED = (
    r"(?P<v>(?:(?:cautiously|quietly|quite|rather|fairly|pretty|truly|openly|mildly|deeply|guardedly|increasingly|"
    r"visibly|genuinely|broadly|wary|grudgingly|politely|slightly|thoroughly|largely|mostly|pleasantly|firmly|"
    r"tentatively|reservedly|coolly|warmly|rather|somewhat|a\s+(?:little|bit|touch|tad|shade)|more|very|\w+ly|not|"
    rf"less)\s+)?(?:{LEXICON}|[\w-]+(?:ed|ful|ous|ive|tic|ic|warm))(?:(?:\s+(?:but|and|yet|if|though)|"
    r",)\s+(?:\w+ly\s+)?[\w-]+)?)"
)
_SURE = (
    LEXICON.replace("|good|bad|poor|great|excellent|low|high", "")
    .replace("|resigned", "")
    .replace("|flat", "")
    .replace("|stable|solid", "")
    .replace("|cool|cold", "")
    .replace("|steady", "")
    .replace("|calm|", "|")
    .replace("|sold|", "|")
    .replace("|warm|", "|")
)
_SURELY = _MODIFIED.replace(LEXICON, _SURE).replace("|[\\w-]+(?:ed|ful|ous|ive|tic|ic|warm)", "")
HINT = (
    rf"\b{_MOOD}\b|\b(?:feel(?:s|ing)?|felt|sound(?:s|ed)?|c[ao]mes?\s+across|seem(?:s|ed)?|left\s+(?:the\s+call|"
    rf"them|us)|in\s+a|{LEXICON})\b"
)
_WHO = (
    r"(?:they|they're|we|we're|customer|client|account|team|everyone|everybody|people|users|champion|sponsor|side|"
    r"management|leadership|board|stakeholders|folks|room|(?-i:[A-Z][a-z]+))"
)
_WHO_PLAIN = _WHO.replace("|(?-i:[A-Z][a-z]+)", "")
FORMS = (
    (
        r"^\W*(?:felt|sounded|seemed|came\s+(?:across|over)(?:\s+as)?|left\s+(?:the\s+call|the\s+meeting)|"
        rf"feeling)\s+{_DEGREES}{_MODIFIED}{_END}"
    ),
    (
        r"\b(?:call|describe|label|rate|put|consider|find|found|reckon|judge|deem)\s+(?:them|it|the\s+\w+(?:\s\w+)?|"
        rf"their\s+\w+)\s+(?:as\s+|down\s+as\s+)?{_MODIFIED}{_END}"
    ),
    (
        r"(?:^|[\"'\u201c]|:\s)(?P<v>(?:\w+ly\s+|very\s+|quite\s+|not\s+)?[\w-]+(?:\s+(?:but|and|"
        r"yet)\s+[\w-]+)?)[\"'\u201d]?,?\s+(?:is|was|would\s+be|sums\s+up|describes|best\s+describes)\s+(?:how|"
        r"the\s+(?:\w+\s+)?(?:word|mood|tone|sentiment|vibe|feeling|adjective)|their\s+(?:mood|tone)|my)\b"
    ),
    (
        rf"\b{_MOOD}\b[^.;:!?]{{0,30}}?(?:,|:|\s)\s*(?:is\s+)?(?:now|currently|today|"
        rf"at\s+present)\s*[:,]?\s+[\"'\u201c]?{_WORDS}{_END}"
    ),
    rf"\b{_MOOD}\b[^.;:!?]{{0,45}}?\s*(?:[:=]|->|\u2192|\u2014|\u2013|\s-\s)\s*[\"'\u201c]?{_DEGREES}{_WORDS}{_END}",
    rf"\b{_MOOD}\b[^.;:!?]{{0,45}}?\s{_BE}\s+{_DEGREES}[\"'\u201c]?{_WORDS}{_END}",
    rf"\b{_MOOD}\b[^.;:!?]{{0,45}}?\s(?:from\s+[\w\s,'-]{{3,30}}?\s+)?(?:to|as)\s+[\"'\u201c]?{_DEGREES}{_WORDS}{_END}",
    (
        r"(?<!nobody )(?<!no one )\b(?!nobody)"
        rf"(?:i|i'm|{_WHO_PLAIN})(?:'re|'s)?\s+(?:\w+\s+){{0,3}}?(?:(?:are|is|am|was|"
        r"were|have\s+become|has\s+become|have\s+been|has\s+been|remain|remains|left(?:\s+the\s+(?:call|meeting|room))?|"
        r"walked\s+(?:out|away)|ended\s+(?:up|the\s+call)|came\s+(?:out|away))\s+)?(?:(?:feeling|now|still|all|"
        rf"currently|overall)\s+)*{_SURELY}{_END}"
    ),
    (
        rf"\b{_WHO}\b[^.;:!?]{{0,40}}?\s(?:feel(?:s|ing)?|felt|sound(?:s|ed|ing)?|c[ao]mes?\s+across(?:\s+as)?|"
        r"came\s+(?:over|off)(?:\s+as)?|seem(?:s|ed)?|appear(?:s|ed)?|look(?:s|ed)?|struck\s+(?:me|"
        rf"us)\s+as)\s+{_DEGREES}(?:to\s+be\s+)?{_MODIFIED}{_END}"
    ),
    (
        r"\b(?:described?|describes|call(?:ed)?|log|see|set|note[ds]?|characteri[sz]ed?|sum(?:med)?\s+up|rate[ds]?|put|"
        r"log(?:ged)?|mark(?:ed)?|tag(?:ged)?|read)\s+(?:the\s+|their\s+|it\s+|"
        rf"them\s+)?(?:[\w']+\s+){{0,4}}?as\s+[\"'\u201c]?{_DEGREES}{_WORDS}[\"'\u201d]?{_END}"
    ),
    (
        rf"\b(?:in|with)\s+an?\s+{_DEGREES}(?P<v>[\w-]+(?:\s+[\w-]+)?)\s+(?:mood|frame\s+of\s+mind|spirit|place|temper|"
        r"tone)\b"
    ),
    (
        r"\b(?P<v>[\w-]+(?:\s+[\w-]+)?)\s+(?:is|was)\s+(?:how|the\s+(?:\w+\s+)?(?:word|mood|tone|sentiment|vibe|feeling|"
        r"adjective))\b"
    ),
    (
        rf"(?:^|[\"'\u201c])(?P<v>(?:\w+ly\s+)?{LEXICON})[\"'\u201d]?\s*(?:,|-|\u2014|:)?\s*(?:that's|is|was|"
        r"would\s+be)\s+(?:how|the|my)\b"
    ),
)
NO_MOOD = (
    r"^(?:the|a|an|it|that|this|they|we|what|how|there|to|on|in|of|for|from|by|not|now|about|our|their|changed|"
    r"change|discussed|"
    r"unknown|unclear|tbd|been|up|down|improving|worse|better|like|same|unchanged|being|set|free|sorry|if|when|i|you|"
    r"welcome|"
    rf"and|or|was|is|are|were|no|very|quite|rather|so|as|with|ready|going|just|able|available|due|n/a)$|{OPEN}|"
    r"^(?:the|that|this|it|if|like|they|we|how|our|their|to|on|free|sorry)\b|\b(?:to\s+(?:help|hear|send|share|say|"
    r"join|see|report|meet))\b"
)
