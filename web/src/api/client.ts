import createClient from "openapi-fetch";
import { signal } from "@preact/signals";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Alarm = Schemas["Alarm"];
export type Clock = Schemas["Clock"];
export type Column = Schemas["Column"];
export type Comparison = Schemas["Comparison"];
export type Due = Schemas["Due"];
export type Entry = Schemas["Entry"];
export type Facet = Schemas["Facet"];
export type FaultRule = Schemas["ActiveRule"];
export type Info = Schemas["Info"];
export type JournalEvent = Schemas["Event"];
export type Namespace = Schemas["Namespace"];
export type ObjectInfo = Schemas["Object"];
export type ObjectChange = Schemas["ObjectChange"];
export type Passed = Schemas["Passed"];
export type Rows = Schemas["Rows"];
export type SnapshotSummary = Schemas["SnapshotSummary"];
export type SocketInfo = Schemas["Socket"];
export type State = ObjectInfo["state"];
export type Table = Schemas["Table"];
export type Thrown = Schemas["Thrown"];
export type Value = Schemas["Value"];
export type WholeObject = Schemas["WholeObject"];
export type WorkerInfo = Schemas["Worker"];

/** Where the page is, which is where the API is: also below a path, as that of a world. */
export const base = new URL(".", location.href).pathname.replace(/\/$/, "");

const kept = "doemu.token";

/** The token that doemu was started with, as long as the tab lives; "" for none. */
export const token = signal(sessionStorage.getItem(kept) ?? "");

/** Whether doemu asks for a token, or for another one. */
export const denied = signal(false);

export function useToken(text: string): void {
  sessionStorage.setItem(kept, text);
  token.value = text;
  denied.value = false;
}

/** The headers that each request brings. */
export function headers(): Record<string, string> {
  return token.value === "" ? {} : { Authorization: `Bearer ${token.value}` };
}

export const api = createClient<paths>({ baseUrl: base });

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers())) request.headers.set(name, value);
    return request;
  },
  onResponse({ response }) {
    if (response.status === 401) denied.value = true;
  },
});

/** What the API answers when something cannot be done: a message for people, and what a program threw. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly thrown?: Thrown,
  ) {
    super(message);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer of a call, or the error that it says. A doemu that does not answer is an error too. */
async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("doemu does not answer. Is it still running?", 0);
  }
  if (got.data !== undefined) return got.data;
  const told = (got.error as { errors?: Schemas["ApiError"][] } | undefined)?.errors?.[0];
  throw new ApiError(told?.message ?? `doemu answered ${got.response.status} ${got.response.statusText}`, got.response.status, told?.thrown);
}

/** The result of a call. */
export async function result<T>(call: Promise<Answer<{ result: T }>>): Promise<T> {
  return (await answer(call)).result;
}

export interface Page<T> {
  items: T[];
  /** Gives the next page; "" at the end. */
  cursor: string;
}

/** A page of a list. */
export async function page<T>(call: Promise<Answer<{ result: T[]; result_info: { cursor: string } }>>): Promise<Page<T>> {
  const { result, result_info } = await answer(call);
  return { items: result, cursor: result_info.cursor };
}

/** What an error says to a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
