import type { DocumentStore } from '../apply-document.ts';
import type { NumberListStore, ServicePorts } from '../ports.ts';

/** What the routes of a resource work with. */
export interface RouteParts {
  readonly ports: ServicePorts;
  readonly documents: DocumentStore;
  readonly numberLists: NumberListStore;
}
