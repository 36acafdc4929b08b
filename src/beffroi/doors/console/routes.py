"""The table of the console: method, path, permission, rate, handler.

Owns: the table.
Promises: what is not here does not exist; a row without a permission is in front of the sign-in, on purpose.
Never does: contain code.
"""

from beffroi.ground.kernel.limits import BANK_FILE_BYTES_MAX
from beffroi.staff.permissions import Permission as P

from ..web.door import OPEN, Route
from . import (
    accounts,
    banks,
    cases,
    charter_page,
    decide,
    decisions,
    deliveries,
    gate,
    health,
    items,
    ledger,
    me,
    organisation,
    people,
    policies,
    rules,
    signon,
)

_READ, _WRITE, _LOOK, _SIGN_IN = "600/minute", "120/minute", "60/minute", "60/minute"

ROUTES: tuple[Route, ...] = (
    # in front of the door
    Route("GET", "/login", OPEN, _READ, gate.login_form),
    Route("POST", "/login", OPEN, _SIGN_IN, gate.sign_in),
    Route("POST", "/login/challenge", OPEN, _SIGN_IN, gate.challenge),
    Route("POST", "/login/passkey", OPEN, _SIGN_IN, gate.sign_in_by_passkey),
    Route("GET", "/login/single", OPEN, _SIGN_IN, signon.leave),
    Route("GET", signon.RETURN_PATH, OPEN, _SIGN_IN, signon.come_back),
    Route("GET", "/first-start/{token}", OPEN, _SIGN_IN, gate.welcome),
    Route("POST", "/first-start/{token}", OPEN, _SIGN_IN, gate.join),
    Route("GET", "/first-start/{token}/single", OPEN, _SIGN_IN, signon.leave_joining),
    Route("GET", "/again", P.SESSIONS_END, _READ, gate.again_form, own=True),
    Route("POST", "/again", P.SESSIONS_END, _SIGN_IN, gate.again, own=True),
    Route("POST", "/again/passkey", P.SESSIONS_END, _SIGN_IN, gate.again_by_passkey, own=True),
    Route("GET", "/again/single", P.SESSIONS_END, _SIGN_IN, signon.leave_again, own=True),
    Route("POST", "/logout", P.SESSIONS_END, _WRITE, gate.sign_out, own=True),
    # work
    Route("GET", "/console", P.SESSIONS_END, _READ, cases.home, own=True),
    Route("GET", "/console/queue", P.CASES_READ, _READ, cases.queue),
    Route("GET", "/console/cases/{case}", P.CASES_READ, _READ, cases.case),
    Route("POST", "/console/cases/{case}/claim", P.CASES_CLAIM, _WRITE, cases.claim),
    Route("POST", "/console/cases/{case}/give-back", P.CASES_CLAIM, _WRITE, cases.give_back),
    Route("POST", "/console/cases/{case}/skip", P.CASES_CLAIM, _WRITE, cases.skip),
    Route("POST", "/console/cases/{case}/hand-over", P.CASES_HAND_OVER, _WRITE, cases.hand_over, own=True),
    Route("POST", "/console/cases/{case}/note", P.CASES_NOTE, _WRITE, cases.note),
    Route("POST", "/console/cases/{case}/seal", P.CASES_SEAL, _WRITE, cases.seal),
    Route("POST", "/console/cases/{case}/account", P.CASES_DECIDE, _WRITE, cases.about_account),
    Route("POST", "/console/cases/{case}/media/{item}", P.MEDIA_OPEN, _LOOK, cases.open_media),
    Route("GET", "/console/cases/{case}/media/{item}/{number}", P.MEDIA_OPEN, _READ, cases.media),
    Route("POST", "/console/cases/{case}/preview", P.CASES_DECIDE, _WRITE, decide.preview),
    Route("POST", "/console/cases/{case}/decide", P.CASES_DECIDE, _WRITE, decide.decide),
    Route("GET", "/console/decisions/{decision}", P.DECISIONS_READ, _READ, decide.decision),
    Route("GET", "/console/decisions/{decision}/statements/{statement}", P.DECISIONS_READ, _READ, decisions.statement),
    Route("POST", "/console/decisions/{decision}/agree", P.CASES_SECOND, _WRITE, decide.agree),
    Route("POST", "/console/decisions/{decision}/decline", P.CASES_SECOND, _WRITE, decide.decline),
    Route("POST", "/console/decisions/{decision}/undo", P.CASES_DECIDE, _WRITE, decide.undo),
    Route("POST", "/console/decisions/{decision}/reverse", P.RESTRICTIONS_END, _WRITE, decide.reverse, own=True),
    Route("GET", "/console/items/{item}", P.HISTORY_READ, _READ, items.item),
    Route("GET", "/console/accounts", P.HISTORY_READ, _READ, accounts.accounts),
    Route("GET", "/console/accounts/{account}", P.HISTORY_READ, _READ, accounts.account),
    Route("POST", "/console/accounts/{account}/case", P.CASES_DECIDE, _WRITE, accounts.open_case),
    Route("GET", "/console/find", P.HISTORY_READ, _READ, accounts.find),
    # rules
    Route("GET", "/console/banks", P.BANKS_READ, _READ, banks.banks),
    Route("POST", "/console/banks", P.BANKS_MANAGE, _WRITE, banks.create),
    Route("GET", "/console/banks/{bank}", P.BANKS_READ, _READ, banks.bank),
    Route(
        "POST",
        "/console/banks/{bank}/import",
        P.ENTRIES_MANAGE,
        _WRITE,
        banks.import_file,
        form_bytes_max=BANK_FILE_BYTES_MAX,
    ),
    Route("GET", "/console/banks/{bank}/entries.{form}", P.BANKS_READ, _LOOK, banks.export),
    Route("POST", "/console/banks/{bank}/promote", P.BANKS_PROMOTE, _WRITE, banks.promote),
    Route("POST", "/console/banks/{bank}/set-back", P.BANKS_PROMOTE, _WRITE, banks.set_back),
    Route("POST", "/console/banks/{bank}/disable", P.BANKS_MANAGE, _WRITE, banks.disable),
    Route("POST", "/console/banks/{bank}/entries/{entry}/confirm", P.ENTRIES_CONFIRM, _WRITE, banks.confirm_entry),
    Route("POST", "/console/banks/{bank}/entries/{entry}/enable", P.ENTRIES_MANAGE, _WRITE, banks.enable_entry),
    Route("POST", "/console/banks/{bank}/entries/{entry}/opinion", P.ENTRIES_MANAGE, _WRITE, banks.say_of_entry),
    Route("GET", "/console/rules", P.RULES_READ, _READ, rules.rules),
    Route("POST", "/console/rules", P.RULES_PROPOSE, _WRITE, rules.propose),
    Route("POST", "/console/rules/{rule}/approve", P.RULES_APPROVE, _WRITE, rules.approve),
    Route("POST", "/console/rules/{rule}/end", P.RULES_APPROVE, _WRITE, rules.end),
    Route("GET", "/console/policies", P.POLICIES_READ, _READ, policies.policies),
    Route("GET", "/console/policies/new", P.POLICIES_PUBLISH, _READ, policies.policy_form_page),
    Route("POST", "/console/policies", P.POLICIES_PUBLISH, _WRITE, policies.publish),
    Route("POST", "/console/policies/compare", P.POLICIES_PUBLISH, _WRITE, policies.compare),
    Route("GET", "/console/charter", P.CHARTER_READ, _READ, charter_page.charter_page),
    Route("POST", "/console/charter/{setting}", P.CHARTER_CHANGE, _WRITE, charter_page.change),
    Route("GET", "/console/organisation", P.ORGANISATION_READ, _READ, organisation.organisation),
    Route("POST", "/console/organisation", P.ORGANISATION_MANAGE, _WRITE, organisation.change, recent=True),
    # record
    Route("GET", "/console/deliveries", P.DELIVERIES_READ, _READ, deliveries.deliveries),
    Route("POST", "/console/deliveries/{effect}/retry", P.DELIVERIES_RETRY, _WRITE, deliveries.retry),
    Route("GET", "/console/ledger", P.LEDGER_READ, _READ, ledger.ledger_page),
    Route("GET", "/console/ledger/{event}.json", P.LEDGER_READ, _READ, ledger.receipt),
    Route("GET", "/console/ledger/{event}", P.LEDGER_READ, _READ, ledger.event),
    Route("GET", "/console/health", P.HEALTH_READ, _READ, health.health),
    # house
    Route("GET", "/console/people", P.PEOPLE_READ, _READ, people.people),
    Route("POST", "/console/people", P.PEOPLE_MANAGE, _WRITE, people.invite, recent=True),
    Route("GET", "/console/people/{person}", P.PEOPLE_READ, _READ, people.person, own=True),
    Route("POST", "/console/people/{person}/link", P.PEOPLE_MANAGE, _WRITE, people.new_link, recent=True),
    Route("POST", "/console/people/{person}/unbind", P.PEOPLE_MANAGE, _WRITE, people.unbind, recent=True),
    Route("POST", "/console/people/{person}/roles", P.ROLES_GRANT, _WRITE, people.grant, recent=True),
    Route("POST", "/console/people/{person}/suspend", P.PEOPLE_MANAGE, _WRITE, people.suspend, recent=True),
    Route("POST", "/console/people/{person}/lift", P.PEOPLE_MANAGE, _WRITE, people.lift, recent=True),
    Route("POST", "/console/people/{person}/leave", P.PEOPLE_MANAGE, _WRITE, people.leave, recent=True),
    Route("GET", "/console/keys", P.API_KEYS_READ, _READ, people.api_keys),
    Route("POST", "/console/keys", P.API_KEYS_MANAGE, _WRITE, people.issue_key, recent=True),
    Route("POST", "/console/keys/{key}/revoke", P.API_KEYS_MANAGE, _WRITE, people.revoke_key),
    # oneself
    Route("GET", "/console/me", P.SESSIONS_END, _READ, me.me, own=True),
    Route("GET", "/console/pause", P.EXPOSURE_READ, _READ, me.pause, own=True),
    Route("POST", "/console/me/appearance", P.SESSIONS_END, _WRITE, me.appearance, own=True),
    Route("POST", "/console/me/password", P.CREDENTIALS_CHANGE, _SIGN_IN, me.change_password, own=True, recent=True),
    Route("POST", "/console/me/telephone", P.CREDENTIALS_CHANGE, _SIGN_IN, me.telephone, own=True, recent=True),
    Route(
        "POST", "/console/me/telephone/code", P.CREDENTIALS_CHANGE, _SIGN_IN, me.change_telephone, own=True, recent=True
    ),
    Route("POST", "/console/me/recovery", P.CREDENTIALS_CHANGE, _SIGN_IN, me.recovery_codes, own=True, recent=True),
    Route(
        "POST", "/console/me/passkeys/offer", P.CREDENTIALS_CHANGE, _SIGN_IN, me.offer_passkey, own=True, recent=True
    ),
    Route("POST", "/console/me/passkeys", P.CREDENTIALS_CHANGE, _SIGN_IN, me.add_passkey, own=True, recent=True),
    Route(
        "POST",
        "/console/me/passkeys/{passkey}/remove",
        P.CREDENTIALS_CHANGE,
        _WRITE,
        me.remove_passkey,
        own=True,
        recent=True,
    ),
    Route("POST", "/console/me/sessions/{session}/end", P.SESSIONS_END, _WRITE, me.end_session, own=True),
)
