// Everything that a Worker finds, in the order in which it builds on each other.

import "./symbols.ts";
import "./errors.ts";
import "./console/index.ts";
import "./time/index.ts";
import "./events/index.ts";
import "./encoding/index.ts";
import "./streams/index.ts";
import "./locale/index.ts";
import "./url/index.ts";
import "./blob/index.ts";
import "./crypto/index.ts";
import "./serialize/clone.ts";
import "./http/index.ts";
import "./sockets/index.ts";
import "./node/index.ts";
import "./rpc/index.ts";
import "./worker/handlers.ts";
import "./worker/queue.ts";
import "./worker/tail.ts";
import "./worker/commonjs.ts";
import "./misc.ts";
