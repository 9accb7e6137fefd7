import type { Cases } from './sentence-case.ts';

/** Where a called phone was found. */
export const phoneCases = {
  'phone-located': [
    [
      'Phone 1002 is called at sip:1002@10.0.0.7, which was heard from 192.0.2.7:40312.',
      'phone 1002',
      { bindings: 1, contact: 'sip:1002@10.0.0.7', source: '192.0.2.7:40312' },
    ],
  ],
} as const satisfies Cases<'phone-located'>;
