// Runs in each test file before its tests: gives them their worlds.

import { afterAll, aroundEach, inject } from "vitest";
import { DoemuError } from "../errors.js";
import { runInWorld, useWorld } from "../test/current.js";
import { World } from "../world.js";
import { beginningWith, lazyWorld } from "./worlds.js";

const { adminUrl, url, project, isolate, world, console: shown, failed } = inject("doemu");
if (failed !== undefined) throw new DoemuError(failed);

const doemu = { url, adminUrl };
const endings: Promise<void>[] = [];

if (isolate === "run") {
  useWorld(new World(project, () => Promise.resolve(doemu), () => Promise.resolve()));
} else {
  const file = lazyWorld(doemu, project, () => Promise.resolve(world));
  useWorld(file.world);
  afterAll(async () => {
    useWorld(undefined);
    await Promise.all([...endings, file.world.close()]);
  });
  if (isolate === "test") {
    const beginning = beginningWith(file, world);
    aroundEach(async (runTest, { task }) => {
      const own = lazyWorld(doemu, project, async () => ({ ...(await beginning()), name: task.name }));
      try {
        await runInWorld(own.world, runTest);
      } finally {
        if (own.made() !== undefined && (shown === "all" || (shown === "failed" && task.result?.state === "fail"))) await show(own.world);
        // The next test does not wait for it.
        endings.push(own.world.close());
      }
    });
  }
}

/** Shows what the program wrote, so that vitest knows of which test it is. */
async function show(world: World): Promise<void> {
  for (const { worker, level, detail } of await world.journal({ kind: "console" }).catch(() => [])) {
    const line = `[${worker}] ${detail}`;
    if (level === "error" || level === "warn") console.error(line);
    else console.log(line);
  }
}
