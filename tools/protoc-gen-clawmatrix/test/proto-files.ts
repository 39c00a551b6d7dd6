import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create, fromBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { clawmatrixPlugin } from "../src/plugin.ts";

const OPTIONS = join(import.meta.dirname, "../../../proto/clawmatrix/v1/options.proto");

/** Compiles proto files (by path) with buf, beside the protocol's own options.proto. */
export function compile(files: Readonly<Record<string, string>>): FileDescriptorSet {
  const folder = mkdtempSync(join(tmpdir(), "clawmatrix-proto-"));
  try {
    writeFileSync(join(folder, "buf.yaml"), "version: v2\n");
    cpSync(OPTIONS, join(folder, "clawmatrix/v1/options.proto"));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return fromBinary(FileDescriptorSetSchema, execFileSync("buf", ["build", "-o", "-"], { cwd: folder }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the plugin on some of the compiled files. Returns what it generates, by path; throws what it refuses. */
export function generate(compiled: FileDescriptorSet, paths: readonly string[]): Map<string, string> {
  const request = create(CodeGeneratorRequestSchema, {
    parameter: "target=ts,import_extension=ts",
    fileToGenerate: [...paths],
    protoFile: compiled.file,
  });
  const { file } = clawmatrixPlugin.run(request);
  return new Map(file.map(({ name, content }) => [name, content]));
}
