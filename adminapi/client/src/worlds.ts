import { callRoute, type Endpoint } from "./api.js";
import type { WorldOptions } from "./world.js";

/** The address of a world beside the first one. */
export interface WorldEndpoint extends Endpoint {
  id: string;
}

/** Makes a world in the doemu at an address. */
export async function newWorld(doemu: Endpoint, options: WorldOptions = {}): Promise<WorldEndpoint> {
  const { id, url, adminUrl } = await callRoute<WorldEndpoint>(doemu, "POST", "worlds", options);
  return { id, url, adminUrl, token: doemu.token };
}

/** Ends a world. */
export async function endWorld(doemu: Endpoint, { id }: WorldEndpoint): Promise<void> {
  await callRoute(doemu, "DELETE", `worlds/${id}`);
}
