"""The command line as a person or a script uses it: real processes, the real mesh, nothing but its address known."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import soundfile
from puremusic.ingest.v1 import ingest_pb2

from cli.client import Api, SessionCredentials, SessionFile, methods, uploads
from cli.client.uploads import Source
from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.waiting import until
from tests.servers.mesh import grant

PASSWORD = "correct horse battery 7"
PART = 8 * 1024 * 1024


@dataclass
class Shell:
    """A directory, a session of its own, and `puremusic`."""

    url: str
    folder: Path
    email: str = ""
    api_key: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a command finds: nothing of the machine's own PureMusic."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PUREMUSIC_")}
        key = {"PUREMUSIC_API_KEY": self.api_key} if self.api_key else {}
        return {**kept, **key, "PUREMUSIC_SESSION_FILE": str(self.session)}

    @property
    def session(self) -> Path:
        """Where the session is kept."""
        return self.folder / "session.json"

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.environment,
            timeout=300,
        )

    def ok(self, *words: str, typed: str = "") -> str:
        """Run a command that must succeed, and return what it printed."""
        done = self.run(*words, typed=typed)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *words: str, typed: str = "", code: int = 0) -> Any:
        """Run a command that prints JSON and must end with `code`."""
        done = self.run(*words, "--json", typed=typed)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def refused(self, code: int, *words: str) -> str:
        """Run a command that must end with `code`, and return the reason."""
        return str(self.json(*words, code=code)["error"]["reason"])


def signed_up(url: str, folder: Path) -> Shell:
    """Somebody new, in a directory of their own."""
    shell = Shell(url, folder, f"{uuid.uuid4().hex[:12]}@example.org")
    words = ("--url", url, "register", "--email", shell.email, "--password-stdin", "--accept-terms")
    shell.ok(*words, typed=PASSWORD + "\n")
    return shell


@pytest.fixture
def shell(mesh: Mesh, tmp_path: Path) -> Shell:
    return signed_up(mesh.url, tmp_path)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = songs.compose(tempo_bpm=120, tonic=9, mode="minor", seconds=8, seed=4)
    return songs.write(made.mix, made.sample_rate, tmp_path_factory.mktemp("songs") / "Première.flac")


@pytest.fixture(scope="module")
def studio(mesh: Mesh, song: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Somebody whose one song is separated and analysed."""
    shell = signed_up(mesh.url, tmp_path_factory.mktemp("studio"))
    uploaded = shell.json("upload", str(song), "--i-have-the-right")
    assert [job["state"] for job in uploaded["jobs"]] == ["JOB_STATE_COMPLETED"] * 3
    assert uploaded["tracks"][0]["status"] == "TRACK_STATUS_UPLOADED"
    until(lambda: studio_is_heard(shell), 120)
    return shell


def studio_is_heard(shell: Shell) -> bool:
    """Whether the song was heard with its stems: that follows its separation by itself."""
    analysis = shell.json("analysis", "show", "Première")
    return (analysis["status"], analysis["source"]) == ("ANALYSIS_STATUS_COMPLETED", "ANALYSIS_SOURCE_STEMS")


def test_the_session_goes_on_from_command_to_command(shell: Shell) -> None:
    first = json.loads(shell.session.read_text())["refresh_token"]
    assert shell.json("whoami")["email"] == shell.email
    assert json.loads(shell.session.read_text())["refresh_token"] != first
    assert shell.session.stat().st_mode & 0o777 == 0o600
    shell.ok("logout")
    assert shell.refused(3, "whoami") == "NOT_SIGNED_IN"
    words = ("--url", shell.url, "login", "--email", shell.email, "--password-stdin")
    assert shell.run(*words, typed="wrong\n").returncode == 3
    shell.ok(*words, typed=PASSWORD + "\n")
    shell.ok("whoami")


def test_commands_side_by_side_do_not_revoke_each_other(shell: Shell) -> None:
    command = [sys.executable, "-m", "cli", "usage", "--json"]
    running = [
        subprocess.Popen(command, env=shell.environment, cwd=shell.folder, stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    shell.ok("usage")


def test_a_song_is_shown_with_what_was_heard(studio: Shell) -> None:
    card = studio.json("tracks", "--search", "PREMI")["tracks"][0]
    assert card["status"] == "CARD_STATUS_SEPARATED"
    assert card["tempoBpm"] == pytest.approx(120, rel=0.02)
    assert {stem["type"] for stem in card["stems"]} == {"vocals", "drums", "bass", "other"}
    heard = studio.json("analyse", "Première")["analyses"][0]
    assert heard["key"]["name"] == card["key"]
    assert "Première" in studio.ok("tracks")
    assert f"{heard['key']['name']}, {card['camelot']}" in studio.ok("analysis", "show", "Première")


def test_what_is_right_can_be_said_and_taken_back(studio: Shell) -> None:
    heard = studio.json("analysis", "show", "Première")["tempo"]["bpm"]
    assert studio.json("analysis", "correct", "Première", "--tempo", "x2")["tempo"]["bpm"] == pytest.approx(2 * heard)
    assert studio.refused(5, "analysis", "correct", "Première", "--downbeat", "1000") == "DOWNBEAT_OUT_OF_RANGE"
    assert studio.json("analysis", "correct", "Première", "--tempo", "heard")["tempo"]["bpm"] == heard


def test_what_a_person_says_decides_how_stems_are_brought_together(studio: Shell) -> None:
    def planned() -> tuple[float, str]:
        plan = studio.json("fusion", "suggest", "Première:all", "--match", "key")["plans"][0]
        return plan["tempoBpm"], plan["key"]["name"]

    heard = planned()
    assert heard[0] == pytest.approx(120, rel=0.02)
    studio.ok("analysis", "correct", "Première", "--tempo", "90", "--key", "Eb minor")
    tempo, key = planned()
    assert (tempo == pytest.approx(90), key) == (True, "Eb minor")
    studio.ok("analysis", "correct", "Première", "--tempo", "heard", "--key", "heard")
    assert planned() == heard


def test_a_separation_that_is_there_is_not_made_again(studio: Shell) -> None:
    before = studio.json("usage")["engineSeconds"]
    assert studio.json("separate", "Première")["status"] == "SEPARATION_STATUS_COMPLETED"
    assert "add up to the track exactly" in studio.ok("separate", "Première", "--quality", "standard")
    assert studio.json("usage")["engineSeconds"] == before


def test_stems_are_saved_by_their_names(studio: Shell) -> None:
    studio.ok("stems", "Première", "--download", "stems", "--format", "wav", "--residual")
    lengths = {path.name: soundfile.info(path).frames for path in (studio.folder / "stems").iterdir()}
    names = ("vocals.wav", "drums.wav", "bass.wav", "other.wav", "residual.wav")
    assert lengths == dict.fromkeys(names, 8 * 44_100)


def test_models_are_listed_with_the_one_that_is_used(studio: Shell) -> None:
    models = {model["name"]: model for model in studio.json("models")["models"]}
    assert models["htdemucs"]["present"]
    assert models["htdemucs"]["isDefault"]
    assert "QUALITY_STANDARD" in models["htdemucs"]["qualities"]
    assert "htdemucs (default)" in studio.ok("models")


def test_stems_become_a_new_song_in_every_format(studio: Shell) -> None:
    track = studio.json("tracks")["tracks"][0]["trackId"]
    made = studio.run("fuse", f"{track[:8]}:drums,bass@-3dB@L20", "Première:vocals", "--title", "Mix", "--json")
    assert made.returncode == 0, made.stderr
    assert "fusion" in made.stderr
    fusion = json.loads(made.stdout)
    assert fusion["status"] == "FUSION_STATUS_COMPLETED"
    assert [(stem["type"], stem["gainDb"], stem["pan"]) for stem in fusion["stems"]] == [
        ("drums", 0.0, 0.0),
        ("bass", -3.0, -0.2),
        ("vocals", 0.0, 0.0),
    ]
    for name in ("mix.wav", "mix.mp3", "mix.flac"):
        studio.ok("download", fusion["fusionId"][:8], "-o", name)
        assert soundfile.info(studio.folder / name).duration == pytest.approx(8, abs=0.1)
    again = studio.json("fuse", "Première:all", "--revises", "Mix", "--no-wait")
    assert again["revision"] == 2
    assert studio.run("jobs", "--watch").returncode == 0


def test_an_upload_that_broke_goes_on(shell: Shell, tmp_path: Path) -> None:
    big = songs.compose(tempo_bpm=100, seconds=90, seed=9)
    path = songs.write(big.mix, big.sample_rate, tmp_path / "big.wav")
    assert path.stat().st_size > 2 * PART
    track = _begun(shell, path)
    other = tmp_path / "other.wav"
    other.write_bytes(path.read_bytes()[:-1])
    assert shell.refused(5, "upload", "--resume", track, str(other)) == "OTHER_FILE"
    done = shell.json("upload", "--resume", track, str(path))
    assert done["tracks"][0]["status"] == "TRACK_STATUS_UPLOADED"
    shell.ok("download", track, "-o", "back.wav")
    assert (tmp_path / "back.wav").read_bytes() == path.read_bytes()
    shell.ok("download", track, "-o", "master.flac")
    assert soundfile.info(tmp_path / "master.flac").format == "FLAC"
    assert shell.refused(5, "download", track, "-o", "song.mp3") == "NOT_THAT_FORMAT"


def _begun(shell: Shell, path: Path) -> str:
    """Begin an upload as the command does, and break it after its first part."""

    async def begin() -> str:
        me = SessionCredentials(shell.url, SessionFile(shell.session))
        async with Api(shell.url, me) as api:
            source: Source = await uploads.measure(path)
            request = ingest_pb2.CreateTrackRequest(
                filename=path.name,
                size_bytes=source.size,
                sha256=source.sha256,
                rights_confirmed=True,
                process=False,
            )
            created = await api.call(methods.CREATE_TRACK, request)
            del created.upload.parts.missing[1:]
            await uploads.send(api, source, created.upload, lambda _: None)
            return created.track.track_id

    return asyncio.run(begin())


def test_a_file_that_is_no_song_fails_and_says_why(shell: Shell) -> None:
    (shell.folder / "words.mp3").write_text("Once upon a time there was a text that wanted to be a song." * 20)
    done = shell.run("upload", "words.mp3", "--i-have-the-right", "--json")
    assert done.returncode == 1
    assert "NOT_AUDIO" in done.stderr
    assert json.loads(done.stdout)["jobs"][0]["work"]["failure"]["reason"] == "NOT_AUDIO"


def test_a_key_can_do_what_its_scopes_say_until_it_is_revoked(studio: Shell, tmp_path: Path) -> None:
    key = studio.json("api-keys", "create", "reader", "--scope", "read")["secret"]
    program = Shell(studio.url, tmp_path, api_key=key)
    assert len(program.json("--url", studio.url, "tracks")["tracks"]) == 1
    assert program.refused(5, "--url", studio.url, "separate", "Première", "--stems", "bass") == "SCOPE_MISSING"
    studio.ok("api-keys", "revoke", "reader")
    assert program.refused(3, "--url", studio.url, "tracks") == "API_KEY_INVALID"


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["fuse", "nothing:vocals"], 4, "TRACK_NOT_FOUND"),
        (["fuse", "nothing"], 2, "USAGE"),
        (["separate", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"], 4, "TRACK_NOT_FOUND"),
        (["download", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"], 4, "TRACK_NOT_FOUND"),
        (["jobs", "cancel", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"], 4, "JOB_NOT_FOUND"),
        (["separate", "Première", "--model", "nonsense"], 5, "UNKNOWN_MODEL"),
        (["separate", "Première", "--model", "htdemucs", "--quality", "best"], 5, "MODEL_AND_QUALITY"),
        (["separate", "Première", "--stem-model", "piano=htdemucs"], 5, "UNKNOWN_STEM"),
        (["admin", "rebuild"], 5, "ROLE_MISSING"),
        (["admin", "gc", "--dry-run"], 5, "ROLE_MISSING"),
    ],
)
def test_exit_codes_mean_something(studio: Shell, words: Sequence[str], code: int, reason: str) -> None:
    assert studio.refused(code, *words) == reason


def test_nobody_at_the_address_is_7(studio: Shell, tmp_path: Path) -> None:
    program = Shell(studio.url, tmp_path, api_key="anything")
    assert program.refused(7, "--url", "http://127.0.0.1:1", "tracks") == "NO_ANSWER"


def _heeds_ctrl_c() -> None:
    """As at a terminal: what is started in a shell's background inherits that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_is_130(tmp_path: Path) -> None:
    program = Shell("", tmp_path, api_key="anything")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        words = [sys.executable, "-m", "cli", "--url", url, "usage"]
        with subprocess.Popen(
            words, stderr=subprocess.PIPE, text=True, env=program.environment, preexec_fn=_heeds_ctrl_c
        ) as process:
            connection, _ = silent.accept()
            assert connection.recv(1)
            process.send_signal(signal.SIGINT)
            try:
                _, said = process.communicate(timeout=30)
            finally:
                process.kill()
                connection.close()
    assert process.returncode == 130
    assert "Traceback" not in said


def test_an_operator_s_commands(mesh: Mesh, tmp_path: Path) -> None:
    shell = signed_up(mesh.url, tmp_path)
    grant(mesh, shell.email, "admin")
    shell.ok("--url", mesh.url, "login", "--email", shell.email, "--password-stdin", typed=PASSWORD + "\n")
    assert "deadLetters" in shell.json("admin", "dead-letters", "list")
    assert shell.json("admin", "dead-letters", "requeue")["requeued"].isdecimal()
    services = {each["service"] for each in shell.json("admin", "gc", "--dry-run", "--grace", "86400")["services"]}
    assert services == {"ingest", "separation", "mir", "fusion"}
    assert int(shell.json("admin", "rebuild")["published"]) >= 0
    assert shell.json("admin", "reset-token", shell.email)["resetToken"]
    assert shell.json("admin", "takedown", "0" * 64, "--reason", "a test")["tracksDeleted"] == "0"
    assert shell.json("admin", "keys", "rotate")["keyId"]
