"""Spanish phrases of promising, having done, denying and asking. Data only."""

from __future__ import annotations

from fleet_runtime.guarding.phrases import Phrases

_OURS = (
    r"(?:(?:nuestr[oa]s?|mis?|el|la|los|un|una)\s+(?:\w+\s+)?(?:equipo|soporte|departamento|compa\u00f1er[oa]s?"
    r"|desarrolladores|ingenier[oa]s?|t\u00e9cnic[oa]s?|comercial\w*"
    r"|colegas?|responsable|direcci\u00f3n|jef[ea]s?|director\w*|abogad[oa]s?)(?:\s+(?:de\s+)?(?:soporte|ventas"
    r"|producto|legal|t\u00e9cnico|jur\u00eddico|desarrollo|ingenier\u00eda|finanzas))?|alguien)"
)
_BEFORE = r"(?:(?:ya|se|le|les|lo|la|los|las|te|os|nos|me|tambi\u00e9n|mismo)\s+)*"
_PARTICIPLE = (
    r"(?P<verb>\w+[ai\u00ed]d[oa]s?|hech[oa]s?|escrit[oa]s?|abiert[oa]s?|puest[oa]s?|resuelt[oa]s?"
    r"|dicho|visto|devuelt[oa]s?)"
)
_MONEY = (
    r"(?:descuentos?|rebajas?|abonos?|reembolsos?|bonificaci\u00f3n|tarifa\s+(?:especial|reducida)"
    r"|mes(?:es)?\s+gratis|cr\u00e9dito)"
)
_PRESENT = (
    r"(?P<verb>env\u00edo|enviamos|paso|pasamos|encargo|encargamos|ocupo|ocupamos|ofrecemos|ofrezco|concedemos"
    r"|concedo|aplicamos|aplico|reembolsamos|reembolso"
    r"|preparo|preparamos|organizo|organizamos|programo|programamos|contacto|contactamos|informo|informamos"
    r"|pongo|ponemos|reviso|revisamos|corrijo|corregimos"
    r"|entregamos|lanzamos|a\u00f1ado|a\u00f1adimos|prolongamos|cancelo|cancelamos|activo|activamos|traslado"
    r"|trasladamos|transmito|transmitimos|agendo|agendamos|escalo|escalamos"
    r"|remito|remitimos|comprometo|comprometemos|anoto|confirmo\s+que)"
)

PHRASES = Phrases(
    promises=(
        rf"\b{_BEFORE}(?P<verb>\w{{2,}}(?:r\u00e9|remos))\b",
        rf"\b{_OURS}\s+{_BEFORE}(?P<verb>\w+(?:r\u00e1|r\u00e1n))\b",
        (
            rf"\b{_OURS}\s+{_BEFORE}(?P<verb>llama|contacta|env\u00eda|corrige|revisa|prepara|arregla|entrega|resuelve)\b"
        ),
        r"\b(?:voy|vamos|va)\s+a\s+(?P<verb>\w+(?:r|rle|rles|rlo|rla|rse|rme|rnos|rlos))\b",
        rf"(?:^|[\s\u00a1(,]){_BEFORE}{_PRESENT}\b",
        (
            r"\b(?:recibir\u00e1n?|tendr\u00e1n?|podr\u00e1n?|obtendr\u00e1n?|disfrutar\u00e1n?|dispondr\u00e1n?"
            r"|pagar\u00e1n?|recibir\u00e1s|tendr\u00e1s|podr\u00e1s|costar\u00e1)\b"
        ),
        (
            r"\b(?:estar\u00e1n?|ser\u00e1n?|quedar\u00e1n?|deber\u00eda\s+estar)\s+(?:\w+\s+)?(?:disponibles?"
            r"|list[oa]s?|resuelt[oa]s?|corregid[oa]s?|entregad[oa]s?|a\u00f1adid[oa]s?|reembolsad[oa]s?"
            r"|incluid[oa]s?|activad[oa]s?|enviad[oa]s?|gratis|gratuit[oa]s?|posible)\b"
        ),
        (
            r"\ben\s+(?:las|los)\s+pr\u00f3xim[oa]s\s+\w+|\ben\s+menos\s+de\b|\bcuanto\s+antes\b"
            r"|\blo\s+antes\s+posible\b|\ba\s+la\s+mayor\s+brevedad\b|\ba\s+m\u00e1s\s+tardar\b|\bde\s+inmediato\b"
            r"|\benseguida\b"
            r"|\ben\s+(?:\d+|un\s+par\s+de|unos|unas|dos|tres|cuatro|cinco)\s+(?:minutos|horas"
            r"|d\u00edas\s+h\u00e1biles|d\u00edas\s+laborables)\b"
        ),
    ),
    firm=(
        (
            r"\bgarant(?:iz\w*|\u00eda\w*)|\b(?:le|les|te|se\s+lo)?\s*(?:prometo|prometemos|aseguro|aseguramos)\b"
            r"|\bcuent[ea]n?\s+con\b|\bmi\s+palabra\b|\bqu\u00e9de(?:se|nse)\s+tranquil\w*|\bno\s+se\s+preocupe\b"
            r"|\bd\u00e9lo\s+por\s+hecho\b"
            r"|\bme\s+comprometo\b|\bnos\s+comprometemos\b"
        ),
        (
            r"\bcorren?\s+(?:de|por)\s+(?:nuestra\s+)?cuenta\b|\ba\s+nuestro\s+cargo\b|\b(?P<even_denied>no\s+(?:le|les|te)\s+(?:cobramos"
            r"|cobraremos))\b|\ble\s+perdonamos\b|\b(?:le|les|te)\s+hacemos\s+(?:un\s+)?(?:buen\s+)?precio\b|\ble\s+dejamos\s+el\s+precio\b"
            r"|\bgratis\b|\bgratuit[oa]s?\b|\bsin\s+(?:coste|costo|cargo|costes|recargo)\b|\bde\s+regalo\b"
            r"|\binvita\s+la\s+casa\b"
        ),
        (
            rf"\b{_MONEY}\s+(?:del?|de)\b|\b(?:puedo|podemos|podr\u00eda"
            rf"|podr\u00edamos)\s+(?:\w+\s+)*?(?:ofrecer\w*|conceder\w*|reembolsar\w*|aplicar\w*|rebajar\w*"
            rf"|reducir\w*|garantizar\w*|regalar\w*|bajar\w*|abonar\w*|dejar\w*\s+en|prometer\w*)\b"
        ),
        rf"\b(?:ofrec\w*|conced\w*|aplic\w*|hac\w*|damos|doy)\s+(?:\w+\s+)?(?:una?|el|ese|este)\s+{_MONEY}",
        (
            r"\bhoja\s+de\s+ruta\b|\broadmap\b|\ben\s+(?:fase\s+de\s+)?desarrollo\b|\bprevist[oa]s?\s+(?:para|en"
            r"|el)\b|\bpr\u00f3xima\s+(?:versi\u00f3n|actualizaci\u00f3n)\b|\bpronto\s+(?:disponible|estar\u00e1"
            r"|tendr\u00e1)\w*|\bmuy\s+pronto\b"
            r"|\b(?:sale|saldr\u00e1|llega|llegar\u00e1|se\s+lanza|se\s+lanzar\u00e1)\s+(?:en|el|este|a|la|pronto"
            r"|para)\b|\bestamos\s+(?:trabajando|desarrollando)\b"
        ),
        (
            r"\b(?P<even_denied>no\s+volver\u00e1\s+a\s+(?:ocurrir|pasar|suceder)|ni\s+un\s+(?:c\u00e9ntimo|euro|centavo)|no\s+(?:le|les|te)\s+costar\u00e1\s+nada"
            r"|ning\u00fan\s+(?:coste|costo|cargo))\b"
        ),
        (
            r"\ba\s+punto\s+de\s+\w+r\b|\b(?:tiene|tienen)\s+derecho\s+a\b|\best\u00e1n?\s+incluid[oa]s?\b"
            r"|\btenemos\s+previsto\b|\bprevemos\b|\besperamos\s+(?:tener|lanzar|entregar|resolver)\w*"
            r"|\bgesto\s+comercial\b|\bles?\s+regalamos\b"
        ),
        (
            r"\b(?:rescindir|cancelar|resolver)\s+(?:\w+\s+)*?(?:en\s+cualquier\s+momento|sin\s+penalizaci\u00f3n"
            r"|cuando\s+quiera\w*|sin\s+preaviso)\b|\bsin\s+(?:penalizaci\u00f3n|penalizaciones|permanencia"
            r"|preaviso)\b|\basum\w+\s+(?:la|toda)\s+(?:la\s+)?responsabilidad\b"
            r"|\bdisponibilidad\s+del?\b|\bsla\b|\b(?:el\s+precio|los\s+precios)\s+(?:se\s+mantien\w*|no\s+subir\w*"
            r"|qued\w+\s+congelad\w*)|\blegalmente\b|\bjur\u00eddicamente\b"
        ),
        (
            r"\b(?:s\u00ed(?=[,.!])|claro|por\s+supuesto|desde\s+luego|de\s+acuerdo|sin\s+problema)[,.!]?\s+(?:es\s+posible"
            r"|est\u00e1\s+incluido|podemos|puedo|se\s+lo|lo\s+hacemos)\b"
        ),
    ),
    deeds=(
        rf"\b(?P<mine>he|hemos|hab\u00eda|hab\u00edamos)\s+(?:ya\s+)?(?:dejado\s+(?=\w+[ai]d[oa]s?\b))?{_PARTICIPLE}\b",
        rf"\b{_OURS}\s+(?:acaba|acaban)\s+de\s+(?P<verb>\w+r\w*)\b",
        r"\b(?P<mine>acabo|acabamos)\s+de\s+(?P<verb>\w+r\w*)\b",
        rf"\b{_OURS}\s+{_BEFORE}(?:ha|han)\s+(?:ya\s+)?{_PARTICIPLE}\b",
        rf"\b(?:ha|han|fue|fueron)\s+(?:sido\s+)?{_PARTICIPLE}\b(?<!sido)",
        rf"\bse\s+(?:le\s+|les\s+)?(?:ha|han)\s+{_PARTICIPLE}\b",
        (
            r"\b(?P<mine>(?:ya\s+)?(?:le\s+|les\s+|lo\s+|la\s+|se\s+lo\s+)?)(?P<verb>envi\u00e9|habl\u00e9"
            r"|pas\u00e9|abr\u00ed|correg\u00ed|notifiqu\u00e9|inform\u00e9|escal\u00e9|actualic\u00e9|reserv\u00e9"
            r"|solicit\u00e9|contact\u00e9|aprob\u00e9|anot\u00e9|resolv\u00ed|cancel\u00e9|activ\u00e9"
            r"|a\u00f1ad\u00ed|coment\u00e9)(?!\w)"
        ),
        (
            r"\b(?:est\u00e1n?|queda|quedan|qued\u00f3)\s+(?:ya\s+)?(?P<verb>resuelt[oa]s?|list[oa]s?"
            r"|arreglad[oa]s?|solucionad[oa]s?|enviad[oa]s?|corregid[oa]s?|activad[oa]s?|reembolsad[oa]s?"
            r"|aprobad[oa]s?|programad[oa]s?|reservad[oa]s?|registrad[oa]s?|agendad[oa]s?)\b"
            r"|\b(?P<sent>adjunto\b|le\s+adjunt\w+|encontrar\u00e1\s+adjunt\w+)"
        ),
        (
            rf"\b(?:{_OURS}\s+)?(?P<verb>est\u00e1n?\s+en\s+ello|se\s+encarga\w*|se\s+est\u00e1n?\s+ocupando)\b"
            rf"|\b{_OURS}\s+est\u00e1n?\s+(?:\w+\s+)?\w+ndo\b|\bse\s+(?P<verb_2>cerr\u00f3|resolvi\u00f3"
            rf"|solucion\u00f3|envi\u00f3|corrigi\u00f3|reembols\u00f3|aprob\u00f3)\b"
        ),
        (
            r"\b(?P<mine>estoy|estamos)\s+(?:ya\s+)?(?P<verb>trabajando|revisando|preparando|tramitando|gestionando"
            r"|solucionando|corrigiendo|investigando)\b"
        ),
    ),
    product=(
        r"\bpueden?\s+(?:\w+\s+)?(?:exportar|importar|conectar|activar|configurar|automatizar|descargar"
        r"|integrar|sincronizar)\b|"
        r"\b(?:nuestra?|la|el)\s+(?:herramienta|producto|software|plataforma|aplicaci\u00f3n|app|sistema"
        r"|soluci\u00f3n|servicio)\s+(?:puede|admite|soporta|ofrece|incluye|se\s+integra|integra|permite"
        r"|dispone|cuenta\s+con|gestiona)\b"
    ),
    denies=r"\b(?:no|nunca|jam\u00e1s|ning[u\u00fa]n\w*|nada|nadie|ni|tampoco)\b",
    denies_late=False,
    attributes=(
        r"\b(?:usted|ustedes)?\s*(?:quiere|quieren|desea|desean|pide|piden|pidi\u00f3|pidieron|solicita\w*"
        r"|solicit\u00f3|necesita\w*|pregunt\w+|mencion\w+|dijo|dijeron|coment\u00f3|coment\u00f3|espera\w*"
        r"|busca|quer\u00eda\w*|le\s+gustar\u00eda|les\s+gustar\u00eda|(?:me|nos)\s+ha\w*\s+\w+[ai]do)\b"
        r"|\bsu\s+(?:solicitud|deseo|pregunta|petici\u00f3n|idea)\s+(?:de|sobre|acerca|para)\b|\bsi\b|\bseg\u00fan\b"
    ),
    offers=(
        r"\bsi\s+(?:lo|le|les|usted|ustedes|quiere|quieren|desea|prefiere|est\u00e1|as\u00ed|te)\b|\b(?:puedo"
        r"|podemos|podr\u00eda|podr\u00edamos)\b|\b\u00bf?(?:quiere|desea|prefiere)\b"
    ),
    asks=r"\b(?:qu\u00e9|cu\u00e1ndo|qui\u00e9n\w*|c\u00f3mo|d\u00f3nde|por\s+qu\u00e9|cu\u00e1l\w*"
    r"|cu\u00e1nt\w+|quiere|desea|prefiere|puede|podr\u00eda|le|les|tiene|es|est\u00e1|hay|necesita|son"
    r"|ser\u00eda|hablamos|vemos|ve)\b|\u00bf",
    as_agreed=r"\b(?:como|seg\u00fan\s+lo)\s+(?:\w+\s+)?(?:prometido|acordado|convenido|previsto|anunciado"
    r"|acordamos|prometimos)\b|\b(?:prometid|acordad|convenid)[oa]s?\b",
    verbs={
        "pasad": "pass",
        "pasar": "pass",
        "pas\u00e9": "pass",
        "paso": "pass",
        "traslad": "pass",
        "transmit": "pass",
        "remit": "pass",
        "reenvi": "pass",
        "escal": "escalate",
        "derivad": "pass",
        "envi": "send",
        "env\u00ed": "send",
        "mandad": "send",
        "mandar": "send",
        "anot": "note",
        "registr": "note",
        "apunt": "note",
        "tomado": "note",
        "reserv": "book",
        "agend": "book",
        "program": "book",
        "organiz": "arrange",
        "correg": "fix",
        "corrij": "fix",
        "resuel": "fix",
        "resol": "fix",
        "arregl": "fix",
        "solucion": "fix",
        "repar": "fix",
        "inform": "inform",
        "notific": "inform",
        "avis": "inform",
        "contact": "contact",
        "habl": "speak",
        "llam": "call",
        "pregunt": "ask",
        "solicit": "ask",
        "consult": "ask",
        "pedid": "ask",
        "revis": "check",
        "comprob": "check",
        "verific": "check",
        "abiert": "open",
        "abr\u00ed": "open",
        "abrir": "open",
        "cread": "create",
        "crear": "create",
        "cambi": "change",
        "modific": "change",
        "actualiz": "update",
        "activ": "enable",
        "aprob": "approve",
        "autoriz": "approve",
        "reembols": "refund",
        "devuelt": "refund",
        "abon": "credit",
        "cancel": "cancel",
        "anulad": "cancel",
        "prolong": "extend",
        "ampliad": "extend",
        "a\u00f1ad": "add",
        "desple": "deploy",
        "entreg": "ship",
        "lanz": "launch",
        "desarroll": "build",
        "prepar": "prepare",
        "restablec": "reset",
        "elimin": "remove",
        "borrad": "remove",
        "pospuest": "change",
        "confirm": "confirm",
        "firm": "sign",
        "asign": "assign",
        "conced": "grant",
        "aplic": "apply",
        "adjunt": "attach",
        "le adjunt": "attach",
        "comentad": "speak",
        "coment\u00e9": "speak",
        "encarg": "arrange",
    },
    idle=(
        "prometid",
        "visto",
        "le\u00eddo",
        "entendido",
        "recibido",
        "o\u00eddo",
        "sido",
        "tenido",
        "pensado",
        "esperado",
        "encontrado",
        "aprendido",
        "sabido",
        "estado",
        "gustado",
        "cre\u00eddo",
        "seguir\u00e9",
        "ser\u00e9",
        "estar\u00e9",
        "estaremos",
        "seguiremos",
        "podr\u00e9",
        "podremos",
        "sabr\u00e9",
        "tendr\u00e9",
        "veremos",
        "ver\u00e9",
        "ver",
        "comprendido",
        "mencionado",
        "dicho",
        "indicado",
        "comentado",
        "acordado",
        "convenido",
        "querido",
        "debido",
        "podido",
        "llegado",
        "bajado",
        "subido",
        "ca\u00eddo",
        "crecido",
        "aumentado",
        "superado",
        "alcanzado",
        "utilizado",
        "usado",
        "hacer frente",
        "diremos",
        "ser",
        "compartido",
        "para",
        "entre",
        "sobre",
        "queremos",
        "quer\u00e9",
        "esperaremos",
    ),
    leaks=(
        r"\bmis\s+(?:instrucciones|directrices|reglas|normas|indicaciones)\b|\bmi\s+(?:prompt"
        r"|contrato\s+de\s+rol|programaci\u00f3n)\b|\bcomo\s+(?:IA|asistente\s+(?:virtual|de\s+IA)|modelo"
        r"|inteligencia)\b"
        r"|\bmodelo\s+de\s+lenguaje\b|\bprompt\s+del?\s+sistema\b|\btengo\s+(?:instrucciones|\u00f3rdenes)\b|\bme\s+han\s+(?:programado|ordenado"
        r"|indicado\s+que)\b"
    ),
)
