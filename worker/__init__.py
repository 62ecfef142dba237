"""The worker: claims jobs from the queue, runs them in a sandbox and writes their outcomes."""
