import type { FastifyReply } from 'fastify';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { Applied } from '../../apply-document.ts';
import type { NewVersion } from '../../core/prepare-version.ts';
import type { Removal } from '../../core/removals.ts';
import type { AppliedView } from './schemas.ts';

type NewOutcome = Omit<NewVersion, 'configuration'>;

const MAX_CHANGES = 1000;

/**
 * Answers what became of a document, or what would become of it. The ETag is the version, unless the reply has one.
 * @throws ProblemError where it was refused
 */
export function sendDecision(
  reply: FastifyReply,
  decision: Applied,
  isDryRun: boolean,
): FastifyReply {
  const applied = presentDecision(decision, isDryRun);
  if (!reply.hasHeader('etag')) reply.header('etag', `"${String(applied.version)}"`);
  return reply.send(applied);
}

function presentDecision(decision: Applied, isDryRun: boolean): AppliedView {
  const warnings = decision.warnings.map(({ path, message }) => ({ path, message }));
  switch (decision.kind) {
    case 'invalid': {
      const { mistakes } = decision;
      const count = mistakes.length;
      const detail = `${String(count)} ${count === 1 ? 'mistake' : 'mistakes'} in the document; nothing was changed`;
      throw new ProblemError(problem(422, 'configuration-invalid', detail, { mistakes }));
    }
    case 'stale':
      throw fail(
        412,
        'version-changed',
        `version ${String(decision.version)} is in effect, not the one named by If-Match: read it and apply again; nothing was changed`,
      );
    case 'unchanged':
      return {
        version: decision.version,
        isChanged: false,
        isDryRun,
        changeCount: 0,
        changes: [],
        removals: [],
        allowRemoval: null,
        warnings,
      };
    case 'removes-too-much':
      if (!isDryRun) throw removalRefused(decision);
      return { ...presentNewVersion(decision, isDryRun), warnings };
    case 'new':
      return { ...presentNewVersion(decision, isDryRun), warnings };
  }
}

function presentNewVersion(decision: NewOutcome, isDryRun: boolean): Omit<AppliedView, 'warnings'> {
  const { version, changes, removal } = decision;
  return {
    version,
    isChanged: true,
    isDryRun,
    changeCount: changes.length,
    changes: changes
      .slice(0, MAX_CHANGES)
      .map(({ subject, kind, fields }) => ({ subject, kind, fields: [...fields] })),
    removals: removal.removals.map(presentRemoval),
    allowRemoval: removal.isAllowed ? null : removal.total,
  };
}

function removalRefused({ removal: { removals, total } }: NewOutcome): ProblemError {
  const what = removals.map(describeRemoval).join(', ');
  const count = String(total);
  const detail = `this would remove ${what}; nothing was changed. If it is meant, allow the removal of ${count} entries: allowRemoval=${count}, on the command line --allow-removal ${count}`;
  return new ProblemError(
    problem(409, 'removes-too-much', detail, {
      removals: removals.map(presentRemoval),
      allowRemoval: total,
    }),
  );
}

/** `40 of 52 phones (1001, 1002, 1003, …)`. */
function describeRemoval({ kind, removed, of, names }: Removal): string {
  const more = removed > names.length ? ', …' : '';
  return `${String(removed)} of ${String(of)} ${kind} (${names.join(', ')}${more})`;
}

function presentRemoval({ names, ...removal }: Removal): AppliedView['removals'][number] {
  return { ...removal, names: [...names] };
}
