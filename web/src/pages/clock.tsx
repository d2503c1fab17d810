import { AlarmClock, CirclePlay, FastForward, History, Hourglass, SkipForward, Snowflake } from "lucide";
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { api, result, type Clock, type Due, type Passed } from "../api/client";
import { clock, frozen, now, showClock } from "../live/clock";
import { count, counted } from "../logic/size";
import { day, hour, minute, parseSpan, parseTime, second, span, timeOfDay, dateTime } from "../logic/time";
import { Empty } from "../parts/empty";
import { Icon } from "../parts/icon";
import { classOf, titleOf } from "../parts/name";
import { Countdown } from "../parts/time";
import { attempt } from "../parts/toast";
import { href, objectHref } from "../route";
import { useAlarms } from "./alarms";

/** What happened whenever time was made to pass from this page, the newest first. */
const passages = signal<{ what: string; passed: Passed }[]>([]);
const keptPassages = 20;

const busy = signal(false);

async function pass(what: string, does: () => Promise<Passed>): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  const passed = await attempt(does);
  busy.value = false;
  if (!passed) return;
  showClock(passed);
  passages.value = [{ what, passed }, ...passages.value].slice(0, keptPassages);
}

async function turn(does: () => Promise<Clock>, done: string): Promise<void> {
  const clock = await attempt(does, done);
  if (clock) showClock(clock);
}

export const freeze = () => turn(() => result(api.POST("/api/v1/clock/freeze")), "The clock stands");
export const resume = () => turn(() => result(api.POST("/api/v1/clock/resume")), "The clock runs on");
export const advance = (ms: number) => pass(`Advance ${span(ms)}`, () => result(api.POST("/api/v1/clock/advance", { body: { ms } })));
export const next = () => pass("To what is due next", () => result(api.POST("/api/v1/clock/next")));
const set = (at: number) => pass(`Set to ${dateTime(at)}`, () => result(api.POST("/api/v1/clock/set", { body: { at: new Date(at).toISOString() } })));

/** The emulator's clock: it can be stopped, moved, and made to jump. */
export function ClockPage() {
  return (
    <div class="page">
      <div class="columns">
        <div class="stack gap">
          <Face />
          <Ahead />
        </div>
        <Passages />
      </div>
    </div>
  );
}

const steps = [second, 10 * second, minute, 10 * minute, hour, day, 7 * day];

function Face() {
  const at = new Date(now.value).toISOString();
  const [text, setText] = useState("");
  const ms = parseSpan(text);
  const [to, setTo] = useState("");
  const moment = parseTime(to, now.value);
  return (
    <section class="panel" aria-labelledby="time">
      <header>
        <h2 id="time">The emulator's clock</h2>
        <span class={frozen.value ? "tag accent" : "tag"}>{frozen.value ? "stands" : "runs"}</span>
        <div class="side">
          {frozen.value ? (
            <button type="button" class="button small" onClick={resume}>
              <Icon of={CirclePlay} />
              Resume
            </button>
          ) : (
            <button type="button" class="button small" onClick={freeze}>
              <Icon of={Snowflake} />
              Freeze
            </button>
          )}
        </div>
      </header>
      <div class="body face">
        <div>
          <div class="time">
            {at.slice(11, 19)}
            <small>{frozen.value ? at.slice(19, 23) : ""}</small>
          </div>
          <div class="dim">{at.slice(0, 10)} UTC</div>
        </div>
      </div>
      <div class="body stack ruled">
        <h3>Let time pass</h3>
        <div class="bar">
          {steps.map((step) => (
            <button key={step} type="button" class="button small" disabled={busy.value} onClick={() => advance(step)}>
              +{span(step)}
            </button>
          ))}
        </div>
        <form class="bar" onSubmit={(event) => (event.preventDefault(), ms !== undefined && void advance(ms))}>
          <input class="field span" aria-label="Span of time" placeholder="1h 30m" value={text} aria-invalid={text !== "" && ms === undefined} onInput={(event) => setText(event.currentTarget.value)} />
          <button type="submit" class="button small" disabled={ms === undefined || busy.value}>
            <Icon of={FastForward} />
            Advance
          </button>
          <button type="button" class="button small" disabled={busy.value || !clock.value?.next} onClick={next}>
            <Icon of={SkipForward} />
            To what is due next
          </button>
        </form>
        <p class="faint">All that falls due is done in its order, each thing at its own time.</p>
      </div>
      <form class="body stack ruled" onSubmit={(event) => (event.preventDefault(), moment !== undefined && void set(moment))}>
        <h3>Set it</h3>
        <div class="bar">
          <input class="field span" aria-label="Time in UTC" placeholder="2027-01-01 08:00" value={to} aria-invalid={to !== "" && moment === undefined} onInput={(event) => setTo(event.currentTarget.value)} />
          <button type="submit" class="button small" disabled={moment === undefined || busy.value}>
            Set
          </button>
          <span class="dim">{moment !== undefined && `${dateTime(moment)} UTC`}</span>
        </div>
        <p class="faint">The time between is passed over: what is overdue then runs at the new time.</p>
      </form>
    </section>
  );
}

function Ahead() {
  const { data } = useAlarms();
  const due = clock.value?.next;
  const most = 8;
  return (
    <section class="panel" aria-labelledby="ahead">
      <header>
        <h2 id="ahead">Ahead</h2>
        {clock.value && <span class="dim">{counted(clock.value.waiting, "thing waits for its time", "things wait for their time")}</span>}
        <a class="button plain small side" href={href(["alarms"])}>
          All alarms
        </a>
      </header>
      {!due && data?.length === 0 ? (
        <Empty icon={Hourglass} title="Nothing waits for its time">
          <p>Alarms, timers and the eviction of idle objects appear here.</p>
        </Empty>
      ) : (
        <ul class="events">
          {due && (
            <li class="event">
              <span class="until">
                <Countdown to={due.at} />
              </span>
              <span class="kind">{due.kind}</span>
              <DueOf of={due} />
              <span class="tag accent">next</span>
            </li>
          )}
          {data
            ?.filter((alarm) => !((due?.kind === "alarm" || due?.kind === "retry") && due.object === alarm.object))
            .slice(0, most)
            .map((alarm) => (
              <li key={`${alarm.namespace} ${alarm.object}`} class="event">
                <span class="until">
                  <Countdown to={alarm.next} />
                </span>
                <span class="kind">{alarm.attempt > 0 ? "retry" : "alarm"}</span>
                <DueOf of={alarm} />
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}

function DueOf({ of: due }: { of: Partial<Due> }) {
  if (!due.namespace || !due.object) return <span class="grow cut dim">{due.detail ?? due.worker}</span>;
  return (
    <span class="grow cut">
      <a href={objectHref(due.namespace, due.object)}>
        <span class="dim">{classOf(due.namespace)}</span> {titleOf(due)}
      </a>{" "}
      <span class="dim">{due.detail}</span>
    </span>
  );
}

const mostRan = 100;

function Passages() {
  return (
    <section class="panel" aria-labelledby="ran" aria-live="polite">
      <header>
        <h2 id="ran">What ran</h2>
      </header>
      {passages.value.length === 0 ? (
        <Empty icon={History} title="Time has not been moved from here">
          <p>When you advance the clock, what fell due is listed here, in its order.</p>
        </Empty>
      ) : (
        passages.value.map(({ what, passed }, n) => (
          <div key={passages.value.length - n} class="passage">
            <div class="bar tight">
              <strong class="grow">{what}</strong>
              <span class="dim">{passed.count === 0 ? "nothing was due" : counted(passed.count, "thing was done", "things were done")}</span>
            </div>
            <div class="dim small">
              {dateTime(passed.from)} → {dateTime(passed.to)} UTC
            </div>
            {passed.pending.length > 0 && <p class="amber">Outside had not ended: {passed.pending.join(", ")}</p>}
            <ul>
              {passed.ran.slice(0, mostRan).map((due, at) => (
                <li key={at} class="event flat">
                  <span class="mono faint">{timeOfDay(due.at)}</span>
                  <span class="kind">
                    <Icon of={due.kind === "alarm" || due.kind === "retry" ? AlarmClock : Hourglass} /> {due.kind}
                  </span>
                  <DueOf of={due} />
                </li>
              ))}
              {passed.count > Math.min(passed.ran.length, mostRan) && <li class="dim">and {count(passed.count - Math.min(passed.ran.length, mostRan))} more</li>}
            </ul>
          </div>
        ))
      )}
    </section>
  );
}
