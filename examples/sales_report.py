"""A table of sales with pandas, which needs the environment `data`: revenue by region."""

import pandas as pd


def main(sales):
    table = pd.DataFrame(sales)
    table["revenue"] = table["units"] * table["price"]
    regions = table.groupby("region")["revenue"].agg(["sum", "mean", "count"])
    print(regions.round(2).to_string())
    return {"best": regions["sum"].idxmax(), "revenue": regions["sum"].round(2).to_dict()}
