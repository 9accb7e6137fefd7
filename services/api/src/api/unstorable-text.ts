import { fail, type ProblemError } from './problem.ts';

/** What a client sends beside its headers. */
interface Sent {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Texts that PostgreSQL holds in no column: with a zero byte, or half a character. Nothing of that name can be there, so it is a
 * mistake of its sender. A body that is text has a reader of its own.
 * @returns undefined where there is none
 */
export function unstorable({ params, query, body }: Sent): ProblemError | undefined {
  const mistake =
    mistakeIn(params, 'the path') ??
    mistakeIn(query, 'the query') ??
    (typeof body === 'object' ? mistakeIn(body, 'the body') : undefined);
  return mistake === undefined ? undefined : fail(400, 'invalid-request', mistake);
}

function mistakeIn(value: unknown, where: string): string | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return `${where} holds a zero byte, which no text here can have`;
    if (value.isWellFormed()) return undefined;
    return `${where} holds half a character (a lone surrogate), which no text here can have`;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, held] of Object.entries(value)) {
    const mistake =
      mistakeIn(key, `a name in ${where}`) ?? mistakeIn(held, placeOf(key, where, value));
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function placeOf(key: string, where: string, within: object): string {
  return Array.isArray(within) ? where : `"${key}" in ${where}`;
}
