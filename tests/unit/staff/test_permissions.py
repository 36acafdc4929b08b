"""Who may do what."""

from datetime import timedelta

import pytest

from beffroi.ground.kernel.clock import FakeClock
from beffroi.ground.kernel.errors import NotAllowed, Unauthenticated
from beffroi.ground.kernel.ids import KeyId, PersonId
from beffroi.staff.model import Role
from beffroi.staff.permissions import (
    OF_ROLE,
    OF_ROLE_WHERE_OWN,
    PLATFORM_SCOPES,
    PUBLIC,
    SCOPES,
    Permission,
    authorise,
    of_key,
    of_person,
    require_recent,
)

P = Permission
MARA = PersonId("prs_mara")
NOW = FakeClock().now()
LETTERS = dict(zip("MSLAO", Role, strict=True))

# Written by hand, against the words of the design: who may do it with anything, and who (small) with their own.
TABLE = {
    P.API_KEYS_MANAGE: "A",
    P.API_KEYS_READ: "AO",
    P.BACKUP_MAKE: "A",
    P.BANKS_MANAGE: "SL",
    P.BANKS_PROMOTE: "L",
    P.BANKS_READ: "MSLAO",
    P.CASES_CLAIM: "MS",
    P.CASES_DECIDE: "MS",
    P.CASES_HAND_OVER: "mS",
    P.CASES_NOTE: "MS",
    P.CASES_READ: "MSLO",
    P.CASES_SEAL: "MS",
    P.CASES_SECOND: "S",
    P.CHARTER_CHANGE: "LA",
    P.CHARTER_READ: "MSLAO",
    P.CREDENTIALS_CHANGE: "mslao",
    P.DECISIONS_READ: "MSLO",
    P.DELIVERIES_READ: "MSLAO",
    P.DELIVERIES_RETRY: "SA",
    P.ENTRIES_CONFIRM: "SL",
    P.ENTRIES_MANAGE: "MSL",
    P.EXPOSURE_READ: "mslao",
    P.HEALTH_READ: "MSLAO",
    P.HISTORY_READ: "MSO",
    P.LEDGER_READ: "MSLAO",
    P.MEDIA_OPEN: "MSO",
    P.MEDIA_UPLOAD: "",
    P.METRICS_READ: "AO",
    P.NOTICES_READ: "MSLO",
    P.NOTICES_SUBMIT: "",
    P.ORDERS_ANSWER: "MS",
    P.ORDERS_READ: "MSLO",
    P.ORDERS_SUBMIT: "",
    P.ORGANISATION_MANAGE: "A",
    P.ORGANISATION_READ: "MSLAO",
    P.PEOPLE_MANAGE: "A",
    P.PEOPLE_READ: "mSLAO",
    P.PLATFORM_EVENTS_REPORT: "",
    P.POLICIES_PUBLISH: "L",
    P.POLICIES_READ: "MSLAO",
    P.RECIPIENTS_MANAGE: "SLA",
    P.RECIPIENTS_READ: "MSLAO",
    P.REGISTER_MANAGE: "LA",
    P.REGISTER_READ: "MSLAO",
    P.RESTRICTIONS_END: "mSL",
    P.RESTRICTIONS_READ: "MSLO",
    P.ROLES_GRANT: "A",
    P.RULES_APPROVE: "L",
    P.RULES_PROPOSE: "SL",
    P.RULES_READ: "MSLAO",
    P.SCREENING_ASK: "",
    P.SESSIONS_END: "mslAo",
    P.THREATS_READ: "MSLO",
    P.THREATS_SECOND: "SL",
    P.THREATS_SEND: "MS",
}


def test_every_permission_is_in_the_table() -> None:
    assert set(TABLE) == set(Permission)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_holds_what_the_table_says_and_nothing_else(permission: Permission, role: Role) -> None:
    letter = next(letter for letter, named in LETTERS.items() if named is role)
    somebody = of_person(MARA, [role])
    may_any = letter in TABLE[permission]
    may_own = may_any or letter.lower() in TABLE[permission]
    for own, allowed in ((False, may_any), (True, may_own)):
        if allowed:
            authorise(somebody, permission, own=own)
        else:
            with pytest.raises(NotAllowed) as refused:
                authorise(somebody, permission, own=own)
            assert refused.value.code == "not-permitted"


def test_the_list_is_alphabetised_and_well_formed() -> None:
    assert [p.name for p in Permission] == sorted(p.name for p in Permission)
    for permission in Permission:
        thing, act = permission.value.split(":")
        assert permission.name == f"{thing}_{act}".replace("-", "_").upper()


def test_an_overseer_reads_and_changes_nothing() -> None:
    acts = {p.value.split(":")[1] for p in OF_ROLE[Role.OVERSEER]}
    assert acts == {"read", "open"}
    reads = {p for p in Permission if p.value.endswith(":read")}
    assert reads - OF_ROLE[Role.OVERSEER] == {P.EXPOSURE_READ}
    assert OF_ROLE_WHERE_OWN[Role.OVERSEER] == {
        P.CREDENTIALS_CHANGE, P.EXPOSURE_READ, P.PEOPLE_READ, P.SESSIONS_END,
    }  # fmt: skip


def test_roles_add_up() -> None:
    both = of_person(MARA, [Role.MODERATOR, Role.ADMINISTRATOR])
    assert both.permissions == OF_ROLE[Role.MODERATOR] | OF_ROLE[Role.ADMINISTRATOR]
    assert both.may(P.CASES_DECIDE)
    assert both.may(P.PEOPLE_MANAGE)


def test_a_person_without_a_role_has_only_themselves() -> None:
    nobody = of_person(MARA, [])
    assert not nobody.permissions
    authorise(nobody, P.CREDENTIALS_CHANGE, own=True)
    with pytest.raises(NotAllowed):
        authorise(nobody, P.CASES_READ, own=True)


@pytest.mark.parametrize("permission", Permission)
def test_a_stranger_may_nothing(permission: Permission) -> None:
    for own in (True, False):
        with pytest.raises(Unauthenticated):
            authorise(PUBLIC, permission, own=own)


@pytest.mark.parametrize("permission", Permission)
def test_a_key_never_gets_more_than_keys_can_have(permission: Permission) -> None:
    key = of_key(KeyId("key_x"), [permission])
    assert key.may(permission, own=True) is (permission in SCOPES)


def test_no_key_decides_opens_media_or_rules_people() -> None:
    forbidden = {
        p for p in Permission if p.value.startswith(("cases:", "people:", "roles:", "api-keys:", "media:open"))
    }
    assert forbidden
    assert not forbidden & SCOPES
    assert not {P.CHARTER_CHANGE, P.POLICIES_PUBLISH, P.RULES_APPROVE, P.BANKS_PROMOTE, P.ENTRIES_CONFIRM} & SCOPES
    assert PLATFORM_SCOPES < SCOPES


def test_events_name_the_actor() -> None:
    assert str(of_person(MARA, []).actor) == "person:prs_mara"
    assert str(of_key(KeyId("key_x"), []).actor) == "key:key_x"
    assert str(PUBLIC.actor) == "public"


def test_only_people_are_people() -> None:
    assert of_person(MARA, []).person == MARA
    with pytest.raises(NotAllowed):
        _ = of_key(KeyId("key_x"), []).person


def test_a_proof_counts_for_ten_minutes() -> None:
    somebody = of_person(MARA, [Role.MODERATOR], None, NOW)
    require_recent(somebody, NOW)
    require_recent(somebody, NOW + timedelta(minutes=10))
    for at in (NOW + timedelta(minutes=10, seconds=1), NOW - timedelta(seconds=1)):
        with pytest.raises(Unauthenticated) as refused:
            require_recent(somebody, at)
        assert refused.value.code == "proof-too-old"
    with pytest.raises(Unauthenticated):
        require_recent(of_key(KeyId("key_x"), SCOPES), NOW)
