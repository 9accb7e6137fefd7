import type { OwnKafka, OwnRedis, ScriptedPeer } from '@tandem/testing';
import { callAsPhone } from '../calling.ts';
import { configuration, demo } from '../configuration.ts';
import type { ConfigurationDocument } from '../configuration.ts';
import { freePort } from '../free-ports.ts';
import { registeredDevice } from '../phone-devices.ts';
import type { RunningSwitch } from '../running-switch.ts';

/** What faults are made with. */
interface FaultBench {
  readonly running: RunningSwitch;
  readonly redis: OwnRedis;
  readonly kafka: OwnKafka;
}

/** The cause of an alert, made true. */
export interface Fault {
  readonly alert: string;
  readonly cause: string;
  /** Begins it; what it returns ends it. */
  readonly make: (bench: FaultBench) => Promise<() => Promise<unknown>>;
}

/** Phones beside the demo one: enough for an alert on their number. */
const PHONES = 24;
/** Lines of the gateway that answers. */
const LINES = 10;

const phoneName = (index: number): string => `20${String(index).padStart(2, '0')}`;
const nothing = (): Promise<void> => Promise.resolve();

/** A gateway that answers, one that asks to be left alone, one that the switch cannot register with, and phones. */
export async function faultConfiguration(
  answers: number,
  rests: number,
): Promise<ConfigurationDocument> {
  const document = configuration(answers, rests);
  const rates = document.rateGroups[0]?.['rates'] as unknown[];
  for (const prefix of ['45', '46']) rates.push({ prefix, pricePerMinute: demo.price });
  const [first, second] = document.routingGateways;
  const nobody = `127.0.0.1:${String(await freePort())}`;
  document.routingGateways = [
    { ...first, lineLimit: LINES },
    { ...second, prefixes: ['45'] },
    {
      ...first,
      name: 'carrier-c',
      prefixes: ['46'],
      addresses: [nobody],
      username: 'switch',
      password: 'carrier-secret',
      registration: {},
    },
  ];
  for (let index = 0; index < PHONES; index += 1) {
    const username = phoneName(index);
    document.phones.push({ username, password: demo.password, account: demo.account });
  }
  return document;
}

/** In an order in which none hides the next one: the stores go last. */
export const faults: readonly Fault[] = [
  {
    alert: 'TandemMediaRelayAway',
    cause: 'the media relay that is configured does not run',
    make: () => Promise.resolve(nothing),
  },
  {
    alert: 'TandemCarrierNotRegistered',
    cause: 'nobody is where the switch is to register',
    make: () => Promise.resolve(nothing),
  },
  {
    alert: 'TandemGatewayRests',
    cause: 'a carrier asks for no calls by 503 with Retry-After',
    make: ({ running }) => always(() => callAsPhone(running, '452079460000', { calls: 2 })),
  },
  {
    alert: 'TandemLinesFull',
    cause: 'all lines of a gateway are in use',
    make: ({ running }) => {
      const held = callAsPhone(running, '442079460000', {
        calls: LINES,
        pauseMs: 25_000,
        timeoutMs: 60_000,
      });
      return Promise.resolve(() => held);
    },
  },
  {
    alert: 'TandemRegistrationsDropped',
    cause: 'all phones unregister',
    make: async ({ running }) => {
      const devices: ScriptedPeer[] = [];
      for (let index = 0; index < PHONES; index += 1) {
        const username = phoneName(index);
        devices.push(await registeredDevice(running, { username, password: demo.password }));
      }
      // Counted a few seconds apart.
      await new Promise((resolve) => setTimeout(resolve, 8000));
      await Promise.all(devices.map((device, index) => unregister(running, device, index)));
      return () => Promise.all(devices.map((device) => device.close()));
    },
  },
  {
    alert: 'TandemPasswordsWrong',
    cause: 'somebody tries passwords, a hundred a second',
    make: ({ running }) =>
      always(() =>
        callAsPhone(running, '442079460000', {
          username: phoneName(0),
          password: 'wrong',
          calls: 500,
          rate: 100,
          trace: false,
        }),
      ),
  },
  {
    alert: 'TandemServiceAway',
    cause: 'routing is gone',
    make: async ({ running }) => {
      await running.processes.get('routing')?.stop();
      return always(() =>
        callAsPhone(running, '442079460000', { calls: 100, rate: 50, trace: false }),
      );
    },
  },
  {
    alert: 'TandemOutboxOld',
    cause: 'Kafka is gone',
    make: async ({ kafka, running }) => {
      const held = callAsPhone(running, '442079460000', { calls: 2 });
      await kafka.kill();
      await held;
      return always(() => callAsPhone(running, '330000000000', { calls: 2 }));
    },
  },
  {
    alert: 'TandemRedisFails',
    cause: 'Redis is gone',
    make: async ({ redis, running }) => {
      await redis.kill();
      return always(() =>
        callAsPhone(running, '442079460000', { calls: 100, rate: 50, trace: false }),
      );
    },
  },
];

/** Repeats it until it is told to end. */
function always(work: () => Promise<unknown>): Promise<() => Promise<void>> {
  const over = new AbortController();
  const run = (async () => {
    while (!over.signal.aborted) await work();
  })();
  return Promise.resolve(async () => {
    over.abort();
    await run;
  });
}

async function unregister(
  { sip }: RunningSwitch,
  device: ScriptedPeer,
  index: number,
): Promise<void> {
  const username = phoneName(index);
  const { address, port } = device.local;
  await device.request('REGISTER', {
    to: sip,
    headers: {
      To: `<sip:${username}@${sip.address}:${String(sip.port)}>`,
      Contact: `<sip:${username}@${address}:${String(port)}>`,
      Expires: '0',
    },
  });
}
