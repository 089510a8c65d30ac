"""The commands that speak: chat, ask, dispatch. What is said and who says it is the fleet's affair."""

from __future__ import annotations

import sys

import typer

import fleet_runtime
from fleet_runtime.cli.keyboard import heeded_keyboard
from fleet_runtime.cli.options import ClassArgument, Sent, Speaking, TextArgument
from fleet_runtime.cli.reading import lines, whole
from fleet_runtime.cli.running import Running, report
from fleet_runtime.cli.wording import hand_off_lines, remembered_lines, role_change_line
from fleet_runtime.errors import AccountBusy, FleetError, MessageError, ModelError
from fleet_runtime.records import Reply
from fleet_runtime.signals import TextReleased

PASSING = (MessageError, ModelError, AccountBusy)
"""Errors of one message; the conversation goes on after them."""


def chat(run: Running, role: ClassArgument, speaking: Speaking) -> None:
    """Talk with a role about an account.

    Each line is one message; /quit or the end of input ends it. Hand-offs and what was
    remembered are shown below the reply. With --json each reply is one line of JSON.
    """
    from fleet_runtime.sync import Loop  # noqa: PLC0415 - loads the whole runtime, which --help does not need

    failures: list[FleetError] = []
    with heeded_keyboard() as check, Loop() as loop, loop.entered(run.speaking_fleet()) as fleet:
        agent = loop.call(fleet.spawn, role, account=speaking.account, conversation=speaking.conversation)
        change = loop.call(agent.role_change)
        if change is not None:
            run.out.note(role_change_line(change, speaking.account))
        for line in lines():
            check()
            try:
                if isinstance(line, MessageError):
                    raise line
                loop.call(_turn, run, agent, line, speaking.speaker)
            except PASSING as error:
                report(error)
                failures.append(error)
            check()
    if failures and not sys.stdin.isatty():
        raise typer.Exit(1)  # who pipes messages in does not read the screen


async def ask(run: Running, role: ClassArgument, text: TextArgument, speaking: Speaking, sent: Sent) -> None:
    """Send one message to a role and print the reply.

    "accepted TURN_ID" goes to standard error as soon as the message is stored. A turn id that was
    used before gives the stored reply.
    """
    said = whole(text)
    async with run.speaking_fleet() as fleet:
        agent = await fleet.spawn(role, account=speaking.account, conversation=speaking.conversation)
        turn = await agent.accept(said, speaker=speaking.speaker, at=sent.at, turn_id=sent.turn_id)
        run.out.note(f"accepted {turn.id}")
        _print_reply(run, await agent.answer(turn))


async def dispatch(run: Running, text: TextArgument, speaking: Speaking, sent: Sent) -> None:
    """Send one message to the role that it belongs to."""
    said = whole(text)
    async with run.speaking_fleet() as fleet:
        reply = await fleet.dispatch(
            said,
            account=speaking.account,
            speaker=speaking.speaker,
            at=sent.at,
            turn_id=sent.turn_id,
            conversation=speaking.conversation,
        )
        run.out.note(f"{reply.role}: {reply.decision.reason}")
        _print_reply(run, reply)


async def _turn(run: Running, agent: fleet_runtime.Agent, text: str, speaker: str | None) -> None:
    """Send one message of a chat; print sentences as they are cleared, then what came of it."""
    turn = await agent.accept(text, speaker=speaker)
    run.out.note(f"accepted {turn.id}")
    async for signal in agent.stream_answer(turn):
        if isinstance(signal, TextReleased) and not run.out.as_json:
            run.out.piece(signal.text)
    if agent.last_reply is None:
        return
    if run.out.as_json:
        run.out.json(agent.last_reply, on_one_line=True)
        return
    run.out.line()
    for line in (*hand_off_lines(agent.last_reply), *remembered_lines(agent.last_reply)):
        run.out.line(f"  {line}")


def _print_reply(run: Running, reply: Reply) -> None:
    """Print the reply on standard output, and what came of it on standard error."""
    if run.out.as_json:
        run.out.json(reply)
        return
    run.out.line(reply.text)
    for line in (*hand_off_lines(reply), *remembered_lines(reply)):
        run.out.note(line)
