import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { catalogue } from "@clawmatrix/agents/catalogue";

/** The ids of the catalogue's agents whose program is on the PATH. */
export async function findInstalledAgents(env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all(
    catalogue
      .map(({ id, command, endpoint }) => ({ id, program: endpoint?.program ?? command[0] }))
      .map(async ({ id, program }) =>
        program !== undefined && (await isOnPath(program, folders)) ? [id] : [],
      ),
  );
  return found.flat();
}

async function isOnPath(program: string, folders: readonly string[]): Promise<boolean> {
  const endings = process.platform === "win32" ? [".cmd", ".exe", ""] : [""];
  const candidates = folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending)));
  const results = await Promise.all(
    candidates.map((file) =>
      access(file, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return results.includes(true);
}
