import type { Parameter } from './parameter.ts';

/** How gateways that do well, or fail, are dealt with: by what their calls come to. */
export const gatewayParameters = {
  SS_GATEWAY_QUALITY_WINDOW: {
    kind: 'integer',
    default: 3600,
    min: 300,
    max: 7200,
    unit: 's',
    spec: 'ROUTE-04',
    description:
      'Over how long the quality of gateways is looked at (ASR, ACD, PDD), in steps of five minutes.',
  },
  SS_GATEWAY_QUALITY_CALLS: {
    kind: 'integer',
    default: 20,
    min: 1,
    max: 10_000,
    spec: 'ROUTE-04',
    description:
      'The quality of a gateway of which fewer attempts are over does not count where a route policy has order: quality.',
  },
  SS_GATEWAY_QUALITY_TRIAL: {
    kind: 'integer',
    default: 5,
    min: 0,
    max: 100,
    unit: '%',
    spec: 'ROUTE-04',
    description:
      'Of the calls by a route policy with order: quality so many go first to gateways whose quality is not known, so that it will be.',
  },
  SS_GATEWAY_THROTTLE_FAILURE_SHARE: {
    kind: 'integer',
    default: 40,
    min: 0,
    max: 100,
    unit: '%',
    spec: 'ROUTE-16',
    description:
      'From this share of failures on (no answer, 408, 480, 503) a gateway is throttled: each step halves the calls that it gets; 0 = none is.',
  },
  SS_GATEWAY_THROTTLE_RECOVERY_SHARE: {
    kind: 'integer',
    default: 25,
    min: 0,
    max: 99,
    unit: '%',
    spec: 'ROUTE-16',
    description:
      'Up to this share of failures a throttled gateway is let back in: each step doubles the calls that it gets.',
  },
  SS_GATEWAY_THROTTLE_CALLS: {
    kind: 'integer',
    default: 50,
    min: 1,
    max: 10_000,
    spec: 'ROUTE-16',
    description:
      'Fewer calls say nothing of a gateway. Of one that is throttled so much fewer are needed as it gets fewer.',
  },
  SS_GATEWAY_THROTTLE_WINDOW: {
    kind: 'integer',
    default: 300,
    min: 1,
    max: 3600,
    unit: 's',
    spec: 'ROUTE-16',
    description:
      'Over how long the calls of a gateway are looked at; a throttled one that had too few by then, and does not fail, is let in by a step.',
  },
  SS_GATEWAY_THROTTLE_STEP: {
    kind: 'integer',
    default: 10,
    min: 1,
    max: 600,
    unit: 's',
    spec: 'ROUTE-16',
    description: 'The least time from one step of a throttled gateway to the next.',
  },
  SS_GATEWAY_THROTTLE_LEAST: {
    kind: 'integer',
    default: 5,
    min: 1,
    max: 100,
    unit: '%',
    spec: 'ROUTE-16',
    description: 'The share of its calls that a throttled gateway keeps, so that it can recover.',
  },
  SS_GATEWAY_THROTTLE_LAST_RESORT: {
    kind: 'switch',
    default: true,
    spec: 'ROUTE-16',
    description:
      'Whether calls that a throttled gateway does not get are offered to it once all others have failed or are full.',
  },
} as const satisfies Record<string, Parameter>;
