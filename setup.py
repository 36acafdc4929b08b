"""The optional extension; everything else stands in pyproject.toml.

Without a compiler there is none, the wheel is for any machine, and numpy gives the same results (docs/adr/0025).
"""

import sys
import tempfile
from pathlib import Path

from setuptools import Distribution, Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, ExecError, PlatformError

# No paths, no times: built twice, it has the same bytes.
FLAGS = ["-O3", "-std=c11", "-g0", "-fvisibility=hidden"]
LINKED = ["-Wl,--strip-all"] if sys.platform == "linux" else []
KERNELS = Extension(
    "beffroi._kernels",
    sources=sorted(path.as_posix() for path in Path("kernels").glob("*.c")),
    depends=sorted(path.as_posix() for path in Path("kernels").glob("*.h")),
    extra_compile_args=FLAGS,
    extra_link_args=LINKED,
    py_limited_api=True,
    optional=True,
)


def compiles() -> bool:
    """Whether there is a compiler here that takes our flags, and Python's header."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "probe.c"
        source.write_text("#include <Python.h>\nPyMODINIT_FUNC PyInit_probe(void) { return 0; }\n", "ascii")
        probe = Extension("probe", [source.as_posix()], extra_compile_args=FLAGS, extra_link_args=LINKED)
        command = build_ext(Distribution({"ext_modules": [probe]}))
        command.build_temp = command.build_lib = folder
        try:
            command.ensure_finalized()
            command.run()
        except (CCompilerError, ExecError, PlatformError, OSError):
            return False
        return True


setup(
    ext_modules=[KERNELS] if compiles() else [],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
