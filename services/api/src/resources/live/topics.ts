import type { RouteParts } from '../../api/route-parts.ts';
import type { LiveList } from '../../core/live-rows.ts';
import { presentAlarm } from '../alarms/presentation.ts';
import { presentCall } from '../calls/presentation.ts';
import { presentGateway } from '../gateways/presentation.ts';
import { presentPod } from '../pods/presentation.ts';
import { presentRegistration } from '../registrations/presentation.ts';
import { registrarOf } from '../registrations/routes.ts';
import { presentStatus } from '../status/presentation.ts';

/** By what a live list is narrowed. */
export interface LiveFilter {
  readonly account: string;
  readonly address: string;
  readonly after: string;
  readonly callId: string;
  readonly callee: string;
  readonly caller: string;
  readonly gateway: string;
  readonly phone: string;
  readonly state: '' | 'online' | 'offline' | 'degraded' | 'unchecked';
  readonly limit: number;
}

interface LiveTopic {
  readonly key: string;
  readonly read: (parts: RouteParts, filter: LiveFilter) => Promise<LiveList>;
}

/** What can be watched, and what a row is known by. */
export const liveTopics = {
  status: {
    // Whichever pod answers: it is one row, and the newest counts.
    key: '',
    read: async ({ ports }) => ({
      rows: [presentStatus(await ports.edge.getStatus({}))],
      total: 1,
    }),
  },
  calls: {
    key: 'callId',
    read: async ({ ports }, { account, address, callId, callee, caller, gateway, limit }) => {
      const parties = { account, address, callId, callee, caller, gateway };
      // What was decided is long, and is read with the call itself.
      const asked = { ...parties, fromMs: 0, untilMs: 0, limit, brief: true };
      const { calls, total } = await ports.edge.listCalls(asked);
      return { rows: calls.map(presentCall), total };
    },
  },
  gateways: {
    key: 'name',
    read: async ({ ports }, { after, gateway, limit, state }) => {
      const asked = { gateway, state, after, limit, windowSeconds: 0, brief: false };
      const { gateways } = await ports.routing.listGateways(asked);
      return { rows: gateways.map(presentGateway), total: gateways.length };
    },
  },
  pods: {
    key: 'name,slot',
    read: async ({ ports }) => {
      const { pods } = await ports.edge.listPods({});
      return { rows: pods.map(presentPod), total: pods.length };
    },
  },
  alarms: {
    key: 'id',
    read: async ({ alarms }, { limit }) => {
      const all = { rule: '', subject: '', severity: '', fromMs: 0, untilMs: 0 } as const;
      const query = { ...all, state: 'open', limit, before: undefined } as const;
      const open = await alarms.store.list(query);
      const { page, ticket } = await alarms.store.counts();
      return { rows: open.map(presentAlarm), total: page + ticket };
    },
  },
  registrations: {
    key: 'phone,contact,instance,regId',
    read: async ({ ports }, { account, limit, phone }) => {
      const filter = { phone, source: '', account, kind: '', userAgent: '', status: '' };
      const asked = { filter, sort: '', limit, cursor: '' };
      const { registrations, total } = await registrarOf(ports).listRegistrations(asked);
      // The time that is left changes each second: expiresAt says as much.
      const rows = registrations.map((each) => ({
        ...presentRegistration(each, each.expiresMs),
        expiresInSeconds: 0,
      }));
      return { rows, total };
    },
  },
} as const satisfies Readonly<Record<string, LiveTopic>>;

export type LiveTopicName = keyof typeof liveTopics;

/** Every name of a topic. */
export const liveTopicNames = Object.keys(liveTopics) as LiveTopicName[];
