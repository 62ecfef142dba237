# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np
from scipy import integrate, optimize

found = optimize.minimize(optimize.rosen, [1.3, 0.7, 0.8, 1.9, 1.2], method="BFGS", jac=optimize.rosen_der)
print(found.success, found.nit, [float(v).hex() for v in found.x])
print(optimize.brentq(lambda x: x**3 - 2 * x - 5, 2, 3), optimize.root(lambda x: np.cos(x) - x, 1.0).x)
x = np.linspace(0, 4, 50)
y = 2.5 * np.exp(-1.3 * x) + 0.5 + 0.02 * np.random.default_rng(1).standard_normal(50)
best, covariance = optimize.curve_fit(lambda x, a, b, c: a * np.exp(-b * x) + c, x, y)
print(best, np.sqrt(np.diag(covariance)))
line = optimize.linprog([-1, 4], A_ub=[[-3, 1], [1, 2]], b_ub=[6, 4], bounds=[(None, None), (-3, None)])
print(line.message, line.x, line.fun)
print(integrate.quad(lambda t: np.exp(-(t**2)), -np.inf, np.inf), integrate.dblquad(lambda y, x: x * y, 0, 1, 0, 2))
flow = integrate.solve_ivp(lambda t, z: [z[1], (1 - z[0] ** 2) * z[1] - z[0]], (0, 20), [2, 0], rtol=1e-9, method="LSODA")
print(flow.status, flow.nfev, [repr(float(v)) for v in flow.y[:, -1]])
print(integrate.simpson(y, x=x), optimize.differential_evolution(lambda p: (p**2).sum(), [(-5, 5)] * 2, rng=5).fun < 1e-8)
