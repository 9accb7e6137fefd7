import type { ConfigurationDocument } from '../configuration.ts';
import { PASSWORD } from './setup.ts';

/** What first-round.ts and later-rounds.ts need. */
export function addForRounds(
  document: ConfigurationDocument,
  port: number,
  deadPort: number,
): void {
  const carrier = `127.0.0.1:${String(port)}`;
  const gateway = (name: string, prefix: string, more: object = {}) => ({
    name,
    addresses: [carrier],
    prefixes: [prefix],
    priority: 1,
    ...more,
  });
  const login = { username: 'u', password: 'p' };
  document.routingGateways.push(
    gateway('other-media', '4750'),
    gateway('unheard', '4751'),
    gateway('describes-nothing', '4752'),
    gateway('requires', '4753'),
    gateway('trying', '4754', { timers: { sessionProgress: 1 } }),
    gateway('asks-oddly', '4755', login),
    gateway('silent-1', '4756', { timers: { invite: 1 } }),
    gateway('silent-2', '4756', { timers: { invite: 1 }, priority: 2 }),
    gateway('leaves', '4757'),
    gateway('needs-relay', '4758', { media: { mode: 'anchor', relay: 'required' } }),
    gateway('refuses-us', '4759', { ...login, registration: {} }),
    gateway('hears-nothing', '4760', {
      ...login,
      registration: { registrar: `127.0.0.1:${String(deadPort)}` },
    }),
    gateway('moves', '4761'),
    gateway('best-1', '4762'),
    gateway('best-2', '4762', { priority: 2, addresses: [`127.0.0.1:${String(deadPort)}`], timers: { invite: 1 } }), // prettier-ignore
    gateway('repeats', '4763'),
    gateway('chokes', '4764', { throttle: { calls: 1, failureShare: 50, recoveryShare: 0, step: 1, least: 1, lastResort: false } }), // prettier-ignore
    gateway('by-the-second', '51'),
    gateway('wants-long', '4765'),
    gateway('refreshes-not', '4766'),
    gateway('waits-for-caller', '4767'),
  );
  (document.rateGroups[0]?.['rates'] as object[]).push(
    { prefix: '2', pricePerMinute: '0.01' },
    { prefix: '51', pricePerMinute: '6', firstIncrement: 1, nextIncrement: 1 },
  );
  document.accounts.push({ name: 'cents', openingBalance: '0.2', rateGroup: 'standard' });
  const phone = (username: string, more: object = {}) => ({
    username,
    account: 'demo',
    password: PASSWORD,
    ...more,
  });
  const briefly = { registration: { minExpires: 10 } };
  document.phones.push(
    phone('2301'),
    phone('2302', { account: 'cents' }),
    phone('2303'),
    phone('2304', briefly),
    phone('2305', briefly),
    ...[
      '2306',
      '2307',
      '2308',
      '2309',
      '2310',
      '2311',
      '2312',
      '2313',
      '2314',
      '2315',
      '2316',
      '2317a',
    ].map((username) => phone(username)),
  );
}
