"""Every module that does something has its own unit tests, at the same place under tests/unit.

`untested.txt` names the exceptions, each with its reason. It only shrinks: a name whose module is gone, or has its
tests by now, must leave the list.
"""

from pathlib import Path

from tests.tidy.rules import functions
from tests.tidy.sources import ROOT, Source, sources, tracked
from tests.tidy.test_house import none

LIST = ROOT / "tests/tidy/untested.txt"


def test_file_of(file: Source) -> str:
    """`src/beffroi/cases/rules.py` is tested by `tests/unit/cases/test_rules.py`."""
    folder, _, name = file.path.removeprefix("src/beffroi/").rpartition("/")  # examples keep their folder's name
    return (Path("tests/unit") / folder / f"test_{name.removesuffix('.py').strip('_')}.py").as_posix()


test_file_of.__test__ = False  # type: ignore[attr-defined]  # pytest: it is named for what it answers


def excused() -> dict[str, str]:
    """Module → reason, as `untested.txt` has them."""
    lines = [line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {module.strip(): reason.strip() for module, _, reason in (line.partition(" — ") for line in lines)}


def doing() -> list[Source]:
    """The modules with at least one function; frozen types alone need no test."""
    modules = (file for file in sources("src/") if not file.path.endswith("__init__.py"))
    return [file for file in modules if "/migrations/" not in file.path and any(functions(file.tree))]


def test_every_module_has_its_tests() -> None:
    present = set(tracked())
    missing = (file for file in doing() if test_file_of(file) not in present and file.module not in excused())
    none(f"{file.path}:1: no {test_file_of(file)}" for file in missing)


def test_every_unit_test_has_its_module() -> None:
    mirrored = {test_file_of(file) for file in (*sources("src/"), *sources("examples/"))}
    unit = (path for path in tracked() if path.startswith("tests/unit/") and Path(path).name.startswith("test_"))
    none(f"{path}:1: there is no module that it mirrors" for path in unit if path not in mirrored)


def test_the_list_of_exceptions_only_shrinks() -> None:
    present = set(tracked())
    untested = {file.module for file in doing() if test_file_of(file) not in present}
    none(f"tests/tidy/untested.txt: {module} does not belong there" for module in excused() if module not in untested)
    none(f"tests/tidy/untested.txt: {module} has no reason" for module, reason in excused().items() if not reason)
