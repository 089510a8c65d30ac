"""French phrases of promising, having done, denying and asking. Data only."""

from __future__ import annotations

from fleet_runtime.guarding.phrases import Phrases

_OURS = (
    r"(?:(?:notre|nos|mon|ma|mes|l['\u2019]|un|une|le|la)\s*(?:\w+\s+)?(?:\u00e9quipes?|support|services?"
    r"|coll\u00e8gues?|d\u00e9veloppeurs?|ing\u00e9nieurs?|technicien\w*|commercial\w*"
    r"|juridique|comptabilit\u00e9|responsable|direction|directeur|directrice|patron\w*|chef\w*|juristes?"
    r"|avocats?)(?:\s+(?:de\s+|du\s+|d['\u2019])?(?:produit|technique|support|commerciale?|juridique|vente"
    r"|d\u00e9veloppement))?|quelqu['\u2019]un)"
)
_BEFORE = r"(?:(?:ne\s+|n['\u2019])?(?:vous|le|la|les|l['\u2019]|y|en|lui|leur|me|nous|m['\u2019]|te)\s*)*"
_MIDDLE = (
    r"(?:(?:d\u00e9j\u00e0|bien|aussi|\u00e9galement|tout|juste|aujourd['\u2019]hui|hier|maintenant"
    r"|imm\u00e9diatement|aussit\u00f4t|donc|enfin)\s+)*"
)
_PARTICIPLE = r"(?P<verb>[\w-]+(?:\u00e9e?s?|i[est]?s?|ue?s?|erte?s?|aite?s?|ise?s?|rite?s?))"
_MONEY = (
    r"(?:remises?|r\u00e9ductions?|rabais|ristourne|avoir|remboursement|geste\s+commercial"
    r"|tarif\s+(?:sp\u00e9cial|pr\u00e9f\u00e9rentiel|r\u00e9duit)|mois\s+(?:offerts?|gratuits?))"
)
_PRESENT = (
    r"(?P<verb>transmets|transmettons|envoie|envoyons|occupe|occupons|offrons|offre|accordons|accorde|rembourse"
    r"|remboursons|reviens|revenons"
    r"|pr\u00e9pare|pr\u00e9parons|organise|organisons|planifie|planifions|contacte|contactons|informe"
    r"|informons|mets|mettons|v\u00e9rifie|v\u00e9rifions"
    r"|corrige|corrigeons|livrons|livre|lan\u00e7ons|ajoute|ajoutons|prolonge|prolongeons|annule|annulons"
    r"|active|activons|cr\u00e9dite|cr\u00e9ditons"
    r"|fais|faisons|passe|passons|engage|engageons|relance|relan\u00e7ons|ouvre|ouvrons|charge|chargeons"
    r"|baissons|r\u00e9duisons|appliquons|applique)"
)

PHRASES = Phrases(
    promises=(
        rf"\b(?:je|j['\u2019])\s*{_BEFORE}(?P<verb>\w+rai)\b",
        rf"\b(?:nous|on|{_OURS})\s+{_BEFORE}(?P<verb>\w+(?:rons|ra|ront))\b",
        (
            rf"\b{_OURS}\s+{_BEFORE}(?P<verb>rappelle|contacte|envoie|corrige|pr\u00e9pare|v\u00e9rifie|livre|r\u00e9pare)\b"
        ),
        rf"\b(?:je\s+vais|nous\s+allons|on\s+va|{_OURS}\s+va)\s+{_BEFORE}{_MIDDLE}(?P<verb>\w+(?:er|ir|re|oir))\b",
        rf"\b(?:je|nous|on|j['\u2019])\s*{_BEFORE}{_PRESENT}\b(?!\s+(?:partie|r\u00e9f\u00e9rence))",
        (
            r"\bvous\s+(?:\w+\s+)?(?:recevrez|aurez|pourrez|obtiendrez|b\u00e9n\u00e9ficierez|serez"
            r"|allez\s+recevoir|disposerez|paierez|recevez|b\u00e9n\u00e9ficiez)\b"
        ),
        (
            r"\b(?:sera|seront|devrait\s+\u00eatre)\s+(?:\w+\s+)?(?:disponibles?|livr\u00e9\w*|corrig\u00e9\w*"
            r"|r\u00e9solu\w*|pr\u00eat\w*|ajout\u00e9\w*|rembours\u00e9\w*|int\u00e9gr\u00e9\w*|inclus\w*|activ\u00e9\w*"
            r"|cr\u00e9dit\u00e9\w*|envoy\u00e9\w*|lanc\u00e9\w*|d\u00e9ploy\u00e9\w*|r\u00e9gl\u00e9\w*"
            r"|trait\u00e9\w*|offert\w*|possible)\b"
        ),
        (
            r"\bdans\s+(?:les|la|l['\u2019])\s*(?:plus\s+brefs\s+d\u00e9lais|meilleurs\s+d\u00e9lais|heure"
            r"|journ\u00e9e|minutes?|prochaines?\s+\w+|prochains?\s+\w+|\d+\s*(?:h\b|heures|jours))"
            r"|\bsous\s+(?:\d+|quelques|deux|trois|huit|une?)\s*(?:h\b|heures?|jours?|semaines?)"
            r"|\bau\s+plus\s+vite\b|\bd\u00e8s\s+que\s+possible\b|\bincessamment\b|\bsans\s+d\u00e9lai\b"
            r"|\ben\s+moins\s+de\b"
        ),
    ),
    firm=(
        (
            r"\bgaranti\w*|\b(?:je|nous)\s+(?:vous\s+)?(?:le\s+)?(?:promets|promettons|assure|assurons|certifie)\b"
            r"|\bsoyez\s+(?:assur\u00e9|certain|tranquille)\w*|\bcomptez\s+sur\b"
            r"|\bma\s+parole\b|\bje\s+m['\u2019]engage\b|\bnous\s+nous\s+engageons\b|\bc['\u2019]est\s+(?:promis|d['\u2019]accord)\b"
        ),
        (
            r"\b\u00e0\s+notre\s+charge\b|\bc['\u2019]est\s+pour\s+nous\b|\b(?:on|nous)\s+vous\s+(?:fait|faisons)\s+un\s+prix\b"
            r"|\b(?:on|nous)\s+prend\w*\s+(?:les\s+)?frais\b|\b(?:on|nous)\s+supprim\w+\s+les\s+frais\b"
            r"|\bgratuit\w*|\boffert[es]*\b|\bsans\s+(?:frais|suppl\u00e9ment|surco\u00fbt"
            r"|co\u00fbt\s+(?:additionnel|suppl\u00e9mentaire))\b|\bcadeau\b"
        ),
        (
            rf"\b{_MONEY}\s+(?:de|d['\u2019]|\u00e0\s+hauteur)\b|\b(?:peux|pouvons|pourrions|pourrais"
            rf"|pouvez)\s+(?:\w+\s+)*?(?:offrir|accorder|rembourser|appliquer|r\u00e9duire|baisser|garantir|cr\u00e9diter"
            rf"|promettre|b\u00e9n\u00e9ficier|(?:proposer|faire|consentir)\s+(?:une?\s+)?{_MONEY})\b"
        ),
        rf"\b(?:accord\w*|offr\w*|consent\w*|appliqu\w*|propos\w*)\s+(?:\w+\s+)?(?:une?|la|cette)\s+{_MONEY}",
        (
            r"\bfeuille\s+de\s+route\b|\broadmap\b|\ben\s+(?:cours\s+de\s+)?(?:d\u00e9veloppement"
            r"|pr\u00e9paration)\b|\bpr\u00e9vue?s?\s+(?:pour|en|au|dans|d['\u2019]ici|le|fin)\b"
            r"|\bbient\u00f4t\s+(?:disponible|pr\u00eat|l\u00e0|en\s+ligne)\w*"
            r"|\bprochaine\s+(?:version|mise\s+\u00e0\s+jour)\b|\b(?:sort|sortira|arrive|arrivera"
            r"|d\u00e9marre)\s+(?:en|au|dans|le|d['\u2019]ici|bient\u00f4t|fin)\b|\btr\u00e8s\s+prochainement\b"
        ),
        (
            r"\b(?P<even_denied>ne\s+se\s+reproduira\s+(?:plus|pas)|pas\s+un\s+(?:centime|sou)|(?:ne\s+)?vous\s+co\u00fbtera\s+rien|aucun\s+(?:frais"
            r"|co\u00fbt|suppl\u00e9ment))\b"
        ),
        (
            r"\bsur\s+le\s+point\s+d['\u2019e]\s?(?:sortir|\u00eatre|livrer|lancer)\w*"
            r"|\bvous\s+avez\s+droit\s+\u00e0\b|\b(?:est|sont)\s+inclus\w*\b|\bnous\s+(?:pr\u00e9voyons|comptons"
            r"|esp\u00e9rons)\s+(?:de\s+)?(?:\w+(?:er|ir|re))\b"
            r"|\b(?:arrive|sort|d\u00e9barque)\w*\s+(?:d['\u2019]ailleurs\s+|aussi\s+|d\u00e9j\u00e0\s+)?(?:le|la|d\u00e8s|dans|en|au)\b|\bgeste\s+commercial\b"
        ),
        (
            r"\b(?:r\u00e9silier|annuler|sortir)\s+(?:\w+\s+)*?(?:\u00e0\s+tout\s+moment|sans\s+p\u00e9nalit\u00e9"
            r"|sans\s+pr\u00e9avis|librement)\b|\bsans\s+(?:p\u00e9nalit\u00e9s?|pr\u00e9avis|engagement)\b"
            r"|\bassum\w+\s+(?:la|toute)\s+responsabilit\u00e9\b|\bresponsabilit\u00e9\s+(?:pleine|enti\u00e8re)\b"
            r"|\bdisponibilit\u00e9\s+de\b|\bsla\b|\bp\u00e9nalit\u00e9s\s+de\s+retard\b|\bprix\s+(?:reste|restera"
            r"|est\s+bloqu\u00e9|bloqu\u00e9)\w*|\bjuridiquement\b|\bl\u00e9galement\b"
        ),
        (
            r"\b(?:oui|bien\s+s\u00fbr|absolument|d['\u2019]accord|tout\s+\u00e0\s+fait"
            r"|certainement)[,.!]?\s+(?:c['\u2019]est\s+(?:possible|inclus|faisable|pr\u00e9vu|d['\u2019]accord)"
            r"|nous\s+pouvons|on\s+peut|je\s+peux)\b"
        ),
    ),
    deeds=(
        (
            rf"(?<!\w)(?P<mine>j['\u2019]\s?(?:ai|avais|y\s+ai|en\s+ai)|je\s+(?:l['\u2019]|les\s+|la\s+"
            rf"|vous\s+(?:l['\u2019])?|lui\s+|leur\s+)\s?ai|nous\s+(?:l['\u2019]|les\s+"
            rf"|vous\s+(?:l['\u2019])?)?\s?avons|on\s+a)\s+{_MIDDLE}{_PARTICIPLE}(?!\w)"
        ),
        (
            rf"\b(?P<mine>(?:je\s+viens|nous\s+venons))\s+(?:juste\s+|tout\s+juste\s+)?(?:de\s+"
            rf"|d['\u2019]){_BEFORE}(?P<verb>\w+)"
        ),
        rf"\b{_OURS}\s+(?:l['\u2019]|vous\s+)?(?:a|ont)\s+{_MIDDLE}{_PARTICIPLE}(?!\w)",
        rf"\b(?:a|ont)\s+(?:\w+\s+)?\u00e9t\u00e9\s+{_MIDDLE}{_PARTICIPLE}(?!\w)",
        (
            r"\b(?:est|sont)\s+(?:d\u00e9j\u00e0\s+|maintenant\s+|d\u00e9sormais\s+"
            r"|bien\s+)*(?P<verb>r\u00e9solu\w*|corrig\u00e9\w*|r\u00e9gl\u00e9\w*|termin\u00e9\w*|pr\u00eat\w*"
            r"|envoy\u00e9\w*|cr\u00e9dit\u00e9\w*|rembours\u00e9\w*|activ\u00e9\w*|transmis\w*|planifi\u00e9\w*|cr\u00e9\u00e9\w*|supprim\u00e9\w*|d\u00e9sactiv\u00e9\w*|ajout\u00e9\w*"
            r"|r\u00e9serv\u00e9\w*)(?!\w)"
            r"|\b(?P<sent>ci-joint\w*|en\s+pi\u00e8ce\s+jointe|vous\s+trouverez\s+ci)"
        ),
        (
            rf"\b{_OURS}\s+(?:s['\u2019]en\s+(?P<verb>occupe\w*)|y\s+travaille\w*|(?:travaill|planch"
            rf"|boss)\w+\s+(?:\w+\s+)?dessus|(?:est|sont)\s+(?:\w+\s+)?sur\s+le\s+coup|(?:vient"
            rf"|viennent)\s+(?:juste\s+)?(?:de\s+|d['\u2019])\w+)"
        ),
        (
            r"\b(?P<mine>nous\s+travaillons|je\s+travaille)\s+(?:\w+\s+)?(?P<verb>dessus|\u00e0|sur)\b|\b(?:est"
            r"|sont)\s+en\s+cours\s+(?P<verb_2>de\s+traitement|d['\u2019]analyse|d['\u2019]envoi|de\s+correction)"
        ),
    ),
    product=(
        r"\bvous\s+pouvez\s+(?:\w+\s+)?(?:exporter|importer|connecter|activer|configurer|automatiser"
        r"|t\u00e9l\u00e9charger|int\u00e9grer|synchroniser)\b|"
        r"\b(?:notre|le|la|l['\u2019])\s*(?:outil|produit|logiciel|plateforme|appli(?:cation)?|syst\u00e8me"
        r"|solution|service)\s+(?:peut|prend\s+en\s+charge|propose|offre|inclut|int\u00e8gre|s['\u2019]int\u00e8gre"
        r"|permet|comprend|g\u00e8re|supporte|dispose)\b"
    ),
    denies=r"\b(?:ne\b|n['\u2019]|(?:pas|jamais|aucune?|rien|personne|sans\s+(?=pouvoir|garantie|promettre)|ni)\b)",
    denies_late=False,
    attributes=(
        r"\bvous\s+(?:\w+\s+){0,2}?(?:souhait\w+|demand\w+|voul\w+|voudriez|aimeriez|esp\u00e9r\w+"
        r"|avez\s+(?:\w+\s+)?(?:demand\u00e9|dit|\u00e9crit|mentionn\u00e9|indiqu\u00e9|signal\u00e9"
        r"|souhait\u00e9|\u00e9voqu\u00e9|parl\u00e9)|attendez|cherchez)"
        r"|\bvotre\s+(?:demande|souhait|question|id\u00e9e)\s+(?:de|d['\u2019]|sur|concernant|pour)|\bsi\b"
        r"|\bselon\b|\bd['\u2019]apr\u00e8s\b"
    ),
    offers=(
        r"\bsi\s+(?:vous|cela|\u00e7a|c['\u2019]est)\b|\bje\s+(?:peux|pourrais)\b|\bnous\s+(?:pouvons"
        r"|pourrions)\b|\bsouhaitez-vous\b|\bvoulez-vous\b|\bavec\s+votre\s+accord\b"
    ),
    asks=r"\b(?:que|quoi|quand|qui|o\u00f9|comment|pourquoi|combien|quel\w*|est-ce|avez|souhaitez|voulez|pouvez"
    r"|pourriez|peut|dois|puis|serait|est|sont|\u00eates|y\s+a|auriez|cela|pr\u00e9f\u00e9rez|voyez)\b",
    as_agreed=r"\bcomme\s+(?:promis|convenu|pr\u00e9vu|annonc\u00e9|indiqu\u00e9)\w*|\b(?:promise?|convenue?"
    r"|annonc\u00e9e?)s?\s+(?:pour|le|lors)\b",
    verbs={
        "transm": "pass",
        "relay": "pass",
        "remont": "pass",
        "pass": "pass",
        "escalad": "escalate",
        "envoy": "send",
        "envoi": "send",
        "adress": "send",
        "exp\u00e9di": "send",
        "not": "note",
        "enregistr": "note",
        "consign": "note",
        "ajout": "add",
        "r\u00e9serv": "book",
        "planifi": "book",
        "programm": "book",
        "organis": "arrange",
        "corrig": "fix",
        "r\u00e9sol": "fix",
        "r\u00e9gl": "fix",
        "r\u00e9par": "fix",
        "inform": "inform",
        "pr\u00e9venu": "inform",
        "pr\u00e9veni": "inform",
        "averti": "inform",
        "contact": "contact",
        "parl\u00e9": "speak",
        "appel": "call",
        "demand": "ask",
        "v\u00e9rifi": "check",
        "examin": "check",
        "regard": "check",
        "consult": "check",
        "ouvert": "open",
        "ouvri": "open",
        "cr\u00e9\u00e9": "create",
        "cr\u00e9er": "create",
        "chang": "change",
        "modifi": "change",
        "mis \u00e0 jour": "update",
        "actualis": "update",
        "activ": "enable",
        "approuv": "approve",
        "valid": "approve",
        "rembours": "refund",
        "cr\u00e9dit": "credit",
        "annul": "cancel",
        "prolong": "extend",
        "d\u00e9ploy": "deploy",
        "livr": "ship",
        "d\u00e9velopp": "build",
        "lanc": "launch",
        "pr\u00e9par": "prepare",
        "r\u00e9initialis": "reset",
        "supprim": "remove",
        "report": "change",
        "confirm": "confirm",
        "sign": "sign",
        "attribu": "assign",
        "accord": "grant",
        "appliqu": "apply",
        "ci-joint": "attach",
        "en pi\u00e8ce": "attach",
        "vous trouverez": "attach",
        "sign\u00e2l": "pass",
        "signal": "pass",
        "occup": "arrange",
    },
    idle=(
        "promis",
        "vu",
        "lu",
        "compris",
        "re\u00e7u",
        "entendu",
        "aim\u00e9",
        "appris",
        "cru",
        "pens\u00e9",
        "esp\u00e9r\u00e9",
        "trouv\u00e9",
        "eu",
        "\u00e9t\u00e9",
        "bien",
        "dit",
        "constat\u00e9",
        "appr\u00e9ci\u00e9",
        "serai",
        "resterai",
        "serons",
        "resterons",
        "pourrai",
        "pourrons",
        "saurai",
        "aurai",
        "verrons",
        "dirai",
        "vouli",
        "voulu",
        "convenu",
        "lire",
        "faudra",
        "parler",
        "d\u00fb",
        "pris",
        "partag\u00e9",
        "mentionn\u00e9",
        "indiqu\u00e9",
        "choisi",
        "sembl\u00e9",
        "commenc\u00e9",
        "permis",
        "atteint",
        "pass\u00e9s",
    ),
    leaks=(
        r"\bmes\s+(?:instructions|consignes|directives|r\u00e8gles|limites\s+programm\u00e9es)\b"
        r"|\bmon\s+(?:prompt|contrat\s+de\s+r\u00f4le|r\u00f4le\s+m['\u2019]interdit|programme)\b"
        r"|\ben\s+tant\s+qu['\u2019](?:IA|assistant|intelligence|mod\u00e8le)"
        r"|\bmod\u00e8le\s+de\s+langage\b|\bprompt\s+syst\u00e8me\b|\bj['\u2019]ai\s+(?:pour\s+)?(?:consigne|instruction|ordre)\b"
        r"|\bon\s+m['\u2019]a\s+(?:demand\u00e9|programm\u00e9|ordonn\u00e9)\b"
    ),
)
