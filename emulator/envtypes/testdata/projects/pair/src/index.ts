export * from "./starred";
export class Mine {}
export default { fetch: () => new Response("front") };
