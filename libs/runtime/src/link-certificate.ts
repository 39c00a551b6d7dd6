import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { type MeshConfiguration, readSecretFile } from "@clawmatrix/config";
import type { Clock, Logger, Timer } from "@clawmatrix/environment";
import type { Certificate } from "@clawmatrix/mesh";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

export type CertificateFiles = NonNullable<MeshConfiguration["tls"]>;

export interface CertificateWatchOptions {
  /** The files, as the configuration names them now. */
  readonly files: () => CertificateFiles | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each certificate that differs from the one before and can be used. */
  readonly onChange: (certificate: Certificate) => void;
}

/** How often the files are looked at, in milliseconds: certificates change weeks before they have to. */
const LOOK_MS = 30_000;

/**
 * Reads a certificate and its key, and sees that they belong together. Throws StatusError FAILED_PRECONDITION "bad-certificate", and as
 * `readSecretFile` does for a key that others may open.
 */
export async function readCertificate({ certificateFile, keyFile }: CertificateFiles): Promise<Certificate> {
  try {
    const certificate = await readFile(certificateFile, "utf8");
    const key = (await readSecretFile(keyFile)).toString("utf8");
    createSecureContext({ cert: certificate, key });
    return { certificate, key };
  } catch (cause) {
    if (cause instanceof StatusError) throw cause;
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `the certificate ${certificateFile} with the key ${keyFile} cannot be used: ${(cause as Error).message}`,
      { cause, reason: "bad-certificate", hint: "Check [mesh] certificate and key in the configuration." },
    );
  }
}

/** Looks at the files from time to time. What cannot be used is logged, and the certificate before it is kept. Returns how to end that. */
export function watchCertificate({ files, clock, logger, onChange }: CertificateWatchOptions): () => void {
  let stopped = false;
  let timer: Timer | undefined;
  let known: string | undefined;
  const look = async (): Promise<void> => {
    const named = files();
    const stamp = named === undefined ? "" : await stampOf(named);
    if (stopped) return;
    if (named !== undefined && known !== undefined && stamp !== known) await take(named);
    known = stamp;
    if (!stopped) timer = clock.schedule(LOOK_MS, () => void look());
  };
  const take = async (named: CertificateFiles): Promise<void> => {
    try {
      const certificate = await readCertificate(named);
      if (stopped) return;
      onChange(certificate);
      logger.info("the certificate was read again", { file: named.certificateFile });
    } catch (thrown) {
      logger.error("the new certificate is not used", { error: StatusError.from(thrown).message });
    }
  };
  void look();
  return () => {
    stopped = true;
    timer?.cancel();
  };
}

/** Differs whenever one of the files was written or replaced, also behind a symbolic link, or others are named. */
async function stampOf({ certificateFile, keyFile }: CertificateFiles): Promise<string> {
  const stamps = [certificateFile, keyFile].map(async (file) => {
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    return found === undefined ? file : `${file} ${found.ino} ${found.size} ${found.mtimeNs}`;
  });
  return (await Promise.all(stamps)).join("\n");
}
