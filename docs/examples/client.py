"""One article, several, and what can go wrong, with raqam.client."""

import datetime as dt

from raqam import Article
from raqam.client import Client, ClientError, Refused, RefusedError

with Client("http://localhost:8000") as client:
    record = client.annotate("صادرات استان همدان به ۱۲۰ میلیون دلار رسید.", published=dt.date(2025, 9, 25))
    for span in record.spans:
        print(span.label, span.text, span.value)
    for fact in record.facts:
        print(record.spans[fact.indicator].text, "→", record.spans[fact.figure].text)

    articles = [Article("استاندار همدان", id="a1"), Article("", id="a2")]
    for result in client.annotate_many(articles):
        if isinstance(result, Refused):
            print(result.id, "refused:", result.problem.detail)
        else:
            print(result.id, [span.text for span in result.spans])

    try:
        client.annotate("")
    except RefusedError as error:  # sending it again would not help
        print("refused:", error)
    except ClientError as error:  # overloaded, unavailable, timed out: it was sent again, in vain
        print("failed:", error)
