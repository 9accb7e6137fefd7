import { type ConfigurationDocument, carrier, configuration, demo } from './configuration.ts';
import { freePorts } from './free-ports.ts';
import { Carrier } from './sipp.ts';

/** Numbers that lead to one carrier each; 442079460000 leads to one that answers. */
export const numbers = {
  answers: '442079460000',
  silent: '4510000000',
  stops: '4511000000',
  busy: '4512000000',
  failsOver: '4513000000',
  unavailable: '4519000000',
  barred: '4514000000',
  full: '4515000000',
  challenges401: '4516000000',
  challenges407: '4517000000',
  refusesPassword: '4518000000',
  noRate: '33100000000',
  noRoute: '4930000000',
} as const;

/** Phones whose accounts are refused, each for another reason. */
export const refusedPhones = {
  locked: '2001',
  expired: '2002',
  broke: '2003',
  oneLine: '2004',
  guessed: '2005',
  fast: '2006',
} as const;

export const carrierCredentials = { username: 'tandem-out', password: 'carrier-secret' } as const;

type Kind = Exclude<keyof typeof numbers, 'noRate' | 'noRoute' | 'barred'>;

const SCENARIOS: Readonly<Record<Kind, string>> = {
  answers: 'carrier-answers',
  silent: 'carrier-silent',
  stops: 'carrier-stops',
  busy: 'carrier-busy',
  failsOver: 'carrier-answers',
  unavailable: 'carrier-unavailable',
  full: 'carrier-answers',
  challenges401: 'carrier-challenges-401',
  challenges407: 'carrier-challenges-407',
  refusesPassword: 'carrier-refuses-password',
};

/** A configuration in which each cause of refusal has a number or a phone, and its carriers. */
export interface RefusalSetting {
  readonly document: ConfigurationDocument;
  readonly carriers: ReadonlyMap<Kind, Carrier>;
  stop(): Promise<void>;
}

export async function startRefusalSetting(): Promise<RefusalSetting> {
  const kinds = Object.keys(SCENARIOS) as Kind[];
  const ports = await freePorts(kinds.length + 1);
  const carriers = new Map<Kind, Carrier>();
  for (const [index, kind] of kinds.entries()) {
    const port = ports[index] ?? 0;
    const pauseMs = kind === 'silent' ? 60_000 : 0;
    const options = { scenario: SCENARIOS[kind], port, pauseMs, trace: true };
    carriers.set(kind, await Carrier.start(options));
  }
  return {
    document: documentFor((kind) => carriers.get(kind)?.port ?? ports.at(-1) ?? 0),
    carriers,
    stop: async () => {
      await Promise.all([...carriers.values()].map((running) => running.stop()));
    },
  };
}

function documentFor(portOf: (kind: Kind) => number): ConfigurationDocument {
  const document = configuration(portOf('answers'), portOf('answers'));
  document.routingGateways = [
    carrier('carrier-a', portOf('answers'), 1),
    gateway('carrier-silent', numbers.silent, portOf('silent'), { timers: { invite: 2 } }),
    gateway('carrier-stops', numbers.stops, portOf('stops'), { timers: { ringing: 2 } }),
    gateway('carrier-busy', numbers.busy, portOf('busy')),
    gateway('carrier-away', numbers.unavailable, portOf('unavailable')),
    gateway('carrier-first', numbers.failsOver, portOf('unavailable')),
    gateway('carrier-second', numbers.failsOver, portOf('failsOver'), { priority: 2 }),
    gateway('carrier-barred', numbers.barred, portOf('answers'), { lock: 'bar-all' }),
    gateway('carrier-one-line', numbers.full, portOf('full'), { lineLimit: 1 }),
    gateway('carrier-401', numbers.challenges401, portOf('challenges401'), carrierCredentials),
    gateway('carrier-407', numbers.challenges407, portOf('challenges407'), carrierCredentials),
    gateway(
      'carrier-wrong',
      numbers.refusesPassword,
      portOf('refusesPassword'),
      carrierCredentials,
    ),
  ];
  const standard = document.rateGroups[0]?.['rates'] as object[];
  standard.push(
    { prefix: '45', pricePerMinute: demo.price },
    { prefix: '49', pricePerMinute: '0.02' },
  );
  document.accounts.push(
    customer('locked', { status: 'locked' }),
    customer('expired', { validUntil: '2020-01-01T00:00:00Z' }),
    customer('broke', { openingBalance: '0' }),
    customer('one-line', { lineLimit: 1 }),
    customer('guessed', {}),
    customer('fast', { callsPerSecond: 1 }),
  );
  document.phones.push(
    phone(refusedPhones.locked, 'locked'),
    phone(refusedPhones.expired, 'expired'),
    phone(refusedPhones.broke, 'broke'),
    phone(refusedPhones.oneLine, 'one-line'),
    phone(refusedPhones.guessed, 'guessed'),
    phone(refusedPhones.fast, 'fast'),
  );
  // AUTH-06 before AUTH-07: a session, which is one failure, ends before the phone is suspended; the second brings that about.
  document.parameters['SS_AUTHENTICATION_MAX_RETRY'] = 2;
  document.parameters['SS_SIP_AUTHENTICATION_RETRY'] = 3;
  // AUTH-07: the shortest suspension there is, so that its end can be waited for.
  document.parameters['SS_AUTHENTICATION_FAILED_SUSPEND'] = 60;
  return document;
}

/** A gateway for the numbers of one prefix; no shorter prefix of another gateway matches them. */
function gateway(
  name: string,
  number: string,
  port: number,
  more: object = {},
): Record<string, unknown> {
  return { ...carrier(name, port, 1), prefixes: [number.slice(0, 4)], ...more };
}

function customer(name: string, more: object): Record<string, unknown> {
  const terms = { openingBalance: '10', currency: 'USD', rateGroup: 'standard' };
  return { name, type: 'customer', status: 'active', ...terms, ...more };
}

function phone(username: string, account: string): Record<string, unknown> {
  return { username, password: demo.password, account };
}
