/** What lines are limited on. */
export type LineKind = 'account' | 'phone' | 'mapping-gateway' | 'routing-gateway' | 'group';

/** The ledger's name of a limit, such as `account:demo`. Names have no colon. */
export function lineKey(kind: LineKind, name: string): string {
  return `${kind}:${name}`;
}

/** The words of decisions and lists for it: `account demo`. */
export function subjectOf(key: string): string {
  return key.replace(':', ' ');
}

/** The ledger's name of a limit that was named in those words. */
export function keyOfSubject(subject: string): string {
  return subject.trim().replace(' ', ':');
}

/** Whether a call's line belongs to its routing gateway, and so changes with it. */
export function isGatewaySide(key: string): boolean {
  return key.startsWith('routing-gateway:') || key.startsWith('group:');
}
