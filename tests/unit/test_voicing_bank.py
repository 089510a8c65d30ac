"""Voice banks and task examples: layers, mistakes named with their file, values that stay values."""

from __future__ import annotations

import pytest
from open_fleets import shipped

from fleet_runtime.errors import ContractError, PromptError
from fleet_runtime.voicing import VoiceBank, load_bank, load_tasks
from fleet_runtime.voicing.bank import fill

GENERIC = ("generic.yaml", "phrases: {thanks: [a, b], hello: [c]}\nquestions: {open: ['q?']}")


def test_a_higher_layer_replaces_entries_of_the_same_name_and_keeps_the_others() -> None:
    bank = load_bank((GENERIC, ("own.yaml", "phrases: {thanks: [x]}\ncarry_to: product-manager")))
    assert bank.phrases == {"thanks": ("x",), "hello": ("c",)}
    assert bank.questions == {"open": ("q?",)}
    assert bank.carry_to == "product-manager"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("phrases: [", "not valid YAML"),
        ("- a list", "a mapping"),
        ("", "a mapping"),
        ("phrazes: {}", "phrazes"),
        ("phrases: {thanks: 7}", "phrases.thanks"),
        ("questions: {open: [{a: b}]}", "questions.open"),
        ("cues: !!python/object/apply:os.getcwd []", "not valid YAML"),
    ],
)
def test_a_mistake_in_a_bank_names_its_file_and_key(text: str, named: str) -> None:
    with pytest.raises(ContractError) as caught:
        load_bank((GENERIC, ("voice/own.yaml", text)))
    assert caught.value.message.startswith("voice/own.yaml: ")
    assert named in caught.value.message
    assert caught.value.__cause__ is not None or "mapping" in named


@pytest.mark.parametrize("broken", ["classify.yaml", "reflect.yaml", "answer.yaml"])
@pytest.mark.parametrize("text", ["", "[", "examples: 7", "examples: [[only one]]"])
def test_a_mistake_in_the_task_examples_is_a_contract_error(broken: str, text: str) -> None:
    kinds = "{kinds: [{name: a, meaning: b}], examples: [[c, a]]}"
    files = {
        "classify.yaml": f"question: {kinds}\nstatement: {kinds}",
        "reflect.yaml": "examples: [[a, b]]",
        "answer.yaml": "examples: [[a, b]]",
    }
    assert load_tasks(files).reflect.examples == (("a", "b"),)
    with pytest.raises(ContractError, match="prompts/"):
        load_tasks({**files, broken: text})


def test_cues_are_whole_words_in_any_case() -> None:
    bank = VoiceBank(cues={"c": ("act as", "can't")})
    assert bank.cued("c", "Please ACT AS the boss")
    assert bank.cued("c", "I can't, sorry")
    assert not bank.cued("c", "contract assets; react as")
    assert not bank.cued("other", "act as")


def test_a_value_with_braces_or_group_references_stays_as_it_is() -> None:
    assert fill("Hello {name}.", {"name": r"{name} {{x}} \1 \g<0>"}) == r"Hello {name} {{x}} \1 \g<0>."


def test_a_hole_that_nothing_fills_is_named() -> None:
    with pytest.raises(PromptError, match="'name'"):
        fill("Hello {name}.", {})


def test_a_phrase_that_is_missing_is_named() -> None:
    with pytest.raises(PromptError, match="'nosuch'"):
        VoiceBank().phrase("nosuch", ())


def test_every_shipped_bank_has_every_phrase_and_fills_every_hole() -> None:
    """A role's own phrases must know the same holes as everybody's."""
    _, words = shipped()
    known = {
        name: {hole for phrase in phrases for hole in _holes(phrase)}
        for name, phrases in words.banks[""].phrases.items()
    }
    for bank in words.banks.values():
        assert set(bank.phrases) == set(known)
        for name, phrases in bank.phrases.items():
            assert all(_holes(phrase) <= known[name] for phrase in phrases), name
        assert all(bank.stems.get(tone) for tone in ("negative", "positive", "neutral", "request"))
        assert set(bank.question_for.values()) <= set(bank.questions)


def test_shipped_phrases_are_told_apart() -> None:
    for bank in shipped()[1].banks.values():
        for entries in (bank.phrases, bank.questions, bank.stems):
            for name, choices in entries.items():
                assert len(set(choices)) == len(choices), name


def test_every_declined_need_goes_to_a_colleague_that_is_staffed() -> None:
    staff, words = shipped()
    for bank in words.banks.values():
        assert bank.carry_to is None or staff.get(bank.carry_to) is not None


def _holes(phrase: str) -> set[str]:
    return {piece.split("}")[0] for piece in phrase.split("{")[1:]}
