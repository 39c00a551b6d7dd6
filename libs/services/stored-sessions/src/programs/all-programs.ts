import { claudeCode } from "./claude-code/claude-code.ts";
import { codex } from "./codex/codex.ts";
import { openClaw } from "./openclaw/openclaw.ts";
import type { Program } from "./program.ts";

export const ALL_PROGRAMS: readonly Program[] = Object.freeze([openClaw, claudeCode, codex]);
