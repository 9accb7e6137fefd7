import { authDashboard } from './dashboards/auth.ts';
import { billingDashboard } from './dashboards/billing.ts';
import { callsDashboard } from './dashboards/calls.ts';
import { edgesDashboard } from './dashboards/edges.ts';
import { gatewaysDashboard } from './dashboards/gateways.ts';
import { registrationsDashboard } from './dashboards/registrations.ts';
import { slosDashboard } from './dashboards/slos.ts';
import { storesDashboard } from './dashboards/stores.ts';
import type { Dashboard } from './description.ts';

/** All dashboards of the chart. */
export const dashboards: readonly Dashboard[] = [
  callsDashboard,
  gatewaysDashboard,
  registrationsDashboard,
  authDashboard,
  billingDashboard,
  edgesDashboard,
  storesDashboard,
  slosDashboard,
];
