"""A file of any length, a record a line, in memory that does not grow with it."""

import json

from raqam import Article, Record
from raqam.client import Client

with (
    open("articles.jsonl", encoding="utf-8") as lines,
    open("records.jsonl", "w", encoding="utf-8") as records,
    Client("http://localhost:8000") as client,
):
    articles = (Article(**json.loads(line)) for line in lines)
    for result in client.annotate_stream(articles):
        if isinstance(result, Record):
            records.write(json.dumps(result.to_dict(), ensure_ascii=False) + "\n")
        else:
            print(result.id, "refused:", result.problem.detail)
