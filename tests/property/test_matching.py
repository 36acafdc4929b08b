"""Search against the plainest oracle there is, and the life of a bank under any order of commands."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from beffroi.ground.kernel.clock import EPOCH, FakeClock
from beffroi.ground.kernel.errors import Conflict
from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, PersonId
from beffroi.ground.storage import Actor, Database, Event, Tx, Vault, Writer, metadata
from beffroi.matching import imports, recording, rules, service, store
from beffroi.matching.events import BankPaused, BankResumed, MatchesFound
from beffroi.matching.index import Index
from beffroi.matching.keeper import IndexKeeper
from beffroi.matching.model import Bank, BankTerms, EntryGiven, Opinion, Stage, Standing
from beffroi.matching.pdq import PdqIndex
from beffroi.matching.roster import Arrivals
from beffroi.signals import registry
from beffroi.signals.fold import fold
from beffroi.signals.model import Extracted, Signal

LEAD = PersonId("prs_lead")

# ── PDQ: equal to comparing everything with everything ────────────────────────────────────────────

CENTRES = np.random.default_rng(11).integers(0, 256, (3, 32), dtype=np.uint8)


@st.composite
def near_hashes(draw: st.DrawFn, size_max: int) -> np.ndarray:
    """Hashes that crowd around few centres, so that every distance near every radius occurs."""
    count = draw(st.integers(0, size_max))
    centres = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    turns = draw(st.lists(st.integers(0, 60), min_size=count, max_size=count))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bits = np.unpackbits(CENTRES[centres].reshape(-1, 32), axis=1)
    for row, turned in zip(bits, turns, strict=True):
        row[rng.permutation(256)[:turned]] ^= 1
    return np.packbits(bits, axis=1).reshape(-1, 32)


def by_hand(hashes: np.ndarray, ids: np.ndarray, queries: np.ndarray, radius: int) -> list[tuple[int, int, int]]:
    pairs = []
    for row, query in enumerate(queries):
        for number, one in zip(ids.tolist(), hashes, strict=True):
            distance = (int.from_bytes(query.tobytes()) ^ int.from_bytes(one.tobytes())).bit_count()
            if distance <= radius:
                pairs.append((row, number, distance))
    return sorted(pairs, key=lambda pair: (pair[0], pair[2], pair[1]))


def listed(found: tuple[np.ndarray, np.ndarray, np.ndarray]) -> list[tuple[int, int, int]]:
    return list(zip(*(part.tolist() for part in found), strict=True))


@given(near_hashes(40), near_hashes(8), st.integers(0, 47), st.data())
def test_pdq_search_is_brute_force(hashes: np.ndarray, queries: np.ndarray, radius: int, data: st.DataObject):
    ids = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(hashes), max_size=len(hashes))), np.uint64)
    index = PdqIndex.build(hashes, ids)
    assert listed(index.search(queries, radius)) == by_hand(hashes, ids, queries, radius)
    gone = data.draw(st.lists(st.integers(0, 9), max_size=3))
    assert index.remove(np.array(gone, np.uint64)) == int(np.isin(ids, gone).sum())
    index.add(queries, np.arange(100, 100 + len(queries), dtype=np.uint64))
    stays = ~np.isin(ids, gone)
    now = np.concatenate((hashes[stays], queries))
    now_ids = np.concatenate((ids[stays], np.arange(100, 100 + len(queries), dtype=np.uint64)))
    assert listed(index.search(queries, radius)) == by_hand(now, now_ids, queries, radius)


@given(near_hashes(20))
def test_a_saved_index_finds_the_same(hashes: np.ndarray):
    with TemporaryDirectory() as folder:
        index = PdqIndex.build(hashes, np.arange(len(hashes), dtype=np.uint64))
        index.save(Path(folder) / "x.pdq")
        assert listed(PdqIndex.open(Path(folder) / "x.pdq").search(hashes)) == listed(index.search(hashes))


# ── The whole index: equal to asking each entry in turn ───────────────────────────────────────────

WORDS = ("kettle", "red kettle", "red", "kettle song", "song")
BANKS = tuple(
    Bank(BankId(f"bnk_{n}"), 1, BankTerms(f"b{n}", "p", radius_bits=radius, quality_min=quality), LEAD, stage, EPOCH)
    for n, (radius, quality, stage) in enumerate(
        [(31, 50, Stage.ACTIVE), (8, 0, Stage.OBSERVE), (47, 90, Stage.PAUSED), (31, 0, Stage.DISABLED)]
    )
)
PICTURES = [bytes(32).hex(), "ff" + "0" * 62, "0" * 62 + "ff", "f" * 10 + "0" * 54]
AB = st.sampled_from(["a", "b"])
TEXTS = st.lists(st.sampled_from(["red", "kettle", "song", "tea"]), max_size=6).map(" ".join)
entries_given = st.lists(
    st.tuples(
        st.sampled_from(BANKS),
        st.one_of(
            st.tuples(st.just("pdq"), st.sampled_from(PICTURES)),
            st.tuples(st.just("phrase"), st.sampled_from(WORDS)),
            st.tuples(st.sampled_from(["sha256", "url"]), AB),
        ),
        st.sampled_from(Opinion),
    ),
    min_size=3,
    max_size=14,
)
items = st.builds(
    Extracted,
    st.lists(
        st.one_of(
            st.builds(
                Signal, st.just("pdq"), st.sampled_from(PICTURES), st.sampled_from([0, 50, 89, 90]), st.just("media:0")
            ),
            st.builds(
                Signal, st.sampled_from(["sha256", "url"]), st.sampled_from(["a", "b"]), st.none(), st.just("text")
            ),
        ),
        min_size=1,
        max_size=1,
    ).map(tuple),
    st.one_of(
        st.none(), st.lists(st.sampled_from(["red", "kettle", "song", "tea"]), max_size=6).map(" ".join).map(fold)
    ),
    st.just(()),
)


def entry_id(number: int) -> EntryId:
    return EntryId(f"ent_{number:026d}")


def asked_in_turn(entries, item: Extracted) -> set[tuple[EntryId, int, Standing]]:
    """What should be found, worked out entry by entry and without any index."""
    near: dict[int, int] = {}
    spans: dict[int, list[tuple[int, int]]] = {}
    for number, (bank, (kind, value), _opinion) in enumerate(entries, start=1):
        if bank.stage is Stage.DISABLED:
            continue
        if kind == "phrase":
            spans[number] = list(_places(item, value))
            near |= {number: 0} if spans[number] else {}
        for signal in item.signals:
            distance = registry.TYPES[kind].distance(signal.value, value) if signal.type == kind else 999
            within = bank.terms.radius_bits if kind == "pdq" else 0
            if distance <= within and (signal.quality is None or signal.quality >= bank.terms.quality_min):
                near[number] = distance
    told = set()
    for number, distance in near.items():
        bank, (kind, _value), opinion = entries[number - 1]
        negative = [n for n in near if entries[n - 1][2] is Opinion.NEGATIVE and entries[n - 1][1][0] == kind]
        if kind == "phrase":
            wider = [span for n in negative for span in spans[n]]
            silenced = all(any(a <= start and end <= b for a, b in wider) for start, end in spans[number])
        else:
            silenced = any(near[n] <= distance for n in negative)
        if opinion is not Opinion.NEGATIVE:
            told.add((entry_id(number), distance, rules.standing(opinion, bank.stage, silenced=silenced)))
    return told


def _places(item: Extracted, phrase: str):
    """Whole words only: the texts here are words with single spaces."""
    text = f" {item.folded.text} " if item.folded else ""
    start = text.find(f" {phrase} ")
    while start >= 0:
        yield start, start + len(phrase)
        start = text.find(f" {phrase} ", start + 1)


@settings(max_examples=max(300, settings.default.max_examples))
@given(entries_given, st.lists(items, min_size=1, max_size=4))
def test_search_is_asking_every_entry_in_turn(entries, batch: list[Extracted]):
    arrivals = Arrivals.after(Index.empty().roster)
    for number, (bank, (kind, value), opinion) in enumerate(entries, start=1):
        arrivals.arrive(number, entry_id(number), bank.id, opinion, confirmed=False)
        arrivals.compare(number, kind, value)
    index = Index.empty().changed(len(entries), BANKS, arrivals)
    for item, found in zip(batch, index.search(batch), strict=True):
        assert {(one.entry, one.distance, one.standing) for one in found} == asked_in_turn(entries, item)
        assert len(found) == len({one.entry for one in found})
        assert all((one.silenced_by is not None) == (one.standing is Standing.SILENCED) for one in found)


# ── Bank files ────────────────────────────────────────────────────────────────────────────────────

words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40)
labels = words.map(lambda word: word.replace(";", "").strip()).filter(bool)
given_entries = st.builds(
    EntryGiven,
    st.just("md5"),
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.sampled_from(Opinion),
    st.lists(words.map(lambda word: word.replace(";", "").strip()[:64]).filter(bool), max_size=3, unique=True).map(
        tuple
    ),
    words,
    words,
    st.integers(0, 5),
)


@given(st.lists(given_entries, max_size=6))
@pytest.mark.parametrize(("write", "name"), [(imports.to_csv, "x.csv"), (imports.to_json_lines, "x.jsonl")])
def test_a_written_list_reads_back_equal(write, name: str, entries: list[EntryGiven]):
    parsed = imports.parse(name, "".join(write(entries)).encode(), _no_picture)
    assert parsed == imports.Parsed(tuple(entries), ())


@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.txt", "x.jsonl", "x.pdq"]))
def test_no_file_is_too_odd_to_be_read(raw: bytes, name: str):
    parsed = imports.parse(name, raw, lambda _raw: Extracted((), None, ()))
    for row in parsed.rows:
        assert rules.examine_entry(row) == row
    assert all(one.code and one.reason for one in parsed.refused)


def _no_picture(_raw: bytes) -> Extracted:
    raise AssertionError("this file is no picture")


# ── The life of banks ─────────────────────────────────────────────────────────────────────────────


class LifeOfBanks(RuleBasedStateMachine):
    """Any order of commands: rows are the sum of their events, the index is what the tables say, the brake holds."""

    banks = Bundle("banks")
    entries = Bundle("entries")

    @initialize()
    def open_house(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name)
        self.database = Database(f"sqlite:///{path / 'beffroi.db'}")
        metadata.create_all(self.database.writer)
        self.vault, self.clock = Vault(path / "vault.db"), FakeClock()
        self.log: list[tuple[datetime, Event]] = []
        self.writer = Writer(self.database, self.vault, self.clock, self._settle)
        self.keeper = IndexKeeper(self.database, self.clock)
        self.items = 0
        first = self.do(service.create_bank, BankTerms("first", "a test", hourly_cap=2), LEAD)
        self.do(service.add_entry, first.id, EntryGiven("phrase", "kettle"), LEAD)
        self.do(service.promote, first.id, LEAD)

    def _settle(self, tx: Tx) -> None:
        self.log.extend((tx.now, event) for event in tx.recorded)
        tx.recorded.clear()

    @property
    def events(self) -> list[Event]:
        return [event for _, event in self.log]

    def do(self, command, *args, **named):
        try:
            return self.writer.run("law", Actor("person", LEAD), lambda tx: command(tx, *args, **named))
        except Conflict:
            return None
        finally:
            self.keeper.invalidate()

    @rule(target=banks, cap=st.integers(1, 3))
    def create(self, cap: int):
        terms = BankTerms(f"bank {len(self.log)}", "a test", hourly_cap=cap)
        bank = self.do(service.create_bank, terms, LEAD)
        return multiple() if bank is None else bank.id

    @rule(bank=banks, command=st.sampled_from([service.promote, service.set_back, service.resume, service.disable]))
    def move(self, bank: BankId, command) -> None:
        self.do(command, bank, LEAD)

    @rule(bank=banks, radius=st.integers(0, 47))
    def reach(self, bank: BankId, radius: int) -> None:
        with self.database.read() as conn:
            terms = store.BANKS.load(conn, bank).terms
        self.do(service.change_bank, bank, replace(terms, radius_bits=radius), LEAD)

    @rule(target=entries, bank=banks, word=st.sampled_from(WORDS), opinion=st.sampled_from(Opinion))
    def add(self, bank: BankId, word: str, opinion: Opinion):
        entry = self.do(service.add_entry, bank, EntryGiven("phrase", word, opinion), LEAD)
        return multiple() if entry is None else entry.id

    @rule(bank=banks, chosen=st.lists(st.sampled_from(WORDS), max_size=4))
    def bring(self, bank: BankId, chosen: list[str]) -> None:
        self.do(service.import_entries, bank, [EntryGiven("phrase", word) for word in chosen], LEAD)

    @rule(entry=entries, enabled=st.booleans())
    def switch(self, entry: EntryId, enabled: bool) -> None:
        self.do(service.set_enabled, entry, LEAD, enabled=enabled)

    @rule(entry=consumes(entries), opinion=st.sampled_from(Opinion))
    def rethink(self, entry: EntryId, opinion: Opinion) -> None:
        self.do(service.set_opinion, entry, opinion, LEAD)

    @rule(text=TEXTS, times=st.integers(1, 3))
    def post(self, text: str, times: int) -> None:
        for _ in range(times):
            self.post_once(text)

    def post_once(self, text: str) -> None:
        self.items += 1
        (found,) = self.keeper.current().search([Extracted((), fold(text), ())])
        item = ItemId(f"itm_{self.items}")
        matches = self.do(recording.record, item, 1, found)
        assert self.do(recording.record, item, 1, found) == matches
        assert {(m.entry, m.source) for m in matches} == {(one.entry, one.source) for one in found}

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))

    @invariant()
    def rows_are_the_sum_of_their_events(self) -> None:
        folded: dict[str, Bank] = {}
        for event in (event for event in self.events if event.aggregate == "bank"):
            before = folded.get(event.bank)  # type: ignore[attr-defined]
            after = rules.apply_bank(before, event)
            folded[after.id] = replace(after, version=1 if before is None else before.version + 1)
        with self.database.read() as conn:
            assert {bank.id: bank for bank in store.all_banks(conn)} == folded

    @invariant()
    def the_index_is_what_a_fresh_one_would_be(self) -> None:
        asked = [Extracted((), fold("red kettle song"), ())]
        running, fresh = self.keeper.current(), IndexKeeper(self.database, self.clock).current()
        assert (running.search(asked), len(running)) == (fresh.search(asked), len(fresh))

    @invariant()
    def no_bank_acts_beyond_its_cap(self) -> None:
        """In an hour, and anew after a resume in it, no more items act than the cap says."""
        with self.database.read() as conn:
            caps = {bank.id: bank.terms.hourly_cap for bank in store.all_banks(conn)}
        acted: dict[tuple[str, object], set[str]] = {}
        for at, event in self.log:
            hour = at.replace(minute=0)
            if isinstance(event, BankResumed):
                acted[event.bank, hour] = set()
            elif isinstance(event, MatchesFound):
                for summary in event.acting:
                    items_of_hour = acted.setdefault((summary.bank, hour), set())
                    items_of_hour.add(event.item)
                    assert len(items_of_hour) <= caps[summary.bank]

    @invariant()
    def a_pause_says_by_how_much(self) -> None:
        assert all(event.items > event.cap for event in self.events if isinstance(event, BankPaused))

    def teardown(self) -> None:
        self.writer.close()
        self.vault.close()
        self.database.close()
        self.folder.cleanup()


TestLifeOfBanks = LifeOfBanks.TestCase
TestLifeOfBanks.settings = settings(max_examples=max(20, settings.default.max_examples // 5), stateful_step_count=30)
"""Each step is a real commit; the long form (`BEFFROI_SOAK=1`) tries 1,000 lives."""
