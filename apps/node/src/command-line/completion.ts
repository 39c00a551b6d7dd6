import type { Command } from "commander";
import { wrongUsage } from "./wrong-usage.ts";

/** A script that completes the commands and flags of `program` in the given shell. Made from the program itself. */
export function renderCompletion(program: Command, shell: string): string {
  const words = collectWords(program, []);
  switch (shell) {
    case "bash":
      return bash(words);
    case "zsh":
      return `#compdef clawmatrix\nautoload -Uz bashcompinit && bashcompinit\n${bash(words)}`;
    case "fish":
      return fish(words);
    default:
      throw wrongUsage(`no completion for ${shell}`, "There is one for bash, zsh and fish.");
  }
}

interface Words {
  /** The commands before these words: "", "session", … */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly string[];
}

function collectWords(command: Command, path: readonly string[]): Words[] {
  const here: Words = {
    path: path.join(" "),
    commands: command.commands.map((child) => ({ name: child.name(), description: child.description() })),
    flags: [...command.options.flatMap((option) => option.long ?? []), "--help"],
  };
  return [here, ...command.commands.flatMap((child) => collectWords(child, [...path, child.name()]))];
}

function bash(words: readonly Words[]): string {
  const cases = words.map(({ path, commands, flags }) => {
    const names = [...commands.map(({ name }) => name), ...flags].join(" ");
    return `    "${path}") words="${names}" ;;`;
  });
  return `# Completion of clawmatrix; put \`source <(clawmatrix completion bash)\` into ~/.bashrc
_clawmatrix() {
  local words="" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.join("\n")}
    esac
    [ -n "$words" ] && break
    case "$path" in *" "*) path="\${path% *}" ;; *) break ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _clawmatrix clawmatrix
`;
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, flags }) => {
    const condition =
      path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1)}`;
    return [
      ...commands.map(
        ({ name, description }) =>
          `complete -c clawmatrix -f -n '${condition}' -a ${name} -d '${description.replaceAll("'", "\\'")}'`,
      ),
      ...flags.map((flag) => `complete -c clawmatrix -n '${condition}' -l ${flag.slice(2)}`),
    ];
  });
  return `# Completion of clawmatrix; put this into ~/.config/fish/completions/clawmatrix.fish\n${lines.join("\n")}\n`;
}
