import { z } from 'zod';

const CODEC = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,39}$/;
const INTERFACE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

const codecs = z
  .array(
    z
      .string()
      .regex(CODEC, 'must be the name of a codec as in a=rtpmap, such as PCMA or opus/48000/2'),
  )
  .max(16)
  .default([]);

const settings = z.strictObject({
  mode: z
    .enum(['pass', 'anchor', 'needed'])
    .default('pass')
    .describe(
      'pass: session descriptions go from side to side as they come. anchor: media goes through a relay. needed: it does where the two sides differ in srtp, ice or addressFamily, or nat is not symmetric.',
    ),
  relay: z
    .enum(['required', 'optional'])
    .default('required')
    .describe('Whether a call may go on without a relay where none answers.'),
  nat: z
    .enum(['symmetric', 'sip-source', 'none'])
    .default('symmetric')
    .describe(
      'Where media of this side is sent: to the address in its SDP first, then to where its packets come from (symmetric); to the address that its SIP comes from, whatever its SDP says, then to where its packets come from (sip-source); to the address in its SDP alone (none).',
    ),
  srtp: z
    .enum(['none', 'sdes', 'dtls'])
    .optional()
    .describe(
      'What this side is offered: RTP, SRTP with keys in the SDP, or DTLS-SRTP. Not set: as the other side offers; where only the other side has it set, what the caller has offered itself, or RTP towards the callee.',
    ),
  ice: z.enum(['remove', 'force']).optional(),
  addressFamily: z.enum(['ipv4', 'ipv6']).optional(),
  codecs: z
    .strictObject({
      strip: codecs.describe('Taken out of what this side is offered.'),
      offer: codecs.describe('Only these, in this order, are left of what this side is offered.'),
    })
    .prefault({}),
  dtmf: z
    .enum(['pass', 'rfc4733'])
    .default('pass')
    .describe(
      'rfc4733: digits that the other side sends by INFO reach this side as telephone events.',
    ),
  record: z
    .boolean()
    .default(false)
    .describe('The relay records the call, where it is set up for that.'),
  interface: z
    .string()
    .regex(INTERFACE, "must be the name of one of the relay's interfaces, such as internal")
    .optional()
    .describe("The relay's interface towards this side: its name in the relay's configuration."),
  silence: z
    .int()
    .min(10)
    .max(3600)
    .optional()
    .describe('Seconds without any RTP of the call after which it is ended; none: it goes on.'),
});

type Settings = z.output<typeof settings>;

/** What only a relay can do. */
const ofRelay = [
  'relay',
  'nat',
  'srtp',
  'ice',
  'addressFamily',
  'codecs',
  'dtmf',
  'record',
  'interface',
  'silence',
] as const satisfies readonly (keyof Settings)[];

/** Of who has no settings: session descriptions pass as they come. */
export const passingMedia: MediaSettings = settings.parse({});

/** What asks for a relay has to let its calls go through one. */
const coherent = settings.superRefine((media, context) => {
  if (media.mode !== 'pass') return;
  for (const key of ofRelay) {
    if (JSON.stringify(media[key]) === JSON.stringify(passingMedia[key])) continue;
    const message = 'is what a media relay does: set mode to anchor, or to needed, or leave it out';
    context.addIssue({ code: 'custom', path: [key], message });
  }
});

/** How the media of a gateway's calls goes (CALL-08). */
export const mediaSettings = coherent.prefault({}).describe('How the media of its calls goes.');

/** The same of a phone. There are many phones, and most say nothing: nothing is kept of those. */
export const phoneMediaSettings = coherent
  .optional()
  .describe('How the media of its calls goes; not set: as it comes.');

export type MediaSettings = z.output<typeof mediaSettings>;
