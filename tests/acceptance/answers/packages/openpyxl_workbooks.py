# mode: "program"
# environment: "data"
# sandboxes: slot fresh
# limits: {"timeout": 30}
import datetime
import io
import zipfile

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter

book = Workbook()
sheet = book.active
sheet.title = "Sales"
sheet.append(["Product", "Units", "Price", "Sold"])
for row in (["Pen", 10, 1.2, datetime.date(2024, 2, 29)], ["Größe", 3, 4.75, datetime.date(2024, 3, 1)]):
    sheet.append(row)
sheet["E2"] = "=B2*C2"
sheet["A1"].font = Font(bold=True, color="FF0000")
sheet["A1"].fill = PatternFill("solid", fgColor="FFFF00")
sheet.merge_cells("A5:C5")
sheet["A5"].alignment = Alignment(horizontal="center")
sheet.column_dimensions["A"].width = 20
chart = BarChart()
chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
sheet.add_chart(chart, "G2")
book.create_sheet("Empty", 0)
book.save("book.xlsx")

again = load_workbook("book.xlsx")
print(again.sheetnames, again["Sales"].dimensions, again["Sales"].merged_cells.ranges)
for row in again["Sales"].iter_rows(min_row=1, max_row=3, values_only=True):
    print(row)
print(again["Sales"]["A1"].font.b, again["Sales"]["D2"].number_format, again["Sales"]["D2"].is_date)
print(sorted(zipfile.ZipFile("book.xlsx").namelist()), column_index_from_string("AB"), get_column_letter(703))
print(pd.read_excel("book.xlsx", sheet_name="Sales", nrows=2, usecols="A:C"))
file = io.BytesIO()
pd.DataFrame({"n": [1, 2], "text": ["a", "b"]}).to_excel(file, index=False)
print(pd.read_excel(file).to_dict("list"))
print(again["Missing"])
