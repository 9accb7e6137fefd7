const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/;
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const SLASHED = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/;

/**
 * Reads a date or time as sheets of rates have them: 2027-01-31, 2027-01-31 10:00, 31.01.2027. Without a zone it is UTC, a date its
 * first moment.
 * @param dates which number is the day in 01/02/2027; undefined: such a date is none
 * @returns `2027-01-31T00:00:00.000Z`; undefined where it is no time
 */
export function readTime(text: string, dates: 'dmy' | 'mdy' | undefined): string | undefined {
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year = '', month = '', day = '', time = '00:00', seconds = ':00', zone = 'Z'] = iso;
    const isDay = momentOf(year, month, day) !== undefined;
    return isDay
      ? valid(Date.parse(`${year}-${month}-${day}T${time}${seconds}${zone}`))
      : undefined;
  }
  const [, first = '', second = '', year = ''] = DOTTED.exec(text) ?? [];
  if (first !== '') return momentOf(year, second, first);
  const [, one = '', other = '', of = ''] = SLASHED.exec(text) ?? [];
  if (one === '' || dates === undefined) return undefined;
  return dates === 'dmy' ? momentOf(of, other, one) : momentOf(of, one, other);
}

/** The first moment of a day; undefined where the month has no such day. */
function momentOf(year: string, month: string, day: string): string | undefined {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isThere = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isThere ? date.toISOString() : undefined;
}

function valid(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
