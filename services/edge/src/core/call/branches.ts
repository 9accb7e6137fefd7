import type { NextCandidateReply } from '@tandem/proto/edge-replies';
import type { Candidate } from '@tandem/proto/routing';
import { to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { MOST_SEQUENCES } from '../marks/call-mark.ts';
import {
  acknowledgements,
  cancelsDue,
  finish,
  giveUp,
  isAwaited,
  isToBeStored,
  isUnderWay,
  noteUnavailable,
  record,
  stopTimer,
  unpassed,
  written,
} from './call-outcomes.ts';
import type { BranchState, CallState, Failure, ProvisionalTimer } from './call-state.ts';
import type { CallEffect, CallInput, CallSurroundings } from './call-steps.ts';
import type { ChallengeOutcome } from '../messages/challenge-answers.ts';
import { shownResponse } from '../messages/passing-body.ts';
import { challengeAnswer } from './challenges.ts';
import { noteSigning } from './signing.ts';
import { shownProgress } from './code-maps.ts';
import { dialogEnded, endedDialogs, isLeft, openDialog } from './early-dialogs.ts';
import {
  attemptFailed,
  attemptTimedOut,
  bestFailure,
  betterFailure,
  carrierRefused,
  descriptionInvalid,
  FLOW_FAILED,
  noteBest,
  noteFaults,
  noteShown,
  refused,
  restOf,
} from './failures.ts';
import { goesOn } from './failover.ts';
import { declined, isHeard, loseOthers, retire, ringNextRank } from './forks.ts';
import { addAttempt, addAttempts, addBranch, isAnyLive } from './new-branches.ts';
import { acknowledgeProgress } from './progress-acks.ts';
import { timerAfter, timerMs } from './provisional-timers.ts';
import { namesFound, redirectedNames } from './redirected-names.ts';
import { redirected } from './redirects.ts';
import { isNextWay } from './targets.ts';

/**
 * Branches to all of `candidates` at once, and to all devices of each, one of which may win the call. Their record comes first.
 * Those for which a branch has no number left are passed over.
 */
export function startRound(
  call: CallState,
  candidates: readonly Candidate[],
  around: CallSurroundings,
): CallEffect[] {
  if (call.isCancelled) return giveUp(call, around);
  call.round += 1;
  for (const candidate of candidates) {
    if (call.sequence >= MOST_SEQUENCES) break;
    addAttempts(call, candidate, around);
  }
  return join(call);
}

/** The record is written: what it stands for may happen. */
export function recorded(call: CallState, around: CallSurroundings): CallEffect[] {
  call.isRecording = false;
  if (call.isCancelled) return giveUp(call, around);
  written(call);
  const effects: CallEffect[] = acknowledgements(call);
  effects.push(...cancelsDue(call), ...endedDialogs(call));
  // What has happened meanwhile is not in it.
  const isBehind = call.branches.some(isToBeStored);
  if (call.phase === 'parting' && !isBehind) {
    call.phase = 'switching';
    effects.push(switchOn(call));
    return effects;
  }
  if (call.phase === 'recording') call.phase = 'calling';
  if (!call.isTryingSent) {
    call.isTryingSent = true;
    effects.push({ kind: 'stop-timer' }, { kind: 'trying' });
  }
  for (const branch of call.branches) {
    if (!branch.isLive || branch.isSent || branch.stored !== 'yes') continue;
    branch.isSent = true;
    effects.push({ kind: 'invite', branch, isSeen: false });
  }
  if (isBehind) effects.push(...record(call));
  return effects;
}

/** A record of branches that join, or leave, others which are under way could not be written: those go on, if there are any. */
export function unrecorded(
  call: CallState,
  input: Extract<CallInput, { kind: 'unavailable' }>,
  around: CallSurroundings,
): CallEffect[] {
  if (!call.isRecording) return [];
  call.isRecording = false;
  noteUnavailable(call, input, around);
  for (const branch of call.branches) {
    if (branch.stored !== 'under-way') continue;
    branch.stored = 'due';
    if (branch.isLive && !branch.isSent) end(branch, refused('ServiceUnavailable'), around);
  }
  if (isAnyLive(call)) return [];
  return finish(call, bestFailure(call) ?? refused('ServiceUnavailable'), around);
}

/** The question to routing after an attempt has failed. */
export function switchOn(call: CallState): CallEffect {
  const rest = call.candidates.slice(call.nextCandidate);
  return {
    kind: 'switch',
    failedGateway: call.attempts.at(-1)?.candidate.gateway ?? '',
    gateways: rest.map((candidate) => candidate.gateway),
    redirected: redirectedNames(rest),
  };
}

/** A carrier has answered one of the INVITEs. */
export function responded(
  call: CallState,
  input: Extract<CallInput, { kind: 'response' }>,
  around: CallSurroundings,
): CallEffect[] {
  const { response, sequence } = input;
  const branch = branchOf(call, sequence);
  if (branch === undefined) return [];
  if (branch === call.winner) return answeredAgain(call, branch, response);
  if (!branch.isSent) return [];
  if (!branch.isLive) return lateResponse(call, branch, response);
  const { faults, status } = response;
  // Once is enough of what rings and rings.
  if (faults.length > 0 && (status >= 200 || !branch.hasProvisional)) {
    noteFaults(call, branch, response, around.nowMs);
  }
  branch.hasFinal = status >= 200;
  if (status < 200) return provisional(call, branch, { ...input, around });
  if (status < 300) return accepted(call, branch, response, around);
  if (status === 401 || status === 407) return challenged(call, branch, response, around);
  const failed =
    redirected(call, branch, response, around.nowMs) ??
    attemptFailed(call, branch, response, around.nowMs);
  if (isGone(call, branch, status)) {
    // The time that a 503 asks for is that server's (RFC 3261 §21.5.4), not the gateway's.
    const stop: CallEffect = { kind: 'stop-timer', sequence };
    return [stop, ...goOn(call, branch, failed, around)];
  }
  return [...restDue(branch, response), ...fail(call, branch, failed, around)];
}

/**
 * Whether it is one place that has failed, and there is another: a server of a name that answers 503 (RFC 3263 §4.3), where the
 * next one has the same Request-URI; a flow that is gone (RFC 5626 §5.3).
 */
function isGone(call: CallState, { attempt }: BranchState, status: number): boolean {
  const { destinations, position } = attempt;
  if (isHeard(call) || !isNextWay(destinations, position)) return false;
  if (status !== 503) return status === FLOW_FAILED;
  return destinations[position]?.target.uri === destinations[position + 1]?.target.uri;
}

/** ROUTE-06: the carrier has said for how long it wants to be left alone. */
function restDue(branch: BranchState, response: SipResponse): CallEffect[] {
  const seconds = restOf(response) ?? 0;
  return seconds > 0 ? [{ kind: 'rest-gateway', branch, seconds }] : [];
}

export function branchOf({ branches }: CallState, sequence: number): BranchState | undefined {
  return branches.findLast((branch) => branch.sequence === sequence);
}

/** The 2xx is the carrier's again, since the caller's ACK travels end to end; or that of another callee behind it. */
function answeredAgain(call: CallState, branch: BranchState, response: SipResponse): CallEffect[] {
  const isAnswer = response.status >= 200 && response.status < 300;
  if (!isAnswer || call.phase !== 'answered') return [];
  if (to(response).tag === call.answerTag) return [{ kind: 'relay-again', branch, response }];
  // The caller has one dialog (RFC 3261 §13.2.2.4).
  return [{ kind: 'hang-up', branch, response }];
}

/** A carrier that answers after we gave up on it: provisional gets CANCEL, 2xx gets ACK and BYE (edge.md §4.4). */
function lateResponse(call: CallState, branch: BranchState, response: SipResponse): CallEffect[] {
  // That it is given up is not stored yet, and may turn out to be another pod's to decide.
  const isDecided = branch.stored === 'yes' && call.phase !== 'ending';
  if (response.status >= 300) {
    branch.hasFinal = true;
    return branch.stored === 'yes' ? [{ kind: 'acknowledge', sequence: branch.sequence }] : [];
  }
  if (response.status >= 200) {
    // RFC 3261 §13.3.1.4: the carrier repeats it until it has its ACK.
    if (!isDecided) return [];
    branch.hasFinal = true;
    return [{ kind: 'hang-up', branch, response }];
  }
  if (branch.isCancelSent) return [];
  branch.hasProvisional = true;
  branch.isCancelDue = true;
  return isDecided ? cancelsDue(call) : [];
}

/** A provisional response of a carrier. */
interface Progress {
  readonly response: SipResponse;
  readonly hasSdp: boolean;
  readonly around: CallSurroundings;
}

function provisional(call: CallState, branch: BranchState, input: Progress): CallEffect[] {
  const { response, hasSdp, around } = input;
  const { status } = response;
  branch.hasProvisional = true;
  branch.lastProvisional = status;
  const effects: CallEffect[] = [];
  const name = timerAfter(status, hasSdp);
  // Neither a 100 nor the end of one of several early dialogs says that anybody rings.
  const isSilent = status === 100 || status === 199;
  if (name !== branch.timer && (!isSilent || branch.timer === undefined)) {
    // Who goes back and forth between them gets no more time, or a call could be held for ever and free of charge.
    const dueMs =
      branch.timersDueMs[name] === undefined
        ? around.nowMs + timerLeft(branch, name, input)
        : Math.max(...Object.values(branch.timersDueMs));
    const ms = Math.max(0, dueMs - around.nowMs);
    branch.timer = name;
    branch.timerDueMs = dueMs;
    branch.timersDueMs[name] = dueMs;
    effects.push({ kind: 'start-timer', name, sequence: branch.sequence, ms });
  }
  if (status === 100) return effects;
  if (status === 199) return [...effects, ...dialogEnded(call, branch, response)];
  const opened = openDialog(call, branch, input);
  branch.isAdopted = false;
  const told = shownToCaller(call, branch, input);
  const { countsBehind } = branch;
  const acknowledgement = acknowledgeProgress(call, branch, input);
  if (opened !== undefined) {
    // Whoever adopts the call is to know that numbers have moved.
    const isNew = countsBehind !== branch.countsBehind;
    const dialog = isNew ? { ...opened, isToBeStored: true } : opened;
    effects.push({ kind: 'relay', branch, response: told, ...dialog });
  }
  if (acknowledgement !== undefined) effects.push(acknowledgement);
  return effects;
}

/** The provisional response as the caller is to hear it, where it does; what it says of the call is noted. */
function shownToCaller(call: CallState, branch: BranchState, input: Progress): SipResponse {
  const { response, hasSdp, around } = input;
  const shown = shownProgress(response, hasSdp, branch.attempt.candidate.answers);
  const rings = response.status === 180 || shown?.status === 180;
  if (rings && call.ringingMs === 0) call.ringingMs = around.nowMs;
  if (shown?.hasSdp ?? hasSdp) call.hasEarlyMedia = true;
  if (shown === undefined) return response;
  noteShown(call, branch, { ...input, shown });
  return shownResponse(response, shown);
}

/**
 * How long a provisional response lets the attempt go on. That of an attempt which a pod that died began counts from the
 * attempt's start: when the callee began to ring is not in the record. A 100 says nothing of that.
 */
function timerLeft(
  { attempt, isAdopted }: BranchState,
  timer: ProvisionalTimer,
  { response, around }: { readonly response: SipResponse; readonly around: CallSurroundings },
): number {
  const ms = timerMs(attempt.candidate, timer);
  if (!isAdopted || response.status === 100) return ms;
  return Math.max(0, attempt.attempt.startedMs + ms - around.nowMs);
}

/** The first 2xx wins the call. The other branches are cancelled once it is stored. */
function accepted(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  around: CallSurroundings,
): CallEffect[] {
  // It has crossed the caller's BYE, and ends what else is behind that carrier; repeated, it is hung up.
  if (isLeft(call, branch, response)) return giveUp(call, around);
  call.phase = 'answering';
  call.winner = branch;
  call.answerTag = to(response).tag;
  call.answerToTag = openDialog(call, branch, { response, around })?.toTag ?? call.toTag;
  branch.isLive = false;
  stopTimer(branch);
  branch.attempt.attempt.code = response.status;
  branch.attempt.attempt.endedMs = around.nowMs;
  call.isOthersDue = call.branches.some((other) => other !== branch && isAwaited(other));
  const effects: CallEffect[] = [{ kind: 'stop-timer' }];
  if (isAnyLive(call) || call.branches.at(-1) !== branch) {
    loseOthers(call, 'answered', around);
    // Whoever reads the record of the answered call is to know which branch it is: else it is the last one.
    effects.push({ kind: 'record' });
  }
  effects.push({ kind: 'store-answer', branch, response });
  return effects;
}

/** AUTH-11: a challenge that cannot be answered, or a realm that asks for the second time, fails the gateway. */
function challenged(
  call: CallState,
  branch: BranchState,
  response: SipResponse,
  around: CallSurroundings,
): CallEffect[] {
  const cnonce = (): string => around.cnonce();
  const outcome: ChallengeOutcome =
    call.sequence < MOST_SEQUENCES
      ? challengeAnswer(call, branch, { response, cnonce })
      : { kind: 'refused', cause: 'too many INVITEs for one call' };
  if (outcome.kind === 'refused') {
    const refusal = { response, cause: outcome.cause };
    return fail(call, branch, carrierRefused(call, branch, refusal, around.nowMs), around);
  }
  const { authorizations } = outcome;
  retire(branch);
  addBranch(call, branch.attempt, around, { ...branch, authorizations });
  return [{ kind: 'stop-timer', sequence: branch.sequence }, ...join(call)];
}

/** The record of branches that have begun or ended, beside others that are under way or alone; bodies go before it. */
function join(call: CallState): CallEffect[] {
  if (!isUnderWay(call)) call.phase = 'recording';
  const effects = bodiesDue(call);
  return effects.length > 0 ? effects : record(call);
}

/** Bodies that have to go through the body step. */
export function bodiesDue(call: CallState): CallEffect[] {
  const effects: CallEffect[] = [];
  for (const branch of call.branches) {
    if (!branch.isLive || branch.passing !== 'due') continue;
    branch.passing = 'under-way';
    effects.push({ kind: 'pass-body', branch });
  }
  return effects;
}

/** The record waits for all bodies: they are asked for at once. Without its body an attempt fails, as if its gateway were away. */
export function bodyPassed(
  call: CallState,
  {
    bytes,
    failure,
    isCallersFault = false,
    relay = 0,
    sequence,
    signing,
  }: Extract<CallInput, { kind: 'body' }>,
  around: CallSurroundings,
): CallEffect[] {
  const branch = branchOf(call, sequence);
  if (branch?.passing !== 'under-way') return [];
  branch.passing = 'done';
  branch.passedBody = bytes;
  // Tokens and record name the one that has the offer: what answers it goes there.
  if (relay !== 0) branch.attempt.relay = relay;
  if (signing !== undefined) noteSigning(call, branch, { signing, atMs: around.nowMs });
  if (!branch.isLive) return [];
  if (failure === undefined) return call.branches.some(isPassing) ? [] : record(call);
  const failed = isCallersFault
    ? descriptionInvalid(call, { error: failure, atMs: around.nowMs })
    : unpassed(call, failure, around);
  return fail(call, branch, failed, around);
}

function isPassing({ isLive, passing }: BranchState): boolean {
  return isLive && passing === 'under-way';
}

/** The carrier sent nothing at all within the INVITE timeout, or its address cannot be reached. */
export function unanswered(
  call: CallState,
  { sequence, failure, network, times }: Extract<CallInput, { kind: 'no-response' }>,
  around: CallSurroundings,
): CallEffect[] {
  const branch = branchOf(call, sequence);
  if (branch?.isSent !== true) return [];
  branch.isOver = true;
  if (!branch.isLive) return [];
  const cause = failure === 'timeout' ? 'invite' : failure;
  const failed = attemptTimedOut(call, branch, { cause, network, times }, around.nowMs);
  return goOn(call, branch, failed, around);
}

/**
 * A gateway with several addresses is reached by the next one before another gateway is tried (ROUTE-02), as is a device that has
 * several flows.
 */
function goOn(
  call: CallState,
  branch: BranchState,
  failed: Failure,
  around: CallSurroundings,
): CallEffect[] {
  const { candidate, destinations } = branch.attempt;
  const position = branch.attempt.position + 1;
  if (!isNextWay(destinations, branch.attempt.position) || call.sequence >= MOST_SEQUENCES) {
    return fail(call, branch, failed, around);
  }
  end(branch, failed, around);
  branch.failure = undefined;
  call.failure = betterFailure(call.failure, failed);
  addAttempt(call, { candidate, destinations, position }, around);
  return join(call);
}

/** The carrier has kept silent for too long after a provisional response (CALL-03). */
export function timerFired(
  call: CallState,
  { name, sequence }: { readonly name: ProvisionalTimer; readonly sequence: number },
  around: CallSurroundings,
): CallEffect[] {
  const branch = branchOf(call, sequence);
  if (branch?.isLive !== true || branch.timer !== name) return [];
  // It is told once the failure is stored: a pod that was paused must not cancel what another one goes on with.
  branch.isCancelDue = true;
  return fail(call, branch, attemptTimedOut(call, branch, { cause: name }, around.nowMs), around);
}

/**
 * A branch that fails among others ends itself alone, unless it declines for all. After the last one: the devices of the next rank
 * (REG-03); ROUTE-06, on to the next candidate; or the end.
 * That this one is over is stored first: a pod that takes over must not ring a carrier again that has refused, or was given up.
 */
export function fail(
  call: CallState,
  branch: BranchState,
  failure: Failure,
  around: CallSurroundings,
): CallEffect[] {
  end(branch, failure, around);
  const ofRound = bestFailure(call) ?? failure;
  call.failure = betterFailure(call.failure, ofRound);
  const stop: CallEffect = { kind: 'stop-timer', sequence: branch.sequence };
  if (isAnyLive(call)) return declined(call, failure, around) ?? [stop, ...join(call)];
  if (ringNextRank(call, branch, around)) return [stop, ...join(call)];
  if (!goesOn(call, branch, ofRound, around.nowMs)) return finishFailed(call, around);
  call.phase = 'parting';
  return [stop, ...record(call)];
}

/** No other attempt follows: of all that have failed the best goes back. */
function finishFailed(call: CallState, around: CallSurroundings): CallEffect[] {
  const { failure = refused('AllGatewayBusy') } = call;
  noteBest(call, failure, around.nowMs);
  return finish(call, failure, around);
}

function end(branch: BranchState, failure: Failure, around: CallSurroundings): void {
  const { attempt } = branch.attempt;
  attempt.endedMs = around.nowMs;
  attempt.code = failure.code;
  attempt.reason = failure.reason;
  attempt.text = failure.text;
  branch.failure = failure;
  retire(branch);
}

/** Routing has said which gateway is next. */
export function switched(
  call: CallState,
  response: NextCandidateReply,
  around: CallSurroundings,
): CallEffect[] {
  call.decisions.push(...response.decisions);
  call.lines = response.lines;
  namesFound(call, response, around.nowMs);
  const index = call.candidates.findIndex(
    (candidate, position) =>
      position >= call.nextCandidate && candidate.gateway === response.gateway,
  );
  const candidate = call.candidates[index];
  if (candidate === undefined) {
    if (call.isCancelled) return giveUp(call, around);
    return finishFailed(call, around);
  }
  call.nextCandidate = index + 1;
  return startRound(call, [candidate], around);
}
