/** What the process exits with. */
export const exitCodes = {
  /** Done. */
  done: 0,
  /** The switch refused: mistakes in a document, an unknown name, a version that has changed. */
  refused: 1,
  /** The command was written wrongly. */
  usage: 2,
  /** The switch, or a part of it, cannot be reached. */
  unreachable: 3,
  /** The token is missing or wrong. */
  notAuthenticated: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure that is told in words: what happened and what to do. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** Further lines, such as one for each mistake. */
  readonly details: readonly Detail[];

  constructor(exitCode: ExitCode, message: string, details: readonly Detail[] = []) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.details = details;
  }
}

/** One mistake of a document. */
export interface Detail {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
}
