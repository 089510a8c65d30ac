"""To whom a motion's work goes, and who may say yes to it: a role, whoever stands in for one, or a person.

Hands nothing over, and knows nobody: whether somebody is who they say is for whoever lets them in.
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.contracts import Staff
from fleet_runtime.motions.grammar import ANYBODY

_CLOSER: Final = "account-executive"
_COUNSEL: Final = "legal-counsel"
_SALES: Final = "sales"
_BETWEEN: Final = re.compile(r"[\s_-]+")


def addressee(named: str, staff: Staff, own: str) -> str:
    """Return who gets what a motion sends to a class, a domain or a person; a name that is none of ours stays.

    A domain's work goes to who closes deals in it, else to its lead, else to its first role at work. Who is not
    staffed is stood in for by the same domain, else by the fleet's lead.

    Args:
        named: the contract's word.
        staff: who is at work.
        own: the class of the role whose motion it is; it never sends to itself.
    """
    if not named or staff.get(named) is not None:
        return named if named != own else ""
    domain = staff.domains.get(named, named)
    if domain not in {role.domain for role in staff.roles}:
        ours = named in staff.domains or domain in staff.domains.values()
        return staff.lead if ours and staff.lead != own else named
    return _of_domain(domain, staff, own) or named


def terms(staff: Staff, own: str) -> tuple[str, str]:
    """Return who decides commercial terms, and who legal ones; empty where nobody at work does."""
    commercial = _of_domain(_SALES, staff, own)
    return commercial, _COUNSEL if staff.get(_COUNSEL) is not None and own != _COUNSEL else commercial


def may_decide(approver: str, by: str) -> bool:
    """Tell whether somebody is whom a motion names to approve; where it names nobody, everybody is.

    Names are the same whatever their case, and with hyphens or spaces: ``sales-lead`` is the sales lead.

    Args:
        approver: the contract's word.
        by: who answers; empty where nobody says.
    """
    return approver in {"", ANYBODY} or _same(approver) == _same(by)


def title(role_class: str, staff: Staff) -> str:
    """Say a role as people do; a name that is no role of ours as it is."""
    role = staff.get(role_class)
    return " ".join(word if word.isupper() else word.lower() for word in role.title.split()) if role else role_class


def _of_domain(domain: str, staff: Staff, own: str) -> str:
    """Return who takes a domain's work."""
    members = [role.role_class for role in staff.in_domain(domain) if role.role_class != own]
    lead = staff.domain_lead(domain)
    ranked = [name for name in (_CLOSER, lead) if name is not None and name in members] or members
    return next(iter(ranked), "")


def _same(name: str) -> str:
    """Write a name in the one way in which names are compared."""
    return _BETWEEN.sub(" ", name.casefold()).strip()
