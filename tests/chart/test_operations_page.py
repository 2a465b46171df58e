"""What docs/operations.md tells operators to type exists."""

import re
from pathlib import Path

import typer
import yaml

from cli.app import app
from deploy.chart.places import CHART, ROOT
from tests.chart.rendering import helm

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_its_values_can_be_installed(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "music.yaml"
    file.write_text(block)
    done = helm("template", "puremusic", str(CHART), "--namespace", "music", "--values", str(file))
    assert done.returncode == 0, done.stderr
    names = {each["metadata"]["name"] for each in yaml.safe_load_all(done.stdout) if each}
    assert {"puremusic-auth", "puremusic-envoy"} <= names  # as the commands on the page call them


def test_its_admin_commands_exist() -> None:
    told = {tuple(command.split()) for command in re.findall(r"`puremusic (admin [a-z -]+)`", PAGE)}
    assert len(told) >= 3
    root = typer.main.get_command(app)
    for path in told:
        command = root
        for name in path:
            if not hasattr(command, "commands") or name not in command.commands:
                # What follows a command is what it works on.
                break
            command = command.commands[name]
        else:
            continue
        raise AssertionError(f"there is no `puremusic {' '.join(path)}`")


def test_the_secrets_it_makes_are_those_that_are_looked_for() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    made = set(re.findall(r"kubectl create secret generic (\S+)", PAGE))
    looked_for = {values[group]["existingSecret"] for group in ("postgres", "nats", "objects", "auth")}
    assert made == looked_for
    for key in ("accessKeyKey", "secretKeyKey"):
        assert f"--from-literal={values['objects'][key]}=" in PAGE
    assert f"--from-literal={values['auth']['sealingKeyKey']}=" in PAGE
