"""The forms in which the mood on an account is said. Data for `wordings`."""

from __future__ import annotations

from fleet_runtime.learning.reading.passages import OPEN
from fleet_runtime.learning.reading.sayings import said_of, said_to_be

_MOOD = (
    r"(?:sentiment|mood|tone(?!\s+of\s+voice)|vibes?|atmosphere|temperature|attitude|temper|morale|spirits|"
    r"disposition|(?<!'re\s)(?<!are\s)(?<!is\s)(?<!am\s)(?<!'m\s)(?<!be\s)(?<!been\s)(?<!'s\s)feelings?|"
    r"(?<=the\s)feel|(?<=overall\s)feel|"
    r"relationship\s+(?:health|temperature|feel)|demeanou?r|outlook|energy|reception|reaction|emotional\s+(?:state|"
    r"read)|read\s+on\s+(?:them|the\s+room)|impression|"
    r"(?:general|overall|prevailing)\s+(?:sense|view|impression|stance|posture)|stance|posture|body\s+language|"
    r"satisfaction|climate|frame\s+of\s+mind|state\s+of\s+mind|pulse|goodwill|emotions?|verdict\s+on\s+us|(?:emotional|"
    r"relationship)\s+(?:tone|climate|status)|(?:customer|client)\s+happiness|happiness|view\s+of\s+(?:us|you)|word)"
)
_WORDS = r"(?P<v>(?:not\s+)?[\w'-]+(?:\s+(?:but|and|yet|if|to|with|of|about|on|than|the|at|in|for|,)?\s*[\w'-]+){0,4}?)"
_END = (
    r"(?=\s*(?:$|[.;!?,\u2014(\"'\u201d]|\s-\s|\s(?:since|after|because|as\s|when|at\s+the\s+moment|right\s+now|"
    r"now\b|today|this\s|these\s+days|overall|"
    r"on\s+(?:the|their|our|this|both)|in\s+(?:the|our|this|their)|during|throughout|about\s|with\s+(?:us|the|our|"
    r"how|you)|following|given|over\s+(?:the|there)|right\b|by\s+the|but\s+(?:we|they|i|he|she|the|it|no|that|there|"
    rf"i)\b|and\s+(?:we|they|i|he|she|the|no|that)|towards?\s|across|among|from\s|lately|recently|so\s+far|{OPEN}|"
    r"for\s+(?:now|the)|as\s+of|at\s+the|at\s+present|and\s+(?:you|yes|no|so|that's)|compared|rather|instead|where|"
    r"which|though|while|despite|per\s|until)))"
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
    r"solid|good|bad|poor|great|excellent|low|high|strained|rocky|constructive|pragmatic|businesslike|"
    r"agitated|alarmed|amused|apprehensive|aggrieved|aghast|appalled|baffled|beaming|bemused|bored|bruised|charmed|"
    r"cheesed\s+off|bummed(?:\s+out)?|browned\s+off|ticked\s+off|pissed(?:\s+off)?|put\s+out|turned\s+off|peeved|"
    r"miffed|irked|incensed|livid|irate|outraged|enraged|resentful|vexed|exhausted|drained|worn\s+out|burn(?:t|"
    r"ed)\s+out|"
    r"demoralised|demoralized|deflated|dejected|despondent|disheartened|downbeat|glum|gutted|heartened|hesitant|"
    r"heartbroken|crestfallen|comfortable|uncomfortable|complacent|confused|contented|convinced|critical|cross|cynical|"
    r"dismayed|displeased|dispirited|dissatisfied|distant|distressed|dubious|eager|edgy|embarrassed|emboldened|"
    r"enchanted|"
    r"enthused|euphoric|exhilarated|exuberant|fearful|forgiving|grudging|half-?hearted|hesitating|hopeless|"
    r"hot\s+and\s+cold|"
    r"inspired|intrigued|invigorated|irritable|jaded|jolly|joyful|jubilant|keyed\s+up|laid-?back|low-?spirited|mellow|"
    r"mistrustful|muted|mollified|nonplussed|offended|on\s+edge|on\s+board|at\s+peace|overjoyed|panicked|panicky|"
    r"passionate|"
    r"perplexed|perturbed|proud|puzzled|ready\s+to\s+walk|rapt|raring\s+to\s+go|refreshed|reluctant|revitali[sz]ed|sad|"
    r"smitten|sore|spooked|startled|stony|sullen|sulky|surly|sympathetic|tepid|terrified|tetchy|testy|touchy|troubled|"
    r"unbothered|uncertain|undecided|underwhelmed|unenthusiastic|unfazed|unperturbed|up\s+in\s+arms|uplifted|"
    r"uncomfortable|vindicated|vocal|warmed\s+up|welcoming|wavering|withdrawn|worked\s+up|at\s+(?:their|"
    r"our)\s+wits'?\s+end|"
    r"at\s+the\s+end\s+of\s+(?:their|our)\s+tether|in\s+(?:good|high|low|great)\s+spirits|head\s+over\s+heels|"
    r"on\s+cloud\s+nine|down\s+in\s+the\s+dumps|up\s+and\s+down|sitting\s+on\s+the\s+fence|pumped(?:\s+up)?|psyched|"
    r"jazzed|tickled\s+pink|beyond\s+happy|losing\s+faith|losing\s+confidence|warming\s+(?:up|to\s+us)|"
    r"cooling\s+(?:off|"
    r"down)|simmering|fuming|seething|gushing|raving|not\s+amused)"
)
_MODIFIED = (
    r"(?P<v>(?:(?:cautiously|quietly|quite|rather|fairly|pretty|truly|openly|mildly|deeply|guardedly|increasingly|"
    r"visibly|genuinely|broadly|wary|grudgingly|politely|slightly|thoroughly|largely|mostly|pleasantly|firmly|"
    r"tentatively|reservedly|coolly|warmly|rather|somewhat|a\s+(?:little|bit|touch|tad|shade)|more|very|\w+ly|not|"
    rf"less|really|so|too|extra|super|still|far\s+from|anything\s+but|nothing\s+but|beyond|fairly|all\s+but)\s+)*"
    rf"(?:{LEXICON}|[\w-]+(?:ed|ful|ous|ive|tic|ic|warm))(?:(?:\s+(?:but|and|yet|if|though)|"
    r",\s+(?:but|yet|if))\s+(?:\w+ly\s+)?(?!(?:we|they|he|she|it|i|the|our|their|that|there|you|so|no)\b)[\w-]+)?"
    r"(?:\s+(?:again|once\s+more))?)"
)
_SURE = (
    LEXICON.replace("|good|bad|poor|great|excellent|low|high", "")
    .replace("|resigned", "")
    .replace("|mixed", "")
    .replace("|flat", "")
    .replace("|stable|solid", "")
    .replace("|cool|cold", "")
    .replace("|steady", "")
    .replace("|calm|", "|")
    .replace("|sold|", "|")
    .replace("|warm|", "|")
    .replace("|critical", "")
    .replace("|distant", "")
    .replace("|withdrawn", "")
    .replace("|vocal", "")
    .replace("|uncertain|undecided", "")
    .replace(r"|on\s+board", "")
    .replace(r"|put\s+out|turned\s+off", "")
    .replace(r"|warmed\s+up", "")
    .replace(r"|up\s+and\s+down", "")
)
_SURELY = (
    _MODIFIED.replace(LEXICON, _SURE).replace("|[\\w-]+(?:ed|ful|ous|ive|tic|ic|warm)", "")
    + r"(?!\s+to\s+(?!be\b|have\b|stay\b|continue\b|keep\b))"
)
HINT = (
    rf"\b{_MOOD}\b|\b(?:feel(?:s|ing)?|felt|sound(?:s|ed)?|c[ao]mes?\s+across|seem(?:s|ed)?|left\s+(?:the\s+call|"
    rf"them|us)|in\s+a|{LEXICON})\b"
)
_WHO = (
    r"(?:they|they're|we|we're|customer|client|account|team|everyone|everybody|people|users|champion|sponsor|side|"
    r"management|leadership|board|stakeholders|folks|room|(?-i:[A-Z][a-z]+))"
)
_WHO_PLAIN = _WHO.replace("|(?-i:[A-Z][a-z]+)", "")
_STATE = rf"(?:{_DEGREES}){_WORDS}"
_NO_STATE = (
    r"(?!(?:in|on|at|to|from|with|by|of|for|the|a\s+(?!bit|little|touch|tad|shade)\w+|an|not\s+sure|sure|clear|unclear|"
    r"aware|undecided|unsure|asking|right|wrong|open|serious|talking|thinking|hearing|told|asked|briefed|informed|here|"
    r"there|live|signed|renewed|registered|done|staying|working|back|due|booked|aligned|up\s+to|like|out|early|late|"
    r"without|before|after|and|we|they|it|i|having|going|getting|being|doing|coming|looking|trying|using|meeting)\b)"
)
_SAID = (
    rf"(?<![\w'])(?P<v>{_NO_STATE}(?!{_MOOD}\b)(?-i:[a-z])[\w'-]*(?:\s+(?:but|and|yet|to|of|the|over|"
    r"on)?\s*(?-i:[a-z])[\w'-]*){0,3}?)"
)
_FEEL = (
    r"(?:(?:is|are|am|was|were|'re|'s|'m|feel(?:s|ing)?|felt|seem(?:s|ed)?|sound(?:s|ed)?|appear(?:s|ed)?|look(?:s|"
    r"ed)?|"
    r"remains?|stays?|has\s+(?:become|grown|turned|been)|have\s+(?:become|grown|turned|been)|became|turned|grew|got)"
    r"(?:\s+(?:now|currently|still|all|feeling|just|to\s+be|overall|today))*)"
)
FORMS = (
    *said_to_be(_MOOD, _STATE, _END),
    *said_of(_MOOD, _SAID, r"(?:^|[:;,]\s|[\"'\u201c])"),
    (
        rf"\b(?:(?:they|we|i)(?=')|{_WHO}\s+)(?:\w+\s+){{0,2}}?{_FEEL}\s+{_SAID}(?=\s+(?:about|towards?|regarding)\s+"
        r"(?:us|you|our|your|the\s+(?:product|platform|tool|service|collaboration|partnership|relationship|"
        r"whole\s+thing|"
        r"rollout|roll-out|project|vendor|software|way|cooperation|team|account|renewal)|working|how|this|it\b|things|"
        r"where\s+(?:things|this|we)))"
    ),
    (
        r"\b(?:c[ao]mes?\s+(?:across|over|off)(?:\s+to\s+(?:me|us))?\s+as|struck\s+(?:me|us|everyone)\s+as|"
        r"strikes?\s+(?:me|us)\s+"
        r"as|left\s+(?:the|our|this)\s+(?:\w+\s+)?(?:call|meeting|room|session|review|demo|qbr|workshop|conversation)|"
        r"(?:walked|came|went)\s+(?:out|away)(?:\s+(?:of|from)\s+(?:the|our|it)(?:\s+\w+){0,2})?(?:\s+feeling)?|"
        r"(?:ended|finished|closed|started)\s+(?:the|our)\s+(?:call|meeting)|hung\s+up|left\s+(?:me|us|them)\s+feeling|"
        rf"best\s+described\s+as|could\s+be\s+described\s+as|would\s+describe\s+\w+(?:\s+\w+)?\s+as)\s+{_SAID}{_END}"
    ),
    (
        rf"\b(?:call|put|rate|describe|label|mark|log|record|file|tag|class|score|judge)\s+(?:the\s+|their\s+|our\s+)?"
        rf"(?:\w+\s+){{0,2}}?{_MOOD}(?:\s+(?:there|here|on\s+\w+\s+\w+|as|down\s+as|at))*\s+{_SAID}{_END}"
    ),
    (
        rf"(?:^|[:;,]\s|[\"'\u201c])\s*{_SAID}[\"'\u201d]?(?:,\s+that(?:'s|\s+is|\s+was)|\s+is|\s+was|"
        r",\s+is)\s+(?:how\s+(?:i'd|i|we|they|"
        r"we'd|you|it|the\s+\w+|everyone)\s+(?:would\s+)?(?:describe|feel|felt|call|put|sum|see|read|came|come|left|"
        r"sound|"
        r"are|is|was|were|say|find|found)|what\s+(?:came\s+across|they\s+(?:are|feel|sound)|i\s+(?:felt|heard|"
        r"sensed)))\b"
    ),
    (
        r"\b(?:in\s+(?:a|one|two|three)\s+words?|one-?word\s+(?:summary|verdict|answer)|the\s+word\s+(?:i'd\s+use|"
        r"was|is|for\s+\w+\s+"
        r"is)|how\s+(?:they|do\s+they|the\s+\w+|everyone)\s+feels?(?:\s+about\s+\w+)?|"
        r"how\s+they're\s+feeling)\s*[:,?-]\s*"
        rf"(?:they(?:'re|\s+are)\s+|it's\s+)?{_SAID}{_END}"
    ),
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
        r"were|have\s+become|has\s+become|have\s+been|has\s+been|remain|remains|left(?:\s+the\s+(?:call|meeting|"
        r"room))?|"
        r"walked\s+(?:out|away)|ended\s+(?:up|the\s+call)|came\s+(?:out|away))\s+)?(?:(?:feeling|now|still|all|"
        rf"currently|overall|quite\s+frankly|frankly|honestly)\s+)*{_SURELY}{_END}"
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
        r"\b(?P<v>[\w-]+(?:\s+[\w-]+)?)\s+(?:is|was)\s+(?:how|the\s+(?:\w+\s+)?(?:word|mood|tone|sentiment|vibe|"
        r"feeling|"
        r"adjective))\b"
    ),
    (
        rf"(?:^|[\"'\u201c])(?P<v>(?:\w+ly\s+)?{LEXICON})[\"'\u201d]?\s*(?:,|-|\u2014|:)?\s*(?:that's|is|was|"
        r"would\s+be)\s+(?:how|the|my)\b"
    ),
)
NO_MOOD = (
    r"^(?:discussed|covered|noted|recorded|logged|updated|asked|checked|measured|taken|good\s+to|hard\s+to|easy\s+to|"
    r"important|key|crucial|everything|one\s+of|part\s+of|something|nothing|anything|why|who|where|put\s+down|"
    r"best\s+\w+\s+down)\b|^(?:the|a|an|it|that|this|they|we|what|how|there|to|on|in|of|for|from|by|not|now|about|"
    r"our|their|changed|"
    r"change|discussed|"
    r"unknown|unclear|tbd|been|up|down|improving|worse|better|like|same|unchanged|being|set|free|sorry|if|when|i|you|"
    r"welcome|"
    r"happy\s+to\s+\w+.*|"
    rf"and|or|was|is|are|were|no|very|quite|rather|so|as|with|ready|going|just|able|available|due|n/a)$|{OPEN}|"
    r"^(?:the|that|this|it|if|like|they|we|how|our|their|to|on|free|sorry)\b|\b(?:to\s+(?:help|hear|send|share|say|"
    r"join|see|report|meet))\b"
)
