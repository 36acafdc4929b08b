"""The spool: what is put is there, whole, in order, unreadable to others, and once; on a full disk too."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from beffroi.ground.kernel.errors import Invalid, NotFound, Unavailable
from beffroi.ground.kernel.limits import SPOOL_ACT_BYTES_MAX
from beffroi.ground.storage.spool import Frame, Spool, Spooled, look
from beffroi.ground.storage.tx import Actor

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
SECRET = "a reason that nobody else may read"
ROOM = 64 * 1024
HEAD, MARK = 96, 16


def keys(name: str) -> tuple[str, bytes]:
    if name not in {"", "key-one"}:
        raise NotFound("no-such-key", "there is no such key")
    return "key-one", b"k" * 32


def other_keys(_name: str) -> tuple[str, bytes]:
    return "key-one", b"o" * 32


def act(number: int, **body: object) -> Spooled:
    return Spooled("notice", f"spl_{number}", AT, Actor("person", "prs_1"), {"why": SECRET, "n": number, **body})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "spool"


@pytest.fixture
def spool(folder: Path) -> Iterator[Spool]:
    made = Spool(folder, keys, room_bytes=ROOM)
    made.make_ready()
    yield made
    made.close()


def opened(folder: Path) -> Spool:
    """As the next process has it."""
    return Spool(folder, keys, room_bytes=ROOM)


def drained(spool: Spool) -> list[str]:
    taken: list[str] = []
    spool.drain(lambda frame: taken.append(frame.act.key if frame.act else f"?{frame.number}"))
    return taken


def file_of(folder: Path) -> Path:
    [path] = folder.glob("*.spool")
    return path


def test_what_was_put_comes_out_in_order_and_once(spool: Spool) -> None:
    for number in range(5):
        spool.put(act(number))
    assert spool.waiting == 5
    assert [frame.act for frame in spool.frames()] == [act(number) for number in range(5)]
    assert drained(spool) == [f"spl_{number}" for number in range(5)]
    assert (spool.waiting, drained(spool), spool.frames()) == (0, [], [])


def test_it_goes_on_after_it_was_emptied(spool: Spool) -> None:
    for turn in range(3):
        spool.put(act(turn))
        assert drained(spool) == [f"spl_{turn}"]


def test_nobody_else_reads_it(spool: Spool, folder: Path) -> None:
    spool.put(act(1))
    path = file_of(folder)
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    for plain in (SECRET, "prs_1", "spl_1", "notice"):
        assert plain.encode() not in path.read_bytes()
    assert SECRET not in repr(act(1))
    drained(spool)
    assert path.read_bytes()[HEAD:] == bytes(ROOM - HEAD)  # not even sealed


def test_room_is_taken_before_it_is_needed(spool: Spool, folder: Path) -> None:
    found = file_of(folder).stat()
    assert found.st_size == ROOM
    assert found.st_blocks * 512 >= ROOM


def test_more_than_the_room(spool: Spool, folder: Path) -> None:
    for number in range(100):
        spool.put(act(number, words="w" * 4000))
    assert file_of(folder).stat().st_size > ROOM
    assert drained(spool) == [f"spl_{number}" for number in range(100)]


def test_an_act_at_the_limit_and_one_beyond(spool: Spool) -> None:
    spool.put(act(1, words="w" * (SPOOL_ACT_BYTES_MAX - 1000)))
    with pytest.raises(Invalid):
        spool.put(act(2, words="w" * SPOOL_ACT_BYTES_MAX))
    assert drained(spool) == ["spl_1"]


def test_what_enter_refuses_is_handed_out_again(spool: Spool) -> None:
    for number in range(4):
        spool.put(act(number))
    taken: list[str] = []

    def enter(frame: Frame) -> None:
        if len(taken) == 2:
            raise Unavailable("record-not-written", "not yet")
        taken.append(frame.act.key)

    with pytest.raises(Unavailable):
        spool.drain(enter)
    assert spool.waiting == 2
    spool.put(act(4))
    assert taken + drained(spool) == [f"spl_{number}" for number in range(5)]


def test_what_is_put_while_it_is_drained(spool: Spool) -> None:
    spool.put(act(0))
    taken: list[str] = []

    def enter(frame: Frame) -> None:
        taken.append(frame.act.key)
        if len(taken) < 4:
            spool.put(act(len(taken)))

    assert spool.drain(enter) == 4
    assert taken == [f"spl_{number}" for number in range(4)]
    assert spool.waiting == 0


def test_the_next_process_takes_over(spool: Spool, folder: Path) -> None:
    spool.put(act(1))
    spool.close()
    heir = opened(folder)
    assert heir.waiting == 1
    heir.make_ready()
    heir.put(act(2))
    assert len(list(folder.glob("*.spool"))) == 2
    assert drained(heir) == ["spl_1", "spl_2"]
    assert len(list(folder.glob("*.spool"))) == 1  # the file of the dead process is gone
    heir.close()
    spool.__init__(folder, keys, room_bytes=ROOM)  # so that the fixture has something to close


def test_a_living_process_keeps_its_file(spool: Spool, folder: Path) -> None:
    spool.put(act(1))
    neighbour = opened(folder)
    neighbour.make_ready()
    neighbour.put(act(2))
    assert drained(neighbour) == ["spl_2"]
    assert drained(spool) == ["spl_1"]
    neighbour.close()


def test_looking_changes_nothing(spool: Spool, folder: Path) -> None:
    spool.put(act(1))
    before = file_of(folder).read_bytes()
    found, strange = look(folder, keys)
    assert ([frame.act for frame in found], strange) == ([act(1)], 0)
    assert file_of(folder).read_bytes() == before
    assert look(folder / "nowhere", keys) == ([], 0)


# torn, damaged, planted


def reopened_after(spool: Spool, folder: Path, change: Callable[[bytearray], None]) -> Spool:
    """The process ends, somebody or a crash changes the bytes, the next one starts."""
    spool.close()
    path = file_of(folder)
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    heir = opened(folder)
    spool.__init__(folder / "unused", keys, room_bytes=ROOM)
    return heir


def ends(content: bytearray) -> list[int]:
    """Where each mark stands, and where the next one would."""
    at, found = HEAD, []
    while length := int.from_bytes(content[at : at + 4]):
        found.append(at)
        at += -(-(MARK + length) // MARK) * MARK
    return [*found, at]


@pytest.mark.parametrize("written", [1, 7, 16, 100, 400])
def test_a_frame_whose_mark_was_never_written(spool: Spool, folder: Path, written: int) -> None:
    """The process was killed between the act and its mark: nobody was told yes, and nothing is there."""
    spool.put(act(1))

    def torn(content: bytearray) -> None:
        end = ends(content)[-1]
        content[end + MARK : end + MARK + written] = b"\x5a" * written

    heir = reopened_after(spool, folder, torn)
    heir.make_ready()
    assert heir.waiting == 1
    assert drained(heir) == ["spl_1"]
    assert heir.set_aside == 0
    heir.close()


def test_a_short_act_over_the_rest_of_a_longer_torn_one(spool: Spool, folder: Path) -> None:
    spool.put(act(1))
    own = spool._own
    os.pwrite(own.handle, b"\xff" * 2000, own.end + MARK)  # torn
    spool.put(act(2))
    spool.put(act(3))
    assert drained(spool) == ["spl_1", "spl_2", "spl_3"]


def test_a_frame_of_ours_that_says_something_else(spool: Spool, folder: Path) -> None:
    spool._own.append(b'{"x": 1}')
    spool.put(act(2))
    assert drained(spool) == ["?0", "spl_2"]
    assert spool.set_aside == 1


def flip(where: int) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        content[ends(content)[1] + where] ^= 1

    return change


@pytest.mark.parametrize("where", [MARK, MARK + 11, MARK + 12, MARK + 60])
def test_a_changed_act_is_set_aside_and_the_others_come(spool: Spool, folder: Path, where: int) -> None:
    for number in range(3):
        spool.put(act(number))
    heir = reopened_after(spool, folder, flip(where))
    assert drained(heir) == ["spl_0", "?1", "spl_2"]
    assert heir.set_aside == 1
    [aside] = folder.glob("*.damaged")
    assert aside.stat().st_mode & 0o777 == 0o600
    heir.close()


@pytest.mark.parametrize("where", [0, 3, 4, 8, 15])
def test_a_changed_mark_hides_nothing(spool: Spool, folder: Path, where: int) -> None:
    """Nobody can say where the frames behind it begin; what is there is set aside whole."""
    for number in range(3):
        spool.put(act(number))
    heir = reopened_after(spool, folder, flip(where))
    taken = drained(heir)
    assert taken[0] == "spl_0"
    assert taken[1].startswith("?")
    assert heir.set_aside == 1
    heir.close()


def test_frames_are_not_moved_dropped_or_doubled(spool: Spool, folder: Path) -> None:
    for number in range(3):
        spool.put(act(number))

    def double(content: bytearray) -> None:
        first, second, third, _ = ends(content)
        content[second:third] = content[first:second]
        assert second - first == third - second

    heir = reopened_after(spool, folder, double)
    assert drained(heir) == ["spl_0", "?0", "spl_2"]
    heir.close()


def test_an_act_of_another_file_is_no_act_here(spool: Spool, folder: Path, tmp_path: Path) -> None:
    other = Spool(tmp_path / "other", keys, room_bytes=ROOM)
    other.put(act(9))
    foreign = file_of(tmp_path / "other").read_bytes()
    other.close()
    spool.put(act(1))

    def plant(content: bytearray) -> None:
        content[HEAD:] = foreign[HEAD:]

    heir = reopened_after(spool, folder, plant)
    assert drained(heir) == ["?0"]
    heir.close()


def test_an_act_under_another_key_is_no_act(spool: Spool, folder: Path) -> None:
    spool.put(act(1))
    spool.close()
    stranger = Spool(folder, other_keys, room_bytes=ROOM)
    assert drained(stranger) == ["?0"]
    stranger.close()
    spool.__init__(folder / "unused", keys, room_bytes=ROOM)


@pytest.mark.parametrize("content", [b"x", b"x" * 200, b"beffroi spool 1\n" + b"i" * 16 + b"key-two".ljust(64, b"\0")])
def test_a_file_that_is_none_of_ours(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "strange.spool").write_bytes(content)
    (folder / "begun.spool").write_bytes(b"")
    assert look(folder, keys) == ([], 2)
    spool = opened(folder)
    spool.put(act(1))
    assert (spool.waiting, spool.set_aside) == (1, 1)
    assert (folder / "strange.damaged").read_bytes() == content
    spool.close()


# disks that fail, really


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    where = tmp_path / "small"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(where)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system can be mounted by root only")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def test_a_full_second_disk(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool", keys, room_bytes=256 * 1024)
    spool.make_ready()
    (small_disk / "rubbish").write_bytes(b"r" * 700_000)
    kept: list[str] = []

    def put_until_refused() -> None:
        for number in range(1000):
            spool.put(act(number, words="w" * 8000))
            kept.append(f"spl_{number}")

    with pytest.raises(Unavailable) as refused:
        put_until_refused()
    assert refused.value.code == "record-not-written"
    assert 20 < len(kept) < 60  # the room that was taken beforehand, and nothing of the rubbish's
    assert drained(spool) == kept
    spool.put(act(1))
    assert drained(spool) == ["spl_1"]
    spool.close()


def test_no_room_at_all(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool", keys, room_bytes=8 * 2**20)
    with pytest.raises(Unavailable):
        spool.make_ready()
    assert list((small_disk / "spool").glob("*")) == []


def test_a_write_that_the_system_cuts_short(folder: Path) -> None:
    """A limit on the size of files, in a process of its own: what was refused is not there, what was kept is."""
    script = dedent("""
        import resource, signal, sys
        from pathlib import Path
        sys.path.insert(0, ".")
        from tests.unit.ground.storage.test_spool import Spool, Unavailable, act, keys
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        spool = Spool(Path(sys.argv[1]), keys, room_bytes=8192)
        spool.make_ready()
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        for number in range(100):
            try:
                spool.put(act(number, words="w" * 3000))
            except Unavailable as refusal:
                print("refused", refusal.code)
                break
            print("kept", number, flush=True)
    """)
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    said = done.stdout.split("\n")
    kept = [line.split()[1] for line in said if line.startswith("kept")]
    assert "refused record-not-written" in said
    assert kept
    heir = opened(folder)
    assert drained(heir) == [f"spl_{number}" for number in kept]
    heir.close()
