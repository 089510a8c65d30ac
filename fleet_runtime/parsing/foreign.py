"""Makes a draft contract of an agent file in a foreign form: a subagent's prompt, a persona page. Invents nothing.

What the file says goes where the table of headings puts it. What it does not say is asked for: by a complaint
with the file's line, and by a comment in the draft. A draft without mandate or boundaries is no sound contract
before a person has answered; that is meant so.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from fleet_runtime.contracts import Role
from fleet_runtime.parsing.comments import without_comments
from fleet_runtime.parsing.complaints import ComplaintBook
from fleet_runtime.parsing.drafts import Draft
from fleet_runtime.parsing.extracts import Extract, extract
from fleet_runtime.parsing.frontmatter import Frontmatter, split_frontmatter
from fleet_runtime.parsing.markers import GROUP, read_lead
from fleet_runtime.parsing.names import DOMAINS, LONGEST_NAME, file_stem, is_class_name, title_of
from fleet_runtime.parsing.outline import Outline
from fleet_runtime.parsing.reading import is_readable, plain_text, read_outline, read_outlined
from fleet_runtime.parsing.rendered import is_rendered
from fleet_runtime.parsing.writing import Questions, write_draft, write_role

_NO_MODEL: Final = ("inherit", "default")
_DESCRIPTION_END: Final = re.compile(r"\\n|<example>|\s*\bexamples?\s*:", re.IGNORECASE)
_ASK: Final = {
    "domain": f"which domain? Write it behind the class; the usual ones: {', '.join(DOMAINS)}",
    "persistence": "does it keep an account memory? Write (persistent_persona: true) or (persistent_persona: false)",
    "mandate": "what is the role there for? 1. **Do something** — what that means",
    "boundaries": "what does it refuse, and who owns that? - **Does NOT do it** — that belongs to the **some-role**",
    "persona": "who is it, and what is its value?",
}


def draft_role(text: str, *, source: str, domain_hint: str | None = None) -> Draft:
    """Bring an agent file of any known form into the canonical one.

    A file that is a sound contract in another form is only written anew; of a foreign one a draft is made. On no
    text does it raise, save where a sound contract says what the canonical form cannot.

    Args:
        text: the file's text.
        source: the file's name for complaints; its stem is the class where the file does not name one.
        domain_hint: the domain to take where the file does not name one (the folder's name).

    Raises: ContractError as `write_role` does.
    """
    own, book = ComplaintBook(source), ComplaintBook(source)
    if not is_readable(text, own):
        return Draft(role_class="", text="", complaints=own.entries())
    plain = plain_text(text)
    front, body = split_frontmatter(plain, own)
    body = without_comments(body)
    outline = read_outline(body)
    read = read_outlined(text, front, outline, domain_hint, own)
    if read.role is not None:
        return Draft(role_class=read.role.role_class, text=write_role(read.role), complaints=read.complaints)
    if is_rendered(body) or any(marker.name == "class" for marker in read_lead(outline.lead).markers):
        return Draft(role_class="", text="", complaints=read.complaints)
    return _drafted(split_frontmatter(plain, book, foreign=True)[0], outline, domain_hint, book)


def _drafted(front: Frontmatter, outline: Outline, domain_hint: str | None, book: ComplaintBook) -> Draft:
    """Make the draft of a foreign file."""
    role_class = _class(front, book)
    found = extract(outline, role_class, book)
    if not role_class or not (front.get("name") or found.mandate or found.boundaries):
        book.add("not-a-role", 1, "nothing here says what a role does or refuses", "import the files of agents only")
        return Draft(role_class="", text="", complaints=book.entries())
    role = _role(front, outline, found, role_class).model_copy(
        update={"domain": _domain(front, domain_hint), "model": _model(front, book)}
    )
    questions = _questions(role, front, book)
    return Draft(role_class=role_class, text=write_draft(role, questions), complaints=book.entries())


def _role(front: Frontmatter, outline: Outline, found: Extract, role_class: str) -> Role:
    """Put together what the file says."""
    name, flag = front.get("name"), front.get("persistent_persona")
    named = name.value.strip() if name else ""
    title = outline.title.text.strip() if outline.title and not named else named
    return Role(
        role_class=role_class,
        title=" ".join(title.split()) if title and not is_class_name(title) else title_of(role_class),
        persistent_persona=flag is not None and flag.value.strip() == "true",
        summary=_summary(front),
        mandate=found.mandate,
        boundaries=found.boundaries,
        persona=found.persona,
        examples=found.examples,
        tools=tuple(dict.fromkeys((*front.tools(), *found.tools))),
    )


def _class(front: Frontmatter, book: ComplaintBook) -> str:
    """Make the class of the name, else of the file's name; empty where neither can be one."""
    name = front.get("class") or front.get("name")
    if name is None:
        stem = slug(file_stem(book.file))
        if stem:
            message, hint = f"no name; the file's name says {stem!r}", "write name: some-role into the frontmatter"
            book.add("no-class-marker", 1, message, hint)
        return stem
    made = slug(name.value)
    if not made:
        hint = "lower-case words joined by hyphens, such as support-agent"
        book.add("bad-class-name", name.line, f"no class can be made of {name.value.strip()[:40]!r}", hint)
    return made


def slug(name: str) -> str:
    """Make a class name of any name ("UX Researcher" is ``ux-researcher``), or nothing where that is no class name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_NAME].strip("-")
    return words if is_class_name(words) else ""


def _domain(front: Frontmatter, domain_hint: str | None) -> str | None:
    """Take the domain from our frontmatter key, or from the folder."""
    given = front.get("domain")
    return given.value.strip() if given and is_class_name(given.value.strip()) else domain_hint


def _model(front: Frontmatter, book: ComplaintBook) -> str | None:
    """Take the model, save a word that means whatever model there is."""
    given = front.get("model")
    if given is None or given.value.strip() not in _NO_MODEL:
        return given.value.strip() if given else None
    message = f"the model {given.value.strip()!r} names none and is left out"
    book.add("ignored-frontmatter-key", given.line, message, "write a model's name if the role needs one of its own")
    return None


def _summary(front: Frontmatter) -> str:
    """Take the description up to its examples; what looks like our markers is left out of it."""
    given = front.get("description")
    words = " ".join(_DESCRIPTION_END.split(given.value, maxsplit=1)[0].split()) if given else ""
    return GROUP.sub("", words).strip()


def _questions(role: Role, front: Frontmatter, book: ComplaintBook) -> Questions:
    """Complain of what the file does not say, and return the questions that the draft asks instead."""
    asked: dict[str, str] = {}
    if role.domain is None:
        asked["domain"] = _ASK["domain"]
        hint = "put the file into a folder named after its domain, or write it into the draft"
        book.add("unknown-domain", 1, "no domain is named", hint)
    if front.get("persistent_persona") is None:
        asked["persistence"] = _ASK["persistence"]
        message = "nothing says whether the role keeps an account memory; until the draft says so it keeps none"
        book.add("missing-persistence", 1, message, "write (persistent_persona: true) or (persistent_persona: false)")
    for name in ("mandate", "boundaries", "persona"):
        if not getattr(role, name):
            asked[name] = _ASK[name]
            code = "missing-persona" if name == "persona" else "missing-section"
            book.add(code, 1, f"no {name} found", f"write it into the draft: {_ASK[name]}")
    return Questions(asked=asked, owners=True)
