import { endedEventId } from '../core/call/events.ts';
import type {
  AnsweredChallenge,
  CallNote,
  ChallengeFacts,
  ChallengeStore,
  ChallengeWrite,
} from '../ports.ts';
import { giveNumber } from './memory-calls.ts';
import type { MemoryCall, MemoryState } from './memory-calls.ts';
import type { MemoryOutbox } from './memory-outbox.ts';

const MOST_EVENT_BYTES = 8192;
const NO_TIMES = { answeredMs: 0, endedMs: 0, aliveMs: 0 };
const none = Buffer.alloc(0);

/** Challenges in dialogs, in memory: the same steps as the scripts in Redis. */
export class MemoryChallengeStore implements ChallengeStore {
  readonly #state: MemoryState;
  readonly #outbox: MemoryOutbox;

  constructor(state: MemoryState, outbox: MemoryOutbox) {
    this.#state = state;
    this.#outbox = outbox;
  }

  challengeFacts(callId: string, cseq: number): Promise<ChallengeFacts> {
    const call = this.#state.calls.get(callId);
    return Promise.resolve({
      credentials: call?.credentials,
      record: call?.credentials === undefined ? call?.record : undefined,
      answered: call?.challenged.get(cseq),
    });
  }

  answerChallenge(
    write: ChallengeWrite,
  ): Promise<{ answered: AnsweredChallenge; isFiled: boolean } | undefined> {
    const { callId, cseq, highest, note, request, round } = write;
    const call = this.#state.calls.get(callId);
    if (call === undefined || call.owner === '') return Promise.resolve(undefined);
    const known = call.challenged.get(cseq);
    if (known !== undefined && known.round >= round) {
      return Promise.resolve({ answered: known, isFiled: false });
    }
    const count = call.numbers.b;
    const number = Math.max(count.highest, highest) + 1;
    giveNumber(count, cseq, number);
    const answered = { cseq: number, round, request };
    call.challenged.set(cseq, answered);
    return Promise.resolve({ answered, isFiled: this.#noted(call, note) });
  }

  note(callId: string, note: CallNote): Promise<boolean> {
    const call = this.#state.calls.get(callId);
    return Promise.resolve(call !== undefined && this.#noted(call, note));
  }

  #noted(call: MemoryCall, { decisions, event }: CallNote): boolean {
    if (call.endedMs !== 0) {
      if (this.#outbox.addToKept(endedEventId(event.callId), decisions)) return false;
      this.#outbox.file(event, NO_TIMES);
      return true;
    }
    const known = call.event ?? call.notes ?? none;
    if (known.length + decisions.length > MOST_EVENT_BYTES) return false;
    const noted = Buffer.concat([known, decisions]);
    if (call.event === undefined) call.notes = noted;
    else call.event = noted;
    return false;
  }
}
