"""The worker: takes jobs from the queue, runs them in a sandbox, writes how they ended."""
