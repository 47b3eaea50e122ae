curl -sS --fail-with-body http://localhost:8000/annotate \
  -H "Authorization: Bearer $RAQAM_KEY" \
  -H 'Content-Type: application/json' \
  -d '{"text": "استاندار همدان"}'
