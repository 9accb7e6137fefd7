import { query } from '../description.ts';
import type { Dashboard } from '../description.ts';
import { objectives, ratioName, windows } from '../slo.ts';

/** What is promised, and how much of what may fail has failed. */
export const slosDashboard: Dashboard = {
  name: 'slos',
  title: 'Tandem: service levels',
  description: 'Objectives, how fast their budgets are used up, and what is left of them.',
  rows: objectives.map((objective) => {
    const budget = Number((1 - objective.objective).toPrecision(6));
    return {
      title: objective.says,
      panels: [
        {
          title: 'Share of bad ones',
          unit: 'percentunit',
          description: `Over several windows. At most ${String(budget * 100)} % may be bad over 30 days.`,
          queries: windows.map((window) => query(ratioName(objective, window), window)),
        },
        {
          title: 'Burn rate',
          unit: 'short',
          description:
            'How many times as fast as it may the budget is used up: 1 uses it up in 30 days, 14.4 in two. The alerts are at 14.4 and 6 (page), 3 and 1 (ticket).',
          queries: windows.map((window) =>
            query(`${ratioName(objective, window)} / ${String(budget)}`, window),
          ),
        },
        {
          title: 'Budget left of 30 days',
          unit: 'percentunit',
          description: 'Below 0 the objective is missed. Prometheus must keep 30 days for it.',
          queries: [
            query(
              `1 - (${objective.bad('30d')}) / (${objective.total('30d')} > 0) / ${String(budget)}`,
              'left',
            ),
          ],
        },
      ],
    };
  }),
};
