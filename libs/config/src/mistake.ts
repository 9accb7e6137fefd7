import { SwitchError } from '@tandem/domain';

/** One thing that is wrong in a configuration, an environment or a parameter. */
export interface Mistake {
  /** Where: `routingGateways[0].addresses[1]`, or the name of a variable. */
  readonly path: string;
  /** What is wrong there and what would be right. Never holds a secret. */
  readonly message: string;
  /** Line in the text, where it is known. Begins at 1. */
  readonly line?: number;
}

/** Thrown where a process cannot start with what it was given; names every mistake at once. */
export class ConfigurationError extends SwitchError {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super('SWITCH_CONFIGURATION_INVALID', mistakes.map(formatMistake).join('\n'));
    this.name = 'ConfigurationError';
    this.mistakes = mistakes;
  }
}

/** One line of text for people. */
export function formatMistake(mistake: Mistake): string {
  const line = mistake.line === undefined ? '' : ` (line ${String(mistake.line)})`;
  return mistake.path === ''
    ? `${mistake.message}${line}`
    : `${mistake.path}${line}: ${mistake.message}`;
}

/** Where in a document: keys and places in lists. */
export type Path = readonly PropertyKey[];

/** Writes a path as `phones[2].username`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}
