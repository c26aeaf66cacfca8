"""The Dockerfile keeps to what is promised of it, as far as can be told without building it."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8")).splitlines()
STAGES = [n for n, line in enumerate(LINES) if line.startswith("FROM ")]
IMAGE = LINES[STAGES[-1] :]


def said(word: str, lines: list[str] = IMAGE) -> str:
    (found,) = (line.partition(" ")[2] for line in lines if line.startswith(f"{word} "))
    return found


def test_it_runs_as_a_user_by_number() -> None:
    user, group = map(int, said("USER").split(":"))
    assert min(user, group) > 0


def test_nothing_of_the_building_is_left_in_the_image() -> None:
    assert not [line for line in IMAGE if "pip" in line or "apt" in line]
    assert said("COPY").startswith("--from=built ")


def test_what_is_installed_is_what_the_suite_passes_with() -> None:
    installs = [line for line in LINES[: STAGES[-1]] if "pip install" in line]
    assert installs
    assert all("-c /src/constraints.txt" in line for line in installs)


def test_no_host_is_named_that_could_go_away_or_be_taken_over() -> None:
    bases = [line.split()[1] for line in LINES if line.startswith("FROM ")]
    assert not [base for base in bases if "/" in base]
    assert not [line for line in LINES if "://" in line or "-url" in line or "--trusted-host" in line]


def test_the_command_is_run_by_no_shell_so_that_signals_reach_it() -> None:
    assert json.loads(said("ENTRYPOINT")) == ["monitor"]
    assert json.loads(said("CMD")) == ["run"]
    assert said("STOPSIGNAL") == "SIGTERM"


def test_its_health_is_what_the_command_says() -> None:
    assert json.loads(said("HEALTHCHECK").partition("CMD ")[2]) == ["monitor", "health"]


def test_the_database_is_on_the_volume_and_the_config_a_folder() -> None:
    assert said("VOLUME") == said("WORKDIR") == "/data"
    assert "MONITOR_CONFIG=/config/config.toml" in said("ENV")


def test_all_that_is_copied_is_let_through_and_there() -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    copied = [name for line in LINES[: STAGES[-1]] if line.startswith("COPY ") for name in line.split()[1:-1]]
    assert set(copied) == let_through
    assert all((ROOT / name).exists() for name in copied)
