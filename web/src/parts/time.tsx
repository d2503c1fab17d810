import { now, nowSecond } from "../live/clock";
import { countdown, dateTime, relative } from "../logic/time";

/** How long ago something was, or how far ahead it is, by the emulator's clock. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={dateTime(at) + " UTC"}>
      {relative(Date.parse(at), nowSecond.value)}
    </time>
  );
}

/** How long it is until something is due, by the emulator's clock. */
export function Countdown({ to }: { to: string }) {
  return (
    <time dateTime={to} title={dateTime(to) + " UTC"} class="countdown" role="timer" aria-live="off">
      {countdown(Date.parse(to) - now.value)}
    </time>
  );
}
