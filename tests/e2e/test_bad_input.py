"""Whatever a caller does wrong gets a code, a reason and a sentence, and leaves nothing half-written."""

import io
import time
import uuid
from collections.abc import Iterator

import httpx
import jwt
import numpy as np
import pytest
import soundfile
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local.stack import Mesh
from tests.e2e.rest import PASSWORD, Json, Rest, new_user, reason
from tests.e2e.waiting import until


def wav(seconds: float = 1.0, rate: int = 44_100, channels: int = 1) -> bytes:
    target = io.BytesIO()
    tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)
    soundfile.write(target, np.tile(tone[:, None], (1, channels)), rate, format="WAV", subtype="PCM_16")
    return target.getvalue()


def with_nan() -> bytes:
    target = io.BytesIO()
    pcm = np.zeros(44_100, np.float32)
    pcm[1000] = np.nan
    soundfile.write(target, pcm, 44_100, format="WAV", subtype="FLOAT")
    return target.getvalue()


def claiming_hours() -> bytes:
    content = bytearray(wav(1.0))
    content[40:44] = (2_000_000_000).to_bytes(4, "little")  # near 2^31 it would say: a stream of unknown length
    return bytes(content)


BAD_FILES = {
    "not audio": (b"\x89PNG\r\n\x1a\n" + bytes(500), "cover.png", {"NOT_AUDIO", "UNSUPPORTED_FORMAT"}),
    "text named mp3": (b"dear diary, this is no song\n" * 50, "song.mp3", {"NOT_AUDIO"}),
    "truncated": (wav(2.0)[:50_000], "cut.wav", {"TRUNCATED"}),
    "a header that claims hours": (claiming_hours(), "long.wav", {"TRUNCATED", "TOO_LONG"}),
    "nine channels": (wav(1.0, channels=9), "nine.wav", {"TOO_MANY_CHANNELS"}),
    "NaN samples": (with_nan(), "nan.wav", {"NOT_FINITE"}),
}

FINE_FILES = {
    "8 kHz": (wav(1.0, rate=8_000), 8_000),
    "192 kHz": (wav(1.0, rate=192_000), 192_000),
}


def bring(rest: Rest, content: bytes, name: str) -> Json:
    """Upload without separating, and return the track as it settled."""
    created = rest.post(
        "/api/v1/tracks", filename=name, sizeBytes=str(len(content)), rightsConfirmed=True, process=False
    )
    rest.send(created["upload"], content)
    rest.post(f"/api/v1/tracks/{created['track']['trackId']}:completeUpload")
    job = rest.settle_one(created["track"]["trackId"])
    assert job["kind"] == "JOB_KIND_IMPORT"
    return rest.get(f"/api/v1/tracks/{created['track']['trackId']}")


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_with_a_reason(resident: Rest, case: str) -> None:
    content, name, reasons = BAD_FILES[case]
    track = bring(resident, content, name)
    assert track["status"] == "TRACK_STATUS_FAILED"
    assert track["work"]["failure"]["reason"] in reasons
    assert track["work"]["failure"]["message"].endswith(".")
    assert "audio" not in track


@pytest.mark.parametrize("case", FINE_FILES)
def test_unusual_rates_are_fine(resident: Rest, case: str) -> None:
    content, rate = FINE_FILES[case]
    track = bring(resident, content, "tone.wav")
    assert track["status"] == "TRACK_STATUS_UPLOADED"
    assert (track["audio"]["sampleRate"], int(track["audio"]["frames"])) == (rate, rate)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.wav", "C:\\music\\süß.wav", "a\u202egnp.wav", "日本の歌.wav", "x" * 900 + ".wav"]
)
def test_file_names_are_made_safe(resident: Rest, name: str) -> None:
    created = resident.post("/api/v1/tracks", filename=name, sizeBytes="100", rightsConfirmed=True)
    shown = created["track"]["originalFilename"]
    assert shown.endswith(".wav") or len(shown) >= 200
    assert not any(part in shown for part in ("/", "\\", "\u202e", ".."))
    resident.ok("DELETE", f"/api/v1/tracks/{created['track']['trackId']}")


def declared(**fields: object) -> Json:
    return {"filename": "a.wav", "sizeBytes": "1000", "rightsConfirmed": True, **fields}


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (declared(rightsConfirmed=False), 400, {"RIGHTS_NOT_CONFIRMED", "FIELD_REQUIRED"}),
        (declared(sizeBytes="0"), 400, {"EMPTY"}),
        (declared(sizeBytes=str(10**9)), 400, {"FILE_TOO_LARGE"}),
        (declared(filename=""), 400, {"FIELD_REQUIRED"}),
        (declared(sha256="zz"), 400, {"SHA256_INVALID"}),
    ],
)
def test_a_bad_declaration_is_refused(resident: Rest, body: Json, status: int, why: set[str]) -> None:
    assert_refused(resident.refused("POST", "/api/v1/tracks", body), status, why)


def assert_refused(refused: tuple[int, str], status: int, why: set[str]) -> None:
    assert refused[0] == status, refused
    assert refused[1] in why, refused


def test_an_upload_that_is_not_complete_is_told_so(resident: Rest) -> None:
    created = resident.post("/api/v1/tracks", **declared())
    track = created["track"]["trackId"]
    assert resident.refused("POST", f"/api/v1/tracks/{track}:completeUpload", {}) == (400, "UPLOAD_INCOMPLETE")


def test_other_bytes_than_declared_are_refused(resident: Rest) -> None:
    content = wav()
    created = resident.post("/api/v1/tracks", **declared(sizeBytes=str(len(content)), sha256="0" * 64, process=False))
    resident.send(created["upload"], content)
    track = created["track"]["trackId"]
    resident.post(f"/api/v1/tracks/{track}:completeUpload")
    resident.settle_one(track)
    assert resident.get(f"/api/v1/tracks/{track}")["work"]["failure"]["reason"] == "CONTENT_MISMATCH"


def test_the_object_store_takes_only_what_was_declared(resident: Rest) -> None:
    created = resident.post("/api/v1/tracks", **declared())
    post = created["upload"]["post"]
    answer = httpx.post(post["url"], data=post["fields"], files={"file": bytes(2000)})
    assert answer.status_code in (400, 403)


def test_completing_twice_is_harmless(resident: Rest) -> None:
    track = bring(resident, wav(), "twice.wav")["trackId"]
    again = resident.post(f"/api/v1/tracks/{track}:completeUpload")
    assert again["status"] == "TRACK_STATUS_UPLOADED"


def test_idempotency_keys(resident: Rest) -> None:
    key = uuid.uuid4().hex
    first = resident.post("/api/v1/tracks", **declared(idempotencyKey=key))
    second = resident.post("/api/v1/tracks", **declared(idempotencyKey=key))
    assert first["track"]["trackId"] == second["track"]["trackId"]
    other = resident.refused("POST", "/api/v1/tracks", declared(idempotencyKey=key, sizeBytes="2000"))
    assert other == (409, "IDEMPOTENCY_CONFLICT")


@pytest.mark.parametrize(
    ("stems", "status", "why"),
    [
        ([], 400, {"NO_STEMS", "FIELD_REQUIRED"}),
        ([{}], 400, {"STEM_NOT_NAMED"}),
        ([{"stemId": str(uuid.uuid4())}], 404, {"STEM_NOT_FOUND"}),
        ([{"trackId": str(uuid.uuid4()), "type": "drums"}], 404, {"TRACK_NOT_FOUND"}),
        ([{"stemId": "x", "gainDb": 99}], 400, {"GAIN_OUT_OF_RANGE"}),
        ([{"stemId": "x", "gainDb": "NaN"}], 400, {"GAIN_OUT_OF_RANGE"}),
        ([{"stemId": "x", "pan": -2}], 400, {"PAN_OUT_OF_RANGE"}),
        ([{"stemId": f"{n}"} for n in range(33)], 400, {"TOO_MANY_STEMS"}),
    ],
)
def test_a_bad_fusion_is_refused(resident: Rest, stems: list[Json], status: int, why: set[str]) -> None:
    assert_refused(resident.refused("POST", "/api/v1/fusions", {"stems": stems}), status, why)


def test_a_fusion_of_a_track_that_is_still_separating_has_to_wait(user: Rest) -> None:
    content = wav(20.0)
    created = user.post("/api/v1/tracks", filename="a.wav", sizeBytes=str(len(content)), rightsConfirmed=True)
    track = created["track"]["trackId"]
    user.send(created["upload"], content)
    user.post(f"/api/v1/tracks/{track}:completeUpload")
    until(lambda: bool(user.get("/api/v1/separations", trackId=track)["separations"]))
    refused = user.refused("POST", "/api/v1/fusions", {"stems": [{"trackId": track, "type": "drums"}]})
    user.ok("DELETE", f"/api/v1/tracks/{track}")
    assert refused == (400, "STEM_NOT_READY")


@pytest.fixture(scope="module")
def others_track(mesh: Mesh) -> str:
    owner = new_user(mesh.url)
    return str(bring(owner, wav(), "mine.wav")["trackId"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/tracks/{}", None),
        ("GET", "/api/v1/tracks/{}/upload", None),
        ("GET", "/api/v1/tracks/{}/download", None),
        ("GET", "/api/v1/tracks/{}/waveform", None),
        ("GET", "/api/v1/tracks/{}/analysis", None),
        ("GET", "/api/v1/tracks/{}/analysis/files", None),
        ("PATCH", "/api/v1/tracks/{}/analysis?updateMask=tempo", {}),
        ("GET", "/api/v1/library/{}", None),
        ("DELETE", "/api/v1/tracks/{}", None),
        ("POST", "/api/v1/tracks/{}:completeUpload", {}),
        ("POST", "/api/v1/tracks/{}/analysis", {}),
        ("POST", "/api/v1/separations", {"trackId": "{}"}),
        ("POST", "/api/v1/jobs/{}:cancel", {}),
        ("GET", "/api/v1/jobs/{}", None),
    ],
)
def test_somebody_else_s_track_is_not_found(
    resident: Rest, others_track: str, method: str, path: str, body: Json | None
) -> None:
    filled = {name: value.format(others_track) for name, value in body.items()} if body is not None else None
    status, why = resident.refused(method, path.format(others_track), filled)
    assert status == 404, why
    assert why.endswith("_NOT_FOUND")


def forged(**changes: object) -> str:
    now = int(time.time())
    claims = {"iss": "puremusic", "aud": "puremusic", "sub": "x", "iat": now, "exp": now + 60, **changes}
    return jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": "x", "typ": "at+jwt"})


@pytest.mark.parametrize("token", ["", "nonsense", forged(), forged(exp=1)])
def test_without_a_good_token_nothing_is_answered(mesh: Mesh, token: str) -> None:
    status, why = Rest(mesh.url, token=token).refused("GET", "/api/v1/tracks")
    assert status == 401
    assert why.startswith(("TOKEN_", "UNAUTHENTICATED"))


def test_users_are_no_operators(resident: Rest) -> None:
    status, why = resident.refused("POST", "/api/v1/admin/garbage:collect", {"dryRun": True})
    assert (status, why) == (403, "ROLE_MISSING")


def test_internal_methods_are_not_reachable(resident: Rest) -> None:
    for path in (
        "/puremusic.operations.v1.OperationsService/Republish",
        "/puremusic.auth.v1.AuthService/IssueServiceToken",
    ):
        assert resident.call("POST", path).status_code == 404


def test_a_body_over_one_mebibyte_is_refused_chunked_or_not(resident: Rest) -> None:
    large = b'{"title": "' + b"x" * (1 << 20) + b'"}'
    assert resident.refused("POST", "/api/v1/fusions", content=large)[0] == 413

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    assert resident.refused("POST", "/api/v1/fusions", content=pieces())[0] == 413


def test_unknown_query_parameters_and_enum_values_are_refused(resident: Rest) -> None:
    assert resident.refused("GET", "/api/v1/tracks", params={"colour": "red"})[0] == 400
    assert resident.refused("GET", "/api/v1/library", params={"order": "CARD_ORDER_COLOUR"})[0] == 400
    assert resident.refused("GET", "/api/v1/library", params={"order": "99"})[0] == 400


def test_an_unknown_path_is_not_found_in_the_same_shape(resident: Rest) -> None:
    answer = resident.call("GET", "/api/v1/nothing")
    assert answer.status_code == 404
    assert reason(answer)


def test_wrong_credentials_say_nothing_about_the_account(mesh: Mesh, resident: Rest) -> None:
    stranger = Rest(mesh.url)
    known = stranger.refused("POST", "/api/v1/auth/login", {"email": resident.email, "password": "wrong password"})
    unknown = stranger.refused("POST", "/api/v1/auth/login", {"email": "no@example.org", "password": PASSWORD})
    assert known == unknown == (401, "WRONG_CREDENTIALS")
