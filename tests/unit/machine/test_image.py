"""The choice of a release, and the names and folders of images."""

from pathlib import Path

from tests.support.machine.image import cache_folder, chosen_release, image_name, requirements


def test_release_is_the_one_that_the_setting_names() -> None:
    assert chosen_release({"RELEASE": "trixie"}, {"ID": "debian", "VERSION_CODENAME": "bookworm"}) == "trixie"


def test_release_is_the_host_s_own_when_the_host_is_debian() -> None:
    assert chosen_release({}, {"ID": "debian", "VERSION_CODENAME": "trixie"}) == "trixie"
    assert chosen_release({}, {"ID": "ubuntu", "VERSION_CODENAME": "noble"}) == "bookworm"


def test_cache_is_in_the_user_s_cache_folder_unless_a_setting_moves_it() -> None:
    home = {"HOME": "/home/dev"}
    assert cache_folder(home) == Path("/home/dev/.cache/python-executor/machines")
    assert cache_folder({**home, "XDG_CACHE_HOME": "/cache"}) == Path("/cache/python-executor/machines")
    assert cache_folder({**home, "MACHINE_CACHE": "/images"}) == Path("/images")


def test_image_has_another_name_when_its_contents_change() -> None:
    assert image_name("trixie", "a", "b") == image_name("trixie", "a", "b")
    assert image_name("trixie", "a", "b") != image_name("trixie", "ab", "")
    assert image_name("trixie", "a").startswith("trixie-")


def test_requirements_keep_their_hashes_and_lose_their_markers() -> None:
    locked = "mypy==3 \\\n    --hash=sha256:33\na==1 ; python_full_version < '3.12' \\\n    --hash=sha256:00\nb==2 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    assert requirements(locked, "3.11.2") == (
        "a==1 \\\n    --hash=sha256:00\nb==2 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    )


def test_requirements_lack_packages_for_other_platforms_and_pythons() -> None:
    locked = (
        "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
        "b==2 ; python_full_version >= '3.12' and sys_platform == 'emscripten' \\\n    --hash=sha256:11\n"
        "c==3 ; python_full_version >= '3.12' \\\n    --hash=sha256:22\n"
    )
    assert requirements(locked, "3.11.2") == ""
    assert requirements(locked, "3.13.0") == "c==3 \\\n    --hash=sha256:22\n"
