import { ConfigurationError, formatMistake } from './mistake.ts';
import type { Mistake } from './mistake.ts';

/**
 * Reads several parts of what a process is given, all of them even where some are wrong.
 * @throws ConfigurationError naming every mistake of every part, each once
 */
export function readTogether<const Readers extends Readonly<Record<string, () => unknown>>>(
  readers: Readers,
): { [Part in keyof Readers]: ReturnType<Readers[Part]> } {
  const mistakes = new Map<string, Mistake>();
  const values: [string, unknown][] = [];
  for (const [part, read] of Object.entries(readers)) {
    try {
      values.push([part, read()]);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      for (const mistake of error.mistakes) mistakes.set(formatMistake(mistake), mistake);
    }
  }
  if (mistakes.size > 0) throw new ConfigurationError([...mistakes.values()]);
  return Object.fromEntries(values) as { [Part in keyof Readers]: ReturnType<Readers[Part]> };
}
