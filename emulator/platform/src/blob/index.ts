import { defineGlobals } from "../globals.ts";
import { Blob, File } from "./blob.ts";

defineGlobals({ Blob, File });
