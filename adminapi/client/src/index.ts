/** doemu runs Cloudflare Workers with Durable Objects on this machine; this is its API for Node. */
export { type Admin, createAdmin, type Schemas } from "./admin.js";
export type { Endpoint } from "./api.js";
export { Clock, type ClockStatus, type Moment, type Passage, type Span } from "./clock.js";
export { type Doemu, type DoemuOptions, startDoemu } from "./doemu.js";
export { AdminError, DoemuError } from "./errors.js";
export type { ProgramRequestInit, ProgramResponse } from "./fetch.js";
export { DurableObjectId } from "./ids.js";
export type { paths } from "./openapi.js";
export type { LogLine } from "./process.js";
export type { Project, ProjectWorker, WorkerExport } from "./project.js";
export type { DurableObjectNamespace, DurableObjectStub, Stub } from "./stub.js";
export { ClientSocket, type SocketClose, type SocketData, type SocketEvents } from "./websocket.js";
export { Faults, type FaultRule, type JournalEvent, type JournalFilter, type Snapshot, World, type WorldOptions } from "./world.js";
