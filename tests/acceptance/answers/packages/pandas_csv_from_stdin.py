# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
# stdin: "name;joined;salary;team\nZoë;2021-03-01;1.234,50;red\nBo;2020-12-31;;blue\n\"Li; Wei\";2022-07-15;987,00;red\n"
import io
import sys

import pandas as pd

df = pd.read_csv(sys.stdin, sep=";", decimal=",", thousands=".", parse_dates=["joined"])
print(df, df.dtypes, df["salary"].sum(), sep="\n")
df["year"] = df["joined"].dt.year
df["name"] = df["name"].str.upper()
print(df.to_csv(index=False), end="")
print(df.to_json(orient="records", date_format="iso", force_ascii=False))
print(df.groupby("team", sort=False)["salary"].mean().to_dict(), df["team"].value_counts().to_dict())
print(df.to_string(na_rep="-", float_format="{:.1f}".format), df.to_html(max_rows=1)[:60], sep="\n")
again = pd.read_json(io.StringIO(df.to_json()))
print(again.shape, pd.read_csv(io.StringIO("a,b\n1,2\n3,x"), dtype={"b": "string"})["b"].tolist())
pd.read_csv(io.StringIO('a,b\n1,2\n3,4,5\n'))
