// Where two lists of spans over one text differ, and what becomes of two corrections of one article.

/** Whether two spans say the same: place, label and value. One whose value is still to be read differs from none. */
export function same(one, other) {
  return (
    one.start === other.start &&
    one.end === other.end &&
    one.label === other.label &&
    (one.value === undefined || other.value === undefined || canonical(one.value) === canonical(other.value))
  );
}

/**
 * The places where *mine* and *theirs* differ: [{start, end, mine: [span…], theirs: [span…]}], in order and apart, so
 * that either side can be taken at each of them and no span overlaps another.
 */
export function differences(mine, theirs) {
  const [left, right] = [without(mine, theirs), without(theirs, mine)];
  const all = [...left.map((span) => ({ span, side: "mine" })), ...right.map((span) => ({ span, side: "theirs" }))];
  all.sort((one, other) => one.span.start - other.span.start);
  const found = [];
  for (const { span, side } of all) {
    let last = found.at(-1);
    if (!last || span.start >= last.end) {
      last = { start: span.start, end: span.end, mine: [], theirs: [] };
      found.push(last);
    }
    last.end = Math.max(last.end, span.end);
    last[side].push(span);
  }
  return found;
}

/**
 * The same places with `base`, what stood there before both, and `choice`: "theirs" where only they changed something,
 * "mine" where only I did, null where both did and somebody must choose.
 */
export function conflicts(base, mine, theirs) {
  return differences(mine, theirs).map((place) => {
    const before = base.filter((span) => span.start < place.end && place.start < span.end);
    const [iDid, theyDid] = [!alike(before, place.mine), !alike(before, place.theirs)];
    return { ...place, base: before, choice: iDid && theyDid ? null : iDid ? "mine" : "theirs" };
  });
}

/** *mine* with the side taken that each of *places* names in `choice`; what has none stays mine. */
export function merged(mine, places) {
  const dropped = new Set(places.filter((place) => place.choice === "theirs").flatMap((place) => place.mine));
  const taken = places.filter((place) => place.choice === "theirs").flatMap((place) => place.theirs);
  return [...mine.filter((span) => !dropped.has(span)), ...taken].sort((one, other) => one.start - other.start);
}

/** Those of *spans* that have no equal among *others*. */
function without(spans, others) {
  const known = new Map(others.map((span) => [`${span.start} ${span.end}`, span]));
  return spans.filter((span) => {
    const other = known.get(`${span.start} ${span.end}`);
    return !other || !same(span, other);
  });
}

function alike(some, others) {
  return some.length === others.length && some.every((span, place) => same(span, others[place]));
}

/** JSON whose keys are in order, so that equal values are equal strings. */
function canonical(value) {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
