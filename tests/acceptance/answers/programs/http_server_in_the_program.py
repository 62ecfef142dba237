# mode: "program"
# sandboxes: slot fresh
# stdout has: ["no network: "]
import urllib.error
import urllib.request

try:
    urllib.request.urlopen("http://example.org", timeout=2)
except (urllib.error.URLError, OSError) as error:
    print("no network:", type(error).__name__)
