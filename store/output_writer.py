"""The output of running jobs, as workers write it."""

from collections.abc import Sequence

from store.progress import CHUNK_BYTES, Chunk
from store.scripts import Scripts


class OutputWriter:
    """Writes the output of running jobs for their followers.

    Redis holds it until the job is final. Then the outcome has it.
    """

    def __init__(self, scripts: Scripts) -> None:
        """Make the scripts; nothing is sent yet."""
        # It frees memory, so it works when Redis is full.
        self._begin = scripts.make("begin_output")
        self._append = scripts.make("append_output", when_full=False)

    def begin_output(self, job_id: str, token: int) -> int | None:
        """Begin the output of a run of a claimed job; that of earlier runs becomes void.

        Returns:
            The number of the run, None if `token` does not belong to the latest claim.
        """
        run = self._begin(id=job_id, token=token)
        return None if run is None else int(run)

    def append_output(self, job_id: str, token: int, run: int, chunks: Sequence[Chunk]) -> bool:
        """Add to the output of a run, and tell the followers of the job.

        A worker may repeat the call with the same chunks after an outage.

        Args:
            job_id: The job.
            token: The token of the claim.
            run: The number of the run.
            chunks: At least one, each of at most CHUNK_BYTES. Those of an output continue it.

        Returns:
            Whether the output can be continued. False if the claim or the run is not the latest, if Redis
            lost an earlier text, or if there are too many events.
        """
        assert chunks
        assert all(len(chunk.text.encode()) <= CHUNK_BYTES for chunk in chunks)
        places = [[chunk.stream, chunk.offset] for chunk in chunks]
        texts = [chunk.text for chunk in chunks]
        return bool(self._append(texts, id=job_id, token=token, run=run, chunks=places))
