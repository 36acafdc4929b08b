"""What the operator sets for a connector, checked.

Owns: `ConnectorSettings`, from which every connector's settings descend.
Promises: what is unknown or wrong is refused by its name; no error quotes a value, for some of them are secrets.
Never does: know what any setting means.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from beffroi.ground.kernel.errors import Invalid


class ConnectorSettings(BaseModel):
    """The settings of one connector; `connector` is its name."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    connector: ClassVar[str]

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """The settings, checked.

        Raises:
            Invalid: `<connector>-settings`; the message names the setting, not its value.

        """
        try:
            return cls.model_validate(dict(settings))
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Invalid(f"{cls.connector}-settings", f"{where}: {first['msg']}", where=where) from None
