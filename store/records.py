"""Records: reads, lists and cancels jobs."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from redis import Redis
from redis.client import NEVER_DECODE
from redis.exceptions import NoScriptError

from jobs.files import Artifact
from jobs.status import Status
from store import keys
from store.config import StoreConfig
from store.errors import AlreadyFinal, InvalidCursor
from store.large_reads import LargeReads
from store.record import Page, Record
from store.scripts import Scripts, checked
from store.summary import Summary

#: The largest outcome or artifact, in bytes, that is read without waiting for a turn.
_SMALL: Final = 64 * 1024
_ANY: Final = 2**40

#: The most jobs that one page of a listing by status looks at. They take Redis 1.6 ms (measured), about as
#: long as a page of 100 jobs. Others wait meanwhile.
_EXAMINED_MAX: Final = 500

#: The form of a cursor: a submission number, or an index in a list of ids.
_CURSOR: Final = re.compile("[1-9][0-9]{0,15}")


class Records:
    """The records of the jobs, as clients see them."""

    def __init__(self, redis: "Redis", scripts: Scripts, config: StoreConfig) -> None:
        """Make the scripts; nothing is sent yet."""
        self._redis, self._config = redis, config
        self._large_reads = LargeReads()
        self._get = scripts.make("get", decode=False)
        self._list = scripts.make("list", decode=False)
        self._latest = scripts.make("latest")
        self._cancel = scripts.make("cancel", decode=False)
        self._artifact = scripts.make("artifact", decode=False)
        self._delete_artifacts = scripts.make("delete_artifacts")

    def get(self, job_id: str, *, owner: str = "", reply: str = "") -> Record | None:
        """Return the record of a job, None if the owner has no such job.

        Args:
            job_id: The job.
            owner: The owner of the job.
            reply: The reply channel that gets a wake-up when an unfinished job becomes final; '' for none.

        Raises:
            Busy: The outcome is large, and too many reads of large outcomes wait.
        """
        fields = self._get(id=job_id, owner=owner, reply=reply, outcome_max=_SMALL)
        if fields and isinstance(fields[-1], int):
            with self._large_reads.turn(owner):
                fields = self._get(id=job_id, owner=owner, reply="", outcome_max=_ANY)
                return _record(job_id, fields)
        return _record(job_id, fields)

    def get_without_outcomes(self, job_ids: Iterable[str], *, owner: str = "") -> list[Record]:
        """Return the records, without outcomes, of the owner's jobs with these ids, in their order."""
        ids = list(dict.fromkeys(job_ids))
        if not ids:
            return []
        with self._redis.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                self._get.queue(pipeline, id=job_id, owner=owner, reply="", outcome_max=0)
            answers = pipeline.execute(raise_on_error=False)
        records = []
        for job_id, answer in zip(ids, answers, strict=True):
            # After a restart Redis does not have the script. `__call__` sends it again.
            missing = isinstance(answer, NoScriptError)
            fields = (
                self._get(id=job_id, owner=owner, reply="", outcome_max=0) if missing else checked(answer)
            )
            if fields:
                records.append(Record.from_fields(job_id, [*fields[:-1], None]))
        return records

    def list(
        self,
        *,
        owner: str = "",
        limit: int = 50,
        cursor: str = "",
        ids: Sequence[str] | None = None,
        statuses: Sequence[Status] | None = None,
    ) -> Page:
        """Return up to `limit` records of an owner, fewer where outcomes are large or a status is rare.

        Args:
            owner: The owner of the jobs.
            limit: Maximum number of records.
            cursor: The cursor of the previous page, '' for the first page.
            ids: Up to BATCH_MAX jobs to list, in this order; None for all of the owner, the newest first.
            statuses: List only jobs with one of these; None for all.

        Raises:
            InvalidCursor: The cursor is not from a listing.
            Busy: Too many reads of pages and large outcomes wait.
        """
        if cursor and not _CURSOR.fullmatch(cursor):
            raise InvalidCursor("this cursor is not from a listing")
        some = {"ids": ids, "statuses": statuses}
        with self._large_reads.turn(owner):
            position, *rows = self._list(
                owner=owner,
                after=cursor,
                limit=limit,
                examined_max=limit if statuses is None else _EXAMINED_MAX,
                page_bytes=self._config.page_bytes,
                **{name: values for name, values in some.items() if values is not None},
            )
            records = [Record.from_fields(row[0].decode(), row[1]) for row in rows if row[1:]]
        after = position.decode()
        asked = () if ids is None else ids[int(cursor or 0) : int(after) if after else None]
        known = {row[0].decode() for row in rows}
        return Page(records, [job_id for job_id in asked if job_id not in known], after)

    def latest(self, *, owner: str = "", limit: int = 20) -> Sequence[Summary]:
        """Return the latest jobs of an owner, the newest first, without their outcomes."""
        return [Summary.from_answer(answer) for answer in self._latest(owner=owner, limit=limit)]

    def cancel(self, job_id: str, *, owner: str = "") -> Record | None:
        """Cancel a job and return its record, None if the owner has no such job.

        A cancelled job that was queued never runs. The worker of a running job kills the job at the next
        renewal of the lease.

        Raises:
            AlreadyFinal: The job has ended.
        """
        answer = self._cancel(id=job_id, owner=owner, result_ttl=self._config.result_ttl)
        if answer != b"final":
            return _record(job_id, answer)
        record = self.get(job_id, owner=owner)
        if record is not None:
            raise AlreadyFinal(record)
        return None

    def artifact(self, job_id: str, path: str, *, owner: str = "") -> Artifact | None:
        """Return an artifact of a job with its content, None if the owner's job has none at this path.

        Raises:
            Busy: The artifact is large, and too many such reads wait.
        """
        answer = self._artifact(id=job_id, path=path, owner=owner, content_max=_SMALL)
        if answer and isinstance(answer[0], int):
            with self._large_reads.turn(owner):
                # Not in the script, which would copy it twice more.
                execute: Any = self._redis.execute_command
                answer[0] = execute("HGET", keys.artifacts(job_id), path, **{NEVER_DECODE: True})
        if not answer or answer[0] is None:
            return None
        content, sha256 = answer
        return Artifact(path, len(content), sha256.decode(), content)

    def delete_artifacts(self, job_id: str, *, owner: str = "") -> bool:
        """Delete the artifacts of a job, so that they no longer count for its owner.

        The outcome still lists them.

        Returns:
            Whether the owner has such a job.
        """
        return bool(self._delete_artifacts(id=job_id, owner=owner))


def _record(job_id: str, fields: Sequence[bytes | None] | None) -> Record | None:
    return Record.from_fields(job_id, fields) if fields else None
