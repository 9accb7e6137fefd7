import type { Logger } from '@tandem/service';
import { counter, gauge } from '@tandem/telemetry';
import type { Outbound, OutboundState, OutboundTask } from '../core/outbound/outbound.ts';

// Names of metrics; docs/telemetry.md lists them too.
const meter = 'tandem.registrar';

const attempts = counter({
  meter,
  name: 'tandem.registrar.outbound.attempts',
  description:
    'Attempts to register with carriers, by gateway, task (register, unregister, clear) and code of the answer, 0 where there was none',
  unit: '{attempt}',
});

const takeovers = counter({
  meter,
  name: 'tandem.registrar.outbound.takeovers',
  description: 'Registrations with carriers that a pod took over from one that was gone',
  unit: '{registration}',
  zeros: [{}],
});

/** Counts and logs what has become of a registration. */
export function noteStep(
  logger: Logger,
  before: Outbound | undefined,
  after: Outbound | undefined,
): void {
  if (after === undefined) {
    logger.info({ gateway: before?.settings.gateway }, 'registration with a carrier is over');
    return;
  }
  const { edge, last, settings, state } = after;
  if (before?.isHeld === true && after.isHeld && before.edge !== edge) takeovers.add(1);
  if (before?.state === state) return;
  const about = { gateway: settings.gateway, state, edge, ...saidIn(last) };
  if (state === 'refused' || state === 'unreachable') {
    logger.warn(about, 'registration with a carrier failed');
  } else {
    logger.info(about, 'registration with a carrier');
  }
}

function saidIn(last: Outbound['last']): Partial<NonNullable<Outbound['last']>> {
  if (last === undefined) return {};
  const { code, reason, text } = last;
  return { code, reason, text };
}

/** @param code 0: there was no answer */
export function countAttempt(gateway: string, task: OutboundTask, code: number): void {
  attempts.add(1, { gateway, task, code });
}

/** Reports how they stand, every pod the same. @returns what ends it */
export function reportOutbound(
  states: () => Promise<readonly { readonly state: OutboundState }[] | undefined>,
): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.registrar.outbound.registrations',
      description: 'Registrations with carriers by state; every pod reports the same',
      unit: '{registration}',
    },
    async (report) => {
      const all = (await states()) ?? [];
      const counts = Map.groupBy(all, ({ state }) => state);
      for (const state of allStates) report(counts.get(state)?.length ?? 0, { state });
    },
  );
}

const allStates = [
  'registering',
  'registered',
  'refused',
  'unreachable',
  'unregistering',
  'unregistered',
] as const satisfies readonly OutboundState[];
