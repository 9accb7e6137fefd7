import { type MediaConnection, type PagePhone, ReceivedAudio } from './page-phone.ts';
import type { WebPhoneAccount } from './page-phone.ts';

type Listener = (event: never) => void;

interface Session {
  on(event: string, listener: Listener): void;
  answer(options: object): void;
  hold(options: object, done: () => void): boolean;
  unhold(options: object, done: () => void): boolean;
  refer(target: string, options: { readonly eventHandlers: Record<string, () => void> }): void;
  terminate(): void;
  readonly connection: MediaConnection | undefined;
}

interface UserAgent {
  on(event: string, listener: Listener): void;
  start(): void;
  stop(): void;
  isRegistered(): boolean;
  call(target: string, options: object): void;
}

/** As much of JsSIP as the phone needs. */
export interface JsSip {
  readonly WebSocketInterface: new (url: string) => object;
  readonly UA: new (options: object) => UserAgent;
}

const audioAlone = { mediaConstraints: { audio: true, video: false } };
/** What of media may fail, and why, JsSIP tells by these alone. */
const mediaSteps = [
  'getusermediafailed',
  'peerconnection:createofferfailed',
  'peerconnection:createanswerfailed',
  'peerconnection:setlocaldescriptionfailed',
  'peerconnection:setremotedescriptionfailed',
];
/** Longer than the longest `expires` that the switch hands out by itself. */
const EXPIRES = 600;

/** A phone of JsSIP: answers whoever calls. */
export function jssipPhone(library: JsSip, account: WebPhoneAccount): PagePhone {
  const events: string[] = [];
  const audio = new ReceivedAudio();
  let session: Session | undefined;
  const agent = new library.UA({
    sockets: [new library.WebSocketInterface(account.server)],
    uri: account.uri,
    authorization_user: account.user,
    password: account.password,
    register_expires: EXPIRES,
  });
  const note = (name: string) => () => {
    events.push(name);
  };
  agent.on('registered', note('registered'));
  agent.on('unregistered', note('unregistered'));
  agent.on('registrationFailed', ({ cause }: { cause: string }) => {
    events.push(`registration failed: ${cause}`);
  });
  agent.on('disconnected', note('disconnected'));
  agent.on('newRTCSession', (event: { originator: string; session: Session }) => {
    const own = event.session;
    session = own;
    own.on('peerconnection', ({ peerconnection }: { peerconnection: MediaConnection }) => {
      audio.watch(peerconnection);
    });
    for (const step of mediaSteps) {
      own.on(step, (error: unknown) => {
        events.push(`${step}: ${String(error)}`);
      });
    }
    own.on('confirmed', note('established'));
    own.on('hold', ({ originator }: { originator: string }) => {
      if (originator === 'remote') events.push('held by the other');
    });
    own.on('unhold', ({ originator }: { originator: string }) => {
      if (originator === 'remote') events.push('resumed by the other');
    });
    own.on('ended', note('ended'));
    own.on('failed', ({ cause }: { cause: string }) => {
      events.push(`failed: ${cause}`);
    });
    if (event.originator === 'remote') own.answer(audioAlone);
    else if (own.connection !== undefined) audio.watch(own.connection);
  });
  return {
    register: () => {
      agent.start();
    },
    dial: (target) => {
      agent.call(target, audioAlone);
    },
    hold: () => {
      session?.hold({}, note('held'));
    },
    resume: () => {
      session?.unhold({}, note('resumed'));
    },
    transfer: (target) => {
      const accepted = note('transferred');
      session?.refer(target, { eventHandlers: { accepted, failed: note('not transferred') } });
    },
    hangUp: () => {
      session?.terminate();
    },
    events: () => events,
    audioReceived: () => audio.count(),
    stop: () =>
      new Promise((resolve) => {
        if (agent.isRegistered()) agent.on('unregistered', resolve);
        else resolve();
        agent.stop();
      }),
  };
}
