# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np

a = np.arange(15).reshape(3, 5)
print(a, a.shape, a.ndim, a.dtype.name, a.itemsize, a.strides)
print(np.array([1.5, 2, 3]), np.array([[1, 2], [3, 4]], dtype=complex), np.linspace(0, 2, 9))
print(np.fromfunction(lambda i, j: 10 * i + j, (3, 4), dtype=int)[1:, ::2])
b = np.arange(12).reshape(3, 4)
print(b.sum(axis=0), b.min(axis=1), b.cumsum(axis=1), np.sqrt(b)[2])
mask = b > 4
b[mask] = 0
print(b, mask.sum(), np.nonzero(mask))
print(np.vstack([a[0], a[2]]), np.hsplit(np.arange(8.0), 4), np.broadcast_shapes((3, 1), (1, 4)))
record = np.array([("Rex", 9, 81.0), ("Fido", 3, 27.5)], dtype=[("name", "U10"), ("age", "i4"), ("weight", "f4")])
record.sort(order="age")
print(record, record["weight"].mean(), record.dtype)
print(np.einsum("ij,kj->ik", a, a), np.unique([3, 1, 3, 2], return_counts=True))
with np.printoptions(precision=3, suppress=True, threshold=6):
    print(np.exp(np.arange(10)), np.array([1e-10, 1.0]))
print(np.arange("2024-01-30", "2024-02-03", dtype="datetime64[D]"), np.busday_count("2024-01-01", "2024-02-01"))
print(np.float32(0.1), np.int8(127), np.finfo(np.float64).eps, repr(np.float64(1) / 3))
