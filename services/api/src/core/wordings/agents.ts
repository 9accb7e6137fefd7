import type { FactsOf } from '@tandem/domain';

type Known = Pick<FactsOf<'challenge-unanswered'>, 'agent-answers' | 'agent-habit'>;

/** "is known to answer 401 alone": what a program is known to do with challenges; '' where nothing is known of it. */
export function knownOf(agent: Known): string {
  const { 'agent-answers': answers, 'agent-habit': habit } = agent;
  const known = [
    ...(answers === undefined ? [] : [`answer ${answers === 'none' ? 'no challenge' : `${answers} alone`}`]), // prettier-ignore
    ...(habit === undefined ? [] : [habits[habit]]),
  ];
  return known.length === 0 ? '' : `is known to ${known.join(', and to ')}`;
}

const habits: Readonly<Record<NonNullable<Known['agent-habit']>, string>> = {
  'own-realm': 'answer challenges of the realm that is set at its side alone',
  'first-challenge': 'take a second challenge in a row for a wrong password, and give up',
};

/** What would change it, where that is known of the program; undefined else. */
export function remedyOfHabit(habit: Known['agent-habit']): string | undefined {
  switch (habit) {
    case 'own-realm':
      return 'Set its realm to that of the challenge (realm in the configuration, or that of the phone or gateway), beside user name and password.';
    case 'first-challenge':
      return 'Give it its user name and password, and see that it begins with a challenge of its own: it must not go on with a nonce of before (TANDEM_AUTH_NONCE_SECONDS).';
    case undefined:
      return undefined;
  }
}
