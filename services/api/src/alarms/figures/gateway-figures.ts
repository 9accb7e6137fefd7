import type { GatewayState } from '@tandem/proto/health';
import type { Reading } from '../../core/alarms/alarm-state.ts';
import type { FigureNeed, FigureParts, FigureSource } from './figure-source.ts';

const PAGE = 1000;

/** How routing gateways are: asked once for each window that rules have. */
export const gatewayFigures: FigureSource = {
  service: 'routing',
  figures: [
    'gateway-offline',
    'gateway-share',
    'gateway-asr',
    'gateway-acd',
    'gateway-pdd',
    'gateway-failed',
  ],
  read: async (needs, parts) => {
    const read = new Map<FigureNeed, readonly Reading[]>();
    const byWindow = Map.groupBy(needs, ({ windowSeconds }) => windowSeconds);
    for (const [windowSeconds, some] of byWindow) {
      const gateways = await readGateways(parts, windowSeconds);
      for (const need of some) {
        const readings = gateways.flatMap((gateway) => readingOf(need, gateway));
        read.set(need, readings);
      }
    }
    return read;
  },
};

async function readGateways(
  { ports }: FigureParts,
  windowSeconds: number,
): Promise<readonly GatewayState[]> {
  const found: GatewayState[] = [];
  let after = '';
  do {
    const asked = { gateway: '', state: '', after, limit: PAGE, windowSeconds, brief: true };
    const answer = await ports.routing.listGateways(asked);
    found.push(...answer.gateways);
    after = answer.nextAfter;
  } while (after !== '');
  return found;
}

function readingOf({ figure }: FigureNeed, gateway: GatewayState): Reading[] {
  const { group, isLocked, name: subject, quality, state, throttled } = gateway;
  // Nobody is to be called there: nothing is wrong with it.
  if (isLocked) return [];
  const reading = (value: number, of?: number): Reading[] => [{ subject, value, of, group }];
  if (figure === 'gateway-offline') return reading(Number(state === 'offline'));
  if (figure === 'gateway-share') return reading(throttled?.share ?? 100);
  if (quality === undefined || quality.attempts === 0) return [];
  const { answered, attempts } = quality;
  switch (figure) {
    case 'gateway-asr':
      return reading((100 * answered) / attempts, attempts);
    case 'gateway-failed':
      return reading((100 * quality.failed) / attempts, attempts);
    case 'gateway-acd':
      return answered === 0 ? [] : reading(quality.averageCallSeconds, answered);
    case 'gateway-pdd':
      return quality.postDialSeconds === 0 ? [] : reading(quality.postDialSeconds, attempts);
    default:
      return [];
  }
}
