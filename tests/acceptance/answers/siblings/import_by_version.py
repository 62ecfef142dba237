import sys

if sys.version_info < (3, 9):
    from backports.zoneinfo import ZoneInfo
else:
    from zoneinfo import ZoneInfo

if sys.version_info >= (3, 8):
    from typing import Literal
else:
    from typing_extensions import Literal


def main():
    return {"zone": str(ZoneInfo("UTC")), "literal": str(Literal[1])}
