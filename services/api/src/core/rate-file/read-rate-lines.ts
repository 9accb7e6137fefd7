import type { Mistake, RateTerms, SheetRows, TimedRates } from '@tandem/config';
import { timesOfRate } from '@tandem/config';
import { bareNumber, parseMoney } from '@tandem/domain';
import type { RateField } from './rate-columns.ts';
import type { RateForm } from './rate-form.ts';
import { readTime } from './read-time.ts';

/** What holds of lines that do not say otherwise. */
export interface LineDefaults {
  readonly firstIncrement: number;
  readonly nextIncrement: number;
  readonly effectiveFrom: string | undefined;
  readonly effectiveUntil: string | undefined;
}

/** Lines that are named at most; who has more has mistaken a column. */
const MOST_MISTAKES = 100_000;
const MOST_REMEMBERED = 100_000;
const PREFIX = /^\+?[0-9*#]{1,32}$/;
/** A prefix of every number; an empty field is a line that was forgotten. */
const ANY = 'any';
const LONGEST_SHOWN = 40;

type Read<Value> = { readonly value: Value } | { readonly wrong: string };
type Terms =
  | { readonly rates: TimedRates }
  | { readonly mistakes: readonly { readonly field: RateField; readonly message: string }[] };

/** Gathers the lines of a file of rates, and says of each that is none what would be right. */
export class RateLines implements SheetRows {
  readonly #form: RateForm;
  readonly #defaults: LineDefaults;
  /** Ordinals by prefix; terms and lines by ordinal. */
  readonly #ordinals = new Map<string, number>();
  readonly #rates: TimedRates[] = [];
  readonly #lines: number[] = [];
  readonly #known = new Map<string, Terms>();
  readonly #places: readonly number[];
  readonly mistakes: Mistake[] = [];
  /** Lines that say again what another has said. */
  duplicates = 0;

  constructor(form: RateForm, defaults: LineDefaults) {
    this.#form = form;
    this.#defaults = defaults;
    this.#places = [...form.columns].flatMap(([field, at]) => (field === 'prefix' ? [] : at));
  }

  get size(): number {
    return this.#ordinals.size;
  }

  /** Whether there are so many mistakes that nothing is gained by more. */
  get isHopeless(): boolean {
    return this.mistakes.length >= MOST_MISTAKES;
  }

  get(prefix: string): TimedRates | undefined {
    const ordinal = this.#ordinals.get(prefix);
    return ordinal === undefined ? undefined : this.#rates[ordinal];
  }

  *[Symbol.iterator](): Iterator<readonly [string, TimedRates]> {
    for (const [prefix, ordinal] of this.#ordinals) yield [prefix, this.#rates[ordinal] ?? []];
  }

  take(fields: readonly string[], line: number): void {
    if (line <= this.#form.headingLine || this.isHopeless) return;
    if (fields.every((field) => field.trim() === '')) return;
    const { heading } = this.#form;
    if (fields.length !== heading.length) {
      const message = `has ${String(fields.length)} columns, must have ${String(heading.length)}, as the heading: is a delimiter within a field that has no quotes?`;
      this.mistakes.push({ path: '', message, line });
      return;
    }
    const prefix = this.#prefixOf(fields);
    const terms = this.#termsOf(fields);
    const isPrefix = prefix === ANY || PREFIX.test(prefix);
    if (!isPrefix) {
      const message = `is ${shown(prefix)}, must be the leading digits of a number, such as 44, or ${ANY}`;
      this.#report('prefix', message, line);
    }
    if ('mistakes' in terms) {
      for (const { field, message } of terms.mistakes) this.#report(field, message, line);
    } else if (isPrefix) {
      this.#add(prefix === ANY ? '' : bareNumber(prefix), terms.rates, line);
    }
  }

  #add(prefix: string, rates: TimedRates, line: number): void {
    const ordinal = this.#ordinals.get(prefix);
    if (ordinal === undefined) {
      this.#ordinals.set(prefix, this.#rates.length);
      this.#rates.push(rates);
      this.#lines.push(line);
      return;
    }
    const others = this.#rates[ordinal] ?? [];
    if (others === rates) {
      this.duplicates += 1;
    } else if (rates.some((rate) => others.some((other) => isOverlapping(rate, other)))) {
      const message = `is ${prefix}, which has another rate at the same time in line ${String(this.#lines[ordinal])}`;
      this.#report('prefix', message, line);
    } else this.#rates[ordinal] = [...others, ...rates];
  }

  #report(field: RateField, message: string, line: number): void {
    const [place = 0] = this.#form.columns.get(field) ?? [];
    this.mistakes.push({ path: this.#form.heading[place] ?? field, message, line });
  }

  #prefixOf(fields: readonly string[]): string {
    const places = this.#form.columns.get('prefix') ?? [];
    if (places.length === 1) return (fields[places[0] ?? 0] ?? '').trim();
    return places.map((at) => (fields[at] ?? '').trim()).join('');
  }

  /** The same terms stand in thousands of lines: they are read once. */
  #termsOf(fields: readonly string[]): Terms {
    let key = '';
    for (const at of this.#places) key += `${fields[at] ?? ''}\u0000`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const terms = this.#readTerms(fields);
    if (this.#known.size < MOST_REMEMBERED) this.#known.set(key, terms);
    return terms;
  }

  #readTerms(fields: readonly string[]): Terms {
    const mistakes: { field: RateField; message: string }[] = [];
    const read = <Value>(field: RateField, reader: (text: string) => Read<Value>, otherwise: Value): Value => {
      const [place] = this.#form.columns.get(field) ?? [];
      const text = place === undefined ? '' : (fields[place] ?? '').trim();
      if (text === '' && field !== 'pricePerMinute') return otherwise;
      const found = reader(text);
      if ('value' in found) return found.value;
      mistakes.push({ field, message: `is ${shown(text)}, ${found.wrong}` });
      return otherwise;
    }; // prettier-ignore
    const defaults = this.#defaults;
    const form = this.#form;
    const amount = (text: string) => amountOf(text, form.decimal);
    const moment = (text: string) => timeOf(text, form.dates);
    const [first, next] = read('increments', incrementsOf, [defaults.firstIncrement, defaults.nextIncrement] as const); // prettier-ignore
    const effectiveUntil = read('effectiveUntil', moment, defaults.effectiveUntil);
    // A line that is over before others begin tells what was: an export has such lines of rates that held since ever.
    const isOver = (effectiveUntil ?? '~') <= (defaults.effectiveFrom ?? '');
    const effectiveFrom = read(
      'effectiveFrom',
      moment,
      isOver ? undefined : defaults.effectiveFrom,
    );
    const terms: RateTerms = {
      pricePerMinute: read('pricePerMinute', amount, ''),
      firstIncrement: read('firstIncrement', secondsBetween(1, 3600), first),
      nextIncrement: read('nextIncrement', secondsBetween(1, 3600), next),
      connectionFee: read('connectionFee', amount, '0'),
      freeSeconds: read('freeSeconds', secondsBetween(0, 86_400), 0),
      ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
      ...(effectiveUntil === undefined ? {} : { effectiveUntil }),
    };
    const { fromMs, untilMs } = timesOfRate(terms);
    if (untilMs <= fromMs) {
      const field = form.columns.has('effectiveUntil') ? 'effectiveUntil' : 'effectiveFrom';
      const message = `in effect until ${String(effectiveUntil)}, must be later than ${String(effectiveFrom)}, from when it is in effect`;
      mistakes.push({ field, message });
    }
    return mistakes.length > 0 ? { mistakes } : { rates: [terms] };
  }
}

function isOverlapping(one: RateTerms, other: RateTerms): boolean {
  const [a, b] = [timesOfRate(one), timesOfRate(other)];
  return a.fromMs < b.untilMs && b.fromMs < a.untilMs;
}

function amountOf(text: string, decimal: RateForm['decimal']): Read<string> {
  const sign = decimal === 'comma' ? ',' : '.';
  const wrong = `must be an amount with at most 9 digits after the ${decimal}, such as 0${sign}0123`;
  const plain = decimal === 'comma' ? text.replace(',', '.') : text;
  if ((decimal === 'comma' && text.includes('.')) || text.startsWith('-')) return { wrong };
  const value = plain.startsWith('.') ? `0${plain}` : plain;
  try {
    parseMoney(value);
    return { value };
  } catch {
    return { wrong };
  }
}

function secondsBetween(least: number, most: number): (text: string) => Read<number> {
  return (text) => {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : -1;
    return value >= least && value <= most
      ? { value }
      : { wrong: `must be whole seconds from ${String(least)} to ${String(most)}` };
  };
}

function incrementsOf(text: string): Read<readonly [number, number]> {
  const [, first, next] = /^(\d{1,4})\s*[/+-]\s*(\d{1,4})$/.exec(text) ?? [];
  const value = [Number(first), Number(next)] as const;
  return first !== undefined && value.every((each) => each >= 1 && each <= 3600)
    ? { value }
    : { wrong: 'must be the first and the next increment in seconds, such as 60/60' };
}

function timeOf(text: string, dates: RateForm['dates']): Read<string | undefined> {
  const value = readTime(text, dates);
  return value === undefined
    ? { wrong: 'must be a date or time in UTC, such as 2027-01-01 or 2027-01-01T00:00:00Z' }
    : { value };
}

function shown(text: string): string {
  return JSON.stringify(
    text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 3)}...` : text,
  );
}
