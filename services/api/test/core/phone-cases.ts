import type { Cases } from './sentence-case.ts';

/** Where a called phone was found. */
export const phoneCases = {
  'phone-located': [
    [
      'Phone 1002 is called at sip:1002@10.0.0.7, which was heard from 192.0.2.7:40312.',
      'phone 1002',
      { bindings: 1, contact: 'sip:1002@10.0.0.7', source: '192.0.2.7:40312' },
    ],
    [
      'Phone 1002 is called at sip:1002@a and sip:1002@b at once, then sip:1002@c, which was heard from 192.0.2.7:1 192.0.2.7:2 192.0.2.7:3.',
      'phone 1002',
      {
        bindings: 3,
        contact: 'sip:1002@a sip:1002@b sip:1002@c',
        source: '192.0.2.7:1 192.0.2.7:2 192.0.2.7:3',
        order: 'sip:1002@a and sip:1002@b at once, then sip:1002@c',
      },
    ],
  ],
  'gateway-not-registered': [
    [
      'Routing gateway a was left out: it is not registered since 2026-06-01T12:00:00.000Z.',
      'routing-gateway a',
      { prefix: '44', since: '2026-06-01T12:00:00.000Z' },
    ],
    [
      'Routing gateway a was left out: it has not registered.',
      'routing-gateway a',
      { prefix: '44' },
    ],
    [
      'Routing gateway a was left out: it registers here, and nobody could say where it is: registrar: away.',
      'routing-gateway a',
      { fault: 'registrar: away' },
    ],
  ],
  'device-missing': [
    [
      'The device urn:uuid:AB of 1002 was called (GRUU), and it is not registered.',
      'callee 1002',
      { cause: 'not registered', instance: 'urn:uuid:AB' },
      'NotRegistered',
    ],
    [
      'A temporary address (GRUU) of the device urn:uuid:AB of 1002 was called, whose registration has ended.',
      'callee 1002',
      { cause: 'ended', instance: 'urn:uuid:AB' },
      'UserNotFound',
    ],
    [
      'A device of 1003 was called (GRUU), and no phone has that number.',
      'callee 1003',
      { cause: 'no phone', instance: 'urn:uuid:AB' },
      'UserNotFound',
    ],
  ],
  'registration-lacking': [
    [
      'Routing gateway a was left out: the switch is not registered with it since 2026-06-01T12:00:00.000Z (refused: 403 Forbidden); `tandem outbound-registrations` shows it, and registration.required: false sends it calls all the same.',
      'routing-gateway a',
      { prefix: '44', state: 'refused', since: '2026-06-01T12:00:00.000Z', last: '403 Forbidden' },
    ],
  ],
} as const satisfies Cases<
  'phone-located' | 'gateway-not-registered' | 'device-missing' | 'registration-lacking'
>;
