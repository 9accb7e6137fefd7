import type { Journal } from '@tandem/events';
import type { Logger } from '@tandem/service';
import type { NameChange } from '@tandem/sip-names';

/** CALL-02: tells of a name of a gateway that stands for something else than before: calls go elsewhere from now on. */
export function noteNameChange(
  change: NameChange,
  { journal, logger }: { readonly journal: Journal | undefined; readonly logger: Logger },
): void {
  const { name } = change;
  const [before, now] = [change.before.join(' '), change.now.join(' ')];
  logger.info({ name, before, now }, 'a name stands for other addresses');
  const about = {
    terminal: name,
    account: '',
    sender: 'proved',
    source: '',
    userAgent: '',
  } as const;
  journal?.note(
    now === ''
      ? { ...about, cause: 'name-lost', facts: { name, before } }
      : { ...about, cause: 'name-changed', facts: { name, before, now } },
  );
}
