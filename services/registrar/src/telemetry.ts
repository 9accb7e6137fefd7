import { counter, each, gauge, histogram, isTelemetryOn } from '@tandem/telemetry';
import type { Changes, RegisterOutcome } from './core/register.ts';

// Names of metrics of this service; docs/telemetry.md lists them too.
const meter = 'tandem.registrar';

const registrations = counter({
  meter,
  name: 'tandem.registrar.registrations',
  description:
    'Requests to register, by outcome (added, refreshed, removed, fetched, refused, error) and cause of a refusal',
  unit: '{request}',
  zeros: [
    { outcome: 'error', cause: 'ServiceUnavailable' },
    ...['added', 'refreshed', 'removed', 'fetched'].map((outcome) => ({ outcome, cause: '' })),
  ],
});

const duration = histogram({
  meter,
  name: 'tandem.registrar.duration',
  description: 'Time that a request to register took',
  unit: 's',
});

const ended = counter({
  meter,
  name: 'tandem.registrar.bindings.ended',
  description:
    'Bindings that ended otherwise than by their phone, by cause (expired, replaced, operator, connection)',
  unit: '{binding}',
  zeros: each('cause', 'expired', 'replaced', 'operator', 'connection'),
});

const reachability = counter({
  meter,
  name: 'tandem.registrar.reachability',
  description:
    'Phones behind NAT that were found to answer no keep-alives, or to answer again, by change (unreachable, reachable)',
  unit: '{binding}',
  zeros: each('change', 'unreachable', 'reachable'),
});

type Registration = RegisterOutcome | { readonly kind: 'unknown-phone' };

/** REG-09: runs a request and counts what came out. */
export async function observeRegister(run: () => Promise<Registration>): Promise<Registration> {
  if (!isTelemetryOn()) return run();
  const startedAt = performance.now();
  try {
    const outcome = await run();
    registrations.add(1, attributesOf(outcome));
    return outcome;
  } catch (error) {
    registrations.add(1, { outcome: 'error', cause: 'ServiceUnavailable' });
    throw error;
  } finally {
    duration.record((performance.now() - startedAt) / 1000);
  }
}

export function countEnded(
  cause: 'expired' | 'replaced' | 'operator' | 'connection',
  bindings: number,
): void {
  if (bindings > 0) ended.add(bindings, { cause });
}

/** A phone has been found to be out of reach, or within it again. */
export function countReachability(isUnreachable: boolean): void {
  reachability.add(1, { change: isUnreachable ? 'unreachable' : 'reachable' });
}

/** Reports how many phones are registered. @param count undefined where nobody knows @returns what ends it */
export function reportRegistered(count: () => Promise<number | undefined>): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.registrar.registered',
      description: 'Phones and dynamic gateways that are registered; every pod reports the same',
      unit: '{phone}',
    },
    async (report) => {
      const registered = await count();
      if (registered !== undefined) report(registered);
    },
  );
}

/** How many dynamic gateways are registered, and how many are not. */
export type GatewayCounts = Readonly<Record<'registered' | 'unregistered', number>>;

/** Reports them. @param count undefined where nobody knows @returns what ends it */
export function reportGateways(count: () => Promise<GatewayCounts | undefined>): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.registrar.gateways',
      description:
        'Dynamic gateways by state (registered, unregistered); every pod reports the same',
      unit: '{gateway}',
    },
    async (report) => {
      const counts = await count();
      for (const [state, gateways] of Object.entries(counts ?? {})) report(gateways, { state });
    },
  );
}

function attributesOf(outcome: Registration): Record<string, string> {
  switch (outcome.kind) {
    case 'unknown-phone':
      return { outcome: 'refused', cause: 'UserNotFound' };
    case 'refused':
      return { outcome: 'refused', cause: outcome.cause };
    case 'registered':
      return { outcome: changeOf(outcome.changes), cause: '' };
  }
}

function changeOf({ added, refreshed, removed }: Changes): string {
  if (added.length > 0) return 'added';
  if (refreshed.length > 0) return 'refreshed';
  return removed.length > 0 ? 'removed' : 'fetched';
}
