import { describe, expect, it } from "vitest";
import { findNode, shortNodeId } from "./find-node.ts";
import { idLike, other, statusOf } from "./test-status.ts";

const status = statusOf([
  other("relay", idLike("abcd")),
  other("twin", idLike("twob")),
  other("twin", idLike("twoc")),
  other("abce", idLike("zzzz")),
]);

describe("a node that a person names", () => {
  it("is found by its name, itself included", () => {
    expect(findNode(status, "relay").id).toBe(idLike("abcd"));
    expect(findNode(status, "here").status).toBeUndefined();
  });

  it("is found by the beginning of its id, with or without the groups", () => {
    expect(findNode(status, "abcd-aa").name).toBe("relay");
    expect(findNode(status, "abcdaa").name).toBe("relay");
  });

  it("is meant by its name before it is by the beginning of another's id", () => {
    expect(findNode(status, "abce").id).toBe(idLike("zzzz"));
  });

  it("is not guessed where two have the name: the error says both ids", () => {
    expect(() => findNode(status, "twin")).toThrow(
      expect.objectContaining({
        reason: "ambiguous-node",
        message: `"twin" can mean 2 nodes: twin is ${shortNodeId(idLike("twob"))}…, twin is ${shortNodeId(idLike("twoc"))}…`,
      }),
    );
    expect(findNode(status, "twoc").id).toBe(idLike("twoc"));
  });

  it("is an error that lists the others where there is none", () => {
    expect(() => findNode(status, "nowhere")).toThrow(
      expect.objectContaining({ reason: "unknown-node", hint: expect.stringContaining("here, relay, twin") }),
    );
  });
});
