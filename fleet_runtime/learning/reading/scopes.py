"""The forms in which a plan and the reach of a rollout are said. Data for `wordings`."""

from __future__ import annotations

from fleet_runtime.learning.reading.passages import OPEN
from fleet_runtime.learning.reading.sayings import ASIDE, said_of, said_to_be

_NAMES = (
    "business|enterprise|pro|professional|starter|basic|team|teams|growth|premium|standard|free|plus|essentials?|"
    "scale|ultimate"
)
_PLAN = (
    r"(?P<v>(?!(?:the|their|our|a|an|this|that|your|its|new|in|on|to|for|plan|subscription|"
    rf"which)\s)(?-i:[A-Z][\w+&-]*(?:\s(?!Plan|Tier|Edition|Package)[A-Z][\w+-]*)?)|(?:{_NAMES})\b)"
)
_KIND = (
    r"(?:plan|tier|edition|package|subscription|bundle|sku|licen[cs]e\s+(?:tier|level|type)|product\s+tier|"
    r"service\s+level|offering|contract\s+type)(?![\s-]+(?:owner|lead|leader|manager|call|meeting|review|template|"
    r"document|doc|deck|page)\b)"
)
_GO = (
    r"(?:upgrad\w+|downgrad\w+|mov(?:e|ed|es|ing)|switch\w*|migrat\w+|stepp?\w*|bump\w*|jump\w*|dropp?\w*|went|gone|"
    r"goes|going|"
    r"convert\w*|trad(?:ed|ing)|transition\w*|chang\w+|signed|settl\w+|land\w+|put|opt\w*|standardi[sz]\w+|shift\w*|"
    r"slid|"
    r"crossed|gradu?at\w+|promot\w+|scal\w+|mov\w+|slipp\w+|elevat\w+|flipped|re-?signed|ren\w+|transferr\w+|upsold|"
    r"sold|"
    r"purchas\w+|bought|chose\w*|picked|subscrib\w+|runs?|running|sits?|sitting|are|is|'re|'s|we're|they're|stay\w*|"
    r"remain\w*|been|be|now|work\w*|back|account|customer)"
)
_OLD_NAME = r"(?:(?:the\s+|our\s+|their\s+)?(?-i:[A-Z])[\w+-]*|\w+)"
_LINK = (
    r"(?:\s*(?:\b(?:is|are|was|reads|says|shows|becomes?|became|chang(?:es|ed)|mov(?:es|ed)|switch(?:es|ed)|goes|"
    r"went|now|set|"
    r"upgraded|downgraded|called|named|to|at|should|be|been|has|will|currently|today|officially|level|name|on|in|"
    r"file|use|"
    r"they're|they|we're|we|are|account|customer|of|record|the|contract|as|which|that|this|from\s+"
    + _OLD_NAME
    + r")\b|[:=>\"'\u201c\u2018\u2192-]))+\s*"
)
PLAN_HINT = (
    rf"\bon\s+(?-i:[A-Z])|\b{_KIND}s?\b|\b(?:upgrad\w+|downgrad\w+)|\b{_GO}\b[^.;]{{0,50}}\b(?:to|on|onto|for|into)\b"
)
_ONE = (
    r"(?P<v>(?!(?:The|Their|Our|A|An|This|That|It|What|Not)\s)(?-i:[A-Z][\w+&-]*(?:\s(?!Plan|Tier|Edition|"
    r"Package)[A-Z][\w+-]*)?))"
)
_ONE_END = r"(?=\s*(?:$|[,.;:!?()\u2014\u2013-]|(?-i:[a-z])))"
_MATTER = (
    rf"(?<!success\s)(?<!action\s)(?<!account\s)(?<!project\s)(?<!adoption\s)(?<!training\s){_KIND}"
    r"(?![\s-]+(?:owner|lead|leader|manager|team|call|meeting|review|template|document|page|doc|deck|date|b|a)\b)"
)
PLAN_FORMS = (
    *said_of(_MATTER, _ONE, r"(?:^|[;:,]\s)(?:\W*(?:so|well|right|ok|okay|yes|noted|agreed)\b\W*)*"),
    *said_to_be(_MATTER, _ONE, _ONE_END, r"(?:the\s+|our\s+|called\s+|named\s+|on\s+)?"),
    (
        r"\b(?:signed|gone|went|going|go|opted|settled|plumped|paid|pays|paying|contracted|"
        rf"asked)\s+(?:up\s+)?(?:for|with|on)\s+{_ONE}"
        rf"(?=[^;?]{{0,60}}\b{_KIND}\b)"
    ),
    rf"\b{_KIND}\b[^;?]{{0,40}}?[.!]\s+(?:it\s+|now\s+)*(?:is|it's|that's)\s+(?:now\s+)?{_ONE}{_ONE_END}",
    (
        r"\b(?:on|to|onto|have|has|got|took|taken|chose|chosen|picked|bought|use|uses|using|run|runs|"
        rf"running)\s+{_ONE},?\s+"
        rf"(?:{_KIND}-wise|as\s+(?:a|the|our|their)\s+{_KIND}|\({_KIND}\))"
    ),
    rf"^\W*(?:now|currently|today|back)\s+on\s+(?:the\s+)?{_PLAN}(?=\W*$|[,.;])",
    (
        rf"^(?=.*\b{_KIND}\b).*?\b{_GO}\b[^.;:]{{0,30}}?\b(?:to|on|onto|into)\s+(?:the\s+|our\s+|"
        rf"their\s+)?(?P<v>(?-i:[A-Z][\w+]*))(?=\s*(?:$|[,.;:()\u2014\u2013-]|(?-i:[a-z])))(?!\s+(?:{_KIND})\s+(?:to|"
        r"from))"
    ),
    (
        rf"^(?=.*\b{_KIND}\b).*?\b(?P<v>(?-i:[A-Z][\w+]*))\s+(?:is|went|goes|has\s+gone|are)\s+(?:now\s+)?(?:live|"
        r"active|"
        r"in\s+place|effective|switched\s+on|enabled|what\s+they)\b"
    ),
    # from X to Y, with or without the word; the group `o` says that a former value is named beside it
    (
        rf"\b{_GO}\b[^.;]{{0,30}}?\b(?:from|off|out\s+of|left|leaving)\s+(?:the\s+|our\s+|their\s+|"
        r"its\s+)?(?P<o>(?-i:[A-Z])[\w+-]*)"
        rf"(?:\s+{_KIND})?,?\s+(?:up\s+|down\s+|over\s+|straight\s+|back\s+|and\s+|in\s+favou?r\s+)*(?:to|onto|into|"
        r"for|"
        rf"of|on)\s+(?:the\s+|our\s+)?{_PLAN}(?!\s+[a-z]+\s+(?:office|team))"
    ),
    (
        r"(?<!from\s)(?<!from\sthe\s)(?<!left\s)(?<!off\s)(?<!not\s)(?<!was\s)(?<!than\s)(?<!than\sthe\s)(?<!of\sthe"
        r"\s)("
        rf"?<!leaving\s)(?<!old\s)\b{_PLAN}[\s-]+{_KIND}\b(?!\s+(?:b|c)\b)"
    ),
    rf"\b{_KIND}\b\s*(?:level\b|name\b)?{_LINK}(?:the\s+|our\s+|a\s+)?{_PLAN}(?=\W|$)",
    rf"\b(?:upgrad|downgrad)\w+\s+(?:\w+\s+){{0,4}}?(?:to|onto|into)\s+(?:the\s+|our\s+)?{_PLAN}(?=\W|$)",
    (
        rf"\b{_PLAN}\s+(?:is|was)\s+(?:now\s+|currently\s+)?(?:the|their|our|its|what)\s+(?:\w+\s+)?(?:{_KIND}|"
        r"they(?:'re|\s+are)\s+(?:on|paying\s+for))\b"
    ),
    (
        r"\b(?:they|them|us|it|we|customer|account|team)(?:'re|'ve|\s+(?:are|is|have|has))?\s+(?:\w+\s+){0,3}?(?:on|"
        r"onto)\s+(?P<v>(?-i:[A-Z][\w+]*))"
        r"(?=\s*(?:now|today|these\s+days|[,.;]|$|\u2014|-|as\s+of|since|from|effective|instead|(?:and|"
        rf"with)\s+{OPEN}))"
    ),
)
NO_PLAN = (
    r"^(?:switched|upgraded|downgraded|moved|renewed|signed|booked|approved|selected|chosen|agreed|noted|checked|asked|"
    r"discussed|sent|shared|reviewed|finance|legal|sales|support|procurement|billing|customer|account|green|red|amber|"
    r"success|project|action|mutual|account|rollout|adoption|training|migration|test|backup|recovery|marketing|"
    r"communications?|launch|renewal|payment|travel|the|our|their|your|this|that|new|old|current|next|a|an|each|every|"
    r"which|what|same|any|no|other|another|annual|yearly|monthly|multi\S*|pricing|price|product|service|higher|lower|"
    r"bigger|smaller|top|it|they|we|he|she|customer|joint|close|implementation|onboarding|work|quarterly|strategic|"
    r"development|health|care|floor|contingency|emergency|holiday|staffing|content|media|data|is|are|was|now|on|to|per|"
    r"subscription|tier|plan|package|edition|licen[cs]e|contract|level|bundle|order|billing|quick|which|confirmed|"
    r"update|updated|changed?|their|its|monday|tuesday|wednesday|thursday|friday|january|february|march|april|"
    r"may|june|july|august|september|october|november|december|effective|correct|correction|free\s+trial|crm|arr|csm)\b"
)

_CAP = r"(?-i:[A-Z][\w&.-]*)"
_AREA = (
    r"(?:(?:all\s+(?:of\s+)?(?:the\s+)?|both\s+|the\s+|every\s+|most\s+of\s+(?:the\s+)?|(?:\w+\s+)?half\s+of\s+|"
    r"parts\s+of\s+|"
    rf"(?:north|south|east|west|central|northern|southern|eastern|western|greater|lower|upper)\w*\s+|{OPEN}n\d+\S\s+|"
    rf"global(?:ly)?|worldwide|company-wide|nationwide|everywhere|head\s*quarters|head\s+office|hq\b|pilot\s+sites?|"
    rf"one\s+\w+|{_CAP})[^;:?!\u2014]*?)"
)
_LISTED = r"(?:the\s+)?(?-i:[A-Z])[\w&.-]*(?:\s+(?-i:[A-Z])[\w&.-]*){0,3}(?:\s+only)?"
_STOP = (
    r"(?=\s*(?:$|[;!?\u2014(]|"
    rf",\s+(?!(?:(?:and|plus|&)\s+)?{_LISTED}(?:,\s+{_LISTED})*(?:\s*(?:$|[.;(])|,?\s+(?:and|plus|&|as\s+well\s+as)\s+"
    rf"{_LISTED}|\s+(?:now|only|as\s+of|from|since)\b))|,\s+{ASIDE}\b|\s(?:as\s+the|as\s+our|as\s+their|down\s+as|"
    r"that\s+(?:we|"
    r"they|the)|for\s+the\s+roll\w*|they're|we're|they've|we've)\b|"
    r",\s+(?:and|but|so|with|which|where|as|while|confirmed|approved|agreed|not|no|the|we|"
    r"they|it|he|she|per|effective|up|down|"
    r"instead|rather|according|since|though|after|from|who|i)\b|\s-\s|\.\s|\s(?:as\s+of|since|effective|starting|"
    r"instead|rather|"
    rf"but|after|so|because|while|where|when|which|following|according|per|according|having|for\s+now|(?:and|with)\s+"
    rf"(?:we|they|it|that|not|the|no|nothing|more|others?)\b|(?:from|by|on|in|until)\s+{OPEN}d|now\b|today\b|"
    r"right\s+now|at\s+the\s+moment|"
    r"at\s+present|currently|is\s+|are\s+|was\s+|has\s+|have\s+|these\s+days|this\s+(?:week|month|quarter)|"
    r"going\s+forward|"
    r"rather\s+than|and\s+nothing|and\s+no\s|for\s+the\s+(?:time|moment)|until\s+(?:further|the))\b))"
)
_ROLL = (
    r"(?:roll(?:ed|ing|s)?[\s-]?(?:(?:it|this|the\s+\w+|us|you|everything)\s+)?out|deploy(?:ment|ed|ing|s)?|"
    r"footprint|coverage|geograph\w+|regional\s+(?:scope|coverage|reach)|"
    r"(?:go-live|rollout|roll-out|deployment|project)\s+(?:scope|regions?|area|perimeter|reach)|"
    r"regions?(?:\s+(?:in\s+scope|live|covered))?|scope|"
    r"territor(?:y|ies)|perimeter|markets?\s+(?:covered|in\s+scope|served)|countr(?:y|ies)\s+(?:covered|in\s+scope)|"
    r"sites\s+in\s+scope|"
    r"(?:went|gone|going|goes|go|are|is|now|been|'re)\s+live|live|in\s+(?:production\s+)?use|in\s+production|"
    r"up\s+and\s+running|launched|footprint|presence|reach)"
)
_LEAD = (
    r"(?:\s*(?:\b(?:is|are|was|were|has|have|had|now|covers?|covering|covered|include[sd]?|including|to|in|into|"
    r"across|for|"
    r"extend(?:s|ed|ing)?|span(?:s|ned)?|limit(?:ed|s)|restrict(?:ed|s)|confin(?:ed|es)|narrow(?:ed|s)|widen(?:ed|s)|"
    r"expand(?:s|ed|ing)?|gr(?:ew|ow|own|ows)|reach(?:es|ed)?|stand(?:s|ing)?|at|on|currently|officially|just|been|"
    r"gone|live|"
    r"mov(?:ed|es)|goes|went|run(?:s|ning)?|be|will|today|scope|set|agreed|as|throughout|over|within|chang(?:ed|es)|"
    r"comprises?|mean(?:s|ing)|reads|out|shr[aiu]nk\w*|scal(?:ed|es)|cut|reduced|trimmed|back|up|down|fixed|of|"
    r"confirmed|approved|agreed|with|by|customer|their|our|you|your|we|they|regional|rollout|takes\s+in|"
    r"right|the\s+(?:product|platform|tool|system|software|rollout|roll-out|scope|project)|it|this|us|them|"
    r"stretch(?:es|ed)|broadened|completed?|"
    r"done|finished|operating|active|available|spread|stays?|remains?|updated|switched|formally|fully|finally|also|"
    r"officially|from\s+\S+(?:\s+(?!to\b)\S+){0,3})\b|[:=>\"'\u2192-]))+\s*"
)
REGION_HINT = (
    rf"\b{_ROLL}\b|\b(?:territor|region|geograph|countr|markets?|deploy|where)\w*|\bcover(?:s|ed|ing|age)\b|"
    r"\bus(?:e[sd]?|ing)\b|\b(?:expand|extend|limit|restrict|confin|narrow|"
    r"widen)\w*"
)
_SCOPE = (
    r"(?:(?:(?:rollout|roll-out|deployment|implementation|programme|program|project|launch|regional|"
    r"geographic(?:al)?)\s+)?(?:scope|"
    r"regions?|territor(?:y|ies)|area|perimeter|footprint|coverage|reach|geograph(?:y|ies)|markets?|countries|sites)|"
    r"(?:regional\s+)?(?:roll-?out|deployment)(?:\s+plan)?|"
    r"where\s+(?:they're|we're|they\s+are|we\s+are|it's\s+being|it\s+is\s+being|the\s+\w+\s+is(?:\s+being)?)\s+"
    r"(?:roll(?:ed|ing)\s+(?:it\s+)?out|deploy(?:ed|ing)|going\s+live|live)|where\s+(?:they|we)\s+(?:go|roll\s+out|"
    r"deploy))"
)
_IN = r"(?:(?:for|in|to|across|at|on|over|throughout|limited\s+to|confined\s+to)\s+)?"
_SURE_AREA = (
    r"(?!(?:with|as|in|for|on|at|if|when|so|well|that|this|it|they|we|here|there|yes|no|right|also|then)\b)"
    rf"(?:(?:all\s+of|all|the|both|whole|most\s+of|rest\s+of|of)\s+)*{_CAP}(?:[^;:?!.,\u2014]|,\s+(?-i:[A-Z]))*?"
)
REGION_FORMS = (
    (
        rf"\b(?:as\s+for|regarding|on|about)\s+(?:the\s+)?{_SCOPE}\b[^.;:!?]{{0,60}}?\b(?:in|to|for|"
        rf"across)\s+(?P<v>{_AREA}){_STOP}"
    ),
    *said_to_be(_SCOPE, rf"(?P<v>{_AREA})", _STOP, _IN),
    *said_of(_SCOPE, rf"(?P<v>{_SURE_AREA})", r"^(?:\W*(?:so|well|right|ok|okay|yes|noted|agreed|minutes)\b\W*)*"),
    rf"\b(?:roll-?out|deployment|go-?live|launch)\s+being\s+{_IN}(?P<v>{_AREA}){_STOP}",
    (
        rf"\bit(?:'s|\s+is)\s+(?P<v>{_AREA})\s+(?:that\s+|where\s+)?(?:we|they|the\s+\w+|customer)(?:'re|\s+are|"
        r"\s+is|\s+will)?\s+(?:be\s+)?"
        r"(?:roll\w*\s+(?:it\s+)?out|deploy\w*|going\s+live|go\s+live|launch\w*|live)"
    ),
    (
        r"\b(?:roll(?:ed|ing|s)?(?:[\s-](?:it|this|us|the\s+\w+))?[\s-]?out|roll-?out|deploy(?:ed|ing|s)?|deployment|"
        r"go(?:es|ing)?\s+live|went\s+"
        r"live|launch(?:ed|ing|es)?|expand(?:ed|ing|s)?|go-live)(?:\s+(?:only|just|goes\s+ahead|is\s+going\s+ahead|"
        r"goes|proceeds|starts|"
        r"begins|happens|takes\s+place|is\s+happening|is\s+on|continues|runs|now|approved|signed\s+off|agreed|"
        r"confirmed|planned|"
        rf"first|the\s+\w+|it|this|us))*\s+(?:in|to|across|throughout|into|for|over)\s+(?P<v>{_AREA}){_STOP}"
    ),
    (
        r"\b(?:scope|roll-?out|territor(?:y|ies)|regions?)\b[^.;!?]{0,40}?[.!]\s+(?:it\s+)?(?:is|are|it's|that's|"
        rf"now)\s+(?:now\s+)?(?P<v>{_AREA}){_STOP}"
    ),
    rf"\b(?:{_ROLL})\b[^.;:!?=]{{0,50}}(?::|=>?|->)\s*(?P<v>{_AREA}){_STOP}",
    rf"\b(?:in|across)\s+(?P<v>{_CAP}[^.;,]*?)\s+(?:is|are|went|has\s+gone|have\s+gone)\s+(?:now\s+|already\s+)?live\b",
    rf"\b(?:{_ROLL})\b(?:\s*\([^)]*\))?{_LEAD}(?P<v>{_AREA}){_STOP}",
    (
        r"\b(?:expand|extend|widen|broaden|narrow|limit|restrict|confin|shr[iau]nk|scal|cut|trim|"
        r"stretch)\w*\s+(?:the\s+|their\s+|our\s+)?"
        r"(?:roll-?out|deployment|scope|footprint|coverage|use|usage|it|programme|program)\s+(?:\w+\s+){0,3}?(?:to|"
        rf"across|into|over)\s+(?P<v>{_AREA}){_STOP}"
    ),
    (
        r"^\W*(?:(?:we|they)(?:'ve|\s+have)?\s+)?(?:expanded|extended|widened|broadened|narrowed|limited|restricted|"
        rf"shrunk|grown|grew|scaled)\s+(?:from\s+[^.;]{{2,40}}?\s+)?to\s+(?P<v>{_AREA}){_STOP}"
    ),
    (
        r"^(?!.*\b(?:plan|tier|package|edition|subscription)\b)(?:\W*(?:we(?:'re|\s+are)|they(?:'re|"
        rf"\s+are))\s+)?(?P<v>{_AREA})\s+(?:is|are|has|have)\s+(?:now\s+|"
        r"currently\s+)?(?:the\s+(?:\w+\s+)?(?:roll-?out|"
        r"deployment|scope|footprint)|live|in\s+scope|covered|rolled\s+out|where\s+(?:they|we|it|the))\b"
    ),
    (
        r"\b(?:we|they|teams?|users|customer)(?:'re|\s+are|\s+is)?\s+(?:now\s+|currently\s+)?(?:using|running|"
        r"work\w*\s+(?:with|in)|us(?:e|es))\s+"
        rf"(?:it|the\s+\w+|this|us|our\s+\w+)\s+(?:in|across|throughout)\s+(?P<v>{_AREA}){_STOP}"
    ),
)
NO_REGION = (
    r"^the\s+(?!.*(?-i:[A-Z]))(?!.*\b(?:regions?|offices?|headquarters|hq|countr|continent|pilot|sites?|plants?|"
    r"coast|states?|"
    r"cit(?:y|ies)|world|hub|branch|stores?|warehouses?|depots?|capital|islands?|provinces?|subsidiar|entit|campus|"
    r"factor)\w*)|"
    r"\b(?:final|last)\s+word\b|^(?:as|with|in|for|on|at|if|when|so|well|right|also|then|noted|agreed|minutes)\b|"
    r"^all\s+(?:good|set|done|clear|fine|right)\b|^(?:the\s+same|one\s+thing|both|all|the|every)$|"
    r"^(?:the\s+whole\s+(?:tenant|team|company|thing)|tenant|the\s+(?:(?-i:[a-z])\w*\s+)?(?:board|team|customer|"
    r"account|call|"
    r"meeting|plan|end|office|users?|project|rollout|new|next|same|"
    r"moment|contract|renewal|quarter|year|week|month|product|tool|platform|training|pilot|first|second|data|date|go|"
    r"old|"
    r"support|champion|sponsor|api|dashboard|sso|integration)\b|monday|tuesday|wednesday|thursday|friday|january|"
    r"february|"
    r"march|april|may|june|july|august|september|october|november|december|we|they|it|i|he|she|q[1-4]|sso|"
    r"one\s+(?:of|more|day|week|month)|our|their)\b"
    rf"|{OPEN}[dm]|\b(?:seats?|licen[cs]es?|users|renewal|champion|sponsor|webinar|training|ticket|app|module|"
    r"feature|version|integration|connector)\b"
)
