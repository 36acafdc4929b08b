"""What each alarm says to the person who was woken by it.

Owns: for every alarm its name in a sentence, what it means, what still works, what to do, the command and the page.
Promises: plain words that hold whatever caused it; the table of docs/operate.md names the same alarms, and says more.
Never does: measure; figures are added by who has them.
"""

from dataclasses import dataclass

from beffroi.flow.health import Alarm

from .words import N_


@dataclass(frozen=True, slots=True)
class AlarmWords:
    """Message ids; `command` is typed as it stands, `href` is the page where one goes on, or empty."""

    heading: str
    means: str
    works: str
    steps: tuple[str, ...]
    command: str = ""
    href: str = ""
    link: str = ""


_RESTART = N_("Restart the node. What was begun is taken up under its old key, and nothing is done twice.")
_MAKE_ROOM = N_("Make room: copies in backups/, logs, files of other programs. Of the data folder remove nothing else.")

WORDS: dict[Alarm, AlarmWords] = {
    Alarm.CLOCK_BACK: AlarmWords(
        N_("The clock was set back"),
        N_("Nothing is signed until it is past what it showed: entries of the ledger must not change places."),
        N_("Uploads are answered, people decide, and what they decide is carried out. The ledger follows later."),
        (
            N_("See whether the time is right now, and what set it: two time services, or a machine that slept."),
            N_("If it is right, restart the node. Otherwise set it right; it goes on by itself once it is past."),
        ),
        "timedatectl timesync-status",
    ),
    Alarm.DATABASE_SILENT: AlarmWords(
        N_("The database does not answer"),
        N_("Nothing can be recorded, and so nothing is accepted. Nobody can sign in. What was recorded is not lost."),
        N_("Reports by users are kept on the emergency spool and entered once it is back. All else is refused."),
        (
            N_("Look at the database: does its server run, is its disk full, are all its connections taken?"),
            N_("Once it answers, the node goes on by itself; it needs no restart."),
        ),
        "beffroi spool --data DIR",
    ),
    Alarm.DECODER_FAILING: AlarmWords(
        N_("Pictures cost their decoder"),
        N_("One picture after another ended the process that reads it. Somebody may be sending hostile files."),
        N_("Texts are screened as ever. Pictures are answered “unknown”, and the platform does what its charter says."),
        (
            N_("See in the log whose uploads they are; on the platform, keep that account from uploading."),
            N_("If they are nobody's in particular, restart the node."),
        ),
        "journalctl -u beffroi -o cat",
    ),
    Alarm.DISK_FULL: AlarmWords(
        N_("The disk is nearly full"),
        N_("There is less room than a busy day needs. A node that cannot record does nothing."),
        N_("Everything works for now. When the room is used up, people go on with what is reserved for them."),
        (_MAKE_ROOM, N_("Then find out what filled it, before it does so again.")),
        "df -h DIR && du -xh -d 2 DIR | sort -h | tail",
    ),
    Alarm.DISK_SHORT: AlarmWords(
        N_("The disk fills"),
        N_("Less of it is free than the share that was set for this node."),
        N_("Everything works."),
        (_MAKE_ROOM, N_("Or give it a larger disk in the next days.")),
        "df -h DIR && du -xh -d 2 DIR | sort -h | tail",
    ),
    Alarm.DUE_LATE: AlarmWords(
        N_("What is due is done by nobody"),
        N_("The end of a claim, of a hold or of a rule has come, or a delivery has, and no worker takes it."),
        N_("Uploads are answered and people decide. What they decide waits, and is done in its order."),
        (
            N_("Look at the deliveries: a platform that does not answer holds up every worker."),
            N_("If a part of the node hangs, restart it. If nothing hangs, the machine is too slow for what comes."),
        ),
        "systemctl restart beffroi",
        "/console/deliveries?state=intended",
        N_("Deliveries that wait"),
    ),
    Alarm.LEDGER_LATE: AlarmWords(
        N_("The ledger does not follow"),
        N_("Something was recorded and has no entry in the ledger yet: nobody outside can check it."),
        N_("Uploads are answered, people decide, and what they decide is carried out. Entries follow in their order."),
        (
            N_("Read in the log why the loop “ledger” fails: keys, disk, a clock or a database that was set back."),
            N_("If the database was set back, stop the node and let fsck name what differs."),
        ),
        "beffroi fsck --data DIR",
        "/console/ledger",
        N_("Ledger"),
    ),
    Alarm.LOOP_FAILING: AlarmWords(
        N_("A part of the node failed in its last turn"),
        N_("It tries again by itself. If it goes on failing, what it does is left undone, and another alarm follows."),
        N_("Everything else works."),
        (N_("Read the reason in the log. If it lasts, see to that."),),
        "journalctl -u beffroi -o cat",
    ),
    Alarm.LOOP_SILENT: AlarmWords(
        N_("A part of the node hangs"),
        N_("One of its loops has stopped turning, or died. What it does is left undone."),
        N_("The other parts go on, as far as they do not wait for it."),
        (_RESTART, N_("If it is a worker of deliveries, the platform keeps it waiting: tell who runs that.")),
        "systemctl restart beffroi",
    ),
    Alarm.OUTBOX_OLD: AlarmWords(
        N_("The platform does not do what is asked"),
        N_("A decision was handed over and is not carried out. Content that was to go may still be up."),
        N_("Everything on this node. The delivery is tried again by itself, under the same key."),
        (
            N_("Read on the deliveries page what the platform last answered."),
            N_("Tell who runs the platform. Once it is well, press “Try now”, or wait for the next try."),
        ),
        "",
        "/console/deliveries?state=intended",
        N_("Deliveries that wait"),
    ),
    Alarm.RESERVE_USED: AlarmWords(
        N_("The disk was full, and the reserve is in use"),
        N_("What room there is, is kept for people's decisions. When it is used up too, nothing can be recorded."),
        N_("People decide, and it is carried out. Uploads are answered “unknown”, as the charter provides for."),
        (_MAKE_ROOM, N_("The node takes its reserve back by itself once there is room for it twice over.")),
        "df -h DIR && du -xh -d 2 DIR | sort -h | tail",
    ),
    Alarm.SPOOL_ODD: AlarmWords(
        N_("Something on the emergency spool needs a look"),
        N_("A file there does not open, being damaged or planted, or an act could not be entered after all."),
        N_("Everything works. Acts that came later were entered."),
        (
            N_("See what it is, and what the ledger says of it: spooled-act-unreadable, or spooled-act-entered."),
            N_("Find out how it came there. Then remove the file that ends in .damaged."),
        ),
        "beffroi spool --data DIR",
        "/console/ledger",
        N_("Ledger"),
    ),
    Alarm.SPOOL_WAITING: AlarmWords(
        N_("Acts wait beside the record"),
        N_("People were promised what the record does not hold yet: it cannot be written, or not by this release."),
        N_("What waits is safe on the disk. It is entered, and carried out, within a second of the record being back."),
        (
            N_("Read in the log why the loop “spool” fails. Most often it is the disk or the database."),
            N_("If a newer release kept the act, start that one again."),
        ),
        "beffroi spool --data DIR",
    ),
    Alarm.WARNING_UNSEEN: AlarmWords(
        N_("No second person has looked at a warning"),
        N_("A warning of a threat to life went out a day ago. Somebody who did not sign it should have looked by now."),
        N_("Everything works. What was sent is sent."),
        (
            N_("A senior moderator or policy lead reads the warning and says whether they agree."),
            N_("If it was wrong, take it back there: everybody who was warned hears of it."),
        ),
        "beffroi threat list --data DIR",
        "/console/threats",
        N_("Warnings"),
    ),
    Alarm.WARNING_WAITS: AlarmWords(
        N_("A warning of a threat to life waits"),
        N_("Somebody began one and did not send it, or nobody there has confirmed that they have it."),
        N_("Everything works. Letters that could be mailed are mailed; that says nothing about who reads them."),
        (
            N_("Open it. Call the number that stands first and say the sentence below it."),
            N_("Note that they have it. A draft is sent, or dropped with a reason."),
        ),
        "beffroi threat list --data DIR",
        "/console/threats",
        N_("Warnings"),
    ),
}
