import { randomBytes } from 'node:crypto';

/** A name that no other test run uses; fit for a database, a topic and a key prefix. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
}
