/** What stands for the module cloudflare:workers where a test imports a Worker's source into Node. */
import { currentWorld, forwarding } from "./test/current.js";

export { env } from "./test/index.js";

/** The Worker's own exports, of which the default one can be reached. */
export const exports = { default: forwarding(() => currentWorld().SELF) };

export class RpcTarget {}

class WithContext {
  constructor(
    readonly ctx: unknown,
    readonly env: unknown,
  ) {}
}

export class WorkerEntrypoint extends WithContext {}
export class DurableObject extends WithContext {}
export class WorkflowEntrypoint extends WithContext {}

/** Nothing waits for it here. */
export function waitUntil(promise: Promise<unknown>): void {
  void promise;
}
