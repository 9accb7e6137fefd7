const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DAY_MS = 86_400_000;

/**
 * Reads `2026-11-21`, `2026-11-21T10:00:00Z`, `10:00` for the last time that it was that (UTC), `2h`, `30m` or `2 minutes ago`,
 * `now`; undefined where it is no time.
 */
export function parseQueryTime(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  return agoOf(text, nowMs) ?? clockOf(text, nowMs) ?? dayOf(text);
}

/** "2h", "2 hours ago", "90 sec" */
function agoOf(text: string, nowMs: number): number | undefined {
  const [, count = '', unit = ''] =
    /^(\d{1,6}|an?) ?(s|m|h|d|sec|min|seconds?|minutes?|hours?|days?)(?: ago)?$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit.charAt(0)];
  if (unitMs === undefined) return undefined;
  return nowMs - (count.startsWith('a') ? 1 : Number(count)) * unitMs;
}

function clockOf(text: string, nowMs: number): number | undefined {
  if (!/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text)) return undefined;
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const ms = Date.parse(`${day}T${text.length === 5 ? `${text}:00` : text}Z`);
  return ms > nowMs ? ms - DAY_MS : ms;
}

function dayOf(text: string): number | undefined {
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
