"""One article, with nothing but the standard library."""

import json
import urllib.error
import urllib.request

text = "صادرات استان همدان به ۱۲۰ میلیون دلار رسید."
request = urllib.request.Request(
    "http://localhost:8000/annotate",
    data=json.dumps({"text": text}).encode(),
    headers={"Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request, timeout=60) as response:
        record = json.load(response)
except urllib.error.HTTPError as error:
    problem = json.load(error)  # application/problem+json
    raise SystemExit(f"{problem['type']}: {problem['detail']}") from None

for span in record["spans"]:
    assert text[span["start"] : span["end"]] == span["text"]
    print(span["label"], span["text"], span["value"])
