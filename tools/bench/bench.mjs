/** `node tools/bench/bench.mjs [NAME…]`: runs all benchmarks, or those named. Needs Node 24, which `npm run bench` provides. */
await import("./src/main.ts");
