import { z } from 'zod';

/**
 * A schema of text that a function reads, for use with `readEnvironment`.
 * @param parse gives undefined for what is wrong
 * @param what what is right, as it follows "write": `an IP address and a port, such as 192.0.2.1:5060`
 */
export function parsedText<T>(
  parse: (text: string) => T | undefined,
  what: string,
): z.ZodPipe<z.ZodString, z.ZodTransform<T, string>> {
  return z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `write ${what}` });
    return z.NEVER;
  });
}
