"""The connector for any platform that takes webhooks: Standard Webhooks, signed, one try a call.

Owns: `Webhook` and its settings.
Promises: the same `webhook-id` and the same body on every try, a fresh time stamp and signature; a redirect is
never followed with a signed message; whatever the receiver does comes back as an outcome, not as an exception.
Never does: retry (a worker does, by `retry.next_try`) or take the receiver's word for how the item looks (`sight`).
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field, SecretStr, field_validator

from beffroi.ground.kernel.clock import Clock
from beffroi.ground.kernel.errors import Invalid
from beffroi.ground.kernel.limits import WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_SECRETS_MAX, WEBHOOK_TOTAL_S_MAX
from beffroi.ground.net import AnswerUnreadable, Blocked, Outbound, UnknownOutcome, Unreachable

from .answers import outcome_of, pause_s
from .capabilities import (
    Act,
    Capability,
    Done,
    Expect,
    Located,
    Outcome,
    PlatformAct,
    Refused,
    Retry,
    Sighting,
    Unknown,
    UserReport,
)
from .messages import body_of
from .settings import ConnectorSettings
from .sight import look_from
from .signing import checked_secret, signed_headers

NAME: Final = "webhook"
BY_CONTRACT: Final = frozenset(Capability) - {Capability.LOCATE_BY_URL, Capability.PURGE_CACHES, Capability.REPORTS}
"""What the webhook contract has messages for."""


class WebhookSettings(ConnectorSettings):
    """One receiver."""

    connector = NAME

    hook_url: str = Field(description="where the platform takes webhooks")
    secrets: tuple[SecretStr, ...] = Field(
        min_length=1, max_length=WEBHOOK_SECRETS_MAX, description="whsec_…; two while one replaces the other"
    )
    capabilities: frozenset[Capability] = Field(default=BY_CONTRACT, description="what the receiver obeys")
    vantage: str | None = Field(
        default=None, pattern="^[A-Z]{2}$", description="country in which this node's connections come out"
    )
    total_s: float = Field(default=WEBHOOK_TOTAL_S_MAX, gt=0, le=WEBHOOK_TOTAL_S_MAX, description="one try")

    @field_validator("secrets")
    @classmethod
    def _are_secrets(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        try:
            return tuple(SecretStr(checked_secret(secret.get_secret_value())) for secret in secrets)
        except Invalid as refusal:
            raise ValueError(refusal.message) from None

    @field_validator("capabilities")
    @classmethod
    def _have_messages(cls, capabilities: frozenset[Capability]) -> frozenset[Capability]:
        if not capabilities <= BY_CONTRACT:
            raise ValueError("the webhook contract has no message for one of these")
        return capabilities


def build(settings: Mapping[str, Any], outbound: Outbound, clock: Clock) -> "Webhook":
    """The connector with `settings` (see `WebhookSettings`)."""
    return Webhook(WebhookSettings.read(settings), outbound, clock)


class Webhook:
    """A platform behind one webhook receiver."""

    name = NAME

    def __init__(self, settings: WebhookSettings, outbound: Outbound, clock: Clock) -> None:
        self._settings = settings
        self._secrets = tuple(secret.get_secret_value() for secret in settings.secrets)
        self._outbound = outbound
        self._clock = clock

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the settings declare."""
        return self._settings.capabilities

    def perform(self, act: Act) -> Outcome:
        """Send the message for `act`, once."""
        if isinstance(act, PlatformAct) and act.kind.needs not in self.capabilities:
            return Refused("not-declared", final=True)
        body = body_of(act)
        headers = signed_headers(self._secrets, act.key, self._clock.now(), body)
        try:
            answer = self._outbound.post(
                self._settings.hook_url,
                body,
                headers={"Content-Type": "application/json"} | headers,
                body_bytes_max=WEBHOOK_ANSWER_BYTES_MAX,
                total_s=self._settings.total_s,
            )
        except Blocked as blocked:
            return Refused(blocked.reason, final=False)
        except Unreachable as failure:
            return Retry(failure.reason)
        except UnknownOutcome as failure:
            return Unknown(failure.reason)
        except AnswerUnreadable as failure:
            return _unread(act, failure)
        return outcome_of(act, answer.status, answer.body, pause_s(answer.header("retry-after"), self._clock.now()))

    def verify(self, url: str, expect: Expect, territories: tuple[str, ...] = ()) -> Sighting:
        """Look at the item's page as anybody would."""
        return look_from(self._outbound, url, expect, territories, self._settings.vantage)

    def locate(self, url: str) -> Located | None:
        """Nothing: the contract has no question for it, and the capability is not declared."""
        return None

    def reports(self, after: str) -> tuple[UserReport, ...]:
        """Nothing: a platform hands on its users' notices by itself (`POST /api/v1/notices`)."""
        return ()


def _unread(act: Act, failure: AnswerUnreadable) -> Outcome:
    """The status is the answer; a body that is too large or in an odd coding was only decoration."""
    if failure.answer_status is None:
        return Unknown(failure.reason)
    outcome = outcome_of(act, failure.answer_status, b"")
    return Done(failure.reason) if isinstance(outcome, Done) and outcome.note == "done" else outcome
