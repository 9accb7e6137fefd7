import type { Journal } from '@tandem/events';
import type { Logger } from '@tandem/service';
import type { LocalIdentity } from './core/network/local-identity.ts';
import type { Barrier } from './barrier.ts';
import type { BodyPassage } from './body-passage.ts';
import type { Sealer } from './core/marks/seal.ts';
import type {
  AuthClient,
  BodyStep,
  CallSigner,
  CallStore,
  ChallengeStore,
  Clock,
  MediaRelays,
  NetworkView,
  OfferStore,
  PeerTransport,
  PodLink,
  PodRegistry,
  RoutingClient,
  SessionStore,
} from './ports.ts';
import type { EndedMedia, StoredTokenCache } from './dialog/dialogs.ts';
import type { CallOutbox, StoreBacklog } from './outbox/outbox.ts';
import type { AttemptTally, ChecksClient } from './gateway-checks/gateway-checks.ts';
import type { CarrierSettings, RegistrarClient } from './registration/registration.ts';
import type { OverloadSettings } from './overload/overload.ts';
import type { UnwantedAnswers } from './setup/calls.ts';
import type { SilentAddresses } from './setup/calls.ts';
import type { UnreadDrops } from './unread-drops.ts';

/** What an edge is given. */
export type EdgeParts = Omit<
  EdgeResources,
  'backlog' | 'barrier' | 'bodies' | 'endedMedia' | 'storedTokens' | 'tally' | 'unread' | 'unwanted'
> & {
  /** @default every new call is begun */
  readonly overload?: OverloadSettings | undefined;
  /** @default bodies pass as they come */
  readonly bodyStep?: BodyStep | undefined;
};

/** All that the parts of the driver work with; each takes what it names of it. */
export interface EdgeResources {
  /** Always the same object: a pod that was paused for too long has another slot and epoch in it afterwards. */
  readonly local: LocalIdentity;
  readonly sealer: Sealer;
  readonly auth: AuthClient;
  readonly routing: RoutingClient;
  /** @default nobody registers: REGISTER is refused with 405 */
  readonly registrar?: RegistrarClient | undefined;
  /** REG-11. @default nobody is told */
  readonly journal?: Journal | undefined;
  /** What is dropped unread is counted there. */
  readonly unread: UnreadDrops;
  /** @default the switch registers with no carrier */
  readonly carriers?: CarrierSettings | undefined;
  /** ROUTE-07. @default no gateway is checked */
  readonly checks?: ChecksClient | undefined;
  /** ROUTE-16: what attempts at gateways come to. */
  readonly tally: AttemptTally;
  readonly store: CallStore;
  readonly sessions: SessionStore & ChallengeStore & OfferStore;
  readonly storedTokens: StoredTokenCache;
  readonly pods: PodRegistry;
  readonly link: PodLink;
  readonly outbox: CallOutbox;
  /** One for all steps: the end of a call comes after its answer. */
  readonly backlog: StoreBacklog;
  readonly clock: Clock;
  readonly transport: PeerTransport;
  readonly logger: Logger;
  /** @default sources are taken as they are seen */
  readonly network?: NetworkView | undefined;
  /** @default no call is signed */
  readonly signer?: CallSigner | undefined;
  /** What the handling of a message goes on with later stands behind it too. */
  readonly barrier: Barrier;
  readonly bodies: BodyPassage;
  /** @default no media is anchored */
  readonly media?: MediaRelays | undefined;
  readonly endedMedia: EndedMedia;
  readonly unwanted: UnwantedAnswers;
  /** TANDEM_SIP_MESSAGE: MESSAGE out of a dialog is passed on. @default false: refused with 405 */
  readonly relaysMessages?: boolean | undefined;
  /** DENY-14: asked of addresses that keep silent. @default what the network says of them is not known */
  readonly silent?: Pick<SilentAddresses, 'look'> | undefined;
  /** Random bytes, as base64url text; drawn from a pool. */
  readonly random: (bytes: number) => string;
}
