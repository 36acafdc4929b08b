"""Every limit, with its reason. Sizes in bytes, times in seconds, unless the name says otherwise.

Owns: all literal bounds of the program; each has a test at the limit and one beyond it.
Promises: nothing from outside is read, decoded, kept or retried without one of these.
Never does: legal deadlines; those are rules with a name and a version in their capability.
"""

# JSON from outside
JSON_BYTES_MAX = 8 * 2**20
"""A screening batch of 256 posts of 10 kB with room; media travel by upload, link or key, not in JSON."""
JSON_DEPTH_MAX = 32
"""Our deepest message has 7 levels; CPython's parser recurses, so the bound comes before it."""

# Content
TEXT_CHARS_MAX = 200_000
"""One item's text. Longer posts are books; the platform may split them. 4 × as many bytes at most."""
NAME_CHARS_MAX = 500
"""Names of accounts, banks, people, organisations."""
URL_CHARS_MAX = 4096
"""Twice what browsers were long held to; longer addresses are attacks or tracking."""
PLATFORM_ID_CHARS_MAX = 256
"""The platform's own id of an item or account."""
MEDIA_BYTES_MAX = 64 * 2**20
"""One picture or other file handed over for screening."""
MEDIA_PER_ITEM_MAX = 32
"""Files attached to one item."""
BATCH_UNITS_MAX = 256
"""Items in one screening request, and units in one bulk commit (DESIGN §4, writes)."""
DEADLINE_MS_MAX = 30_000
"""How long a screening caller may ask us to hold its connection."""
DEADLINE_MS_DEFAULT = 2_000
"""What a caller waits who says nothing: a slow upload form still feels alive."""

# Writes
BULK_WAIT_S_MAX = 0.05
"""A bulk unit waits at most this long for company before its batch commits (DESIGN §4, writes)."""
WRITE_QUEUE_MAX = 4096
"""Waiting write jobs per lane; beyond it callers of the bulk lane get `TooMany`, the law lane never does."""

# Blobs in a bucket
BUCKET_CALL_S_MAX = 30
"""One call with its retries: 64 MiB over a slow line within a data centre."""
BUCKET_CONNECT_S_MAX = 5
"""As for every other call."""
BUCKET_RETRIES_MAX = 2
"""Storing the same bytes again does no harm; beyond it the caller is told, and comes back."""

# The log of a process
LOG_LINES_WAITING_MAX = 10_000
"""Records before the thread that writes them, some 10 MB; beyond it the reader stands still, and lines are dropped."""
LOG_FRAMES_MAX = 20
"""Innermost frames of an exception: where it came from; the rest is the web server's."""

# Ledger and keys
LEDGER_CADENCE_S = 30
"""A checkpoint each so many seconds whether or not anything happened, so that its timing tells nothing; half
of the lag allowed, so that one beat may fail."""
LEDGER_CADENCE_DEMO_S = 10
"""The same in the demo, where people wait to see it."""
LEDGER_LAG_S_MAX = 60
"""By then every event has its leaf (DESIGN §4, ledger); `fsck` and `/health` measure against it."""
LEDGER_BATCH_MAX = 4096
"""Leaves added in one transaction: some tens of milliseconds of the one writer. A power of two."""
LEDGER_ROUNDS_MAX = 64
"""Batches in one beat; then a checkpoint is due even if events arrive faster than they are taken."""
LEDGER_PAD_MIN = 8
"""Leaves a batch has at least; batches are padded to powers of two, so that their size tells next to nothing."""
LEDGER_WINDOW = 100_000
"""Events this far behind the newest one with a leaf are still looked for: on PostgreSQL a slow transaction
commits after faster ones with higher numbers. A sweep over all events at start and in `fsck` is the backstop."""
LEDGER_SIZE_MAX = 2**63 - 1
"""Leaves that a checkpoint of anybody may speak of: both databases count positions in 63 bits."""
LEDGER_TILE_LEVEL_MAX = 63
"""The highest level a tile's name may have (C2SP tlog-tiles)."""
NOTE_BYTES_MAX = 128 * 2**10
"""A checkpoint with 16 post-quantum cosignatures of 5 kB (C2SP signed-note) and room."""
NOTE_SIGNATURES_MAX = 64
"""Signatures on one note; verifying more would be work for an attacker's pleasure. At least 16 by the spec."""
PROOF_LINES_MAX = 63
"""Hashes in one proof: a path in a tree of 2**63 leaves (C2SP tlog-witness)."""
KEY_FILE_BYTES_MAX = 4096
"""One key file; ours have some 400 bytes."""
CEREMONY_PRESENT_MIN = 2
"""People who see the keys together: one alone could show the others anything afterwards."""
KEY_OVERLAP_DAYS = 30
"""How long a rotated key goes on being accepted unless the operator says otherwise."""

# Calls to the outside (ground.net)
OUTBOUND_CONNECT_S_MAX = 5.0
"""Look-up, TCP and TLS each; a healthy peer on another continent needs under one second."""
OUTBOUND_READ_S_MAX = 10.0
"""Silence between two pieces of an answer."""
OUTBOUND_TOTAL_S_MAX = 30.0
"""One call with all its redirects, whatever trickles in: a slow sender must not hold a worker."""
OUTBOUND_HEAD_BYTES_MAX = 64 * 2**10
"""Names and values of an answer's header together; servers commonly accept 8 to 32 kB."""
OUTBOUND_HEAD_LINES_MAX = 128
"""Header fields of one answer."""
OUTBOUND_BODY_BYTES_MAX = 8 * 2**20
"""One answer, after decompression, where the caller does not ask for more or less."""
OUTBOUND_REDIRECTS_MAX = 5
"""Hops a caller may ask to be followed; a longer chain is a loop or a tracker."""
OUTBOUND_ADDRESSES_MAX = 16
"""Addresses in one look-up's answer; more is refused, not cut, because every one must be checked."""
OUTBOUND_CONNECTS_MAX = 4
"""Checked addresses of one host that are tried in turn."""
OUTBOUND_LOOKUPS_MAX = 32
"""Look-ups under way at once; the system's resolver cannot be interrupted, so each may hold a thread."""

# Decisions
EXEMPTION_CHARS_MIN = 20
"""A sentence about the nearest lawful purpose; shorter is a button in disguise (DESIGN §5.2)."""
EXEMPTION_CHARS_MAX = 2000
"""Room for an argument, not for an essay; it is shown whole to the person concerned on request."""
REASON_CHARS_MAX = 2000
"""Reasons for skipping, handing over, reversing; notes of moderators."""

# Pages
LANGUAGE_CHARS_MAX = 256
"""Read of an `Accept-Language` header; browsers send under 100, the rest would be work for an attacker's pleasure."""
QUOTE_CHARS_MAX = 90
"""Of somebody's words where a list quotes them on one line."""

# What banks and matches hold
PDQ_RADIUS_MAX = 47
"""Bits of 256. Beyond it unrelated pictures begin to agree by chance, and no exact index stays fast."""
HOURLY_CAP_MAX = 1_000_000
"""The highest brake a bank can be given; a bank without a brake cannot be made."""
BRAKE_STEPS = 100
"""In how many steps the brake counts up to a bank's cap: it is exact below 200, and above overshoots by 1 % or so,
so that counting costs the same whatever the cap."""
IMPORT_ROWS_MAX = 1_000
"""Entries written in one transaction, about a tenth of a second of the one writer; bigger lists come in pieces."""
LOCAL_ANSWER_S_MAX = 600.0
"""Seconds: how long the command line waits for its own node; a large list is read in while it waits."""

BANK_FILE_BYTES_MAX = 2**30
"""One list of hashes or phrases: ten million lines of PDQ."""
BANK_LINE_BYTES_MAX = 64 * 2**10
"""One line of such a list: a phrase with its description and labels, several times over."""
LABELS_MAX = 16
"""Labels on one entry."""
LABEL_CHARS_MAX = 64
"""One label."""
ENTRY_WORDS_CHARS_MAX = 2000
"""Note and description of an entry, purpose and terms of use of a bank."""
STRAIN_MAX = 5
"""How hard a picture is to look at, 0 to 5, shown before it is opened."""
FOUND_PER_SIGNAL_MAX = 16
"""Matches kept of one signal in one bank, the closest first: a bank of near-identical pictures says nothing more
with a thousand."""
PDQ_ROWS_MAX = 2**31
"""Hashes in one index: its tables count in 32 bits, and half of that keeps every sum below them."""
PDQ_QUERIES_AT_ONCE = 64
"""Pictures looked for in one go: in a bank of 100,000 near-identical hashes that is 400 MB of matches, of which few
are told."""
PDQ_TAIL_ROWS_MAX = 4_096
"""Hashes that are compared one by one beside the tables of a PDQ index: 4 to 8 µs a query."""
PDQ_MERGE_AT_ONCE_MAX = 131_072
"""Hashes of which a PDQ index is arranged anew while the caller waits, some 30 ms; of more it is done beside."""
PHRASE_TAIL_MAX = 2_000
"""Phrases that wait in a small scanner of their own before the big one is built again: building takes 12 µs each."""
OBSERVED_ROWS_HOURLY_MAX = 1000
"""Rows a bank in `observe` may leave in an hour; all of its matches are counted, the first ones are kept."""
JUDGED_MATCHES_MAX = 500
"""Latest judged matches of which a bank's precision is made; opening a case reads them, which takes some 3 ms."""
INDEX_CHECK_S = 0.25
"""How often a process asks whether banks changed: a quarter of the second in which a change must be in force."""
RULE_HOURLY_CAP_MAX = 10_000
"""A standing rule that acts more often in an hour is not narrow (DESIGN §5.1)."""

# Notices (DSA Art 16)
NOTICE_CHARS_MAX = 10_000
"""A substantiated explanation; four pages of text."""
EMAIL_CHARS_MAX = 320
"""RFC 3696 erratum 1690: 64 before the @, 255 after it."""

# Signals
PICTURE_PIXELS_MAX = 50_000_000
"""Width × height, judged from the header: what telephones take today; a decoded pixel costs four bytes."""
PICTURE_SIDE_MAX = 32_767
"""Width or height; longer strips are not pictures people look at."""
PICTURE_CPU_S_MAX = 3
"""Computing time for one picture, in whole seconds as the kernel counts; the largest PNG allowed needs about one."""
PICTURE_WALL_S_MAX = 10.0
"""And by the clock, on a machine busy with other things."""
CHILD_MEMORY_BYTES_MAX = 256 * 2**20
"""Address space of a decoder child beyond the decoders themselves: 50 million pixels of 4 bytes and the file."""
PICTURES_PER_CHILD_MAX = 1000
"""Then the child is replaced, with whatever it leaked or hides."""
CHILD_START_S_MAX = 30.0
"""Starting an interpreter and loading the decoders, on a busy machine; ordinarily under half a second."""
ANSWER_BYTES_MAX = 4096
"""What a child may say about one picture; a true answer has about 300 bytes."""
PHRASE_CHARS_MIN = 2
"""One letter is in every text; two can be a word in Chinese."""
PHRASE_CHARS_MAX = 500
"""A long sentence; longer texts are compared as a whole, not as a phrase."""
HITS_PER_PHRASE_MAX = 20
"""Places of one phrase in one text; more tell nothing. Per phrase, so that repeating one cannot hide another."""
URLS_PER_TEXT_MAX = 1000
"""Links read from one text; a text of the largest size could hold 15,000."""

UPLOAD_WAITS_S_MAX = 3600
"""A file sent ahead waits this long for the item that names it."""

# Webhooks to platforms (doors.platforms)
WEBHOOK_TOTAL_S_MAX = 15.0
"""One try: Standard Webhooks asks receivers to answer within 15 to 30 s; the next try comes anyway."""
WEBHOOK_ANSWER_BYTES_MAX = 16 * 2**10
"""The contract's answer has 20 bytes; beyond this it is somebody's error page."""
WEBHOOK_SECRETS_MAX = 2
"""One, and while it is being replaced the old one."""
WEBHOOK_SECRET_BYTES_MIN = 24
"""192 bits (Standard Webhooks, signature scheme)."""
WEBHOOK_SECRET_BYTES_MAX = 64
"""512 bits (same)."""
RETRY_AFTER_S_MAX = 86_400
"""A receiver may ask for a pause of a day; no schedule of ours waits longer."""
SIGHT_TOTAL_S_MAX = 10.0
"""Looking at one page; slower proves nothing."""
SIGHT_REDIRECTS_MAX = 3
"""http to https, to www, to the slash: what tidy sites do; more is a maze."""

# Matrix homeservers (doors.platforms.matrix)
MATRIX_ANSWER_BYTES_MAX = 2**20
"""One answer of the admin API: an event has at most 64 kB (Matrix specification), a page of reports less."""
MATRIX_EDITS_MAX = 50
"""Edits of one event that are redacted with it; clients show the newest, a moderator sees each as an item."""
MATRIX_DEPTH_MAX = 16
"""How deep the content of an event is read: extensible events and polls nest four levels."""
REPORTS_PAGES_MAX = 20
"""Pages of 100 reports that are gone through to find the oldest unread one; a longer backlog needs a person."""
REPORTS_AT_ONCE_MAX = 20
"""Reports handed over in one turn, each with copies of its files."""
REPORTS_EVERY_S = 5.0
"""Between two looks for new reports of users: a person reads them within hours."""

# Workers
EFFECT_WORKERS = 4
"""Threads that carry out effects; a platform that hangs holds one of them for a call's time limit."""
EFFECTS_CLAIMED_MAX = 1
"""Effects one worker takes at once: after a crash no more than this many per worker wait for their lease to end."""
EFFECT_LEASE_S = 60
"""Longer than a call at its limit and a look; afterwards another worker may try the same key, which does no harm."""
IDLE_S = 0.1
"""Between two looks for due effects: the undo hold and the hour are seconds and minutes."""
SWEEP_EVERY_S = 1.0
"""Between two sweeps over what time brings."""
SWEEP_ROWS_MAX = 200
"""Rows of one kind per sweep: a transaction stays short."""
SIGHT_PAUSES_S = (0.3, 1.0, 3.0)
"""Before looking again at a page that does not look right yet."""

# What is kept, and how long
EXPOSURE_DAYS = 90
"""What a reviewer was exposed to is theirs to look back on for a quarter (DESIGN §5.13), and nobody's for longer."""
LOOK_AGAIN_D = 1
"""Days until it is asked again whether a row is still needed whose end nobody can tell yet."""
LOOK_RARELY_D = 30
"""The same where only a person ends it: a restriction that stands for good."""
LEGAL_HOLD_DAYS_MAX = 366
"""A hold ends within a year (TCO Art 6(2): a specified period, only as long as necessary) and can be renewed."""
LATE_ACT_DAYS = 31
"""What somebody decided on their last day is told within this time, tries of every schedule included."""
LEFTOVERS_EVERY_S = 24 * 3600.0
"""Between two looks for what crashes left behind: blobs without a row, keys without a blob."""
LEFTOVER_AGE_S = 24 * 3600.0
"""Younger ones may belong to a transaction that is under way; none takes a minute."""
BLOBS_DROPPED_MAX = 500
"""Files removed from the disk in one turn of the sweep."""

# Organisation and charter
POSTAL_CHARS_MAX = 1000
"""A postal address, a telephone number or office hours in words; six lines of text."""
CHARTER_TEXT_CHARS_MAX = 2000
"""A charter setting that is words: the names and addresses of a few dispute bodies."""

# People who work here, and how they prove it
PASSWORD_CHARS_MIN = 12
"""Length is what counts; no rules about kinds of characters (NIST SP 800-63B 5.1.1.2)."""
PASSWORD_CHARS_MAX = 256
"""A long sentence; longer ones would be work for an attacker's pleasure."""
HASHES_AT_ONCE_MAX = 3
"""Argon2 runs at the same time: each holds 64 MiB and a core for a tenth of a second."""
HASH_WAIT_S_MAX = 10.0
"""How long somebody who signs in waits for their turn; then they are asked to come back."""
SESSION_IDLE_H_MAX = 8
"""A session unused for this long has ended: one shift."""
SESSION_H_MAX = 24
"""No session lives longer, however busy it is."""
SESSION_SEEN_S = 300
"""How exactly we remember when a session was last used: coarse spares a write on every request, and is enough."""
RECENT_AUTH_S_MAX = 600
"""Before what cannot be undone, the last proof of who somebody is may be ten minutes old."""
LINK_H_MAX = 24
"""A link that makes an account, or gives one back, works for a day."""
CHALLENGE_S_MAX = 300
"""How long a passkey may take to answer; people look for their key ring."""
SIGN_ON_S_MAX = 600
"""How long somebody may be away at the organisation's identity provider: password, second step, a forgotten token."""
PROVIDER_BYTES_MAX = 256 * 2**10
"""One answer of the identity provider: keys with certificate chains of a large tenant have some 60 kB."""
PROVIDER_TOTAL_S_MAX = 10.0
"""One call to it, while somebody waits to sign in; a sign-in makes at most three."""
PROVIDER_KEPT_S = 3600
"""Its description and keys are read again after an hour, so that a key it withdrew is not trusted for long."""
PROVIDER_REST_S = 5
"""After a failure it is left alone for so long: strangers can press the button too."""
PROVIDER_KEYS_AGAIN_S = 60
"""A key nobody knows has the keys read again, at most once a minute: strangers can name any key they like."""
ID_TOKEN_BYTES_MAX = 32 * 2**10
"""An ID token is some 1 kB; with many groups in it, which we ignore, some 10 kB."""
ID_TOKEN_LEEWAY_S = 60
"""How far the provider's clock may be off ours, either way."""
SUBJECT_CHARS_MAX = 255
"""OpenID Connect Core 1.0, section 2: `sub` has at most 255 ASCII characters."""
PASSKEY_BYTES_MAX = 64 * 2**10
"""One answer of a browser about a passkey; with an attestation chain some 10 kB."""
PASSKEYS_MAX = 10
"""Passkeys of one person: a few devices and a spare."""
RECOVERY_CODES = 10
"""Codes handed out at once, each good for one sign-in."""
TOTP_STEPS_OFF_MAX = 1
"""A telephone's clock may be off by one step of 30 s either way (RFC 6238 5.2)."""
PLACE_KNOWN_DAYS = 30
"""Whoever signed in from an address is not held up by other people's guesses for this long."""
PAIR_FREE_MAX = 5
"""Wrong tries for one account from one address before the first wait: people mistype."""
ADDRESS_FREE_MAX = 30
"""Tries from one address for any accounts, minus those that succeeded: an office at the start of a shift."""
ACCOUNT_FREE_MAX = 30
"""Tries for one account from addresses it never used; slows down guessing from many machines."""
TRY_WAIT_S_FIRST = 15
"""The first wait; each further one is twice as long."""
TRY_WAIT_S_MAX = 900
"""The longest wait. Nobody is locked out for good: a passkey and known addresses are not held up by it."""
TRY_FORGET_H = 2
"""Tries older than this are forgotten, when none came since."""
API_KEY_DAYS_MAX = 730
"""No key lives longer; replacing one is a minute's work."""
API_KEY_LABEL_CHARS_MAX = 80
"""What a key is called: the machine that uses it."""
AGENT_CHARS_MAX = 200
"""What a browser says of itself, kept for the owner of the session."""

# Screening under load
LOST_RACES_MAX = 5
"""How often one unit is done anew because another process wrote the same rows first; each loss needs a new winner."""
SCREENING_WAITS_MAX = 512
"""Uploads waiting for a thread; beyond it callers are told to come back (429)."""
FORM_BYTES_MAX = 2**20
"""One form without its file: a decision, a notice, a policy with thirty clauses in four languages."""
FORM_FIELDS_MAX = 500
"""Fields of one form: the largest, a policy, has ten per clause."""
CHANGES_POLL_S = 0.5
"""How often an open page's stream looks whether anything was committed; a look is one comparison."""
CHANGES_BEAT_S = 20.0
"""A line of silence in that stream, so that proxies and browsers do not give it up."""
CHANGES_STREAMS_MAX = 512
"""Open streams of one process: some hundred moderators with a few tabs; each costs a coroutine and a socket."""
BACKFILL_WAIT_S_MAX = 5.0
"""How long a page of old items waits for its turn before its caller is told to come back."""
SCREEN_FILES_AT_ONCE = 32
"""Files that `beffroi screen` holds in memory together: 2 GiB at the very worst, 30 MB commonly."""

# The emergency spool
DISK_RESERVE_BYTES = 64 * 2**20
"""Let go for people's decisions when the disk is full: some ten thousand of them with all that follows."""
SPOOL_ROOM_BYTES = 16 * 2**20
"""Taken on the second path beforehand: ten thousand acts, or some days of orders."""
SPOOL_ACT_BYTES_MAX = 2**20
"""One act on the spool; the longest there is, a notice or an order with its annex, is a fifth of it."""
SPOOL_EVERY_S = 1.0
"""How often what waits there is tried."""

# Health: what raises an alarm (house rule O1; `flow.health`)
ALARMS_EVERY_S = 5.0
"""How often a node looks at itself: an alarm's beginning is known to so many seconds, for a few short queries."""
DISK_FREE_SHARE_MIN = 0.1
"""Under this share of free room a node warns, unless its settings say otherwise: of 20 TB a tenth is years."""
DISK_FREE_BYTES_MIN = 1_000_000_000
"""About what a node writes in a busy day. Under it somebody is paged: when it is used up nothing can be recorded."""
DUE_LATE_S_MAX = 5
"""What has been due for so long is done by nobody; sweeps and workers look every second or oftener."""
OUTBOX_AGE_S_MAX = 300
"""An effect that was tried and is not done after so long is a platform that does not answer."""
CLOCK_BACK_S_MAX = 2.0
"""A clock set back further is no correction of a time service, which turns clocks slowly (house rule B4.3)."""
SPOOL_REFUSED_DAYS = 7
"""An act of the spool that could not be entered calls for a person for so long. The ledger names it for ever, and an
alarm that nobody can end is one that nobody looks at."""
LOOP_SILENT_S_MAX = 120
"""No turn of a loop takes so long: one call, one look at the page and three more come to 60 s at their limits."""
DECODER_LOSSES_MAX = 5
"""Pictures in a row that cost their child. One hostile file costs one; five different ones are a broken decoder."""

# The heartbeat to an outside monitor
HEARTBEAT_S_DEFAULT = 60
"""Monitors that page after two missed beats page within the first minutes of an order's hour."""
HEARTBEAT_S_MIN = 10
"""Oftener would say nothing more, and monitors limit it."""
HEARTBEAT_S_MAX = 900
"""A quarter of an order's hour; a node that is dead for longer must not go unnoticed."""
HEARTBEAT_TOTAL_S_MAX = 10.0
"""One beat; a monitor that is slower than this is not there."""
HEARTBEAT_ANSWER_BYTES_MAX = 16 * 2**10
"""Monitors answer `OK`; beyond this it is somebody's error page."""

# Policies
POLICY_CLAUSES_MAX = 40
"""Clauses of one policy: its form stays under `FORM_FIELDS_MAX`, and a person can still read it."""
CLAUSE_CHARS_MAX = 5000
"""One clause in one language; a page and a half."""

# The register of authorities
PIN_DAYS_MAX = 365
"""How long one call-back vouches for an authority's address: bodies and numbers change; a year is a round of the law's
own reports (TCO Art 8)."""
AUTHORITY_LANGUAGES_MAX = 24
"""The official languages of the Union."""

# Removal orders
ORDER_ITEMS_MAX = 10_000
"""Addresses of one order: the largest that were heard of name some thousands; each becomes a row and an act."""
ORDER_CHUNK = 100
"""Items carried out in one transaction, so that a large order does not keep other commands waiting."""
ORDER_LOCATED_MAX = 50
"""Addresses of one order about which the platform is asked at receipt: a second or so, then the order must be in."""
ORDER_SKEW_S_MAX = 120
"""How far ahead of ours the clock of a mail server may go; what comes from later is refused by name."""
ORDERS_SHOWN_MAX = 200
"""Orders on one page or in one answer, those that wait first."""

# Histories
EVENTS_SHOWN_MAX = 100
"""Events of one item on its page; the ledger page has the rest."""

# Warnings of a threat to life
WARNING_RING_S = 600
"""A warning that nobody has confirmed, or a draft that nobody has sent, pages after ten minutes, and again."""
WARNING_RINGS_OFTEN = 6
"""So many times; after the first hour it pages once an hour, so that a record of days stays readable."""
WARNING_RING_LATER_S = 3600
"""The pause from then on."""
WARNING_SECOND_H = 24
"""By then a second person has looked at what was sent (reference: never before the first send)."""
WARNING_REASONS_CHARS_MIN = 20
"""A sentence; fewer characters tell an officer nothing."""
WARNING_REASONS_CHARS_MAX = 4000
"""Two pages that somebody reads at night."""
WARNING_POST_CHARS_MAX = 20_000
"""Of a post in a letter; what is longer is cut and says so, and the link leads to the whole."""
WARNING_CONNECTION_CHARS_MAX = 500
"""An address, a port and an instant, several times over."""
WARNING_STATES_MAX = 3
"""One for each link of DSA Art 18(2)."""
WARNING_RECIPIENTS_MAX = 9
"""Three States with up to three bodies each, or the fallback: a warning is no mailing."""
WARNINGS_LISTED_MAX = 100
"""The newest ones on a page or in a list; a platform with more in a week has another problem."""
WARNING_KEPT_DAYS = 366
"""A closed warning can be read for a year: what was told, to whom, can be asked for in proceedings (TCO Art 18)."""
RECIPIENT_DAYS = 366
"""An entry of the register is called back once a year."""
CERTIFICATE_CHARS_MAX = 16_384
"""One certificate of RSA 8192 in PEM, with room; chains are not taken."""

# Mail that leaves
MAIL_CONNECT_S_MAX = 10.0
"""Reaching the organisation's own mail server."""
MAIL_ANSWER_S_MAX = 30.0
"""One answer of it; RFC 5321 allows minutes, a server of one's own answers at once."""
MAIL_BYTES_MAX = 256 * 2**10
"""One letter of ours: text and data, encrypted."""
