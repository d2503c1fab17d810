import { ArrowDownToLine } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JournalEvent } from "../api/client";
import { EventLine } from "./event";
import { Icon } from "./icon";
import { useVirtual } from "./virtual";

interface EventListProps {
  events: JournalEvent[];
  label: string;
  within?: boolean;
  empty: ComponentChildren;
}

const rowHeight = 28;

/** Events of any number, the newest at the end, which the list follows as long as one is there. */
export function EventList({ events, label, within, empty }: EventListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const virtual = useVirtual({ count: events.length, scroller, rowHeight, keyOf: (index) => events[index]?.seq ?? index });
  const newest = events.at(-1)?.seq;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (following && element) element.scrollTop = element.scrollHeight;
  }, [newest, following, virtual.height]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight * 1.5);
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [events.length === 0]);

  const toggle = (event: JournalEvent) => {
    const next = new Set(open);
    if (!next.delete(event.seq)) next.add(event.seq);
    setOpen(next);
  };
  if (events.length === 0) return <div class="eventlist">{empty}</div>;
  return (
    <div class="eventlist">
      <div class="table" ref={scroller} tabIndex={0} role="list" aria-label={label}>
        <div class="rows" style={{ height: `${virtual.height}px` }}>
          {virtual.items.map((item) => {
            const event = events[item.index];
            if (!event) return null;
            const more = hasMore(event);
            return (
              <div
                key={item.key}
                class="log-row"
                role="listitem"
                data-index={item.index}
                ref={virtual.measure}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={(click) => {
                  if (more && !(click.target as HTMLElement).closest("a, button, pre") && getSelection()?.isCollapsed !== false) toggle(event);
                }}
              >
                <div class={more ? "log-line more" : "log-line"}>
                  {more && (
                    <button type="button" class="twist" aria-expanded={open.has(event.seq)} aria-label={`All of event ${event.seq}`} onClick={() => toggle(event)}>
                      {open.has(event.seq) ? "▾" : "▸"}
                    </button>
                  )}
                  <EventLine of={event} {...(within && { within })} />
                </div>
                {open.has(event.seq) && <More of={event} />}
              </div>
            );
          })}
        </div>
      </div>
      {!following && (
        <button type="button" class="button follow" onClick={() => setFollowing(true)}>
          <Icon of={ArrowDownToLine} />
          Newest
        </button>
      )}
    </div>
  );
}

/** Whether a line cannot show all of an event. */
function hasMore(event: JournalEvent): boolean {
  return !!event.error || !!event.hint || isLong(event.detail);
}

function isLong(text = ""): boolean {
  return text.length > 80 || text.includes("\n");
}

function More({ of: event }: { of: JournalEvent }) {
  return (
    <div class="log-more">
      {isLong(event.detail) && <pre>{event.detail}</pre>}
      {event.error && event.error !== event.detail && <pre class="red">{event.error}</pre>}
      {event.hint && (
        <p class="bar">
          {event.hint.source && <code>{event.hint.source}</code>}
          <a class="link" href={event.hint.link} target="_blank" rel="noreferrer">
            {event.hint.link}
          </a>
        </p>
      )}
    </div>
  );
}
