import type { Cases } from './sentence-case.ts';

const address = '127.0.0.1:5070';

/** What the edge decides, and whatever ends a call there. */
export const edgeCases = {
  'malformed-response': [
    [
      'Routing gateway a answered 180 with faults, and was understood all the same: Contact: no URI (127.0.0.1:5070).',
      'routing-gateway a',
      { code: 180, faults: 'Contact: no URI', address },
    ],
  ],
  'dialog-challenge-answered': [
    [
      'Routing gateway a challenged the BYE in the dialog (407), and was given our credentials for one, two.',
      'routing-gateway a',
      { method: 'BYE', code: 407, realms: 'one, two', cseq: 3 },
    ],
  ],
  'dialog-challenge-refused': [
    [
      'Routing gateway a challenged the INFO in the dialog (401), and it was not carried out there: none are configured.',
      'routing-gateway a',
      { method: 'INFO', code: 401, cause: 'none are configured' },
      'BadGateway',
    ],
    [
      'Routing gateway a challenged the BYE in the dialog (407), and it was not carried out there: refused; the call was ended here all the same.',
      'routing-gateway a',
      { method: 'BYE', code: 407, cause: 'refused' },
      'BadGateway',
    ],
  ],
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
  'best-response': [
    [
      'Of 2 attempts that failed, the best answer goes back to the caller: 484, not the last one, 500.',
      'caller',
      { code: 484, last: 500, attempts: 2 },
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
  'final-response': [
    [
      'Routing gateway a answered 503 Maintenance and wants no calls for 120 s: it takes no calls at this moment.',
      'routing-gateway a',
      { code: 503, phrase: 'Maintenance', address, 'retry-after': 120 },
      'Rejected',
    ],
    [
      'Routing gateway a answered 486 Busy Here: the callee is busy.',
      'routing-gateway a',
      { code: 486, phrase: 'Busy Here', address },
      'Rejected',
    ],
    [
      'Routing gateway a answered 403 Forbidden: it does not let this call in; it says why: cause 21 of Q.850, Call Rejected; Warning: 399 gw "no credit".',
      'routing-gateway a',
      {
        code: 403,
        phrase: 'Forbidden',
        address,
        warning: '399 gw "no credit"',
        'reason-header': 'Q.850;cause=21;text="Call Rejected"',
      },
      'Rejected',
    ],
    [
      'Routing gateway a answered 603: the callee declined.',
      'routing-gateway a',
      { code: 603, phrase: '', address },
      'Rejected',
    ],
    [
      'Routing gateway a could not be used: it answered 302 Moved (127.0.0.1:5070).',
      'routing-gateway a',
      { code: 302, phrase: 'Moved', address },
      'BadGateway',
    ],
    [
      'Routing gateway a answered 420 Bad Extension: it does not have an extension that the caller requires; Unsupported: 100rel.',
      'routing-gateway a',
      { code: 420, phrase: 'Bad Extension', address, says: 'Unsupported: 100rel' },
      'Rejected',
    ],
    [
      'Phone 1002 answered 488 Not Acceptable Here: it takes none of the media that were offered; it would take G729/8000.',
      'routing-gateway phone 1002',
      { code: 488, phrase: 'Not Acceptable Here', address, codecs: 'G729/8000' },
      'Rejected',
    ],
  ],
  'credentials-refused': [
    [
      'Routing gateway a could not be used: the gateway wants credentials and none are configured (it answered 407; there is no username).',
      'routing-gateway a',
      {
        code: 407,
        username: '',
        'challenges-answered': 0,
        cause: 'the gateway wants credentials and none are configured',
      },
    ],
    [
      'Routing gateway a could not be used: the gateway refused our username or password (it answered 401; asking for Digest, realm carrier; our username is u).',
      'routing-gateway a',
      {
        code: 401,
        username: 'u',
        'challenges-answered': 1,
        cause: 'the gateway refused our username or password',
        asked: 'Digest, realm carrier',
      },
    ],
  ],
  'nothing-received': [
    [
      'Routing gateway a sent nothing at all within 10 s (SS_SIP_TIMEOUT_INVITE) from 127.0.0.1:5070.',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_INVITE', 'waited-ms': 10_012, address },
    ],
    [
      'Routing gateway a sent nothing at all within 3 s (timers.invite of routing gateway a) from 127.0.0.1:5070.',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_INVITE', 'waited-ms': 3012, address, 'own-timer': 'timers.invite' },
    ],
    [
      'Routing gateway a sent nothing at all within 3 s (SS_SIP_TIMEOUT_INVITE) from 127.0.0.1:5070; the call was sent there 4 times, and its host says by ICMP that nobody listens at this port.',
      'routing-gateway a',
      {
        timer: 'SS_SIP_TIMEOUT_INVITE',
        'waited-ms': 3012,
        address,
        times: 4,
        network: 'its host says by ICMP that nobody listens at this port',
      },
    ],
  ],
  'caller-elsewhere': [
    [
      'Phone 1001 was heard from 192.0.2.7:40312, and gives itself as Via 10.0.0.7:5060 and Contact 10.0.0.7:5062: NAT, or a wrong address at its side; answers go to where it was heard (replyAddress: socket).',
      'phone 1001',
      {
        source: '192.0.2.7:40312',
        via: '10.0.0.7:5060',
        contact: '10.0.0.7:5062',
        replyAddress: 'socket',
      },
    ],
  ],
  'no-final-response': [
    [
      'Routing gateway a answered provisionally and then nothing more came within 20.1 s (SS_SIP_TIMEOUT_SESSION_PROGRESS).',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_SESSION_PROGRESS', 'waited-ms': 20_080, address },
    ],
    [
      'Routing gateway a answered 180 Ringing and then nothing more came within 120.1 s (SS_SIP_TIMEOUT_RINGING).',
      'routing-gateway a',
      { timer: 'SS_SIP_TIMEOUT_RINGING', 'waited-ms': 120_080, address, code: 180 },
    ],
  ],
  'no-listener': [
    [
      'Routing gateway a could not be used: the switch has no address that 127.0.0.1:5070 could answer to over udp.',
      'routing-gateway a',
      { address, transport: 'udp', 'local-address': '' },
    ],
    [
      'Routing gateway a could not be used: the switch is not at 203.0.113.9:5060 for 127.0.0.1:5070 over udp.',
      'routing-gateway a',
      { address, transport: 'udp', 'local-address': '203.0.113.9:5060' },
    ],
  ],
  'own-address': [
    [
      'Routing gateway a could not be used: 127.0.0.1:5070 is an address of this switch, and the call would come back to it.',
      'routing-gateway a',
      { address },
    ],
  ],
  'name-unresolved': [
    [
      'Routing gateway a was left out: no address is known for carrier.example: the name has no address.',
      'routing-gateway a',
      { name: 'carrier.example', cause: 'the name has no address' },
    ],
  ],
  'name-resolved': [
    [
      'Routing gateway a is at carrier.example, which is 127.0.0.1:5070 by udp (SRV).',
      'routing-gateway a',
      {
        name: 'carrier.example',
        addresses: '127.0.0.1:5070 by udp',
        records: 'SRV',
        stale: 'no',
      },
    ],
    [
      'Routing gateway a is at carrier.example, which is 127.0.0.1:5070 by udp (SRV); the records have run out, and no newer ones came: no answer in time.',
      'routing-gateway a',
      {
        name: 'carrier.example',
        addresses: '127.0.0.1:5070 by udp',
        records: 'SRV',
        stale: 'yes',
        failure: 'no answer in time',
      },
    ],
  ],
  unreachable: [
    [
      'Routing gateway a could not be used: the connection broke (127.0.0.1:5070).',
      'routing-gateway a',
      { address },
    ],
  ],
  'ended-by-operator': [
    [
      'An operator ended the call after 4.2 s while it was ringing (api 192.0.2.9: fraud).',
      'operator',
      { operator: 'api 192.0.2.9: fraud', 'after-ms': 4200, rang: 'yes' },
    ],
  ],
  cancelled: [
    [
      'The caller gave up after 4.2 s while it was ringing.',
      'caller',
      { 'after-ms': 4200, rang: 'yes' },
    ],
    ['The caller gave up after 0 s before it rang.', 'caller', { 'after-ms': 3, rang: 'no' }],
    [
      'The caller gave up after 0 s before it rang, and said why: Q.850;cause=26.',
      'caller',
      { 'after-ms': 3, rang: 'no', reason: 'Q.850;cause=26' },
    ],
  ],
  'part-away': [
    [
      'The service auth, which says who calls, was away when the call needed it: no answer.',
      'auth',
      { error: 'no answer' },
    ],
  ],
  'media-anchored': [
    [
      'Its media went through relay 192.0.2.20:2223 (mode anchor of mapping-gateway trunk).',
      'routing-gateway carrier-a',
      { relay: '192.0.2.20:2223', policy: 'required', why: 'mode anchor of mapping-gateway trunk' },
    ],
  ],
  'media-relay-away': [
    [
      'No media relay answered, and routing gateway carrier-a may not be called without one (media.relay required; srtp sdes and none).',
      'routing-gateway carrier-a',
      { policy: 'required', why: 'srtp sdes and none' },
    ],
    [
      'No media relay answered, and routing gateway carrier-a was called without one (media.relay optional; srtp sdes and none).',
      'routing-gateway carrier-a',
      { policy: 'optional', why: 'srtp sdes and none' },
    ],
  ],
  'money-ended': [
    [
      'The money ended at 2026-11-30T10:00:01.000Z: account demo had 0.1 and an overdraft of 5, of which its calls had reserved 5.1, and another 60 s cost 0.0123.',
      'account demo',
      {
        endedAt: '2026-11-30T10:00:01.000Z',
        balance: '0.1',
        overdraft: '5',
        reserved: '5.1',
        needed: '0.0123',
        neededFor: 60,
      },
    ],
  ],
  'left-early': [
    [
      'Routing gateway a sent BYE before it had answered (127.0.0.1:5070).',
      'routing-gateway a',
      { address },
    ],
  ],
  'description-invalid': [
    [
      'The session description of routing gateway carrier-a cannot be anchored: Incomplete SDP specification.',
      'routing-gateway carrier-a',
      { error: 'Incomplete SDP specification' },
      'BadGateway',
    ],
    [
      'The session description of the caller cannot be anchored: Failed to parse SDP.',
      'caller',
      { error: 'Failed to parse SDP' },
      'DescriptionInvalid',
    ],
  ],
  forked: [
    [
      'Routing gateway a answered 183 for a second callee, so that the caller had an early dialog with each (127.0.0.1:5070).',
      'routing-gateway a',
      { code: 183, address },
    ],
  ],
  adopted: [
    [
      'Edge edge-2 took the call over from 3.77, which had gone; a sweep found it.',
      'edge edge-2',
      { from: '3.77', cause: 'sweep' },
    ],
    [
      'Edge edge-2 took the call over from 3.77, which had gone when a message of the call came.',
      'edge edge-2',
      { from: '3.77', cause: 'message' },
    ],
    [
      'Edge edge-2 took the call over from 3.77, which was being shut down and offered it.',
      'edge edge-2',
      { from: '3.77', cause: 'offer' },
    ],
  ],
} as const satisfies Cases<
  | 'malformed-response'
  | 'dialog-challenge-answered'
  | 'dialog-challenge-refused'
  | 'code-mapped'
  | 'progress-mapped'
  | 'redirect-followed'
  | 'redirect-not-followed'
  | 'redirect-unresolved'
  | 'best-response'
  | 'failover-went-on'
  | 'failover-ended'
  | 'final-response'
  | 'credentials-refused'
  | 'nothing-received'
  | 'caller-elsewhere'
  | 'no-final-response'
  | 'no-listener'
  | 'own-address'
  | 'name-unresolved'
  | 'name-resolved'
  | 'unreachable'
  | 'ended-by-operator'
  | 'cancelled'
  | 'part-away'
  | 'media-anchored'
  | 'media-relay-away'
  | 'money-ended'
  | 'left-early'
  | 'description-invalid'
  | 'forked'
  | 'adopted'
>;
