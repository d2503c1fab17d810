// The last of the platform's modules: everything is defined by now.

import { finishModules } from "./modules.ts";

finishModules();
