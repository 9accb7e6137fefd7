import type { Cases } from './sentence-case.ts';

/** How a call is told that it is of a type that its side may not make. */
export const callTypeCases: Cases<'call-not-permitted'>['call-not-permitted'] = [
  [
    'Phone 1001 may make calls of type internal, national alone (callTypes), and 449012345 is premium, by prefix 449.',
    'phone 1001',
    { callee: '449012345', type: 'premium', prefix: '449', permitted: 'internal, national' },
  ],
  [
    'Account demo may make calls of type internal alone (callTypes), and 33123 is of no type.',
    'account demo',
    { callee: '33123', type: 'none', prefix: 'none', permitted: 'internal' },
  ],
];
