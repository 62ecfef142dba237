"""What well-known packages put off until their first use, done once in the zygote.

The first use of a library imports modules, fills tables and resolves functions of its shared libraries. A
fork inherits all of it. The programs here draw no random number and change no setting, so a script finds the
library as if it were the first to use it.
"""

import sys
from contextlib import suppress
from typing import Final

#: Programs by the module that must be preloaded. Each is run as it stands in a namespace of its own.
PROGRAMS: Final = {
    "numpy": """
import numpy as np
a = np.arange(64 * 64, dtype=float).reshape(64, 64) / 64 + np.eye(64)
for _ in range(3):
    a.dot(a), a @ a, a.T.sum(axis=0), a.mean(), a.std(), np.sort(a), np.where(a > 1, a, 0), (a * 2 + 1) / 3
np.linalg.inv(a + 64 * np.eye(64)), np.linalg.solve(a + 64 * np.eye(64), a), np.linalg.eigh(a + a.T)
np.linalg.svd(a), np.linalg.det(a), np.fft.fft(a), np.array([1, 2, 3]).tolist(), np.linspace(0, 1, 5)
repr(a), str(np.float64(1.5)), np.dtype("int32"), np.random.default_rng
""",
    "pandas": """
import io
import pandas as pd
for _ in range(3):
    frame = pd.DataFrame({"key": ["a", "b", "a", "c"], "x": [1, 2, 3, 4], "y": [1.5, 2.5, None, 4.5]})
    groups = frame.groupby("key")
    groups["x"].sum().to_dict(), groups.mean(), groups.agg({"x": "sum", "y": "mean"}).reset_index()
    frame.to_dict(orient="records"), frame.to_dict(), frame.describe()
    frame.sort_values("x"), frame[frame.x > 1]
    frame.merge(frame, on="key"), frame.fillna(0), frame.isna().sum(), repr(frame), frame.to_string()
    frame.pivot_table(index="key", values="x", aggfunc="sum")
    frame["key"].str.upper(), frame["x"].apply(float)
    pd.to_datetime(pd.Series(["2024-01-01", "2024-02-01"])).dt.month.tolist()
    pd.date_range("2024-01-01", periods=3), frame["key"].value_counts().to_dict(), pd.concat([frame, frame])
    pd.read_csv(io.StringIO(frame.to_csv(index=False))), frame.to_json(orient="records")
""",
    # Its caches hold fonts, and those hold open files.
    "matplotlib.pyplot": """
import functools, gc, io
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(6.4, 4.8))
axes.plot([1, 2, 3], [1, 4, 9], label="a")
axes.bar([1, 2], [3, 4]), axes.scatter([1, 2], [2, 1]), axes.hist([1, 2, 2, 3])
axes.set_title("Title $x^2$"), axes.set_xlabel("x"), axes.set_ylabel("y"), axes.legend(), axes.grid(True)
figure.tight_layout()
figure.savefig(io.BytesIO(), format="png")
plt.close(figure)
cached = type(functools.cache(print))
for thing in gc.get_objects():
    if type(thing) is cached and str(thing.__module__).startswith("matplotlib"):
        thing.cache_clear()
del figure, axes, thing
gc.collect()
""",
    "PIL.Image": """
import io
from PIL import Image
file = io.BytesIO()
Image.new("RGB", (8, 8), "red").resize((4, 4)).convert("L").save(file, "PNG")
Image.open(io.BytesIO(file.getvalue())).load()
""",
    "sympy": """
import sympy
x = sympy.Symbol("x")
sympy.simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2), sympy.diff(x ** 2 * sympy.sin(x), x)
str(sympy.expand((x + 1) ** 3))
sympy.solve(x ** 2 - 4, x), sympy.integrate(x ** 2, x)
""",
    "openpyxl": """
import io, openpyxl
book = openpyxl.Workbook()
book.active.append([1, "a"])
file = io.BytesIO()
book.save(file)
openpyxl.load_workbook(io.BytesIO(file.getvalue()))
""",
}


def warm_up() -> None:
    """Run the programs of the modules that have been imported."""
    for module, program in PROGRAMS.items():
        if module in sys.modules:
            # Another version of the package may lack what the program uses. Then the jobs do it.
            with suppress(Exception):
                exec(program, {"__name__": "warm-up"})  # noqa: S102 -- the text above
