import { AlarmClock, AlarmClockOff, Play } from "lucide";
import { useState } from "preact/hooks";
import { api, page, result, type Alarm } from "../api/client";
import { frozen, now } from "../live/clock";
import { useResource } from "../live/resource";
import { counted } from "../logic/size";
import { dateTime, editable, parseTime } from "../logic/time";
import { Command } from "../parts/copy";
import { Dialog } from "../parts/dialog";
import { Empty, Notice } from "../parts/empty";
import { Icon } from "../parts/icon";
import { classOf, titleOf } from "../parts/name";
import { Table, type TableColumn } from "../parts/table";
import { Countdown } from "../parts/time";
import { attempt } from "../parts/toast";
import { go, href, objectHref } from "../route";
import { cancel, fire } from "./object/state";

export function useAlarms() {
  return useResource("alarms", async () => (await page(api.GET("/api/v1/alarms"))).items, (event) => event.kind.startsWith("alarm") || ["delete", "restore"].includes(event.kind));
}

/** All alarms, in the order in which they are due. */
export function Alarms() {
  const { data, error, refresh } = useAlarms();
  const [moving, setMoving] = useState<Alarm>();
  const does = (what: (alarm: Alarm) => Promise<unknown>) => async (alarm: Alarm) => {
    await what(alarm);
    await refresh();
  };
  const fireNow = does((alarm) => fire(alarm, titleOf(alarm)));
  const cancelIt = does((alarm) => cancel(alarm, titleOf(alarm), alarm.at));

  const columns: TableColumn<Alarm>[] = [
    {
      title: "Object",
      width: "minmax(150px, 1.2fr)",
      narrow: "minmax(0, 1fr)",
      cell: (alarm) => (
        <a class="name" href={objectHref(alarm.namespace, alarm.object)} tabIndex={-1} title={alarm.name || alarm.object}>
          <span class="dim">{classOf(alarm.namespace)}</span> {titleOf(alarm)}
        </a>
      ),
    },
    { title: "Due in", width: "118px", narrow: "92px", cell: (alarm) => (alarm.running ? <span class="green">running</span> : <Countdown to={alarm.next} />) },
    { title: "At, in UTC", width: "158px", cell: (alarm) => <span class="dim">{dateTime(alarm.next)}</span> },
    {
      title: "Attempts",
      width: "minmax(90px, 1fr)",
      cell: (alarm) =>
        alarm.attempt === 0 ? (
          <span class="faint">first run</span>
        ) : (
          <span class="red" title={alarm.lastError}>
            {counted(alarm.attempt, "failure")}
            {alarm.lastError && `: ${alarm.lastError.split("\n", 1)[0]}`}
          </span>
        ),
    },
    {
      title: "Actions",
      width: "206px",
      narrow: "74px",
      align: "right",
      cell: (alarm) => (
        <div class="tools">
          <button type="button" class="button small" onClick={() => fireNow(alarm)} title="Run the handler now">
            <Icon of={Play} />
            Fire
          </button>
          <button type="button" class="button small wide" onClick={() => setMoving(alarm)}>
            Move
          </button>
          <button type="button" class="button small danger wide" onClick={() => cancelIt(alarm)}>
            Cancel
          </button>
        </div>
      ),
    },
  ];

  return (
    <div class="page full">
      {error && <Notice icon={AlarmClockOff} kind="red">{error}</Notice>}
      <section class="panel fill" aria-label="Alarms">
        {data && (
          <Table
            label="Alarms, by the time at which they are due"
            columns={columns}
            rows={data}
            keyOf={(alarm) => `${alarm.namespace} ${alarm.object}`}
            open={(alarm) => go(objectHref(alarm.namespace, alarm.object))}
            empty={
              <Empty icon={AlarmClock} title="No alarm is set">
                <p>An object sets one by ctx.storage.setAlarm(). From outside:</p>
                <Command>doemu alarm set NAMESPACE OBJECT +1h</Command>
              </Empty>
            }
          />
        )}
        {data && data.length > 0 && (
          <footer class="foot dim">
            {counted(data.length, "alarm")}
            {frozen.value && (
              <span>
                The clock stands: <a class="link" href={href(["clock"])}>let time pass</a>
              </span>
            )}
          </footer>
        )}
      </section>
      {moving && <Move alarm={moving} close={() => (setMoving(undefined), refresh())} />}
    </div>
  );
}

function Move({ alarm, close }: { alarm: Alarm; close: () => void }) {
  const [text, setText] = useState(editable(alarm.at));
  const at = parseTime(text, now.value);
  const move = async (event: Event) => {
    event.preventDefault();
    if (at === undefined) return;
    const done = await attempt(
      () => result(api.PUT("/api/v1/namespaces/{namespace}/objects/{object}/alarm", { params: { path: alarm }, body: { at: new Date(at).toISOString() } })),
      `The alarm of ${titleOf(alarm)} is due at ${dateTime(at)}`,
    );
    if (done) close();
  };
  return (
    <Dialog title="Move the alarm" close={close}>
      <form onSubmit={move}>
        <div class="body">
          <h1>Move the alarm of {titleOf(alarm)}</h1>
          <label class="labelled">
            Time in UTC, or as +90s, +1h 30m
            <input class="field" autofocus value={text} aria-invalid={at === undefined} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <p class="dim">{at === undefined ? "This is not a time." : `${dateTime(at)} UTC`}</p>
        </div>
        <footer>
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={at === undefined}>
            Move
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
