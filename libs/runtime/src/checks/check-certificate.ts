import { X509Certificate } from "node:crypto";
import { StatusError } from "@clawmatrix/protocol";
import { type CertificateFiles, readCertificate } from "../link-certificate.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

/** Time before a certificate's end, in milliseconds, at which whoever renews it should have done so. */
const SOON_MS = 14 * 24 * 3_600_000;

/** Whether the certificate with which wss:// is served can be used, and for how long. */
export async function checkCertificate(files: CertificateFiles, now: number): Promise<Finding> {
  try {
    const { certificate } = await readCertificate(files);
    const until = new X509Certificate(certificate).validToDate;
    const message = `${files.certificateFile} is good until ${until.toISOString()}`;
    if (until.getTime() < now)
      return bad("certificate", `${message}: peers refuse it`, "Renew it; it is read again by itself.");
    if (until.getTime() < now + SOON_MS)
      return warning("certificate", message, "Renew it; it is read again by itself.");
    return good("certificate", message);
  } catch (thrown) {
    const error = StatusError.from(thrown);
    return bad("certificate", error.message, error.hint ?? "Check [mesh] certificate and key.");
  }
}
