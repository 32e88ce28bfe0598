"""The house's rules that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).parents[2]
SOURCES: Final = REPOSITORY / "operator"
MODULES: Final = sorted(SOURCES.rglob("*.py"))
LONGEST_LINES: Final = 300
TELLING: Final = {"authorization", "seal", "secret", "token"}  # what holds a secret, or a guess


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def test_sources_are_found() -> None:
    """The rules below look at modules, not at an empty list."""
    assert len(MODULES) > 50


def test_operator_is_no_package() -> None:
    """``operator/`` has no ``__init__.py``: it would hide the standard library's ``operator``."""
    assert not (SOURCES / "__init__.py").exists()


def test_operator_is_the_standard_library() -> None:
    """Python started in the repository's root still imports its own ``operator``."""
    code = "import operator; print(operator.__file__)"
    run = subprocess.run(  # noqa: S603 - this Python, on the line above
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert not Path(run.stdout.strip()).is_relative_to(REPOSITORY)
    assert run.stdout.strip().endswith("operator.py")


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=relative)
def test_packages_hold_a_docstring_only(path: Path) -> None:
    """A package introduces itself and runs no code: importing one module imports no other."""
    body = ast.parse(path.read_text()).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)
    assert isinstance(body[0].value.value, str)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_are_short(path: Path) -> None:
    """A module past 300 lines is two modules."""
    assert len(path.read_text().splitlines()) <= LONGEST_LINES


def test_test_folders_are_no_packages() -> None:
    """Tests are imported by path; a package among them would change what their names mean."""
    assert not list((REPOSITORY / "tests").rglob("__init__.py"))


def test_test_files_have_names_of_their_own() -> None:
    """No two test files share a name, so that a failure names one file."""
    names = [path.name for path in (REPOSITORY / "tests").rglob("test_*.py")]
    assert not {name for name in names if names.count(name) > 1}


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("counter", "_compare_digest(authorization[0], self.token)"),
        ("session_tokens", "_compare_digest(seal, self._seal(end))"),
    ],
)
def test_guesses_are_compared_in_constant_time(module: str, call: str) -> None:
    """How long the answer took tells nobody how much of a guess was right."""
    nodes = list(ast.walk(ast.parse((SOURCES / f"rolesanywhere/agent/{module}.py").read_text())))
    equality = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
    others = [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Compare) and any(isinstance(each, equality) for each in node.ops)
        if TELLING & set(re.findall(r"\w+", ast.unparse(node)))
    ]
    assert call in [ast.unparse(node) for node in nodes if isinstance(node, ast.Call)]
    assert others == []
