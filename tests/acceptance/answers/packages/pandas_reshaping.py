# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import pandas as pd

tuples = list(zip(["bar", "bar", "baz", "baz"], ["one", "two", "one", "two"]))
index = pd.MultiIndex.from_tuples(tuples, names=["first", "second"])
df = pd.DataFrame({"A": [0.1, 0.2, 0.3, 0.4], "B": range(4)}, index=index)
stacked = df.stack()
print(stacked, stacked.unstack("first"), df.xs("two", level="second"), sep="\n")
sales = pd.DataFrame(
    {
        "region": ["N", "S", "N", "S", "N"],
        "product": ["x", "x", "y", "y", "x"],
        "units": [3, 5, 2, 8, 4],
        "price": [1.5, 1.5, 2.25, 2.0, 1.75],
    }
)
print(sales.pivot_table(values="units", index="region", columns="product", aggfunc="sum", margins=True))
print(sales.assign(total=lambda d: d["units"] * d["price"]).query("total > 5 and region == 'N'"))
print(sales.melt(id_vars=["region", "product"]).tail(3), pd.crosstab(sales["region"], sales["product"]))
print(sales.groupby("region")["price"].transform(lambda s: (s - s.mean()) / s.std()).tolist())
cut = pd.cut(sales["units"], bins=[0, 3, 6, 9], labels=["low", "mid", "high"])
print(cut, cut.cat.codes.tolist(), pd.get_dummies(sales["product"], dtype=int).sum().to_dict())
print(sales.explode("units").set_index("region").loc["S"].to_dict("list"), sales.rolling(2, on="units")["price"].mean().tolist())
