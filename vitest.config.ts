import { defineConfig } from "vitest/config";

/** Every project runs its tests with this file: `vitest run --config <root>/vitest.config.ts --root <project>`. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
    // Where a change is decided on, a test of real processes that a busy machine upset is asked once more, and
    // reported as such. Elsewhere it fails, so that it gets mended.
    retry: process.env.CI === undefined ? 0 : 1,
    env: { NO_COLOR: "", FORCE_COLOR: "0" },
  },
});
