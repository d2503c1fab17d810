import type { ExecutionContext } from "./context.ts";

/** The error of a base class's constructor for a wrong argument. */
export const wrongConstruction = (className: string, n: number, type: string): TypeError =>
  new TypeError(`Failed to construct '${className}': constructor parameter ${n} is not of type '${type}'.`);

/**
 * The base class of a Worker's entrypoints.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/rpc/
 */
export class WorkerEntrypoint {
  ctx: ExecutionContext;
  env: unknown;

  constructor(ctx: ExecutionContext, env: unknown) {
    // A program may construct one for itself, with a context of its own making.
    if (typeof ctx !== "object" || ctx === null) throw wrongConstruction("WorkerEntrypoint", 1, "ExecutionContext");
    if (typeof env !== "object" || env === null) throw wrongConstruction("WorkerEntrypoint", 2, "Object");
    this.ctx = ctx;
    this.env = env;
  }
}
