import type { Cases } from './sentence-case.ts';

/** What becomes of what gateways answer, and why another one was tried or not. */
export const failoverCases: Cases<
  | 'code-mapped'
  | 'progress-mapped'
  | 'redirect-followed'
  | 'redirect-not-followed'
  | 'redirect-unresolved'
  | 'failover-went-on'
  | 'failover-ended'
> = {
  'code-mapped': [
    [
      '503 was told as 480: codeMap of routing gateway a says so.',
      'routing-gateway a',
      { from: 503, to: 480, map: 'codeMap' },
    ],
    [
      '500 was told as 486: its Reason names cause 17 of Q.850 (q850 of routing gateway a, RFC 3398).',
      'routing-gateway a',
      { from: 500, to: 486, map: 'q850', cause: 17 },
    ],
    [
      '503 was told as 500: a 503 of a carrier says nothing of the switch (RFC 3261 §16.7); codeMap of the gateway may say otherwise.',
      'routing-gateway a',
      { from: 503, to: 500, map: 'RFC 3261 16.7' },
    ],
  ],
  'progress-mapped': [
    [
      'The caller heard 183 told as 180 of routing gateway a, its session description was dropped (provisional).',
      'routing-gateway a',
      { from: 183, to: 180, sdp: 'dropped' },
    ],
    [
      'The caller heard 180 told as 183 of routing gateway a (provisional).',
      'routing-gateway a',
      { from: 180, to: 183, sdp: 'none' },
    ],
    [
      'The caller heard 183 of routing gateway a, its session description was dropped (provisional).',
      'routing-gateway a',
      { from: 183, to: 183, sdp: 'dropped' },
    ],
  ],
  'redirect-followed': [
    [
      'Routing gateway a answered 302 and named sip:44@192.0.2.9, which is called at 192.0.2.9:5060 (redirects: follow).',
      'routing-gateway a',
      { code: 302, contact: 'sip:44@192.0.2.9', address: '192.0.2.9:5060' },
    ],
  ],
  'redirect-not-followed': [
    [
      'Routing gateway a answered 302 and named sip:44@x.example, which is not called: its port is 0.',
      'routing-gateway a',
      { code: 302, contact: 'sip:44@x.example', cause: 'its port is 0' },
    ],
  ],
  'redirect-unresolved': [
    [
      'Routing gateway a sent the call on to x.example, which has no address: x.example: it says SERVFAIL.',
      'routing-gateway a',
      { name: 'x.example', cause: 'x.example: it says SERVFAIL' },
    ],
  ],
  'failover-went-on': [
    [
      'Another gateway was asked for after 503 of routing gateway a, which is not in its stopCodes (486, 603).',
      'routing-gateway a',
      { code: 503, failure: 'Rejected', stopCodes: '486, 603' },
    ],
    [
      'Another gateway was asked for after 408 of routing gateway a.',
      'routing-gateway a',
      { code: 408, failure: 'InviteTimeout' },
    ],
  ],
  'failover-ended': [
    [
      'Carrier-b was not tried after it: routing gateway a has switchUntilConnect: false.',
      'routing-gateway a',
      { code: 503, cause: 'switch-until-connect', attempts: 1, untried: 'carrier-b' },
    ],
    [
      'B, c were not tried after it: 403 is among the stopCodes of routing gateway a (403, 404).',
      'routing-gateway a',
      { code: 403, cause: 'stop-code', attempts: 1, stopCodes: '403, 404', untried: 'b, c' },
    ],
    [
      'No other gateway was tried after 486 of routing gateway a: 486 is among the stopCodes of routing gateway a (486, 603).',
      'routing-gateway a',
      { code: 486, cause: 'stop-code', attempts: 1, stopCodes: '486, 603' },
    ],
    [
      'No other gateway was tried after 503 of routing gateway a: routing gateway a has switchUntilConnect: false.',
      'routing-gateway a',
      { code: 503, cause: 'switch-until-connect', attempts: 1 },
    ],
    [
      'No other gateway was tried after 503 of routing gateway a: SS_GATEWAY_SWITCH_LIMIT lets a call have 2 attempts.',
      'routing-gateway a',
      { code: 503, cause: 'switch-limit', attempts: 2, limit: 2 },
    ],
    [
      'No other gateway was tried after 503 of routing gateway a: the caller had heard early media already (SS_SIP_STOP_SWITCH_AFTER_SDP).',
      'routing-gateway a',
      { code: 503, cause: 'early-media', attempts: 1 },
    ],
    [
      'No other gateway was tried after 503 of routing gateway a: all had been tried, 3 attempts.',
      'routing-gateway a',
      { code: 503, cause: 'candidates-used-up', attempts: 3 },
    ],
    [
      'No other gateway was tried after 503 of routing gateway a: there was no other.',
      'routing-gateway a',
      { code: 503, cause: 'candidates-used-up', attempts: 1 },
    ],
    [
      "No other gateway was tried after 488 of routing gateway a: the caller's session description is the same for all.",
      'routing-gateway a',
      { code: 488, cause: 'caller-description', attempts: 1 },
    ],
    [
      'No other gateway was tried after 302 of routing gateway a: where it leads is for the caller to follow (redirects: pass).',
      'routing-gateway a',
      { code: 302, cause: 'redirection', attempts: 1 },
    ],
    [
      'No other gateway was tried after 422 of routing gateway a: the caller is to ask again with a longer session interval (RFC 4028).',
      'routing-gateway a',
      { code: 422, cause: 'session-interval', attempts: 1 },
    ],
    [
      'No other gateway was tried after 503 of routing gateway a: there were too many INVITEs for one call.',
      'routing-gateway a',
      { code: 503, cause: 'invites-used-up', attempts: 90 },
    ],
  ],
};
