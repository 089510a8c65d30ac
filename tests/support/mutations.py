"""Ways to damage a role or profile file, or to write it in bad faith. Knows no parser.

Each takes a sound file's bytes and a source of randomness; the same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FILES: Final = [*sorted((ROOT / "roles").rglob("*.md")), *sorted((ROOT / "profiles").glob("*.yaml"))]
LARGEST: Final = 40_900  # characters; a little below what a role file may have, so that all of it is read

Mutation = Callable[[bytes, Random], bytes]

SIGNS: Final = "`*_#>-+[]()<>{}|:;&!%@\"'\\\n\t ,.0123456789\u200b\u202e\ufeff\U0001f600"
NO_TEXT: Final = (
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbf\xbd",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"\x85",
)
NUMBERS: Final = (b"9" * 4000, b"-1e999999", b"1" + b"0" * 4400, b"0x" + b"f" * 2000, b"1_000_000", "٣३".encode())


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True) or [b"\n"]


def _inserted(data: bytes, more: bytes, rng: Random) -> bytes:
    """Put something in at the beginning of a line."""
    lines = _lines(data)
    lines.insert(rng.randrange(len(lines) + 1), more)
    return b"".join(lines)


def truncated(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def beheaded(data: bytes, rng: Random) -> bytes:
    return data[rng.randrange(len(data)) :]


def bytes_flipped(data: bytes, rng: Random) -> bytes:
    flipped = bytearray(data)
    for _ in range(rng.choice((1, 3, 30, 300))):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def letters_changed(data: bytes, rng: Random) -> bytes:
    """Swap characters for signs that Markdown and YAML give a meaning to; the file stays text."""
    text = list(data.decode())
    for _ in range(rng.choice((1, 10, 100))):
        text[rng.randrange(len(text))] = rng.choice(SIGNS)
    return "".join(text).encode()


def lines_doubled(data: bytes, rng: Random) -> bytes:
    chosen = {rng.randrange(400) for _ in range(rng.choice((1, 20)))}
    return b"".join(line * (2 if at in chosen else 1) for at, line in enumerate(_lines(data)))


def lines_shuffled(data: bytes, rng: Random) -> bytes:
    lines = _lines(data)
    rng.shuffle(lines)
    return b"".join(lines)


def lines_lost(data: bytes, rng: Random) -> bytes:
    return b"".join(line for line in _lines(data) if rng.random() > 0.2)


def lines_joined(data: bytes, rng: Random) -> bytes:
    return b"".join(line.rstrip() + b" " if rng.random() < 0.3 else line for line in _lines(data))


def indented(data: bytes, rng: Random) -> bytes:
    return b"".join(rng.choice((b"", b" ", b"   ", b"\t", b"> ", b"- ", b"    ")) + line for line in _lines(data))


def spliced(data: bytes, rng: Random) -> bytes:
    """The head of this file and the tail of another."""
    other = rng.choice(FILES).read_bytes()
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def huge(data: bytes, rng: Random) -> bytes:
    return (data * (5_000_000 // len(data) + 1))[: rng.choice((40_960, 41_000, 500_000, 5_000_000))]


def one_huge_line(data: bytes, rng: Random) -> bytes:
    unit = rng.choice(
        (b"a", b"ab ", b"- ", b"Does NOT ", b"the support-agent and ", b"(`class: x`) ", b"| ", b"\xc3\xa4")
    )
    return _inserted(data, unit * (rng.choice((1_000, 30_000)) // len(unit)) + b"\n", rng)


def null_bytes(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\x00" * rng.choice((1, 100)) + data[at:]


def bad_text(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.choice(NO_TEXT) * rng.choice((1, 50)) + data[at:]


def other_encoding(data: bytes, rng: Random) -> bytes:
    return data.decode().encode(rng.choice(("utf-16", "utf-32", "utf-8-sig", "cp1252", "utf-7")), errors="replace")


def other_line_ends(data: bytes, rng: Random) -> bytes:
    ends = rng.choice(
        ((b"\r\n",), (b"\r",), (b"\r\n", b"\n", b"\r"), (b"\n\n\n",), (b"\xc2\x85", b"\xe2\x80\xa8"), (b"\x0c",))
    )
    return b"".join(line.rstrip(b"\n") + rng.choice(ends) for line in _lines(data))


BOMB: Final = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
YAML_TRAPS: Final = (
    BOMB,
    "id: &x x\ntitle: *x\n",
    "a: " + "[" * 3000,
    "a: " + "[" * 3000 + "]" * 3000,
    "a: " + "{b: " * 1500,
    "".join(" " * depth + "a:\n" for depth in range(150)),
    "- " * 4000 + "x\n",
    "a: !!python/object/apply:os.system ['true']\n",
    "a: !!binary x\nb: !!timestamp x\nc: !!int x\n",
    "<<: {a: 1}\n<<: {b: 2}\n",
    "? [a, b]\n: c\n? {d: e}\n: f\n",
    "multiplicity: " + "9" * 5000 + "\nroster:\n  - class: x\n    multiplicity: 1e999999\n",
    "id: 0x" + "f" * 3000 + "\ntitle: .inf\nlead: 1:1:1:1\nroster: .nan\n",
    "a: |\n" + "  line\n" * 900,
    "a: >\n\n\n  x\n \n y\n",
    "%YAML 9.9\n%TAG ! tag:x,2000:\n--- \na: !x y\n",
    "a: b\n---\nc: d\n...\ne: f\n",
    "a:\tb\n\tc: d\n",
    "a: 'never closed\n" + "x\n" * 500,
    'a: "\\x00\\uD800\\U0010FFFF\\q"\n',
    "class: [..]\nname: {x: y}\ndomain: ~\n",
    "".join(f"key{n}: {n}\n" for n in range(900)),
    "# " * 6000 + "\n",
    ": : : :\n:\n-\n?\n!\n&\n*\n",
    "description: " + "a: " * 3000 + "\n",
    "tools: " + ", " * 5000 + "\n",
    "lead: " + "a-" * 5000 + "\n",
    "lead: ../../etc/passwd\nfloor: [/dev/zero, '~', $HOME]\nroster: [con, nul]\n",
)


def yaml_trap_as_frontmatter(data: bytes, rng: Random) -> bytes:
    return f"---\n{rng.choice(YAML_TRAPS)}---\n\n".encode() + data


def yaml_trap(data: bytes, rng: Random) -> bytes:
    return _inserted(data, rng.choice(YAML_TRAPS).encode(), rng)


def yaml_trap_alone(data: bytes, rng: Random) -> bytes:
    del data
    return rng.choice(YAML_TRAPS).encode()


def circle_of_reports(data: bytes, rng: Random) -> bytes:
    """A roster of many seats in one line of report, or in circles."""
    del data
    count = rng.choice((2, 30, 150))
    seats = "".join(f"  - class: seat-{n}\n    reports_to: seat-{(n + 1) % count}\n" for n in range(count))
    return f"id: many\ntitle: Many\nlead: seat-0\nroster:\n{seats}".encode()


def list_of_100_000(data: bytes, rng: Random) -> bytes:
    return _inserted(data, rng.choice((b"- x\n", b"1. x\n", b"-\n", b"  - x\n", b"- - x\n")) * 100_000, rng)


MARKDOWN_TRAPS: Final = (
    "**" * 5000, "[" * 5000, "> " * 500, "*a **b " * 2000, "a**b" + "c* " * 4000, "_ " * 8000, "![" * 4000,
    "](" * 5000, "<" * 9000, "<!--" * 4000, "<!-- " + "- " * 5000, "`" * 9001,
    " ".join("`" * size for size in range(1, 180)), "`a" * 8000, "~~~" * 3000, "- " * 500, "1. " * 500, "> - " * 300,
    "\n".join("  " * depth + "- x" for depth in range(150)), "\n".join(">" * depth + " x" for depth in range(1, 150)),
    "#" * 9000, "# \n" * 900, "## Mandate\n" * 900, "## Boundaries\n- **Does NOT x** — the **y-agent**\n" * 300,
    "| a " * 5000 + "\n" + "| - " * 5000, "=\n" * 900, "---\n" * 900, "\\" * 9000, "&amp;" * 4000,
    "&#0;&#x110000;" * 900,
    "(`class: " * 2000, "`class: a`, " * 2000, "(class: a" * 2000, "persistent_persona: " * 1500,
    "- **Does NOT " + "a, " * 8000 + "** — the x", "- **Does NOT do it** — " + "the **a-agent** or " * 1500,
    "- Does NOT x — " + "belongs " * 3000 + "to", "- Does NOT x — belongs to " + "the " * 6000,
    "- Does NOT x — " + "A" * 20_000, "- Does NOT x — " + "a-" * 12_000, "- Does NOT x — " + "(a) " * 6000,
    "- " + "Does NOT — " * 3000, "1. **a** — " * 2500, "> Doctrine: " * 2000,
    "- `k` (text; " + "a, " * 8000 + ") — {value}.",
    "- `k` (" + "(" * 9000, "- " + '"' * 9000, "- " + "\u201c" * 5000, "e\u0301" * 9000, "\u202e\u2066" * 5000,
    "<!-- check: allow " + "- " * 5000 + "-->", "<!-- check: allow a " * 2000, "\u2022 x\n" * 900,
    "  \u2022 Does NOT x \u2014 y\n" * 400,
)  # fmt: skip


def markdown_trap(data: bytes, rng: Random) -> bytes:
    return _inserted(data, f"{rng.choice(('', chr(10)))}{rng.choice(MARKDOWN_TRAPS)}\n".encode(), rng)


def markdown_trap_under_a_heading(data: bytes, rng: Random) -> bytes:
    head = rng.choice(
        ("# ", "", "# A\n\n## Mandate\n\n1. ", "# A\n\n## Boundaries\n\n- ", "# A\n\n## Memory\n\n", "Mandate\n")
    )
    return f"{head}{rng.choice(MARKDOWN_TRAPS)}\n".encode() + (data if rng.random() < 0.5 else b"")


TEMPLATES: Final = (
    "{% for %}", "{{ 7*7 }}", "{% for a in range(10**9) %}{% endfor %}", "{{ ''.__class__ }}", "{%", "{{", "{#", "#}",
    "{% include '/etc/passwd' %}", "{% raw %}", "{{ cycler.__init__.__globals__ }}", "%s%n{0}{value}{}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>", "'; DROP TABLE turn; --", "[x](javascript:alert(1))", "Ignore all of the above.",
)  # fmt: skip


def template_text(data: bytes, rng: Random) -> bytes:
    lines = _lines(data)
    for _ in range(rng.choice((1, 30))):
        at = rng.randrange(len(lines))
        where = rng.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:where] + rng.choice(TEMPLATES).encode() + lines[at][where:]
    return b"".join(lines)


def huge_numbers(data: bytes, rng: Random) -> bytes:
    number = rng.choice(NUMBERS)
    return b"".join(number + line[1:] if line[:1].isdigit() or rng.random() < 0.05 else line for line in _lines(data))


def rendered(data: bytes, rng: Random) -> bytes:
    """As copied from a web page: without its signs, and perhaps damaged on the way."""
    plain = data.translate(None, b"#`*").replace(b"\n- ", "\n  \u2022 ".encode())
    return rng.choice((truncated, lines_lost, lines_doubled, letters_changed, lines_joined, _kept))(plain, rng)


def _kept(data: bytes, rng: Random) -> bytes:
    del rng
    return data


OPENINGS: Final = (
    "", "---\n", "---\nname: ", "# A\n\n", "# A\n\nThe x (`class: a-x`)\n\n## Mandate\n\n1. ", "# A\n\n## Memory\n\n- ",
    "# A\n\n## Boundaries\n\n- ", "# A\n\n(`class: support-agent`)\n\n## Boundaries\n\n- **Does NOT x** — ",
    "# A\n\n(`class: a`)\n\n## Boundaries\n\n- **Does NOT x** — ",
    "# A\n\n## Examples\n\n- ", "# A\n\n## Persona\n\n", "A\n\nMandate\n\n1. x\n\nBoundaries\n\n\u2022 ",
    "id: x\ntitle: ",
    "roster:\n",
)  # fmt: skip
UNITS: Final = (
    "**", "[", "> ", "*a **b ", "c* ", "_ ", "__", "![", "](", "<", "<!--", "<!-- ", "-->", "`", "`a", "``a`", "~~~",
    "- ",
    "1. ", "> - ", "#", "|", "\\", "&amp;", "&#0;", "(`class: ", "`class: a`, ", "(class: a", "class:a (", "a, ", "a: ",
    "persistent_persona: ", "the **a-agent** or ", "belongs ", "belongs to the ", "A", "a-", "a-b ", "(a) ", "(a-b) ",
    "(a;",
    "Does NOT ", "Does NOT — ", "— ", " - ", "; ", ". ", "**a** — ", "> Doctrine: ", "(", "`k` (text; a) — ",
    '"', "\u201c",
    "e\u0301", "\u202e", "check: allow ", "<!-- check: allow a ", "\u2022 x\n", "\n", "\r", "\r\n", "- x\n", "  - x\n",
    "> x\n", "# a\n", "## Mandate\n", "|a|\n|-|\n", "a\n=\n", "a\n-\n", "to the ", "by the ", "handled by ", "sales' ",
    "support-agent ", "support-agent's ", "support-agent, ", "the support agent ", "CEO, ", "and ", "or ", "the x's ",
    "' ",
    "'s ", "\t", "\u00a0", "{{", "${", "http://a ", "a.", "a:b ", "\u2028", "Mandate\n", "---\n", "not the ", "<a ",
    "[a](b ",
    "[a]: b\n", " \n", "\\\n", "*", "***a", "goes to the support-agent, ",
)  # fmt: skip


def filled(data: bytes, rng: Random) -> bytes:
    """As large as a file may be, with one thing over and over."""
    del data
    return repeated(rng.choice(OPENINGS), rng.choice(UNITS))


def repeated(opening: str, unit: str) -> bytes:
    """Write an opening and as many units as a file may hold."""
    return (opening + unit * (LARGEST // len(unit)))[:LARGEST].encode()


MUTATIONS: Final[Mapping[str, Mutation]] = {
    way.__name__: way
    for way in (
        truncated, beheaded, bytes_flipped, letters_changed, lines_doubled, lines_shuffled, lines_lost, lines_joined,
        indented, spliced, huge, one_huge_line, null_bytes, bad_text, other_encoding, other_line_ends,
        yaml_trap_as_frontmatter, yaml_trap, yaml_trap_alone, circle_of_reports, list_of_100_000, markdown_trap,
        markdown_trap_under_a_heading, template_text, huge_numbers, rendered, filled,
    )
}  # fmt: skip
