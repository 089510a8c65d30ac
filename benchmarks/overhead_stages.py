"""What is said in the turns that ``overhead.py`` measures with everything on, and what tells their time by stages."""

from __future__ import annotations

import time
from collections import defaultdict

from fleet_runtime.signals import ModelAnswered, ModelAsked, Signal, StageDone, TurnBegan, TurnDone

SAID = (
    "Our champion is Mara Voss, she runs the reporting team.",
    "We renewed the contract, it now ends on 31 March 2027.",
    "There are {number} seats in use, most of them in logistics.",
    "Please send the security answers before the audit in May.",
    "Our goal is to close the month three days sooner.",
    "We looked at the new filters together and liked them.",
    "The import was slow again on Monday, ticket {number}.",
    "The yearly fee is {number} EUR, paid in advance.",
    "Tomas Brandt joins our side as executive sponsor.",
    "The office moves to another floor in spring.",
)
ASKED = (
    "When does our contract end?",
    "Who is our champion, and what does she run?",
    "How many seats do we use by now?",
    "Thanks for the webinar, the team liked it.",
    "The import is slow again, who can look into it?",
    "Could you give us a discount of twenty percent?",
    "What did you promise to send us before the audit?",
    "Our goal for the summer is to onboard the second warehouse.",
)


class StageClock:
    """Hears a turn's signals, and notes how much CPU time went by between them."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(list)
        self._turn: dict[str, float] = defaultdict(float)
        self._last = 0.0
        self.begun = 0.0

    def begin(self) -> None:
        """Start with a turn that is about to be asked for."""
        self._turn.clear()
        self._last = self.begun = time.process_time()

    def __call__(self, signal: Signal) -> None:
        """Book the time since the last signal; what a model client took is no part of the stage it happened in."""
        match signal:
            case TurnBegan():
                self._book("accept")
            case ModelAsked():
                self._book("voice, and compiling")
            case ModelAnswered():
                self._book("model client")
            case StageDone(name="voice"):
                self._book("guard, after the model")
            case StageDone(name=name):
                self._book(name)
            case TurnDone():
                self._book("telling")
            case _:
                pass

    def end(self) -> None:
        """Close a turn that was answered."""
        self._book("returning")
        for name, seconds in self._turn.items():
            self.spent[name].append(seconds * 1000)
        self.spent["in all"].append((self._last - self.begun) * 1000)

    def _book(self, name: str) -> None:
        now = time.process_time()
        self._turn[name] += now - self._last
        self._last = now
