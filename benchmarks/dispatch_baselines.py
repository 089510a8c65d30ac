"""What the dispatcher is measured against, on the same messages and with the same sentence vectors.

None of them knows an active role or a boundary. Where one has no class ``none``, the score below which it says so is
chosen on the other folds' messages, by their out-of-fold scores. What is not installed is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dispatch_data import Message, folds, without
from dispatch_metrics import NOBODY, Answer

from fleet_runtime.contracts import Role, Staff, Value
from fleet_runtime.lexical import Bm25, stems
from fleet_runtime.ports import Embedder, Vector

Scores = Mapping[str, float]
Vectors = Mapping[str, Vector]
Scorer = Callable[[Staff, Sequence[Message], Sequence[Message]], list[Scores]]
"""Takes the staff, what may be learned from and what is measured; gives each role's score for each message measured."""

FOLDS = 5
REGULARITY = 10.0


class Protocol(Value):
    """How a run was made: by how many folds (0: nothing is learned from), drawn with which seed."""

    folds: int
    seed: int


async def known_vectors(crew: Staff, messages: Sequence[Message], embedder: Embedder) -> Vectors:
    """Embed all that the baselines compare: the roles' lines, and the messages as they are."""
    texts = list(
        dict.fromkeys([*(line for role in crew.roles for line in lines(role)), *(one.text for one in messages)])
    )
    return dict(zip(texts, await embedder.embed(texts), strict=True))


def lines(role: Role) -> tuple[str, ...]:
    """Return what a role says of its own work: summary, mandate, examples."""
    return tuple(dict.fromkeys(text for text in (role.summary, *map(str, role.mandate), *role.examples) if text))


def baselines(vectors: Vectors | None, protocol: Protocol) -> tuple[dict[str, Scorer], list[str]]:
    """Return who can be measured here, and a line on each who cannot."""
    found: dict[str, Scorer] = {"BM25, role files": bm25_files, "BM25, mandates": bm25_mandates}
    if vectors is None:
        return found, ["MiniLM, logistic regression, semantic-router: not measured without embeddings"]
    missing: list[str] = []
    found["MiniLM, best line"] = _nearest(vectors, best=True)
    found["MiniLM, mean line"] = _nearest(vectors, best=False)
    if protocol.folds and find_spec("sklearn"):
        found["MiniLM, logistic, few-shot"] = _logistic(vectors)
    else:
        missing.append(
            f"MiniLM + logistic regression: {'scikit-learn not installed' if protocol.folds else 'give --folds'}"
        )
    if find_spec("semantic_router"):
        found["semantic-router, max"] = _semantic_router(vectors, "max", few=False)
        found["semantic-router, mean"] = _semantic_router(vectors, "mean", few=False)
        if protocol.folds:
            found["semantic-router, max, few"] = _semantic_router(vectors, "max", few=True)
            found["semantic-router, mean, few"] = _semantic_router(vectors, "mean", few=True)
    else:
        missing.append("semantic-router: not installed")
    return found, missing


def answered(scorer: Scorer, crew: Staff, messages: Sequence[Message], protocol: Protocol) -> list[Answer]:
    """Have all messages answered, fold by fold."""
    parts = list(folds(messages, protocol.folds or FOLDS, protocol.seed))
    scores: dict[str, Scores] = {}
    for learned, measured in parts:
        found = scorer(without(crew, measured), learned if protocol.folds else (), measured)
        scores.update(zip((message.id for message in measured), found, strict=True))
    answers: dict[str, Answer] = {}
    for learned, measured in parts:
        least = threshold([(scores[message.id], message.expected) for message in learned])
        answers.update({message.id: answer(scores[message.id], least) for message in measured})
    return [answers[message.id] for message in messages]


def threshold(labelled: Sequence[tuple[Scores, Sequence[str]]]) -> float:
    """Return the score that a role must reach to be chosen, such that most of the labelled messages come right."""
    tops = sorted(
        (
            (max(scores.values()), max(scores, key=scores.__getitem__) in right, NOBODY in right)
            for scores, right in labelled
        ),
        key=lambda top: top[0],
    )
    counted = sum(owner for _, owner, _ in tops)
    best, least = counted, float("-inf")
    for place, (score, owner, nobody) in enumerate(tops, start=1):
        counted += nobody - owner
        above = tops[place][0] if place < len(tops) else float("inf")
        if counted > best and above > score:
            best, least = counted, above
    return least


def answer(scores: Scores, least: float) -> Answer:
    """Choose the role with the highest score, or nobody; shares of a class ``none`` need no threshold."""
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    if NOBODY in scores:
        return Answer(choice=ranked[0], ranked=tuple(ranked), none_score=scores[NOBODY], confidence=scores[ranked[0]])
    above = [name for name in ranked if scores[name] >= least]
    ordered = (*above, NOBODY, *ranked[len(above) :])
    return Answer(choice=ordered[0], ranked=ordered, none_score=-scores[ranked[0]])


def bm25_files(crew: Staff, _: Sequence[Message], measured: Sequence[Message]) -> list[Scores]:
    """Compare words with the whole role files; a role from no file is what it says of its work."""
    return _bm25(crew, {role.role_class: _file(role) for role in crew.roles}, measured)


def bm25_mandates(crew: Staff, _: Sequence[Message], measured: Sequence[Message]) -> list[Scores]:
    """Compare words with the mandates."""
    return _bm25(crew, {role.role_class: "\n".join(map(str, role.mandate)) for role in crew.roles}, measured)


def _file(role: Role) -> str:
    """Return a role's file without its examples, which may be among the messages measured."""
    source = Path(role.source)
    text = source.read_text(encoding="utf-8") if role.source and source.is_file() else "\n".join(lines(role))
    return text.partition("\n## Examples")[0]


def _bm25(crew: Staff, documents: Mapping[str, str], measured: Sequence[Message]) -> list[Scores]:
    """Score the messages' stems against one document a role."""
    names = [role.role_class for role in crew.roles]
    index = Bm25(stems(documents[name]) for name in names)
    return [dict(zip(names, index.scores(stems(message.text)), strict=True)) for message in measured]


def _nearest(vectors: Vectors, *, best: bool) -> Scorer:
    """Compare vectors: a role's score is its best line's cosine, or that of the mean of its lines."""

    def scored(crew: Staff, _: Sequence[Message], measured: Sequence[Message]) -> list[Scores]:
        import numpy as np  # noqa: PLC0415 - there wherever vectors are

        said = np.asarray([vectors[message.text] for message in measured])
        columns: dict[str, list[float]] = {}
        for role in crew.roles:
            table = np.asarray([vectors[line] for line in lines(role)])
            mean = table.mean(axis=0)
            near = (said @ table.T).max(axis=1) if best else said @ (mean / np.linalg.norm(mean))
            columns[role.role_class] = near.tolist()
        return [{name: column[row] for name, column in columns.items()} for row in range(len(measured))]

    return scored


def _logistic(vectors: Vectors) -> Scorer:
    """Fit a logistic regression on the roles' lines and the messages learned from, with a class for nobody."""

    def scored(crew: Staff, learned: Sequence[Message], measured: Sequence[Message]) -> list[Scores]:
        linear: Any = import_module("sklearn.linear_model")
        classes = {role.role_class for role in crew.roles} | {NOBODY}
        pairs = [(vectors[line], role.role_class) for role in crew.roles for line in lines(role)]
        pairs += [(vectors[one.text], name) for one in learned for name in one.expected if name in classes]
        model = linear.LogisticRegression(C=REGULARITY, max_iter=1000, class_weight="balanced")
        model.fit([list(vector) for vector, _ in pairs], [name for _, name in pairs])
        shares = model.predict_proba([list(vectors[message.text]) for message in measured])
        names = [str(name) for name in model.classes_]
        return [dict(zip(names, map(float, row), strict=True)) for row in shares]

    return scored


def _semantic_router(vectors: Vectors, aggregation: str, *, few: bool) -> Scorer:
    """Ask the semantic-router package: a route a role, its lines as utterances, in few-shot the messages too."""

    def scored(crew: Staff, learned: Sequence[Message], measured: Sequence[Message]) -> list[Scores]:
        package: Any = import_module("semantic_router")
        routers: Any = import_module("semantic_router.routers")
        encoder = _encoder(vectors)
        routes = [
            package.Route(name=role.role_class, utterances=[*lines(role), *_messages(role, learned if few else ())])
            for role in crew.roles
        ]
        router = routers.IndexedRouter(encoder=encoder, routes=routes, aggregation=aggregation)
        found: list[Scores] = []
        for message in measured:
            picks: list[Any] = router(message.text, limit=None)
            found.append({str(pick.name): float(pick.confidence) for pick in picks})
        return found

    return scored


def _messages(role: Role, learned: Sequence[Message]) -> list[str]:
    """Return the messages that are a role's own and no line of it yet."""
    return [one.text for one in learned if role.role_class in one.expected and one.text not in lines(role)]


def _encoder(vectors: Vectors) -> object:
    """Make an encoder in the package's sense that gives our vectors."""
    base: Any = import_module("semantic_router.encoders").DenseEncoder

    def encode(_: object, texts: Sequence[str]) -> list[list[float]]:
        return [list(vectors[text]) for text in texts]

    made: Any = type("KnownVectors", (base,), {"__module__": __name__, "__call__": encode})
    encoder: object = made(name="known vectors")
    return encoder
