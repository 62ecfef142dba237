# sandboxes: slot fresh
import calendar
import locale
import time


def main():
    return {
        "time": locale.setlocale(locale.LC_TIME, ""),
        "ctype": locale.setlocale(locale.LC_CTYPE, "C.UTF-8"),
        "month": calendar.LocaleTextCalendar(locale="").formatmonth(2024, 2),
        "day": time.strftime("%A %x", time.gmtime(0)),
        "where": locale.getlocale(),
        "encoding": locale.getpreferredencoding().lower(),
    }
