import type { Configuration } from '@tandem/config';
import type { ApplyDecision, OpeningBalance } from '../core/prepare-version.ts';
import type { ApplyContext, ConfigurationStore, Decide, VersionEntry } from '../ports.ts';

type Stored = VersionEntry & { readonly configuration: Configuration };

/** The versions in memory, for tests. */
export function memoryConfigurationStore(now: () => Date = () => new Date()): ConfigurationStore {
  const versions: Stored[] = [];
  const openings = new Map<string, OpeningBalance>();

  function apply(decide: Decide, context: ApplyContext): ApplyDecision {
    const decision = decide(versions.at(-1), openings);
    if (decision.kind !== 'new' || context.isDryRun) return decision;
    const { version, configuration } = decision;
    versions.push({
      version,
      configuration,
      appliedAt: now(),
      appliedBy: context.appliedBy,
      note: context.note,
    });
    for (const opening of decision.openings) openings.set(opening.account, opening);
    return decision;
  }

  return {
    current: () => Promise.resolve(versions.at(-1)),
    list: ({ limit, before = Number.POSITIVE_INFINITY }) =>
      Promise.resolve(
        versions
          .filter(({ version }) => version < before)
          .toReversed()
          .slice(0, limit)
          .map(({ version, appliedAt, appliedBy, note }) => ({
            version,
            appliedAt,
            appliedBy,
            note,
          })),
      ),
    get: (version) => Promise.resolve(versions[version - 1]),
    isLarge: () => Promise.resolve(false),
    apply: (decide, context) => Promise.resolve(apply(decide, context)),
  };
}
