"""The files of the pages that a program writes: `make pages`.

The API serves the pages without a build step, so what they need from others is in the repository. Nobody
edits these files: a test makes them again, and compares.

requirements/pages/ pins the npm packages and says which parts of them the pages use. For newer versions,
change those in package.json there, run `npm install --package-lock-only`, and then `make pages`.
"""
