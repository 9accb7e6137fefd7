import { Argument, type Command, type Option } from 'commander';
import type { CommandContext } from '../run-cli.ts';

/** completion: for shells. What it offers is made of the commands themselves. */
export function addCompletionCommand(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands and options: eval "$(tandem completion bash)"')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .action((shell: 'bash' | 'zsh') => {
      const words = wordsOf(program);
      context.output().raw(shell === 'bash' ? bash(words) : zsh(words));
    }); // prettier-ignore
}

/** What may come behind some words of a command: commands and options. */
type Words = readonly (readonly [path: string, next: readonly string[]])[];

function wordsOf(program: Command): Words {
  const globals = program.options.map(longOf);
  const walk = (command: Command, path: string): Words => {
    const next = [...command.commands.map((each) => each.name()), ...command.options.map(longOf), ...(path === '' ? [] : globals), '--help']; // prettier-ignore
    const deeper = command.commands.flatMap((each) => walk(each, `${path} ${each.name()}`.trim()));
    return [[path, [...new Set(next)]], ...deeper];
  };
  return walk(program, '');
}

function longOf(option: Option): string {
  return option.long ?? option.flags;
}

/** The cases of both shells: the longest path that was written decides. */
function casesOf(words: Words): string {
  return words.map(([path, next]) => `    "${path}") next="${next.join(' ')}";;`).join('\n');
}

function commandsIn(words: Words): string {
  return words.map(([path]) => `"${path}"`).join(' ');
}

function bash(words: Words): string {
  return `_tandem() {
  local path="" word next known=" ${knownOf(words)} "
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ "$known" == *"|\${path:+$path }$word|"* ]] && path="\${path:+$path }$word"
  done
  case "$path" in
${casesOf(words)}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _tandem tandem
`;
}

function zsh(words: Words): string {
  return `#compdef tandem
_tandem() {
  local at="" word next
  local -a known
  known=(${commandsIn(words)})
  for word in "\${(@)words[2,CURRENT-1]}"; do
    (( \${known[(Ie)\${at:+$at }$word]} )) && at="\${at:+$at }$word"
  done
  case "$at" in
${casesOf(words)}
  esac
  compadd -- \${=next} || _files
}
compdef _tandem tandem
`;
}

function knownOf(words: Words): string {
  return words.map(([path]) => `|${path}|`).join('');
}
