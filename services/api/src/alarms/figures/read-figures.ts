import type { AlarmRule } from '@tandem/config';
import type { FigureReading, Reading } from '../../core/alarms/alarm-state.ts';
import { callFigures } from './call-figures.ts';
import { podFigures, statusFigures } from './edge-figures.ts';
import type { FigureNeed, FigureParts, FigureSource } from './figure-source.ts';
import { gatewayFigures } from './gateway-figures.ts';
import {
  lineFigures,
  moneyFigures,
  registrationFigures,
  securityFigures,
} from './other-figures.ts';

const sources: readonly FigureSource[] = [
  statusFigures,
  podFigures,
  gatewayFigures,
  lineFigures,
  registrationFigures,
  securityFigures,
  callFigures,
  moneyFigures,
];

/** What each rule is judged by, read once for all rules that ask the same. Never rejects: who does not answer leaves its figures unknown. */
export async function readFigures(
  rules: readonly AlarmRule[],
  parts: FigureParts,
): Promise<ReadonlyMap<AlarmRule, FigureReading>> {
  const needs = new Map<string, FigureNeed>();
  for (const rule of rules.filter(({ enabled }) => enabled)) needs.set(keyOf(rule), needOf(rule));
  const readings = new Map<FigureNeed, FigureReading>();
  const services = new Map<string, string | undefined>();
  const asked = sources.map(async (source) => {
    const some = [...needs.values()].filter(({ figure }) => source.figures.includes(figure));
    if (some.length === 0) return;
    try {
      const found = await source.read(some, parts);
      for (const need of some) readings.set(need, { kind: 'known', readings: found.get(need) ?? [] }); // prettier-ignore
      services.set(source.service, services.get(source.service));
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      services.set(source.service, cause);
      for (const need of some) readings.set(need, { kind: 'unknown', cause });
    }
  });
  await Promise.all(asked);
  const away: FigureReading = { kind: 'known', readings: [...services].map(awayReading) };
  return new Map(
    rules.map((rule) => {
      const need = needs.get(keyOf(rule));
      const found = need === undefined ? undefined : readings.get(need);
      if (rule.figure === 'service-away') return [rule, away];
      return [rule, found ?? { kind: 'unknown', cause: 'it was not read' }];
    }),
  );
}

function awayReading([subject, cause]: readonly [string, string | undefined]): Reading {
  return { subject, value: Number(cause !== undefined), text: cause ?? 'answers' };
}

function needOf({ figure, windowSeconds = 0 }: AlarmRule): FigureNeed {
  return { figure, windowSeconds };
}

function keyOf({ figure, windowSeconds = 0 }: AlarmRule): string {
  return `${figure} ${String(windowSeconds)}`;
}
