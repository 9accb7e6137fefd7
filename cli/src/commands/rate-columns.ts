import { CliError, exitCodes } from '../cli-error.ts';

/**
 * Reads a mapping of columns: a line `FIELD: NAME` each, the name in quotes or not; what follows a # is a comment. Of a prefix in several
 * columns there are several lines.
 */
export function readColumns(text: string, file: string): string[] {
  return text.split(/\r?\n/).flatMap((line, at) => {
    if (/^\s*(#.*)?$/.test(line)) return [];
    const [, field, name = ''] =
      /^(\w+):\s+("[^"]+"|'[^']+'|[^#"']+?)\s*(?:#.*)?$/.exec(line) ?? [];
    if (field !== undefined) return [`${field}=${name.replace(/^(["'])(.*)\1$/, '$2')}`];
    throw new CliError(
      exitCodes.usage,
      `${file} line ${String(at + 1)} is ${JSON.stringify(line)}, must be FIELD: NAME, such as prefix: Dial code.`,
    );
  });
}
