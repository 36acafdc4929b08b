"""Who stands behind the numbers an index finds: entry, bank, opinion.

Owns: `Roster`, and `Arrivals`, in which entries are gathered on their way into an index.
Promises: about 50 bytes an entry, whatever its type; a changed roster is a new object.
Never does: hold values, notes or labels; those are read from the database when somebody asks why.
"""

from array import array
from dataclasses import dataclass, field
from struct import Struct
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from beffroi.ground.kernel.errors import ensure
from beffroi.ground.kernel.ids import BankId, EntryId
from beffroi.signals import registry

from .exact import fingerprint
from .model import Opinion

Numbers: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.intp]

_ID_BYTES = 30  # "ent_" and 26 letters
_PACKED = Struct(f"<{_ID_BYTES}siB?")
_ROW = np.dtype([("id", f"S{_ID_BYTES}"), ("bank", "<i4"), ("opinion", "u1"), ("confirmed", "?")])
_OPINIONS = tuple(Opinion)
_DISTANCE_OF_EQUAL_OR_NOT = 1


@dataclass(frozen=True, slots=True)
class Roster:
    """`numbers`, ascending, and `rows` of `_ROW` beside them; a row's bank is a place in `bank_ids`."""

    numbers: Numbers
    rows: NDArray[np.void]
    bank_ids: tuple[BankId, ...]

    @classmethod
    def empty(cls) -> "Roster":
        """A roster of nobody."""
        return cls(np.empty(0, np.uint64), np.empty(0, _ROW), ())

    def places_of(self, numbers: Numbers) -> Places:
        """Where these numbers stand; all must be here."""
        return np.searchsorted(self.numbers, numbers)

    def entry_at(self, place: int) -> EntryId:
        """The id of the entry at `place`."""
        return EntryId(self.rows["id"][place].decode())

    def bank_at(self, place: int) -> BankId:
        """The bank of the entry at `place`."""
        return self.bank_ids[int(self.rows["bank"][place])]

    def opinion_at(self, place: int) -> Opinion:
        """The opinion of the entry at `place`."""
        return _OPINIONS[int(self.rows["opinion"][place])]

    def is_confirmed_at(self, place: int) -> bool:
        """Whether the entry at `place` is confirmed here."""
        return bool(self.rows["confirmed"][place])

    def banks_at(self, places: Places) -> NDArray[np.int32]:
        """The banks of many, as places in `bank_ids`."""
        banks: NDArray[np.int32] = self.rows["bank"][places]
        return banks

    def is_negative(self, places: Places) -> NDArray[np.bool_]:
        """Which of the entries at `places` say that something is not what the bank is for."""
        negative: NDArray[np.bool_] = self.rows["opinion"][places] == _OPINIONS.index(Opinion.NEGATIVE)
        return negative

    def without(self, numbers: Numbers) -> "Roster":
        """The same without these entries."""
        stays = ~np.isin(self.numbers, numbers)
        return self if stays.all() else Roster(self.numbers[stays], self.rows[stays], self.bank_ids)

    def with_more(self, arrivals: "Arrivals") -> "Roster":
        """The same with these entries too."""
        numbers = np.concatenate((self.numbers, np.array(arrivals.numbers, np.uint64)))
        rows = np.concatenate((self.rows, np.frombuffer(arrivals.rows, _ROW)))
        if (numbers[1:] < numbers[:-1]).any():  # only where somebody comes back: new numbers are the highest
            order = np.argsort(numbers, kind="stable")
            numbers, rows = numbers[order], rows[order]
        return Roster(numbers, rows, tuple(arrivals.bank_places))


@dataclass(slots=True)
class Arrivals:
    """Entries on their way into an index, packed as they come; `seen` are all numbers, also of disabled ones.

    `bank_places` says where each bank stands in `Roster.bank_ids`; it begins as the roster's.
    """

    bank_places: dict[BankId, int]
    seen: "array[int]" = field(default_factory=lambda: array("Q"))
    numbers: "array[int]" = field(default_factory=lambda: array("Q"))
    rows: bytearray = field(default_factory=bytearray)
    pdq_numbers: "array[int]" = field(default_factory=lambda: array("Q"))
    pdq_hashes: bytearray = field(default_factory=bytearray)
    exact_numbers: "array[int]" = field(default_factory=lambda: array("Q"))
    exact_prints: bytearray = field(default_factory=bytearray)
    phrases: dict[int, str] = field(default_factory=dict)

    @classmethod
    def after(cls, roster: Roster) -> "Arrivals":
        """Nothing yet, on the way to `roster`."""
        return cls({bank: place for place, bank in enumerate(roster.bank_ids)})

    def leave(self, number: int) -> None:
        """An entry is disabled: out of the index, if it is there."""
        self.seen.append(number)

    def arrive(self, number: int, entry: EntryId, bank: BankId, opinion: Opinion, *, confirmed: bool) -> None:
        """An entry is enabled: into the index, or back with what changed; `compare` follows."""
        ensure(len(entry) == _ID_BYTES, "odd-entry-id", "an entry's id has another length than all others")
        self.seen.append(number)
        self.numbers.append(number)
        bank_place = self.bank_places.setdefault(bank, len(self.bank_places))
        self.rows += _PACKED.pack(entry.encode(), bank_place, _OPINIONS.index(opinion), confirmed)

    def compare(self, number: int, kind: str, value: str) -> None:
        """How an entry that arrived is compared: by its signal type and canonical value."""
        if kind == "pdq":
            self.pdq_numbers.append(number)
            self.pdq_hashes += bytes.fromhex(value)
        elif kind == "phrase":
            self.phrases[number] = value
        elif is_exact(kind):
            self.exact_numbers.append(number)
            self.exact_prints += fingerprint(kind, value)


def is_exact(kind: str) -> bool:
    """Whether values of this signal type are equal or not, and nothing between."""
    known = registry.TYPES.get(kind)
    return known is not None and known.distance_max == _DISTANCE_OF_EQUAL_OR_NOT and kind != "phrase"
