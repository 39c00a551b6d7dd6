import * as z from "zod";
import { agent } from "./agent-schema.ts";
import { grant, model, terminal, tools } from "./offer-schemas.ts";
import {
  duration,
  file,
  hostPort,
  list,
  loopbackHostPort,
  nodeName,
  peerUrl,
  size,
  wholeNumber,
  word,
} from "./value-schemas.ts";

// The configuration file, key by key. The descriptions are the manual: the comments of a new file, the reference and
// the JSON schema are made of them. Each `example` is a value that the file accepts.

/** Who may keep sessions that the mesh does not have. */
export const STORED_SESSIONS = ["openclaw", "claude-code", "codex", "agents"] as const;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 366 * 24 * HOUR_MS;
const MIB = 2 ** 20;

const mesh = z
  .strictObject({
    listen: hostPort().optional().meta({
      description: "Accept peers here. Leave it out behind NAT: the node then only dials out.",
      example: "0.0.0.0:19000",
    }),
    certificate: file().optional().meta({
      description:
        "Serve wss:// with this certificate: a PEM file, with those between it and its root. Read again when it changes. Without one, ws:// is served, which is as safe between nodes, and what a proxy with TLS in front expects.",
      example: "/etc/letsencrypt/live/relay.example/fullchain.pem",
    }),
    key: file().optional().meta({
      description: "The certificate's private key: a PEM file that only its owner may open.",
      example: "/etc/letsencrypt/live/relay.example/privkey.pem",
    }),
    advertise: list(peerUrl(), 16)
      .prefault([])
      .meta({
        description:
          "How others reach this node, where that is not as it listens (a name, a proxy with TLS in front).",
        example: ["wss://home.example/mesh"],
      }),
    peers: list(peerUrl(), 256)
      .prefault([])
      .meta({
        description:
          "Nodes to keep a link to. One that is always there is enough; `join` writes those of its invitation here.",
        example: ["wss://relay.example:19000"],
      }),
    relay: z.boolean().prefault(true).meta({
      description:
        "Forward packets between nodes that do not reach each other. They are sealed: a relay reads nothing of them.",
    }),
    heartbeat: duration(SECOND_MS, 60 * SECOND_MS)
      .prefault("10s")
      .meta({
        description:
          "How often each link is told that this node lives. One that misses three is closed, and what ran over it goes another way: shorter notices a dead relay sooner, and costs a quiet link more.",
      }),
  })
  .prefault({})
  .meta({ description: "How this node is linked to the others." });

const gateway = z
  .strictObject({
    listen: loopbackHostPort().optional().meta({
      description:
        "Serve the model providers' APIs here, for programs on this machine that have the token of `gateway.token`.",
      example: "127.0.0.1:19080",
    }),
  })
  .prefault({})
  .meta({ description: "The models of the mesh over HTTP." });

const sessions = z
  .strictObject({
    max_live: wholeNumber(1, 10_000)
      .prefault(100)
      .meta({ description: "Sessions that may be live at once on this node." }),
    max_events: size(64 * 1_024, 4_096 * MIB)
      .prefault("64MiB")
      .meta({
        description: "How much is kept of what happened in one session; the beginning goes first.",
      }),
    keep: duration(HOUR_MS, YEAR_MS)
      .prefault("90d")
      .meta({ description: "How long closed sessions are kept." }),
    stored: z
      .union([z.boolean(), list(z.enum(STORED_SESSIONS), STORED_SESSIONS.length)], {
        error: `must be true, false, or a list of ${STORED_SESSIONS.map((name) => `"${name}"`).join(", ")}`,
      })
      .prefault(true)
      .meta({
        title: "`true`, `false`, or a list",
        description:
          "Whose sessions on this machine are listed besides those of the mesh, and can be read and taken up: those that `openclaw`, `claude-code` and `codex` keep in your home directory, and those that the `agents` above list themselves. Nothing of them is changed. Other nodes see them only if granted `sessions:watch`.",
        example: ["claude-code", "codex", "agents"],
      }),
  })
  .prefault({})
  .meta({ description: "What is kept of sessions." });

const permissions = z
  .strictObject({
    wait: duration(SECOND_MS, 30 * 24 * HOUR_MS)
      .prefault("1h")
      .meta({
        description: "How long a question of an agent waits for a person before it is denied.",
      }),
  })
  .prefault({})
  .meta({ description: "Permissions and questions of agents." });

const log = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error"])
      .prefault("info")
      .meta({ description: "The least that is logged." }),
    max_size: size(64 * 1_024, 1_024 * MIB)
      .prefault("10MiB")
      .meta({
        description: "Size at which the log file is put aside and a new one begun.",
      }),
    keep: wholeNumber(0, 100).prefault(3).meta({ description: "Older log files kept." }),
  })
  .prefault({})
  .meta({ description: "The log of this node." });

/** The whole file. */
export const fileSchema = z
  .strictObject({
    name: nodeName().optional().meta({
      description: "The label under which people see this node. Default: the name of the machine.",
      example: "server",
    }),
    labels: list(nodeName(), 32)
      .prefault([])
      .meta({
        description: "Words by which grants and people mean several nodes at once.",
        example: ["home", "linux"],
      }),
    mesh,
    gateway,
    agents: list(agent, 256)
      .prefault([])
      .meta({ description: "An agent that this node offers. One block for each." }),
    models: list(model, 256).prefault([]).meta({
      description: "A model that this node offers to the mesh. One block for each.",
    }),
    tools,
    terminal,
    trusted_labels: z
      .record(nodeName(), list(word(128), 256))
      .prefault({})
      .meta({
        title: "table of lists of nodes",
        description:
          "Which nodes, by name or id, `label:` means in grants that allow something. A node chooses its own labels, so what it says of itself allows it nothing.",
        example: { home: ["laptop", "server"] },
      }),
    grants: list(grant, 256).prefault([]).meta({
      description:
        "What others may use here. Members may always use agents and models, and control the sessions they opened; everything else only if granted. A deny wins.",
    }),
    sessions,
    permissions,
    log,
  })
  .meta({ title: "ClawMatrix configuration" });

/** What the file says, checked, under the file's own names. */
export type FileContent = z.output<typeof fileSchema>;
