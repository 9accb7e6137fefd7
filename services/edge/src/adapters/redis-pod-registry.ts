import { SwitchError } from '@tandem/domain';
import { defineScript } from '@tandem/service';
import type { Logger, Redis } from '@tandem/service';
import type { PodRegistry } from '../ports.ts';

const SLOTS = 256;
const LEASE_MS = 1500;
const RENEW_MS = 400;

/** KEYS slot, epochs · ARGV pod, lease ms. The slot's new epoch, or 0 where another pod holds it. */
const joinLua = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local epoch = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. string.format('%.0f', epoch), 'PX', ARGV[2])
return epoch
`;

/** Slots in Redis: a key each with the lease of the pod that holds it (edge.md §3). */
export function redisPodRegistry(redis: Redis, prefix: string, logger: Logger): PodRegistry {
  const join = defineScript(redis, joinLua, 2, { name: 'edge.join' });
  const slotKey = (slot: number): string => `{${prefix}}:slot:${String(slot)}`;
  let held: { readonly key: string; readonly timer: NodeJS.Timeout } | undefined;

  return {
    async join(pod) {
      for (let slot = 0; slot < SLOTS; slot += 1) {
        const key = slotKey(slot);
        const value = `${pod.name} ${pod.address}`;
        const epoch = Number(await join([key, `{${prefix}}:epochs`], [value, LEASE_MS]));
        if (epoch === 0) continue;
        const lease = `${value} ${String(epoch)}`;
        const renew = (): void => {
          redis.set(key, lease, 'PX', LEASE_MS).catch((error: unknown) => {
            logger.debug({ err: error }, 'slot not renewed');
          });
        };
        held = { key, timer: setInterval(renew, RENEW_MS) };
        return { slot, epoch: epoch & 0xff_ffff };
      }
      throw new SwitchError(
        'SWITCH_SERVICE_UNAVAILABLE',
        `all ${String(SLOTS)} edge slots are taken`,
      );
    },
    async leave() {
      if (held === undefined) return;
      clearInterval(held.timer);
      const { key } = held;
      held = undefined;
      await redis.del(key);
    },
  };
}

/** The one pod of an embedded switch. */
export function soloPodRegistry(epoch: number): PodRegistry {
  return {
    join: () => Promise.resolve({ slot: 0, epoch: epoch & 0xff_ffff }),
    leave: () => Promise.resolve(),
  };
}
