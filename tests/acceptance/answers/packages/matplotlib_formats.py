# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import hashlib
import os
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import animation, colors, font_manager

plt.style.use("ggplot")
mpl.rcParams["svg.hashsalt"] = "salt"
figure = plt.figure(figsize=(4, 3))
polar = figure.add_subplot(121, projection="polar")
polar.fill_between(np.linspace(0, 6, 50), np.arange(50) / 50, alpha=0.5)
space = figure.add_subplot(122, projection="3d")
grid = np.meshgrid(np.arange(-2, 2, 0.5), np.arange(-2, 2, 0.5))
space.plot_surface(*grid, grid[0] ** 2 - grid[1] ** 2, cmap="coolwarm")
figure.savefig("plot.svg", metadata={"Date": None})
figure.savefig("plot.pdf", metadata={"CreationDate": None})
figure.savefig("plot.png", dpi=50)
for name in ("plot.svg", "plot.pdf", "plot.png"):
    data = open(name, "rb").read()
    print(name, len(data), hashlib.sha256(data).hexdigest())
print(re.findall(r"<title>|viewBox=\S+", open("plot.svg").read()), plt.imread("plot.png").shape)
line, = plt.figure().gca().plot([], [])
frames = animation.FuncAnimation(line.figure, lambda n: line.set_data(range(n), range(n)), frames=3, blit=False)
frames.save("moving.gif", writer="pillow", fps=5)
print(os.path.getsize("moving.gif") > 1000, colors.to_hex("rebeccapurple"), mpl.colormaps["plasma"](0.5))
print(os.path.basename(font_manager.findfont("DejaVu Sans")), sorted(mpl.cbook.flatten([1, [2, [3]]])))
plt.title("字")
plt.savefig("missing.png")
