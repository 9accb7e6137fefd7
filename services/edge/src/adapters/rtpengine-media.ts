import { SwitchError } from '@tandem/domain';
import type { MediaFigures } from '@tandem/proto/media';
import type {
  NgCommand,
  NgOutcome,
  NgPatience,
  NgReply,
  Relay,
  RelayPool,
} from '@tandem/rtpengine';
import type { Logger } from '@tandem/service';
import { activityOf, mediaFigures, namedCalls } from '../core/media/media-figures.ts';
import { CALLER_TAG, calleeTag, relayCallId, relayCommand } from '../core/media/relay-command.ts';
import type { RelayCommand } from '../core/media/relay-command.ts';
import { familyOf, lostProtocol, sdpPlace, withSdp } from '../core/media/sdp-part.ts';
import type {
  AnchoredBody,
  AnchoredCall,
  BodyStep,
  MediaRelays,
  PassingBody,
  PassingMedia,
} from '../ports.ts';
import { mediaAttempts, mediaCommands } from '../media-telemetry.ts';

/** An end does not wait for a relay that is gone. */
const figuresPatience: NgPatience = { repeatMs: [50, 120], giveUpMs: 200 };
/** Its session goes on, and the next digit is waited for. */
const digitPatience: NgPatience = { repeatMs: [60, 150], giveUpMs: 300 };

/** What a relay counts of a call that is watched over for silence. */
export interface Activity {
  readonly packets: number;
  readonly isHeld: boolean;
}

/** What the other side gets, and the relay that has made it. */
interface Described {
  readonly sdp: string;
  readonly relay: Relay;
}

/** What a relay tells of a call; `refused`: it does not have it. */
type Told<T> = { readonly told: T } | 'refused' | 'silent';

/** Media anchored in rtpengine (CALL-08): one relay or several. */
export class RtpengineMedia implements BodyStep, MediaRelays {
  readonly #pool: Pick<RelayPool, 'pick' | 'inOrder' | 'byId' | 'relays' | 'ask'>;
  readonly #logger: Logger;

  constructor(
    pool: Pick<RelayPool, 'pick' | 'inOrder' | 'byId' | 'relays' | 'ask'>,
    logger: Logger,
  ) {
    this.#pool = pool;
    this.#logger = logger;
  }

  get relays(): readonly Relay[] {
    return this.#pool.relays;
  }

  pick(callId: string): Relay | undefined {
    const relay = this.#pool.pick(callId);
    mediaAttempts.add(1, { result: relay === undefined ? 'no-relay' : 'anchored' });
    return relay;
  }

  pass(passing: PassingBody): Buffer | Promise<AnchoredBody> {
    const { media, bytes } = passing;
    if (media === undefined) return bytes;
    const place = sdpPlace(passing.contentType, bytes);
    if (place === undefined) return bytes;
    const sdp = bytes.toString('latin1', place.start, place.end);
    return this.#anchored(passing, media, sdp).then((own) =>
      own === undefined
        ? { bytes, relay: 0 }
        : { bytes: withSdp(bytes, place, Buffer.from(own.sdp, 'latin1')), relay: own.relay.id },
    );
  }

  async figures({ callId, terms }: AnchoredCall): Promise<MediaFigures | undefined> {
    const id = relayCallId(callId, terms);
    return this.#firstOf({ callId, terms }, async (relay) => {
      const outcome = await this.#ask(relay, { command: 'query', 'call-id': id }, figuresPatience);
      if (outcome.kind !== 'ok') return outcome.kind;
      const told = mediaFigures(outcome.reply, relay.name);
      return told === undefined ? 'refused' : { told };
    });
  }

  async playDigit(
    { callId, terms }: AnchoredCall,
    digit: Parameters<MediaRelays['playDigit']>[1],
  ): Promise<boolean> {
    const command = {
      command: 'play DTMF',
      'call-id': relayCallId(callId, terms),
      'from-tag': digit.from === 'a' ? CALLER_TAG : calleeTag(digit.tag),
      code: digit.code,
      duration: digit.ms,
    };
    for (const relay of this.#pool.inOrder(callId, terms.relay)) {
      const { kind } = await this.#ask(relay, command, digitPatience);
      if (kind === 'ok') return true;
    }
    return false;
  }

  end(call: AnchoredCall): Promise<MediaFigures | undefined> {
    return this.#firstOf(call, (relay) => this.#ended(relay, call));
  }

  release(call: AnchoredCall): void {
    // It never rejects.
    void this.#firstOf(call, (relay) => this.#forget(relay, call, call));
  }

  /** Names of the calls that a relay has; undefined where it does not say. */
  async names(relay: Relay, most: number): Promise<string[] | undefined> {
    const outcome = await this.#ask(relay, { command: 'list', limit: most });
    return outcome.kind === 'ok' ? namedCalls(outcome.reply) : undefined;
  }

  /** Has a relay forget the call with this name. */
  async drop(relay: Relay, name: string): Promise<void> {
    await this.#delete(relay, name);
  }

  async activity(relay: Relay, id: string): Promise<Activity | undefined> {
    const outcome = await this.#ask(relay, { command: 'query', 'call-id': id });
    return outcome.kind === 'ok' ? activityOf(outcome.reply) : undefined;
  }

  /**
   * What the other side gets, from the first relay that can: an offer goes to the next one where a relay is silent or has no
   * ports left; an answer is looked for where its offer went. @returns undefined where none can, and the call may go on without
   */
  async #anchored(
    passing: PassingBody,
    media: PassingMedia,
    sdp: string,
  ): Promise<Described | undefined> {
    const { callId } = passing;
    const command = relayCommand(passing, media, sdp);
    let failure = 'no media relay answers';
    for (const relay of this.#pool.inOrder(callId, media.terms.relay)) {
      const outcome = await this.#described(relay, command, sdp);
      if (isFaultOfSender(outcome)) {
        // Another relay reads no more of it.
        if (!media.terms.isRequired) return undefined;
        throw new SwitchError('SWITCH_DESCRIPTION_INVALID', outcome.reason);
      }
      const own = outcome.kind === 'ok' ? outcome.reply['sdp'] : undefined;
      if (typeof own === 'string' && isOfFamily(own, passing, media)) return { sdp: own, relay };
      // What it has taken up for the wrong family is not needed.
      if (typeof own === 'string' && media.calleeTag === '')
        void this.#forget(relay, passing, media);
      failure = `media relay ${relay.name}: ${failureOf(outcome)}`;
      this.#logger.warn({ callId, relay: relay.name, failure }, 'media not anchored');
    }
    const own = await this.#anchoredAnew(passing, media, sdp);
    if (own !== undefined) return own;
    if (media.terms.isRequired) throw new SwitchError('SWITCH_MEDIA_UNAVAILABLE', failure);
    return undefined;
  }

  /**
   * What a relay makes of a description. After an answer of another kind than its offer (RFC 3264 §6) rtpengine writes the next
   * offer of RTP with the protocol of that answer, which nobody can take, unless it is told which one.
   */
  async #described(relay: Relay, command: RelayCommand, sdp: string): Promise<NgOutcome> {
    const outcome = await this.#ask(relay, command);
    const own = outcome.kind === 'ok' ? outcome.reply['sdp'] : undefined;
    if (typeof own !== 'string' || command.command === 'answer') return outcome;
    const protocol = lostProtocol(sdp, own);
    if (protocol === undefined) return outcome;
    return this.#ask(relay, { ...command, 'transport protocol': protocol });
  }

  /**
   * The relay that had the offer of this answer has died while it rang: another one is given both, so that the caller has an
   * address where somebody listens. What the callee sends is lost until the next offer of either side.
   */
  async #anchoredAnew(
    passing: PassingBody,
    { offer, ...media }: PassingMedia,
    sdp: string,
  ): Promise<Described | undefined> {
    const place = offer === undefined ? undefined : sdpPlace(offer.contentType, offer.bytes);
    if (media.kind === 'offer' || offer?.media === undefined || place === undefined)
      return undefined;
    const offered = offer.bytes.toString('latin1', place.start, place.end);
    const again = relayCommand(offer, offer.media, offered);
    for (const relay of this.#pool.inOrder(passing.callId, media.terms.relay)) {
      if ((await this.#ask(relay, again)).kind !== 'ok') continue;
      const outcome = await this.#ask(relay, relayCommand(passing, media, sdp));
      const own = outcome.kind === 'ok' ? outcome.reply['sdp'] : undefined;
      if (typeof own === 'string') return { sdp: own, relay };
    }
    return undefined;
  }

  async #forget(
    relay: Relay,
    { callId }: Pick<AnchoredCall, 'callId'>,
    { terms }: Pick<AnchoredCall, 'terms'>,
  ): Promise<Told<true>> {
    const reply = await this.#delete(relay, relayCallId(callId, terms));
    return typeof reply === 'string' ? reply : { told: true };
  }

  /**
   * Forgets a call, and tells what was counted of it: rtpengine says that where a tag is given alone, and takes with it whatever was
   * signalled with that tag, all forks among it. What a call without it has goes too.
   */
  async #ended(
    relay: Relay,
    { callId, terms }: AnchoredCall,
  ): Promise<Told<MediaFigures | undefined>> {
    const id = relayCallId(callId, terms);
    const reply = await this.#delete(relay, id, CALLER_TAG);
    if (reply === 'silent') return reply;
    if (typeof reply === 'object') return { told: mediaFigures(reply, relay.name) };
    const rest = await this.#delete(relay, id);
    return typeof rest === 'object' ? { told: undefined } : rest;
  }

  /** @returns why not, where it has not had the call, or not with this tag */
  async #delete(relay: Relay, id: string, tag?: string): Promise<NgReply | 'refused' | 'silent'> {
    const outcome = await this.#ask(relay, {
      command: 'delete',
      'call-id': id,
      'from-tag': tag,
      // Its ports are free at once, not half a minute later.
      'delete delay': 0,
    });
    if (outcome.kind !== 'ok') return outcome.kind;
    // rtpengine accepts to delete what it does not have, with a warning.
    return outcome.reply['warning'] === undefined ? outcome.reply : 'refused';
  }

  /**
   * Asks those that may have a call, all at once: the relay that its token names; all, where that has been away. It may have been
   * away before this process began: then it does not know the call, which the others may have. @returns the first that has it
   */
  async #firstOf<T>(
    { callId, terms }: AnchoredCall,
    ask: (relay: Relay) => Promise<Told<T>>,
  ): Promise<T | undefined> {
    const all = this.#pool.inOrder(callId, terms.relay);
    const named = this.#pool.byId(terms.relay);
    const isAlone = named?.hasFailed === false;
    const first = isAlone ? [named] : all;
    const outcomes = await Promise.all(first.map(ask));
    if (isAlone && outcomes[0] === 'refused') {
      const others = all.filter((relay) => relay !== named);
      outcomes.push(...(await Promise.all(others.map(ask))));
    }
    const told = outcomes.filter((outcome) => typeof outcome === 'object');
    return (told.find((outcome) => outcome.told !== undefined) ?? told[0])?.told;
  }

  async #ask(relay: Relay, command: NgCommand, patience?: NgPatience): Promise<NgOutcome> {
    const outcome = await this.#pool.ask(relay, command, patience);
    mediaCommands.add(1, { command: command.command, result: outcome.kind });
    return outcome;
  }
}

/** A relay without an interface of the family that is asked for takes another one, and says nothing. */
function isOfFamily(sdp: string, { from }: PassingBody, { kind, terms }: PassingMedia): boolean {
  if (kind === 'answer') return true;
  const wanted = terms[from === 'a' ? 'b' : 'a'].addressFamily;
  const family = familyOf(sdp);
  return wanted === '' || family === undefined || family === wanted;
}

/** What rtpengine says of a description that it cannot read, as against ports or calls that it has not. */
const faultsOfSender = /^(Failed to parse SDP|Incomplete SDP specification|Error rewriting SDP)/;

function isFaultOfSender(outcome: NgOutcome): outcome is NgOutcome & { kind: 'refused' } {
  return outcome.kind === 'refused' && faultsOfSender.test(outcome.reason);
}

function failureOf(outcome: NgOutcome): string {
  switch (outcome.kind) {
    case 'ok':
      return 'it has no address of the family that is asked for';
    case 'refused':
      return outcome.reason;
    case 'silent':
      return 'no answer';
  }
}
