// Durable Objects, as a Worker sees them.

import { extendModule } from "doemu-internal:platform/modules.ts";
import { DurableObject } from "./class.ts";
import "./host.ts";
import "./instance.ts";
import "./namespace.ts";
import "./run.ts";
import "./unsafe.ts";

extendModule("cloudflare:workers", { DurableObject });
