import { Lightbulb } from "lucide";
import type { JournalEvent } from "../api/client";
import { href } from "../route";
import { Notice } from "./empty";

/** The newest of the hints that are among some events: a mistake that many people make has shown. */
export function Hints({ among }: { among: JournalEvent[] }) {
  const hints = among.filter((event) => event.kind === "hint");
  const last = hints.at(-1);
  if (!last) return null;
  return (
    <Notice icon={Lightbulb} kind="amber">
      <div class="bar">
        <span class="grow">{last.detail}</span>
        {last.hint?.source && <code class="dim">{last.hint.source}</code>}
        {last.hint?.link && (
          <a class="link" href={last.hint.link} target="_blank" rel="noreferrer">
            Cloudflare's page
          </a>
        )}
        <a class="link" href={href(["logs"], { groups: "trouble" })}>
          {hints.length === 1 ? "In the log" : `All ${hints.length} hints`}
        </a>
      </div>
    </Notice>
  );
}
