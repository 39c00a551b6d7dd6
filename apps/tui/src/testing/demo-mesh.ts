import { FakeMesh } from "./fake-mesh.ts";

/** A mesh whose agent does what the tests in real terminals look at: `run` asks a permission, everything else is repeated. */
export function demoMesh(): FakeMesh {
  const mesh = new FakeMesh();
  mesh.onPrompt = (session, text) => {
    if (text !== "run ls") {
      session.say(`you said: ${text}`);
      session.endTurn();
      return;
    }
    const toolCall = { toolCallId: "1", title: "run ls", kind: "execute" };
    session.update({ ...toolCall, sessionUpdate: "tool_call", status: "pending" });
    session.ask("p1", {
      toolCall,
      options: [
        { optionId: "yes", kind: "allow_once", name: "Allow once" },
        { optionId: "no", kind: "reject_once", name: "Reject" },
      ],
    });
  };
  mesh.onAnswer = (answer) => {
    const session = [...mesh.sessions.values()].at(-1);
    session?.answered(answer.id, { outcome: "selected", optionId: answer.answer.value });
    const diff = { type: "diff", path: "notes.txt", oldText: "red\n", newText: "green\n" };
    session?.update({
      sessionUpdate: "tool_call_update",
      toolCallId: "1",
      status: "completed",
      content: [diff],
    });
    session?.say("Done.");
    session?.endTurn();
  };
  return mesh;
}
