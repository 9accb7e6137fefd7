import { seededRandom } from '@tandem/testing';

/** How the called side takes a call. */
type Reception =
  /** carrier-a rings and answers. */
  | 'answers'
  /** carrier-a refuses with 503, carrier-b rings and answers. */
  | 'unavailable'
  /** carrier-a says nothing at all, carrier-b rings and answers. */
  | 'silent'
  /** carrier-a rings two callees, each in a dialog of its own, and the second answers. */
  | 'forks'
  /** The same with reliable responses (RFC 3262): each callee's, and a further one of the second, waits for its PRACK. */
  | 'forks-reliably'
  /** carrier-a rings, then says 486. */
  | 'busy'
  /** carrier-a rings until it is cancelled. */
  | 'rings';

/** A request that one end sends while the call is up. */
interface InCallRequest {
  /** After the answer. */
  readonly afterMs: number;
  readonly method: 'INVITE' | 'UPDATE' | 'INFO';
  readonly by: 'caller' | 'callee';
}

/** What is to happen in one call, at both ends. */
export interface CallPlan {
  /** Number that is called; it tells both ends which call it is, so it is used once. */
  readonly number: string;
  /** A phone with digest, or a trunk known by its address; one of the two has its media anchored. */
  readonly caller: 'phone' | 'trunk' | 'anchored-trunk';
  readonly reception: Reception;
  /** From the carrier's 180 to its final answer. */
  readonly ringMs: number;
  /** The caller gives up so long after the first response. */
  readonly cancelAfterMs?: number;
  /** From the answer to the BYE; `told`: until `hangUp` is called; `never`: nobody hangs up. */
  readonly hold: number | 'told' | 'never';
  readonly endedBy: 'caller' | 'callee';
  readonly inCall: readonly InCallRequest[];
  /** Who says that it supports session timers (RFC 4028); the caller then refreshes. @default neither */
  readonly timers?: 'caller' | 'both';
  /** The carrier wants credentials for a BYE (AUTH-11). @default false */
  readonly isByeChallenged?: boolean;
  /** The gateway that leads to the carriers, by its name in the CDR. @default each has one that is called as it is */
  readonly gateway?: string;
  /** The switch itself refuses: code for the caller, reason in the CDR. */
  readonly refused?: { readonly code: number; readonly reason: string };
  /** Both ends fall silent for good, so long after the answer: they neither send nor answer. */
  readonly vanishAfterMs?: number;
}

/** How often each kind of call comes; weights, of any sum. */
export interface CallMix {
  readonly answers?: number;
  readonly unavailable?: number;
  readonly busy?: number;
  readonly cancelled?: number;
  readonly silent?: number;
  /** Of the calls that are answered: the share with a re-INVITE, UPDATE or INFO from either side. @default 0 */
  readonly inCallShare?: number;
  /** The share that the callee ends. @default 0.5 */
  readonly endedByCalleeShare?: number;
  /** The share that comes from the phone, with digest. @default 0.5 */
  readonly phoneShare?: number;
}

/** How many calls of what kind. */
export interface PlanOptions {
  readonly count: number;
  readonly seed: number;
  readonly mix?: CallMix;
  /** Shortest and longest; `told` keeps every call up. @default [2000, 6000] */
  readonly holdMs?: readonly [number, number] | 'told';
  /** @default [300, 1500] */
  readonly ringMs?: readonly [number, number];
  /** First digits, so that two batches of one run do not share a number; begins with 44. @default '44' */
  readonly prefix?: string;
}

/** All kinds of calls, as traffic has them. */
export const everyKind: CallMix = {
  answers: 70,
  unavailable: 12,
  busy: 6,
  cancelled: 12,
  inCallShare: 0.3,
};

/** Plans of many calls, the same for the same seed. */
export function planCalls(options: PlanOptions): readonly CallPlan[] {
  const random = seededRandom(options.seed);
  return Array.from({ length: options.count }, (_, index) => planOf(index, options, random));
}

/** A plan where all but a few things are as usual. */
export function planOne(plan: Partial<CallPlan> & { readonly number: string }): CallPlan {
  return {
    caller: 'trunk',
    reception: 'answers',
    ringMs: 500,
    hold: 3000,
    endedBy: 'caller',
    inCall: [],
    ...plan,
  };
}

/** Whether a call that goes as planned is answered. */
export function isToBeAnswered({ reception, cancelAfterMs, refused }: CallPlan): boolean {
  const isGivenUp = cancelAfterMs !== undefined || refused !== undefined;
  return !isGivenUp && reception !== 'busy' && reception !== 'rings';
}

const usual = {
  mix: everyKind,
  holdMs: [2000, 6000],
  ringMs: [300, 1500],
  prefix: '44',
} satisfies Partial<PlanOptions>;

function planOf(index: number, options: PlanOptions, random: () => number): CallPlan {
  const { mix, holdMs, ringMs, prefix } = { ...usual, ...options };
  const kind = pick(mix, random());
  const isCancelled = kind === 'cancelled';
  const hold = holdMs === 'told' ? 'told' : between(holdMs, random());
  const plan: CallPlan = {
    number: prefix + String(index).padStart(12 - prefix.length, '0'),
    caller: random() < (mix.phoneShare ?? 0.5) ? 'phone' : 'trunk',
    reception: isCancelled ? 'rings' : kind,
    ringMs: between(ringMs, random()),
    ...(isCancelled ? { cancelAfterMs: between(ringMs, random()) } : {}),
    hold,
    endedBy: random() < (mix.endedByCalleeShare ?? 0.5) ? 'callee' : 'caller',
    inCall: [],
  };
  const hasRequest = isToBeAnswered(plan) && random() < (mix.inCallShare ?? 0);
  return hasRequest
    ? { ...plan, inCall: [requestIn(hold === 'told' ? 2000 : hold, random)] }
    : plan;
}

function requestIn(holdMs: number, random: () => number): InCallRequest {
  const method = (['INVITE', 'UPDATE', 'INFO'] as const)[Math.floor(random() * 3)] ?? 'INVITE';
  // Early enough to be through with its repetitions before the BYE.
  return {
    afterMs: Math.round(holdMs * (0.2 + 0.4 * random())),
    method,
    by: random() < 0.5 ? 'caller' : 'callee',
  };
}

type Kind = 'answers' | 'unavailable' | 'busy' | 'cancelled' | 'silent';
const kinds: readonly Kind[] = ['answers', 'unavailable', 'busy', 'cancelled', 'silent'];

function pick(mix: CallMix, at: number): Kind {
  const sum = kinds.reduce((total, kind) => total + (mix[kind] ?? 0), 0);
  let left = at * sum;
  for (const kind of kinds) {
    left -= mix[kind] ?? 0;
    if (left < 0) return kind;
  }
  return 'answers';
}

function between([least, most]: readonly [number, number], at: number): number {
  return Math.round(least + (most - least) * at);
}
