"""Compiles contracts into prompts: a byte-stable prefix and a volatile tail. Reads no files, calls no model.

Templates come in as texts. What a role file or an account says is passed as values only, so that
``{{ 7*7 }}`` in it is printed as it stands; account text is quoted line by line, as data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fleet_runtime.contracts import Role, Staff
from fleet_runtime.errors import PromptError
from fleet_runtime.lexical import tokens

PREFIX_TEMPLATE = "contract.md.j2"
TAIL_TEMPLATE = "tail.md.j2"


class Section(NamedTuple):
    """One headed piece of a prompt, with its estimated tokens."""

    title: str
    text: str
    tokens: int


class Prompt(NamedTuple):
    """A compiled prompt; ``sections`` joined are ``text``, byte for byte."""

    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """Return the whole prompt."""
        return "".join(section.text for section in self.sections)

    @property
    def tokens(self) -> int:
        """Return the estimated tokens of the whole."""
        return sum(section.tokens for section in self.sections)


class PromptBook:
    """The templates in force. Rendering is sandboxed, and an unset variable is an error."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        """Take the templates as name -> source text."""
        self._names = frozenset(templates)
        self._environment = ImmutableSandboxedEnvironment(
            loader=_loader(dict(templates)),
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["quoted"] = quoted
        self._environment.filters["inline"] = inline

    def render(self, name: str, **values: object) -> str:
        """Render one template.

        Raises: PromptError with ``template:line`` for an unset variable, bad syntax, a missing
        template, or something that the sandbox forbids.
        """
        try:
            return self._environment.get_template(name).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise PromptError(
                f"prompts/{error.name or name}:{error.lineno}: {error.message}", hint="mend the template"
            ) from error
        except jinja2.TemplateNotFound as error:
            raise PromptError(
                f"no template {str(error)!r}", hint="put it into the project's prompts/ folder"
            ) from error
        except jinja2.UndefinedError as error:
            raise PromptError(
                f"prompts/{self._place(error, name)}: {error.message}",
                hint="use only the variables that docs/prompts.md lists for this template",
            ) from error
        except jinja2.TemplateError as error:
            raise PromptError(
                f"prompts/{self._place(error, name)}: {error}", hint="templates run in a sandbox; see docs/prompts.md"
            ) from error
        except (TypeError, ValueError, ArithmeticError) as error:
            raise PromptError(
                f"prompts/{self._place(error, name)}: {error}", hint="mend the expression in the template"
            ) from error

    def _place(self, error: BaseException, name: str) -> str:
        """Say where an error arose: the innermost template of its traceback, which may be an included one."""
        place, frame = f"{name}:0", error.__traceback__
        while frame is not None:
            file = frame.tb_frame.f_code.co_filename
            if file in self._names:
                place = f"{file}:{frame.tb_lineno}"
            frame = frame.tb_next
        return place


def quoted(text: str) -> str:
    """Set foreign text apart: every line begins with ``> ``, so that no line can pass for ours."""
    return "\n".join(f"> {line}" for line in text.splitlines() or [""])


def inline(text: str) -> str:
    """Bring foreign text within one of our lines (a speaker's name) onto one line, so that it cannot begin another."""
    return " ".join(text.split())


def compile_prefix(book: PromptBook, role: Role, staff: Staff) -> Prompt:
    """Compile what stays the same for all turns of a role: contract, colleagues, rules of the house."""
    colleagues = tuple(other for other in staff.roles if other.role_class != role.role_class)
    return _sectioned(book.render(PREFIX_TEMPLATE, role=role, colleagues=colleagues, lead=staff.lead))


def compile_tail(book: PromptBook, **values: object) -> Prompt:
    """Compile what changes from turn to turn: date, speaker, brief, recalled memory, hand-off packet."""
    return _sectioned(book.render(TAIL_TEMPLATE, **values))


def ledger(prompts: Sequence[Prompt]) -> tuple[tuple[str, int], ...]:
    """Return (section, estimated tokens) for all sections of the prompts, in order."""
    return tuple((section.title, section.tokens) for prompt in prompts for section in prompt.sections)


def _sectioned(text: str) -> Prompt:
    """Cut a rendered prompt at its headings; quoted data cannot begin one."""
    pieces: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if line.startswith("#") and pieces[-1]:
            pieces.append([])
        pieces[-1].append(line)
    bodies = ["".join(piece) for piece in pieces if piece]
    return Prompt(
        sections=tuple(
            Section(title=body.splitlines()[0].lstrip("# ").strip(), text=body, tokens=tokens(body)) for body in bodies
        )
    )


def _loader(templates: Mapping[str, str]) -> jinja2.BaseLoader:
    """Load from texts. Each template's name is also its file name, so that tracebacks name it."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (templates[name], name, lambda: True) if name in templates else None

    return jinja2.FunctionLoader(load)
