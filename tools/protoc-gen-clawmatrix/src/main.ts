#!/usr/bin/env node
import { runNodeJs } from "@bufbuild/protoplugin";
import { clawmatrixPlugin } from "./plugin.ts";

runNodeJs(clawmatrixPlugin);
