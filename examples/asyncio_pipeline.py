"""An `async def main`: producers and a consumer around an asyncio queue."""

import asyncio


async def produce(queue, name, count):
    for number in range(count):
        await queue.put((name, number * number))
        await asyncio.sleep(0)


async def consume(queue, totals):
    while True:
        name, number = await queue.get()
        totals[name] = totals.get(name, 0) + number
        queue.task_done()


async def main(producers):
    queue = asyncio.Queue(maxsize=2)
    totals = {}
    consumer = asyncio.create_task(consume(queue, totals))
    async with asyncio.TaskGroup() as group:
        for name, count in producers.items():
            group.create_task(produce(queue, name, count))
    await queue.join()
    consumer.cancel()
    return {"totals": dict(sorted(totals.items()))}
