import type { DoemuOptions } from "../doemu.js";
import type { LogLine } from "../process.js";
import type { DoemuPluginOptions } from "./options.js";

/** How the doemu of a run starts: with isolate: "run" all tests are in its first world. */
export function startOptions({ isolate, world, console: shown = "all", ...start }: DoemuPluginOptions): DoemuOptions {
  return { ...(shown === "all" && { log: print }), ...(isolate === "run" && world), ...start };
}

/** Shows what the program itself writes. */
function print({ kind, level, worker, msg, error }: LogLine): void {
  if (kind === "console") (level === "ERROR" || level === "WARN" ? process.stderr : process.stdout).write(`[${worker}] ${msg}\n`);
  else if (kind === "uncaught") process.stderr.write(`[${worker}] ${error ?? msg}\n`);
}
