# sandboxes: slot fresh
import asyncio


async def work():
    pass


def main():
    work()
    return {}
