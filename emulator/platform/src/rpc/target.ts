import { refuse } from "../globals.ts";

/**
 * The base class of objects that are passed by reference in RPC.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/rpc/
 */
export class RpcTarget {}
refuse(RpcTarget, "Remote RPC references can only be serialized for RPC.");
