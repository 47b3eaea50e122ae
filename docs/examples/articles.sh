curl -sS --fail-with-body http://localhost:8000/annotate \
  -H 'Content-Type: application/json' \
  -d '{"articles": [{"id": "a1", "text": "استاندار همدان"}, {"id": "a2", "text": ""}]}'
