"""The labs' grader on trial: its modules are imported by name, as the tools import one another."""
import pathlib
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts/suite"))


def pytest_addoption(parser):
    parser.addoption("--build-dir", type=pathlib.Path, help="where the full servers are built; without it they are not tried")
    parser.addoption("--times", type=int, default=1, help="judge every file so often")
