import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject<Env> {}
export class Old extends DurableObject<Env> {}
export default { async fetch() { return new Response("x"); } };
