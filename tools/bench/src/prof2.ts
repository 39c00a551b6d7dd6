import { homedir } from "node:os";
import { connectToNode, findNode, openSession, startTurn } from "@clawmatrix/client";
import { resolvePaths } from "@clawmatrix/config";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import { RelayedMesh } from "@clawmatrix/faults";
if (process.argv[2] === "prof") process.env.NODE_OPTIONS = "--cpu-prof --cpu-prof-dir=/tmp/h3prof";
const mesh = await RelayedMesh.start({ relays: ["relay"], heartbeat: "15s" });
const { socket } = resolvePaths({ CLAWMATRIX_HOME: mesh.laptop.home }, process.platform, homedir());
const connection = await connectToNode({ socket, clock: systemClock, random: systemRandom });
const { status } = await connection.diagnostics().getStatus({});
const id = findNode(status!, "server").id;
const agents = connection.agents(id), diag = connection.diagnostics(id);
const med = (a: number[]) => a.toSorted((x, y) => x - y)[a.length >> 1]!.toFixed(2);
const t: Record<string, number[]> = {};
const note = (k: string, v: number) => (t[k] ??= []).push(v);
for (let i = 0; i < Number(process.argv[3] ?? 30); i++) {
  let a = performance.now();
  await diag.ping({ payload: Buffer.alloc(10) }); note("ping", performance.now() - a);
  a = performance.now();
  const { session } = await openSession(agents, { agentId: "demo", kind: { case: "newSession", value: {} } });
  note("open", performance.now() - a);
  const b = performance.now(); let first = true;
  const turn = startTurn(agents, { sessionId: session.id, prompt: [{ type: "text", text: "say hello" }], permission: 1, onEvent({ body }) { note(body.case === "updateJson" ? `up-${JSON.parse(Buffer.from(body.value).toString()).sessionUpdate}` : body.case!, performance.now() - b); if (body.case==="updateJson" && first) {first=false; note("TOTAL", performance.now()-a);} } });
  await turn.done;
  note("done", performance.now() - b);
  a = performance.now();
  await agents.closeSession({ sessionId: session.id }); note("close", performance.now() - a);
}
for (const k in t) console.log(k, med(t[k]!), "n", t[k]!.length);
if (process.argv[2] === "prof") { for (const n of [mesh.server, ...mesh.relays, mesh.laptop]) n.signal("SIGTERM"); await new Promise((r) => setTimeout(r, 2000)); }
await connection.close(); await mesh.end();
