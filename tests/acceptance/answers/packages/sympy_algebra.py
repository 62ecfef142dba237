# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import sympy as sp

x, y, z, n = sp.symbols("x y z n")
print(sp.expand((x + y) ** 4), sp.factor(x**3 - x**2 + x - 1), sp.apart((x**2 + 1) / (x**3 - x)))
print(sp.simplify(sp.sin(x) ** 2 + sp.cos(x) ** 2), sp.trigsimp(2 * sp.sin(x) * sp.cos(x)), sp.collect(x * y + x - 3 + 2 * x**2, x))
print(sp.solve(x**3 - 2 * x + 1, x), sp.solveset(sp.sin(x) - 1, x, sp.S.Reals), sp.linsolve([x + y - 1, x - y - 3], x, y))
print(sp.solve([x**2 + y**2 - 5, x - y - 1], [x, y], dict=True), sp.reduce_inequalities([x**2 < 4, x > 0]))
m = sp.Matrix([[3, -2, 4, -2], [5, 3, -3, -2], [5, -2, 2, -2], [5, -2, -3, 3]])
print(m.det(), m.eigenvals(), m.diagonalize()[1], m.rref()[1], m.inv()[0, :])
print(sp.groebner([x * y - 1, x**2 - y], x, y, order="lex").exprs, sp.resultant(x**2 - y, x - 3, x))
print(sp.factorint(2**67 - 1), list(sp.primerange(100, 120)), sp.totient(360), sp.mod_inverse(3, 11))
print(sp.rsolve(sp.Function("g")(n) - 2 * sp.Function("g")(n - 1), sp.Function("g")(n), {sp.Function("g")(0): 3}))
print(sp.srepr(sp.sympify("x**2 + 1/2")), sp.Piecewise((x, x > 0), (0, True)).subs(x, -2), sp.true & (x > y))
print(sp.combinatorics.Permutation([1, 2, 0]).order(), sp.binomial(10, 4), sp.fibonacci(50), sp.Symbol("p", positive=True).is_real)
sp.sympify("x +* 2")
