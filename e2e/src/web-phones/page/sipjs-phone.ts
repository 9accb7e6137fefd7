import { type MediaConnection, type PagePhone, ReceivedAudio } from './page-phone.ts';
import type { WebPhoneAccount } from './page-phone.ts';

interface Handler {
  readonly peerConnection: MediaConnection | undefined;
}

interface Session {
  readonly state: string;
  readonly stateChange: { addListener(listener: (state: string) => void): void };
  readonly sessionDescriptionHandler: Handler | undefined;
  delegate: { readonly onAck: () => void } | undefined;
  sessionDescriptionHandlerOptionsReInvite: object;
  invite(options?: object): Promise<unknown>;
  bye(): Promise<unknown>;
  cancel?(): Promise<unknown>;
  accept?(options: object): Promise<void>;
  refer(target: unknown, options: object): Promise<unknown>;
}

interface Registerer {
  readonly stateChange: { addListener(listener: (state: string) => void): void };
  register(options?: object): Promise<unknown>;
  unregister(): Promise<unknown>;
}

interface UserAgent {
  start(): Promise<void>;
  stop(): Promise<void>;
  reconnect(): Promise<void>;
}

/** As much of SIP.js as the phone needs. */
export interface SipJs {
  readonly UserAgent: (new (options: object) => UserAgent) & { makeURI(uri: string): object };
  readonly Registerer: new (agent: UserAgent, options: object) => Registerer;
  readonly Inviter: new (agent: UserAgent, target: object, options: object) => Session;
}

const audioAlone = {
  sessionDescriptionHandlerOptions: { constraints: { audio: true, video: false } },
};
const EXPIRES = 600;
const RECONNECT_MS = 500;

/** A phone of SIP.js: answers whoever calls. Reconnecting is left to the page by that library. */
export function sipjsPhone(library: SipJs, account: WebPhoneAccount): PagePhone {
  const events: string[] = [];
  const audio = new ReceivedAudio();
  let session: Session | undefined;
  let isStopped = false;
  const failed = (what: string) => (error: unknown) => {
    events.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const taken = (own: Session, isCaller: boolean): void => {
    session = own;
    own.stateChange.addListener((state) => {
      if (state === 'Established') {
        const connection = own.sessionDescriptionHandler?.peerConnection;
        if (connection !== undefined) audio.watch(connection);
        if (isCaller) events.push('established');
      }
      if (state === 'Terminated') events.push('ended');
    });
    // The state of who is called is Established once the answer is sent; an ACK that finds a re-INVITE under way ends the call.
    if (!isCaller) own.delegate = { onAck: () => void events.push('established') };
  };
  const agent = new library.UserAgent({
    uri: library.UserAgent.makeURI(account.uri),
    authorizationUsername: account.user,
    authorizationPassword: account.password,
    transportOptions: { server: account.server },
    logBuiltinEnabled: false,
    delegate: {
      onInvite: (invitation: Session) => {
        taken(invitation, false);
        invitation.accept?.(audioAlone).catch(failed('not accepted'));
      },
      onDisconnect: (error?: Error) => {
        events.push('disconnected');
        if (error !== undefined) again();
      },
    },
  });
  const registerer = new library.Registerer(agent, { expires: EXPIRES });
  registerer.stateChange.addListener((state) => {
    events.push(state.toLowerCase());
  });
  function again(): void {
    setTimeout(() => {
      if (isStopped) return;
      // The promise of `register` is fulfilled when the request is sent: the delegate alone tells of its answer.
      const requestDelegate = {
        onAccept: () => events.push('registered again'),
        onReject: again,
      };
      agent
        .reconnect()
        .then(() => registerer.register({ requestDelegate }))
        .catch(again);
    }, RECONNECT_MS);
  }
  const reinvite = (hold: boolean): void => {
    if (session === undefined) return;
    session.sessionDescriptionHandlerOptionsReInvite = { hold };
    const requestDelegate = {
      onAccept: () => events.push(hold ? 'held' : 'resumed'),
      onReject: () => events.push('re-INVITE refused'),
    };
    session.invite({ requestDelegate }).catch(failed('no re-INVITE'));
  };
  return {
    register: () => {
      agent
        .start()
        .then(() => registerer.register())
        .catch(failed('not registered'));
    },
    dial: (target) => {
      const own = new library.Inviter(agent, library.UserAgent.makeURI(target), audioAlone);
      taken(own, true);
      own.invite().catch(failed('not called'));
    },
    hold: () => {
      reinvite(true);
    },
    resume: () => {
      reinvite(false);
    },
    transfer: (target) => {
      const requestDelegate = {
        onAccept: () => events.push('transferred'),
        onReject: () => events.push('not transferred'),
      };
      session
        ?.refer(library.UserAgent.makeURI(target), { requestDelegate })
        .catch(failed('not transferred'));
    },
    hangUp: () => {
      const own = session;
      if (own === undefined) return;
      const isUp = own.state === 'Established';
      (isUp ? own.bye() : own.cancel?.())?.catch(failed('not hung up'));
    },
    events: () => events,
    audioReceived: () => audio.count(),
    stop: async () => {
      isStopped = true;
      await registerer.unregister().catch(failed('not unregistered'));
      await agent.stop();
    },
  };
}
