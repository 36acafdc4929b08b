"""The table of the console: method, path, permission, rate, handler.

Owns: the table.
Promises: what is not here does not exist; a row without a permission is in front of the sign-in, on purpose.
Never does: contain code.
"""

from beffroi.staff.permissions import Permission as P

from ..web.door import OPEN, Route
from . import cases, decide, gate

_READ, _WRITE, _LOOK, _SIGN_IN = "600/minute", "120/minute", "60/minute", "20/minute"

ROUTES: tuple[Route, ...] = (
    # in front of the door
    Route("GET", "/login", OPEN, _READ, gate.login_form),
    Route("POST", "/login", OPEN, _SIGN_IN, gate.sign_in),
    Route("POST", "/login/challenge", OPEN, _SIGN_IN, gate.challenge),
    Route("POST", "/login/passkey", OPEN, _SIGN_IN, gate.sign_in_by_passkey),
    Route("GET", "/first-start/{token}", OPEN, _SIGN_IN, gate.welcome),
    Route("POST", "/first-start/{token}", OPEN, _SIGN_IN, gate.join),
    Route("GET", "/again", P.SESSIONS_END, _READ, gate.again_form, own=True),
    Route("POST", "/again", P.SESSIONS_END, _SIGN_IN, gate.again, own=True),
    Route("POST", "/again/passkey", P.SESSIONS_END, _SIGN_IN, gate.again_by_passkey, own=True),
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
    Route("POST", "/console/decisions/{decision}/agree", P.CASES_SECOND, _WRITE, decide.agree),
    Route("POST", "/console/decisions/{decision}/decline", P.CASES_SECOND, _WRITE, decide.decline),
    Route("POST", "/console/decisions/{decision}/undo", P.CASES_DECIDE, _WRITE, decide.undo),
    Route("POST", "/console/decisions/{decision}/reverse", P.RESTRICTIONS_END, _WRITE, decide.reverse, own=True),
)
