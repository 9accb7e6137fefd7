import type { ApiConfig } from '@tandem/api';
import type { AuthConfig } from '@tandem/auth';
import type { BillingConfig } from '@tandem/billing';
import { didYouMean, readEnvironment, readTogether, serviceNames } from '@tandem/config';
import type { ServiceName } from '@tandem/config';
import type { EdgeConfig } from '@tandem/edge';
import type { JournalConfig } from '@tandem/journal';
import type { RegistrarConfig } from '@tandem/registrar';
import type { RoutingConfig } from '@tandem/routing';
import { z } from 'zod';

/** The settings of the services of one process: who has none is not among them. */
export interface ModuleConfigs {
  readonly api?: ApiConfig;
  readonly billing?: BillingConfig;
  readonly journal?: JournalConfig;
  readonly auth?: AuthConfig;
  readonly registrar?: RegistrarConfig;
  readonly routing?: RoutingConfig;
  readonly edge?: EdgeConfig;
}

// A process loads the code of its own services alone: it is sooner back when it was killed.
const readers = {
  api: async () => (await import('@tandem/api')).readApiConfig,
  billing: async () => (await import('@tandem/billing')).readBillingConfig,
  journal: async () => (await import('@tandem/journal')).readJournalConfig,
  auth: async () => (await import('@tandem/auth')).readAuthConfig,
  registrar: async () => (await import('@tandem/registrar')).readRegistrarConfig,
  routing: async () => (await import('@tandem/routing')).readRoutingConfig,
  edge: async () => (await import('@tandem/edge')).readEdgeConfig,
} as const satisfies Record<ServiceName, unknown>;

/** The call pod: all that a call's set-up asks, in one process. */
const CALL_POD = 'edge,auth,routing,registrar';

const schema = z.object({
  TANDEM_MODULES: z
    .string()
    .default(CALL_POD)
    .transform((text, context) => {
      const names = text.split(',').map((name) => name.trim());
      const mistake = mistakeIn(names);
      if (mistake === undefined) return serviceNames.filter((name) => names.includes(name));
      context.addIssue({ code: 'custom', message: mistake });
      return z.NEVER;
    }),
});

/**
 * Reads which services a process has, in the order of their start.
 * @throws ConfigurationError
 */
export function readModules(env: NodeJS.ProcessEnv): readonly ServiceName[] {
  return readEnvironment(schema, env).TANDEM_MODULES;
}

/**
 * Reads the settings of all services of a process.
 * @throws ConfigurationError naming every mistake of all of them at once
 */
export async function readModuleConfigs(
  env: NodeJS.ProcessEnv,
  modules: readonly ServiceName[] = readModules(env),
): Promise<ModuleConfigs> {
  const parts: [ServiceName, () => ModuleConfigs[ServiceName]][] = [];
  for (const name of modules) {
    const read = await readers[name]();
    parts.push([name, () => read(env, modules)]);
  }
  return readTogether(Object.fromEntries(parts));
}

function mistakeIn(names: readonly string[]): string | undefined {
  const all = `write one or more of ${serviceNames.join(', ')}, with commas`;
  const unknown = names.find((name) => !serviceNames.some((known) => known === name));
  if (unknown !== undefined) {
    const text = unknown === '' ? 'a name is missing' : `no service is called ${unknown}`;
    return `${text}: ${all}${didYouMean(unknown, serviceNames)}`;
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `${twice} stands twice: ${all}`;
}
