import assert from 'node:assert/strict';
import test from 'node:test';
import { AnswerTerms } from '@tandem/proto/routing';
import { mappedRefusal, shownProgress } from '../../../src/core/call/code-maps.ts';
import { carrierResponse } from '../../support/messages.ts';

const terms = (parts: Parameters<typeof AnswerTerms.fromPartial>[0]): AnswerTerms =>
  AnswerTerms.fromPartial(parts);

test('DENY-18 a code that is in no map goes on as it came, but for a 503', () => {
  const { code, phrase, map } = mappedRefusal(carrierResponse(486), undefined);
  assert.deepEqual([code, phrase, map], [486, 'Busy Here', undefined]);
  const away = mappedRefusal(carrierResponse(503), undefined);
  assert.deepEqual(
    [away.code, away.phrase, away.map],
    [500, 'Server Internal Error', 'RFC 3261 16.7'],
  );
});

test('DENY-18 T2-20 the code map of a gateway says what a code is told as, with its own phrase or that of the code', () => {
  const codes = [
    { from: 503, to: 480, phrase: '' },
    { from: 404, to: 604, phrase: 'Nicht vergeben – geprüft' },
  ];
  const away = mappedRefusal(carrierResponse(503), terms({ codes }));
  assert.deepEqual([away.code, away.phrase, away.map], [480, 'Temporarily Unavailable', 'codeMap']);
  const unknown = mappedRefusal(carrierResponse(404), terms({ codes }));
  assert.equal(unknown.code, 604);
  assert.equal(Buffer.from(unknown.phrase, 'latin1').toString(), 'Nicht vergeben – geprüft');
  assert.equal(mappedRefusal(carrierResponse(486), terms({ codes })).map, undefined);
});

test('DENY-18 CALL-02 a cause of Q.850 says the code where the gateway wants that, by RFC 3398 or its own list', () => {
  const busy = carrierResponse(500, { Reason: 'Q.850;cause=17;text="busy"' });
  const readsCause = true;
  const read = mappedRefusal(busy, terms({ readsCause }));
  assert.deepEqual(
    [read.code, read.phrase, read.map, read.readCode, read.cause],
    [486, 'Busy Here', 'q850', 486, 17],
  );
  assert.equal(mappedRefusal(busy, terms({})).code, 500);
  const causes = [{ from: 17, to: 600, phrase: '' }];
  assert.equal(mappedRefusal(busy, terms({ readsCause, causes })).code, 600);
  // The code map goes by what was read; a 503 that was read is none of the switch's either.
  const codes = [{ from: 486, to: 480, phrase: '' }];
  const both = mappedRefusal(busy, terms({ readsCause, codes }));
  assert.deepEqual([both.code, both.map, both.readCode], [480, 'codeMap', 486]);
  const congested = carrierResponse(480, { Reason: 'Q.850;cause=34' });
  assert.equal(mappedRefusal(congested, terms({ readsCause })).code, 500);
  // A cause that is no failure says nothing.
  const normal = carrierResponse(480, { Reason: 'Q.850;cause=16' });
  assert.equal(mappedRefusal(normal, terms({ readsCause })).code, 480);
});

test('CALL-04 180 and 183 are told as the gateway’s setting says, with early media or without', () => {
  const ringing = carrierResponse(180);
  const progress = carrierResponse(183);
  assert.equal(shownProgress(ringing, false, undefined), undefined);
  assert.equal(shownProgress(ringing, false, terms({ progress: 180 })), undefined);
  assert.deepEqual(shownProgress(ringing, false, terms({ ringing: 183 })), {
    status: 183,
    phrase: 'Session Progress',
    hasSdp: false,
  });
  assert.deepEqual(shownProgress(progress, true, terms({ progress: 180 })), {
    status: 180,
    phrase: 'Ringing',
    hasSdp: true,
  });
  const quiet = terms({ progress: 180, dropsEarlySdp: true });
  assert.equal(shownProgress(progress, true, quiet)?.hasSdp, false);
  assert.deepEqual(shownProgress(progress, true, terms({ dropsEarlySdp: true })), {
    status: 183,
    phrase: 'Session Progress',
    hasSdp: false,
  });
  assert.equal(shownProgress(ringing, false, terms({ dropsEarlySdp: true })), undefined);
});

test('CALL-04 a reliable response keeps its session description: it may be the only answer', () => {
  const reliable = carrierResponse(183, { Require: '100rel', RSeq: '1' });
  assert.equal(shownProgress(reliable, true, terms({ dropsEarlySdp: true })), undefined);
});
