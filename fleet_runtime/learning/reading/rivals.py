"""The forms in which another vendor is said to be looked at. Data for `wordings`."""

from __future__ import annotations

from fleet_runtime.learning.reading.passages import CLOSE, OPEN
from fleet_runtime.learning.reading.sayings import said_of, said_to_be

_N = r"(?P<v>(?-i:[A-Z][\w&.+-]*\w(?:\s(?!And|Or|As|In|Is|For)[A-Z][\w&+-]*\w){0,2}|[a-z]+[A-Z]\w+))"
_RIVAL = (
    r"(?:competitors?|rivals?|competition|competing\s+(?:vendor|product|tool|offer|bid|solution|supplier|platform)|"
    r"alternatives?|challengers?|other\s+vendor|other\s+supplier|contender|incumbent\s+threat|threat|opponent|"
    r"competitive\s+(?:threat|pressure|situation|risk|bid|evaluation))"
)
_TAIL = r"(?![\w&-])(?!\s(?-i:[A-Z]))"
_LOOK = (
    r"(?:evaluat\w+|assess\w*|trial+\w*|pilot\w*|test(?:ing|ed|s)?(?:\s+out)?|consider\w*|shortlist\w*|short-list\w*|"
    r"review(?:ing|ed|s)?|benchmark\w*|"
    r"look(?:s|ed|ing)?\s+(?:\w+\s+)?(?:at|into)|(?:check|try|scop|sniff|siz)\w*\s+(?:out|up|around)|"
    r"kick\w*\s+the\s+ty?i?res\s+(?:on|of|at)|weigh\w*(?:\s+up)?|compar\w+\s+(?:\w+\s+){0,3}?"
    r"(?:to|with|against)|up\s+against|compet(?:e|es|ing)\s+(?:with|against)|bake-?off\s+(?:with|against|"
    r"between\s+us\s+and)|head[\s-]to[\s-]head\s+(?:with|against)|flirt\w*\s+with|"
    r"courted\s+by|approached\s+by|pitched\s+by|wooed\s+by|tempted\s+by|contacted\s+by|(?:demo|proposal|quote|offer|"
    r"pitch|trial|presentation|pilot|poc|proof\s+of\s+concept|bid|rfp\s+response|walkthrough|visit|"
    r"price)s?\s+(?:\w+\s+)?(?:from|of|by|with)|"
    r"(?:negotiat\w+|engag\w+|in\s+(?:talks|discussions|conversation|contact))\s+with|invit\w+|lean\w*\s+(?:towards?|"
    r"to)|eyeing|explor\w+|interest\s+in|interested\s+in|investigat\w+|"
    r"brought\s+in|bring\w*\s+in|vetting|vet(?:ted)?|sizing\s+up|entertain\w*|run\w*\s+(?:\w+\s+){0,4}?(?:with|"
    r"against|of)|lost\s+to|losing\s+(?:\w+\s+)?to|(?:defect|jump\s+ship)\w*\s+(?:over\s+)?to)"
)
_DOES = (
    r"(?:is|are|was|has|have|'s)\s+(?:\w+\s+){0,2}?(?:in\s+(?:the\s+)?(?:mix|running|play|picture|frame|race|"
    r"conversation|evaluation|account|shortlist|loop|game)|on\s+(?:the|their|our)\s+(?:short-?\s?list|table|radar|"
    r"list)|circling|"
    r"pitching|courting|knocking|sniffing|being\s+(?:\w+\s+)?(?:evaluated|considered|looked|assessed|trialled|"
    r"trialed|tested|piloted|reviewed|weighed|compared|benchmarked)|under\s+(?:evaluation|consideration|review)|"
    r"competing|the\s+(?:\w+\s+){0,2}?"
    rf"(?:{_RIVAL}|alternative|other\s+(?:vendor|option|name))|an?\s+(?:\w+\s+)?(?:{_RIVAL}|option|contender)|"
    rf"their\s+(?:\w+\s+)?(?:{_RIVAL}|plan\s+b)|our\s+(?:\w+\s+)?(?:{_RIVAL})|approached|made\s+(?:an?\s+|them\s+)|"
    r"trying\s+to|bidding|after\s+th(?:is|e)|working\s+on|entered\s+(?:the|this)|muscl\w+|who\s+we|come\s+up|"
    r"cropped\s+up|surfaced|emerged|undercut\w*|(?:offered|quoted|pitched|presented|demoed|shown|submitted|sent|"
    r"gotten?|got))|"
    r"pitched|approached|offered\s+(?:them|us)|quoted|presented|demoed|undercut\w*|keeps?\s+(?:calling|coming\s+up|"
    r"knocking|pitching)|came\s+up|popped\s+up|surfaced|cropped\s+up|entered\s+the|made\s+(?:the\s+short-?list|"
    r"an?\s+(?:approach|offer|pitch|play|move|bid)|them\s+an)|got\s+a\s+(?:demo|meeting|foot)|"
    r"submitted\s+a|wants\s+(?:this|the|our|their)|reached\s+out\s+to\s+(?:them|us)|ran\s+a\s+(?:demo|pilot|poc|"
    r"trial)|visited\s+(?:them|us)|turned\s+up"
)
_MORE_HINTS = (
    r"vendor|supplier|one|quote|offer|demo|pricing|proposal|list|got|put|evaluating|comparing|who\s+else|added"
)
HINT = (
    rf"\b(?:compet\w+|ask\w*|talk\w*|{_MORE_HINTS}|beat|have|has|had|is|invited|brought|{_RIVAL}|{_LOOK}|rfp|tender|"
    r"mix|running|play|picture|frame|"
    r"short-?list|table|radar|circling|pitch\w*|courting|knocking|sniffing|being|under|competing|approached|quoted|"
    r"presented|demoed|undercut\w*|came\s+up|popped|surfaced|cropped|made|bidding|up\s+against|versus|entered|"
    r"visited|submitted)\b"
)
_ONE_OF_THEM = (
    rf"(?:{_RIVAL}|(?:rival|competing|competitor|challenging|second|alternative)\s+(?:vendor|supplier|product|tool|"
    r"platform|bid|offer|"
    rf"provider|option)|(?:vendor|supplier|product|tool|platform|{OPEN}n\d+{CLOSE}|name|provider|company|other\s+\w+|"
    r"people|guys|firm)\s+"
    r"(?:that\s+|who\s+|whom\s+)?(?:(?:we|they|you|us)(?:'re|\s+are|\s+have|'ve)?\s+(?:\w+\s+){0,2}?(?:up\s+against|"
    r"competing\s+with|fighting|"
    r"facing|evaluating|comparing|looking\s+at|considering|weighing|shortlisted|talking\s+to|trialling|testing|"
    r"to\s+beat)|(?:is\s+)?being\s+"
    r"(?:\w+\s+)?(?:weighed|evaluated|compared|considered|looked|trialled|tested|assessed|benchmarked|shortlisted)|"
    r"on\s+(?:the|their|our)\s+"
    r"short-?list|in\s+the\s+(?:running|race|mix)|pitching|circling)|who\s+else\s+(?:they|we|you)(?:'re|"
    r"\s+are)\s+\w+(?:\s+(?:at|to|with))?)"
)
_MORE = (
    r"(?:as\s+well|too|also|alongside\s+(?:you|us)|next\s+to\s+(?:you|us)|besides\s+(?:you|us)|in\s+parallel|"
    r"about\s+the\s+same)"
)
FORMS = (
    *said_to_be(_ONE_OF_THEM, rf"{_N}{_TAIL}", r"(?!'s\b)", r"(?:from\s+|with\s+|called\s+|named\s+)?", 90),
    *said_of(_ONE_OF_THEM, rf"{_N}"),
    (
        r"\b(?:talk\w*|speak\w*|chatting|meeting|negotiating|in\s+touch|in\s+talks|engaged)\s+(?:to|"
        rf"with)\s+{_N}\s+{_MORE}"
        r"(?=.*\b(?:head\s+start|alternative|compar\w+|your\s+offer|decision|pretend|option|vendors?|alongside|"
        r"next\s+to|besides|bid|quote|compet\w+)\b)"
    ),
    (
        rf"\b(?:have|has|had|'ve|got|put|added|placed)\s+{_N}\s+(?:on\s+(?:our|their|the|your)\s+(?:short-?\s?list|"
        r"list|radar|table)|in\s+the\s+(?:mix|race|"
        r"running|evaluation|frame)|under\s+(?:evaluation|consideration|review)|as\s+(?:a\s+|the\s+|"
        r"an\s+)?(?:plan\s+b|backup|second\s+option|alternative))"
    ),
    (
        rf"\b(?:ask(?:ed|ing|s)?|invit\w+|request\w*|solicit\w*|approach\w*|contact\w*)\s+{_N}\s+(?:for|"
        r"to\s+(?:submit|send|give|provide|make|show|run))\s+(?:an?\s+|their\s+)?"
        r"(?:\w+\s+)?(?:bid|proposal|quote|quotation|offer|demo|pitch|trial|presentation|pricing|price|poc)"
        rf"(?!\s+(?:for|on|over|of)\s+(?:\w+\s+)?{OPEN})"
    ),
    (
        rf"\b{_N}\s+(?:is\s+|are\s+)?(?:pitching|bidding|competing|running|lined\s+up|positioned|"
        r"going\s+up)\s+(?:\w+\s+)?(?:against|alongside)\s+(?:us|you)\b"
    ),
    (
        r"\b(?:received|got|getting|has|have|had|sat\s+through|saw|seen|watched|booked|"
        r"requested)\s+(?:an?\s+)?(?:\w+\s+)?(?:quote|quotation|offer|proposal|bid|demo|pitch|"
        rf"presentation|trial|pricing)\s+(?:from|by|of|with)\s+{_N}{_TAIL}"
    ),
    rf"\b{_RIVAL}\b[^.;!?:]{{0,70}}?\s(?:is|are|being|named|called|means)\s+(?:\w+ly\s+|now\s+)?{_N}{_TAIL}",
    rf"\b{_RIVAL}\b[^.;!?]{{0,80}}?(?:[:=]|\bit(?:'s|\s+is)|,\s+(?:namely|called|named))\s+{_N}{_TAIL}",
    (
        rf"\b(?:it(?:'s|\s+is)|that(?:'s|\s+is))\s+{_N}\s+(?:that\s+|who\s+|whom\s+)?(?:we|they|us|"
        r"you)\b[^.;!?]{0,20}?\b(?:beat|against|compet\w+|look\w*|evaluat\w+|compar\w+|fac\w+|consider\w*|weigh\w*)"
    ),
    (
        rf"\b(?:have|has|had|got|invited|brought|let|asked)\s+{_N}\s+(?:in|over|along|on\s+site|round|onsite|pitch|"
        r"present|to\s+(?:pitch|present|demo|bid|quote))\b"
    ),
    (
        rf"\b{_N},?\s+(?:is|has|was|are|have)\b[^.;!?]{{0,40}}?\b(?:{_RIVAL}|other\s+(?:vendor|supplier|option|name|"
        r"product|tool))\b"
    ),
    (
        rf"\b{_RIVAL}s?\b(?:\s*(?:\b(?:is|are|was|now|named|called|like|in|play|the|to|watch|mentioned|being|evaluated|"
        r"on|account|here|this|here's|has|become|becomes?|changed|we|they|they're|face|facing|we're|against|identified|"
        r"as|considered|currently|today|being|looked|at|from|of|such|deal|cycle|update|alert|for|name|new|by|active|"
        r"main|their|our|up|spotted|seen|table|evaluation|under|review|field|there|that|which|openly|other|identified|"
        r"it's|it|comes|bid|cycle|supplier|vendor|(?:as|so)\s+(?:named|told|confirmed|"
        rf"mentioned)\s+by\s+(?:\w+\s+){1, 4}?(?=[:,]))\b|[:=>\"'\u2192(\u2013\u2014,-]))+\s*{_N}{_TAIL}"
    ),
    rf"\b{_N},?\s+(?:also\s+|now\s+|reportedly\s+|just\s+|again\s+|recently\s+)*(?:{_DOES})",
    (
        rf"\b(?:{_LOOK})\s+(?:an?\s+|the\s+|using\s+|out\s+)?(?:(?:tool|platform|product|offer|offering|proposal|"
        r"system|"
        r"vendor|solution|rival|competitor|alternative|demo|supplier|software|app|service)\s+(?:(?:from|of|by|called|"
        rf"named)\s+)?)?{_N}{_TAIL}"
    ),
    (
        r"\b(?:rfp|tender|short-?list|evaluation|bake-?off|pilot|trial|poc|comparison|"
        r"demo)\b[^.;!?]{0,40}?\b(?:includes?|including|lists?|names?|with|has|of|between\s+us\s+and|against|"
        rf"features?|also|is|from|for|at|by)\s+(?:an?\s+)?{_N}{_TAIL}"
    ),
    rf"\b{_N}\s*[,(\u2014-]\s*(?:an?|the|their|our)\s+(?:\w+\s+){{0,3}}?{_RIVAL}\b",
    rf"\b(?:us\s+(?:vs\.?|versus|against|or|and)|versus|vs\.?)\s+{_N}{_TAIL}",
)
NO_RIVAL = (
    r"^(?:Mr|Mrs|Ms|Dr|Noted|Agreed|Minutes|Well|Yeah|Yes|Right|Okay|Said|Sentiment|Mood|Plan|Health|Goal|Renewal|"
    r"Seats|Rollout|"
    r"You|Your|We|Our|Us|I|The|A|An|It|This|That|They|Their|He|She|Monday|Tuesday|Wednesday|Thursday|Friday|"
    r"Saturday|Sunday|Support|Sales|Finance|Legal|IT|HR|Procurement|"
    r"Business|Enterprise|Pro|Premium|Standard|Basic|Starter|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|SSO|API|CSM|QBR|EBR|RFP|ROI|Q[1-4]|None|No|Nobody|"
    r"Nothing|Customer|Account|Team|Competitor|Product|Engineering|Marketing|Operations|Security|Data|Excel|Slack|"
    r"Teams|Zoom|Outlook|Salesforce|"
    r"Legal|Board|CFO|CEO|CTO|COO|CIO|VP|Europe|Asia|DACH|EMEA|APAC|UK|US|USA|EU|If|When|What|Who|Where|Why|How|And|"
    r"But|So|As|At|In|On|To|For|From|By|With|Also|Then|Now|Not|"
    r"New|Old|Next|Last|First|Second|One|Two|Some|Any|All|Both|Everyone|Someone|Heard|Learned|Turns|Looks|Seems|"
    r"Competition|Vendor|Update|Call|Meeting|Note|Notes|Good|Great)\b"
)
