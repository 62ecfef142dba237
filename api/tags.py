"""The groups of calls in the OpenAPI document. Generated clients name their modules after them."""

from typing import Final

from flask_openapi3.models.tag import Tag

RUN: Final = Tag(name="Run", description="Send scripts.")
JOBS: Final = Tag(name="Jobs", description="Follow jobs, look them up, and cancel them.")
FILES: Final = Tag(name="Files", description="Get and delete the files that jobs left: their artifacts.")
ENVIRONMENTS: Final = Tag(name="Environments", description="See which packages scripts can import.")
WATCH: Final = Tag(name="Watch", description="See whether the service runs, and what it does.")

#: In the order of the document.
TAGS: Final = (RUN, JOBS, FILES, ENVIRONMENTS, WATCH)
