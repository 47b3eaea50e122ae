// How the nodes of an article follow its spans, with as few of them touched as can be.

/** The paragraphs of *text*, each with the line end behind it; no span is in two of them. */
export function paragraphsOf(text, spans) {
  const found = [];
  let [start, at] = [0, 0];
  for (let end = text.indexOf("\n") + 1; end > 0; end = text.indexOf("\n", end) + 1) {
    while (at < spans.length && spans[at].end <= end) at += 1;
    if (at < spans.length && spans[at].start < end) continue; // the line end is inside of a span
    found.push({ start, end });
    start = end;
  }
  if (start < text.length || !found.length) found.push({ start, end: text.length });
  return found;
}

/** For each of *spans* the index of the old one it continues: the same, else one with the same start or end. */
export function match(spans, old) {
  const found = spans.map(() => undefined);
  const free = new Set(old.keys());
  const same = [
    (a, b) => a.start === b.start && a.end === b.end,
    (a, b) => a.start === b.start || a.end === b.end,
  ];
  for (const alike of same) {
    spans.forEach((span, number) => {
      if (found[number] !== undefined) return;
      for (const index of free) {
        if (!alike(span, old[index])) continue;
        found[number] = index;
        free.delete(index);
        break;
      }
    });
  }
  return found;
}

/** Make *nodes* the children of *element* without moving one that is in its place. */
export function arrange(element, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...element.childNodes]) if (!wanted.has(node)) node.remove();
  let next = element.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else element.insertBefore(node, next);
  }
}
