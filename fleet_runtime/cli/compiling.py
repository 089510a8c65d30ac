"""The command that shows a role's prompt as the model gets it. Compiles nothing itself."""

from __future__ import annotations

from typing import Annotated

import typer

from fleet_runtime.cli.options import ClassArgument
from fleet_runtime.cli.running import Running

AccountOption = Annotated[str | None, typer.Option("--account", metavar="A", help="With the tail for this account.")]


async def compile_prompt(run: Running, role: ClassArgument, account: AccountOption = None) -> None:
    """Print a role's prompt and its token ledger.

    The prefix is the same, byte for byte, on every turn; with --account the part that changes
    from turn to turn follows. Tokens are estimated, for each section.
    """
    async with run.silent_fleet() as fleet:
        prompts = await fleet.compile(role, account=account)
    if run.out.as_json:
        shown = [{"sections": [section._asdict() for section in prompt.sections]} for prompt in prompts]
        run.out.json({"prompts": shown, "tokens": sum(prompt.tokens for prompt in prompts)})
        return
    for prompt in prompts:
        run.out.line(prompt.text)
    rows = [
        (name, section.title, str(section.tokens))
        for name, prompt in zip(("prefix", "tail"), prompts, strict=False)
        for section in prompt.sections
    ]
    run.out.table(("part", "section", "tokens"), [*rows, ("", "total", str(sum(prompt.tokens for prompt in prompts)))])
