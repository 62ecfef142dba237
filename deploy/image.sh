#!/bin/sh
# The build step that Dockerfile.api and Dockerfile.worker share. It makes /out, the only layer that an image adds to
# its base, from the virtual environment in /app and the project's packages in /build.
#
# The same sources give the same layer, byte for byte: every file gets the same time, and byte code is of the kind that
# Python does not compare with the time of its source (PEP 552, unchecked hash).
set -eu

standard=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
packages=$(/app/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

for package in api cli config doctor environments jobs sandbox selftest store validation worker; do
    [ ! -d "/build/$package" ] || cp -R "/build/$package" "$packages/"
done
cp /build/LICENSE /app/
# Remove what the service never runs: commands and tests of dependencies, and the interactive shell of click.
find /app/bin ! -type d ! -name 'python*' -delete
rm -rf /app/include "$packages"/click_repl* "$packages"/prompt_toolkit* "$packages"/wcwidth*
find "$packages" -type d \( -name test -o -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +

# Compile now, because the root file system is read-only at run time. Compile the standard library too: the base image
# has no byte code of it, and a jail's root is a copy of it.
left_out='site-packages|/(test|tests|ensurepip|idlelib|lib2to3|pydoc_data|tkinter|turtledemo)(/|$)'
python -m compileall -q --invalidation-mode unchecked-hash -x "$left_out" "$standard"
/app/bin/python -m compileall -q --invalidation-mode unchecked-hash "$packages"

mkdir /out
cp -R --parents /app /out
find "$standard" -path "$standard/site-packages" -prune -o -name '*.pyc' -print0 | xargs -0 cp --parents -t /out
chmod -R a+rX,go-w /out
find /out -exec touch --no-dereference --date=@315532800 {} +
