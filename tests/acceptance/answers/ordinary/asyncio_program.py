# sandboxes: slot fresh
import asyncio
import sys


async def producer(queue):
    for n in range(3):
        await queue.put(n)
        await asyncio.sleep(0)
    await queue.put(None)


async def run():
    queue = asyncio.Queue(1)
    seen = []
    async with asyncio.TaskGroup() as group:
        group.create_task(producer(queue))
        while (n := await queue.get()) is not None:
            seen.append(n)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(5)
    except TimeoutError:
        seen.append("late")
    seen.append(await asyncio.to_thread(sum, [1, 2]))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print('child')", stdout=asyncio.subprocess.PIPE
    )
    seen.append((await child.communicate())[0].decode())
    return seen


def main():
    return {"seen": asyncio.run(run())}
