"""What people agree to, in which wording, and how they take it back (Luật 91/2025/QH15)."""

from __future__ import annotations

from people.models import Consent, ConsentPurpose, User

#: Version of the wording in ``account/_consent.html``. A new wording gets a new version; old rows keep theirs.
VERSION = "2026-11"


def consents_record(*, user: User, how: str, reminders: bool) -> None:
    """Write down what was agreed to when an account was made or claimed; ``how`` says where it was asked.

    No row for reminders where the box stayed empty: nothing was said.
    """
    given = [ConsentPurpose.LEARNING, *([ConsentPurpose.REMINDERS] if reminders else [])]
    for purpose in given:
        Consent.objects.create(user=user, purpose=purpose, version=VERSION, given=True, how=how)


def reminders_set(*, user: User, given: bool) -> Consent | None:
    """Agree to reminders or refuse them, on the account page. What was said last already is a no-op."""
    newest = consents_in_force(user).get(ConsentPurpose.REMINDERS)
    if newest is not None and newest.given == given:
        return None
    return Consent.objects.create(
        user=user, purpose=ConsentPurpose.REMINDERS, version=VERSION, given=given, how="account"
    )


def refusal_carry(*, kept: User, lost: User) -> None:
    """Whoever took back the reminders in a record that is merged is not written to because of the other one."""
    said, other = (consents_in_force(one).get(ConsentPurpose.REMINDERS) for one in (lost, kept))
    if said is not None and not said.given and (other is None or other.at < said.at):
        Consent.objects.create(
            user=kept, purpose=ConsentPurpose.REMINDERS, version=said.version, given=False, how="merge"
        )


def consents_in_force(user: User) -> dict[str, Consent]:
    """The newest row of each purpose."""
    newest: dict[str, Consent] = {}
    for row in user.consents.order_by("at", "id"):
        newest[row.purpose] = row
    return newest
