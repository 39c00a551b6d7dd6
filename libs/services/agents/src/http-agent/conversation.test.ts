import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { Conversation, MAX_CONVERSATION_BYTES } from "./conversation.ts";
import { parseConversation, writeConversation } from "./conversation-format.ts";
import { ConversationStore } from "./conversation-store.ts";

const ID = `chat-${"0".repeat(32)}`;
const said = (text: string) => [{ type: "text" as const, text }];
const turn = (prompt: string, answer: string, thought = "") => ({ prompt: said(prompt), answer, thought });

describe("a conversation", () => {
  it("has users and assistants take turns, whatever became of the turns", () => {
    const anyTurn = fc.record({
      prompt: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      answer: fc.oneof(fc.constant(""), fc.string({ minLength: 1 })),
    });
    fc.assert(
      fc.property(fc.array(anyTurn, { maxLength: 8 }), fc.string(), (turns, prompt) => {
        const conversation = new Conversation(ID, "/", 0);
        for (const { prompt: texts, answer } of turns)
          conversation.add({ prompt: texts.flatMap(said), answer, thought: "" }, 0);
        const messages = conversation.messages("be brief", said(prompt));
        const roles = messages.map(({ role }) => role);
        expect(roles[0]).toBe("system");
        expect(roles.slice(1)).toEqual(roles.slice(1).map((_, at) => (at % 2 === 0 ? "user" : "assistant")));
        expect(roles.at(-1)).toBe("user");
        // Nothing that was said is lost.
        const all = messages.flatMap(({ content }) =>
          typeof content === "string" ? content.split("\n") : [],
        );
        const wanted = [...turns.flatMap((each) => [...each.prompt, each.answer]), prompt].join("\n");
        expect(wanted.split("\n").filter((line) => line !== "" && !all.includes(line))).toEqual([]);
      }),
    );
  });

  it("drops its oldest turns at its bound, and says so to who loads it", () => {
    const conversation = new Conversation(ID, "/", 0);
    conversation.begin(said("first"));
    conversation.add(turn("first", "x".repeat(MAX_CONVERSATION_BYTES / 2)), 1);
    conversation.add(turn("second", "y".repeat(MAX_CONVERSATION_BYTES / 2), "hm"), 2);
    expect(
      conversation.messages("", said("third")).map(({ content }) => String(content).slice(0, 6)),
    ).toEqual(["second", "yyyyyy", "third"]);
    const updates = [...conversation.replay()];
    expect(updates.map(({ sessionUpdate }) => sessionUpdate)).toEqual([
      "agent_message_chunk",
      "user_message_chunk",
      "agent_thought_chunk",
      "agent_message_chunk",
    ]);
    expect(JSON.stringify(updates[0])).toContain("no longer kept");
    expect(conversation.title).toBe("first");
    // The latest stays, however large.
    conversation.add(turn("huge", "z".repeat(2 * MAX_CONVERSATION_BYTES)), 3);
    expect(conversation.stored.turns.map(({ prompt }) => prompt)).toEqual([said("huge")]);
  });

  it("is the same after it was written and read", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string())), (turns) => {
        const conversation = new Conversation(ID, "/home", 0);
        for (const [prompt, answer] of turns) conversation.add(turn(prompt, answer), 7);
        const read = parseConversation(writeConversation(conversation.stored));
        expect(new Conversation(ID, "/home", 0, read).stored).toEqual(conversation.stored);
      }),
    );
  });
});

describe("where conversations are kept", () => {
  async function store() {
    const directory = await mkdtemp(join(tmpdir(), "clawmatrix-chat-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    return { directory, store: new ConversationStore(join(directory, "of-agent")) };
  }

  it("is a directory and files that only their owner may open, without drafts left", async () => {
    const { directory, store: kept } = await store();
    const conversation = new Conversation(ID, "/", 0);
    await Promise.all([kept.save(conversation.stored), kept.save(conversation.stored)]);
    expect(await readdir(join(directory, "of-agent"))).toEqual([`${ID}.jsonl`]);
    expect((await stat(join(directory, "of-agent"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, "of-agent", `${ID}.jsonl`))).mode & 0o777).toBe(0o600);
    expect(await kept.load(ID)).toEqual(conversation.stored);
    await kept.delete(ID);
    expect(await kept.load(ID)).toBeUndefined();
  });

  it("is never looked at by a name that is none of its own", async () => {
    const { directory, store: kept } = await store();
    await kept.save(new Conversation(ID, "/", 0).stored);
    await writeFile(join(directory, "outside.jsonl"), "{}");
    for (const id of ["../outside", "", "..", `${ID}/../${ID}`, `${ID}\0`, "chat-0"]) {
      expect(await kept.load(id)).toBeUndefined();
      await kept.delete(id);
    }
    expect(await readdir(directory)).toEqual(["of-agent", "outside.jsonl"]);
    expect(await kept.load(ID)).toBeDefined();
  });

  it("says of a damaged file that it is one, and of nothing else", async () => {
    const { directory, store: kept } = await store();
    await kept.save(new Conversation(ID, "/", 0).stored);
    const file = join(directory, "of-agent", `${ID}.jsonl`);
    for (const damage of ["", "{", "[]\n", '{"version":2}\n']) {
      await writeFile(file, damage);
      await expect(kept.load(ID)).rejects.toThrow(/is damaged; open a new one/);
    }
    await chmod(file, 0o600);
  });
});
