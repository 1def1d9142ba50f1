"""Users, units in dated structures, memberships; what brings people in (rosters, slips) and what reaches them."""

from people.models.entry import ClaimSlip, Consent, ConsentPurpose
from people.models.memberships import CITIZEN, Audience, Membership, Role
from people.models.notices import Channel, Notice, NoticeState
from people.models.rosters import Decided, Outcome, RosterImport, RosterRow, RosterState, RosterVersion
from people.models.units import (
    ADMINISTRATIVE_KINDS,
    COMMUNE_KINDS,
    Structure,
    Unit,
    UnitAncestor,
    UnitKind,
    UnitSuccession,
)
from people.models.users import E164, Gender, User, UserManager

__all__ = [
    "ADMINISTRATIVE_KINDS",
    "CITIZEN",
    "COMMUNE_KINDS",
    "E164",
    "Audience",
    "Channel",
    "ClaimSlip",
    "Consent",
    "ConsentPurpose",
    "Decided",
    "Gender",
    "Membership",
    "Notice",
    "NoticeState",
    "Outcome",
    "Role",
    "RosterImport",
    "RosterRow",
    "RosterState",
    "RosterVersion",
    "Structure",
    "Unit",
    "UnitAncestor",
    "UnitKind",
    "UnitSuccession",
    "User",
    "UserManager",
]
