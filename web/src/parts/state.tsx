import type { Namespace, State } from "../api/client";
import { count } from "../logic/size";

export const stateTitles: Record<State, { title: string; means: string }> = {
  active: { title: "Active", means: "In memory, with something to do" },
  idle: { title: "Idle", means: "In memory, with nothing to do" },
  hibernated: { title: "Hibernated", means: "Out of memory; its WebSockets stay connected" },
  evicted: { title: "Evicted", means: "Out of memory; its storage is kept" },
};

export const allStates = Object.keys(stateTitles) as State[];

/** The state of an object. */
export function StateMark({ of }: { of: State }) {
  return (
    <span class={`state ${of}`} title={stateTitles[of].means}>
      <i aria-hidden="true" />
      {stateTitles[of].title}
    </span>
  );
}

/** How many objects of a namespace are in each state, as a line of as many parts. */
export function StatesBar({ of }: { of: Namespace }) {
  const text = allStates.map((state) => `${count(of.states[state])} ${state}`).join(", ");
  return (
    <div class="states" role="img" aria-label={text} title={text}>
      {allStates.map((state) => of.states[state] > 0 && <span key={state} class={state} style={{ flex: of.states[state] }} />)}
    </div>
  );
}
