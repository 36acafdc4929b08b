"""What is sent to each route: the parts of its address and a body that is right in every respect.

Owns: `ASKS`, one line per route; what `own`, `other` and `absent` mean there.
Promises: a refusal is never for the form, so that it can only be for who asks or for what they ask about.
Never does: know what is answered.
"""

import base64
import re
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData

from beffroi.cases import store as cases_store
from beffroi.content import store as content_store
from beffroi.content.model import AccountGiven, Submission
from beffroi.doors.console import threat_form
from beffroi.doors.console.session import desk
from beffroi.doors.web import static_files
from beffroi.doors.web.forms import Form
from beffroi.flow import screening, warn
from beffroi.ground.kernel.ids import ThreatId
from beffroi.ground.storage import Actor
from beffroi.ground.storage.events import event_table
from beffroi.matching.model import Stage
from beffroi.staff import enrol, sessions
from beffroi.staff.model import Role
from beffroi.staff.proof import tokens, totp
from beffroi.threats.routing import EMERGENCY
from tests.nodes import PASSWORD

from .scene import SENTENCE
from .sent import Ask, Sent, Whose, about, json_of, plain

_WARN = {"danger": "life", "window": "hours", "reasons": "They say they will be there at six.", "parts": "post"}
_EMERGENCY = {"number": "1", "recipient": EMERGENCY}
_NO_THREAT: dict[str, object] = {"threat": "thr_none"}
_NO_RECIPIENT: dict[str, object] = {"recipient": "rcp_none"}
NEW_PASSWORD = "a second lamp for the harbour"
_GIVEN = {
    "url": "https://agora.example/p/1", "explanation": "It calls on others.", "name": "Ada",
    "email": "ada@mail.example",
}  # fmt: skip


# ── things, by the name they have in addresses ────────────────────────────────────────────────────


def _case(whose: Whose) -> dict[str, object]:
    return {"case": whose.scene.case(whose.owner)}


def _find(whose: Whose) -> Sent:
    return Sent(query=f"q={'nowhere' if whose.thing == 'absent' else whose.scene.case()}")


def _case_and_item(whose: Whose) -> dict[str, object]:
    case = whose.scene.case(whose.owner, is_picture=True)
    return {"case": case, "item": whose.scene.revision(case).item}


def _opened_media(whose: Whose) -> dict[str, object]:
    case, item = whose.scene.opened_media(whose.owner)
    return {"case": case, "item": item, "number": 0}


def _decision(whose: Whose) -> dict[str, object]:
    return {"decision": whose.scene.decision(whose.owner).id}


def _proposal(whose: Whose) -> dict[str, object]:
    return {"decision": whose.scene.decision(whose.owner, "4.3").id}


def _statement(whose: Whose) -> dict[str, object]:
    decision, statement, _ = whose.scene.statement(whose.owner)
    return {"decision": decision, "statement": statement}


def _item(whose: Whose) -> dict[str, object]:
    return {"item": whose.scene.revision(whose.scene.case()).item}


def _account(whose: Whose) -> dict[str, object]:
    with whose.scene.house.read() as conn:
        case = cases_store.CASES.load(conn, whose.scene.case())
        return {"account": content_store.ITEMS.load(conn, case.items[0].item).account}


def _bank(whose: Whose) -> dict[str, object]:
    return {"bank": whose.scene.bank(whose.owner).id}


def _acting_bank(whose: Whose) -> dict[str, object]:
    return {"bank": whose.scene.bank(whose.owner, Stage.ACTIVE).id}


def _bank_by_name(whose: Whose) -> dict[str, object]:
    return {"bank": whose.scene.bank(whose.owner).name}


def _entry(whose: Whose) -> dict[str, object]:
    entry = whose.scene.entry(whose.owner)
    return {"bank": entry.bank, "entry": entry.id}


def _rule(whose: Whose) -> dict[str, object]:
    return {"rule": whose.scene.rule(whose.owner)}


def _event(whose: Whose) -> dict[str, object]:
    """The newest event that has its leaf; the first call seals all there are."""
    house = whose.scene.house
    house.integrator.beat()
    with house.read() as conn:
        return {"event": conn.execute(event_table.select().limit(1)).one().id}


def _person(whose: Whose) -> dict[str, object]:
    own = whose.who.person if whose.thing == "own" else None
    return {"person": own or whose.scene.person()}


def _bound(whose: Whose) -> dict[str, object]:
    own = whose.who.person if whose.thing == "own" else None
    return {"person": own or whose.scene.bound_person()}


def _suspended(whose: Whose) -> dict[str, object]:
    own = whose.who.person if whose.thing == "own" else None
    return {"person": own or whose.scene.person(is_suspended=True)}


def _key(whose: Whose) -> dict[str, object]:
    """Only administrators issue keys, so only theirs can be their own."""
    is_own = whose.thing == "own" and whose.who.name == Role.ADMINISTRATOR
    return {"key": whose.scene.key(whose.owner if is_own else whose.scene.somebody)}


def _passkey(whose: Whose) -> dict[str, object]:
    own = whose.who.person if whose.thing == "own" else None
    return {"passkey": whose.scene.passkey(own or whose.scene.person())}


def _session(whose: Whose) -> dict[str, object]:
    return {"session": whose.scene.session(whose.owner)}


def _backfill(whose: Whose) -> dict[str, object]:
    """A backfill that the platform's key began, or another key did."""
    scene, name = whose.scene, whose.scene.name("backfill")
    read = tokens.read_key(scene.node.key)
    assert read is not None
    key = read[0] if whose.thing == "own" else "key_another"
    old = Submission(scene.name("old"), AccountGiven("u-9", "Mara"), text="an old post")
    screening.backfill(scene.house, Actor("key", key), name, "10", [old])
    return {"name": name}


def _draft(whose: Whose) -> dict[str, object]:
    return {"threat": whose.scene.draft(whose.owner)}


def _warning(whose: Whose) -> dict[str, object]:
    return {"threat": whose.scene.warning(whose.owner)[0]}


def _confirmed(whose: Whose) -> dict[str, object]:
    return {"threat": whose.scene.confirmed_warning(whose.owner)}


def _recipient(whose: Whose) -> dict[str, object]:
    return {"recipient": whose.scene.recipient(whose.owner)}


# ── forms that must be made up for the moment ─────────────────────────────────────────────────────


def _decide(whose: Whose) -> Sent:
    ground = whose.scene.ground()
    rule = f"{ground.policy}:{ground.policy_number}:{ground.clause}"
    form = {"act": "remove", "exemption": "public_debate", "exemption_sentence": SENTENCE, "rule": rule}
    if whose.thing == "absent":
        return Sent({"case": "cas_none"}, more={"data": form | {"seen": ["itm_none:1"]}})
    case = whose.scene.case(whose.owner)
    seen = whose.scene.revision(case)
    return Sent({"case": case}, more={"data": form | {"seen": [f"{seen.item}:{seen.revision}"]}})


def _sign(whose: Whose) -> Sent:
    """With the digest of the letter that they were shown."""
    if whose.thing == "absent":
        return Sent(_NO_THREAT, more={"data": _WARN})
    threat = ThreatId(whose.scene.draft(whose.owner))
    wanted = threat_form.command(threat, threat_form.given(Form(FormData([*_WARN.items()]))))
    shown = warn.shown(whose.scene.house, whose.me, wanted).letter.digest
    return Sent({"threat": threat}, more={"data": _WARN | {"shown": shown}})


def _pin(whose: Whose) -> Sent:
    form = {"name": whose.scene.name("police"), "function": "investigate", "country": "XW", "phone": "+99 0 555 0199"}
    return Sent(more={"data": form | {"source": "the list of Wend"}})


def _propose_rule(whose: Whose) -> Sent:
    ground = whose.scene.ground()
    end = whose.scene.house.clock.now() + timedelta(days=30)
    form = {
        "name": whose.scene.name("rule"), "bank": whose.scene.bank(whose.me).id, "act": "hold", "radius_bits": "10",
        "rule": f"{ground.policy}:{ground.policy_number}:{ground.clause}", "expires_at": f"{end:%Y-%m-%d}",
        "hourly_cap": "10",
    }  # fmt: skip
    return Sent(more={"data": form})


def _new_bank(whose: Whose) -> Sent:
    form = {
        "name": whose.scene.name("bank"), "purpose": "for tests", "source": "own", "radius_bits": "31",
        "quality_min": "50", "hourly_cap": "100",
    }  # fmt: skip
    return Sent(more={"data": form})


def _new_bank_over_api(whose: Whose) -> Sent:
    return Sent(more={"json": {"name": whose.scene.name("bank"), "purpose": "for tests"}})


def _sign_in(whose: Whose) -> Sent:
    """With password alone: the demo's people need no code."""
    role = Role(whose.who.name) if whose.who.person else Role.MODERATOR
    return Sent(more={"data": {"email": f"{role.value}@node.example", "password": PASSWORD, "code": ""}})


def _passkey_answer(whose: Whose) -> Sent:
    device = whose.scene.device()
    whose.scene.passkey(whose.who.person or whose.scene.person(), device)
    sent = whose.scene.challenge()
    return Sent(more={"data": {"ticket": sent.ticket, "credential": device.get(sent.options).decode()}})


def _new_passkey(whose: Whose) -> Sent:
    """What a device answers to the offer that this session was made."""
    if whose.who.person is None:
        return Sent(more={"data": {"ticket": "none", "credential": "{}", "label": "Lamp"}})
    offered = enrol.offer_passkey(desk(whose.scene.house), _principal(whose))
    answer = whose.scene.device().create(offered.options).decode()
    return Sent(more={"data": {"ticket": offered.ticket, "credential": answer, "label": whose.scene.name("lamp")}})


def _telephone_code(whose: Whose) -> Sent:
    """The code of the secret that this session was offered."""
    if whose.who.person is None:
        return Sent(more={"data": {"code": "000000"}})
    offered = enrol.telephone(desk(whose.scene.house), _principal(whose))
    secret = re.search(r"secret=([A-Z2-7]+)", offered.address)
    assert secret is not None
    now = whose.scene.house.clock.now()
    return Sent(more={"data": {"code": totp.code(base64.b32decode(secret[1]), now)}})


def _principal(whose: Whose) -> Any:
    house = whose.scene.house
    token = whose.who.cookies[sessions.cookie_name(https=False)]
    with house.read() as conn:
        return sessions.resume(conn, token, house.clock.now(), demo_allowed=True).principal


def _link(whose: Whose) -> Sent:
    return Sent({"token": "nobodys" if whose.thing == "absent" else whose.scene.link()})


def _join(whose: Whose) -> Sent:
    token = "nobodys" if whose.thing == "absent" else whose.scene.link()
    form = {"name": "", "email": "", "password": NEW_PASSWORD, "code": whose.scene.code_of_link(token)}
    return Sent({"token": token}, more={"data": form})


def _statement_page(whose: Whose) -> Sent:
    return Sent({"token": "nobodys" if whose.thing == "absent" else whose.scene.statement(whose.owner)[2]})


def _report_page(whose: Whose) -> Sent:
    return Sent({"token": "nobodys" if whose.thing == "absent" else whose.scene.report()})


def _receipt_page(whose: Whose) -> Sent:
    return Sent({"token": "nobodys" if whose.thing == "absent" else whose.scene.receipt()})


def _ledger_file(whose: Whose) -> Sent:
    whose.scene.house.integrator.beat()
    return Sent({"path": "tile/0/999" if whose.thing == "absent" else "checkpoint"})


def _invite(whose: Whose) -> Sent:
    name = whose.scene.name("new")
    return Sent(more={"data": {"name": name, "email": f"{name}@node.example", "role": ["moderator"]}})


def _change_charter(whose: Whose) -> Sent:
    """Another value each time: the same one again would be refused."""
    number = int(whose.scene.name("value").rpartition("-")[2])
    form = {"value": str(1 + number % 24), "reason": "shorter is kinder"}
    return Sent({"setting": "no.such" if whose.thing == "absent" else "hold_h_max"}, more={"data": form})


def _item_of(whose: Whose) -> dict[str, Any]:
    return {"platform_id": whose.scene.name("upload"), "account": {"platform_id": "u-2"}, "text": "good morning"}


def _screen(whose: Whose) -> Sent:
    return Sent(more={"json": {"item": _item_of(whose), "deadline_ms": 20_000}})


def _screen_batch(whose: Whose) -> Sent:
    return Sent(more={"json": {"items": [_item_of(whose)], "deadline_ms": 20_000}})


def _go_on_with_backfill(whose: Whose) -> Sent:
    parts = {"name": whose.scene.name("fresh")} if whose.thing == "absent" else _backfill(whose)
    return Sent(parts, more={"json": {"cursor": "20", "items": [_item_of(whose)]}})


_NO_CASE: dict[str, object] = {"case": "cas_none"}
_NO_ITEM_OF_CASE: dict[str, object] = {"case": "cas_none", "item": "itm_none"}
_NO_DECISION: dict[str, object] = {"decision": "dec_none"}
_NO_BANK: dict[str, object] = {"bank": "bnk_none"}
_NO_ENTRY: dict[str, object] = {"bank": "bnk_none", "entry": "ent_none"}
_NO_PERSON: dict[str, object] = {"person": "prs_none"}
_NO_EVENT: dict[str, object] = {"event": "evt_none"}
_POLICY = {
    "name": "More terms", "follows": "0", "count": "1", "number-0": "1", "title-en-0": "Calls", "text-en-0": "None.",
    "severity-0": "3",
}  # fmt: skip

_ORGANISATION = {
    "version": "1", "kind": "platform", "name": "Agora", "country": "XA", "languages": "en, ar", "size": "medium",
    "service": "online_platform", "contact.email": "orders@agora.example", "contact.hours": "always",
}  # fmt: skip

_AUTHORITY = {
    "name": "Valmere Orders Office", "country": "AT", "functions": ["issue"], "languages": ["de"],
    "email": "orders@office.example", "phone": "+00 1 555 0199", "source": "https://register.example/",
    "valid_from": "2026-01-01T00:00:00Z",
}  # fmt: skip


_ON_CALL = "moderator@node.example"


def _of_order(kind: str, **body: Any) -> Ask:
    """An order that waits for this command."""

    def ask(whose: Whose) -> Sent:
        order = "ord_00000000000000000000000000" if whose.thing == "absent" else whose.scene.order(kind)
        return Sent({"order": order}, more={"json": body} if body else {})

    return ask


def _authority(whose: Whose) -> str:
    return "aut_00000000000000000000000000" if whose.thing == "absent" else whose.scene.authority()


def _call_back(whose: Whose) -> Sent:
    body = {"person": "policy_lead@node.example", "called": _AUTHORITY["phone"]}
    return Sent({"authority": _authority(whose)}, more={"json": body})


def _end_authority(whose: Whose) -> Sent:
    body = {"person": "policy_lead@node.example", "why": "the office was closed"}
    return Sent({"authority": _authority(whose)}, more={"json": body})


ASKS: dict[str, Ask] = {
    # machines
    "GET /health": plain(),
    "GET /metrics": plain(),
    "GET /api/v1/openapi.json": plain(),
    "POST /api/v1/screen": _screen,
    "POST /api/v1/screen/batch": _screen_batch,
    "GET /api/v1/backfill/{name}": about(_backfill, {"name": "never-begun"}),
    "PUT /api/v1/backfill/{name}": _go_on_with_backfill,
    "POST /api/v1/media": lambda _whose: Sent(more={"content": b"a file"}, headers={"Content-Type": "text/plain"}),
    "POST /api/v1/events": json_of(type="account.created", account={"platform_id": "u-5", "name": "Iris"}),
    "POST /api/v1/notices": json_of(good_faith=True, **_GIVEN),
    "GET /api/v1/charter": plain(),
    "GET /api/v1/banks": plain(),
    "POST /api/v1/banks": _new_bank_over_api,
    "GET /api/v1/banks/{bank}/entries": about(_bank_by_name, _NO_BANK),
    "POST /api/v1/banks/{bank}/entries": about(
        _bank_by_name,
        _NO_BANK,
        body={"content": b"a lamp over the quay"},
        headers={"Content-Type": "text/plain", "X-File-Name": "l.txt", "X-Signal-Type": "phrase"},
    ),
    "GET /api/v1/banks/{bank}/replay": about(_bank_by_name, _NO_BANK),
    "POST /api/v1/banks/{bank}/promote": about(_bank_by_name, _NO_BANK),
    "POST /api/v1/banks/{bank}/disable": about(_bank_by_name, _NO_BANK),
    "GET /api/v1/register": plain(),
    "POST /api/v1/register": json_of(person="policy_lead@node.example", **_AUTHORITY),
    "POST /api/v1/register/{authority}/verify": _call_back,
    "POST /api/v1/register/{authority}/end": _end_authority,
    "POST /api/v1/orders": lambda whose: Sent(more={"json": whose.scene.order_given()}),
    "GET /api/v1/orders": plain(),
    "GET /api/v1/orders/{order}": _of_order("open"),
    "POST /api/v1/orders/{order}/answered": _of_order("clarified", annex="III"),
    "POST /api/v1/orders/{order}/told": _of_order("open", fact="withdrawn"),
    "POST /api/v1/orders/{order}/execute": _of_order("located", measure=None, person=_ON_CALL),
    "POST /api/v1/orders/{order}/found": _of_order("located", state="out_of_scope", items=[1], person=_ON_CALL),
    "POST /api/v1/orders/{order}/clarify": _of_order("open", obstacles=["manifest_errors"], person=_ON_CALL),
    "POST /api/v1/orders/{order}/impossible": _of_order("open", person=_ON_CALL),
    "POST /api/v1/orders/{order}/call-back": _of_order("unsigned", person=_ON_CALL),
    "POST /api/v1/orders/{order}/reroute": _of_order("unsigned", person=_ON_CALL),
    "POST /api/v1/orders/{order}/lapse": _of_order("clarified", person=_ON_CALL),
    "GET /api/v1/threats": plain(),
    "GET /api/v1/threats/{threat}": about(_warning, _NO_THREAT),
    "GET /api/v1/policies": plain(),
    "GET /api/v1/organisation": plain(),
    # everybody
    "GET /static/{digest}/{name}": about(
        lambda _whose: {"digest": static_files.PREFIX.rpartition("/")[2], "name": "mark.svg"},
        {"digest": "0", "name": "mark.svg"},
    ),
    "GET /favicon.ico": plain(),
    "GET /": plain(),
    "GET /s/{token}": _statement_page,
    "GET /w/{token}": _receipt_page,
    "POST /w/{token}": _receipt_page,
    "GET /contact": plain(),
    "GET /report": plain(),
    "POST /report": plain(good_faith="yes", **_GIVEN),
    "GET /report/{token}": _report_page,
    "GET /policies": plain(),
    "GET /transparency": plain(),
    "GET /transparency/settings.json": plain(),
    "GET /ledger": plain(),
    "GET /ledger/{path:path}": _ledger_file,
    # the gate
    "GET /login": plain(),
    "POST /login": _sign_in,
    "POST /login/challenge": plain(),
    "POST /login/passkey": _passkey_answer,
    "GET /first-start/{token}": _link,
    "POST /first-start/{token}": _join,
    "GET /login/single": plain(),
    "GET /login/single/return": plain(),
    "GET /first-start/{token}/single": _link,
    "GET /again/single": plain(),
    "GET /again": plain(),
    "POST /again": plain(password=PASSWORD, code=""),
    "POST /again/passkey": _passkey_answer,
    "POST /logout": plain(),
    # work
    "GET /console": plain(),
    "GET /console/changes": plain(),
    "GET /console/queue": plain(),
    "GET /console/cases/{case}": about(_case, _NO_CASE),
    "POST /console/cases/{case}/claim": about(_case, _NO_CASE),
    "POST /console/cases/{case}/give-back": about(_case, _NO_CASE),
    "POST /console/cases/{case}/skip": about(_case, _NO_CASE, reason="my street"),
    "POST /console/cases/{case}/hand-over": about(_case, _NO_CASE, to="", reason="my street"),
    "POST /console/cases/{case}/note": about(_case, _NO_CASE, words="look twice"),
    "POST /console/cases/{case}/seal": about(_case, _NO_CASE),
    "POST /console/cases/{case}/account": about(_case, _NO_CASE),
    "POST /console/cases/{case}/media/{item}": about(_case_and_item, _NO_ITEM_OF_CASE),
    "GET /console/cases/{case}/media/{item}/{number}": about(_opened_media, _NO_ITEM_OF_CASE | {"number": 0}),
    "POST /console/cases/{case}/preview": _decide,
    "POST /console/cases/{case}/decide": _decide,
    "GET /console/decisions/{decision}": about(_decision, _NO_DECISION),
    "GET /console/decisions/{decision}/statements/{statement}": about(
        _statement, _NO_DECISION | {"statement": "sta_none"}
    ),
    "POST /console/decisions/{decision}/agree": about(_proposal, _NO_DECISION),
    "POST /console/decisions/{decision}/decline": about(_proposal, _NO_DECISION),
    "POST /console/decisions/{decision}/undo": about(_decision, _NO_DECISION),
    "POST /console/decisions/{decision}/reverse": about(_decision, _NO_DECISION, reason="a museum catalogue"),
    "GET /console/items/{item}": about(_item, {"item": "itm_none"}),
    "GET /console/accounts": plain(),
    "GET /console/accounts/{account}": about(_account, {"account": "acc_none"}),
    "POST /console/accounts/{account}/case": about(_account, {"account": "acc_none"}),
    "GET /console/find": _find,
    # warnings
    "POST /console/cases/{case}/warn": about(_case, _NO_CASE),
    "GET /console/threats": plain(),
    "GET /console/threats/recipients": plain(),
    "POST /console/threats/recipients": _pin,
    "POST /console/threats/recipients/{recipient}/confirm": about(_recipient, _NO_RECIPIENT),
    "POST /console/threats/recipients/{recipient}/end": about(_recipient, _NO_RECIPIENT),
    "GET /console/threats/{threat}": about(_warning, _NO_THREAT),
    "POST /console/threats/{threat}/preview": about(_draft, _NO_THREAT, **_WARN),
    "POST /console/threats/{threat}/sign": _sign,
    "POST /console/threats/{threat}/drop": about(_draft, _NO_THREAT, why="they speak of a film"),
    "POST /console/threats/{threat}/called": about(_warning, _NO_THREAT, **_EMERGENCY),
    "POST /console/threats/{threat}/confirm": about(_warning, _NO_THREAT, receipt="telephone", **_EMERGENCY),
    "POST /console/threats/{threat}/second": about(_warning, _NO_THREAT, agrees="yes"),
    "POST /console/threats/{threat}/more": about(
        _warning, _NO_THREAT, kind="supplement", words="The bus arrives at five, an hour earlier."
    ),
    "POST /console/threats/{threat}/close": about(_confirmed, _NO_THREAT, outcome="acted"),
    # rules
    "GET /console/banks": plain(),
    "POST /console/banks": _new_bank,
    "GET /console/banks/{bank}": about(_bank, _NO_BANK),
    "POST /console/banks/{bank}/import": about(_bank, _NO_BANK, type="phrase", lines="a lamp over the quay"),
    "GET /console/banks/{bank}/entries.{form}": about(
        lambda whose: _bank(whose) | {"form": "csv"}, _NO_BANK | {"form": "csv"}
    ),
    "POST /console/banks/{bank}/promote": about(_bank, _NO_BANK),
    "POST /console/banks/{bank}/set-back": about(_acting_bank, _NO_BANK),
    "POST /console/banks/{bank}/disable": about(_bank, _NO_BANK),
    "POST /console/banks/{bank}/entries/{entry}/confirm": about(_entry, _NO_ENTRY, confirmed="yes"),
    "POST /console/banks/{bank}/entries/{entry}/enable": about(_entry, _NO_ENTRY, enabled="no"),
    "POST /console/banks/{bank}/entries/{entry}/opinion": about(_entry, _NO_ENTRY, opinion="disputed"),
    "GET /console/rules": plain(),
    "POST /console/rules": _propose_rule,
    "POST /console/rules/{rule}/approve": about(_rule, {"rule": "rul_none"}),
    "POST /console/rules/{rule}/end": about(_rule, {"rule": "rul_none"}),
    "GET /console/policies": plain(),
    "GET /console/policies/new": plain(),
    "POST /console/policies/compare": plain(**_POLICY),
    "POST /console/policies": plain(**_POLICY),
    "GET /console/charter": plain(),
    "GET /console/organisation": plain(),
    "POST /console/organisation": plain(**_ORGANISATION),
    "POST /console/charter/{setting}": _change_charter,
    # record
    "GET /console/deliveries": plain(),
    "POST /console/deliveries/{effect}/retry": about(
        lambda whose: {"effect": whose.scene.failed_effect()}, {"effect": "eff_none"}
    ),
    "GET /console/ledger": plain(),
    "GET /console/ledger/{event}.json": about(_event, _NO_EVENT),
    "GET /console/ledger/{event}": about(_event, _NO_EVENT),
    "GET /console/health": plain(),
    # house
    "GET /console/people": plain(),
    "POST /console/people": _invite,
    "GET /console/people/{person}": about(_person, _NO_PERSON),
    "POST /console/people/{person}/link": about(_person, _NO_PERSON),
    "POST /console/people/{person}/unbind": about(_bound, _NO_PERSON),
    "POST /console/people/{person}/roles": about(_person, _NO_PERSON, role=["policy_lead"]),
    "POST /console/people/{person}/suspend": about(_person, _NO_PERSON),
    "POST /console/people/{person}/lift": about(_suspended, _NO_PERSON),
    "POST /console/people/{person}/leave": about(_person, _NO_PERSON),
    "GET /console/keys": plain(),
    "POST /console/keys": plain(label="A machine", days="1", scope=["health:read"]),
    "POST /console/keys/{key}/revoke": about(_key, {"key": "key_none"}),
    # oneself
    "GET /console/me": plain(),
    "GET /console/pause": plain(),
    "POST /console/me/appearance": plain(lang="en", theme="dark", keys="on"),
    "POST /console/me/password": plain(password=NEW_PASSWORD),
    "POST /console/me/telephone": plain(),
    "POST /console/me/telephone/code": _telephone_code,
    "POST /console/me/recovery": plain(),
    "POST /console/me/passkeys/offer": plain(),
    "POST /console/me/passkeys": _new_passkey,
    "POST /console/me/passkeys/{passkey}/remove": about(_passkey, {"passkey": "psk_none"}),
    "POST /console/me/sessions/{session}/end": about(_session, {"session": "ses_none"}),
}
