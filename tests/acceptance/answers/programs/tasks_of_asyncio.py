# mode: "program"
# sandboxes: slot fresh
import asyncio


async def produce(queue, name, items):
    for item in items:
        await queue.put(f"{name}{item}")
    await queue.put(None)


async def consume(queue, producers):
    seen = []
    while producers:
        item = await queue.get()
        if item is None:
            producers -= 1
        else:
            seen.append(item)
    return sorted(seen)


async def slow():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("slow was cancelled")
        raise


async def main():
    queue = asyncio.Queue(maxsize=2)
    async with asyncio.TaskGroup() as group:
        consumer = group.create_task(consume(queue, 2))
        for name in "ab":
            group.create_task(produce(queue, name, range(3)))
    print(consumer.result())
    print(await asyncio.gather(asyncio.sleep(0, "one"), asyncio.sleep(0, "two")))
    try:
        async with asyncio.timeout(0.01):
            await slow()
    except TimeoutError as error:
        print("timeout", repr(error))
    loop = asyncio.get_running_loop()
    never = loop.create_future()
    loop.call_soon(never.set_exception, LookupError("no value"))
    await never


asyncio.run(main())
