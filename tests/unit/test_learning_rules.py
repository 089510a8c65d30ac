"""What one event teaches by rules, on an account that knows a champion and a number of seats."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning import facts_at, learn, learn_by_rules, merge
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Learned

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
EARLIER = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
KEYS = (
    MemoryKey(name="renewal_date", kind="date", sentence="Renews on {value}.", aliases=("renewal",)),
    MemoryKey(name="seats", kind="count", sentence="{value} seats.", aliases=("seats",)),
    MemoryKey(name="active_users", kind="count", sentence="{value} use it."),
    MemoryKey(name="champion", kind="person", sentence="{value} is champion.", aliases=("main contact",)),
    MemoryKey(name="exec_sponsor", kind="person", sentence="{value} is sponsor."),
    MemoryKey(name="primary_goal", kind="text", sentence="Goal: {value}."),
    MemoryKey(name="sentiment", kind="text", sentence="Mood: {value}."),
    MemoryKey(name="competitor", kind="text", sentence="Rival: {value}."),
    MemoryKey(name="open_issue", kind="text", sentence="Issue: {value}."),
    MemoryKey(name="requested_feature", kind="text", sentence="Wish: {value}."),
    MemoryKey(name="plan", kind="text", sentence="Plan: {value}."),
    MemoryKey(name="arr", kind="money", sentence="Worth {value}."),
)


def held(key: str, value: str, subject: str = "account") -> Fact:
    return Fact(
        id=f"held:{key}:{value}",
        subject=subject,
        key=key,
        value=value,
        event_id="held",
        author="notes",
        at=EARLIER,
        valid_from=EARLIER,
        known_from=EARLIER,
    )


STATE = AccountState(
    key=AccountKey(tenant="t", account="northwind-traders"),
    facts=(held("champion", "Dana Whitfield"), held("seats", "120")),
)


def event(text: str, *, event_id: str = "e1", author: str = "Sam Reed", kind: str = "message") -> Event:
    return Event(id=event_id, at=SAID_AT, kind=kind, author=author, text=text)


def teach(text: str, state: AccountState = STATE, *, author: str = "Sam Reed", kind: str = "message") -> Learned:
    return learn(state, (event(text, author=author, kind=kind),), KEYS)


def news(learned: Learned) -> dict[str, str | None]:
    return {fact.key: fact.value for fact in learned.news}


def after(state: AccountState, learned: Learned) -> AccountState:
    ends = {row.id: row for row in learned.closed}
    rows = (*(ends.get(row.id, row) for row in state.facts), *learned.facts)
    return state.model_copy(update={"facts": rows, "commitments": (*state.commitments, *learned.commitments)})


def test_a_new_champion_supersedes_the_one_who_left() -> None:
    learned = teach("Dana has left, Priya Nair takes over.")
    assert news(learned) == {"champion": "Priya Nair"}
    assert [row.value for row in learned.superseded] == ["Dana Whitfield"]
    (fact,) = learned.news
    assert (fact.id, fact.quote) == ("e1:champion", "Dana has left, Priya Nair takes over")
    rows = after(STATE, learned).facts
    assert {row.value for row in facts_at(rows, now=SAID_AT)} == {"Priya Nair", "120"}
    assert {row.value for row in facts_at(rows, as_of=EARLIER, now=SAID_AT)} == {"Dana Whitfield", "120"}


@pytest.mark.parametrize(
    "text",
    [
        "Dana has left.",
        "Dana is not our champion any more.",
        "We have lost our champion.",
        "Dana stepped down as our champion.",
    ],
)
def test_a_champion_who_is_gone_without_a_follower_is_retracted(text: str) -> None:
    assert news(teach(text)) == {"champion": None}


@pytest.mark.parametrize("text", ["Lee has left.", "Dana left some comments.", "Has Dana left?", "Dana hasn't left."])
def test_who_is_not_gone_or_held_no_place_changes_nothing(text: str) -> None:
    assert teach(text).facts == ()


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("I am the new champion.", "Priya Nair"),
        ("I'm taking over from Dana.", "Priya Nair"),
        ("Hello, my name is Priya Nair and I am the new champion.", "support form"),
        ("Dana will be replaced by Priya Nair.", "Sam Reed"),
        ("Dana is no longer our champion, Priya Nair is.", "Sam Reed"),
        ("I'm leaving, Priya Nair takes over from me.", "Dana Whitfield"),
        ("I am handing over to Priya Nair.", "Dana Whitfield"),
    ],
)
def test_who_speaks_and_who_follows_is_understood(text: str, author: str) -> None:
    assert news(teach(text, author=author)) == {"champion": "Priya Nair"}


def test_a_speaker_without_a_name_holds_no_place() -> None:
    assert teach("I am the new champion.", author="contact@example.org").facts == ()


@pytest.mark.parametrize(
    "text",
    [
        "We might go to 400 seats, nothing decided.",
        "Oakline has 300 seats.",
        "At Oakline they have 300 seats.",
        "They have 300 seats.",
        "What would 50 seats cost?",
        "Can you give us 30 % off?",
        "If we renew by 3 May 2027, we take 400 seats.",
        "Our sister company's renewal is on 3 May 2027.",
        "Our renewal is in March.",
        "We need 30 more seats.",
        "I'm happy to help.",
        "Nobody is worried.",
        "I am talking to Dana about it, also talking to Dana Whitfield.",
        "Could you add Tom to the account?",
    ],
)
def test_what_is_no_plain_fact_of_the_account_is_passed_over(text: str) -> None:
    assert news(teach(text)) == {}


def test_the_account_may_be_named_and_colleagues_say_they() -> None:
    assert news(teach("Northwind Traders has 80 seats.")) == {"seats": "80"}
    assert news(teach("They have 80 seats.", kind="note")) == {"seats": "80"}


def test_only_declared_keys_are_learned_and_aliases_make_patterns() -> None:
    keys = (
        MemoryKey(name="budget", kind="money", sentence="{value}", aliases=("travel budget",)),
        MemoryKey(name="house_rule", kind="text", sentence="{value}"),
    )
    text = "Our travel budget is EUR 5,000.\nHouse rule: no calls on Fridays.\nOur seats went from 120 to 90 seats."
    learned = learn(STATE, (event(text),), keys)
    assert news(learned) == {"budget": "EUR 5,000", "house_rule": "no calls on Fridays"}


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("We have had 100 seats since 1 May.", "2026-05-01"),
        ("We have 100 seats as of 1 January 2027.", "2027-01-01"),
        ("We have 100 seats from today.", "2026-11-26"),
        ("The renewal moves from 31 March to 30 June 2027.", "2026-11-26"),
    ],
)
def test_a_start_that_the_text_gives_is_when_it_holds_from(text: str, start: str) -> None:
    (fact,) = teach(text).news
    assert fact.valid_from.date().isoformat() == start


def test_a_correction_takes_the_place_of_what_was_believed_from_its_start() -> None:
    learned = teach("Correction: we have 110 seats, not 120.")
    (fact,) = learned.news
    assert (fact.value, fact.valid_from) == ("110", EARLIER)
    rows = after(STATE, learned).facts
    assert "120" not in {row.value for row in facts_at(rows, as_of=EARLIER, now=SAID_AT)}
    assert "120" in {row.value for row in facts_at(rows, as_of=EARLIER, known_at=EARLIER, now=SAID_AT)}


@pytest.mark.parametrize(
    ("text", "corrects"),
    [
        ("I was wrong. We have 110 seats.", True),
        ("We have always had 110 seats.", True),
        ("Your team has always been kind. We have 110 seats.", False),
        ("Typo in my last mail. Sorry for that. We now have 110 seats.", False),
    ],
)
def test_a_correction_reaches_no_further_than_the_next_sentence(text: str, corrects: bool) -> None:  # noqa: FBT001 -- a table
    (fact,) = teach(text).news
    assert (fact.valid_from == EARLIER) is corrects


@pytest.mark.parametrize("text", ["It was never 120 seats.", "Dana was never our champion."])
def test_what_never_was_is_withdrawn(text: str) -> None:
    learned = teach(text)
    assert learned.facts == ()
    assert len(learned.closed) == 1


@pytest.mark.parametrize("text", ["It was never 200 seats.", "Lee was never our champion.", "We were never told."])
def test_denying_what_nobody_believed_changes_nothing(text: str) -> None:
    assert teach(text) == Learned()


def test_several_matters_of_a_kind_stand_beside_each_other() -> None:
    first = after(STATE, teach("Our SSO login is broken. Can you build a Salesforce connector?"))
    more = learn(
        first,
        (
            event(
                "The export keeps failing. We'd love an offline mode. We can't get into the SSO login.", event_id="e2"
            ),
        ),
        KEYS,
    )
    state = after(first, more)
    values = {fact.value for fact in facts_at(state.facts, now=SAID_AT)}
    assert {"Our SSO login is broken", "The export keeps failing", "Salesforce connector", "offline mode"} <= values
    assert not [value for value in values if value and "get into" in value]  # the same trouble in other words
    mended = learn(state, (event("The SSO login works again!", event_id="e3"),), KEYS)
    assert [(fact.key, fact.value) for fact in mended.news] == [("open_issue", None)]
    assert [row.value for row in mended.superseded] == ["Our SSO login is broken"]


def test_a_rival_comes_and_goes() -> None:
    state = after(STATE, teach("We had a demo of Rivalsoft last week."))
    gone = learn(state, (event("We decided against Rivalsoft.", event_id="e2"),), KEYS)
    assert [row.value for row in gone.superseded] == ["Rivalsoft"]


def test_learning_again_from_the_same_events_teaches_nothing() -> None:
    events = (
        event("We went from 120 to 90 seats. I will send you the list by Friday.", event_id="a"),
        event("Dana has left, Priya Nair takes over.", event_id="b"),
        event("We now have 95 seats. Our SSO login is broken.", event_id="c"),
    )
    learned = learn(STATE, events, KEYS)
    assert learn(after(STATE, learned), events, KEYS) == Learned()
    assert [fact.value for fact in learned.news if fact.key == "seats"] == ["90", "95"]
    assert "95" in {fact.value for fact in facts_at(after(STATE, learned).facts, now=SAID_AT)}


def test_a_batch_can_be_asked_what_was_believed_between_its_events() -> None:
    later = event("We now have 95 seats.", event_id="b").model_copy(update={"at": SAID_AT.replace(day=27)})
    learned = learn(STATE, (event("We went from 120 to 90 seats.", event_id="a"), later), KEYS)
    assert [fact.value for fact in learned.news] == ["90", "95"]
    assert [row.value for row in learned.superseded] == ["120", "90"]
    rows = after(STATE, learned).facts
    between = SAID_AT.replace(day=26)
    believed = facts_at(rows, as_of=later.at, known_at=between, now=later.at)
    assert "90" in {row.value for row in believed}
    assert "95" in {row.value for row in facts_at(rows, now=later.at)}


def test_facts_read_elsewhere_are_merged_and_rules_go_first() -> None:
    state = after(STATE, teach("We are on the Business plan."))
    fact = held("plan", "Starter").model_copy(update={"id": "e1:plan", "event_id": "e1"})
    assert merge(state, (fact,), now=SAID_AT) == Learned()
    other = fact.model_copy(update={"id": "e2:plan", "valid_from": SAID_AT})
    assert news(merge(STATE, (other,), now=SAID_AT)) == {"plan": "Starter"}


def test_a_clause_of_endless_length_is_not_read() -> None:
    assert teach("we have 90 seats and " + "so " * 1000) == Learned()
    long_clause = "our contract covers 90 seats" + " as we agreed" * 30
    (reading,) = learn_by_rules(event(long_clause), KEYS, state_facts=(), now=SAID_AT)
    assert reading.fact.quote == "our contract covers 90 seats"


def test_no_account_name_of_general_words_counts_as_we() -> None:
    state = STATE.model_copy(update={"key": AccountKey(tenant="t", account="demo")})
    assert teach("Demo has 80 seats.", state).facts == ()


@pytest.mark.parametrize(
    ("text", "owner", "task", "due"),
    [
        ("We will send you the list by Friday.", "Sam Reed", "send you the list", "2026-11-27"),
        ("I'll get back to you before 12 May.", "Sam Reed", "get back to you", "2027-05-12"),
        ("Priya Nair will confirm the numbers.", "Priya Nair", "confirm the numbers", ""),
        ("You will have the draft on Monday.", "Sam Reed", "have the draft", "2026-11-30"),
        ("We'll prepare it by the end of June 2027.", "Sam Reed", "prepare it", "2027-06-30"),
        ("I will send it in March.", "Sam Reed", "send it in March", ""),
    ],
)
def test_a_promise_is_kept_with_its_owner_and_day(text: str, owner: str, task: str, due: str) -> None:
    (promise,) = teach(text).commitments
    assert (promise.owner, promise.task, promise.due, promise.id) == (owner, task, due, "e1:commitment")


@pytest.mark.parametrize(
    "text",
    [
        "Will you send us the list by Friday?",
        "You will send us the list by Friday.",
        "We won't send it before Monday.",
        "If the board agrees, we will sign by Friday.",
        "We will have a look.",
        "Operations will send it.",
        "We will send " + "very " * 300 + "much",
    ],
)
def test_requests_refusals_and_vague_words_are_no_promises(text: str) -> None:
    assert teach(text).commitments == ()


def test_a_departure_with_a_day_holds_from_that_day() -> None:
    (fact,) = teach("Dana will leave us on 31 January.").news
    assert (fact.value, fact.valid_from.date().isoformat()) == (None, "2027-01-31")
    rows = after(STATE, teach("Dana will leave us on 31 January.")).facts
    assert "Dana Whitfield" in {row.value for row in facts_at(rows, now=SAID_AT)}


def test_a_date_that_never_was_is_withdrawn() -> None:
    state = STATE.model_copy(update={"facts": (held("renewal_date", "2027-06-30"),)})
    learned = teach("The renewal was never 30 June.", state)
    assert [row.value for row in learned.closed] == ["2027-06-30"]


def test_a_new_holder_says_more_than_that_the_old_one_is_gone() -> None:
    learned = teach("Priya Nair is our new champion. Dana is no longer our champion.")
    assert news(learned) == {"champion": "Priya Nair"}


def test_a_date_within_the_value_is_not_taken_for_the_start() -> None:
    (fact,) = teach("We want to cut onboarding time in half from 1 January 2027.").news
    assert (fact.value, fact.valid_from) == ("cut onboarding time in half from 1 January 2027", SAID_AT)
