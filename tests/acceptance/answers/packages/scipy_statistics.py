# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np
from scipy import stats

rng = np.random.default_rng(8)
a, b = rng.normal(5, 2, 40), rng.normal(6, 2, 45)
print(stats.ttest_ind(a, b, equal_var=False), stats.mannwhitneyu(a, b), sep="\n")
print(stats.norm.cdf([-1.96, 0, 1.96]), stats.norm.ppf(0.975), stats.t(10).interval(0.95), stats.gamma(2.5).moment(3))
print(stats.linregress(a, a * 2 + rng.normal(size=40)), stats.pearsonr(a, b[:40]), sep="\n")
print(stats.chi2_contingency([[10, 20, 30], [6, 9, 17]]).pvalue, stats.shapiro(a).statistic, stats.kstest(b, "norm").pvalue)
print(stats.binom.pmf(range(4), 10, 0.3), stats.poisson(3).rvs(6, random_state=1), stats.describe(a))
density = stats.gaussian_kde(a)
print(density([3.0, 5.0]), density.integrate_box_1d(0, 5), stats.zscore(a)[:2], stats.mode([1, 2, 2]))
print(stats.bootstrap((a,), np.mean, n_resamples=200, rng=rng).confidence_interval, stats.false_discovery_control([0.01, 0.2]))
