/** Keys that lead to pages: first `g`, then one of these. */
export const pageKeys: readonly (readonly [key: string, path: string, page: string])[] = [
  ['n', '/', 'Now'],
  ['c', '/calls', 'Current calls'],
  ['d', '/cdrs', 'CDRs'],
  ['a', '/analysis', 'Call analysis'],
  ['t', '/traces', 'Traces'],
  ['j', '/journal', 'Journal'],
  ['b', '/accounts', 'Balances'],
  ['p', '/registrations', 'Registrations'],
  ['g', '/gateways', 'Gateways'],
  ['r', '/routing', 'Routing analysis'],
  ['v', '/versions', 'Versions'],
  ['l', '/audit', 'Audit log'],
];

/** What a key does where nobody types. */
export type KeyAction =
  { readonly kind: 'search' | 'help' | 'wait' } | { readonly kind: 'go'; readonly path: string };

export interface PressedKey {
  readonly key: string;
  /** Control, or that of a Mac. */
  readonly isCommand: boolean;
  readonly isTyping: boolean;
  /** Whether the key before was `g`, a moment ago. */
  readonly isAfterG: boolean;
  /** Single keys may be turned off (WCAG 2.1.4). */
  readonly areOn: boolean;
}

/** What is to be done for a key; undefined: nothing of ours. */
export function actionOf(pressed: PressedKey): KeyAction | undefined {
  const { areOn, isAfterG, isCommand, isTyping, key } = pressed;
  if (isCommand) return key === 'k' ? { kind: 'search' } : undefined;
  if (isTyping || !areOn) return undefined;
  if (isAfterG) {
    const found = pageKeys.find(([each]) => each === key);
    return found === undefined ? undefined : { kind: 'go', path: found[1] };
  }
  if (key === '/') return { kind: 'search' };
  if (key === '?') return { kind: 'help' };
  return key === 'g' ? { kind: 'wait' } : undefined;
}
