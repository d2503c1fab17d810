#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { findBinary } from "../dist/binary.js";

let binary;
try {
  binary = findBinary();
} catch (error) {
  console.error(`Error: ${error.message}`);
  process.exit(1);
}
// The terminal's signals reach doemu too, which ends in its own way.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (error) console.error(`Error: run ${binary}: ${error.message}`);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
