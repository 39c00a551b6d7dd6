import { seededRandom } from "@clawmatrix/environment";
import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeMap } from "./node-map.ts";

const anyId = fc.integer({ min: 0, max: 40 }).map((n) => Buffer.alloc(16, n));
const anyStep = fc.record({ id: anyId, value: fc.option(fc.integer()) });

it("a node map holds what a map by text would", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), fc.integer(), (steps, seed) => {
      const map = new NodeMap<number>(seededRandom(seed));
      const model = new Map<string, number>();
      for (const { id, value } of steps) {
        if (value === null) {
          map.delete(id);
          model.delete(id.toString("hex"));
        } else {
          map.set(id, value);
          model.set(id.toString("hex"), value);
        }
        expect(map.size).toBe(model.size);
      }
      for (let n = 0; n <= 40; n++) {
        const header = Buffer.concat([Buffer.alloc(4, 255), Buffer.alloc(16, n)]);
        expect(map.get(header, 4)).toBe(model.get(Buffer.alloc(16, n).toString("hex")));
      }
    }),
  );
});
