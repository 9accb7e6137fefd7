import type { OpenIdPort } from '../adapters/openid-provider.ts';
import type { AlarmStore } from '../alarm-ports.ts';
import type { Deliver } from '../alarms/alarm-dispatcher.ts';
import type { DocumentStore } from '../apply-document.ts';
import type { AuditStore, OperatorStore } from '../operator-ports.ts';
import type { NumberListStore, ServicePorts } from '../ports.ts';
import type { RateSheets } from '../rate-ports.ts';
import type { ReplayStore } from '../replay-ports.ts';
import type { SignIns } from '../sign-ins.ts';

/** Who operates the switch, and how they come in. */
export interface OperatorParts {
  readonly store: OperatorStore;
  readonly audit: AuditStore;
  readonly signIns: SignIns;
  /** Undefined where there is no provider. */
  readonly openId: OpenIdPort | undefined;
  /** How browsers reach the API, without a / at the end. */
  readonly publicUrl: () => string;
  /** Whether they do so over TLS, so that cookies go no other way. */
  readonly isSecure: () => boolean;
}

/** Alarms, and how they are told. */
export interface AlarmParts {
  readonly store: AlarmStore;
  readonly deliver: Deliver;
}

/** What the routes of a resource work with. */
export interface RouteParts {
  readonly ports: ServicePorts;
  readonly documents: DocumentStore;
  readonly numberLists: NumberListStore;
  readonly replays: ReplayStore;
  readonly rates: RateSheets;
  readonly operators: OperatorParts;
  readonly alarms: AlarmParts;
  /** The pause between two readings of what is watched, in ms. @default 1000 */
  readonly livePeriodMs?: number | undefined;
  /** How often a stream of events shows that it lives, in ms. @default 15000 */
  readonly signOfLifeMs?: number | undefined;
}
