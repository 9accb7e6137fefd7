import type { JournalNote } from '@tandem/domain';
import { silentJournal } from '@tandem/events';
import type { OpenIdPort } from '../src/adapters/openid-provider.ts';
import { memoryAuditStore } from '../src/adapters/memory-audit-store.ts';
import { memoryOperatorStore } from '../src/adapters/memory-operator-store.ts';
import type { AlarmParts, OperatorParts } from '../src/api/route-parts.ts';
import type { RateSheets } from '../src/rate-ports.ts';
import type { Role } from '../src/core/operators/roles.ts';
import type { ApiToken, Operator } from '../src/operator-ports.ts';
import { digest, signInDefaults, SignIns, type StartedSession } from '../src/sign-ins.ts';

export interface OperatorOptions {
  /** What the journal is told. */
  readonly noted?: JournalNote[];
  readonly openId?: OpenIdPort;
  readonly now?: () => Date;
  readonly requestsPerMinute?: number;
  readonly publicUrl?: string;
  /** Of what is watched. */
  readonly livePeriodMs?: number;
  readonly signOfLifeMs?: number;
  readonly alarms?: AlarmParts;
  /** What is known of imported rates. @default nothing was ever imported */
  readonly rates?: Partial<RateSheets>;
}

/** Operators in memory: nobody yet. */
export function memoryOperators(options: OperatorOptions = {}): OperatorParts {
  const { noted, now = () => new Date(), openId, publicUrl = 'http://127.0.0.1:8080' } = options;
  const store = memoryOperatorStore();
  const journal = { ...silentJournal, note: (note: JournalNote) => noted?.push(note) };
  return {
    store,
    audit: memoryAuditStore(),
    signIns: new SignIns({ store, settings: signInDefaults, journal, now }),
    openId,
    publicUrl: () => publicUrl,
    isSecure: () => publicUrl.startsWith('https:'),
  };
}

/** An operator without a password. */
export function operatorNamed(name: string, changes: Partial<Operator> = {}): Operator {
  return {
    name,
    displayName: '',
    role: 'read-only',
    email: '',
    password: undefined,
    mustChangePassword: false,
    isDisabled: false,
    openIdSubject: undefined,
    createdAt: new Date('2026-11-21T12:00:00Z'),
    lastSignIn: undefined,
    ...changes,
  };
}

/** Adds somebody of a role, and begins a session of his. */
export async function signedInAs(
  { signIns, store }: OperatorParts,
  role: Role,
  name: string = role,
): Promise<StartedSession> {
  const operator = operatorNamed(name, { role });
  await store.create(operator);
  return signIns.begin(operator, 'password', { address: '192.0.2.1', userAgent: 'test' });
}

/** What a browser sends with a session. */
export function headersOf({ csrf, secret }: StartedSession): Record<string, string> {
  return { cookie: `tandem-session=${secret}; tandem-csrf=${csrf}`, 'x-csrf-token': csrf };
}

/** A token of an operator. */
export async function tokenOf(
  { store }: OperatorParts,
  operator: Operator,
  changes: Partial<ApiToken> = {},
): Promise<string> {
  const secret = `tandem_token-of-${operator.name}-${changes.id ?? 't1'}`;
  const createdAt = new Date();
  await store.createToken(
    {
      id: 't1',
      operator: operator.name,
      name: 'test',
      role: operator.role,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + 3_600_000),
      lastUsed: undefined,
      ...changes,
    },
    digest(secret),
  );
  return secret;
}
