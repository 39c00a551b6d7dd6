import { existsSync } from "node:fs";
import { type NodePaths, readSecretFile } from "@clawmatrix/config";
import { Identity } from "@clawmatrix/identity";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { type MeshFile, parseMeshFile } from "./mesh-file.ts";

/** Whether `init` or `join` was done here. */
export function hasIdentity({ identityFile }: NodePaths): boolean {
  return existsSync(identityFile);
}

/** @throws StatusError ALREADY_EXISTS "home-in-use" when the home belongs to a node already. */
export function requireFreshHome(paths: NodePaths): void {
  if (!hasIdentity(paths)) return;
  throw new StatusError(
    StatusCode.ALREADY_EXISTS,
    `this home has an identity already: ${paths.identityFile}`,
    {
      reason: "home-in-use",
      hint: "`clawmatrix up` runs it. For another node on this machine, set CLAWMATRIX_HOME to another directory.",
    },
  );
}

/** The identity and the mesh of a home. @throws StatusError, with "no-mesh" when there is none yet. */
export async function readHome(paths: NodePaths): Promise<{ identity: Identity; mesh: MeshFile }> {
  if (!hasIdentity(paths)) {
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `there is no mesh here yet: ${paths.home} has no identity`,
      {
        reason: "no-mesh",
        hint: "`clawmatrix init` makes a new mesh; `clawmatrix join INVITATION` enters one (`clawmatrix invite` on a member prints it).",
      },
    );
  }
  const identity = Identity.parse((await readSecretFile(paths.identityFile)).toString("utf8"));
  const mesh = parseMeshFile((await readSecretFile(paths.meshFile)).toString("utf8"));
  return { identity, mesh };
}
