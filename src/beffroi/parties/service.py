"""Commands of `parties`: establish the organisation, amend it.

Owns: the order of load, rule, save.
Promises: everything happens inside the caller's transaction.
Never does: open a transaction.
"""

from beffroi.ground.kernel.errors import NotFound
from beffroi.ground.kernel.ids import OrganisationId, SubjectId, fresh
from beffroi.ground.storage import Tx

from . import rules, store
from .model import Organisation, Particulars, Representative


def establish(tx: Tx, particulars: Particulars, representative: Representative | None = None) -> Organisation:
    """Say whose node this is; once.

    Raises:
        Conflict: it is somebody's already.
        Invalid: something that must be published is missing.

    """
    subject, personal = _name(tx, representative)
    organisation = OrganisationId(fresh("org", tx.now))
    events = rules.establish(store.organisation(tx.conn), organisation, particulars, subject, tx.now)
    return store.ORGANISATIONS.change(tx, None, events, personal)


def amend(
    tx: Tx, particulars: Particulars, representative: Representative | None = None, *, version: int | None = None
) -> Organisation:
    """Say something else; `version` is what the person saw, None: whatever it is.

    Raises:
        NotFound: it was never established.
        Conflict: somebody else amended it meanwhile, or it would become another kind of node.
        Invalid: something that must be published is missing.

    """
    before = store.organisation(tx.conn)
    if before is None:
        raise NotFound("no-such-organisation", "establish the organisation first")
    rules.same_version(before, version)
    if representative == _present(tx, before):
        subject, personal = before.representative, None
    else:
        subject, personal = _name(tx, representative)
    events = rules.amend(before, particulars, subject, tx.now)
    return store.ORGANISATIONS.change(tx, before, events, personal) if events else before


def _present(tx: Tx, organisation: Organisation) -> Representative | None:
    subject = organisation.representative
    return None if subject is None else store.representative(tx.conn, tx.vault, subject)


def _name(tx: Tx, representative: Representative | None) -> tuple[SubjectId | None, dict[SubjectId, bytes] | None]:
    """A new subject for a new representative, so that each can be erased alone."""
    if representative is None:
        return None, None
    rules.check_representative(representative)
    subject = SubjectId(fresh("rep", tx.now))
    return subject, {subject: store.put_representative(tx, subject, representative)}
