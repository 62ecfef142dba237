"""The operator's command `python-executor`. It starts the API and the worker as separate processes."""
