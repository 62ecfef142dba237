# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import warnings

import pandas as pd

df = pd.DataFrame({"foo": [1, 2, 3], "bar": [4.0, 5.5, None]})
part = df["foo"]
part.iloc[0] = 100
print(df, part.tolist(), df["bar"].isna().tolist())
df["foo"][0] = 9
print(df)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    pd.to_datetime(["13-01-2024", "14-01-2024"])
print([(w.category.__name__, w.filename[-9:]) for w in caught])
print(pd.Series([1, 2], dtype="Int64") / 0, pd.array([True, None]), pd.NA is pd.Series([pd.NA], dtype="Int64")[0])
print(df.memory_usage(deep=True).to_dict(), pd.Series(["a", None]).dtype)
df.loc[7]
