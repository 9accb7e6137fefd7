import type { Journal } from '@tandem/events';
import type { GatewayTally } from '@tandem/limits';
import type { Logger } from '@tandem/service';
import { counter, each, gauge } from '@tandem/telemetry';
import { shareText } from '../core/rules/throttled.ts';

// Names of metrics; docs/telemetry.md lists them too.
const meter = 'tandem.routing';

const steps = counter({
  meter,
  name: 'tandem.routing.gateway.throttles',
  description:
    'Steps by which routing gateways were throttled or let back in, by step: throttled or let-back',
  unit: '{step}',
  zeros: each('step', 'throttled', 'let-back'),
});

/** Counts, logs and journals that a gateway gets another share of its calls (OPS-10). @param step shares in per cent */
export function noteStep(
  step: { readonly seen: GatewayTally; readonly before: number; readonly share: number },
  { journal, logger }: { readonly journal: Journal | undefined; readonly logger: Logger },
): void {
  const { attempts, failed, gateway } = step.seen;
  const [before, share] = [shareText(step.before), shareText(step.share)];
  const facts = { share, before, attempts, failed };
  const isLess = step.share < step.before;
  steps.add(1, { step: isLess ? 'throttled' : 'let-back' });
  if (isLess) logger.warn({ gateway, ...facts }, 'gateway is throttled');
  else logger.info({ gateway, ...facts }, 'throttled gateway is let back in');
  const cause = isLess ? 'gateway-throttled' : 'gateway-let-back';
  const whose = { account: '', sender: 'proved', source: '', userAgent: '' } as const;
  journal?.note({ cause, facts, terminal: gateway, ...whose });
}

/** Reports which share of its calls each gateway gets, every pod the same. @returns what ends it */
export function reportShares(
  read: () => readonly { readonly gateway: string; readonly share: number }[],
): () => void {
  return gauge(
    {
      meter,
      name: 'tandem.routing.gateway.share',
      description:
        'Share of its calls that each routing gateway gets, 0 to 1: less than 1 while it is throttled; every pod reports the same',
      unit: '{gateway}',
    },
    (report) => {
      for (const { gateway, share } of read()) report(share, { gateway });
    },
  );
}
