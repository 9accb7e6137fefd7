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
  return isoTime(text) ?? dottedTime(text) ?? (dates && slashedTime(text, dates));
}

function isoTime(text: string): string | undefined {
  const iso = ISO.exec(text);
  if (iso === null) return undefined;
  const [, year = '', month = '', day = '', time = '00:00', seconds = ':00', zone = 'Z'] = iso;
  if (momentOf(year, month, day) === undefined) return undefined;
  return valid(Date.parse(`${year}-${month}-${day}T${time}${seconds}${zone}`));
}

function dottedTime(text: string): string | undefined {
  const found = DOTTED.exec(text);
  return found === null ? undefined : momentOf(found[3], found[2], found[1]);
}

function slashedTime(text: string, dates: 'dmy' | 'mdy'): string | undefined {
  const found = SLASHED.exec(text);
  if (found === null) return undefined;
  const [, first, second, year] = found;
  return dates === 'dmy' ? momentOf(year, second, first) : momentOf(year, first, second);
}

/** The first moment of a day; undefined where the month has no such day. */
function momentOf(year = '', month = '', day = ''): string | undefined {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isThere = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isThere ? date.toISOString() : undefined;
}

function valid(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
