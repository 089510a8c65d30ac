"""Tell in which mood a clause is said: asked, supposed, wished, denied, past, or of somebody else.

A fact is taken from a plain statement about the account itself; whatever else a clause is, is said
here by readable tables of cues. Works on marked text (see `passages`), where dates and numbers
cannot be mistaken for words.
"""

from __future__ import annotations

import re
from typing import Literal

Mood = Literal["question", "hypothetical", "wish", "denied", "past", "foreign"]


def _cues(*alternatives: str) -> re.Pattern[str]:
    """Join cues to one pattern of whole words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(alternatives) + r")(?!\w)", re.IGNORECASE)


_PRONOUN = r"(?:you|we|i|they|it|he|she|there|this|that|the|our|your|my|anyone|someone|anybody)"
_OPENS_QUESTION = re.compile(
    rf"^(?:(?:so|and|but|also|hi|hello|ok|well|please|by the way|btw)[\s,]+)*(?:"
    rf"(?:can|could|would|will|do|does|did|is|are|should|shall|may|might|have|has|was|were|isn't|aren't|don't|doesn't|"
    rf"won't|can't|couldn't|wouldn't|didn't|am)\s+{_PRONOUN}\b"
    rf"|(?:what|how|who|whom|whose|where|why|which|when)(?:'s)?\s+"
    r"(?:is|are|was|were|would|do|does|did|can|could|much|many|about|if|will|should|long|often|has|have|"
    rf"{_PRONOUN}\s+\w+\s*$)\b"
    rf"|what\s+(?!(?:we|they|i|you|it|he|she)\b)\w+\s+(?:is|are|do|does|would)\b"
    rf"|any\s+(?:chance|idea|news|plans?|update)\b)",
    re.IGNORECASE,
)
_CONDITION = _cues(
    r"if(?!\s+(?:you\s+(?:need|have|like|want|could|can|would)|possible|not\b|that\s+helps|i\s+(?:recall|"
    r"remember)|anything|i\s+(?:had|have)\s+to|i'm\s+honest|anyone\s+asks|memory\s+serves|"
    r"you(?:'re|\s+are|\s+were)?\s+(?:wondering|wonder|ask|look|must\s+know|missed)))",
    "unless",
    "provided (?:that )?we",
    r"suppose|supposing",
    "assuming",
    "in case",
    "what if",
    "let's say",
    r"(?<!\w )say we",
    "as soon as",
    "should we",
)
_POLITE = re.compile(
    r"\b(?:please )?let (?:me|us) know\b.*|\bplease (?:note|be aware|remember|find|see|keep in mind|update "
    r"your (?:records|notes|files))\b(?: that)?"
    r"|\b(?:i|we) (?:should|would|'d) be (?:\w+ )?(?:grateful|glad|obliged|thankful) if you (?:would|could)\b"
    r"|\bunless (?:it is |it's |we |they |either side )?(?:renew\w*|extend\w*|cancel\w*)",
    re.IGNORECASE,
)
_HYPOTHETICAL = _cues(
    "might|may|could|couldn't|would|wouldn't|would've",
    r"(?:we|i|you|they|it|he|she|that)'d",
    "maybe|perhaps|possibly|potentially|probably|likely|presumably|ideally|hypothetically|theoretically|tentatively",
    "in theory|some ?day|one day|eventually|in future|in the future",
    r"imagin\w+|assum\w+|wonder\w*|pretend\w*",
    r"consider(?:s|ing|ed)?|contemplat\w+|toy(?:s|ing)? with|flirt\w* with|mull\w*|weigh\w*|debat\w+|ponder\w*",
    r"discuss(?:es|ing|ed)?|explor(?:e|es|ing|ed)|evaluat(?:e|es|ing|ed)",
    r"thinking|thought (?:about|of)|think (?:about|of)|talk(?:ed|ing|s)? (?:about|of)|idea of|rumou?rs?|"
    r"word is|dream\w*",
    r"whether|undecided|unsure|not (?:yet )?(?:sure|certain|decided|final|confirmed)|nothing (?:is |has "
    r"been )?(?:yet )?"
    r"(?:decided|final|fixed|signed|agreed)|open question|up for debate|to be (?:decided|confirmed)|tbc|tbd",
    r"(?:a|the) scenario|for example|for instance|such as|joking|kidding|just a joke",
    r"seem(?:s|ed)? to|apparently|supposedly|allegedly|i (?:guess|suspect|fear|doubt)",
)
_WISH = _cues(
    r"want(?:s|ed|ing)?|wish(?:es|ed|ing)?|hop(?:e|es|ed|ing)|hopefully|need(?:s|ed|ing)?|needs? to",
    r"plan(?:s|ned|ning)? (?:to|on|for)|intend(?:s|ed|ing)?|intention|aim(?:s|ed|ing)?|target(?:s|ed|ing)?|goal",
    r"look(?:s|ing)? (?:to|at|into|for)|try(?:ing)? to|tries to|expect(?:s|ed|ing)?|prefer(?:s|red)?",
    r"propos(?:e|es|ed|al|ing)|suggest(?:s|ed|ing|ion)?|offer(?:s|ed|ing)?|quot(?:e|es|ed|ing)|request(?:s|ed|ing)?",
    r"ask(?:s|ed|ing)?|interested|willing|like to|love to|budget(?:s|ed)? for|negotiat\w+|please|let's|trial",
    r"should|ought to|has to|have to|must|supposed to|due to be",
)
_DENIED = _cues(
    "not|never|no|none|nobody|neither|nor|without|cannot|hardly|barely",
    r"\w+n't|no longer|any ?more",
)
_NOT_DENIED = re.compile(
    r"\bnot only\b|\bno (?:problem|worries|doubt|wonder|matter|\d)\b|,\s*not\s|"
    r"\b(?:won't|will not|not going to|not gonna|can't|cannot) (?:lie|pretend|hide|deny|complain|stress)\b|"
    r"\bcouldn't be (?:happier|clearer|better)\b|\b(?:hadn't|didn't|don't) (?:mention|written|write|say much)\b",
    re.IGNORECASE,
)
_PAST = _cues(
    r"used to|back (?:in|then)|at the time|previously|formerly|in the past|years ago|once had|had been|"
    r"(?:we|they|you) had|were|was (?!moved|changed|shifted|extended|set|upgraded|downgraded|reduced|"
    r"raised|cut|agreed|renewed|"
    r"signed|pushed|postponed|delayed|appointed|named|made|replaced|promoted|delighted|thrilled)",
)
_FOREIGN = _cues(
    r"(?:other|another|sister|parent|rival|previous|former|old|different|partner|peer)s?\s+"
    r"(?:compan(?:y|ies)|firms?|customers?|clients?|employers?|accounts?|organi[sz]ations?|business(?:es)?|"
    r"suppliers?|vendors?)",
    r"(?:our|my|a)\s+(?:customers?|clients?)(?:'s|s')?",
    r"(?:our|my|a|the)\s+(?:competitors?|partners?|suppliers?|sister|parent|mother|neighbou?rs?|"
    r"friends?|wife|husband|bank|landlord|reseller)(?:'s|s')?",
    r"(?:a|some) (?:friend|colleague|peer|company|customer|client)s? (?:of (?:mine|ours)|at|from|in)",
    r"i (?:read|heard|saw) (?:that|about)|elsewhere|my last job|where i worked",
)


def opens_question(clause: str) -> bool:
    """Tell whether a clause begins as a question or a request does."""
    return _OPENS_QUESTION.search(clause) is not None


def sets_condition(text: str) -> bool:
    """Tell whether something in the text is made to depend on a condition."""
    return _CONDITION.search(_POLITE.sub("", text)) is not None


def moods_of(clause: str) -> frozenset[Mood]:
    """Return the moods that cue words give a clause; a plain statement has none."""
    found: set[Mood] = set()
    clause = _POLITE.sub("", clause)
    tables: tuple[tuple[Mood, re.Pattern[str], str], ...] = (
        ("hypothetical", _HYPOTHETICAL, clause),
        ("wish", _WISH, clause),
        ("denied", _DENIED, _NOT_DENIED.sub(" ", clause)),
        ("past", _PAST, clause),
        ("foreign", _FOREIGN, clause),
    )
    for mood, pattern, text in tables:
        if pattern.search(text):
            found.add(mood)
    return frozenset(found)


_OVERLOOKED = re.compile(
    r"\b(?:they|we|i|you|he|she|it)'d (?:said|had|been|told|written|ordered|signed|added|got|put|read|agreed|looked|"
    r"heard|seen|"
    r"set|dropped|noted|recorded|logged|typed|entered|bought|misread|misheard|left|mentioned)\b|"
    r"\b(?:must|have to|need to|has to|needs to|want to|wanted to|like to) (?:point out|say|admit|correct|"
    r"apologi[sz]e|confess|stress|"
    r"take (?:that|it) back|set the record|put (?:that|this|it) right|own up|clarify|confirm|flag|note|tell you)\b|"
    r"\bshould've (?:said|been|read|shown|stated|had|put|written)\b|\bwhen (?:\w+ ){1,3}asked\b|\btrial\b(?= balance)|"
    r",\s*please\s*[:.]|\bif you need\b|\bif you(?:'re| are| were)? (?:wonder|ask)\w*|\blook(?:s|ed|ing)? (?:at|into|"
    r"through|back|over)\b|\b(?:good|great|big) (?:hope|need)\b|"
    r"\bneeds? (?:updating|fixing|"
    r"correcting|changing|to be (?:updated|corrected|fixed|changed|set))\b|\bas (?:requested|expected|planned|"
    r"proposed|asked)\b|"
    r"\bshould (?:say|read|be|have been|have said|show|state|stand)\b|\bplease (?:correct|update|change|fix|note|"
    r"record|amend|"
    r"log|set|replace)\b|\brequest(?:ed)? (?:went|was|has been) \w+|\bquoted? (?:below|above|from)\b|"
    r"\bthe offer letter\b|"
    r"\bper (?:the |their )?(?:request|proposal|offer|plan)\b|\bas (?:a|your|our) customers?\b|\b(?:i'd|i would|we'd|"
    r"we would) (?:say|log|call|describe|put|rate|sum|characteri[sz]e|stand by|swear)\b|\bshould have (?:said|read|"
    r"been|stated|"
    r"shown)\b|\b(?:a|our) customer account\b|\btargets?\b(?! (?:of|for))|\bgoal\b|\bhas to (?:say|read)\b",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\b(?:consider(?:s|ing|ed)?|evaluat(?:e|es|ing|ed)|explor(?:e|es|ing|ed)|weigh\w*|discuss(?:es|ing|ed)?|"
    r"contemplat\w+|"
    r"flirt\w* with|toy\w* with|mull\w*|trial|offer(?:s|ed|ing)?|propos(?:e|es|ed|al|ing)|quot(?:e|es|ed|ing)|"
    r"talk(?:ed|ing|s)? (?:about|of)|thinking|ask(?:s|ed|ing)?|look(?:s|ed|ing)? (?:to|at|into|for)|rival\w*|"
    r"(?:the|our|a|their) (?:\w+ )?competitors?|(?:other|another|different|rival|competing|second) (?:vendors?|"
    r"suppliers?|providers?|compan(?:y|ies)|firms?)|have to beat|need to beat|must beat|interested|prefer\w*|"
    r"apparently)\b",
    re.IGNORECASE,
)


def moods_of_statement(clause: str, *, weighed: bool = False) -> frozenset[Mood]:
    """Return the moods of a clause that is read by sense: words that only look like a wish do not count.

    Args:
        clause: The clause.
        weighed: Let it be said that something is considered, offered or tried.
    """
    text = _OVERLOOKED.sub(" ", _POLITE.sub("", clause))
    return moods_of(_WEIGHED.sub(" ", text) if weighed else text)
