# mode: "program"
import __main__
from __main__ import __name__ as name

x: int = 3
print(name, __main__.x, __main__.__annotations__)
