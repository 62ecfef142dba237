"""The pages for people: the playground at `/`, the queue page at `/queue`, and Swagger UI at `/docs`.

They are static files: HTML in templates/, and modules, styles and vendored code in static/. There is no build
step: the browser gets the modules as they are here. A page asks the service for data with the same HTTP calls
as any client. It knows the API key only in its memory.

A script chooses much of what a page shows. Two things keep it from running code there: the pages set text
only as text, and their policy (headers.py) makes the browser refuse everything else.
"""
