# sandboxes: slot fresh
import gzip
import os
import shutil
import tempfile
import zipfile
from pathlib import Path


def main():
    folder = Path("data")
    folder.mkdir()
    (folder / "a.txt").write_text("líne 1\nline 2\n")
    (folder / "b.bin").write_bytes(bytes(range(4)))
    with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path)
    with gzip.open("a.gz", "wt") as file:
        file.write("zipped")
    with tempfile.NamedTemporaryFile("w+", suffix=".txt") as file:
        file.write("temporary")
        file.seek(0)
        temporary = file.read()
    with tempfile.TemporaryDirectory() as name:
        inside = os.path.isdir(name)
    shutil.copytree(folder, "copy")
    found = sorted(str(path) for path in Path().rglob("*.*") if path.name != "script.py")
    return {
        "names": zipfile.ZipFile("all.zip").namelist(),
        "gzip": gzip.open("a.gz", "rt").read(),
        "temporary": temporary,
        "inside": [inside, os.path.exists(name)],
        "found": [name for name in found if not name.startswith("result")],
        "size": (folder / "a.txt").stat().st_size,
    }
