import type { AlarmFigureName, Configuration } from '@tandem/config';
import type { Reading } from '../../core/alarms/alarm-state.ts';
import type { Samples } from '../../core/alarms/samples.ts';
import type { ServicePorts } from '../../ports.ts';

/** A figure that some rule asks for, over a window where it has one. */
export interface FigureNeed {
  readonly figure: AlarmFigureName;
  /** 0: as it is at the moment. */
  readonly windowSeconds: number;
}

/** What figures are read with. */
export interface FigureParts {
  readonly ports: ServicePorts;
  readonly configuration: Configuration;
  readonly nowMs: number;
  /** Counters of this name over time. */
  readonly series: (name: string) => Samples;
}

/** Reads some figures by asking one service. */
export interface FigureSource {
  /** Who is asked: what it is called where it does not answer. */
  readonly service: 'edge' | 'routing' | 'registrar' | 'auth' | 'billing';
  readonly figures: readonly AlarmFigureName[];
  /** Those of `needs` that are of this source; each with what it is now. Rejects where the service is away. */
  readonly read: (
    needs: readonly FigureNeed[],
    parts: FigureParts,
  ) => Promise<ReadonlyMap<FigureNeed, readonly Reading[]>>;
}

/** The switch as a whole. */
export function ofSwitch(value: number, of?: number): readonly Reading[] {
  return [{ subject: '', value, of }];
}
