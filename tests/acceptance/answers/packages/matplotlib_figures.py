# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import hashlib
import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

print(matplotlib.get_backend())
x = np.linspace(0, 2 * np.pi, 200)
figure, axes = plt.subplots(2, 2, figsize=(6.4, 4.8), layout="constrained")
axes[0, 0].plot(x, np.sin(x), label=r"$\sin(x)$")
axes[0, 0].plot(x, np.cos(x), "--", label=r"$\frac{d}{dx}\sin(x)$")
axes[0, 0].legend(loc="lower left")
axes[0, 1].bar(["a", "b", "c"], [3, 5, 2], color=["tab:red", "#00ff0080", "C2"])
axes[1, 0].hist(np.random.default_rng(0).normal(size=500), bins=20)
axes[1, 0].set(title="Histogram", xlabel="value", ylabel="count")
shown = axes[1, 1].imshow(np.outer(x, x[:50]), cmap="viridis", aspect="auto")
figure.colorbar(shown, ax=axes[1, 1])
figure.suptitle("Four plots – größer als früher")
figure.canvas.draw()
pixels = np.asarray(figure.canvas.buffer_rgba())
print(pixels.shape, pixels.mean(axis=(0, 1)), hashlib.sha256(pixels.tobytes()).hexdigest())
file = io.BytesIO()
plt.savefig(file, format="png")
print(file.getvalue()[:8], len(file.getvalue()), hashlib.sha256(file.getvalue()).hexdigest())
print([text.get_text() for text in axes[0, 0].get_legend().get_texts()], axes[1, 0].get_xlim(), plt.get_fignums())
plt.show()
plt.close("all")
