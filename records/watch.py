"""Read a job's record, and ask for a wake-up when it becomes final."""

from redis import Redis

from records import keys
from records.record import FINAL, Record

# KEYS: record, waiters; ARGV: reply list ('' to read only), the final statuses
# Reading and registering are one step, so a job that becomes final in between wakes its waiter.
_SCRIPT = """
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 or ARGV[1] == '' then return fields end
local status = redis.call('HGET', KEYS[1], 'status')
for i = 2, #ARGV do
  if status == ARGV[i] then return fields end
end
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], redis.call('TTL', KEYS[1]))
return fields
"""


class Watch:
    """The watch script, bound to one Redis client (decoding answers to text)."""

    def __init__(self, redis: "Redis") -> None:
        """Bind to `redis`."""
        self._script = redis.register_script(_SCRIPT)

    def __call__(self, job_id: str, reply: str = "") -> Record | None:
        """Return the record, None where there is none.

        reply: the list to push the id to once the job is final, if it is not yet.
        """
        flat = self._script(keys=[keys.job(job_id), keys.waiters(job_id)], args=[reply, *FINAL])
        if not flat:
            return None
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        fields.pop("job", None)
        return Record.from_hash(job_id, fields)
