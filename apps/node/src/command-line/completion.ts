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
  readonly flags: readonly Flag[];
  /** What the arguments can be, where they are given. */
  readonly choices: readonly string[];
}

interface Flag {
  readonly name: string;
  readonly takesValue: boolean;
  /** What the value can be, where that is given. */
  readonly choices: readonly string[];
}

function collectWords(command: Command, path: readonly string[]): Words[] {
  const help = { name: "--help", takesValue: false, choices: [] };
  const children = command.createHelp().visibleCommands(command);
  const here: Words = {
    path: path.join(" "),
    commands: children.map((child) => ({ name: child.name(), description: child.description() })),
    flags: [
      ...command.options.flatMap(({ long, hidden, required, optional, argChoices = [] }) =>
        long === undefined || long === null || hidden
          ? []
          : [{ name: long, takesValue: required || optional, choices: argChoices }],
      ),
      help,
    ],
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  const known = children.filter((child) => command.commands.includes(child));
  return [here, ...known.flatMap((child) => collectWords(child, [...path, child.name()]))];
}

/** What can stand where no value of a flag is wanted. */
function wordsOf({ commands, flags, choices }: Words): string {
  return [...commands.map(({ name }) => name), ...choices, ...flags.map(({ name }) => name)].join(" ");
}

function bash(words: readonly Words[]): string {
  const cases = words.map((here) => `      "${here.path}") words="${wordsOf(here)}" ;;`);
  const values = words.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map(
        ({ name, choices }) =>
          `      "${path} ${name}") COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return ;;`,
      ),
  );
  return `# Completion of clawmatrix; put \`source <(clawmatrix completion bash)\` into ~/.bashrc
_clawmatrix() {
  local words="" path="" word
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  # What stands behind a command may be its arguments: they are taken away until a command is left.
  while :; do
    case "$path $previous" in
${values.join("\n")}
    esac
    case "$path" in
${cases.join("\n")}
    esac
    [ -n "$words" ] && break
    case "$path" in *" "*) path="\${path% *}" ;; *) break ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _clawmatrix clawmatrix
`;
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, flags, choices }) => {
    const names = commands.map(({ name }) => name).join(" ");
    const seen = path.split(" ").map((name) => `__fish_seen_subcommand_from ${name}`);
    const condition = path === "" ? "__fish_use_subcommand" : seen.join("; and ");
    const before =
      path === "" || names === "" ? condition : `${condition}; and not __fish_seen_subcommand_from ${names}`;
    return [
      ...commands.map(
        ({ name, description }) =>
          `complete -c clawmatrix -f -n '${before}' -a ${name} -d '${description.replaceAll("'", "\\'")}'`,
      ),
      ...choices.map((choice) => `complete -c clawmatrix -f -n '${condition}' -a ${choice}`),
      ...flags.map(({ name, takesValue, choices: values }) => {
        const value = values.length > 0 ? ` -x -a '${values.join(" ")}'` : takesValue ? " -r" : "";
        return `complete -c clawmatrix -n '${condition}' -l ${name.slice(2)}${value}`;
      }),
    ];
  });
  return `# Completion of clawmatrix; put this into ~/.config/fish/completions/clawmatrix.fish\n${lines.join("\n")}\n`;
}
