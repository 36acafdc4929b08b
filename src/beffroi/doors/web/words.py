"""Words of ours that stand in Python rather than in a template, marked for translation.

Owns: the marker `N_`, what a page says after a form, and what an error page says.
Promises: whatever passes through `N_` is found by the extraction and can be handed to `_()` in a template.
Never does: translate; that happens where the language is known.
"""


def N_(message: str) -> str:  # noqa: N802  the marker that every gettext tool knows
    """The same message, marked for translation."""
    return message


TOLD = {
    "saved": N_("Saved."),
    "claimed": N_("The case is yours."),
    "given-back": N_("You gave the case back."),
    "skipped": N_("Skipped. Here is the next one."),
    "handed-over": N_("Handed over."),
    "noted": N_("The note is kept."),
    "decided": N_("Recorded."),
    "undone": N_("Taken back. Nothing was done outside."),
    "reversed": N_("Reversed. What it did is being put back, and the person is told."),
    "spooled": N_("The record cannot be written now. It is kept beside it, and is entered and done as soon as it can."),
    "second-asked": N_("Somebody else will look as well."),
    "sealed": N_("Sealed. Nobody sees it any more; the duty officer was told."),
    "imported": N_("Imported."),
    "promoted": N_("In force."),
    "paused": N_("Paused."),
    "enabled": N_("Enabled."),
    "disabled": N_("Disabled."),
    "published": N_("Published."),
    "invited": N_("Invited. Hand over the link; it works once."),
    "revoked": N_("Revoked."),
    "retried": N_("Tried again."),
    "warned": N_("Signed. Call them now: nobody has confirmed it yet."),
    "confirmed": N_("Noted: they have it."),
    "warning-dropped": N_("Nobody was warned. The reason is kept with the case."),
    "pinned": N_("Pinned. Somebody else must call them before anybody is warned there."),
    "language": N_("Language changed."),
    "signed-out": N_("You are signed out."),
}
"""After a form: the tail of `?did=` and the sentence that the next page shows."""

_ELSE = (N_("Something went wrong here"), N_("Nothing was done. The fault is ours and was recorded."))
FAULTS = {
    400: (N_("That request could not be read"), N_("Go back and try again.")),
    401: (N_("Sign in first"), N_("This page is for people of this node.")),
    403: (N_("Not for you"), N_("Your role does not include this. An administrator can tell you who may.")),
    404: (N_("There is nothing here"), N_("It was never here, it is gone, or it is not for you. We do not say which.")),
    409: (
        N_("Somebody was faster"),
        N_("It changed while you were looking. Nothing of yours was recorded. Look at it again and decide anew."),
    ),
    413: (N_("That is too large"), N_("Nothing was kept.")),
    422: (N_("Something in the form does not fit"), N_("Nothing was recorded. What you wrote is still in the form.")),
    429: (N_("Too many tries"), N_("Wait a little, then try again.")),
    500: _ELSE,
    503: (N_("Not possible right now"), N_("Nothing was done, and nothing was lost. Try again in a moment.")),
}
"""Per status: heading and sentence of the error page."""


def fault(status: int) -> tuple[str, str]:
    """Heading and sentence for a status."""
    return FAULTS.get(status, _ELSE)
