/** Reads `2026-11-21`, `2026-11-21T10:00:00Z` or `2h`, `30m`, `7d` before now; undefined where it is no time. */
export function parseQueryTime(text: string, nowMs: number): number | undefined {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  if (ago !== null) {
    const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[ago[2] ?? ''] ?? 0;
    return nowMs - Number(ago[1]) * unitMs;
  }
  const day = /^(\d{4}-\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/.exec(
    text,
  );
  // The 30th of February is no day, though Date takes it for the 2nd of March.
  if (day === null || new Date(`${day[1] ?? ''}-${day[2] ?? ''}`).getUTCDate() !== Number(day[2])) {
    return undefined;
  }
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
