/** Names of the store's keys, all in one hash slot so that one script may touch several. */
export interface LimitKeys {
  /** Sorted set: call id → lease expiry, milliseconds of the store's clock. */
  readonly line: (key: string) => string;
  /** Sorted set: call id → when its token comes back, milliseconds of the store's clock. */
  readonly rate: (key: string) => string;
  /** String with expiry: since when a call holds lines, and which. */
  readonly held: (callId: string) => string;
  /** Sorted set: call id → since when it holds lines, milliseconds of the store's clock. */
  readonly holders: string;
  /** Hash: account → balance in nanos. */
  readonly balance: string;
  /** Hash: account → version of its balance. */
  readonly balanceVersion: string;
  /** Sorted set: call id → when the money that it has reserved is to be looked at. */
  readonly moneyDue: string;
  /** Hash: gateway → until when no call goes there, and why. */
  readonly rests: string;
  /** Hash: pool of numbers → calls that it has had. */
  readonly poolTurns: string;
  /** First part of the names of hashes: gateway, and prefix → what finished attempts add up to. */
  readonly quality: string;
  /** Hash: gateway → how its attempts come out, and by how much it is throttled; set of those that are. */
  readonly throttles: readonly [windows: string, throttled: string];
}

/** @param prefix hash tag of the deployment. @default 'tandem' */
export function limitKeys(prefix = 'tandem'): LimitKeys {
  const line = `{${prefix}}:line:`;
  const rate = `{${prefix}}:rate:`;
  const held = `{${prefix}}:held:`;
  return {
    line: (key) => line + key,
    rate: (key) => rate + key,
    held: (callId) => held + callId,
    holders: `{${prefix}}:holders`,
    balance: `{${prefix}}:balance`,
    balanceVersion: `{${prefix}}:balance-version`,
    moneyDue: `{${prefix}}:money-due`,
    rests: `{${prefix}}:gateway-rests`,
    poolTurns: `{${prefix}}:pool-turns`,
    quality: `{${prefix}}:quality`,
    throttles: [`{${prefix}}:throttle-windows`, `{${prefix}}:throttled`],
  };
}
