// The words of wrangler's createTestHarness, for suites that move here by changing one import.
// https://developers.cloudflare.com/workers/testing/

import { type Doemu, startDoemu } from "../../doemu.js";
import type { ProgramRequestInit, ProgramResponse } from "../../fetch.js";
import type { LogLine } from "../../process.js";
import type { World } from "../../world.js";
import { environmentOf, type TestHarnessOptions, writeConfigs } from "./options.js";
import { workerHandle, type WorkerHandle } from "./worker.js";

export type { HarnessWorker, TestHarnessOptions } from "./options.js";
export type { ObjectName, WorkerHandle } from "./worker.js";

export interface TestHarness {
  /** Starts; a second call gives the same. */
  listen(): Promise<{ url: URL }>;
  fetch(input: string | URL | Request, init?: ProgramRequestInit): Promise<ProgramResponse>;
  getWorker(name?: string): WorkerHandle;
  /** Back to what was first started, with nothing stored. */
  reset(): Promise<void>;
  /** Runs other Workers, as many as before. */
  update(options: TestHarnessOptions | ((before: TestHarnessOptions) => TestHarnessOptions)): Promise<void>;
  getLogs(): LogLine[];
  clearLogs(): void;
  /** Prints what happened, for a test that failed. */
  debug(): void;
  close(): Promise<void>;
}

const mostLogs = 10_000;

/** A doemu for tests of any runner. */
export function createTestHarness(options?: TestHarnessOptions): TestHarness {
  let current = options;
  let running: Promise<{ doemu: Doemu; forget(): Promise<void> }> | undefined;
  let logs: LogLine[] = [];

  const start = async (): Promise<{ doemu: Doemu; forget(): Promise<void> }> => {
    if (current === undefined) throw new Error("Test harness options have not been configured. Give them to createTestHarness() or to update().");
    if (current.workers.length === 0) throw new Error("Test harness requires at least one worker.");
    const { files, forget } = await writeConfigs(current);
    try {
      const doemu = await startDoemu({ root: current.root ?? ".", config: files, ...environmentOf(current), log: (line) => {
        logs.push(line);
        if (logs.length > mostLogs) logs.shift();
      } });
      return { doemu, forget };
    } catch (error) {
      await forget();
      throw error;
    }
  };
  const stop = async (): Promise<void> => {
    const before = running;
    running = undefined;
    if (before === undefined) return;
    const { doemu, forget } = await before;
    await doemu.stop();
    await forget();
  };
  const world = async (): Promise<World> => {
    if (running === undefined) throw new Error("Server has not been started. Start it with server.listen() before calling this method.");
    return (await running).doemu.main;
  };

  const harness: TestHarness = {
    async listen() {
      running ??= start();
      try {
        return { url: new URL((await running).doemu.url) };
      } catch (error) {
        running = undefined;
        throw error;
      }
    },
    async fetch(input, init) {
      const { url } = await (await world()).urls();
      return (await world()).SELF.fetch(typeof input === "string" ? new URL(input, url) : input, init);
    },
    getWorker: (name) => workerHandle(world, name),
    async reset() {
      const was = await world();
      await was.reset();
      await was.faults.clear();
      logs = [];
    },
    async update(change) {
      const next = typeof change === "function" ? change(current ?? { workers: [] }) : change;
      if (current !== undefined && running !== undefined && next.workers.length !== current.workers.length) {
        throw new Error("Updating the number of workers running in the server is not supported.");
      }
      current = next;
      if (running === undefined) return;
      await stop();
      await harness.listen();
    },
    getLogs: () => [...logs],
    clearLogs() {
      logs = [];
    },
    debug() {
      for (const { time, level, kind, msg, error } of logs) console.log(time, level, kind ?? "", msg, error ?? "");
    },
    close: stop,
  };
  return harness;
}
