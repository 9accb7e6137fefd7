import { accountSetups } from './accounts.ts';
import { callerSetups } from './callers.ts';
import { carrierSetups } from './carriers.ts';
import { registrationSetups } from './registrations.ts';
import { firstRound } from './first-round.ts';
import { requestSetups } from './requests.ts';
import { routeSetups } from './routes.ts';
import { as } from './setup.ts';
import type { BrokenSetup } from './setup.ts';

export { brokenConfiguration } from './configuration.ts';
export { scripts } from './scripts.ts';
export { laterRounds } from './later-rounds.ts';
export { PASSWORD } from './setup.ts';
export type { BrokenSetup } from './setup.ts';

/** The guides' causes that a configuration, a carrier or a client can break, and what the switch adds. */
export const brokenSetups: readonly BrokenSetup[] = [
  ...callerSetups,
  ...accountSetups,
  ...routeSetups,
  ...carrierSetups,
  ...requestSetups,
  ...registrationSetups,
  ...firstRound,
];

export const answeredAfterAll: BrokenSetup = {
  name: 'a gateway that failed before another one answered',
  ask: { ...as('1001'), to: '47050' },
  says: [/after fails-first failed with/],
  remedy: /^/,
};
