import { inspect } from "node:util";
import { nodeIdToBytes, SigningKeys } from "@clawmatrix/identity";
import { Invitation as InvitationMessage, StatusError } from "@clawmatrix/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createInvitation, MAX_INVITATION_MS } from "./create-invitation.ts";
import { admit, appoint } from "./decisions.ts";
import { parseInvitation } from "./invitation.ts";
import { readInvitationText, writeInvitationText } from "./invitation-text.ts";
import { candidate, FoundedTestMesh, START } from "./testing/founded-mesh.ts";

const HOUR_MS = 3_600_000;
const ADDRESSES = ["wss://relay.example:19000", "ws://10.0.0.1:19000"];

function invite(world: FoundedTestMesh, by = world.byFounder, expiresInMs = HOUR_MS) {
  const { secret, random } = world;
  return createInvitation(by, { secret, random, addresses: ADDRESSES, expiresInMs, name: "pc" });
}

function errorOf(call: () => unknown): StatusError {
  try {
    call();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("an invitation arrives with everything that it takes to enter", () => {
  const world = new FoundedTestMesh();
  const invitation = parseInvitation(invite(world).revealText());
  expect(invitation.addresses).toEqual(ADDRESSES);
  expect(invitation.secret.reveal()).toEqual(world.secret.reveal());
  expect(invitation.mesh).toEqual(world.mesh);
  expect(invitation.inviter).toBe(world.founder.nodeId);
  expect(invitation.expiresAt).toBe(START + HOUR_MS);
  expect(invitation.proposedName).toBe("pc");
});

test("who uses an invitation is a member, under the proposed name or its own", () => {
  const world = new FoundedTestMesh();
  const [one, other] = [world.newNode(), world.newNode()];
  const use = (name: string, identity = one) =>
    parseInvitation(invite(world).revealText()).use(identity, name, START);
  world.membership.merge([use(""), use("desk", other)]);
  expect(world.membership.member(one.nodeId)).toMatchObject({ name: "pc", by: world.founder.nodeId });
  expect(world.membership.member(other.nodeId)).toMatchObject({ name: "desk", by: world.founder.nodeId });
});

test("an invitation by an operator proves that it is one, along the chain to the founder and no further", () => {
  const world = new FoundedTestMesh();
  const [middle, inviter] = [world.newNode(), world.newNode()];
  for (let i = 0; i < 5; i++) admit(world.byFounder, candidate(world.newNode()));
  admit(world.byFounder, candidate(middle));
  appoint(world.byFounder, middle.nodeId, true);
  admit(world.as(middle), candidate(inviter));
  appoint(world.as(middle), inviter.nodeId, true);
  const invitation = parseInvitation(invite(world, world.as(inviter)).revealText());
  expect(invitation.chain).toHaveLength(4);
  const newcomer = world.newNode();
  const membership = world.memory([...invitation.chain, invitation.use(newcomer, "", START)]);
  expect(membership.isOperator(inviter.nodeId)).toBe(true);
  expect(membership.isMember(newcomer.nodeId)).toBe(true);
});

test("white space, line breaks and quotation marks of a copy do not matter", () => {
  const text = invite(new FoundedTestMesh()).revealText();
  const folded = text.replaceAll(/.{60}/g, "$&\r\n  ");
  expect(parseInvitation(` "${folded}"\n`).revealText()).toBe(text);
});

test("any changed or missing character of a copy is noticed", () => {
  const text = invite(new FoundedTestMesh()).revealText();
  const start = "clawmatrix1:".length;
  fc.assert(
    fc.property(
      fc.integer({ min: start, max: text.length - 1 }),
      fc.constantFrom(..."ABCxyz019-_!"),
      fc.boolean(),
      (at, character, drop) => {
        fc.pre(drop || text[at] !== character);
        const copy = text.slice(0, at) + (drop ? "" : character) + text.slice(at + 1);
        expect(errorOf(() => parseInvitation(copy)).reason).toBe("invitation-damaged");
      },
    ),
    { numRuns: 200 },
  );
  expect(errorOf(() => parseInvitation("clawmatrix1:")).reason).toBe("invitation-damaged");
});

test("text that is no invitation, too long, or of a newer version is told apart", () => {
  const text = invite(new FoundedTestMesh()).revealText();
  expect(errorOf(() => parseInvitation("hello")).reason).toBe("not-an-invitation");
  expect(errorOf(() => parseInvitation("")).reason).toBe("not-an-invitation");
  expect(errorOf(() => parseInvitation(text.replace("matrix1", "matrix2"))).reason).toBe(
    "invitation-newer-version",
  );
  expect(errorOf(() => parseInvitation(text + "A".repeat(20_000))).reason).toBe("invitation-too-long");
});

test("an intact invitation whose parts do not fit each other is refused", () => {
  const world = new FoundedTestMesh();
  const stranger = world.newNode();
  const message = InvitationMessage.decode(readInvitationText(invite(world).revealText()));
  const changes = [
    { voucherSeed: SigningKeys.generate(world.random).revealSeed() },
    { inviter: nodeIdToBytes(stranger.nodeId) },
    { meshSecret: world.random.bytes(32) },
    { meshSecret: world.random.bytes(31) },
    { founder: candidate(stranger).keys },
    { founder: undefined },
    { voucher: undefined },
    { voucher: { ...message.voucher, signature: new Uint8Array(64) } },
    { addresses: ["ws://a\u001b[2J"] },
    { addresses: Array.from({ length: 17 }, () => "ws://a") },
  ];
  for (const change of changes) {
    const text = writeInvitationText(InvitationMessage.encode({ ...message, ...change }));
    expect(errorOf(() => parseInvitation(text)).reason).toBe("invitation-invalid");
  }
});

test("no error and no printed form gives any of an invitation away", () => {
  const invitation = invite(new FoundedTestMesh());
  const text = invitation.revealText();
  const secrets = [
    text.slice(12, 60),
    text.slice(-40),
    Buffer.from(invitation.secret.reveal()).toString("hex"),
  ];
  const damaged = errorOf(() => parseInvitation(`${text.slice(0, -3)}AAA`));
  const shown = [
    inspect(invitation, { depth: 5, showHidden: true }),
    JSON.stringify(invitation),
    String(invitation),
    inspect(damaged, { depth: 5 }),
    damaged.message + damaged.hint,
    inspect(errorOf(() => parseInvitation(text.slice(5)))),
  ];
  for (const secret of secrets) for (const one of shown) expect(one).not.toContain(secret);
  expect(damaged.cause).toBeUndefined();
});

test("an expired invitation says so before it is used", () => {
  const invitation = invite(new FoundedTestMesh());
  const identity = new FoundedTestMesh().newNode();
  expect(invitation.hasExpired(START + HOUR_MS)).toBe(false);
  expect(invitation.hasExpired(START + HOUR_MS + 1)).toBe(true);
  expect(errorOf(() => invitation.use(identity, "", START + HOUR_MS + 1)).reason).toBe("invitation-expired");
});

test("an invitation cannot be made by who is no operator, without an address, or for too long", () => {
  const world = new FoundedTestMesh();
  const { secret, random } = world;
  const member = world.newNode();
  admit(world.byFounder, candidate(member));
  expect(errorOf(() => invite(world, world.as(member))).reason).toBe("not-an-operator");
  const nowhere = errorOf(() => createInvitation(world.byFounder, { secret, random, addresses: [] }));
  expect(nowhere.reason).toBe("no-address");
  expect(nowhere.hint).toContain("[mesh]");
  expect(errorOf(() => invite(world, world.byFounder, MAX_INVITATION_MS + 1)).reason).toBe("bad-expiry");
  expect(errorOf(() => invite(world, world.byFounder, 0)).reason).toBe("bad-expiry");
  expect(invite(world, world.byFounder, MAX_INVITATION_MS).expiresAt).toBe(START + MAX_INVITATION_MS);
});
