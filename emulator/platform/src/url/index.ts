import { defineGlobals } from "../globals.ts";
import { URLSearchParams } from "./params.ts";
import { URL } from "./url.ts";

defineGlobals({ URL, URLSearchParams });
