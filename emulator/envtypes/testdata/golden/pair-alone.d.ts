/* eslint-disable */
interface __BaseEnv_Env {
	GREETING: string;
	MIXED: (boolean|number|object|string)[];
	EMPTY: unknown[];
	QUOTE: string;
	TOKEN: string;
	FAR: DurableObjectNamespace /* Far from back */;
	STARRED: DurableObjectNamespace /* Starred */;
	BACK: Fetcher /* back */;
	ADMIN: Service /* entrypoint Admin from back */;
	ME: Service<typeof import("./src/index").default>;
	MINE: Service<typeof import("./src/index").Mine>;
}
declare namespace Cloudflare {
	interface GlobalProps {
		mainModule: typeof import("./src/index");
		durableNamespaces: "Starred";
	}
	interface Env extends __BaseEnv_Env {}
}
interface Env extends __BaseEnv_Env {}
type StringifyValues<EnvType extends Record<string, unknown>> = {
	[Binding in keyof EnvType]: EnvType[Binding] extends string ? EnvType[Binding] : string;
};
declare namespace NodeJS {
	interface ProcessEnv extends StringifyValues<Pick<Cloudflare.Env, "GREETING" | "MIXED" | "EMPTY" | "QUOTE" | "TOKEN">> {}
}
declare module "*.md" {
	const value: string;
	export default value;
}
declare module "*.txt" {
	const value: ArrayBuffer;
	export default value;
}
declare module "*.html" {
	const value: string;
	export default value;
}
declare module "*.sql" {
	const value: string;
	export default value;
}
declare module "*.wasm" {
	const value: WebAssembly.Module;
	export default value;
}
declare module "*.wasm?module" {
	const value: WebAssembly.Module;
	export default value;
}
