import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, VirtualClock } from "@clawmatrix/environment";
import type { Certificate } from "@clawmatrix/mesh";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readCertificate, watchCertificate } from "./link-certificate.ts";

const FIXTURES = join(import.meta.dirname, "../../mesh/test/fixtures");

describe("the certificate of a node", () => {
  let directory: string;
  let files: { certificateFile: string; keyFile: string };
  const put = (certificate: string, key: string): void => {
    cpSync(join(FIXTURES, `${certificate}-certificate.pem`), files.certificateFile);
    cpSync(join(FIXTURES, `${key}-key.pem`), files.keyFile);
    chmodSync(files.keyFile, 0o600);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "clawmatrix-certificate-"));
    files = { certificateFile: join(directory, "c.pem"), keyFile: join(directory, "k.pem") };
    put("first", "first");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it("is read with its key", async () => {
    expect((await readCertificate(files)).certificate).toMatch(/^-----BEGIN CERTIFICATE/);
  });

  it("is refused with the key of another one, naming both files and not the key", async () => {
    put("first", "second");
    const reading = readCertificate(files);
    await expect(reading).rejects.toMatchObject({ reason: "bad-certificate" });
    await expect(reading).rejects.toThrow(/c\.pem .*k\.pem/);
    await expect(reading).rejects.not.toThrow(/PRIVATE KEY/);
  });

  it("is refused with a key that others may open", async () => {
    chmodSync(files.keyFile, 0o644);
    await expect(readCertificate(files)).rejects.toMatchObject({ reason: "secret-file-open-to-others" });
  });

  it("is read again when it has changed, and kept while the new one cannot be used", async () => {
    const clock = new VirtualClock();
    const seen: Certificate[] = [];
    const errors: string[] = [];
    const stop = watchCertificate({
      files: () => files,
      clock,
      logger: { ...silentLogger, error: (_message, fields) => errors.push(String(fields?.error)) },
      onChange: (certificate) => seen.push(certificate),
    });
    const lookAgain = async (): Promise<void> => {
      await vi.waitUntil(() => clock.nextDue() !== undefined);
      clock.advance(30_000);
    };
    await lookAgain();
    put("second", "first");
    await lookAgain();
    await vi.waitUntil(() => errors.length > 0);
    expect(seen).toEqual([]);
    put("second", "second");
    await lookAgain();
    await vi.waitUntil(() => seen.length > 0);
    expect(seen).toHaveLength(1);
    stop();
    await vi.waitUntil(() => clock.nextDue() === undefined);
  });
});
