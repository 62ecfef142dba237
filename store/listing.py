"""List the jobs of an owner, the newest first, page by page."""

import re
from dataclasses import dataclass
from typing import Final

from redis import Redis

from store.errors import BadCursor
from store.record import Record
from store.script import script

#: The most a page holds, in bytes of outcomes, its first job aside: a hundred outcomes may be 300 MB.
PAGE_BYTES: Final = 4 * 1024 * 1024

# ARGV: owner, the submission before which to begin ('' for the newest), most jobs, most bytes of outcomes
# Returns {the last submission looked at where there are more, else '', then for each job
# {id, what is told of it}}
_SCRIPT: Final = """
local below = ARGV[2] == '' and '+inf' or '(' .. ARGV[2]
local page, bytes, most = {''}, 0, tonumber(ARGV[3])
local found = redis.call('ZREVRANGEBYSCORE', owned_key(ARGV[1], 'jobs'), below, '-inf', 'WITHSCORES',
  'LIMIT', 0, most + 1)
for i = 1, #found, 2 do
  local key = job_key(found[i])
  bytes = bytes + redis.call('HSTRLEN', key, 'outcome')
  if i > 2 * most or (#page > 1 and bytes > tonumber(ARGV[4])) then
    page[1] = found[i - 1]
    break
  end
  -- A record expires a moment before it leaves the list.
  if redis.call('EXISTS', key) == 1 then page[#page + 1] = {found[i], told(found[i])} end
end
return page
"""

_CURSOR: Final = re.compile("[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, and the cursor of those after them, '' where there are none."""

    records: list[Record]
    cursor: str


class Listing:
    """The listing script, bound to one Redis client."""

    def __init__(self, redis: "Redis", *, page_bytes: int = PAGE_BYTES) -> None:
        """Bind to `redis` (decoding answers to text)."""
        self._script = script(redis, _SCRIPT)
        self._page_bytes = page_bytes

    def __call__(self, *, owner: str = "", limit: int = 50, cursor: str = "") -> Page:
        """Return up to `limit` records, fewer where they are large.

        cursor: of an earlier page, to go on after it. Raises BadCursor.
        """
        if cursor and not _CURSOR.fullmatch(cursor):
            raise BadCursor("this is no cursor of a listing")
        after, *rows = self._script(args=[owner, cursor, limit, self._page_bytes])
        return Page([Record.from_told(job_id, told) for job_id, told in rows], after)
