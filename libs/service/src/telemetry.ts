import { histogram } from '@tandem/telemetry';

/** Time of a request to another service, as its caller sees it. */
export const rpcDuration = histogram({
  meter: 'tandem.service',
  name: 'tandem.rpc.duration',
  description: 'Time from a request to another service until its answer, by method',
  unit: 's',
});

/** Time of a script in Redis, as its caller sees it. */
export const redisDuration = histogram({
  meter: 'tandem.service',
  name: 'tandem.redis.duration',
  description: 'Time from a Redis script call until its answer, by script',
  unit: 's',
});
