import type { Journal } from '@tandem/events';
import type { CheckReport } from '@tandem/proto/health';
import type { Logger } from '@tandem/service';
import { counter, each, gauge } from '@tandem/telemetry';
import type { CheckTerms } from '../core/health/check-terms.ts';
import type { HealthChange } from '../core/health/health-changes.ts';
import { isOffline } from '../core/health/health.ts';
import type { GatewayHealth } from '../core/health/health.ts';
import { isAlive } from '../core/health/health-step.ts';

// Names of metrics; docs/telemetry.md lists them too.
const meter = 'tandem.routing';

const checks = counter({
  meter,
  name: 'tandem.routing.gateway.checks',
  description:
    'OPTIONS checks of addresses of routing gateways, by gateway and outcome: answered, dead-code or unanswered',
  unit: '{check}',
});

const changes = counter({
  meter,
  name: 'tandem.routing.gateway.changes',
  description: 'Routing gateways that have gone off line or come back, by state: offline or online',
  unit: '{change}',
  zeros: each('state', 'offline', 'online'),
});

/** Counts what the addresses of a gateway have answered. */
export function countChecks({ gateway, outcomes }: CheckReport, terms: CheckTerms): void {
  for (const outcome of outcomes) {
    const said = outcome.code === 0 ? 'unanswered' : isAlive(outcome, terms) ? 'answered' : 'dead-code'; // prettier-ignore
    checks.add(1, { gateway, outcome: said });
  }
}

/** Counts, logs and journals what has gone off line or come back (OPS-10). */
export function noteChanges(
  all: readonly HealthChange[],
  { journal, logger }: { readonly journal: Journal | undefined; readonly logger: Logger },
): void {
  for (const change of all) {
    const { address, failed, gateway, isOffline: isOff, last, of, seconds } = change;
    const about = { gateway, ...(address === '' ? {} : { address }), last };
    if (address === '') changes.add(1, { state: isOff ? 'offline' : 'online' });
    if (isOff) logger.warn({ ...about, failed, of }, offText(address));
    else logger.info({ ...about, seconds }, onText(address));
    journal?.note({ ...noteOf(change), ...who(gateway) });
  }
}

function offText(address: string): string {
  return address === '' ? 'gateway is off line' : 'address of a gateway is off line';
}

function onText(address: string): string {
  return address === '' ? 'gateway is on line again' : 'address of a gateway is on line again';
}

function who(gateway: string) {
  return { terminal: gateway, account: '', sender: 'proved', source: '', userAgent: '' } as const;
}

function noteOf({ address, failed, isOffline: isOff, last, of, seconds }: HealthChange) {
  if (address === '') {
    return isOff
      ? ({ cause: 'gateway-off-line', facts: { last, failed, checks: of } } as const)
      : ({ cause: 'gateway-on-line', facts: { last, seconds } } as const);
  }
  return isOff
    ? ({
        cause: 'address-off-line',
        facts: { contact: address, last, failed, checks: of },
      } as const)
    : ({ cause: 'address-on-line', facts: { contact: address, last, seconds } } as const);
}

/** Reports how gateways that are checked stand, every pod the same. @returns what ends it */
export function reportHealth(
  read: () => Promise<readonly (readonly [gateway: string, health: GatewayHealth])[]>,
): () => void {
  let known: readonly (readonly [string, GatewayHealth])[] = [];
  const ends = [
    gauge(
      {
        meter,
        name: 'tandem.routing.gateway.online',
        description:
          '1 for each routing gateway some address of which answers OPTIONS, 0 for one that is off line; every pod reports the same',
        unit: '{gateway}',
      },
      async (report) => {
        known = await read();
        for (const [gateway, health] of known) report(isOffline(health) ? 0 : 1, { gateway });
      },
    ),
    gauge(
      {
        meter,
        name: 'tandem.routing.gateway.rtt',
        description:
          'Time from an OPTIONS to a routing gateway until its answer, the shortest of its addresses at the last check; every pod reports the same',
        unit: 's',
      },
      (report) => {
        for (const [gateway, { addresses }] of known) {
          const answered = addresses.flatMap(({ last: { code, rttMs } }) => (code === 0 ? [] : [rttMs])); // prettier-ignore
          if (answered.length > 0) report(Math.min(...answered) / 1000, { gateway });
        }
      },
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}
