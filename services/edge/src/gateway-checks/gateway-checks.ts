export { AddressTests } from './address-tests.ts';
export type { NetworkLook } from './address-tests.ts';
export { AttemptTally } from './attempt-tally.ts';
export type { ChecksClient } from './checks-client.ts';
export { GatewayChecks } from './checking.ts';
export { OptionsRequests } from './options-requests.ts';
