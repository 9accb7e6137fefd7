import { counter, each, gauge, histogram } from '@tandem/telemetry';

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

/** Requests to other services that failed, by `method`; begun at 0 for each method that is used. */
export const rpcFailures = counter({
  meter: 'tandem.service',
  name: 'tandem.rpc.failures',
  description: 'Requests to another service that failed or had no answer in time, by method',
  unit: '{request}',
});

/** Requests that were asked of a second pod, by `method`; begun at 0 for each stream. */
export const rpcRepeats = counter({
  meter: 'tandem.service',
  name: 'tandem.rpc.repeats',
  description:
    'Requests that were asked again of another pod, since the connection to the first broke or fell silent',
  unit: '{request}',
});

/** Calls of scripts that failed, by `script`; begun at 0 for each. */
export const redisFailures = counter({
  meter: 'tandem.service',
  name: 'tandem.redis.failures',
  description: 'Calls of Redis scripts that failed or had no answer in time, by script',
  unit: '{call}',
});

/** Reports when the certificate that a process shows to other services expires. @returns what ends the report */
export function certificateExpiry(readMs: () => number): () => void {
  return gauge(
    {
      meter: 'tandem.service',
      name: 'tandem.rpc.certificate_expiry',
      description:
        'When the certificate that a process shows to other services expires, as a Unix time',
      unit: 's',
    },
    (observe) => {
      observe(readMs() / 1000);
    },
  );
}

/** By attribute `result`: `replaced`, or `kept`, where the new files cannot be used. */
export const certificateChanges = counter({
  meter: 'tandem.service',
  name: 'tandem.rpc.certificate_changes',
  description: 'Changed files of certificates between services that were looked at',
  unit: '{change}',
  zeros: each('result', 'replaced', 'kept'),
});
