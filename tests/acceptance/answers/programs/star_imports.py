# mode: "program"
from math import *
from collections import *

print(round(sqrt(2) * pi, 6), Counter("aab").most_common(1), ceil(1.2))
