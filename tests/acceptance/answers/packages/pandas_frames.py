# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np
import pandas as pd

dates = pd.date_range("20130101", periods=6)
df = pd.DataFrame(np.arange(24).reshape(6, 4) / 7, index=dates, columns=list("ABCD"))
print(df.head(3), df.dtypes, df.describe(), sep="\n\n")
print(df.loc["2013-01-02":"2013-01-04", ["A", "B"]], df.iloc[3, 1], df.at[dates[0], "A"])
df["E"] = ["one", "one", "two", "three", "four", "three"]
print(df[df["E"].isin(["two", "four"])], df.sort_values(["E", "A"], ascending=[True, False]).index.day.tolist())
holes = df.reindex(index=dates[:4], columns=[*df.columns, "F"])
holes.loc[dates[0] : dates[1], "F"] = 1.0
print(holes.dropna(how="any"), holes["F"].fillna(5).sum(), holes.isna().to_numpy().sum())
print(df.groupby("E")[["A", "D"]].agg(["mean", "max"]), df.groupby("E").size().to_dict())
left = pd.DataFrame({"key": ["foo", "bar", "foo"], "lval": [1, 2, 3]})
right = pd.DataFrame({"key": ["foo", "baz"], "rval": [4, 5]})
print(pd.merge(left, right, on="key", how="outer", indicator=True))
print(pd.concat([left, right]).reset_index(drop=True))
df.info()
print(df["missing"])
