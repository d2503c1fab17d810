import { ScrollText } from "lucide";
import { api, page } from "../../api/client";
import { events } from "../../live/journal";
import { useResource } from "../../live/resource";
import { mergeEvents } from "../../logic/events";
import { Empty } from "../../parts/empty";
import { EventLine } from "../../parts/event";
import { isOf } from "../../parts/name";
import { EventList } from "../../parts/eventlist";
import { useObject } from "./object";

/** What doemu remembers of an object, and what happens to it. */
function useEvents() {
  const { object } = useObject();
  const { data } = useResource(`events ${object.namespace} ${object.id}`, async () =>
    (await page(api.GET("/api/v1/journal", { params: { query: { namespace: object.namespace, object: object.id, last: 2_000 } } }))).items,
  );
  const live = events.value.filter((event) => isOf(event, object.namespace, object));
  return data ? mergeEvents(data, live) : live;
}

export function ObjectEvents({ last }: { last: number }) {
  const all = useEvents();
  if (all.length === 0) {
    return (
      <Empty icon={ScrollText} title="Nothing since doemu started">
        <p>The journal is of this run. Its storage is from before.</p>
      </Empty>
    );
  }
  return (
    <ul class="events">
      {all
        .slice(-last)
        .reverse()
        .map((event) => (
          <li key={event.seq}>
            <EventLine of={event} within />
          </li>
        ))}
    </ul>
  );
}

export function Timeline() {
  const all = useEvents();
  return <EventList events={all} within label="Events of the object" empty={<Empty icon={ScrollText} title="Nothing since doemu started" />} />;
}
