package config

import "encoding/json"

// Project is what a Worker's configuration says, with all defaults, the chosen
// environment and the variables resolved. It is not changed after Load. All
// paths are absolute.
type Project struct {
	// Name is the Worker's name, with the environment as a suffix; "worker" if
	// the file has none. It is part of where Durable Objects are stored.
	Name string
	// Env is the chosen environment, or "".
	Env string
	// Environments are the names of those that the file has, in its order.
	Environments []string
	// ConfigPath is the file that was read, or "". UserConfigPath is the one
	// the user wrote, which differs where a build tool has generated another.
	ConfigPath     string
	UserConfigPath string
	// Dir is what the paths of the file are relative to.
	Dir string
	// Root is the directory in which packages and aliases are resolved.
	Root string
	// WorkDir is Options.WorkDir; messages name files as seen from it.
	WorkDir string
	// StateDir is where wrangler keeps local state: .wrangler/state beside the
	// configuration, without the "v3".
	StateDir string
	// Main is the entry point, or "" in a project of assets only.
	Main string
	// BaseDir is the directory that names of additional modules are relative
	// to: base_dir, or the directory of Main.
	BaseDir string

	CompatibilityDate  string
	CompatibilityFlags []string
	// Flags are the compatibility flags that date and flags enable.
	Flags Flags

	// Vars are the plain, JSON and secret variables, in the order in which the
	// files have them.
	Vars []Var
	// Secrets are the names of the secrets: those that secrets.required lists or,
	// where the file has no secrets, those of .dev.vars or .env, in their order.
	Secrets []string
	// DurableObjects are the bindings to Durable Object namespaces.
	DurableObjects []DurableObject
	// Classes are the Durable Object classes that this Worker implements: those
	// bound, then those only declared in migrations or exports.
	Classes []Class
	// Declared are the names of the classes that migrations and exports declare,
	// in their order.
	Declared []string
	// Migrations and Exports are the two ways to declare classes, as written.
	Migrations []Migration
	Exports    []Export
	// Services are the bindings to other Workers.
	Services []Service
	// TailConsumers are the names of the Workers that get to see this one's events.
	TailConsumers []string
	// Assets is nil where no static assets are configured.
	Assets *Assets
	// VersionMetadata is the name of the version metadata binding, or "".
	VersionMetadata string
	// Unsupported are the bindings of all other kinds.
	Unsupported []Binding
	// Unserved are settings that add nothing to env but that a Worker may rely
	// on, such as queue consumers: Kind and Noun, and Name where there is one.
	Unserved []Binding

	// Crons are the cron expressions of triggers.crons.
	Crons  []string
	Routes []Route
	Limits Limits
	Dev    Dev

	Bundle Bundle
	Build  Build

	// Files are all files that were read or looked for: the configuration,
	// .dev.vars, .env and their variants. A change of any of them, or one that
	// appears, calls for a new Load.
	Files []string
}

// VarKind says where a variable comes from and how it is shown.
type VarKind uint8

// The kinds of variables. Secrets come from .dev.vars, .env or the process and
// are hidden where bindings are listed.
const (
	PlainText VarKind = iota
	JSON
	Secret
)

// Var is an environment variable. Value is JSON; for PlainText and Secret it is
// a JSON string, for which Text has the string itself.
//
// https://developers.cloudflare.com/workers/configuration/environment-variables/
type Var struct {
	Name  string
	Kind  VarKind
	Text  string
	Value json.RawMessage
}

// DurableObject is a binding to a Durable Object namespace. ScriptName is ""
// where this Worker implements the class.
//
// https://developers.cloudflare.com/durable-objects/reference/environments/
type DurableObject struct {
	Name        string
	ClassName   string
	ScriptName  string
	Environment string
	// UniqueKey identifies the namespace: "<Worker>-<Class>". Ids and the place
	// of the state are derived from it.
	UniqueKey string
	// SQLite is false where another Worker implements the class.
	SQLite bool
}

// Class is a Durable Object class that this Worker implements.
type Class struct {
	Name      string
	UniqueKey string
	// SQLite allows ctx.storage.sql.
	SQLite bool
	// Declared is false where neither migrations nor exports name the class.
	Declared bool
	// Bindings are the names under which the Worker's env has the namespace.
	Bindings []string
	// Pos is where the file names the class.
	Pos Position
}

// Migration is one step of the migrations.
//
// https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
type Migration struct {
	Tag                string
	NewClasses         []string
	NewSQLiteClasses   []string
	RenamedClasses     []Rename
	DeletedClasses     []string
	TransferredClasses []Transfer
}

// Rename is a class that got another name.
type Rename struct{ From, To string }

// Transfer is a class that came from another Worker.
type Transfer struct{ From, FromScript, To string }

// Export is one entry of exports. Type is "durable-object", "worker" or "workflow", State
// "created" where the file leaves it out.
type Export struct {
	Name          string
	Type          string
	State         string
	Storage       string
	RenamedTo     string
	TransferredTo string
	TransferFrom  string
	Container     string
}

// Service is a binding to another Worker, or to another entry point of this
// one.
//
// https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
type Service struct {
	Name        string
	Service     string
	Environment string
	Entrypoint  string
	Props       json.RawMessage
	// Remote asks for the deployed Worker, which doemu cannot reach.
	Remote bool
}

// Binding is a binding that only its kind and name are known of. Kind is the
// field of the file, such as "kv_namespaces"; Noun is wrangler's word for it,
// such as "KV Namespace".
type Binding struct {
	Kind string
	Noun string
	Name string
	Pos  Position
}

// Assets are static files.
//
// https://developers.cloudflare.com/workers/static-assets/
type Assets struct {
	// Directory is "" where the file names none, which a build tool does later.
	Directory        string
	Binding          string
	HTMLHandling     string
	NotFoundHandling string
	// RunWorkerFirst is set by true; RunWorkerFirstRules by a list of patterns.
	RunWorkerFirst      bool
	RunWorkerFirstRules []string
	// Pos is where the file has them.
	Pos Position
}

// Route is a pattern of URLs. The first one's host appears in request URLs.
type Route struct {
	Pattern      string
	ZoneName     string
	ZoneID       string
	CustomDomain bool
}

// Limits are the limits of the file, 0 where it sets none.
type Limits struct {
	CPUMillis   float64
	Subrequests float64
}

// Dev are the settings of the development server. Port is 0 where the file has
// none, InspectorPort likewise.
type Dev struct {
	IP               string
	Port             int
	InspectorIP      string
	InspectorPort    int
	LocalProtocol    string
	UpstreamProtocol string
	Host             string
}

// ModuleType is the type of a module rule.
type ModuleType string

// The types of modules.
const (
	ESModule     ModuleType = "ESModule"
	CommonJS     ModuleType = "CommonJS"
	CompiledWasm ModuleType = "CompiledWasm"
	Text         ModuleType = "Text"
	Data         ModuleType = "Data"
)

// Rule says how files that match one of its globs are imported. Fallthrough is
// nil where the file leaves it out.
type Rule struct {
	Type        ModuleType
	Globs       []string
	Fallthrough *bool
}

// Bundle are the settings for bundling.
//
// https://developers.cloudflare.com/workers/wrangler/bundling/
type Bundle struct {
	NoBundle              bool
	FindAdditionalModules bool
	PreserveFileNames     bool
	Minify                bool
	KeepNames             bool
	Rules                 []Rule
	Alias                 map[string]string
	Define                map[string]string
	TSConfig              string
	JSXFactory            string
	JSXFragment           string
	// TextBlobs, DataBlobs and WasmModules are global bindings of Workers in
	// the service-worker format: name to path.
	TextBlobs   map[string]string
	DataBlobs   map[string]string
	WasmModules map[string]string
	// Conditions and Platform override esbuild's, from WRANGLER_BUILD_CONDITIONS
	// and WRANGLER_BUILD_PLATFORM. Conditions is nil where it is not set.
	Conditions []string
	Platform   string
	// NodeEnv is the NODE_ENV to define, "development" by default.
	NodeEnv string
}

// Build is a command that makes the entry point. Command is "" where there is
// none.
//
// https://developers.cloudflare.com/workers/wrangler/custom-builds/
type Build struct {
	Command   string
	Dir       string
	WatchDirs []string
	// Environ is the environment of the command, in the form "KEY=value".
	Environ []string
}
