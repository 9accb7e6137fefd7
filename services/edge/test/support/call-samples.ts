import type { Routed, Target } from '@tandem/proto/routing';
import { Candidate, Timers } from '@tandem/proto/routing';
import { Origin } from '@tandem/proto/auth';
import { Decision } from '@tandem/proto/decision';
import { AuthenticateReply, NextCandidateReply, RouteReply } from '@tandem/proto/edge-replies';
import { encoded } from '@tandem/proto/encoded';
import { numberUri } from '@tandem/sip';

/** Who the calls of the tests are from. */
export const origin = Origin.fromPartial({ kind: 'phone', name: '1001', account: 'demo' });

/** A carrier that is tried like all others; what is given replaces its settings. */
export function candidateOf(gateway: string, settings: Partial<Candidate> = {}): Candidate {
  const candidate = {
    ...Candidate.fromPartial({
      gateway,
      account: `vendor-${gateway}`,
      addresses: ['203.0.113.5:5070'],
      transport: 'udp',
      caller: '442070000000',
      callee: '442079460000',
      switchUntilConnect: true,
      stopCodes: [480, 486, 487, 600, 603, 604, 606],
      tokens: 'inline',
    }),
    ...settings,
  };
  return candidate.targets.length > 0 ? candidate : { ...candidate, targets: targetsOf(candidate) };
}

/** As routing makes them of a gateway's addresses. */
function targetsOf({ addresses, callee, transport }: Candidate): Target[] {
  return addresses.map((address) => ({
    uri: numberUri(callee, address),
    transport,
    addresses: [address],
    flow: '',
    path: [],
  }));
}

/** A phone that is called at several devices (REG-03): of each the rank, and where there are several the addresses of its flows. */
export function phoneOf(
  devices: readonly { readonly rank?: number; readonly flows: readonly string[] }[],
  settings: Partial<Candidate> = {},
): Candidate {
  const targets = devices.flatMap(({ flows, rank }, device) =>
    flows.map((address, at) => ({
      uri: `sip:${String(device)}-${String(at)}@10.9.9.9`,
      transport: 'udp',
      addresses: [address],
      flow: '',
      path: [],
      device: device === 0 ? undefined : device,
      rank,
    })),
  );
  const own = { account: '', switchUntilConnect: false, stopCodes: [], targets };
  return candidateOf('phone 1002', { ...own, ...settings });
}

/** Timers of a gateway that sets for how long it may ring, and nothing else (CALL-03). */
export function ringTimer(ringingMs: number): Timers {
  return Timers.fromPartial({ ringingMs });
}

/** A decision as it is passed on. */
export function decisionOf(decision: Partial<Decision>): Uint8Array {
  return encoded(Decision, Decision.create(decision));
}

export function allowed(): AuthenticateReply {
  return AuthenticateReply.fromPartial({
    outcome: { $case: 'allow', value: origin },
    decisions: [decisionOf({ service: 'auth', check: 'source', result: 'passed' })],
  });
}

export function deniedBy(reason: string): AuthenticateReply {
  return AuthenticateReply.fromPartial({
    outcome: { $case: 'deny', value: { reason, origin } },
  });
}

export function challenged(code: 401 | 407 = 407): AuthenticateReply {
  const value = 'Digest realm="tandem", nonce="n", algorithm=MD5';
  return AuthenticateReply.fromPartial({
    outcome: {
      $case: 'challenge',
      value: { code, wwwAuthenticate: [value], proxyAuthenticate: [value] },
    },
  });
}

export function routedTo(
  candidates: readonly Candidate[],
  settings: Partial<Routed> = {},
): RouteReply {
  return RouteReply.fromPartial({
    outcome: {
      $case: 'routed',
      value: {
        candidates: [...candidates],
        chosen: 0,
        lines: ['account:demo', `routing-gateway:${candidates[0]?.gateway ?? ''}`],
        customerTerms: Buffer.from('terms'),
        stopSwitchAfterSdp: true,
        ...settings,
      },
    },
    decisions: [decisionOf({ service: 'routing', check: 'prefix', result: 'passed' })],
  });
}

export function unrouted(reason: string, retryAfterSeconds = 0): RouteReply {
  return RouteReply.fromPartial({
    outcome: { $case: 'deny', value: { reason, retryAfterSeconds } },
  });
}

export function nextIs(gateway: string): NextCandidateReply {
  return NextCandidateReply.fromPartial({
    gateway,
    lines: gateway === '' ? ['account:demo'] : ['account:demo', `routing-gateway:${gateway}`],
  });
}
