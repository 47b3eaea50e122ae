curl -sS --fail-with-body http://localhost:8000/annotate \
  -H 'Content-Type: application/json' \
  -d '{"text": "صادرات استان همدان به ۱۲۰ میلیون دلار رسید.", "id": "a1", "published": "2025-09-25"}'
