/** How values are written: one way on all pages. */

/** `1 h 02 min`, `3 min 05 s`, `12 s`; from milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (figure: number): string => String(figure).padStart(2, '0');
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${String(hours)} h ${two(minutes % 60)} min`;
  return `${String(Math.floor(hours / 24))} d ${two(hours % 24)} h`;
}

/** From one UTC time to another, as `duration`; empty where one of them is not there. */
export function between(from: string | null, until: string | null): string {
  if (from === null || until === null) return '';
  return duration(Math.max(0, Date.parse(until) - Date.parse(from)));
}

/** A share of 0 to 1 as per cent. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.999 || share === 0 ? 0 : 1)} %`;
}

/** A rate with as many digits as it deserves. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

/** A whole number with its thousands apart. */
export function count(figure: number): string {
  return figure.toLocaleString('en-GB');
}

/** `BAD_NAME` and `camelCase` as words: `camel case`. */
export function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
}

/** The words with a capital. */
export function title(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value of the configuration on one line. */
export function value(of: unknown): string {
  if (of === null || of === undefined) return '';
  if (typeof of === 'boolean') return of ? 'yes' : 'no';
  if (typeof of === 'string') return of;
  if (typeof of === 'number') return String(of);
  if (Array.isArray(of)) return of.map((each) => value(each)).join(', ');
  return Object.entries(of)
    .map(([name, each]) => `${name}: ${value(each)}`)
    .join('; ');
}
