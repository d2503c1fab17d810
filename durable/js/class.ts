import { noSupport, refuse } from "doemu-internal:platform/globals.ts";
import { wrongConstruction } from "doemu-internal:platform/worker/entrypoint.ts";
import { DurableObjectState } from "./state.ts";

/**
 * The base class of Durable Objects.
 *
 * https://developers.cloudflare.com/durable-objects/api/base/
 */
export class DurableObject {
  ctx: DurableObjectState;
  env: unknown;

  constructor(ctx: DurableObjectState, env: unknown) {
    if (!(ctx instanceof DurableObjectState)) throw wrongConstruction("DurableObjectBase", 1, "DurableObjectState");
    if (typeof env !== "object" || env === null) throw wrongConstruction("DurableObjectBase", 2, "Object");
    this.ctx = ctx;
    this.env = env;
  }
}
refuse(DurableObject, noSupport("DurableObject"));
