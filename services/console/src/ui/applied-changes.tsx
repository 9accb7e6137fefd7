import type { ReactElement } from 'react';
import type { Schemas } from '../api/client.ts';
import { Badge, type Tone } from './badge.tsx';

const tones: Readonly<Record<string, Tone>> = { added: 'good', removed: 'bad', changed: 'warn' };

/** What a change of the configuration does, or would do. */
export function AppliedChanges({
  applied,
}: {
  readonly applied: Schemas['Applied'];
}): ReactElement {
  const { changes, changeCount, removals, warnings, allowRemoval, isChanged } = applied;
  if (!isChanged) return <p className="note">Nothing would change.</p>;
  return (
    <div className="applied">
      <ul className="changes">
        {changes.map(({ subject, kind, fields }) => (
          <li key={subject}>
            <Badge tone={tones[kind] ?? 'quiet'}>{kind}</Badge> {subject}
            {fields.length === 0 ? null : <span className="note"> {fields.join(', ')}</span>}
          </li>
        ))}
      </ul>
      {changeCount > changes.length ? (
        <p className="note">and {changeCount - changes.length} more</p>
      ) : null}
      {removals.length === 0 ? null : (
        <p className={allowRemoval === null ? 'note' : 'problem'}>
          Removed:{' '}
          {removals
            .map(({ kind, removed, of }) => `${String(removed)} of ${String(of)} ${kind}`)
            .join(', ')}
        </p>
      )}
      {warnings.map(({ path, message }) => (
        <p key={`${path} ${message}`} className="warning">
          <code>{path}</code> {message}
        </p>
      ))}
    </div>
  );
}
