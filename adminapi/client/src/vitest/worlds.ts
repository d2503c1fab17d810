// The worlds of a test file: its own, which beforeAll works in, and those of its tests, which begin as that one is.

import type { Endpoint } from "../api.js";
import type { Project } from "../project.js";
import { World, type WorldOptions } from "../world.js";
import { endWorld, newWorld, type WorldEndpoint } from "../worlds.js";

/** A world that is made when it is first needed. */
export interface LazyWorld {
  world: World;
  /** Its address, if it was made. */
  made(): Promise<WorldEndpoint> | undefined;
  /** How often something was asked of it. */
  uses(): number;
}

export function lazyWorld(doemu: Endpoint, project: Project, options: () => Promise<WorldOptions>): LazyWorld {
  let made: Promise<WorldEndpoint> | undefined;
  let uses = 0;
  let ended = false;
  const endpoint = async (): Promise<WorldEndpoint> => {
    if (ended) throw new Error("The test that this call belongs to has ended, and its world with it.");
    uses++;
    return (made ??= options().then((world) => newWorld(doemu, world)));
  };
  const end = async (): Promise<void> => {
    ended = true;
    const address = await made?.catch(() => undefined); // who asked for it has the error
    if (address !== undefined) await endWorld(doemu, address);
  };
  return { world: new World(project, endpoint, end), made: () => made, uses: () => uses };
}

/** How the world of a test begins: with what beforeAll left in the file's world. */
export function beginningWith(file: LazyWorld, world: WorldOptions): () => Promise<WorldOptions> {
  let taken: { uses: number; name: Promise<string> } | undefined;
  return async () => {
    const made = file.made();
    if (made === undefined) return world;
    if (taken?.uses !== file.uses()) {
      const saving = file.world.snapshot().then((snapshot) => snapshot.name);
      taken = { uses: file.uses(), name: saving };
    }
    return { ...world, from: await taken!.name, world: (await made).id };
  };
}
