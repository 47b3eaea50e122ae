curl -sSN --fail-with-body http://localhost:8000/annotate \
  -H 'Content-Type: application/x-ndjson' \
  -X POST -T articles.jsonl > records.jsonl
