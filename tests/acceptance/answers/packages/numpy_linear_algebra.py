# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np

rng = np.random.default_rng(12345)
a = rng.standard_normal((60, 60))
b = rng.standard_normal(60)
x = np.linalg.solve(a, b)
print(repr(x.sum()), np.allclose(a @ x, b))
print(repr(np.linalg.det(a / 4)), repr(np.linalg.norm(a)), np.linalg.matrix_rank(a))
symmetric = a + a.T
values, vectors = np.linalg.eigh(symmetric)
print([repr(float(v)) for v in values[[0, 1, 30, -1]]])
print(f"{np.abs(vectors @ np.diag(values) @ vectors.T - symmetric).max() < 1e-12}")
u, s, vt = np.linalg.svd(a[:, :20], full_matrices=False)
print(u.shape, [float(v).hex() for v in s[:3]])
q, r = np.linalg.qr(a[:5, :5])
print(np.array2string(np.abs(np.diag(r)), precision=17))
print(float((a @ a).sum()).hex(), float(np.einsum("ij,jk,kl->", a, a, a, optimize=True)).hex())
big = np.arange(40_000, dtype=float).reshape(200, 200) / 40_000
print(float(big.dot(big).trace()).hex(), float((big.astype("f4") @ big.astype("f4")).sum()).hex())
print(np.linalg.lstsq(np.vander([0.0, 1, 2, 3], 2), [-1, 0.2, 0.9, 2.1], rcond=None)[0])
np.linalg.inv(np.zeros((2, 2)))
