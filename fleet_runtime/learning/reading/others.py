"""Tell whether a sentence speaks of a company that is not the account.

A name is another's where it stands as companies' names do: with a word like "Foods" at its end, after "at", before
what a company has, or beginning as the account's own name does and going on otherwise.
"""

from __future__ import annotations

import re

from fleet_runtime.learning.names import clean_person
from fleet_runtime.learning.reading.passages import CLOSE, OPEN

_NAME = r"(?-i:[A-Z][\w&'-]*\w(?:\s+(?:&\s+)?[A-Z][\w&'-]*\w){0,3})"
_SUFFIXES = (
    r"(?:Labs?|Foods?|Group|Corp|Corporation|Inc|Ltd|Limited|LLC|GmbH|AG|SA|PLC|Logistics|Partners|Systems|Industries|"
    r"Bank|Media|Health|Healthcare|Energy|Retail|Works|Studios?|Solutions|Holdings?|Motors|Pharma|Tech|Technologies|"
    r"Consulting|Capital|Insurance|Software|University|Clinics?|Freight|Textiles|Ceramics|Traders|Trading|Shipping|"
    r"Analytics|Robotics|Airlines|Airways|Hotels?|Hospitality|Estates|Packaging|Instruments|Bakery|Bakeries|Brewery|"
    r"Brewing|Dairy|"
    r"Farms|Mills|Steel|Paper|Press|Publishing|Biotech|Diagnostics|Dental|Optics|Outdoor|Sports|Telecom|Networks|"
    r"Digital|Services|Ventures|Manufacturing|Engineering|Construction|Interiors|Furniture|Fabrics|Apparel|Cosmetics|"
    r"Marine|Aviation|Transport|Couriers?|Legal|Advisory|Mutual|Trust|Finance|Financial|Securities|Utilities|Water|"
    r"Power|Solar|Timber|Stone|Glass|Plastics|Chemicals|Tools|Supply|Supplies|Distribution|Wholesale|Markets?|Stores|"
    r"Company|Co|International|Worldwide|Institute|Academy|College|Hospital|Care|Homes|Realty|Properties|Wines|Coffee|"
    r"Tea|Kitchens|Catering|Travel|Tours|Cruises|Rail|Cargo|Print|Graphics|Design|Creative|Machinery|Coatings|"
    r"Materials|Components|Electronics|Electric|Automotive|Beverages|Ceramic|Tiles|Bikes|Boats|Foundry|Forge|Games|"
    r"Books|Music|Films?|Pumps|Valves|Cables|Toys|Shoes|Garments|Carpets|Paints|Tyres|Batteries|Turbines|Lighting|Flooring|Brothers|"
    r"Bros|Sons)"
)
_COMPANY = re.compile(
    rf"(?-i:\b(?!(?:It|That|This|They|What|Who|There|Here|He|She|We|You|I)(?:'\w+)?\s)[A-Z][\w&'-]*\w\s+(?:&\s+)?(?:[A-Z][\w'-]*\w\s+)?{_SUFFIXES}\b(?!\s+(?:plan|tier|edition|package)))"
)
_POSSESSED = re.compile(
    rf"(?P<name>{_NAME})(?:'s|')\s+(?!(?:our|the|your|my|an?|now|been|taken|become|also|still|going|got)\b)(?:\w+\s+){{0,2}}(?:renewals?|seats?|licen[cs]es?|contract|plan|tier|arr|acv|"
    r"rollout|"
    r"roll-out|health|score|subscription|account|deal|champion|sponsor|csm|agreement|footprint|spend|exec)\b",
    re.IGNORECASE,
)
_AT = re.compile(
    rf"\b(?:over\s+at|at|inside|unlike|across\s+at|same\s+as\s+at|story\s+at|case\s+of|not\s+for|like|visited|visiting|"
    rf"folks\s+(?:at|from)|people\s+(?:at|from)|friends\s+(?:at|from)|as\s+(?:with|for))\s+(?P<name>{_NAME})",
    re.IGNORECASE,
)
_SET_AT = re.compile(
    r"\b(?:fixed|set|stands?|sits?|capped|kept|held|limited|look\w*|arrived|aimed|agreed|stays?|remains?|now|"
    r"currently)\s+$",
    re.IGNORECASE,
)
_HOLDS = (
    r"(?:has|have|had|is|are|was|were|went|runs?|uses?|pays?|renew\w*|moved|dropped|bought|signed|extended|cut|grew|"
    r"hit|"
    r"reached|goes|got|holds?|switched|upgraded|downgraded|appointed|chose|picked|expanded|landed|closed|doubled|"
    r"rolled|lost|took|sits|ended|starts?|started|just|now|recently|also|already|they|it)"
)
_SUBJECT = re.compile(
    r"^(?:(?:and|but|also|well|fyi|btw|by\s+the\s+way|meanwhile|separately|incidentally|side\s+note|aside|unrelated|"
    r"for\s+context|fun\s+fact|elsewhere|note|ps|p\.s\.|in\s+other\s+news|off\s+topic|word\s+is|apparently|(?:i|we)\s+"
    r"(?:hear|heard|saw|read|noticed|learned|gather|see)(?:\s+that)?|(?:she|he|they|\w+)\s+(?:mentioned|said|"
    r"told\s+(?:us|me))"
    rf"(?:\s+that)?)\W+)*(?P<name>{_NAME})(?:'s\s|(?:,[^,]{{1,30}},)?,?\s+(?:\w+ly\s+)?{_HOLDS}\b|\s*\(|,\s*(?:a|an|"
    r"the|our|another|which|who)\b)",
    re.IGNORECASE,
)
_TOLD_OF = re.compile(
    r"\b(?:mentioned|said|told\s+(?:us|me)|hear[ds]?|read|saw|noticed|learn\w+|knows?|gather\w*|belongs?\s+to|"
    r"concerns?|"
    r"is\s+about|was\s+about|refers?\s+to|meant\s+for|applies\s+to|"
    rf"reference\s+(?:customer\s+)?(?:we\s+named)?)\s+(?:that\s+)?(?P<name>{_NAME})"
    rf"(?:\s+(?:runs|uses|pays|renewed|renews|ha[sd]\s+{OPEN}|is\s+on\s|went\s+(?:from|to)|moved\s+(?:to|from)|"
    r"and\s+not)|\s*[,.)]|\s*$)",
    re.IGNORECASE,
)
_WHOSE = re.compile(
    rf"(?P<name>{_NAME}),?\s+whose\b|\bthat\s+(?:company|firm|customer|client|account)\s+(?:has|is|runs|pays)",
    re.IGNORECASE,
)
_BELONGS = re.compile(
    r"\b(?:(?<!account\s)(?<!account\snow\s)belongs?\s+to|concerns?|refers?\s+to|meant\s+for|mixed\s+up\s+with|"
    rf"confus\w+\s+with)\s+(?P<name>{_NAME})(?!\w)(?!\s+(?-i:[A-Z]))(?!\s+as\b)",
    re.IGNORECASE,
)
_ONE_WORD_HOLDS = re.compile(
    r"(?:\s+(?:just|now|only|also|recently|already))*\s+(?:ha[sd](?!\s+(?:been|to|come|now\s+been))|runs|uses|pays|"
    r"renew\w*|dropped|bought|went(?!\s+(?:back|over|through|quiet|on|home))|extended|"
    r"reached|hit|grew|cut|switched|upgraded|downgraded|holds)\b|'s\s",
    re.IGNORECASE,
)
_NEIGHBOUR = re.compile(
    rf"(?P<name>{_NAME})(?:,\s+|\s+\()(?:(?:a|an|the|our|another|one\s+of\s+our)\s+(?:\w+\s+){{0,2}}(?:customer|client|"
    r"account|prospect|company|firm|peer|neighbou?r|supplier|partner|reseller|subsidiary)\b)",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(rf"\b(?:we|our|us|my|i)\b|{OPEN}o{CLOSE}", re.IGNORECASE)
_THIRD_PERSON = re.compile(r"\b(?:they|their|them)(?:'\w+)?\b|\bthe\s+(?:customer|client)\b", re.IGNORECASE)


_ASKS = re.compile(r"(?:what|how|who|when|where|why|which|i've|i'd|i'll|we've|we'd)\b", re.IGNORECASE)
_OF_NAMED = re.compile(
    rf"\b(?:agreement|contract|deal|subscription|plan|seats|order)\s+(?:that\s+|which\s+)?(?P<name>{_NAME})\s+(?:signed|has|have|"
    r"bought|made|closed|renewed|holds|ordered|took|got)\b|"
    rf"\b(?:csm|champion|sponsor|account\s+manager|success\s+manager)\s+(?:for|at|of)\s+(?P<other>{_NAME})(?=,|\s+(?:is|was|sat|joined|told|said))|"
    rf"^(?:over\s+)?at\s+(?P<place>{_NAME}),",
    re.IGNORECASE,
)


def names_another(text: str, own_first: str = "") -> bool:
    """Tell whether a sentence speaks of a company that is not the account.

    Args:
        text: The marked text, in which the account's own name is a mark.
        own_first: The first word of the account's own name, if it has one.
    """
    if own_first and _look_alike(text, own_first):
        return True
    if _COMPANY.search(text):
        return True
    match = _POSSESSED.search(text) or _NEIGHBOUR.search(text)
    if match is not None and clean_person(match["name"]) is not None:
        return True
    told = _OF_NAMED.search(text)
    if told is not None and clean_person(told[told.lastgroup or 0]) is not None:
        return True
    return _BELONGS.search(text) is not None or _WHOSE.search(text) is not None or _is_at_another(text)


def _is_at_another(text: str) -> bool:
    """Tell whether a sentence speaks of how it is "at Oakline"."""
    match = _AT.search(text)
    if match is None or _SET_AT.search(text[: match.start()]) or _FIRST_PERSON.search(text):
        return False
    return clean_person(match["name"]) is not None and re.match(r"[A-Z]-", match["name"]) is None


def _look_alike(text: str, own_first: str) -> bool:
    """Find a name that begins as the account's own does and goes on otherwise; its own is marked."""
    names = re.finditer(rf"\b{re.escape(own_first)}(?:\s+|-)([A-Z][\w&-]+)", text)
    return any(clean_person(match[1]) is not None for match in names)


def is_of_them(text: str) -> bool:
    """Tell whether a customer's own sentence speaks of others only."""
    return _THIRD_PERSON.search(text) is not None and not is_of_us(text)


def is_of_us(text: str) -> bool:
    """Tell whether a sentence speaks of the account as "we", or by its own name."""
    return _FIRST_PERSON.search(text) is not None


def opens_with_another(text: str) -> bool:
    """Tell whether a sentence has somebody else's name for its subject: "Oakline has …"."""
    told = _TOLD_OF.search(text)
    if told is not None and clean_person(told["name"]) is not None and told[0][-1] not in ".,":
        return True
    match = _SUBJECT.match(text)
    name = clean_person(match["name"]) if match is not None else None
    if match is None or name is None or _ASKS.match(match["name"]):
        return False
    return " " in name or _ONE_WORD_HOLDS.match(text[match.end("name") :]) is not None
