// A doemu process: how it starts, what it says, and that it ends with this one.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { findBinary } from "./binary.js";
import { DoemuError } from "./errors.js";

/** A line of doemu's log. */
export interface LogLine {
  time: string;
  level: "DEBUG" | "INFO" | "WARN" | "ERROR";
  msg: string;
  /** What the line is of: console, uncaught, request, failure, … */
  kind?: string;
  worker?: string;
  namespace?: string;
  object?: string;
  name?: string;
  error?: string;
  [field: string]: unknown;
}

/** A doemu that serves. */
export interface Running {
  url: string;
  adminUrl: string;
  pid: number;
  /** Asks it to end, and waits for that. */
  stop(): Promise<void>;
  /** Settles when it has ended: with why, if nobody asked for that. */
  ended: Promise<DoemuError | undefined>;
}

/** How long doemu has to end when it is asked to, in milliseconds. */
const patience = 5000;

/** Starts doemu serve with arguments, and waits until it serves. */
export async function startProcess(args: string[], cwd: string, env: NodeJS.ProcessEnv, log: (line: LogLine) => void): Promise<Running> {
  const binary = findBinary(env);
  // doemu ends when its standard input does: with this process, in whatever way that ends.
  const child = spawn(binary, ["serve", "--stop-with-stdin", ...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
  const last: string[] = []; // what it said that matters if it does not start
  const keep = (text: string): void => {
    last.push(text);
    if (last.length > 50) last.shift();
  };
  let stopping = false;
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`${binary} cannot be run: ${error.message}`));
    child.once("close", (code, signal) => resolve([`doemu ended with ${signal ?? `exit code ${code}`}.`, ...last].join("\n")));
  });
  const ended = exited.then((why) => (stopping ? undefined : new DoemuError(why)));
  // Writing to it is not wanted: that it has gone is told by its end.
  child.stdin.on("error", () => {});
  createInterface(child.stderr).on("line", keep);
  const started = new Promise<{ url: string; adminUrl: string }>((resolve) => {
    createInterface(child.stdout).on("line", (text) => {
      const line = parse(text);
      if (line === undefined) return keep(text);
      if (line.level === "WARN" || line.level === "ERROR") keep(line.error ?? line.msg);
      if (line.kind === "start") resolve({ url: String(line["url"]), adminUrl: String(line["adminUrl"]) });
      else log(line);
    });
  });
  const urls = await Promise.race([started, exited.then(() => undefined)]);
  if (urls === undefined) throw new DoemuError(`doemu did not start.\n${last.join("\n") || (await exited)}`);
  release(child);
  const stop = async (): Promise<void> => {
    stopping = true;
    child.stdin.end();
    const late = setTimeout(() => child.kill("SIGKILL"), patience);
    await exited;
    clearTimeout(late);
  };
  return { ...urls, pid: child.pid!, stop, ended };
}

// This process may end although doemu runs: doemu ends then.
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
}

function parse(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
