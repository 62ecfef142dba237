# inputs: {"names": ["a", "b"]}
import asyncio


async def greet(name):
    await asyncio.sleep(0.001)
    return f"hi {name}"


async def main(names):
    return {"greetings": await asyncio.gather(*map(greet, names))}
