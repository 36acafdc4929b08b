"""The house rules that one file can break alone, each a pure function from a file to its findings.

Owns: the bounds and banned words of the house.
Promises: each rule is proven on planted offences in `test_rules`.
Never does: read files; `test_house` applies the rules to the tree.
"""

import ast
from collections.abc import Callable, Iterator

from tests.tidy.sources import Finding, Source, nodes

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 500
TEST_FILE_LINES_MAX = 600
BANNED_WORDS = frozenset(
    ("util", "utils", "manager", "managers", "helper", "helpers", "data", "info", "misc", "common", "stuff", "todo")
)
MODULE_PROMISES = ("Owns:", "Promises:", "Never does:")
RAISES_DOCUMENTED = ("kernel", "trust", "ledger", "records")

Rule = Callable[[Source], Iterator[Finding]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in nodes(tree) if isinstance(node, Function))


def is_list_of_steps(file: Source) -> bool:
    """A migration is a list that is written once, by a tool, and never edited: its length says nothing."""
    return "/migrations/versions/" in file.path


def function_length(file: Source) -> Iterator[Finding]:
    """A reader sees a whole function on one screen."""
    if is_list_of_steps(file):
        return
    for function in functions(file.tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES_MAX:
            yield Finding(
                file.path, function.lineno, f"`{function.name}` has {length} lines; at most {FUNCTION_LINES_MAX}"
            )


def file_length(file: Source) -> Iterator[Finding]:
    """A file is about one thing."""
    if is_list_of_steps(file):
        return
    length = len(file.text.splitlines())
    most = FILE_LINES_MAX if file.is_product else TEST_FILE_LINES_MAX
    if length > most:
        yield Finding(file.path, most + 1, f"{length} lines; at most {most}")


def module_docstring(file: Source) -> Iterator[Finding]:
    """Each module says what it owns, what it promises and what it never does; a bare package says what it is."""
    said = ast.get_docstring(file.tree)
    if not said:
        yield Finding(file.path, 1, "no module docstring")
    elif not file.path.endswith("__init__.py"):
        for promise in MODULE_PROMISES:
            if promise not in said:
                yield Finding(file.path, 1, f"the module docstring has no `{promise}`")


def raises_documented(file: Source) -> Iterator[Finding]:
    """Where everything stands on it, a public function that refuses says so in its docstring."""
    if not file.module.startswith(tuple(f"beffroi.ground.{package}" for package in RAISES_DOCUMENTED)):
        return
    for function in functions(file.tree):
        if function.name.startswith("_"):
            continue
        said = (ast.get_docstring(function) or "").lower()
        if "raise" not in said and any(isinstance(node, ast.Raise) and node.exc for node in _own_nodes(function)):
            yield Finding(file.path, function.lineno, f"`{function.name}` raises, but its docstring does not say so")


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def plain_names(file: Source) -> Iterator[Finding]:
    """Names say what a thing is: nothing is a manager, a helper or just data."""
    stem = file.path.rsplit("/", 1)[-1].removesuffix(".py")
    for word in sorted(BANNED_WORDS & set(stem.lower().split("_"))):
        yield Finding(file.path, 1, f"`{word}` in the name of a module says nothing")
    for node in nodes(file.tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(
            ("Manager", "Helper", "Util", "Utils", "Data", "Info")
        ):
            yield Finding(file.path, node.lineno, f"`{node.name}` does not say what it is")


def limits_explained(file: Source) -> Iterator[Finding]:
    """Every limit is followed by a docstring with its reason."""
    if file.module != "beffroi.ground.kernel.limits":
        return
    for node, after in zip(file.tree.body, [*file.tree.body[1:], None], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        explained = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if not explained:
            yield Finding(file.path, node.lineno, f"`{ast.unparse(node)}` has no reason under it")


def limits_in_one_place(file: Source) -> Iterator[Finding]:
    """A public bound that is a literal number stands in `ground.kernel.limits`."""
    if not file.is_product or file.module == "beffroi.ground.kernel.limits":
        return
    for node in file.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_bound(name) and _is_number(value):
                yield Finding(file.path, node.lineno, f"the limit `{name}` belongs into ground.kernel.limits")


def _is_bound(name: str) -> bool:
    return name.isupper() and not name.startswith("_") and not {"MAX", "LIMIT"}.isdisjoint(name.split("_"))


def _is_number(value: ast.expr | None) -> bool:
    match value:
        case ast.Constant(value=int() | float()):
            return True
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case _:
            return False


EVERYWHERE: tuple[Rule, ...] = (function_length, file_length)
PRODUCT: tuple[Rule, ...] = (module_docstring, raises_documented, plain_names, limits_explained, limits_in_one_place)
