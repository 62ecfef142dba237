# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import numpy as np
import pandas as pd

rng = np.random.default_rng(3)
index = pd.date_range("2024-03-29", periods=200, freq="h", tz="Europe/Vienna")
series = pd.Series(rng.normal(size=200).cumsum(), index=index, name="level")
print(series.resample("D").agg(["first", "mean", "last"]))
print(series.rolling("6h").std().iloc[-1], series.ewm(span=12).mean().iloc[-1], series.autocorr(3))
print(series["2024-03-31 00:00":"2024-03-31 04:00"].index.strftime("%H:%M %Z").tolist())
print(series.tz_convert("UTC").index[0], series.shift(5, freq="D").index[-1], series.diff().abs().idxmax())
print(pd.Timestamp("2024-02-29") + pd.DateOffset(years=1), pd.Timedelta("1 days 02:30:00") / 3)
print(pd.period_range("2023Q4", periods=3, freq="Q").asfreq("M", "end").tolist())
print(pd.to_datetime(["2024-01-01", "nonsense"], errors="coerce"), pd.bdate_range("2024-05-01", periods=4)[-1])
series.to_frame().reset_index().to_csv("series.csv", index=False)
back = pd.read_csv("series.csv", parse_dates=["index"])
print(back.dtypes.to_dict(), repr(back["level"].sum()), series.corr(series.shift(2)))
pd.to_datetime("31/31/2024", format="%d/%m/%Y")
