import { defineScript } from '@tandem/service';
import type { Redis, RedisScript } from '@tandem/service';
import type {
  AnsweredChallenge,
  CallNote,
  ChallengeFacts,
  ChallengeStore,
  ChallengeWrite,
} from '../ports.ts';
import { answerChallengeLua, challengeFactsLua, noteCallLua } from './challenge-scripts.ts';
import { orUnavailable } from './store-away.ts';

/** As long as a re-INVITE may ring, its repetitions, ACK and CANCEL find what was sent. */
const CHALLENGED_SECONDS = 300;
const BLANK = 0x20;

/** Challenges in dialogs, in Redis. */
export class RedisChallengeStore implements ChallengeStore {
  readonly #tag: string;
  readonly #outbox: readonly [string, string];
  readonly #facts: RedisScript;
  readonly #answer: RedisScript;
  readonly #note: RedisScript;

  /** @param outbox names of the two keys into which an event is filed */
  constructor(redis: Redis, tag: string, outbox: readonly [string, string]) {
    const define = (name: string, lua: string, keys: number): RedisScript =>
      defineScript(redis, lua, keys, { name: `edge.${name}`, buffers: true });
    this.#tag = tag;
    this.#outbox = outbox;
    this.#facts = define('challenge-facts', challengeFactsLua, 3);
    this.#answer = define('answer-challenge', answerChallengeLua, 4);
    this.#note = define('note', noteCallLua, 3);
  }

  async challengeFacts(callId: string, cseq: number): Promise<ChallengeFacts> {
    const record = `${this.#tag}rec:${callId}`;
    const reply = await orUnavailable(
      this.#facts([this.#call(callId), challengedKey(this.#tag, callId), record], [cseq]),
    );
    const [credentials, challenged, bytes] = reply as [Buffer, Buffer, Buffer];
    return {
      credentials: credentials.length === 0 ? undefined : credentials.toString('latin1'),
      record: bytes.length === 0 ? undefined : bytes,
      answered: readChallenged(challenged),
    };
  }

  async answerChallenge(
    write: ChallengeWrite,
  ): Promise<{ answered: AnsweredChallenge; isFiled: boolean } | undefined> {
    const { callId, cseq, highest, note, request, round } = write;
    const reply = await orUnavailable(
      this.#answer(
        [this.#call(callId), ...this.#outbox, challengedKey(this.#tag, callId)],
        [
          note.eventId,
          note.decisions,
          note.event.bytes,
          cseq,
          highest,
          round,
          request,
          CHALLENGED_SECONDS,
        ],
      ),
    );
    const [kept, isFiled] = (reply ?? []) as [Buffer?, number?];
    const answered = kept === undefined ? undefined : readChallenged(kept);
    return answered === undefined ? undefined : { answered, isFiled: isFiled === 1 };
  }

  async note(callId: string, { eventId, decisions, event }: CallNote): Promise<boolean> {
    const reply = await orUnavailable(
      this.#note([this.#call(callId), ...this.#outbox], [eventId, decisions, event.bytes]),
    );
    return reply === 1;
  }

  #call(callId: string): string {
    return `${this.#tag}call:${callId}`;
  }
}

/** Key of what went out in place of the challenged requests of a call. */
export function challengedKey(tag: string, callId: string): string {
  return `${tag}challenged:${callId}`;
}

/** Reads what `answerChallenge` keeps; undefined of nothing. */
export function readChallenged(kept: Buffer): AnsweredChallenge | undefined {
  if (kept.length === 0) return undefined;
  const first = kept.indexOf(BLANK);
  const second = kept.indexOf(BLANK, first + 1);
  return {
    cseq: Number(kept.toString('latin1', 0, first)),
    round: Number(kept.toString('latin1', first + 1, second)),
    request: kept.subarray(second + 1),
  };
}
