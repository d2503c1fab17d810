// Calls between isolates: JavaScript RPC.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/

import { defineModule } from "../modules.ts";
import { ServiceStub } from "./service_stub.ts";
import { RpcPromise, RpcProperty, RpcStub } from "./stub.ts";
import { RpcTarget } from "./target.ts";
import "./deliver.ts";
import "./errors.ts";
import "./exports.ts";
import "./signal.ts";
import "./streams.ts";

defineModule("cloudflare:workers", { RpcPromise, RpcProperty, RpcStub, RpcTarget, ServiceStub });
