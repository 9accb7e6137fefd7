import { decodeCallEvent, readCallEventMessage } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { limitKeys, preconditionOf, unmet } from '@tandem/limits';
import type { Precondition } from '@tandem/limits';
import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import { endedEventId } from '../core/call/events.ts';
import { eventOfPayload, timedEvent } from '../core/call/outbox-payload.ts';
import type {
  AnswerWrite,
  CallNote,
  CallStore,
  ChallengeFacts,
  ChallengeStore,
  ChallengeWrite,
  Claim,
  DueCall,
  EdgeStore,
  EndWrite,
  KeptOffer,
  Orphan,
  SessionStore,
  AdoptResult,
  PlaceAsked,
  PlacedRequest,
  StoredCall,
  StoredDialogs,
  StoredTokens,
  WriteAhead,
  WriteResult,
} from '../ports.ts';
import {
  adoptLua,
  adoptOrphansLua,
  answerLua,
  claimLua,
  concludeLua,
  endLua,
  findClaimLua,
  forgetLua,
  saveTokensLua,
  writeAheadLua,
} from './call-scripts.ts';
import { RedisOfferStore } from './redis-offer-store.ts';
import { RedisOutbox } from './redis-outbox.ts';
import { RedisChallengeStore } from './redis-challenge-store.ts';
import { ANSWERED_SECONDS, ENDED_SECONDS, RedisSessionStore } from './redis-session-store.ts';
import { orUnavailable } from './store-away.ts';
import { storedDialogs } from './stored-dialogs.ts';

/** How long things stay in the store. */
const CLAIM_SECONDS = 300;
const RINGING_SECONDS = 900;
/** As long as all pods may be away before the ends of a call that the switch ended get their BYEs. */
const HANG_UP_SECONDS = 300;

const none = Buffer.alloc(0);

/** Calls in Redis; every key carries the hash tag of the deployment, so that a script touches one slot. */
export function redisCallStore(redis: Redis, prefix: string): EdgeStore {
  return new RedisCallStore(redis, prefix);
}

class RedisCallStore implements EdgeStore {
  readonly #redis: Redis;
  readonly #outbox: RedisOutbox;
  readonly #sessions: RedisSessionStore;
  readonly #challenges: RedisChallengeStore;
  readonly #offers: RedisOfferStore;
  /** Names of keys, or what the names of keys of one kind begin with. */
  readonly #keys: Record<
    | 'call'
    | 'record'
    | 'claim'
    | 'calls'
    | 'due'
    | 'ringing'
    | 'owners'
    | 'inHand'
    | 'over'
    | 'pods'
    | 'info'
    | 'quiet',
    string
  >;
  readonly #lineKey: (key: string) => string;
  readonly #heldKey: (callId: string) => string;
  readonly #scripts: Record<
    | 'claim'
    | 'findClaim'
    | 'writeAhead'
    | 'answer'
    | 'end'
    | 'conclude'
    | 'adopt'
    | 'adoptOrphans'
    | 'forget'
    | 'saveTokens',
    RedisScript
  >;

  constructor(redis: Redis, prefix: string) {
    const tag = `{${prefix}}:`;
    this.#redis = redis;
    this.#outbox = new RedisOutbox(redis, tag);
    this.#sessions = new RedisSessionStore(redis, prefix);
    this.#challenges = new RedisChallengeStore(redis, tag, this.#outbox.keys);
    this.#offers = new RedisOfferStore(redis, tag);
    this.#keys = {
      call: `${tag}call:`,
      record: `${tag}rec:`,
      claim: `${tag}tx:`,
      calls: `${tag}calls`,
      due: `${tag}due`,
      ringing: `${tag}ringing:`,
      owners: `${tag}owners`,
      inHand: `${tag}in-hand:`,
      over: `${tag}over:`,
      pods: `${tag}pods`,
      info: `${tag}pod-info`,
      quiet: `${tag}pods-quiet`,
    };
    const lines = limitKeys(prefix);
    this.#lineKey = lines.line;
    this.#heldKey = lines.held;
    const define = (name: string, lua: string, keys: number, buffers = false): RedisScript =>
      defineScript(redis, lua, keys, { name: `edge.${name}`, buffers });
    this.#scripts = {
      claim: define('claim', claimLua, 3),
      findClaim: define('find-claim', findClaimLua, 1),
      writeAhead: define('write-ahead', writeAheadLua, 5),
      answer: define('answer', answerLua, 8),
      end: define('end', endLua, 8, true),
      conclude: define('conclude', concludeLua, 2, true),
      adopt: define('adopt', adoptLua, 6, true),
      adoptOrphans: define('adopt-orphans', adoptOrphansLua, 4, true),
      forget: define('forget', forgetLua, 1),
      saveTokens: define('save-tokens', saveTokensLua, 1),
    };
  }

  async claim(
    transaction: string,
    callId: string,
    owner: string,
    onlyIf?: Precondition,
  ): Promise<Claim | undefined> {
    const { claim, pods, call, record } = this.#keys;
    const wanted = preconditionOf(onlyIf, pods);
    const reply = await orUnavailable(
      this.#scripts.claim(
        [claim + transaction, pods, wanted.key],
        [callId, owner, CLAIM_SECONDS, call, record, RINGING_SECONDS, ...wanted.args],
      ),
    );
    if (reply === -1) return undefined;
    if (reply === -2) throw unmet();
    if (!Array.isArray(reply)) return { callId, owner, isNew: true };
    const [held, isTakenOver] = reply as [string, number];
    return { ...readClaim(held), isNew: isTakenOver === 1 };
  }

  claimed(transaction: string, callId: string, owner: string): Precondition {
    return { key: this.#keys.claim + transaction, field: '', value: `${callId} ${owner}` };
  }

  async findClaim(transaction: string): Promise<Claim | undefined> {
    const { claim, call } = this.#keys;
    const held = await orUnavailable(this.#scripts.findClaim([claim + transaction], [call]));
    return typeof held === 'string' ? { ...readClaim(held), isNew: false } : undefined;
  }

  async writeAhead(write: WriteAhead): Promise<boolean> {
    const { call, record, calls, ringing, owners } = this.#keys;
    const { callId, owner } = write;
    const reply = await orUnavailable(
      this.#scripts.writeAhead(
        [call + callId, record + callId, calls, ringing + owner, owners],
        [
          callId,
          owner,
          write.record,
          this.#lineKeys(write.lines),
          write.tokenB ?? '',
          RINGING_SECONDS,
        ],
      ),
    );
    return reply === 1;
  }

  async answer(write: AnswerWrite): Promise<WriteResult> {
    const { call, over, record, ringing, due } = this.#keys;
    const { agoMs = 0, callId, owner, event, session } = write;
    const windingUp = write.isWindingUp === true ? 1 : 0;
    const reply = await orUnavailable(
      this.#scripts.answer(
        [
          call + callId,
          record + callId,
          ringing + owner,
          due,
          ...this.#outbox.keys,
          this.#heldKey(callId),
          over + callId,
        ],
        [
          callId,
          owner,
          event.eventId,
          event.bytes,
          write.tokenA,
          write.tokenB,
          this.#lineKeys(write.lines),
          session.kind,
          Math.round(session.intervalMs),
          Math.round(session.longestMs),
          ENDED_SECONDS,
          ANSWERED_SECONDS,
          write.dialog.farTag,
          write.dialog.toTag,
          write.credentials ?? '',
          // Nothing, for nearly all.
          ...(windingUp === 1 || agoMs > 0 ? [windingUp, Math.round(agoMs)] : []),
        ],
      ),
    );
    const [state, detail] = reply as [number, string?];
    if (state === 1) {
      const times = { answeredMs: Number(detail), endedMs: 0, aliveMs: 0 };
      return { kind: 'first', event: { ...event, bytes: timedEvent(event.bytes, times) } };
    }
    return state === 0 ? { kind: 'late' } : { kind: 'lost', owner: detail ?? '' };
  }

  async end(write: EndWrite): Promise<WriteResult> {
    const { call, over, record, calls, due, ringing } = this.#keys;
    const { callId, ending, event, hangUp, inDialog } = write;
    const reply = await orUnavailable(
      this.#scripts.end(
        [
          call + callId,
          record + callId,
          calls,
          due,
          ...this.#outbox.keys,
          this.#heldKey(callId),
          over + callId,
        ],
        [
          callId,
          write.owner ?? '',
          ending.eventId,
          ending.bytes,
          event ?? '',
          this.#lineKeys(write.lines ?? []),
          write.isWindingUp === true ? 1 : 0,
          write.endsAt ?? '',
          ringing,
          ENDED_SECONDS,
          write.record ?? '',
          inDialog?.from ?? '',
          inDialog?.farOrToTag ?? '',
          write.keptBackMs ?? 0,
          ...(hangUp === undefined
            ? []
            : [hangUp.reason, hangUp.forMs, HANG_UP_SECONDS, hangUp.only ?? '']),
        ],
      ),
    );
    return readEnd(ending, reply as EndReply);
  }

  async conclude(callId: string, isAlive: boolean): Promise<CallEventMessage | undefined> {
    const payload = await orUnavailable(
      this.#scripts.conclude(this.#outbox.keys, [endedEventId(callId), isAlive ? 1 : 0]),
    );
    return payload === null ? undefined : readCallEventMessage(eventOfPayload(payload as Buffer));
  }

  async adopt(callId: string, owner: string): Promise<AdoptResult> {
    const { call, record, pods, info, owners, quiet, ringing } = this.#keys;
    const reply = await orUnavailable(
      this.#scripts.adopt(
        [call + callId, record + callId, pods, info, owners, quiet],
        [callId, owner, ringing],
      ),
    );
    return readAdoptReply(reply as AdoptReply);
  }

  async adoptOrphans(owner: string, limit: number): Promise<readonly Orphan[]> {
    const { call, record, pods, quiet, owners, ringing, due, inHand } = this.#keys;
    const reply = await orUnavailable(
      this.#scripts.adoptOrphans(
        [owners, pods, quiet, due],
        [owner, limit, ringing, call, record, inHand],
      ),
    );
    return (reply as [Buffer, Buffer, number][]).map(([callId, bytes, state]) => ({
      callId: callId.toString('latin1'),
      record: bytes,
      isEnded: state === 1,
      ...(state === 2 && { wasAnswered: true }),
    }));
  }

  async forget(callId: string, owner: string): Promise<void> {
    await orUnavailable(this.#scripts.forget([this.#keys.ringing + owner], [callId]));
  }

  async tokens(callId: string, toTag?: string): Promise<StoredDialogs | undefined> {
    const fields = ['ta', 'tb', 'far', 'near', ...(toTag === undefined ? [] : [fieldOf(toTag)])];
    const [a, b, far, near, own] = await orUnavailable(
      this.#redis.hmgetBuffer(this.#keys.call + callId, ...fields),
    );
    if (!a && !b && !own) return undefined;
    const answered = { farTag: far?.toString() ?? '', toTag: near?.toString() ?? '' };
    return storedDialogs(
      { a: a ?? none, b: b ?? none },
      { answered, own: own ?? undefined, toTag },
    );
  }

  async saveTokens(callId: string, tokens: Partial<StoredTokens>, toTag?: string): Promise<void> {
    const field = toTag === undefined ? 'ta' : fieldOf(toTag);
    await orUnavailable(
      this.#scripts.saveTokens([this.#keys.call + callId], [tokens.a ?? '', tokens.b ?? '', field]),
    );
  }

  async list(limit: number, offset = 0): Promise<{ callIds: readonly string[]; total: number }> {
    const { calls } = this.#keys;
    const [callIds, total] = await Promise.all([
      limit === 0 ? [] : orUnavailable(this.#redis.zrevrange(calls, offset, offset + limit - 1)),
      orUnavailable(this.#redis.zcard(calls)),
    ]);
    return { callIds, total };
  }

  async get(callId: string): Promise<StoredCall | undefined> {
    const [fields, record] = await orUnavailable(
      Promise.all([
        this.#redis.hmgetBuffer(this.#keys.call + callId, 'own', 'evt', 'ans', 'end', 'ses'),
        this.#redis.getBuffer(this.#keys.record + callId),
      ]),
    );
    const [owner, event, answered, ended, session] = fields;
    if (!owner || ended || (!answered && !record)) return undefined;
    const times = {
      answeredMs: Number(answered?.toString('latin1') ?? 0),
      endedMs: 0,
      aliveMs: Number(session?.toString('latin1').split(' ').at(-1) ?? 0),
    };
    return {
      callId,
      owner: owner.toString('latin1'),
      record: answered ? undefined : (record ?? undefined),
      event: event ? decodeCallEvent(timedEvent(event, times)) : undefined,
    };
  }

  async ended(callIds: readonly string[]): Promise<readonly string[]> {
    const { call } = this.#keys;
    const asked = callIds.map((callId) => this.#redis.hexists(call + callId, 'end'));
    const replies = await orUnavailable(Promise.all(asked));
    return callIds.filter((_, at) => replies[at] === 1);
  }

  claimDue(limit: number, forMs: number): Promise<readonly CallEventMessage[]> {
    return this.#outbox.claimDue(limit, forMs);
  }

  amend(eventId: string, fields: Buffer): Promise<boolean> {
    return this.#outbox.amend(eventId, fields);
  }

  settle(eventIds: readonly string[]): Promise<void> {
    return this.#outbox.settle(eventIds);
  }

  outbox(): ReturnType<CallStore['outbox']> {
    return this.#outbox.state();
  }

  takeDue(owner: string, limit: number, forMs: number): Promise<readonly DueCall[]> {
    return this.#sessions.takeDue(owner, limit, forMs);
  }

  handled(callId: string, owner: string): Promise<void> {
    return this.#sessions.handled(callId, owner);
  }

  hungUp(callIds: readonly string[]): Promise<void> {
    return this.#sessions.hungUp(callIds);
  }

  refresh(callId: string, interval?: number | 'none'): Promise<void> {
    return this.#sessions.refresh(callId, interval);
  }

  prove(...asked: Parameters<SessionStore['prove']>): Promise<void> {
    return this.#sessions.prove(...asked);
  }

  repeated(callId: string): Promise<void> {
    return this.#sessions.repeated(callId);
  }

  unacknowledged(): Promise<readonly string[]> {
    return this.#sessions.unacknowledged();
  }

  number(callId: string, side: 'a' | 'b', cseq?: number): Promise<number> {
    return this.#sessions.number(callId, side, cseq);
  }

  place(asked: PlaceAsked): Promise<PlacedRequest | undefined> {
    return this.#sessions.place(asked);
  }

  challengeFacts(callId: string, cseq: number): Promise<ChallengeFacts> {
    return this.#challenges.challengeFacts(callId, cseq);
  }

  answerChallenge(write: ChallengeWrite): ReturnType<ChallengeStore['answerChallenge']> {
    return this.#challenges.answerChallenge(write);
  }

  note(callId: string, note: CallNote): Promise<boolean> {
    return this.#challenges.note(callId, note);
  }

  keepOffer(callId: string, exchange: string, offer: KeptOffer): Promise<KeptOffer> {
    return this.#offers.keepOffer(callId, exchange, offer);
  }

  keptOffer(callId: string, exchange: string): Promise<KeptOffer | undefined> {
    return this.#offers.keptOffer(callId, exchange);
  }

  reconcile(): Promise<number> {
    return this.#sessions.reconcile();
  }

  #lineKeys(lines: readonly string[]): string {
    return lines.map(this.#lineKey).join(' ');
  }
}

/** Where a call's hash keeps the caller's token of one of several dialogs. */
function fieldOf(toTag: string): string {
  return `ta:${toTag}`;
}

function readClaim(held: string): { readonly callId: string; readonly owner: string } {
  const [callId = '', owner = ''] = held.split(' ');
  return { callId, owner };
}

type EndReply = readonly [state: number, detail?: Buffer, near?: Buffer, isRenumbered?: number];

function readEnd(
  ending: CallEventMessage,
  [state, detail = none, near = none, renumbered]: EndReply,
): WriteResult {
  const dialog = {
    ...(near.length === 0 ? {} : { toTag: near.toString() }),
    ...(renumbered === 1 ? { isRenumbered: true } : {}),
  };
  switch (state) {
    case 1:
      return { kind: 'first', event: { ...ending, bytes: eventOfPayload(detail) }, ...dialog };
    case 0:
      return { kind: 'late', ...dialog };
    case -4:
      return { kind: 'other-dialog' };
    case -1:
      return { kind: 'lost', owner: detail.toString('latin1') };
    case -3:
      return { kind: 'pending', owner: detail.toString('latin1') };
    default:
      return { kind: 'unknown' };
  }
}

type AdoptReply = readonly [
  kind: Buffer,
  record?: Buffer | null,
  isEnded?: number,
  tokenA?: Buffer | null,
  tokenB?: Buffer | null,
  owner?: Buffer,
];

function readAdoptReply([kind, bytes, isEnded, a, b, held = none]: AdoptReply): AdoptResult {
  const owner = held.toString('latin1');
  const record = bytes ?? undefined;
  switch (kind.toString('latin1')) {
    case 'answered':
      return { kind: 'answered', record, tokens: { a: a ?? none, b: b ?? none } };
    case 'ended':
      return { kind: 'ended', owner, record, wasAnswered: isEnded === 2 };
    case 'owned':
      return { kind: 'owned', owner };
    case 'adopted':
      return { kind: 'adopted', record: record ?? none, isEnded: isEnded === 1 };
    default:
      return { kind: 'unknown' };
  }
}
