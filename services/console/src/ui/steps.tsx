import type { ReactElement } from 'react';
import type { Schemas } from '../api/client.ts';
import { Time } from './time.tsx';
import { Words } from './words.tsx';

/** What the switch decided, in its order, each with the values that decided. */
export function Steps({ steps }: { readonly steps: readonly Schemas['Step'][] }): ReactElement {
  return (
    <ol className="steps">
      {steps.map(({ text, decision }, index) => (
        // A call may decide the same twice: its place is what tells them apart.
        <li key={index}>
          <span className={`service ${decision.result === 'refused' ? 'bad' : ''}`}>
            {decision.service}
          </span>
          <div>
            <p>
              <Words>{text}</Words>
            </p>
            <details>
              <summary>values</summary>
              <dl className="facts dense">
                <div>
                  <dt>check</dt>
                  <dd>{decision.check}</dd>
                </div>
                <div>
                  <dt>result</dt>
                  <dd>{[decision.result, decision.reason].filter(Boolean).join(', ')}</dd>
                </div>
                {decision.subject === '' ? null : (
                  <div>
                    <dt>of</dt>
                    <dd>{decision.subject}</dd>
                  </div>
                )}
                {Object.entries(decision.facts).map(([name, fact]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{fact}</dd>
                  </div>
                ))}
                <div>
                  <dt>at</dt>
                  <dd>
                    <Time at={decision.at} />
                  </dd>
                </div>
              </dl>
            </details>
          </div>
        </li>
      ))}
    </ol>
  );
}
