/** `; did you mean "x"?` where one of the known names is near what was written, else empty. */
export function didYouMean(
  written: string,
  known: Iterable<string>,
  mostChanges = Math.max(1, Math.floor(written.length / 3)),
): string {
  let best: string | undefined;
  let bestDistance = mostChanges + 1;
  for (const name of known) {
    if (Math.abs(name.length - written.length) >= bestDistance) continue;
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const removed = (previous[column] ?? 0) + 1;
      current.push(Math.min(substituted, inserted, removed));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
