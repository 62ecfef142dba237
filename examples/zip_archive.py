"""Files in a temporary folder, packed into a ZIP archive and read back."""

import tempfile
import zipfile
from pathlib import Path


def main(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in files.items():
            path = root / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        archive = root / "files.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted((root / "files").rglob("*.txt")):
                packed.write(path, path.relative_to(root / "files"))
        with zipfile.ZipFile(archive) as packed:
            bad = packed.testzip()
            sizes = {entry.filename: entry.file_size for entry in packed.infolist()}
            smaller = archive.stat().st_size < sum(sizes.values())
    print(f"{len(sizes)} files, {'smaller' if smaller else 'larger'} than before")
    return {"sizes": sizes, "intact": bad is None}
