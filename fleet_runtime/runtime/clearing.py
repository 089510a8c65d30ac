"""The guard stage: what a reply says and nothing supports, and what it claims that is not the role's to do.

The first is pure; for the second the dispatcher is asked, as it is about messages. Loads only where a guard is on.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.decisions import Decision
from fleet_runtime.guarding import Claim, Evidence, Guard, Readings, claimed_work, lane_findings
from fleet_runtime.records import Finding
from fleet_runtime.runtime.stages import Directing
from fleet_runtime.voicing.scene import Scene


class Clearing:
    """Makes a reader for every scene."""

    def __init__(self, directing: Directing | None) -> None:
        """Keep who decides about claims of work (without it they are not looked at), and what was read before."""
        self._readings = Readings()
        self._directing = directing

    def reader(self, scene: Scene) -> SceneReader:
        """Read the scene's evidence once, for all that is said in it."""
        return SceneReader(scene, self._directing, self._readings)


class SceneReader:
    """The guard over one scene."""

    def __init__(self, scene: Scene, directing: Directing | None, readings: Readings) -> None:
        """Keep the scene; its evidence is read with the first text."""
        self._scene = scene
        self._readings = readings
        self._guard: tuple[Evidence, Guard] | None = None
        self._directing = directing

    async def objections(
        self, text: str, *, deeds: Sequence[str], shown: Sequence[str], after: str = ""
    ) -> tuple[Finding, ...]:
        """Return what nothing supports, or what is out of the role's lane."""
        unsupported = self._guard_over(deeds, shown).check(text, after=after)
        claims = claimed_work(text, colleagues_of(self._scene)) if self._directing is not None else ()
        if not claims:
            return unsupported
        return (*unsupported, *lane_findings(claims, await self._refusals(claims)))

    def _guard_over(self, deeds: Sequence[str], shown: Sequence[str]) -> Guard:
        """Return the guard over the evidence as it stands; tools may have added to it."""
        evidence = evidence_of(self._scene, deeds, shown)
        if self._guard is None or self._guard[0] != evidence:
            self._guard = (evidence, Guard(evidence, self._scene.at, self._readings))
        return self._guard[1]

    async def _refusals(self, claims: Sequence[Claim]) -> tuple[Decision | None, ...]:
        """Hold claims of work against the role's own boundaries."""
        scene = self._scene
        if self._directing is None:
            return ()
        return tuple(
            [
                await self._directing.refusal(
                    claim.work, scene.role.role_class, history=(scene.text,), decision_id=f"{scene.decision.id}:claim"
                )
                for claim in claims
            ]
        )


def colleagues_of(scene: Scene) -> tuple[str, ...]:
    """Return how the role's colleagues are called: a claim that names one is about their work."""
    return tuple(title for name, title in scene.titles.items() if name != scene.role.role_class)


def evidence_of(scene: Scene, deeds: Sequence[str], shown: Sequence[str] = ()) -> Evidence:
    """Gather what a reply may rest on: contract, record, conversation, tool results, and the names of colleagues."""
    said = [piece for pair in scene.conversation_so_far for piece in pair]
    texts = (
        *scene.evidence,
        *((scene.earlier,) if scene.earlier else ()),
        *said,
        scene.text,
        *(noted.sentence for noted in scene.noted),
        *(f"{item.text} {item.author} {item.at:%d %B %Y}" for item in scene.recalled),
        *shown,
        f"{scene.at:%d %B %Y}",
    )
    names = (scene.speaker, scene.role.title, *scene.titles.values())
    return Evidence(texts=texts, names=names, done=tuple(deeds), system=scene.system)
