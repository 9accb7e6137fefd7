import { parameters } from './parameters.ts';

type Block = Readonly<Record<string, unknown>>;

/**
 * ROUTE-07: what no single field of a gateway with an OPTIONS check shows.
 * @param values system parameters, as far as they are set
 * @returns path below the gateway, and message
 */
export function optionsCheckMistakes(
  gateway: Block,
  check: Block,
  values: Block,
): readonly (readonly [path: readonly string[], message: string])[] {
  if (gateway['type'] === 'dynamic') {
    return [
      [
        ['optionsCheck'],
        'has no effect on a dynamic gateway, whose registration says whether it is there: leave it out',
      ],
    ];
  }
  const { SS_SIP_OPTIONS_CHECK_FAILURES: few, SS_SIP_OPTIONS_CHECK_WINDOW: many } = parameters;
  const failures = check['failures'] ?? values['SS_SIP_OPTIONS_CHECK_FAILURES'] ?? few.default;
  const window = check['window'] ?? values['SS_SIP_OPTIONS_CHECK_WINDOW'] ?? many.default;
  if (typeof failures !== 'number' || typeof window !== 'number' || failures <= window) return [];
  return [
    [
      ['optionsCheck', check['failures'] === undefined ? 'window' : 'failures'],
      `${String(failures)} failures (SS_SIP_OPTIONS_CHECK_FAILURES) of ${String(window)} checks (SS_SIP_OPTIONS_CHECK_WINDOW) cannot be: set failures to ${String(window)} at most, or a larger window`,
    ],
  ];
}
