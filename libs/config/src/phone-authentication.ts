type Block = Readonly<Record<string, unknown>>;

/** What goes with a password alone. */
const digestKeys = ['password', 'previousPassword', 'realm', 'algorithms'] as const;

const isKnown: ReadonlySet<unknown> = new Set(['password', 'ip', 'both']);

/** REG-10: a phone has what it is known by, and nothing that it is not. @returns key, and message */
export function phoneMistakes(phone: Block): readonly (readonly [key: string, message: string])[] {
  const { addresses, authentication = 'password', password } = phone;
  if (!isKnown.has(authentication)) return [];
  if (authentication === 'password' && addresses !== undefined) {
    return [
      [
        'addresses',
        'has no effect: write authentication: both, if it is to come from these alone and prove its password, or ip, if the address is enough',
      ],
    ];
  }
  const missing: (readonly [string, string])[] = [];
  if (authentication !== 'password' && addresses === undefined) {
    missing.push(['addresses', `is missing: authentication: ${String(authentication)} takes it from its addresses alone`]); // prettier-ignore
  }
  if (authentication !== 'ip' && password === undefined) {
    missing.push(['password', 'is missing: only a phone with authentication: ip has none']);
  }
  const idle = authentication === 'ip' ? digestKeys.filter((key) => phone[key] !== undefined) : [];
  return [
    ...missing,
    ...idle.map((key) => [key, 'has no effect with authentication: ip'] as const),
  ];
}
