import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A real shell that has sourced a completion script. */
export interface Session extends AsyncDisposable {
  /** What is offered when Tab is pressed at the end of a line, sorted. */
  complete(line: string, cwd: string): Promise<readonly string[]>;
}

/** How a shell is asked: a program that reads a directory and a line, again and again, and tells what is offered, then `<end>`. */
interface Asked {
  readonly argv: (program: string, script: string) => readonly [string, ...string[]];
  readonly program: string;
  /** The line as the program reads it. */
  readonly encode: (line: string) => string;
}

/** bash: what its completion function leaves in COMPREPLY. It takes `--flag=value` for three words, as readline does. */
const bash: Asked = {
  argv: (program, script) => ['bash', '--noprofile', '--norc', '-c', program, 'bash', script],
  program: `
    source "$1"
    while IFS= read -r directory && IFS=$'\\x1f' read -ra COMP_WORDS; do
      cd "$directory"
      # Without the last one, which is there so that an empty word before it is seen.
      unset "COMP_WORDS[$((\${#COMP_WORDS[@]} - 1))]"
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _pipeline
      printf '%s\\n' "\${COMPREPLY[@]}" '<end>'
    done`,
  encode: (line) =>
    [
      ...line
        .split(' ')
        .flatMap((word) => (/^--.*=/.test(word) ? word.split(/(=)/) : [word]))
        .filter((word, n, all) => word !== '' || all[n - 1] !== '='),
      '.',
    ].join('\x1F'),
};

/** zsh: an interactive one on a terminal of its own; what is offered is what compadd is given. */
const zsh: Asked = {
  argv: (program, script) => ['zsh', '-f', '-c', program, 'zsh', script],
  program: `
    zmodload zsh/zpty
    hits=$(mktemp) rc=$(mktemp)
    {
      cat > $rc <<'RC'
        PS1= PS2= RPS1= KEYTIMEOUT=1 LISTMAX=10000
        unsetopt zle_bracketed_paste prompt_cr prompt_sp beep
        autoload -Uz compinit && compinit -u -D
        source $script
        compadd() {
          local n; for ((n = 1; n <= $#; n++)); do
            [[ $@[n] == (-|--) ]] && break
            if [[ $@[n] == -[OAD]* ]]; then builtin compadd "$@"; return; fi
          done
          local -a offered; builtin compadd -A offered "$@"
          print -rl -- $offered >> $hits
          builtin compadd "$@"
        }
        told() { BUFFER= CURSOR=0; print -n '<to''ld>' }
        zle -N told; bindkey '^X' told
        print '<rea''dy>'
RC
      export hits script=$1
      zpty shell zsh -f -i
      zpty -w shell "source $rc"
      zpty -r shell out '*<ready>*'
      while IFS= read -r directory && IFS= read -r line; do
        : > $hits
        zpty -w shell "cd \${(q)directory}; print '<he''re>'"
        zpty -r shell out '*<here>*'
        zpty -w -n shell "$line"$'\\t\\x18'
        zpty -r shell out '*<told>*'
        cat $hits; print '<end>'
      done
    } always { zpty -d shell; rm -f $hits $rc }`,
  encode: (line) => line,
};

/** fish: \`complete -C\`. */
const fish: Asked = {
  argv: (program, script) => ['fish', '--no-config', '-c', program, script],
  program: `
    source $argv[1]
    while read -l directory; and read -l line
      cd $directory
      complete -C $line | string replace -r '\\t.*' ''
      echo '<end>'
    end`,
  encode: (line) => line,
};

const shells = { bash, zsh, fish } as const;

/** Whether this machine has a shell. */
export const hasShell = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;

/** Opens a shell that has sourced the script. It reads nothing of the user's. */
export function openShell(name: keyof typeof shells, { script, home }: { script: string; home: string }): Session {
  const { argv, program, encode } = shells[name];
  const [command, ...args] = argv(program, script);
  const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home, TERM: 'dumb' };
  const child = spawn(command, args, { cwd: home, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async complete(line, cwd) {
      child.stdin.write(`${cwd}\n${encode(line)}\n`);
      const offered = new Set<string>();
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`${name} ended before it answered`);
        if (value === '<end>') return [...offered].filter(Boolean).toSorted();
        offered.add(value);
      }
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await closed;
    },
  };
}
