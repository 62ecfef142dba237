# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np

data = np.array([1.0, 0.0, -1.0])
print(1 / data)
print(np.log(data), np.sqrt(data))
print(np.array([250, 10], dtype=np.uint8) + np.uint8(10), np.int32(2**31 - 1) + np.int32(1))
print(np.exp(np.array([710.0])), np.mean([]))
with np.errstate(divide="raise", invalid="ignore"):
    print(np.arccos(data * 2))
    try:
        data / 0
    except FloatingPointError as error:
        print("caught:", error)
print(np.nanmean([1, np.nan, 3]), np.isclose(0.1 + 0.2, 0.3))
np.ones((2, 3)) @ np.ones((2, 3))
