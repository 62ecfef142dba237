#!/bin/sh
# Used by Dockerfile.api and Dockerfile.worker: make /out, the one layer of an image, of the environment in /app
# and of our rooms in /build.
set -eu

standard=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
packages=$(/app/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

for room in api cli config jobs sandbox selftest store validation worker; do
    [ ! -d "/build/$room" ] || cp -R "/build/$room" "$packages/"
done
cp /build/LICENSE /app/
# Commands of others, the shell of one of them, and tests.
find /app/bin ! -type d ! -name 'python*' -delete
rm -rf /app/include "$packages"/click_repl* "$packages"/prompt_toolkit* "$packages"/wcwidth*
find "$packages" -type d \( -name test -o -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +

# Byte code, because nothing can be written later; of the library too, where the base image has none: a jail's
# root is a copy of it.
left_out='site-packages|/(test|tests|ensurepip|idlelib|lib2to3|pydoc_data|tkinter|turtledemo)(/|$)'
python -m compileall -q --invalidation-mode unchecked-hash -x "$left_out" "$standard"
/app/bin/python -m compileall -q --invalidation-mode unchecked-hash "$packages"

mkdir /out
cp -R --parents /app /out
find "$standard" -path "$standard/site-packages" -prune -o -name '*.pyc' -print0 | xargs -0 cp --parents -t /out
chmod -R a+rX,go-w /out
find /out -exec touch --no-dereference --date=@315532800 {} +
