export class Far {}
export class Admin {}
export default { fetch: () => new Response("back") };
