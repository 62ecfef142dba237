# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import eigsh, spsolve

a = linalg.hilbert(6) + np.eye(6)
lu, pivots = linalg.lu_factor(a)
print([float(v).hex() for v in linalg.lu_solve((lu, pivots), np.ones(6))], pivots)
print(linalg.expm(a / 4)[0], linalg.cholesky(a, lower=True)[-1], linalg.sqrtm(a)[0, :2])
print([repr(complex(v)) for v in np.sort_complex(linalg.eigvals(linalg.companion([1, -6, 11, -6, 2])))])
schur, _ = linalg.schur(a)
print(np.sort(np.diag(schur)), linalg.null_space([[1.0, 1], [1, 1]]).shape, linalg.toeplitz([1, 2, 3]))
n = 400
laplace = sparse.diags_array([-1, 2.0, -1], offsets=[-1, 0, 1], shape=(n, n), format="csc")
x = spsolve(laplace, np.ones(n))
print(laplace.nnz, repr(float(x.max())), [repr(float(v)) for v in eigsh(laplace, k=3, sigma=0, v0=np.ones(n))[0]])
graph = sparse.csr_array([[0, 8, 3, 0], [0, 0, 2, 5], [0, 0, 0, 6], [0, 0, 0, 0]])
print(csgraph.dijkstra(graph, indices=0), csgraph.minimum_spanning_tree(graph).toarray().sum(), csgraph.connected_components(graph))
print(sparse.random_array((50, 50), density=0.05, rng=2).sum(), (laplace @ laplace)[[0], :].toarray()[0, :4])
linalg.cholesky(-a)
