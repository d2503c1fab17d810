import { doemu } from "doemu/vitest";
import { defineConfig } from "vitest/config";

// Each test has a world of its own: storage, alarms and a clock that no other test sees.
export default defineConfig({ plugins: [doemu()] });
