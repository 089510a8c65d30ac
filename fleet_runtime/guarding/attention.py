"""Tell a speaker's own attention ("I'll find out", "let me check with the team") from a promise. It only compares.

To ask, to look and to come back is what every conversation says; a promise is a deliverable, a date, money, a feature,
a guarantee or a legal term, and with any of those in the sentence it stays one.
"""

from __future__ import annotations

import re
from functools import cache

from fleet_runtime.guarding.languages import Language


def is_attention(claim: str, sentence: str, language: Language = "en") -> bool:
    """Tell whether a claim, from its first word on, only says that the speaker asks, looks or comes back.

    Args:
        claim: The piece of the sentence that was taken for a promise, up to the end of its clause.
        sentence: All of the sentence, which must hold nothing that makes a promise of it.
        language: The language of both.
    """
    attends, weighs = _attends(), _weighs()
    return bool(attends[language].match(claim)) and not weighs[language].search(sentence)


@cache
def _attends() -> dict[Language, re.Pattern[str]]:
    """Give what opens a claim of attention, by language."""
    return {
        "en": re.compile(
            r"(?:(?:I|we)(?:['\u2019]ll|\s+will)|let\s+me|allow\s+me\s+to)\s+(?:(?:just|then|also|gladly|quickly|happily)\s+)*"
            r"(?:get\s+back\s+to\s+(?:you|it)|come\s+back\s+to\s+(?:you|it|this)|check\s+with|check\b(?!\s+(?:on|every))"
            r"|find\s+out|ask\s+(?:our|my|the|a|somebody|someone|around|him|her|them|[A-Z])|have\s+a\s+(?:\w+\s+)?look"
            r"|take\s+a\s+(?:\w+\s+)?look|be\s+back|let\s+you\s+know|write\s+(?:to\s+)?you)\b",
            re.IGNORECASE,
        ),
        "de": re.compile(
            r".{0,25}\b(?:melde\s+(?:ich\s+)?mich|schreibe\s+ich\s+(?:Ihnen|dir|euch)|frage?\s+(?:ich\s+)?(?:\w+\s+){0,2}nach\b"
            r"|kl\u00e4re\s+ich\s+intern|schaue?\s+ich\s+nach|sehe\s+ich\s+nach|sage?\s+ich\s+(?:Ihnen|dir|euch)\s+Bescheid)\b",
            re.IGNORECASE,
        ),
        "fr": re.compile(
            r"(?:je|j['\u2019])\s*(?:me\s+renseigne\w*|(?:vous|te)\s+(?:recontacte|tiens\s+au\s+courant|dirai|redis)|reviens\s+vers"
            r"|demande\w*\s+(?:\u00e0|au|aux)|regarde\w*|vais\s+(?:voir|regarder|demander|me\s+renseigner))\b",
            re.IGNORECASE,
        ),
        "es": re.compile(
            r"(?:.{0,40}\btendr\u00eda\w*\s+que\s+)?(?:lo\s+|le\s+|te\s+|se\s+lo\s+|voy\s+a\s+)?(?:consult\w+|pregunt\w+|averigu\w+|mir\w+|digo|dir\u00e9|cuento|aviso)\b",
            re.IGNORECASE,
        ),
    }


@cache
def _weighs() -> dict[Language, re.Pattern[str]]:
    """Give what makes a promise of attention: a moment, money, a deliverable, a term."""
    return {
        "en": re.compile(
            r"\d|\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|morning|afternoon|evening|weeks?"
            r"|days?|hours?|minutes?|month|quarter|shortly|soon|asap|immediately|straight\s+away|right\s+away|by\s+the"
            r"|within|before|end\s+of|discount\w*|refund\w*|credit\w*|free|waive\w*|fix\w*|repair\w*|resol\w+|solv\w+"
            r"|send\w*|deliver\w*|provide\w*|prepare\w*|make\s+sure|ensure\w*|guarantee\w*|promis\w+|priorit\w+|add(?:ed)?"
            r"|build\w*|ship\w*|schedul\w+|arrange\w*|approv\w+|escalat\w+|call\s+you|share|set\s+up|happen\w*|sort\w*"
            r"|(?:you|it)\s+with|(?:get|give|have|bring)\s+you|running|ready|live|working|done)\b",
            re.IGNORECASE,
        ),
        "de": re.compile(
            r"\b(?:heute|morgen|\w+tag|woche\w*|tage?n?|stunden?|minuten?|bald|umgehend|sofort|k\u00fcrze|rabatt|gutschrift"
            r"|kostenlos\w*|versprech\w*|garant\w+|beheb\w+|l\u00f6s\w+|angebot|schick\w+|send\w+|termin\w*)\b",
            re.IGNORECASE,
        ),
        "fr": re.compile(
            r"\d|\b(?:demain|aujourd|lundi|mardi|mercredi|jeudi|vendredi|semaine|jours?|heures?|minutes?|vite|rapidement"
            r"|d\u00e9lais?|bient\u00f4t|remise|gratuit\w*|garanti\w*|promet\w*|corrig\w+|envo\w+|devis)\b",
            re.IGNORECASE,
        ),
        "es": re.compile(
            r"\d|\b(?:ma\u00f1ana|hoy|lunes|martes|mi\u00e9rcoles|jueves|viernes|semana|d\u00edas?|horas?|minutos?|pronto|enseguida"
            r"|descuento|gratis|garantiz\w+|corregi\w+|envi\w+|oferta|brevedad)\b",
            re.IGNORECASE,
        ),
    }
