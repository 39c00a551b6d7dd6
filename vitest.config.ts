import { defineConfig } from "vitest/config";

/** Every project runs its tests with this file: `vitest run --config <root>/vitest.config.ts --root <project>`. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
    env: { NO_COLOR: "", FORCE_COLOR: "0" },
  },
});
