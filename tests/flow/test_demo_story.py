"""The demo's story: which steps there are, and what one that fails does to the whole."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hack.cluster.errors import ClusterError
from hack.demo import options
from hack.demo.borrowed import confirm
from hack.demo.errors import DemoError
from hack.demo.home import Home
from hack.demo.performance import BROKEN, HELD, perform
from hack.demo.stage import Stage
from hack.demo.story import STEPS, Step
from hack.demo.telling import Telling, expect
from tests.flow.demo_listener import Listener

Tell = Callable[[Stage, Telling], None]


class EmptyStage(Stage):
    """A stage with nothing on it."""

    def describe(self) -> None:
        """Write what a person would find."""
        (self.folder / "objects.yaml").write_text("items: []\n")


def opening(folder: Path) -> Callable[[ExitStack], Stage]:
    nothing: Any = None
    return lambda held: EmptyStage(folder, nothing, nothing, nothing, nothing, held)


def true_step(stage: Stage, telling: Telling) -> None:
    expect(telling, "sky", "blue", "blue")


def unmet_step(stage: Stage, telling: Telling) -> None:
    expect(telling, "sky", "grey", "blue")


def refused_step(stage: Stage, telling: Telling) -> None:
    message = "`kubectl apply` failed: forbidden\nby its own words"
    raise ClusterError(message)


def mistaken_step(stage: Stage, telling: Telling) -> None:
    next(iter(()))


def steps(*tells: Tell) -> list[Step]:
    return [Step("Weather", "", tell) for tell in tells]


def test_every_step_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When every step holds, the exit status is 0, and neither an error nor a folder is left."""
    listener = Listener()
    with Home(tmp_path) as home:
        status = perform(opening(home.path), steps(true_step, true_step), home, listener)
    assert status == HELD
    assert listener.begun == ["0 Cluster, AWS and operator start", "1 Weather", "2 Weather"]
    assert listener.ended[:3] == ["held", "held", "held"]
    assert capsys.readouterr().err == ""
    assert not home.path.exists()


@pytest.mark.parametrize(
    ("failing", "why"),
    [
        (unmet_step, "expected sky to be blue, but it is grey"),
        (refused_step, "`kubectl apply` failed: forbidden"),
        (
            mistaken_step,
            "the demo itself is wrong: StopIteration: ; the trace is in {}/demo.log",
        ),
    ],
)
def test_failing_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], failing: Tell, why: str
) -> None:
    """A step that fails is the last: it is named with its reason, and the exit status is 1."""
    listener = Listener()
    with Home(tmp_path) as home:
        whole = steps(true_step, failing, true_step)
        status = perform(opening(home.path), whole, home, listener)
    assert status == BROKEN
    assert listener.begun[-1] == "2 Weather"
    assert capsys.readouterr().err.splitlines() == [
        "",
        f"step 2 (Weather): {why.format(home.path)}",
        f"The logs are in {home.path}",
    ]


def test_stage_that_does_not_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When not even the cluster starts, that is step 0, and no other is tried."""

    def no_stage(held: ExitStack) -> Stage:
        message = "the API server was not ready"
        raise ClusterError(message)

    listener = Listener()
    with Home(tmp_path) as home:
        assert perform(no_stage, steps(true_step), home, listener) == BROKEN
    said = capsys.readouterr().err
    assert "step 0 (Cluster, AWS and operator start): the API server was not ready\n" in said
    assert len(listener.begun) == 1


def test_what_was_started_is_stopped(tmp_path: Path) -> None:
    """Whatever a step started is stopped at the end, whether the steps held or not."""
    stopped: list[str] = []

    def starting(stage: Stage, telling: Telling) -> None:
        stage.held.callback(stopped.append, "pod")

    with Home(tmp_path) as home:
        perform(opening(home.path), steps(starting, unmet_step), home, Listener())
    assert stopped == ["pod"]


def test_only_logs_stay_of_a_demo_that_failed(tmp_path: Path) -> None:
    """Of a failed demo logs and descriptions stay where they were; keys and tokens are removed."""
    kept = ["controller.log", "objects.yaml", "report-1/agent-identity.log"]
    secret = ["admin.kubeconfig", "report-1/identity.token", "report-1/identity/..1/tls.key"]
    with Home(tmp_path) as home:
        for name in kept + secret:
            (home.path / name).parent.mkdir(parents=True, exist_ok=True)
            (home.path / name).write_text(name)
        (home.path / "report-1/identity/..data").symlink_to("..1")
        home.keep_logs()
    left = [path for path in home.path.rglob("*") if not path.is_dir()]
    assert sorted(str(path.relative_to(home.path)) for path in left) == kept
    assert not (home.path / "report-1/identity").exists()


def test_nine_steps_of_which_the_last_deletes() -> None:
    """The story has nine steps of different titles; only the last takes everything away."""
    assert len({step.title for step in STEPS}) == 9
    assert [step.is_the_end for step in STEPS] == [False] * 8 + [True]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--yes", "argument --yes: it is for a cluster of yours; name it by --context"),
        ("--remove", "argument --remove: it is for a cluster of yours; name it by --context"),
        ("--resync soon", "argument --resync: "),
        ("--output yaml", "argument --output: invalid choice: 'yaml'"),
        ("--con kind", "unrecognized arguments: --con kind"),
    ],
)
def test_wrong_options(words: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option ends the demo with status 2 before anything starts, and says what is wrong."""
    with pytest.raises(SystemExit, match="2"):
        options.parse(words.split())
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "yess\n"])
def test_a_cluster_of_ones_own_is_asked_for(answer: str) -> None:
    """Anything but yes leaves a person's cluster untouched."""
    with pytest.raises(DemoError, match="nothing was touched"):
        confirm("This is going to use…", lambda: answer)


@pytest.mark.parametrize("answer", ["y\n", "Yes\n"])
def test_plan_is_shown_before_the_question(answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is going to happen is said before one is asked; yes goes on."""
    confirm("This is going to use…", lambda: answer)
    assert capsys.readouterr().err == "This is going to use…\nGo on? [y/N] "


def test_nobody_to_be_asked() -> None:
    """Without a terminal the demo does not go on by itself."""
    with pytest.raises(DemoError, match="--yes"):
        confirm("This is going to use…", None)
