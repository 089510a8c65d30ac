"""Words that are names wherever they stand: common given names, well-known products, firms and places. Data only.

German writes every noun with a capital, and any sentence opens with one: there a name is told by these
words, by its neighbours and by its form. Whom the evidence names is never looked up here.
"""

from __future__ import annotations

from functools import cache

_GIVEN = """
aaron adam adele adrian agnes alan albert alejandra alejandro alex alexander alexandra alexandre alfred alice alicia
alina alma amanda amelia amelie ana anaïs andrea andreas andrew andrés angela angelika anja anke anna annabel anne
anneke annette annika anton antonia antonio antoine arnaud arthur astrid aurélie axel barbara bastian beate beatriz
ben benedikt benjamin benoît bernard bernd bertrand bettina birgit bjarne björn brian brigitte bruno camila camille
carina carla carlos carmen carolin caroline catherine cécile céline charles charlotte chloé christian christiane
christina christine christoph christophe clara claire claude claudia claus clément conrad cornelia cristina daniel
daniela david deborah denis dennis diana diego dieter dirk dominik dominique dorothea eduardo edward elena elisa
elisabeth élise elizabeth elke ella ellen eloise elsa emil emilia émilie emily emma enrique eric erik ernst esteban
esther eva evelyn fabian fabien fabio felipe felix fernanda fernando fiona florence florian francisco francisca
françois françoise frank franz frederic frédéric friedrich gabriel gabriela gabriele georg george gerald gerd
gerhard gisela gloria gonzalo gregor guido guillaume guillermo gustav günter hanna hannah hannes hans harald hartmut
heike heiko heinrich heinz helen helena helene helga helmut hendrik henri henrik henry herbert hermann holger horst
hubert hugo ibrahim ida ignacio ines inga inge ingo ingrid irene iris isabel isabella isabelle ivan jacob jacqueline
jakob james jan jana jane janet janine jannik javier jean jeanne jennifer jens jérôme jessica joachim joan johan
johann johanna john jonas jonathan jorge jörg josé josef josefine joseph juan juana judith julia julian juliane
julie julien jürgen justine kai karen karim karin karina karl karla karsten katharina kathrin katja katrin kerstin
kevin kirsten klara klaus konrad konstantin kurt lara lars laura laure laurent lea léa lena leo leon leonie lilli
lily linda lisa lorena lothar louis louise luca lucas lucia lucía lucie lucy ludwig luis luisa lukas lydia maike
maja malte manfred manon manuel manuela marc marcel marco marcos marcus margaret margarete maría maria mariana marie
marina mario marion markus marlene marta martha martin martina mateo mathias mathieu mathilde matthew matthias max
maximilian maya melanie mercedes mia michael michaela michel michelle miguel mira miriam mohamed moritz monica
monika monique nadine nadia nadja natalie nathalie nele nicolas nicole niklas nils nina noah nora norbert olaf
oliver olivia olivier omar oscar oskar otto pablo paola pascal patricia patrick patrizia paul paula pauline pedro
peter petra philip philipp philippe pierre pilar priya quentin rachel rafael raimund rainer ralf ramón raphael
raquel rebecca regina reinhard renate renato ricardo richard robert roberto rodrigo roger roland rolf romain roman
rosa rüdiger rudolf ruth sabine sabrina salma samir samuel sandra sara sarah sascha sebastian sébastien sergio silke
silvia simon simone sofia sofía sonia sonja sophia sophie stefan stefanie stéphane stephanie stéphanie stephen
steffen susan susana susanne sven svenja sylvie tamara tania tanja teresa theo théo theresa thierry thomas thorsten
till tim timo tobias tom tomás torben torsten udo ulf ulrich ulrike ursula ute uwe valentin valentina valérie
vanessa vera verena veronica véronique victor victoria viktor vincent virginie viviane volker walter werner wilhelm
william wolfgang xavier yannick yann yasmin yves yvonne zoe
"""
_KNOWN = """
adobe airtable amazon apple asana atlassian aws azure basecamp bigquery box braze calendly canva clickup confluence
datadog dhl docusign dropbox dynamics excel facebook fedex figma freshdesk genesys gmail google hubspot ibm intercom
jira klaviyo linkedin looker magento mailchimp marketo meta microsoft monday.com netsuite notion okta onedrive
openai oracle outlook pardot paypal pipedrive powerbi quickbooks sage salesforce sap servicenow sharepoint shopify
siemens skype slack snowflake splunk stripe tableau telekom trello twilio twitter ups whatsapp woocommerce wordpress
workday xero youtube zapier zendesk zoho zoom barcelona berlin bern bordeaux brüssel chicago dublin düsseldorf
frankfurt genf hamburg köln leipzig lissabon london lyon madrid mailand marseille münchen nantes paris rom sevilla
stuttgart sydney tokio toulouse valencia wien zürich
"""
_GERMAN_NOUNS = """
abend abteilung adresse aktion analyse anfang anfrage angabe angebot angelegenheit anhang anliegen anmeldung anruf
ansatz anspruch ansprechpartner ansprechpartnerin antwort anzahl april arbeit art aufgabe auftrag augenblick august
auskunft ausnahme auswahl auswertung bedarf bedingung bericht bescheid besprechung bestellung betrag bild bitte
blick brief budget chance daten datei datum dank dauer detail dezember dienst dienstag ding dokument donnerstag
eindruck einblick ende entscheidung entwicklung erfahrung erfolg ergebnis euro export fall farbe februar fehler feld
feedback firma form frage frau freitag freude frist führung funktion für gebühr gedanke gegenwart geld gespräch
geschäft grund gruppe gruß grüße gutschrift hallo hand haus heft herr herz hilfe hinweis höhe idee import
information inhalt integration interesse jahr januar juli juni kalender kanal kauf klarheit kollege kollegin konto
kontakt kosten kunde kundin kurs lage laufzeit leistung leitung lieferung link linie liste lizenz lösung mai mail
mal mandat märz maßnahme meinung mensch messung minute mitarbeiter mitte mittag mittwoch modul moment monat montag
morgen nachricht name nachfrage neuigkeit notiz november nummer nutzer nutzerin nutzung oktober option ordnung ort
paket partner pause person plan platz portal position preis problem produkt projekt prozent prozess prüfung punkt
quartal rabatt rahmen rechnung recht regel rest rolle rückfrage rückmeldung runde sache samstag satz schluss schritt
schulung seite seiten september sicherheit sicht sinn sitz situation sonntag sorge spalte sprache stand start stelle
stunde summe support system tabelle tag team teil telefon termin test thema ticket tipp tool umfang unterlage
unterstützung unternehmen update ursache vergleich verfügung verlängerung verlauf ablauf version verständnis vertrag
vertrieb vorfall vorgang vorgehen vorschlag vorteil wahl weg weise welt werktag wert wetter wiedersehen wissen woche
wochenende wort wunsch zahl zahlung zeichen zeit zeitraum zeile ziel zufriedenheit zugang zugriff zukunft
zusammenarbeit zusammenfassung zusage zuständigkeit zweck alternative arbeitstag dashboard dateien bereich stück
kraft spaß glück mühe geduld lizenzen plätze kunden fragen wünsche konten filiale standort standorte lager werk
fahrer disponent route routen depot schicht sie ihnen ihr ihre ihrem ihren ihrer du dir dich beste besten nächste
gute guten liebe lieben viel viele freundliche freundlichen ganze erste zweite dritte
"""
_GERMAN_ENDINGS = (
    *(
        "ung",
        "ungen",
        "heit",
        "heiten",
        "keit",
        "keiten",
        "schaft",
        "schaften",
        "ion",
        "ionen",
        "t\u00e4t",
        "t\u00e4ten",
        "ment",
        "ments",
    ),
    *(
        "nis",
        "nisse",
        "nissen",
        "ismus",
        "anz",
        "enz",
        "enzen",
        "ling",
        "linge",
        "tum",
        "ei",
        "eien",
        "eur",
        "eure",
        "ierung",
        "ierungen",
    ),
)
_INFLECTIONS = ("", "s", "es", "e", "en", "n", "er", "ern", "in", "innen", "nen")
_SHORTEST = 3


def is_given_name(word: str) -> bool:
    """Tell whether a lower-case word is a common given name, or a well-known firm, product or place."""
    return word in _names()


def is_german_noun(word: str) -> bool:
    """Tell whether a lower-case word is, or ends in, an ordinary German noun, whatever its case."""
    if word.endswith(_GERMAN_ENDINGS):
        return True
    nouns = _nouns()
    for ending in _INFLECTIONS:
        stem = word.removesuffix(ending) if ending and word.endswith(ending) else word
        if any(stem[start:] in nouns for start in range(len(stem) - _SHORTEST + 1)):
            return True
    return False


@cache
def _names() -> frozenset[str]:
    """Give the names; made at the first question."""
    return frozenset(f"{_GIVEN} {_KNOWN}".split())


@cache
def _nouns() -> frozenset[str]:
    """Give the nouns; made at the first question."""
    return frozenset(_GERMAN_NOUNS.split())
