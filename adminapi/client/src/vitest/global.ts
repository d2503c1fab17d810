// Runs once for a run of vitest, before the first test file and after the last one.

import type { TestProject } from "vitest/node";
import type { Doemu } from "../doemu.js";
import { optionsOf } from "./options.js";
import type { Provided } from "./provided.js";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { options, starting, built, takeChanged } = optionsOf(project);
  const { isolate = "test", world = {}, console: shown = "all" } = options;
  const doemu = await starting;
  const provide = (failed?: string): void => {
    const { url, adminUrl, project: running } = doemu;
    project.provide("doemu", { url, adminUrl, project: running, isolate, world, console: shown, ...(failed !== undefined && { failed }) } satisfies Provided);
    built(running.workers.flatMap((worker) => worker.files));
  };
  provide();
  project.onTestsRerun(async () => {
    if (takeChanged()) provide(await reload(doemu));
  });
  void doemu.ended.then((error) => error !== undefined && console.error(error.message));
  return () => doemu.stop();
}

/** Builds again. Gives why that failed: the tests then fail with it, rather than test the code from before. */
async function reload(doemu: Doemu): Promise<string | undefined> {
  try {
    await doemu.reload();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
