"""What users reported on the platform, read there and taken in as notices.

Owns: one turn of reading.
Promises: each report is taken once, in order; one that cannot be taken is named in the log and does not keep the
others waiting.
Never does: open a transaction, or call inside one.
"""

import logging

from beffroi.doors.platforms import Connector, UserReport
from beffroi.flow import notice
from beffroi.flow.house import House
from beffroi.flow.notice import NoticeGiven
from beffroi.ground.kernel.errors import Refusal
from beffroi.ground.kernel.limits import NAME_CHARS_MAX, NOTICE_CHARS_MAX
from beffroi.ground.storage.tx import NODE

_log = logging.getLogger(__name__)
_NO_REASON = "(no reason was given)"


def read_reports(house: House, connector: Connector) -> bool:
    """Take in what is new; whether there may be more.

    Raises:
        BeffroiError: the platform could not be asked.

    """
    found = connector.reports(notice.reports_read(house))
    for report in found:
        _take(house, report)
    return bool(found)


def _take(house: House, report: UserReport) -> None:
    given = NoticeGiven(
        url=report.url,
        explanation=report.reason.strip()[:NOTICE_CHARS_MAX] or _NO_REASON,
        name=report.reporter[:NAME_CHARS_MAX],
        email="",
        good_faith=False,
        is_report=True,
    )
    try:
        notice.take_report(house, NODE, given, report.item, report.cursor)
    except Refusal as refusal:
        _log.warning("report %s of a user was not taken: %s", report.cursor, refusal.code)
        notice.skip_report(house, NODE, report.cursor)
