import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLogger, systemClock } from "@clawmatrix/environment";
import { onTestFinished } from "vitest";
import { StoredSessions, type StoredSessionsOptions } from "../index.ts";

/** The home directory of somebody who uses all these programs; removed when the test has ended. */
export class FixtureHome {
  readonly path = mkdtempSync(join(tmpdir(), "clawmatrix-stored-"));

  constructor() {
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }));
  }

  /** Writes a file of lines: objects as JSON, texts as they are. `at`: when it was changed, in ms since 1970. */
  lines(path: string, lines: readonly (object | string)[], at?: number): string {
    return this.file(path, lines.map((line) => `${asLine(line)}\n`).join(""), at);
  }

  file(path: string, text: string | Uint8Array, at?: number): string {
    const whole = join(this.path, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    if (at !== undefined) utimesSync(whole, at / 1_000, at / 1_000);
    return whole;
  }

  /** The sessions in this home. */
  sessions(options: Partial<StoredSessionsOptions> = {}): StoredSessions {
    return new StoredSessions({
      clock: systemClock,
      logger: silentLogger,
      env: {},
      home: this.path,
      programs: () => new Set(["openclaw", "claude-code", "codex"] as const),
      idOf: (source, key) => `${source}-${key.toLowerCase().replaceAll(/[^a-z0-9]/g, "-")}`,
      ...options,
    });
  }
}

function asLine(line: object | string): string {
  return typeof line === "string" ? line : JSON.stringify(line);
}
