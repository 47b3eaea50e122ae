// Node 18 or newer, Deno, Bun; in a page of another origin, the service must allow it: RAQAM_CORS_ORIGINS.
const text = "📈 صادرات استان همدان به ۱۲۰ میلیون دلار رسید.";

async function annotate(article, attempts = 5) {
  const response = await fetch("http://localhost:8000/annotate?offsets=utf16", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(article),
  });
  if (response.ok) return response.json();
  if ([429, 503].includes(response.status) && attempts > 1) {
    const seconds = Number(response.headers.get("Retry-After") ?? 1) + Math.random();
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    return annotate(article, attempts - 1);
  }
  const problem = await response.json();
  throw new Error(`${problem.type}: ${problem.detail}`);
}

const record = await annotate({ text, published: "2025-09-25" });
for (const { start, end, label, value } of record.spans) {
  console.log(label, text.slice(start, end), JSON.stringify(value));
}
