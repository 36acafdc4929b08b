"""A refusal or a fault as a page.

Owns: which shell and which words an error gets.
Promises: a refusal names its stable code and its reason; a fault of ours names nothing of our inside.
Never does: log; the door that catches does.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from beffroi.ground.kernel.errors import BeffroiError, Refusal, TooMany

from .render import local_path, render
from .words import fault


@dataclass(frozen=True, slots=True)
class Fault:
    """What the error page shows."""

    status: int
    code: str
    heading: str
    sentence: str
    message: str
    """The reason of a refusal, in English; empty for faults of ours."""
    back: str


def fault_page(request: Request, status: int, error: BeffroiError | None = None) -> Response:
    """The error page for `status`, in the console's shell where the visitor is signed in, else in the public one."""
    heading, sentence = fault(status)
    request.state.refusal = error.code if error else None
    view = Fault(
        status=status,
        code=error.code if error else f"http-{status}",
        heading=heading,
        sentence=sentence,
        message=error.message if isinstance(error, Refusal) else "",
        back=_back(request),
    )
    shell = getattr(request.state, "shell", None)
    answer = render(request, "fault_console.html" if shell else "fault_public.html", view, status=status)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _back(request: Request) -> str:
    """Where a form was, or the front page of the door."""
    front = "/console" if request.url.path.startswith("/console") else "/"
    return front if request.method == "GET" else local_path(request.url.path, front)
