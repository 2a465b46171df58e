"""`python -m tests.servers.losing lose|restore FOLDER TRACK`: takes a track's master out of the object store, and puts it back.

So that a separation fails as it would in earnest, and succeeds when it is tried again. FOLDER is where `tests.servers.web` put
its songs, and `store.json` beside them: where its object store is.
"""

import json
import sys
from pathlib import Path

from minio import Minio

from deploy.local.facts import S3Facts

STORE = "store.json"


def tell_store(folder: Path, s3: S3Facts) -> None:
    """Write down where the object store of a throw-away mesh is."""
    facts = {
        "endpoint": s3.endpoint,
        "access_key": s3.access_key.value,
        "secret_key": s3.secret_key.value,
        "bucket": s3.bucket,
    }
    (folder / STORE).write_text(json.dumps(facts))


def main(deed: str, folder: Path, track_id: str) -> None:
    """Lose the master or bring it back."""
    facts = json.loads((folder / STORE).read_text())
    client = Minio(
        facts["endpoint"].removeprefix("http://"),
        facts["access_key"],
        facts["secret_key"],
        secure=False,
        cert_check=False,
    )
    kept = folder / f"{track_id}.flac"
    name = folder / f"{track_id}.name"
    if deed == "lose":
        names = [item.object_name or "" for item in client.list_objects(facts["bucket"], "ingest/", recursive=True)]
        (key,) = (each for each in names if f"/{track_id}/" in each and each.endswith("master.flac"))
        client.fget_object(facts["bucket"], key, str(kept))
        name.write_text(key)
        client.remove_object(facts["bucket"], key)
    else:
        client.fput_object(facts["bucket"], name.read_text(), str(kept), content_type="audio/flac")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
