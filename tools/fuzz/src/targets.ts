import type { MakeTarget } from "./target.ts";
import { acpLines } from "./targets/acp-lines.ts";
import { calls } from "./targets/calls.ts";
import { channelPackets } from "./targets/channel-packets.ts";
import { channelSegments } from "./targets/channel-segments.ts";
import { configuration } from "./targets/configuration.ts";
import { frames } from "./targets/frames.ts";
import { invitations } from "./targets/invitations.ts";
import { linkBatches } from "./targets/link-batches.ts";
import { linkHandshakes } from "./targets/link-handshakes.ts";
import { membershipEntries } from "./targets/membership-entries.ts";
import { messages } from "./targets/messages.ts";
import { neighbourFrames } from "./targets/neighbour-frames.ts";
import { storedTranscripts } from "./targets/stored-transcripts.ts";

/** Everything that reads what a peer, an agent or a person has written, by name. */
export const targets: Readonly<Record<string, MakeTarget>> = {
  messages,
  frames,
  calls,
  "link-handshakes": linkHandshakes,
  "link-batches": linkBatches,
  "neighbour-frames": neighbourFrames,
  "channel-packets": channelPackets,
  "channel-segments": channelSegments,
  "membership-entries": membershipEntries,
  invitations,
  "acp-lines": acpLines,
  configuration,
  "stored-transcripts": storedTranscripts,
};
