"""The files of the pages that a program writes: `make pages`.

The API serves the pages without a build step, so the repository contains their code of others. Do not edit
these files: a test makes them again, and compares.

requirements/pages/ pins the npm packages and says which parts of them the pages use. For newer versions,
change those in package.json there, run `npm install --package-lock-only` there, and then `make pages`.
"""
