import type { Logger } from '@tandem/service';
import type { AdvertisedAddress } from '../core/reachable-gateways.ts';
import type { ServicePorts } from '../ports.ts';

/** Nobody who applies a document waits for an edge that is away. */
const WAIT_MS = 2000;

/**
 * What all edges that live advertise; undefined where none answers, or one of the version before does not say. Never rejects.
 */
export function advertisedAddresses(
  { edge }: ServicePorts,
  logger: Logger,
): () => Promise<readonly AdvertisedAddress[] | undefined> {
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, WAIT_MS, undefined);
    });
    try {
      const answer = await Promise.race([edge.listPods({}), late]);
      const pods = answer?.pods ?? [];
      const isSaid = pods.length > 0 && pods.every(({ advertisedTo }) => advertisedTo.length > 0);
      return isSaid ? pods.flatMap(({ advertisedTo }) => advertisedTo) : undefined;
    } catch (error) {
      logger.debug({ err: error }, 'what edges advertise is not known');
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  };
}
