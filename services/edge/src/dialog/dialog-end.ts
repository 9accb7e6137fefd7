import { encodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { CallEvent } from '@tandem/proto/events';
import { from, readableText, to } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { endingEvent } from '../core/call/events.ts';
import type { InHand } from '../barrier.ts';
import type { RelayedRequest } from '../core/dialog/relayed-request.ts';
import type { EndWrite, WriteResult } from '../ports.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { ifUnanswered } from './answered-byes.ts';
import { endStep } from '../outbox/outbox.ts';
import type { StoreBacklog } from '../outbox/outbox.ts';

type Resources = Pick<
  EdgeResources,
  'barrier' | 'clock' | 'endedMedia' | 'local' | 'logger' | 'outbox' | 'store'
>;

/** The peer has waited this long at most when its BYE goes on, store or no store: below its first repetition. */
const PATIENCE_MS = 300;
/** How often, and how many times, it is looked whether a call of which the store does not know the answer yet has it now. */
const LOOK_MS = 1000;
const MOST_LOOKS = 30;
/** As long as a BYE may be repeated, and the record of an ended call is kept. */
const REMEMBERED_MS = 64_000;

/** What the store has said of the dialog of a BYE. */
export interface ByeFacts {
  /**
   * Of the numbers in the callee's dialog: `own`: nothing has moved them; `moved`: the store has to be asked for them; `unknown`: it
   * could not say.
   */
  readonly numbers: 'own' | 'moved' | 'unknown';
  /** Where callees had opened several: what the caller knows the one that was answered by. */
  readonly toTag?: string | undefined;
}

/** How a BYE goes on. */
export interface ByeHandler {
  /** Sends it to the other side. */
  relay(known: ByeFacts): void;
  /** The call was answered in another of the dialogs that callees had opened, and goes on there. */
  otherDialog(): void;
  /** The call is not answered yet, and another pod has it. */
  pending(): void;
}

/** A BYE of which the store is asked. */
interface AskedBye {
  /** When it came. */
  readonly atMs: number;
  readonly token: DialogToken;
  readonly inDialog: EndWrite['inDialog'];
  /** Sends it on, unless it is on its way already. */
  readonly relay: (known: ByeFacts) => void;
  /** It is not to be sent on so. @returns whether it is not on its way yet */
  readonly stop: () => boolean;
  readonly on: ByeHandler;
  readonly inHand: InHand;
}

/** An end that a BYE has brought. */
interface EndOfDialog {
  readonly ending: CallEventMessage;
  readonly atMs: number;
  /** Fields of the event with the figures of its media; undefined where that was not anchored. */
  readonly counted: Promise<Buffer | undefined> | undefined;
}

/** Ends calls whose ends hang up (edge.md §4.3): `end` first, then the relay, then the event. */
export class DialogEnd {
  readonly #edge: Resources;
  readonly #backlog: StoreBacklog;
  /** Ends that were told without the store, by call id, in the order of their times: once, whatever is repeated. */
  readonly #told = new Map<string, number>();

  constructor(edge: Resources, backlog: StoreBacklog) {
    this.#edge = edge;
    this.#backlog = backlog;
  }

  /** The BYE goes on whatever the store says, and after a while whether it says anything or not. */
  bye({ request, source, token }: RelayedRequest, on: ByeHandler): void {
    const { clock } = this.#edge;
    const { callId } = token;
    const told = endingEvent(callId, {
      reason: 'NormalClearing',
      code: 200,
      by: token.holder === 'a' ? 'caller' : 'callee',
      text: readableText(request.headers.getAll('Reason').join(', ')),
    });
    let isOnItsWay = false;
    const relay = (known: ByeFacts): void => {
      clock.stop(patience);
      if (isOnItsWay) return;
      isOnItsWay = true;
      on.relay(known);
      passed('after-end-relay');
    };
    const patience = clock.start(PATIENCE_MS, () => {
      relay({ numbers: 'unknown' });
    });
    const stop = (): boolean => {
      clock.stop(patience);
      return !isOnItsWay;
    };
    const inHand = { message: request, from: source };
    const inDialog = dialogOf(request, token);
    const atMs = clock.now();
    this.#store(told, { atMs, token, inDialog, relay, stop, on, inHand });
  }

  #store(ending: CallEventMessage, asked: AskedBye): void {
    const { atMs, inDialog, inHand, on, relay, stop, token } = asked;
    const { barrier, endedMedia, logger, store } = this.#edge;
    const { callId } = ending;
    const write = { callId, ending, inDialog, hangUp: ifUnanswered(token.holder) };
    passed('before-end');
    const done = (result: WriteResult): void => {
      passed('after-end');
      // Its media goes on, also where the BYE could not wait.
      if (result.kind === 'pending') {
        if (stop()) on.pending();
        return;
      }
      if (result.kind === 'other-dialog') {
        if (stop()) on.otherDialog();
        return;
      }
      // First: once the BYE has its answer nobody repeats it, and a pod that had died before would leave the call at the relay.
      const counted = endedMedia.end(token);
      relay(factsOf(result));
      this.#ended(result, { ending, atMs, counted });
    };
    const failed = (error: unknown): void => {
      logger.error({ err: error, callId }, 'end not stored');
      const counted = endedMedia.end(token);
      relay({ numbers: 'unknown' });
      this.#tell({ ending, atMs, counted });
      // The lines are free as soon as the store is back; the event it files then is known by its id.
      this.#storeLater(write);
    };
    // An answer that the store has missed comes before the end: told afterwards it would have the call up again.
    const answered = this.#backlog.tell(callId);
    const ended = answered?.then(() => store.end(write)) ?? store.end(write);
    barrier.settled(ended, { done, failed }, inHand);
  }

  /** The pod with the answer may have to store that yet: the call still rings for the store. */
  #storeLater(write: EndWrite, times = MOST_LOOKS): void {
    const { clock, store } = this.#edge;
    this.#backlog.add(endStep(write.callId), async () => {
      const { kind } = await store.end(write);
      if (kind !== 'pending' || times === 0) return;
      clock.start(LOOK_MS, () => {
        this.#storeLater(write, times - 1);
      });
    });
  }

  #ended(result: WriteResult, end: EndOfDialog): void {
    const { logger, outbox } = this.#edge;
    const { counted, ending } = end;
    if (result.kind === 'first') {
      if (counted === undefined) outbox.publish(result.event);
      else outbox.publishWith(result.event, counted);
      passed('after-end-publish');
    } else if (result.kind === 'late') {
      // The pod that was first has died before it had asked for them: its event waits for a sweep.
      if (counted !== undefined) outbox.amend(ending.eventId, counted);
    } else if (result.kind === 'unknown') {
      logger.warn({ callId: ending.callId }, 'end of a call that the store does not know');
      this.#tell(end);
    }
  }

  /** The store was away or has been emptied: what is known goes straight to the log, and billing has the rest (edge.md §5). */
  #tell({ atMs, counted, ending }: EndOfDialog): void {
    const { clock, local, outbox } = this.#edge;
    const now = clock.now();
    for (const [callId, toldMs] of this.#told) {
      if (now - toldMs < REMEMBERED_MS) break;
      this.#told.delete(callId);
    }
    if (this.#told.has(ending.callId)) return;
    this.#told.set(ending.callId, now);
    const rest = CallEvent.fromPartial({
      // A store that hangs is given up after a while, which nobody is to pay for.
      endedMs: atMs,
      // Whoever hangs up is there.
      aliveMs: atMs,
      edge: local.name,
      partial: true,
    });
    const parts = [ending.bytes, encodeCallEvent(rest)];
    if (counted === undefined) {
      outbox.publishUnstored({ ...ending, bytes: Buffer.concat(parts) });
      return;
    }
    // It never rejects.
    void counted.then((figures) => {
      const bytes = Buffer.concat(figures === undefined ? parts : [...parts, figures]);
      outbox.publishUnstored({ ...ending, bytes });
    });
  }
}

function factsOf(result: WriteResult): ByeFacts {
  if (result.kind === 'unknown') return { numbers: 'unknown' };
  if (result.kind !== 'first' && result.kind !== 'late') return { numbers: 'own' };
  const { isRenumbered = false, toTag } = result;
  return { numbers: isRenumbered ? 'moved' : 'own', toTag };
}

/** The dialog that a BYE ends: the caller names it by our tag, a callee by its own. */
function dialogOf(request: SipRequest, { holder }: DialogToken): EndWrite['inDialog'] {
  const { tag = '' } = holder === 'a' ? to(request) : from(request);
  return { from: holder, farOrToTag: tag };
}
