import { useState, type ReactElement } from 'react';
import { heatLevel, heatOf, type FigureRow, type HeatCell } from '../core/call-figures.ts';
import { count } from '../core/format.ts';

const measures = [
  ['calls', 'Calls'],
  ['failed', 'Not answered'],
  ['failed-share', 'Share not answered'],
] as const;

type Measure = (typeof measures)[number][0];

/** Hours beside each other, days below each other: when there are many calls, or many that fail. */
export function HeatMap({
  rows,
  steps,
}: {
  readonly rows: readonly FigureRow[];
  readonly steps: readonly number[];
}): ReactElement {
  const [measure, setMeasure] = useState<Measure>('calls');
  const days = heatOf(rows, steps);
  const cells = days.flatMap(({ hours }) => hours).filter((cell) => cell !== null);
  const most = Math.max(0, ...cells.map((cell) => valueOf(cell, measure)));
  return (
    <>
      <fieldset className="choice">
        <legend className="sr-only">What is shown</legend>
        {measures.map(([each, text]) => (
          <label key={each} className="check">
            <input
              type="radio"
              name="heat-measure"
              checked={measure === each}
              onChange={() => {
                setMeasure(each);
              }}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <div className="table-scroll" role="region" aria-label="Calls by hour and day" tabIndex={0}>
        <table className="heat">
          <caption className="sr-only">Calls by hour and day</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {Array.from({ length: 24 }, (_, hour) => (
                <th key={hour} scope="col">
                  {String(hour).padStart(2, '0')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, hours }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {hours.map((cell, hour) => (
                  <Cell key={hour} cell={cell} measure={measure} most={most} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface CellProps {
  readonly cell: HeatCell | null;
  readonly measure: Measure;
  readonly most: number;
}

function Cell({ cell, measure, most }: CellProps): ReactElement {
  if (cell === null) return <td />;
  const { answered, calls } = cell;
  const level = heatLevel(valueOf(cell, measure), most);
  const tone = measure === 'calls' ? 'good' : 'bad';
  return (
    <td
      className={`heat-${String(level)} ${tone}`}
      title={`${count(calls)} calls, ${count(answered)} answered`}
    >
      {textOf(cell, measure)}
    </td>
  );
}

function valueOf({ answered, calls }: HeatCell, measure: Measure): number {
  if (measure === 'calls') return calls;
  if (measure === 'failed') return calls - answered;
  return calls === 0 ? 0 : (calls - answered) / calls;
}

function textOf(cell: HeatCell, measure: Measure): string {
  if (cell.calls === 0) return '';
  const value = valueOf(cell, measure);
  if (measure === 'failed-share') return `${String(Math.round(value * 100))} %`;
  return value >= 10_000 ? `${String(Math.round(value / 1000))}k` : String(value);
}
