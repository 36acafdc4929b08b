"""The module's settings, from the homeserver's configuration file.

Owns: `Settings`.
Promises: a wrong or unknown setting stops Synapse's start with its name; every bound has a safe default.
Never does: ask the node; what an unanswered upload means is the node's charter, this is what holds until it is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

FAIL = ("open", "closed")
SENTENCES = {
    "reject": "This was not published: a rule found that it matches a list of known content. No person has looked "
    "yet. Read why, and what you can do: {link}",
    "hold": "This was not published yet: a rule keeps it back until a person has looked. If they let it pass, you can "
    "send it again. Read why, and what you can do: {link}",
    "unanswered": "This cannot be checked at the moment, so it was not published. Please send it again later.",
    "too-many": "This names more files than can be checked together, so it was not published. Send them in several "
    "messages.",
    "not-there": "A file in this message has not arrived on the server yet. Send the message again once it has.",
}
"""What a sender reads; an operator may put their own words, and language, in their place."""


class WrongSetting(ValueError):
    """A setting that cannot be used; the message begins with its name."""


@dataclass(frozen=True)
class Settings:
    """One module's settings."""

    node_url: str
    api_key: str = field(repr=False)
    deadline_ms: int = 2000
    """From the message's arrival until it is published or refused, whatever the node does."""
    fail: Mapping[str, str] = field(default_factory=lambda: {"text": "open", "media": "open"})
    """What no answer means, per kind, until the node's charter has been read."""
    charter_every_s: float = 30.0
    profiles: bool = True
    """Whether changes of names and avatars are told; set it to false where profiles are not public."""
    sentences: Mapping[str, str] = field(default_factory=lambda: dict(SENTENCES))

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "Settings":
        """The settings in `config`.

        Raises:
            WrongSetting: the first that cannot be used.

        """
        given = dict(config)
        path = given.pop("api_key_path", None)
        if path is not None:
            given["api_key"] = _key_at(str(path))
        unknown = set(given) - {each.name for each in fields(cls)}
        if unknown:
            raise WrongSetting(f"{min(unknown)}: there is no such setting")
        for name in ("node_url", "api_key"):
            if not isinstance(given.get(name), str) or not given[name].strip():
                raise WrongSetting(f"{name}: must be set")
        given["fail"] = {"text": "open", "media": "open"} | dict(given.get("fail") or {})
        given["sentences"] = SENTENCES | dict(given.get("sentences") or {})
        return _checked(cls(**given | {"node_url": given["node_url"].rstrip("/")}))


def _checked(settings: Settings) -> Settings:
    if not settings.node_url.startswith(("http://", "https://")):
        raise WrongSetting("node_url: must begin with http:// or https://")
    if not isinstance(settings.deadline_ms, int) or not 50 <= settings.deadline_ms <= 30_000:  # noqa: PLR2004
        raise WrongSetting("deadline_ms: must lie within 50 and 30000")
    if set(settings.fail) != {"text", "media"} or not set(settings.fail.values()) <= set(FAIL):
        raise WrongSetting("fail: text and media are each open or closed")
    if set(settings.sentences) != set(SENTENCES) or not all(isinstance(s, str) for s in settings.sentences.values()):
        raise WrongSetting(f"sentences: may hold {', '.join(SENTENCES)}")
    if not isinstance(settings.charter_every_s, int | float) or settings.charter_every_s <= 0:
        raise WrongSetting("charter_every_s: must be over 0")
    return settings


def _key_at(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"api_key_path: {error}") from None
