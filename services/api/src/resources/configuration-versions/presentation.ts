import type { VersionEntry } from '../../ports.ts';
import { presentTime } from '../times.ts';
import type { VersionView } from './schemas.ts';

export function presentVersion({ version, appliedAt, appliedBy, note }: VersionEntry): VersionView {
  return { version, appliedAt: presentTime(appliedAt.getTime()), appliedBy, note };
}
