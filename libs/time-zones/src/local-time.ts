import { createRequire } from 'node:module';
import { nameOfPacked, unpackZone } from './packed-zones.ts';
import type { Zone } from './packed-zones.ts';

/** What clocks and calendars show at a place. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0: Sunday. */
  readonly weekday: number;
  /** From midnight as the clock shows it, 0 to 1439. */
  readonly minute: number;
}

interface PackedData {
  readonly version: string;
  readonly zones: readonly string[];
  /** `Area/City|Link`. */
  readonly links: readonly string[];
}

/*
 * Node, PostgreSQL and the system have data of their own, of different ages, that change with their releases alone: today they
 * disagree about Morocco, Alberta, Manitoba and Cuba. These are renewed with the package.
 */
const require = createRequire(import.meta.url);
const data = require('moment-timezone/data/packed/latest.json') as PackedData;

/** Of the IANA's data, such as 2026f: what local times are made by. */
export const timeZonesVersion = data.version;

const packedByName = new Map<string, string>();
for (const zone of data.zones) packedByName.set(nameOfPacked(zone), zone);
for (const link of data.links) {
  const [target = '', name = ''] = link.split('|');
  const packed = packedByName.get(target);
  if (packed !== undefined) packedByName.set(name, packed);
}

const unpacked = new Map<string, Zone>();

/**
 * What is wrong with the name of a time zone, in words; undefined where nothing is. Area/City and UTC alone are taken: CET and
 * its like have summer time in some data and not in others, and +05:30 and Etc/GMT-5 are east for some and west for others.
 */
export function timeZoneMistake(name: string): string | undefined {
  if (name === 'UTC') return undefined;
  if (isPlace(name) && packedByName.has(name)) return undefined;
  const guess = placeNear(name);
  return `is ${JSON.stringify(name)}, must be UTC or a zone of the IANA's data ${timeZonesVersion} by Area/City, such as Europe/London${guess}`;
}

/** @throws RangeError for a zone that `timeZoneMistake` refuses */
export function localTimeAt(timeZone: string, atMs: number): LocalTime {
  const local = new Date(atMs + offsetMinutes(timeZone, atMs) * 60_000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    minute: local.getUTCHours() * 60 + local.getUTCMinutes(),
  };
}

function offsetMinutes(timeZone: string, atMs: number): number {
  if (timeZone === 'UTC') return 0;
  const { endsMs, offsets } = zoneOf(timeZone);
  let from = 0;
  let to = endsMs.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (atMs < (endsMs[middle] ?? Infinity)) to = middle;
    else from = middle + 1;
  }
  return offsets[from] ?? 0;
}

/** @throws RangeError where there is none */
export function zoneOf(name: string): Zone {
  const known = unpacked.get(name);
  if (known !== undefined) return known;
  const packed = packedByName.get(name);
  if (packed === undefined) throw new RangeError(`no time zone ${name}`);
  const zone = unpackZone(packed);
  unpacked.set(name, zone);
  return zone;
}

function isPlace(name: string): boolean {
  return name.includes('/') && !name.startsWith('Etc/');
}

/** `; did you mean Europe/London?` for London, or europe/london. */
function placeNear(name: string): string {
  const wanted = name.trim().toLowerCase().replaceAll(' ', '_');
  for (const known of packedByName.keys()) {
    const lower = known.toLowerCase();
    if (wanted !== '' && isPlace(known) && (lower === wanted || lower.endsWith(`/${wanted}`))) {
      return `; did you mean ${known}?`;
    }
  }
  return '';
}
