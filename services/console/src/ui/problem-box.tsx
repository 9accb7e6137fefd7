import type { ReactElement } from 'react';
import { ApiProblem } from '../api/client.ts';
import { Words } from './words.tsx';

/** What went wrong, in the server's own words, with every mistake it named. */
export function ProblemBox({ error }: { readonly error: unknown }): ReactElement | null {
  if (error === null || error === undefined) return null;
  if (!(error instanceof ApiProblem)) {
    const text = error instanceof Error ? error.message : 'nobody answers';
    return (
      <div role="alert" className="problem">
        The server cannot be reached: {text}
      </div>
    );
  }
  const { title, detail, mistakes = [] } = error.problem;
  return (
    <div role="alert" className="problem">
      <strong>{title}</strong>
      <p>
        <Words>{detail}</Words>
      </p>
      {mistakes.length === 0 ? null : (
        <ul>
          {mistakes.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path === '' ? null : <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
