# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
from sympy import *

x, y, t = symbols("x y t")
f = Function("f")
print(diff(sin(x) * exp(x), x), integrate(exp(-(x**2)), (x, -oo, oo)), limit(sin(x) / x, x, 0))
print(integrate(x**2 * cos(x), x), integrate(1 / (x**3 + 1), x), series(exp(sin(x)), x, 0, 6))
print(dsolve(f(t).diff(t, 2) - f(t) - exp(t)), laplace_transform(t**2 * exp(-t), t, x, noconds=True))
print(summation(1 / y**2, (y, 1, oo)), Sum(1 / y, (y, 1, 4)).doit(), product(y, (y, 1, 5)))
print(pi.evalf(50), sqrt(2).evalf(30), N(zeta(3), 25), Rational(1, 3) + Rational(1, 6))
print(latex(Integral(sqrt(1 / x), x)), ccode(x**2 + sin(y)))
pprint(Integral(x**2 / (1 + y), (x, 0, oo)), use_unicode=True)
print(lambdify((x, y), x**2 + cos(y), "math")(3, 0.5), lambdify(x, sin(x) ** 2, "numpy")(2.0))
print(residue(1 / (x * (x - 1)), x, 1), fourier_series(x, (x, -pi, pi)).truncate(3))
print(plot_implicit.__name__, nsolve(cos(x) - x, 1), Poly(x**2, x).integrate())
integrate(x, (x, 0, undefined))
