import { SDP, type Script } from '../answering-carrier.ts';
import { answeredCodes } from './carriers.ts';

/** A session description with a codec that nobody offers here. */
const G729 = SDP.replace('RTP/AVP 0', 'RTP/AVP 18');
const ANSWERS: Script = [{ code: 180 }, { code: 200 }];

/** Numbers, and what the carrier answers to them. */
export const scripts: ReadonlyMap<string, Script> = new Map<string, Script>([
  ['44', [{ code: 180 }, { code: 200 }]],
  ['4601', [{ code: 0 }]],
  ['4602', [{ code: 180 }]],
  ['4603', [{ code: 486 }]],
  ['4604', [{ code: 403, headers: 'Reason: Q.850;cause=21;text="Call Rejected"' }]],
  ['4605', [{ code: 404 }]],
  ['4606', [{ code: 488, headers: 'Warning: 304 gw "Media type not available"' }]],
  ['4607', [{ code: 503 }]],
  ['4608', [{ code: 503 }]],
  ['4609', [{ code: 183, hasSdp: true }, { code: 503 }]],
  ['4610', [{ code: 401, headers: 'WWW-Authenticate: Digest realm="carrier", nonce="n1"' }]],
  ['4611', [{ code: 302 }]],
  ['4612', [{ code: 180 }]],
  ['4705', ANSWERS],
  ['471', ANSWERS],
  ['4718', [{ code: 503, headers: 'Retry-After: 60' }]],
  ['4720', ANSWERS],
  ['4729', [{ code: 183 }]],
  ['4730', [{ code: 183, hasSdp: true }]],
  ['4731', [{ code: 200, afterMs: 1500 }]],
  ['4733', [{ code: 401, headers: 'WWW-Authenticate: Digest realm="carrier", nonce="n1"' }]],
  ['4734', [{ code: 486 }]],
  ['4739', [{ code: 480, headers: 'Reason: Q.850;cause=19;text="no answer"' }]],
  ['4741', [{ code: 200, isGarbage: true }]],
  ['4743', ANSWERS],
  ['4750', [{ code: 488, hasSdp: true, sdp: G729 }]],
  ['4751', [{ code: 200, sdp: G729 }]],
  ['4752', [{ code: 200, sdp: '' }]],
  ['4753', [{ code: 421, headers: 'Require: 100rel' }]],
  ['4754', [{ code: 100 }]],
  [
    '4755',
    [
      {
        code: 401,
        headers: 'WWW-Authenticate: Digest realm="carrier", nonce="n1", algorithm=SHA-1',
      },
    ],
  ],
  ['4756', [{ code: 0 }]],
  ['4757', [{ code: 200, hangsUp: 'Q.850;cause=41;text="Temporary failure"' }]],
  ['4761', [{ code: 302, headers: 'Contact: <sip:elsewhere@203.0.113.9>' }]],
  ['4762', [{ code: 404 }]],
  ['4763', [{ code: 200, isRepeated: true }]],
  ['4764', [{ code: 503 }]],
  ['4765', [{ code: 422, headers: 'Min-SE: 3600' }]],
  ['4766', [{ code: 200, headers: 'Session-Expires: 4;refresher=uas' }]],
  ['4767', [{ code: 200, headers: 'Session-Expires: 4;refresher=uac' }]],
  ['51', ANSWERS],
  ...answeredCodes.map((code) => [`49${String(code)}`, [{ code }]] as const),
]);
