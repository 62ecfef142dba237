# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np

np.random.seed(0)
print(np.random.rand(3), np.random.randint(0, 100, 5), np.random.permutation(6), np.random.choice(list("abc"), 4))
rng = np.random.default_rng(42)
print(rng.integers(1, 7, size=10), rng.normal(size=3), rng.choice(5, size=3, replace=False))
print(rng.bit_generator.state["state"]["state"], rng.spawn(1)[0].random())
for kind in (np.random.MT19937, np.random.Philox, np.random.SFC64):
    print(kind.__name__, [repr(float(v)) for v in np.random.Generator(kind(7)).gamma(2.0, size=2)])
sample = rng.exponential(2.0, 10_000)
print(repr(sample.mean()), repr(sample.std(ddof=1)), np.percentile(sample, [5, 50, 95]))
counts, edges = np.histogram(sample, bins=5, range=(0, 10))
print(counts, edges, np.corrcoef(sample[:-1], sample[1:])[0, 1])
inside = (rng.random((100_000, 2)) ** 2).sum(axis=1) <= 1
print("pi is about", 4 * inside.mean())
print(np.cov(rng.multivariate_normal([0, 1], [[2, 0.3], [0.3, 0.5]], 500).T))
