import assert from 'node:assert/strict';
import test from 'node:test';
import { activityOf, mediaFigures, namedCalls } from '../../../src/core/media/media-figures.ts';

const stream = (flags: string[], ssrc: number, packets: number) => ({
  flags,
  SSRC: ssrc,
  stats: { packets, bytes: packets * 100, errors: 0 },
});
const reply = {
  tags: {
    a: {
      medias: [
        {
          flags: ['send', 'recv'],
          streams: [stream(['RTP', 'confirmed'], 1, 100), stream(['RTCP'], 1, 5)],
        },
      ],
    },
    'b.x': { medias: [{ flags: ['recv'], streams: [stream(['RTP', 'RTCP'], 2, 90)] }] },
    'b.other-fork': { medias: [] },
  },
  SSRC: {
    '1': { 'average MOS': { MOS: 42, jitter: 3, 'packet loss': 2 }, 'lowest MOS': { MOS: 30 }, 'cumulative loss': 4 }, // prettier-ignore
    '2': {},
  },
  totals: { RTP: { packets: 190 } },
};

test('CALL-08 packets of each side are counted without RTCP, and its quality is that of its own packets', () => {
  const figures = mediaFigures(reply, '192.0.2.9:2223');
  assert.equal(figures?.relay, '192.0.2.9:2223');
  assert.deepEqual(figures.a, { packets: 100, bytes: 10_000, lostPackets: 4, lossPercent: 2, jitterMs: 3, mosTenths: 42, lowestMosTenths: 30 }); // prettier-ignore
  assert.deepEqual([figures.b?.packets, figures.b?.mosTenths], [90, 0]);
});

test('CALL-10 a reply without what is expected tells nothing, and breaks nothing', () => {
  assert.equal(mediaFigures({}, 'r'), undefined);
  const odd = { tags: { a: { medias: [1, 'x', { streams: {} }] } }, SSRC: [] };
  assert.equal(mediaFigures(odd, 'r')?.a?.packets, 0);
  assert.deepEqual(activityOf({}), { packets: 0, isHeld: true });
  assert.deepEqual(namedCalls({ calls: ['x', 1, 'y'] }), ['x', 'y']);
});

test('CALL-05 a call is held where neither side may send', () => {
  assert.deepEqual(activityOf(reply), { packets: 190, isHeld: false });
  const held = { ...reply, tags: { a: { medias: [{ flags: ['recv'] }] } } };
  assert.ok(activityOf(held).isHeld);
});
