// Runs in each test file before its tests: gives them their worlds.

import { afterAll, aroundEach, inject } from "vitest";
import { createAdmin } from "../admin.js";
import { DoemuError } from "../errors.js";
import { runInWorld, useWorld } from "../test/current.js";
import { World } from "../world.js";
import { beginningWith, lazyWorld } from "./worlds.js";

const { adminUrl, url, project, isolate, world, failed } = inject("doemu");
if (failed !== undefined) throw new DoemuError(failed);

const admin = createAdmin({ adminUrl });
const endings: Promise<void>[] = [];

if (isolate === "run") {
  useWorld(new World(project, () => Promise.resolve({ url, adminUrl }), () => Promise.resolve()));
} else {
  const file = lazyWorld(admin, project, () => Promise.resolve(world));
  useWorld(file.world);
  afterAll(async () => {
    useWorld(undefined);
    await Promise.all([...endings, file.world.close()]);
  });
  if (isolate === "test") {
    const beginning = beginningWith(file, world);
    aroundEach(async (runTest, { task }) => {
      const own = lazyWorld(admin, project, async () => ({ ...(await beginning()), name: task.name }));
      try {
        await runInWorld(own.world, runTest);
      } finally {
        // The next test does not wait for it.
        endings.push(own.world.close());
      }
    });
  }
}
