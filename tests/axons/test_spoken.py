import json

import pytest

from dendrite_cli.axons import spoken


def test_what_worked_is_remembered_beside_what_others_wrote_and_what_did_not_is_forgotten(tmp_path):
    folder = tmp_path / "dendrite"
    spoken.store(folder, {"a": "btauth", "b": "synapse"})
    spoken.store(folder, {"b": None, "c": "epistula"})

    assert spoken.load(folder) == {"a": "btauth", "c": "epistula"}
    assert (folder / spoken.NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"a": "ftp", "b": 1, "c": null}', b"[" * 10**6])
def test_a_file_that_is_of_no_use_remembers_nothing(tmp_path, content):
    (tmp_path / spoken.NAME).write_bytes(content)

    assert spoken.load(tmp_path) == {}


def test_no_folder_and_a_link_remember_nothing(tmp_path):
    (tmp_path / "elsewhere").write_text(json.dumps({"a": "btauth"}))
    (tmp_path / spoken.NAME).symlink_to(tmp_path / "elsewhere")

    assert (spoken.load(None), spoken.load(tmp_path / "nowhere"), spoken.load(tmp_path)) == ({}, {}, {})


def test_the_oldest_are_forgotten_first(tmp_path):
    spoken.store(tmp_path, {str(number): "btauth" for number in range(spoken.MOST + 10)})

    kept = spoken.load(tmp_path)
    assert (len(kept), "9" in kept, "10" in kept) == (spoken.MOST, False, True)
