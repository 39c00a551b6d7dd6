import { systemRandom } from "@clawmatrix/environment";
import { MeshSecret } from "@clawmatrix/identity";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MeshFile, parseMeshFile, renderMeshFile } from "./mesh-file.ts";

const file: MeshFile = {
  secret: MeshSecret.generate(systemRandom),
  founder: { signingKey: systemRandom.bytes(32), agreementKey: systemRandom.bytes(32) },
  entries: [systemRandom.bytes(80), systemRandom.bytes(120)],
  admission: systemRandom.bytes(90),
};
const plain = (mesh: MeshFile) => ({
  ...mesh,
  secret: Buffer.from(mesh.secret.reveal()).toString("hex"),
  founder: Object.values(mesh.founder).map((key) => Buffer.from(key).toString("hex")),
  entries: mesh.entries.map((entry) => Buffer.from(entry).toString("hex")),
  admission: mesh.admission && Buffer.from(mesh.admission).toString("hex"),
});

describe("the file of a node's mesh", () => {
  it("is read as it was written, with and without an admission", () => {
    expect(plain(parseMeshFile(renderMeshFile(file)))).toEqual(plain(file));
    const founder = { ...file, admission: undefined };
    expect(plain(parseMeshFile(renderMeshFile(founder)))).toEqual(plain(founder));
  });

  it("that is damaged is one clear error, which never quotes the file", () => {
    const text = renderMeshFile(file);
    const secret = Buffer.from(file.secret.reveal()).toString("base64");
    const damage = fc.record({ at: fc.nat(text.length - 1), length: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(damage, ({ at, length }) => {
        const damaged = text.slice(0, at) + text.slice(at + length);
        try {
          parseMeshFile(damaged);
        } catch (error) {
          expect(error).toMatchObject({ name: "StatusError", reason: "mesh-file-damaged" });
          expect(String(error)).not.toContain(secret.slice(0, 12));
        }
      }),
    );
  });

  it.each([
    ["", "it is not JSON"],
    ["null", "it is not such a file"],
    ["[]", "it is not such a file"],
    ['{"format":"clawmatrix-mesh-2"}', "a newer version"],
    ['{"format":"clawmatrix-mesh-1"}', "its entries are missing"],
    ['{"format":"clawmatrix-mesh-1","entries":[],"secret":"AAAA"}', "its secret is wrong"],
    ['{"format":"clawmatrix-mesh-1","entries":[],"secret":7}', "its secret is wrong"],
  ])("%j is refused: %s", (text, why) => {
    expect(() => parseMeshFile(text)).toThrow(why);
  });
});
