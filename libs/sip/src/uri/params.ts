import { quote, skipQuoted, trimmedSlice, unquote } from '../message/characters.ts';
import { SipParseError } from '../message/parse-error.ts';

interface Param {
  readonly name: string;
  readonly key: string;
  /** As on the wire, quotes included; undefined for a parameter without value. */
  readonly raw: string | undefined;
}

/** What can be read of {@link Params}. */
export interface ReadonlyParams extends Iterable<readonly [string, string | true]> {
  readonly size: number;
  /** The value without its quotes, `true` for a parameter without value. Names in any case. */
  get(name: string): string | true | undefined;
  has(name: string): boolean;
  /** A copy that may be changed. */
  clone(): Params;
  /** As on the wire, each with the separator before it. @param separator @default ';' */
  toString(separator?: ';' | '&'): string;
}

/** The ordered parameters of a header or URI, found by name in any case, written as received. */
export class Params implements ReadonlyParams {
  #params: Param[] = [];

  constructor(entries?: Iterable<readonly [name: string, value: string | true]>) {
    if (entries === undefined) {
      return;
    }
    for (const [name, value] of entries) {
      this.set(name, value);
    }
  }

  /**
   * Reads `;name=value;name2` (or `name=value&name2=value2` with the separator `&`).
   * @throws SipParseError SIP_BAD_PARAMS
   */
  static parse(text: string, separator: ';' | '&' = ';'): Params {
    const params = new Params();
    const isQuoted = text.includes('"');
    let at = 0;
    while (at < text.length) {
      const end = isQuoted ? paramEnd(text, at, separator) : endBefore(text, at, separator);
      const param = parseParam(text, at, end);
      if (param !== undefined) {
        params.#params.push(param);
      }
      at = end + 1;
    }
    return params;
  }

  get size(): number {
    return this.#params.length;
  }

  get(name: string): string | true | undefined {
    const param = this.#find(name);
    if (param === undefined) {
      return undefined;
    }
    return param.raw === undefined ? true : unquote(param.raw);
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Sets a parameter in its place, or at the end. The value is written as it is given. */
  set(name: string, value: string | true): void {
    const key = name.toLowerCase();
    const param = { name, key, raw: value === true ? undefined : value };
    const at = this.#params.findIndex((each) => each.key === key);
    if (at < 0) {
      this.#params.push(param);
    } else {
      this.#params[at] = param;
    }
  }

  /** As {@link Params.set}, with the value in quotes. */
  setQuoted(name: string, value: string): void {
    this.set(name, quote(value));
  }

  delete(name: string): void {
    const key = name.toLowerCase();
    this.#params = this.#params.filter((param) => param.key !== key);
  }

  clone(): Params {
    const copy = new Params();
    copy.#params = this.#params.slice();
    return copy;
  }

  /** Name and value of each, in order. */
  *[Symbol.iterator](): Iterator<readonly [string, string | true]> {
    for (const { name, raw } of this.#params) {
      yield [name, raw === undefined ? true : unquote(raw)];
    }
  }

  toString(separator: ';' | '&' = ';'): string {
    let text = '';
    for (const { name, raw } of this.#params) {
      text += separator + (raw === undefined ? name : `${name}=${raw}`);
    }
    return text;
  }

  #find(name: string): Param | undefined {
    const key = name.toLowerCase();
    for (const param of this.#params) {
      if (param.key === key) {
        return param;
      }
    }
    return undefined;
  }
}

/** Parameters that nobody changes, for the many texts that have none. */
export const noParams: ReadonlyParams = new Params();

function endBefore(text: string, start: number, separator: string): number {
  const end = text.indexOf(separator, start);
  return end < 0 ? text.length : end;
}

function paramEnd(text: string, start: number, separator: string): number {
  let at = start;
  for (;;) {
    const end = text.indexOf(separator, at);
    const open = text.indexOf('"', at);
    if (open < 0 || (end >= 0 && end < open)) {
      return end < 0 ? text.length : end;
    }
    at = skipQuoted(text, open);
    if (at < 0) {
      throw new SipParseError('SIP_BAD_PARAMS', 'a quoted value is not closed', { offset: open });
    }
  }
}

function parseParam(text: string, start: number, end: number): Param | undefined {
  const equals = text.indexOf('=', start);
  const hasValue = equals >= 0 && equals < end;
  const name = trimmedSlice(text, start, hasValue ? equals : end);
  if (name === '') {
    if (hasValue) {
      throw new SipParseError('SIP_BAD_PARAMS', 'a parameter has no name', { offset: start });
    }
    return undefined;
  }
  const raw = hasValue ? trimmedSlice(text, equals + 1, end) : undefined;
  return { name, key: name.toLowerCase(), raw };
}
