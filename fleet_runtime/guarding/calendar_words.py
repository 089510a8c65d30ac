"""How German, French and Spanish write the parts of a date, as pieces of patterns. Data only."""

from __future__ import annotations

from collections.abc import Mapping

MONTH_NAMES = (
    "januar|jan\\.|j\u00e4nner|janvier|janv\\.|enero",
    "februar|feb\\.|f\u00e9vrier|f\u00e9vr\\.|febrero",
    "m\u00e4rz|mrz\\.|mars|marzo",
    "april|apr\\.|avril|avr\\.|abril",
    "mai|mayo",
    "juni|juin|junio",
    "juli|juillet|juil\\.|julio",
    "august|aug\\.|ao\u00fbt|aout|agosto",
    "september|sept\\.|septembre|septiembre|setiembre",
    "oktober|okt\\.|octobre|oct\\.|octubre",
    "november|nov\\.|novembre|noviembre",
    "dezember|dez\\.|d\u00e9cembre|d\u00e9c\\.|diciembre",
)
DAYS = (
    ("Monday", "montags?|lundi|lunes"),
    ("Tuesday", "dienstags?|mardi|martes"),
    ("Wednesday", "mittwochs?|mercredi|mi\u00e9rcoles"),
    ("Thursday", "donnerstags?|jeudi|jueves"),
    ("Friday", "freitags?|vendredi|viernes"),
    ("Saturday", "samstags?|sonnabends?|samedi|s\u00e1bado"),
    ("Sunday", "sonntags?|dimanche|domingo"),
)
UNITS: Mapping[str, str] = {
    "day": "tage?n?|jours?|d\u00edas?",
    "week": "wochen?|semaines?|semanas?",
    "month": "monate?n?|mois|mes(?:es)?",
    "quarter": "quartale?n?|trimestres?",
    "year": "jahre?n?|ans?|ann\u00e9es?|a\u00f1os?",
}
EDGES: Mapping[str, str] = {
    "end of ": "ende|fin|finales?|fines",
    "start of ": "anfang|d\u00e9but|principios?|comienzos?|inicios?",
    "mid ": "mitte|mi|mediados",
}
EDGE = (
    rf"(?:(?:(?:\u00e0\s+la|la|a)\s+)?(?P<edge>{'|'.join(EDGES.values())})(?:\s+|-)(?:(?:des?|du|d'|del"
    rf"|vom)\s+)?(?:(?:l'|la\s+|el\s+|le\s+))?)?"
)
MONTH = rf"(?P<month>{'|'.join(MONTH_NAMES)})"
YEAR = r"(?:\s+(?:de\s+|del\s+)?(?P<year>(?:19|20)\d{2}))?"
DAY = rf"(?P<weekday>{'|'.join(names for _, names in DAYS)})"
UNIT = rf"(?P<unit>{'|'.join(UNITS.values())})"
COUNT = (
    r"(?P<count>\d{1,3}|ein(?:e[mnrs]?)?|zwei|drei|vier|f\u00fcnf|sechs|sieben|acht|neun|zehn|zw\u00f6lf"
    r"|vierzehn|une?|deux|trois"
    r"|quatre|cinq|sept|huit|dix|douze|quinze|una?|dos|tres|cuatro|cinco|seis|siete|ocho|diez|quince)"
)
ABOUT = (
    r"(?:(?:etwa|rund|ca\.|ungef\u00e4hr|knapp|environ|unos|unas|aproximadamente|les|los|pr\u00f3ximos"
    r"|pr\u00f3ximas|den|n\u00e4chsten|prochaine?s|las|spätestens)\s+)*"
)
ORDINALS = (
    "ersten?|erstes|1\\.|premier|1er|primer",
    "zweiten?|zweites|2\\.|deuxi\u00e8me|2e|2\u00e8me|segundo|2\u00ba|2\\.\u00ba",
    "dritten?|drittes|3\\.|troisi\u00e8me|3e|3\u00e8me|tercer|3\u00ba",
    "vierten?|viertes|4\\.|quatri\u00e8me|4e|4\u00e8me|cuarto|4\u00ba",
)
NEXT = r"(?:n\u00e4chste[nmrs]?|kommende[nmrs]?)"
LAST = r"(?:letzte[nmrs]?|vergangene[nmrs]?|vorige[nmrs]?)"
THIS = r"(?:diese[nmrs]?)"
PERIODS: tuple[tuple[str, str], ...] = (
    ("next", rf"{NEXT}\s+{UNIT}"),
    ("last", rf"{LAST}\s+{UNIT}"),
    ("this", rf"{THIS}\s+{UNIT}"),
    ("next", rf"(?:la|le|l')\s*{UNIT}\s+(?:prochaine?|qui\s+vient|suivante?)"),
    ("last", rf"(?:la|le|l')\s*{UNIT}\s+(?:derni\u00e8re?|dernier|pass\u00e9e?)"),
    ("this", rf"(?:cette|ce|cet)\s+{UNIT}"),
    ("next", rf"(?:la|el)\s+{UNIT}\s+(?:que\s+viene|pr\u00f3xim[oa])"),
    ("next", rf"(?:la|el)?\s*pr\u00f3xim[oa]\s+{UNIT}"),
    ("last", rf"(?:la|el)\s+{UNIT}\s+pasad[oa]"),
    ("this", rf"est[ea]\s+{UNIT}"),
)
DAY_WORDS: tuple[tuple[str, str], ...] = (
    ("the day after tomorrow", "\u00fcbermorgen|apr\u00e8s-demain|pasado\\s+ma\u00f1ana"),
    ("the day before yesterday", "vorgestern|avant-hier|anteayer"),
    ("today", "heute|aujourd['\u2019]hui|hoy"),
    (
        "tomorrow",
        (
            r"(?<!guten )(?<!guten, )(?<!am )(?<!Guten )(?-i:morgen|Morgen(?=\s+(?:fr\u00fch|um|kommt|ist|wird|habe"
            r"|bekommen|erhalten)))"
            r"|demain|(?<!la )(?<!esta )(?<!buena )(?<!pasado )ma\u00f1ana"
        ),
    ),
    ("yesterday", "gestern|(?<!avant-)hier(?=[\\s,.!]+(?:par|nous|vous|il|elle|soir|matin|j'ai|\\Z))|ayer"),
)
HINT_WORDS = """
montags dienstags freitags tag tage tagen woche wochen monat monate monaten quartal quartale jahr jahre jahren
jahres jahresende monatsende quartalsende wochenende kw kalenderwoche heute morgen übermorgen gestern vorgestern
jour jours semaine semaines mois trimestre trimestres ans année années dans aujourd demain hier día días semana
semanas mes meses año años hoy mañana ayer anteayer
"""
"""Words other than names of days and months, of which a date in one of these languages may hold one."""
