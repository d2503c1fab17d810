import { defineGlobals } from "../globals.ts";
import { fetch } from "./fetch.ts";
import { FormData } from "./form.ts";
import { Headers } from "./headers.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import "./hosttypes.ts";

defineGlobals({ FormData, Headers, Request, Response, fetch });
