import type { Cases } from './sentence-case.ts';

const overload = {
  'measured-ms': 340,
  'limit-ms': 100,
  parameter: 'SS_OVERLOAD_DELAY',
  rate: 210,
  share: 70,
  demand: 900,
  refused: 12,
} as const;

/** How a call is told that the switch had no capacity for. */
export const overloadedCases: Cases<'overloaded'>['overloaded'] = [
  [
    'The switch was past its capacity (datagrams waited for 340 ms, SS_OVERLOAD_DELAY=100), and began 210 calls a second; 12 of its calls were refused since that began.',
    'mapping-gateway trunk',
    { ...overload, cause: 'queue-delay', measured: 'queue-delay' },
  ],
  [
    'The switch was past its capacity (its event loop was late by 340 ms, SS_OVERLOAD_DELAY=100), and mapping gateway trunk sent 900 calls a second where its share of 210 was 70; 12 of its calls were refused since that began.',
    'mapping-gateway trunk',
    { ...overload, cause: 'share', measured: 'loop-delay' },
  ],
  [
    'The switch was past its capacity (calls waited to be routed for 340 ms, SS_OVERLOAD_SETUP_DELAY=100), and began 210 calls a second; 12 of its calls were refused since that began.',
    'mapping-gateway trunk',
    {
      ...overload,
      cause: 'set-up-delay',
      measured: 'set-up-delay',
      parameter: 'SS_OVERLOAD_SETUP_DELAY',
    },
  ],
  [
    'The edge begins no more than 210 calls a second (TANDEM_OVERLOAD_RATE); 12 of its calls were refused since that began.',
    'mapping-gateway trunk',
    { ...overload, cause: 'most-rate', measured: 'loop-delay' },
  ],
];
