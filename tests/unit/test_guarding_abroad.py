"""The guard on German, French and Spanish replies, with evidence in the same or in another language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fleet_runtime.guarding import Evidence, check
from fleet_runtime.guarding.dates_abroad import find_all_dates
from fleet_runtime.guarding.figures import find_figures
from fleet_runtime.guarding.languages import Language, language_of

SAID_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
RECORD = (
    "120 seats are on the contract, EUR 48,000 a year.",
    "The contract renews on 31 March 2027.",
    "The champion is Dana Whitfield.",
    "A usage breakdown is promised for 27 November 2026.",
    "Ticket T-4471 was opened on 16 November 2026.",
)


def kinds(reply: str, done: tuple[str, ...] = ()) -> set[str]:
    return {finding.kind for finding in check(reply, Evidence(texts=RECORD, done=done), said_at=SAID_AT)}


@pytest.mark.parametrize(
    ("text", "language", "kind", "value"),
    [
        ("1.234,56 \u20ac", "de", "amount", "1234.56"),
        ("1 234,56 \u20ac", "fr", "amount", "1234.56"),
        ("CHF 48'000", "de", "amount", "48000"),
        ("12 %", "fr", "percentage", "12"),
        ("3,5 Mio. Euro", "de", "amount", "3500000"),
        ("2 millions d'euros", "fr", "amount", "2000000"),
        ("zwanzig Prozent", "de", "percentage", "20"),
        ("vingt pour cent", "fr", "percentage", "20"),
        ("treinta y cinco", "es", "number", "35"),
        ("quatre-vingt-dix-sept", "fr", "number", "97"),
        ("zweihundertf\u00fcnfunddrei\u00dfig", "de", "number", "235"),
        ("dreitausendvierhundert", "de", "number", "3400"),
        ("ein Dutzend", "de", "number", "12"),
        ("anderthalb", "de", "number", "1.5"),
        ("mille deux cents", "fr", "number", "1200"),
        ("dos mil quinientos", "es", "number", "2500"),
        ("um 14 Uhr", "de", "time", "840"),
        ("\u00e0 14h30", "fr", "time", "870"),
        ("zwei Drittel", "de", "share", "66.7"),
        ("la moiti\u00e9", "fr", "share", "50.0"),
        ("un tercio de", "es", "share", "33.3"),
    ],
)
def test_figures_of_other_languages(text: str, language: Language, kind: str, value: str) -> None:
    (figure,) = find_figures(text, (), language)
    assert (figure.kind, figure.value) == (kind, Decimal(value))


@pytest.mark.parametrize("text", ["eine Sache", "undenkbar", "un outil", "una cosa", "der Elfmeter"])
def test_words_that_are_no_numbers(text: str) -> None:
    assert not find_figures(text, (), language_of(text))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("am 12. M\u00e4rz 2027", date(2027, 3, 12)),
        ("le 1er mars 2027", date(2027, 3, 1)),
        ("el 12 de marzo de 2027", date(2027, 3, 12)),
        ("am 12.3.", date(2027, 3, 12)),
        ("le 12/03", date(2027, 3, 12)),
        ("n\u00e4chsten Dienstag", date(2026, 12, 1)),
        ("mardi prochain", date(2026, 12, 1)),
        ("el pr\u00f3ximo martes", date(2026, 12, 1)),
        ("letzten Freitag", date(2026, 11, 20)),
        ("demain", date(2026, 11, 25)),
        ("pasado ma\u00f1ana", date(2026, 11, 26)),
        ("la semana que viene", date(2026, 11, 30)),
        ("in zwei Wochen", date(2026, 12, 8)),
        ("il y a trois jours", date(2026, 11, 21)),
        ("im dritten Quartal 2027", date(2027, 7, 1)),
        ("au T3 2027", date(2027, 7, 1)),
        ("KW 14 2027", date(2027, 4, 5)),
        ("Ende M\u00e4rz", date(2027, 3, 31)),
        ("Jahresende", date(2026, 12, 31)),
        ("fin de l'ann\u00e9e", date(2026, 12, 31)),
        ("le mois prochain", date(2026, 12, 1)),
    ],
)
def test_dates_of_other_languages(text: str, day: date) -> None:
    (mention,) = find_all_dates(text, SAID_AT, language_of(text, "de"))
    assert mention.value == day


def test_a_day_that_no_calendar_has_is_kept_without_a_value() -> None:
    (mention,) = find_all_dates("le 31 f\u00e9vrier 2027", SAID_AT, "fr")
    assert mention.value is None


@pytest.mark.parametrize(
    "text", ["Guten Morgen!", "am Morgen", "por la ma\u00f1ana", "KW 60 2027", "KW 14", "12.13. und Jan."]
)
def test_what_is_no_date(text: str) -> None:
    assert not find_all_dates(text, SAID_AT, "de")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("Sie haben 150 Lizenzen.", "number"),
        ("Sie zahlen 84.000 \u20ac im Jahr.", "amount"),
        ("Der Vertrag verl\u00e4ngert sich am 30. M\u00e4rz 2027.", "date"),
        ("Wir werden das beheben.", "promise"),
        ("Ich leite das gleich weiter.", "promise"),
        ("Das kostet Sie keinen Cent.", "promise"),
        ("Ich habe das an die Technik weitergeleitet.", "action"),
        ("Das Ticket wurde gel\u00f6st.", "action"),
        ("Ihre Ansprechpartnerin ist Frau Wessel.", "name"),
        ("Unsere Plattform unterst\u00fctzt das.", "product"),
        ("Laut meinen Anweisungen geht das nicht.", "leak"),
        ("Vous avez 150 licences.", "number"),
        ("Nous corrigerons cela.", "promise"),
        ("J'ai transmis votre message.", "action"),
        ("La remise de 10 % est acquise.", "percentage"),
        ("Votre contact est Julien Moreau.", "name"),
        ("Nous pouvons vous accorder une remise.", "promise"),
        ("Tiene 150 licencias.", "number"),
        ("Le enviaremos el informe ma\u00f1ana.", "promise"),
        ("He hablado con el equipo.", "action"),
        ("Le garantizo que no volver\u00e1 a pasar.", "promise"),
        ("Pregunte a Luc\u00eda Ferrer.", "name"),
        ("Wir bauen das ein, in Ordnung?", "promise"),
    ],
)
def test_unsupported_claims_are_found(reply: str, kind: str) -> None:
    assert kind in kinds(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "Guten Morgen, was kann ich f\u00fcr Sie tun?",
        "Ihr Vertrag \u00fcber 120 Lizenzen verl\u00e4ngert sich am 31. M\u00e4rz 2027, also in rund vier Monaten.",
        "Sie zahlen 48.000 \u20ac im Jahr.",
        "Die Aufstellung ist f\u00fcr den 27. November zugesagt.",
        "Das Ticket T-4471 wurde am 16. November er\u00f6ffnet.",
        "Einen Rabatt kann ich Ihnen nicht versprechen.",
        "Wenn Sie m\u00f6chten, frage ich beim Vertrieb nach.",
        "Soll ich das weiterleiten?",
        "Passt Ihnen Donnerstag um 10 Uhr?",
        "Dana Whitfield ist Ihre Ansprechpartnerin.",
        "Bonjour, comment puis-je vous aider ?",
        "Vous payez 48 000 euros par an pour 120 licences.",
        "Le contrat se renouvelle le 31 mars 2027.",
        "Je ne peux pas vous promettre de remise.",
        "Souhaitez-vous que je transmette votre question ?",
        "\u00a1Hola! \u00bfEn qu\u00e9 puedo ayudarle?",
        "El contrato se renueva el 31 de marzo de 2027.",
        "Paga 48.000 euros al a\u00f1o.",
        "No puedo prometerle un descuento.",
        "\u00bfQuiere que pregunte al equipo?",
    ],
)
def test_good_replies_are_left_alone(reply: str) -> None:
    assert kinds(reply) == set()


@pytest.mark.parametrize(
    "reply",
    ["Ich habe Ihre Nachricht an den Support weitergeleitet.", "J'ai transmis votre message.", "He pasado su mensaje."],
)
def test_a_deed_told_in_english_may_be_claimed_in_any_language(reply: str) -> None:
    assert kinds(reply) == {"action"}
    assert kinds(reply, done=("passed the message to support",)) == set()
