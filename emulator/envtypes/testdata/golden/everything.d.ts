/* eslint-disable */
interface __BaseEnv_Env {
	EXTRA?: "1";
	SECRET: string;
	GREETING: string;
	ROOM: DurableObjectNamespace<import("./src/index").Room>;
	KV?: KVNamespace;
	BUCKET?: R2Bucket;
	DB?: D1Database;
	HD?: Hyperdrive;
	AE?: AnalyticsEngineDataset;
	QUEUE?: Queue;
	AI?: Ai;
	VERSION?: WorkerVersionMetadata;
	COUNT?: 5;
	ON?: true;
	CONF?: {"a":[1,"x",null],"b-c":{"d":false}};
	LIST?: ["a","b"];
	NOTHING?: null;
	"with-dash"?: "v";
	"OLD-ONE"?: DurableObjectNamespace<import("./src/index").Old>;
	OTHER?: DurableObjectNamespace /* Thing from other-worker */;
	API?: Fetcher /* api */;
	SELF?: Service /* entrypoint Admin from my-app */;
}
declare namespace Cloudflare {
	interface GlobalProps {
		mainModule: typeof import("./src/index");
		durableNamespaces: "Room" | "Old";
	}
	interface StagingEnv {
		EXTRA: "1";
		SECRET: string;
		GREETING: string;
		ROOM: DurableObjectNamespace<import("./src/index").Room>;
	}
	interface Env extends __BaseEnv_Env {}
}
interface Env extends __BaseEnv_Env {}
type StringifyValues<EnvType extends Record<string, unknown>> = {
	[Binding in keyof EnvType]: EnvType[Binding] extends string ? EnvType[Binding] : string;
};
declare namespace NodeJS {
	interface ProcessEnv extends StringifyValues<Pick<Cloudflare.Env, "EXTRA" | "SECRET" | "GREETING" | "COUNT" | "ON" | "CONF" | "LIST" | "NOTHING" | "with-dash">> {}
}
declare module "*.txt" {
	const value: string;
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
declare module "*.bin" {
	const value: ArrayBuffer;
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
