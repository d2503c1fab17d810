import type { JournalEvent } from "../api/client";
import { severityOf } from "../logic/events";
import { span, timeOfDay } from "../logic/time";
import { objectHref } from "../route";
import { classOf, titleOf } from "./name";

/** An event in one line; within an object's own page without the object. */
export function EventLine({ of: event, within }: { of: JournalEvent; within?: boolean }) {
  const severity = severityOf(event);
  return (
    <div class={`event ${severity}`}>
      <time class="mono faint" dateTime={event.time} title={`${event.time}, number ${event.seq}`}>
        {timeOfDay(event.time)}
      </time>
      <span class="kind">{event.kind}</span>
      {!within && event.namespace && event.object && (
        <a class="of cut" href={objectHref(event.namespace, event.object)} tabIndex={-1} title={`${event.namespace} ${event.name ?? event.object}`}>
          <span class="dim">{classOf(event.namespace)}</span> {titleOf(event)}
        </a>
      )}
      <span class="detail mono cut">
        {event.detail}
        {event.error && <span class="red"> {event.error.split("\n", 1)[0]}</span>}
      </span>
      {event.status !== undefined && <span class={event.status >= 500 ? "mono red" : event.status >= 400 ? "mono amber" : "mono dim"}>{event.status}</span>}
      {event.duration !== undefined && <span class="mono faint took">{span(event.duration)}</span>}
    </div>
  );
}
