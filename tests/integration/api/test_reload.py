"""The API reads its keys again at SIGHUP."""

import signal
from pathlib import Path

from config.credentials import new_key
from tests.support.gunicorn import Server, serving
from tests.support.wait import eventually


def _status(server: Server, key: str) -> int:
    return server.client.get("/jobs", headers={"Authorization": f"Bearer {key}"}).status_code


def test_keys_are_read_again_at_sighup_and_kept_when_the_new_ones_are_bad(
    server_url: str, tmp_path: Path
) -> None:
    (old, old_entry), (new, new_entry) = new_key("shop"), new_key("shop")
    keys = tmp_path / "keys"
    keys.write_text(old_entry)
    with serving(server_url, API_KEYS_FILE=str(keys)) as server:
        assert (_status(server, old), _status(server, new)) == (200, 401)
        keys.write_text(f"{new_entry}\nno entry\n")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "not read again" in server.log, within=20, what="the bad entry is reported")
        assert "API_KEYS_FILE" in server.log
        assert (_status(server, old), _status(server, new)) == (200, 401)
        keys.write_text(new_entry)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: _status(server, new) == 200, within=20, what="the new key is accepted")
        eventually(lambda: _status(server, old) == 401, within=20, what="the old key is refused")
        assert "Traceback" not in server.log
