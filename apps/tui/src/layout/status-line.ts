import { type CommandId, keyOf } from "../keys/commands.ts";
import { formatRoundTrip } from "../state/durations.ts";
import type { NodeView } from "../state/mesh-view.ts";
import { firstAsk } from "../state/open-session.ts";
import type { ScreenState } from "../state/screen.ts";
import { type Line, lineWidth, span, spread } from "../text/line.ts";

/** The part of the row that hints may take however many nodes there are. */
const LEAST_HINTS = 0.4;

/** The screen's last row: the other nodes and how they are reached; against the right edge, the keys that matter here. */
export function layoutStatusLine(state: ScreenState, width: number): Line {
  const peers = (state.mesh?.nodes ?? []).filter(({ reach }) => reach !== "here");
  const left = peers.flatMap((node) => [span(" "), ...peerSpans(node), span(" ")]);
  const room = Math.max(width - lineWidth(left) - 1, Math.floor(width * LEAST_HINTS));
  return spread(left, [span(" "), ...fittingHints(hintsFor(state), room)], width);
}

function peerSpans({ name, reach, via, rttMs }: NodeView): Line {
  const time = formatRoundTrip(rttMs);
  if (reach === "unreachable") return [span(`${name} `), span("○ away", "bad")];
  const how = reach === "direct" ? "direct" : `via ${via}`;
  return [span(`${name} `), span("●", "good"), span(` ${how}${time === "" ? "" : ` ${time}`}`, "dim")];
}

type Hint = readonly [id: CommandId, text: string];

function hintsFor(state: ScreenState): readonly Hint[] {
  const { dialog, tab, focus, open } = state;
  if (dialog !== undefined) return [["dialog.cancel", dialog.kind === "help" ? "back" : "cancel"]];
  if (tab === "nodes")
    return [
      ["quit", "leave"],
      ["node.down", "choose"],
    ];
  if (focus === "filter")
    return [
      ["filter.clear", "show all"],
      ["filter.keep", "to the list"],
    ];
  if (focus === "transcript")
    return [
      ["item.leave", "back to the prompt"],
      ["item.toggle", "open or fold"],
      ["item.up", "choose"],
    ];
  if (focus === "session" && open !== undefined) {
    const stop: readonly Hint[] = open.transcript.turn === undefined ? [] : [["turn.stop", "stop"]];
    const send: Hint = ["prompt.send", firstAsk(open)?.kind === "question" ? "answer" : "send"];
    return [
      ["session.leave", "detach"],
      ...stop,
      send,
      ["transcript.focus", "transcript"],
      ["prompt.newline", "new line"],
    ];
  }
  return [
    ["quit", "leave"],
    ["list.new", "new"],
    ["list.open", "open"],
    ["list.filter", "filter"],
    ["list.close", "close"],
  ];
}

/** As many hints as fit, the most important at the edge. */
function fittingHints(hints: readonly Hint[], width: number): Line {
  let line: Line = [];
  for (const [id, text] of hints) {
    const next = [span(keyOf(id)), span(` ${text}${line.length === 0 ? " " : "  "}`, "dim"), ...line];
    if (lineWidth(next) > width) break;
    line = next;
  }
  return line;
}
