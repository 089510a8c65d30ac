"""German phrases of promising, having done, denying and asking. Data only."""

from __future__ import annotations

from fleet_runtime.guarding.phrases import Phrases

_OURS = (
    r"(?:(?:unser|unsere|das|die|der|mein|meine|ein|eine|einer\s+unserer)\s+(?:[\w-]+\s+)?[\w-]*(?:team|support"
    r"|technik|entwicklung|entwickler"
    r"|vertrieb|chef|chefin|vorgesetzte[rn]?|gesch\u00e4ftsf\u00fchrung|produktion|leute|juristen|anw\u00e4lte"
    r"|finanzen|kollegen|kollegin|kollege|produktteam|rechtsabteilung|buchhaltung|abteilung|ingenieure|manager"
    r"|leitung|techniker\w*|mitarbeiter\w*|expert\w+|spezialist\w*|berater\w*)|jemand)"
)
_WE = rf"(?:ich|wir|{_OURS})"
_PARTICIPLE = (
    r"(?P<verb>\w*ge\w{2,}(?:t|en|an)|\w{2,}iert|(?:be|ver|er|ent|\u00fcber|unter|hinter)\w{3,}(?:t"
    r"|en)|[a-z\u00e4\u00f6\u00fc]+ge\w+)"
)
_FINISHED = (
    r"(?P<verb>gesendet|geschickt|verschickt|versendet|versandt|gebucht|behoben|gel\u00f6st|repariert"
    r"|korrigiert|eskaliert|weitergeleitet"
    r"|weitergegeben|\u00fcbergeben|freigegeben|ausgeliefert|ausgerollt|umgesetzt|implementiert|genehmigt"
    r"|erstattet|gutgeschrieben"
    r"|erlassen|vermerkt|notiert|aktualisiert|er\u00f6ffnet|best\u00e4tigt|abgeschlossen|informiert"
    r"|benachrichtigt|kontaktiert"
    r"|hinzugef\u00fcgt|hochgestuft|storniert|verl\u00e4ngert|aktiviert|freigeschaltet|erledigt|eingerichtet"
    r"|angepasst|ge\u00e4ndert"
    r"|\u00fcberwiesen|terminiert|angelegt|erstellt|gel\u00f6scht|zur\u00fcckgesetzt|hinterlegt|gepr\u00fcft"
    r"|veranlasst|eingeplant|ver\u00f6ffentlicht)"
)
_PRESENT = (
    r"(?P<verb>leiten?|senden?|schicken?|k\u00fcmmern?|melden?|erstellen?|pr\u00fcfen?|kl\u00e4ren?|geben?"
    r"|informieren?|liefern?|bauen?|beheben?"
    r"|erstatten?|gew\u00e4hren?|reduzieren?|senken?|verl\u00e4ngern?|schreiben?|rufen?|veranlassen?"
    r"|organisieren?|buchen?|reichen?"
    r"|\u00fcbernehmen?|bringen?|aktivieren?|schalten?|stornieren?|erlassen?|erg\u00e4nzen?|notieren?"
    r"|vermerken?|hinterlegen?|richten?|sorgen?"
    r"|stellen?|eskalieren?|planen?|entwickeln?|implementieren?|ver\u00f6ffentlichen?|bereiten?|kontaktieren?"
    r"|benachrichtigen?|arbeiten?)"
)
_MONEY = (
    r"(?:rabatt|nachlass|preisnachlass|gutschrift|erstattung|r\u00fcckerstattung|sonderpreis"
    r"|sonderkondition\w*|skonto|kulanz\w*|freimonate?|gratismonate?)"
)

PHRASES = Phrases(
    promises=(
        rf"\b{_WE}\s+(?:werde|werden|wird)\b(?P<rest>[^,;]*?\b(?P<verb>\w+(?:en|ern|eln))(?=\s*(?:[.!,;)]|$|und\b)))",
        rf"\b(?:werde|werden|wird)\s+{_WE}\b[^,;]*?\b(?P<verb>\w+(?:en|ern|eln))(?=\s*(?:[.!,;)]|$|und\b))",
        rf"(?:^|[\s(]){_WE}\s+(?:\w+\s+)?{_PRESENT}\b(?!\s+(?:fest|fest,))",
        (
            rf"\b{_OURS}\s+(?P<verb>meldet(?=\s+sich)|ruft|schickt|sendet|pr\u00fcft|behebt|kl\u00e4rt|\u00fcbernimmt|liefert|bearbeitet|erledigt"
            r"|kommt|schreibt|bringt|richtet|erstellt|l\u00f6st|repariert)\b"
        ),
        rf"\b{_PRESENT}\s+{_WE}\b(?!\s+(?:\w+\s+){{0,2}}(?:zur\u00fcck|recht)\b)",
        r"\bSie\s+(?:werden\s+)?(?:\w+\s+)*?(?:erhalten|bekommen|h\u00f6ren\s+(?:von|bald|in))\b",
        (
            r"\b(?:erhalten|bekommen)\s+Sie\s+(?:als|daf\u00fcr|zum|einen?\s+monat)\b"
            r"|\b(?:erhalten|bekommen|haben)\s+Sie\s+(?:bis|am|in|innerhalb|den|die|das|eine?n?|heute|morgen"
            r"|n\u00e4chste|umgehend|bald|unser)\b"
        ),
        (
            r"\b(?:es|das|dies|die|der|\w+)\s+(?:wird|werden)\b[^,;]*\b(?:verf\u00fcgbar|fertig|geliefert|behoben"
            r"|gel\u00f6st|bereitgestellt|erstattet"
            r"|freigeschaltet|umgesetzt|gutgeschrieben|ver\u00f6ffentlicht|live|m\u00f6glich|enthalten|ausgerollt"
            r"|erledigt|funktionieren|kommen|kosten)\b"
        ),
        (
            r"\binnerhalb\s+(?:von\s+|der\s+n\u00e4chsten\s+|eine[rs]\s+|weniger\s+)?\w+\s*(?:minuten?|stunden?"
            r"|tage?n?|wochen?|werktage?n?|arbeitstage?n?)"
            r"|\bbinnen\b|\bin\s+(?:wenigen|den\s+n\u00e4chsten)\s+(?:minuten|stunden|tagen|wochen)\b|\bumgehend\b"
            r"|\bunverz\u00fcglich\b|\bschnellstm\u00f6glich\b"
        ),
        (
            r"\b(?:kommt|erscheint|folgt|startet|geht)\s+(?:im|in|mit|am|ab|bis|n\u00e4chste\w*|bald|noch"
            r"|sp\u00e4testens)\b(?!\s+(?:um|an\b))"
        ),
        r"\bkommen?\s+(?:wir\s+|ich\s+)?Ihnen\b[^,;]*\bentgegen\b|\bbis\s+\w+\s+ist\s+(?:alles|das|es)\b",
        (
            r"\bist\s+(?:schon\s+)?unterwegs\b|\bk\u00fcmmere\s+mich\b|\bk\u00fcmmern\s+uns\b"
            r"|\blassen\s+Sie\s+(?:das|es)\s+(?:meine|unsere)\b"
        ),
    ),
    firm=(
        (
            r"\bgarantier\w*|\bgarantie\b|\b(?:ich|wir)\s+(?:versprech\w*|verspreche|sichern?\s.*\bzu"
            r"|sagen?\s.*\bzu)\b|\bverspreche\s+ich\b"
            r"|\bversprochen\s+ist\b|\bverlassen\s+Sie\s+sich\b|\bdarauf\s+verlassen\b|\bmein\s+wort\b"
            r"|\bwir\s+versprechen\b"
        ),
        (
            r"\b(?:geht|gehen)\s+auf\s+(?:uns|unsere\s+(?:kosten|rechnung|kappe)|das\s+haus)\b|\b(?:geb\u00fchr\w*|kosten|preis\w*)\b[^,;]*\b(?:entf\u00e4llt"
            r"|entfallen|gestrichen)\b|\bschenken\s+wir\b|\bstreichen\s+wir\b|\bdie\s+kosten\s+(?:tragen|\u00fcbernehmen)\s+wir\b"
            r"|\bkostenlos\w*|\bkostenfrei\w*|\bgratis\b|\bohne\s+(?:aufpreis|mehrkosten|zusatzkosten"
            r"|zus\u00e4tzliche\s+kosten|aufschlag|berechnung)\b|\bumsonst\b"
        ),
        (
            rf"\b{_MONEY}\s+(?:von|\u00fcber|in\s+h\u00f6he)\b|\b(?:k\u00f6nnen?|k\u00f6nnten?|d\u00fcrfen?"
            rf"|w\u00fcrden?)\s+(?:ich|wir)\b[^,;]*\b(?:anbieten|gew\u00e4hren|erlassen"
            r"|senken|reduzieren|erstatten|einr\u00e4umen|gutschreiben|entgegenkommen|nachlassen|schenken|zusagen"
            r"|zusichern)\b"
        ),
        (
            rf"\b(?:ich|wir)\s+(?:k\u00f6nnen?|k\u00f6nnten?|kann|w\u00fcrden?|d\u00fcrfen?)\b[^,;]*\b(?:anbieten"
            rf"|gew\u00e4hren|erlassen|senken|reduzieren|erstatten"
            rf"|einr\u00e4umen|gutschreiben|entgegenkommen|nachlassen|schenken|zusagen|zusichern|{_MONEY})\b"
        ),
        (
            rf"\b(?:bieten?|gew\u00e4hren?|r\u00e4umen?|geben?|schenken?)\s+(?:wir|ich|Ihnen)\b[^,;]*\b{_MONEY}"
            rf"|\b(?:wir|ich)\s+(?:bieten?|gew\u00e4hren?|r\u00e4umen?"
            rf"|schenken?|schreiben?\s[^,;]*\bgut|erlassen?|erstatten?|verzichten?)\b"
        ),
        (
            r"\b(?:auf|in)\s+(?:unserer|der|unsere|die)\s+(?:produkt)?-?roadmap\b|\bin\s+(?:der\s+)?(?:entwicklung"
            r"|planung|arbeit|vorbereitung)\b"
            r"|\bin\s+k\u00fcrze\b|\bdemn\u00e4chst\b|\bbald\s+(?:verf\u00fcgbar|da|live|bereit)\b|"
            r"\bgeplant\s+f\u00fcr\b|\bf\u00fcr\s+[^,;]*\bgeplant\b|\bn\u00e4chste[nrsm]?\s+(?:release|version"
            r"|update)\b|\bzeitnah\b"
        ),
        (
            r"\b(?:wir|ich)\s+haften?\b|\bhaftung\s+\u00fcbern\w*|\b(?:jederzeit|fristlos"
            r"|vorzeitig)\s+k\u00fcndigen\b|\bsonderk\u00fcndigungsrecht\b|\brechtlich\s+(?:bindend|verbindlich"
            r"|zul\u00e4ssig)\b"
            r"|\bverf\u00fcgbarkeit\s+von\b|\breaktionszeit\s+von\b|\bsla\b|\bvertragsstrafe\b|\bpreis\s+bleibt\b"
            r"|\bpreise\s+bleiben\b|\bpreisgarantie\b|\bverl\u00e4ngert\s+sich\s+(?:\w+\s+){0,3}automatisch\b"
        ),
        (
            r"\b(?P<even_denied>(?:nicht\s+(?:wieder|noch\s+einmal|mehr)\s+(?:vorkommen|passieren)|kommt\s+nicht\s+wieder\s+vor)|kein(?:en)?\s+(?:cent|aufpreis)|kostet\s+Sie\s+nichts|nichts\s+extra"
            r"|ohne\s+jede\s+geb\u00fchr)\b"
        ),
        (
            r"\bkurz\s+vor\s+(?:der|dem)\s+(?:fertigstellung|abschluss|ver\u00f6ffentlichung|start|launch)\b"
            r"|\banspruch\s+auf\b|\bsteht\s+Ihnen\s+zu\b|\bim\s+preis\s+(?:enthalten|inbegriffen)\b"
            r"|\brechnen\s+Sie\s+mit\b|\bSie\s+k\u00f6nnen\s+(?:fest\s+)?mit\b[^,;]*\brechnen\b"
            r"|\bsollten?\b[^,;]*\b(?:behoben|fertig|gel\u00f6st|verf\u00fcgbar|erledigt)\s+sein\b|\bauf\s+kulanz\b"
            r"|\bvom\s+tisch\b|\b(?:wir|ich)\s+(?:planen|beabsichtigen|haben\s+vor)\b"
        ),
        (
            r"\b(?:ja|klar|nat\u00fcrlich|selbstverst\u00e4ndlich|gerne)[,.!]?\s+(?:das|es|wir|ich)\s+(?:geht"
            r"|ist\s+m\u00f6glich|machen|k\u00f6nnen|kann|bekommen)\b"
        ),
    ),
    deeds=(
        (
            rf"\b(?P<mine>(?:ich|wir)\s+(?:habe?|haben|hatte|hatten)|(?:habe?|haben)\s+(?:ich"
            rf"|wir))\b[^,;]*?\b{_PARTICIPLE}(?=\s*(?:[.!,;)\u2013-]|$|und\b))"
        ),
        rf"\b(?:{_OURS}\s+(?:hat|haben)|(?:hat|haben)\s+{_OURS})\b[^,;]*?\b{_PARTICIPLE}(?=\s*(?:[.!,;)]|$|und\b))",
        rf"\b(?:wurden?|sind|ist|bereits|worden)\b[^,;]*?\b{_FINISHED}\b",
        rf"\bwurden?\b[^,;]*?\b{_PARTICIPLE}(?=\s*(?:[.!,;)]|$|und\b))",
        (
            rf"\b{_OURS}\s+(?:hat|haben)\s+(?:\w+\s+)?(?P<sent>auf\s+dem\s+schirm)|\b{_OURS}\s+(?:ist|sind)\s+(?:\w+\s+)?(?P<verb>dran|dabei|am\s+ball|informiert|im\s+bilde)\b"
            rf"|\b(?:ich|wir)\s+(?:bin|sind)\s+(?:\w+\s+)?(?P<verb_2>dran|am\s+ball)\b"
        ),
        rf"\b{_OURS}\s+(?:(?P<verb>k\u00fcmmert|k\u00fcmmern)\s+sich|arbeitet\s+(?:\w+\s+)?(?:daran|an))\b",
        (
            r"\bist\s+(?:\w+\s+){0,2}?(?P<verb>fertig|erledigt|live|einsatzbereit|behoben|gel\u00f6st)\b"
            r"|\b(?P<sent>im\s+anhang\s+(?:finden|ist|sende)|anbei\b|beigef\u00fcgt)"
        ),
        (
            r"\b(?P<mine>wir|ich)\s+(?P<verb>arbeiten|arbeite)\s+(?:\w+\s+)?(?:daran|an)\b"
            r"|\b(?P<verb_2>in\s+bearbeitung|in\s+pr\u00fcfung)\b"
        ),
    ),
    product=(
        r"\bSie\s+k\u00f6nnen\b[^,;]*\b(?:exportieren|importieren|verbinden|aktivieren|konfigurieren"
        r"|automatisieren|herunterladen|integrieren|anbinden|synchronisieren)\b|"
        r"\b(?:unser|unsere|das|die)\s+(?:tool|produkt|software|plattform|app|system|l\u00f6sung"
        r"|dienst)\s+(?:kann|unterst\u00fctzt|bietet|enth\u00e4lt|integriert"
        r"|erm\u00f6glicht|erlaubt|beinhaltet|umfasst|verf\u00fcgt|l\u00e4sst\s+sich)\b"
    ),
    denies=(
        r"\b(?:nicht(?!\s+nur)|kein\w*(?!\s+(?:problem|sorge))|nie(?:mals)?|niemand\w*|weder|nichts"
        r"|noch\s+offen|unklar)\b"
    ),
    denies_late=True,
    attributes=(
        r"\b(?:Sie|Ihr(?:e|em|en)?\s+(?:team|kollegen|kollegin|kollege|leitung"
        r"|chef))\s+(?:\w+\s+){0,3}?(?:m\u00f6chten|w\u00fcnschen|wollen|fragen|fragten|baten|brauchen"
        r"|ben\u00f6tigen|erwarten|schreiben"
        r"|schrieben|sagten|erw\u00e4hnten|w\u00fcnschten|erhofften|hoffen|meinen)\b|\b(?:m\u00f6chten"
        r"|w\u00fcnschen|wollen|fragen|brauchen|ben\u00f6tigen|erwarten|erw\u00e4hnten|sagten|schrieben)\s+Sie\b"
        r"|\bSie\s+haben\s+(?:\w+\s+)*?(?:gefragt|gebeten|erw\u00e4hnt|gesagt|geschrieben|gew\u00fcnscht"
        r"|berichtet)\b|\bob\b"
        r"|\bIhr(?:e|en|er|em)?\s+(?:wunsch|frage|bitte|anfrage|idee)\s*,?\s+(?:nach|ob|zu|zum|zur|dass)\b"
        r"|\blaut\b|\bgem\u00e4\u00df\b"
    ),
    offers=(
        r"\b(?:wenn|falls|sofern|sobald)\s+(?:Sie|das|dies|es|gew\u00fcnscht)\b|\bauf\s+wunsch\b"
        r"|\b(?:gerne?\s+kann|k\u00f6nnen?|k\u00f6nnten?|kann|k\u00f6nnte)\s+(?:ich|wir)\b"
        r"|\b(?:ich|wir)\s+(?:k\u00f6nnen?|k\u00f6nnten?|kann|w\u00fcrden?)\b|\bm\u00f6chten\s+Sie\b"
        r"|\bsoll(?:en)?\s+(?:ich|wir)\b"
    ),
    asks=r"\b(?:was|wann|wer|wie|wo|warum|welche\w*|wof\u00fcr|woran|womit|soll\w*|m\u00f6chten|k\u00f6nnen"
    r"|k\u00f6nnten|d\u00fcrfen|darf|haben|hat|ist|sind|passt|w\u00e4re|w\u00fcrden|gibt|geht|wollen"
    r"|brauchen|kann|meinen|sehen|war|hilft|stimmt|reicht)\b",
    as_agreed=r"\bwie\s+(?:\w+\s+)?(?:zugesagt|versprochen|vereinbart|besprochen|angek\u00fcndigt)\b"
    r"|\b(?:zugesagte|vereinbarte|versprochene)\w*\b",
    verbs={
        "stell": "contact",
        "weiterleite": "pass",
        "weitergeleit": "pass",
        "weitergeb": "pass",
        "weitergereich": "pass",
        "weiterreich": "pass",
        "weitergegeb": "pass",
        "\u00fcbergeb": "pass",
        "leite": "pass",
        "eskalier": "escalate",
        "gemeldet": "pass",
        "melde": "contact",
        "gesendet": "send",
        "sende": "send",
        "geschickt": "send",
        "schick": "send",
        "verschickt": "send",
        "versandt": "send",
        "versend": "send",
        "zugesandt": "send",
        "\u00fcbersand": "send",
        "gemailt": "send",
        "notier": "note",
        "vermerk": "note",
        "vorgemerkt": "create",
        "festgehalten": "note",
        "aufgenommen": "note",
        "hinterleg": "note",
        "dokumentier": "note",
        "gespeichert": "note",
        "eingetragen": "note",
        "gebucht": "book",
        "buch": "book",
        "terminier": "book",
        "eingeplant": "book",
        "vereinbart": "arrange",
        "organisier": "arrange",
        "behoben": "fix",
        "beheb": "fix",
        "gel\u00f6st": "fix",
        "l\u00f6s": "fix",
        "repar": "fix",
        "korrig": "fix",
        "informier": "inform",
        "benachrichtig": "inform",
        "kontaktier": "contact",
        "gesprochen": "speak",
        "angerufen": "call",
        "gefragt": "ask",
        "nachgefragt": "ask",
        "gebeten": "ask",
        "gepr\u00fcft": "check",
        "pr\u00fcf": "check",
        "\u00fcberpr\u00fcf": "check",
        "angesehen": "check",
        "nachgesehen": "check",
        "nachgeschaut": "check",
        "kl\u00e4r": "check",
        "er\u00f6ffn": "open",
        "angelegt": "open",
        "erstell": "create",
        "ge\u00e4ndert": "change",
        "\u00e4nder": "change",
        "angepasst": "change",
        "aktualisier": "update",
        "aktivier": "enable",
        "freigeschaltet": "enable",
        "freigegeb": "approve",
        "genehmig": "approve",
        "erstatt": "refund",
        "gutgeschrieb": "credit",
        "erlass": "waive",
        "storn": "cancel",
        "gek\u00fcndigt": "cancel",
        "verl\u00e4nger": "extend",
        "hinzugef\u00fcg": "add",
        "erg\u00e4nz": "add",
        "ausgerollt": "deploy",
        "ausgeliefert": "ship",
        "entwickel": "build",
        "gebaut": "build",
        "bau": "build",
        "implementier": "implement",
        "umgesetzt": "implement",
        "vorbereit": "prepare",
        "zur\u00fcckgesetzt": "reset",
        "gel\u00f6scht": "remove",
        "verschoben": "change",
        "eingerichtet": "set",
        "veranlasst": "arrange",
        "best\u00e4tigt": "confirm",
        "unterschrieb": "sign",
        "zugewiesen": "assign",
        "er\u00f6rter": "speak",
        "besprochen": "speak",
        "verlegt": "change",
        "im anhang": "attach",
        "anbei": "attach",
        "beigef\u00fcgt": "attach",
    },
    idle=(
        "zugesagt",
        "versprochen",
        "gesehen",
        "verstanden",
        "geh\u00f6rt",
        "gelesen",
        "bekommen",
        "erhalten",
        "gefreut",
        "gedacht",
        "gehofft",
        "gefunden",
        "erfahren",
        "genannt",
        "erw\u00e4hnt",
        "gelernt",
        "gesagt",
        "gemerkt",
        "bleiben",
        "sein",
        "sehen",
        "freuen",
        "haben",
        "hoffen",
        "vermisst",
        "gewusst",
        "vergessen",
        "gehabt",
        "gewesen",
        "begonnen",
        "beschrieben",
        "geschrieben",
        "geschildert",
        "gemacht",
        "verstehen",
        "vereinbart",
    ),
    leaks=(
        r"\bmeine[nrms]?\s+(?:anweisung\w*|instruktion\w*|vorgaben|richtlinien|regeln|programmierung"
        r"|systemprompt|rollenbeschreibung|prompt|vorgabe)\b"
        r"|\bals\s+(?:KI|sprachmodell|k\u00fcnstliche|chatbot|virtueller?|assistent)\b"
        r"|\bich\s+(?:wurde|bin)\s+(?:angewiesen|programmiert|instruiert)\b|\bsystem-?prompt\b|\bsprachmodell\b"
    ),
)
