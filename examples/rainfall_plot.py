"""A plot with matplotlib, which needs the environment `data`: rainfall, and its running total."""

from itertools import accumulate

from matplotlib import pyplot as plt


def main(rainfall):
    months, amounts = list(rainfall), list(rainfall.values())
    total = list(accumulate(amounts))
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.bar(months, amounts, color="#4277cc", label="month")
    axes.set(title="Rainfall", ylabel="mm a month")
    running = axes.twinx()
    running.plot(months, total, color="#d8693c", marker="o", label="total")
    running.set(ylabel="mm since January", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig("rainfall.png", dpi=120)
    return {"total": total[-1], "wettest": max(rainfall, key=rainfall.get)}
