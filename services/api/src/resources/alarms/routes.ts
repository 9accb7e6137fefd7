import { randomUUID } from 'node:crypto';
import { alarmRulesOf, alarmSeverities, didYouMean, type Configuration } from '@tandem/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { bodyOf, telling } from '../../core/alarms/notification.ts';
import { pageLimit } from '../page-limit.ts';
import { readQueryTime } from '../times.ts';
import { presentAlarm, presentChannel, presentNotification, presentRule } from './presentation.ts';
import type { AlarmAcknowledgement } from './schemas.ts';

const listQuery = z.object({
  state: z
    .enum(['open', 'acknowledged', 'unacknowledged', 'cleared', 'all'])
    .default('open')
    .describe('open: raised now, acknowledged or not; cleared: the history.'),
  rule: z.string().default(''),
  subject: z.string().default(''),
  severity: z.enum(['', ...alarmSeverities]).default(''),
  from: z.string().optional().describe('Raised then or later: a UTC time, a day, or 2h for two hours ago.'), // prettier-ignore
  until: z.string().optional().describe('Raised before.'),
  limit: pageLimit,
  cursor: z
    .string()
    .regex(/^\d{0,18}$/)
    .default('')
    .describe('nextCursor of the page before.'),
});
const alarmParams = z.object({ id: z.string().regex(/^\d{1,18}$/) });
const channelParams = z.object({ name: z.string() });

/** OPS-11: what is wrong, who has taken it, and who is told. */
export function alarmRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { alarms, documents, operators } = parts;
  const { store } = alarms;
  const current = async (): Promise<Configuration | undefined> =>
    (await documents.store.current())?.configuration;

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/alarms',
    {
      schema: routeSchema({
        id: 'listAlarms',
        tag: 'operation',
        summary: 'Alarms that are raised, and those that were, newest first',
        query: listQuery,
        answer: 'AlarmList',
        list: 'alarms',
      }),
    },
    async ({ query: { cursor, from, limit, until, ...filters } }) => {
      const found = await store.list({
        ...filters,
        fromMs: readQueryTime('from', from),
        untilMs: readQueryTime('until', until),
        before: cursor === '' ? undefined : BigInt(cursor),
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      const nextCursor = found.length > limit ? String(page.at(-1)?.id ?? '') : null;
      return { alarms: page.map(presentAlarm), nextCursor, open: await store.counts() };
    },
  );

  app.get<{ Params: z.output<typeof alarmParams> }>(
    '/alarms/:id',
    {
      schema: routeSchema({
        id: 'getAlarm',
        tag: 'operation',
        summary: 'One alarm, and who was told of it',
        params: alarmParams,
        answer: 'AlarmDetail',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => {
      const alarm = await store.get(BigInt(id));
      if (alarm === undefined) throw noSuchAlarm(id);
      const notifications = await store.notifications(alarm.id);
      return { alarm: presentAlarm(alarm), notifications: notifications.map(presentNotification) };
    },
  );

  app.post<{ Params: z.output<typeof alarmParams>; Body: AlarmAcknowledgement }>(
    '/alarms/:id/acknowledge',
    {
      schema: {
        ...routeSchema({
          id: 'acknowledgeAlarm',
          tag: 'operation',
          summary: 'Say that somebody looks after an alarm; channels are told',
          params: alarmParams,
          body: 'AlarmAcknowledgement',
          answer: 'Alarm',
          errors: [404, 409],
        }),
        description: 'It stays raised until its figure is back. The first who acknowledges counts.',
      },
    },
    async (request) => {
      const { id } = request.params;
      const configuration = await current();
      const now = new Date();
      const tell = telling({
        channels: configuration?.alarmChannels ?? [],
        rules: alarmRulesOf(configuration?.alarmRules),
        url: operators.publicUrl(),
        now,
        newId: randomUUID,
      });
      const by = { name: signedIn(request).name, note: request.body.note, at: now };
      const found = await store.acknowledge(BigInt(id), by, tell);
      if (found === undefined) throw noSuchAlarm(id);
      if (!found.isNew) {
        const { acknowledgedBy } = found.alarm;
        throw fail(409, 'conflict', `alarm ${id} is acknowledged already, by ${acknowledgedBy}; nothing was changed`); // prettier-ignore
      }
      return presentAlarm(found.alarm);
    },
  );

  app.get(
    '/alarm-rules',
    {
      schema: {
        ...routeSchema({
          id: 'listAlarmRules',
          tag: 'operation',
          summary: 'The rules in effect: built in, changed and own; and how each stands',
          answer: 'AlarmRuleList',
          list: 'rules',
        }),
        description:
          'Rules are changed as entries of alarmRules: /configuration/alarm-rules. An entry of the name of a built-in rule stands in its place, where it says something else.',
      },
    },
    async () => {
      const configured = (await current())?.alarmRules ?? [];
      const rounds = await store.rounds();
      const names = new Set(configured.map(({ name }) => name));
      const all = { rule: '', subject: '', severity: '', fromMs: 0, untilMs: 0 } as const;
      const open = await store.list({ ...all, state: 'open', limit: 10_000, before: undefined });
      const rules = alarmRulesOf(configured).map((rule) =>
        presentRule(rule, {
          isChanged: names.has(rule.name),
          open: open.filter((alarm) => alarm.rule === rule.name).length,
          round: rounds.get(rule.name),
        }),
      );
      return { rules };
    },
  );

  app.get(
    '/alarm-channels',
    {
      schema: {
        ...routeSchema({
          id: 'listAlarmChannels',
          tag: 'operation',
          summary: 'Who is told of alarms, and whether they take it',
          answer: 'AlarmChannelList',
          list: 'channels',
        }),
        description: 'Channels are changed as entries of alarmChannels: /configuration/alarm-channels.', // prettier-ignore
      },
    },
    async () => {
      const states = new Map((await store.channels()).map((each) => [each.channel, each]));
      const configured = (await current())?.alarmChannels ?? [];
      return { channels: configured.map((each) => presentChannel(each, states.get(each.name))) };
    },
  );

  app.post<{ Params: z.output<typeof channelParams> }>(
    '/alarm-channels/:name/test',
    {
      schema: routeSchema({
        id: 'testAlarmChannel',
        tag: 'operation',
        summary: 'Tell a channel something now that is no alarm',
        params: channelParams,
        answer: 'AlarmChannelTest',
        errors: [404],
      }),
    },
    async ({ params: { name } }) => {
      const channels = (await current())?.alarmChannels ?? [];
      const channel = channels.find((each) => each.name === name);
      if (channel === undefined) {
        const hint = didYouMean(name, channels.map((each) => each.name)); // prettier-ignore
        throw fail(404, 'no-such-entry', `there is no alarm channel "${name}"${hint}`);
      }
      const id = randomUUID();
      const body = bodyOf({ id, kind: 'test', alarms: [], at: new Date(), url: operators.publicUrl() }); // prettier-ignore
      try {
        const left = await alarms.deliver(channel, { id, body });
        return { channel: name, isTaken: left === '', text: left === '' ? 'it was taken' : left };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        return { channel: name, isTaken: false, text };
      }
    },
  );
}

function noSuchAlarm(id: string): Error {
  return fail(404, 'no-such-alarm', `there is no alarm ${id}: it never was, or ended more than a year ago`); // prettier-ignore
}
