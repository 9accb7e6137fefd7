import type { AlarmChannel } from '@tandem/config';
import { Rounds, type Logger } from '@tandem/service';
import type { AlarmStore, ClaimedNotification } from '../alarm-ports.ts';
import { GIVEN_UP_AFTER_MS, waitAfter } from '../core/alarms/notification.ts';
import { notifications } from '../telemetry.ts';

/** Delivers to a channel. Rejects where it was not taken. @returns who else did not take it, in words; else '' */
export type Deliver = (
  channel: AlarmChannel,
  notification: Pick<ClaimedNotification, 'body' | 'id'>,
) => Promise<string>;

export interface AlarmDispatcherParts {
  readonly store: AlarmStore;
  readonly channels: () => Promise<readonly AlarmChannel[]>;
  readonly deliver: Deliver;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How often it is looked for what is due. @default 2000 */
  readonly everyMs?: number | undefined;
  /** How long what is claimed is nobody else's. @default 60000 */
  readonly claimMs?: number | undefined;
}

const LOOK_EVERY_MS = 2000;
const CLAIM_MS = 60_000;
const AT_ONCE = 20;
const LONGEST_ERROR = 500;

/**
 * Tells channels what the outbox holds (OPS-11). Every pod of the api does so. What a pod has claimed and not told when it dies another one
 * tells once the claim has run out: a notification may come twice, with the same id, and none is lost.
 */
export class AlarmDispatcher {
  readonly #parts: AlarmDispatcherParts;
  readonly #rounds: Rounds;

  constructor(parts: AlarmDispatcherParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.everyMs ?? LOOK_EVERY_MS, () => this.round());
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Delivers what is due now. Never rejects. */
  async round(): Promise<void> {
    const { channels, claimMs = CLAIM_MS, logger, store } = this.#parts;
    try {
      const claimed = await store.claim(AT_ONCE, claimMs);
      if (claimed.length === 0) return;
      const known = new Map((await channels()).map((channel) => [channel.name, channel]));
      await Promise.all(claimed.map((each) => this.#deliver(each, known.get(each.channel))));
    } catch (error) {
      logger.warn({ err: error }, 'notifications of alarms wait');
    }
  }

  async #deliver(
    notification: ClaimedNotification,
    channel: AlarmChannel | undefined,
  ): Promise<void> {
    const { deliver, logger, now, store } = this.#parts;
    const { attempts, createdAt, id } = notification;
    if (channel?.enabled !== true) {
      notifications.add(1, { outcome: 'given-up' });
      await store.giveUp(id, 'the channel is gone, or switched off');
      return;
    }
    let left: string;
    try {
      left = await deliver(channel, notification);
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_ERROR);
      const isOver = now() - createdAt.getTime() > GIVEN_UP_AFTER_MS;
      logger.warn({ channel: channel.name, id, attempts, why, isOver }, 'notification of an alarm not taken'); // prettier-ignore
      notifications.add(1, { outcome: isOver ? 'given-up' : 'failed' });
      await (isOver ? store.giveUp(id, why) : store.failed(id, why, waitAfter(attempts)));
      return;
    }
    notifications.add(1, { outcome: 'sent' });
    if (left !== '') logger.warn({ channel: channel.name, id, why: left }, 'notification of an alarm not taken by all'); // prettier-ignore
    await store.sent(id, left);
  }
}
