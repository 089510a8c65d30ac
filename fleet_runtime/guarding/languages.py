"""Tell which of four languages a sentence is in, by its small words. It knows English, German, French and Spanish.

A guess, and used as one: what every language writes alike (digits, links, names) is read without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

from fleet_runtime.lexical import words

Language = Literal["en", "de", "fr", "es"]

_MOST_WORDS = 60


def language_of(text: str, otherwise: Language = "en") -> Language:
    """Return the language of a text, or ``otherwise`` where its small words do not tell."""
    return language_of_words(words(text[: 8 * _MOST_WORDS]), otherwise)


def language_of_words(spoken: list[str], otherwise: Language = "en") -> Language:
    """Return the language of a row of lower-case words, or ``otherwise`` where they do not tell."""
    counts: dict[Language, int] = dict.fromkeys(get_args(Language), 0)
    known = _small_words()
    for word in spoken[:_MOST_WORDS]:
        for language in known.get(word) or known.get(word.partition("'")[0] + "'", ()):
            counts[language] += 1
    best = max(counts, key=lambda language: counts[language])
    first, second = sorted(counts.values(), reverse=True)[:2]
    if first == second:
        return otherwise if counts[otherwise] in {first, 0} else best
    return best


@cache
def _small_words() -> Mapping[str, tuple[Language, ...]]:
    """Give for each small word the languages that use it."""
    found: dict[str, tuple[Language, ...]] = {}
    for language, text in _WORDS.items():
        for word in text.split():
            found[word] = (*found.get(word, ()), language)
    return found


_WORDS: Mapping[Language, str] = {
    "en": """the and of to in is are was were for you your we our i with that this it have has be been will not on at by
    from as would can could an a so if do does did there what when which how who hi hello thanks thank sorry yes
    no please today tomorrow i'm i've i'll it's don't we've we'll can't let's me my they them their but or about
    happy glad great sure next new good morning welcome until as or per all any""",
    "de": """der die das und ist sind nicht ich wir sie ihr ihre ihren ihrem ihrer ihnen mit f\u00fcr auf ein eine einen
    einem einer dem den des von zu haben hat habe wird werden wurde wurden im am zum zur auch es bei nach wie
    kann k\u00f6nnen gerne gern danke hallo guten guter tag bitte ja nein noch schon aber oder als aus um unser
    unsere unserem unseren uns mir mich dass wenn ob was wann welche welcher sehr nur so bis seit \u00fcber
    unter zwischen liegt gibt leider morgen heute gestern vielen dank gr\u00fc\u00dfe beste freundliche viele
    daf\u00fcr dazu da hier dort kein keine keinen alles neue neuen wer sowie durch vom derzeit aktuell
    w\u00fcrde m\u00f6chten m\u00f6chte soll sollen darf d\u00fcrfen bin war waren in an will man du dein deine
    dir dich euer""",
    "fr": """le la les des un une et est sont ne pas je nous vous votre vos notre nos avec pour sur dans de du au aux
    que qui ce cette ces il elle ils elles on ont avons avez ai sera seront \u00e9tait ou mais si en y plus bonjour
    merci oui non bien tr\u00e8s \u00e0 par comme leur leurs son sa ses mon ma mes j' c' l' d' n' s' qu'
    aujourd'hui demain hier bonsoir madame monsieur cordialement voici voil\u00e0 d\u00e9sol\u00e9
    d\u00e9sol\u00e9e quand quel quelle quels quelles pouvez peux souhaitez jour jours apr\u00e8s avant depuis
    jusqu' tout tous toute toutes encore d\u00e9j\u00e0 aucun aucune donc quoi moi prochain prochaine chez lundi
    mardi mercredi jeudi vendredi s'il sans""",
    "es": """el la los las un una y es son no yo nosotros usted ustedes su sus con para en de del al que este esta
    est\u00e1 est\u00e1n hemos ha han he ser\u00e1 ser\u00e1n o pero si s\u00ed m\u00e1s hola gracias buenos
    buenas d\u00edas tardes muy por como nuestro nuestra nuestros nuestras lo le les se me mi nos era fue hay
    qu\u00e9 cu\u00e1ndo cu\u00e1l cu\u00e1les qui\u00e9n c\u00f3mo puede puedo podemos quiere tambi\u00e9n ya
    todav\u00eda a\u00fan hasta desde entre sobre sin hoy ayer ma\u00f1ana a saludos estimado estimada cordiales
    tiene tienen tenemos tengo ning\u00fan ninguna nada todo todos toda todas eso esto claro luego est\u00e1s tu
    te perfecto lamento siento voy vamos lunes martes mi\u00e9rcoles jueves viernes pr\u00f3ximo pr\u00f3xima""",
}
