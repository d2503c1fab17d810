package config

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// resolve checks the parsed file and makes the project of it.
func (l *loader) resolve(d *Diagnostics, raw *value) (*Project, error) {
	shown := "wrangler"
	if l.configPath != "" {
		shown = relative(l.WorkDir, l.configPath)
	}
	d.Description = fmt.Sprintf("Processing %s configuration:", shown)
	redirected := l.configPath != l.userConfigPath
	if target := raw.get("targetEnvironment").str(); redirected && l.Env != "" && target != "" && target != l.Env {
		via := "via the CLOUDFLARE_ENV environment variable"
		if l.Options.Env != "" && l.process["CLOUDFLARE_ENV"] != l.Options.Env {
			via = "via the `--env/-e` CLI argument"
		}
		return nil, &Error{Text: fmt.Sprintf("You have specified the environment \"%[1]s\" %[2]s.\n"+
			"This does not match the target environment \"%[3]s\" that was used when building the application.\n"+
			"Perhaps you need to re-run the custom build of the project with \"%[1]s\" as the selected environment?", l.Env, via, target)}
	}
	env := selectEnvironment(d, raw, l.Env, l.configPath, redirected)
	if d.HasErrors() {
		return nil, &Error{Text: d.ErrorText()}
	}

	p := &Project{
		Env:            l.Env,
		Environments:   raw.get("env").names(),
		ConfigPath:     l.configPath,
		UserConfigPath: l.userConfigPath,
		Dir:            l.varsDir(),
		Root:           l.leaf,
		WorkDir:        l.WorkDir,
		Name:           firstOf(l.Name, env["name"].str(), "worker"),
	}
	if l.userConfigPath != "" {
		p.Root = filepath.Dir(l.userConfigPath)
	}
	if err := l.resolveEntry(d, p, env, raw); err != nil {
		return nil, err
	}
	p.StateDir = filepath.Join(p.Root, ".wrangler", "state")
	if err := l.resolveFlags(d, p, env); err != nil {
		return nil, err
	}
	if err := resolveClasses(p, env); err != nil {
		return nil, err
	}
	var err error
	if p.Vars, p.Secrets, err = l.resolveVars(d, env); err != nil {
		return nil, err
	}
	resolveLifecycle(p, env)
	resolveServices(p, env)
	resolveSettings(p, env, raw)
	p.VersionMetadata = env["version_metadata"].get("binding").str()
	p.Unsupported = unsupported(env)
	p.Unserved = unserved(env, raw)
	l.resolveBundle(p, env, raw)
	p.Files = l.files
	return p, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// resolveEntry finds the entry point and the assets.
func (l *loader) resolveEntry(d *Diagnostics, p *Project, env environment, raw *value) error {
	if assets := env["assets"]; assets.is(objectKind) || l.AssetsDir != "" {
		p.Assets = &Assets{
			Directory:        assets.get("directory").str(),
			Binding:          assets.get("binding").str(),
			HTMLHandling:     firstOf(assets.get("html_handling").str(), "auto-trailing-slash"),
			NotFoundHandling: firstOf(assets.get("not_found_handling").str(), "none"),
		}
		first := assets.get("run_worker_first")
		p.Assets.RunWorkerFirst = first.truth(false)
		p.Assets.RunWorkerFirstRules = first.strings()
		switch {
		case l.AssetsDir != "":
			p.Assets.Directory = resolvePath(l.WorkDir, l.AssetsDir)
		case p.Assets.Directory == "":
			// wrangler refuses it, but for projects of the Vite plugin, which puts the directory in when it builds.
			d.Alone = append(d.Alone, Message{Text: "The `assets` property in your configuration is missing the required `directory` property.\n" +
				"No assets are served. If a build tool such as the Vite plugin fills it in, this is as it should be; otherwise add it: `wrangler deploy` refuses the file as it is.", Pos: placeOf(assets)})
		default:
			p.Assets.Directory = resolvePath(p.Dir, p.Assets.Directory)
		}
		p.Assets.Pos = placeOf(env["assets"])
	}
	switch {
	case l.script != "":
		p.Main = l.script
		if l.userConfigPath == "" {
			p.Root, p.Dir = l.WorkDir, l.WorkDir
		}
	case env["main"].str() != "":
		p.Main = resolvePath(p.Dir, env["main"].text)
	case raw.get("site").get("entry-point").str() != "":
		p.Main = resolvePath(p.Dir, raw.get("site").get("entry-point").text)
	case p.Assets != nil:
		if p.Assets.Binding != "" {
			return &Error{Text: "Cannot use assets with a binding in an assets-only Worker.\n" +
				"Please remove the asset binding from your configuration file, or provide a Worker script in your configuration file (`main`)."}
		}
		if p.Assets.RunWorkerFirst || len(p.Assets.RunWorkerFirstRules) > 0 {
			return &Error{Text: "Cannot set run_worker_first without a Worker script.\n" +
				"Please remove run_worker_first from your configuration file, or provide a Worker script in your configuration file (`main`)."}
		}
	default:
		return l.missingEntry(env)
	}
	if p.Main != "" && strings.HasSuffix(p.Main, ".py") {
		return &Error{Text: "The Worker is written in Python, which doemu does not run.", Pos: placeOf(env["main"]),
			Hint: "Only Workers in JavaScript or TypeScript run here."}
	}
	p.BaseDir = filepath.Dir(p.Main)
	if base := env["base_dir"].str(); base != "" {
		p.BaseDir = resolvePath(p.Dir, base)
	}
	return nil
}

func (l *loader) missingEntry(env environment) error {
	add := func(extra field) string {
		where := `create a "wrangler.jsonc" file containing:`
		if l.configPath != "" {
			where = fmt.Sprintf("add the following to your \"%s\" file:", configFileName(l.configPath))
		}
		var fields []field
		text := func(s string) *value { return &value{kind: stringKind, text: s} }
		if env["name"] == nil {
			fields = append(fields, field{name: "name", value: text("worker-name")})
		}
		if env["compatibility_date"] == nil {
			fields = append(fields, field{name: "compatibility_date", value: text(LatestCompatibilityDate)})
		}
		return where + "\n\n```\n" + strings.TrimRight(snippet(l.configPath, true, append(fields, extra)...), "\n") + "\n```\n"
	}
	main := field{name: "main", value: &value{kind: stringKind, text: "src/index.ts"}}
	return &Error{Text: "Missing entry-point to Worker script or to assets directory\n\n" +
		"If there is code to deploy, you can either:\n" +
		"- Specify an entry-point to your Worker script via the command line (ex: `doemu dev src/index.ts`)\n" +
		"- Or " + add(main) + "\n\n" +
		"A directory of assets alone is not served by doemu yet.\n"}
}

// resolveFlags computes the compatibility date and flags.
func (l *loader) resolveFlags(d *Diagnostics, p *Project, env environment) error {
	date := firstOf(l.CompatibilityDate, env["compatibility_date"].str())
	where := placeOf(env["compatibility_date"])
	today := l.Now.UTC().Format(time.DateOnly)
	newest := min(today, LatestCompatibilityDate)
	switch {
	case date == "" && l.configPath != "":
		added := field{name: "compatibility_date", value: &value{kind: stringKind, text: newest}}
		d.Alone = append(d.Alone, Message{Text: fmt.Sprintf("No compatibility_date was specified. Using the default compatibility date: %[1]s.\n"+
			"❯❯ Add one to your %[2]s file: %[3]s, or\n"+
			"❯❯ Pass it in your terminal: doemu dev [<SCRIPT>] --compatibility-date=%[1]s\n\n"+
			"See https://developers.cloudflare.com/workers/platform/compatibility-dates/ for more information.",
			newest, configFileName(l.configPath), strings.TrimSpace(snippet(l.configPath, false, added)))})
		date = newest
	case date == "":
		date = newest
	case !isDate(date):
		return &Error{Text: fmt.Sprintf(`"compatibility_date" field should be a valid ISO-8601 date (YYYY-MM-DD), but got %s.`, quote(date)), Pos: where}
	case date > today:
		return &Error{Text: fmt.Sprintf(`Compatibility date "%s" is in the future and unsupported`, date), Pos: where}
	}
	effective := date
	if date > LatestCompatibilityDate {
		d.Alone = append(d.Alone, Message{Text: fmt.Sprintf("The latest compatibility date that doemu knows is \"%[1]s\",\n"+
			"but you've requested \"%[2]s\". Falling back to \"%[1]s\"...\n"+
			"Features enabled by your requested compatibility date may not be available.", LatestCompatibilityDate, date), Pos: where})
		effective = LatestCompatibilityDate
	}
	p.CompatibilityDate = effective
	p.CompatibilityFlags = env["compatibility_flags"].strings()
	if len(l.CompatibilityFlags) > 0 {
		p.CompatibilityFlags = slices.Clone(l.CompatibilityFlags)
	}
	flags, wrong := CompatFlags(effective, p.CompatibilityFlags)
	if len(wrong) > 0 {
		return &Error{Text: strings.Join(wrong, "\n"), Pos: placeOf(env["compatibility_flags"])}
	}
	p.Flags = flags
	return nil
}

func resolveLifecycle(p *Project, env environment) {
	for _, m := range items(env["migrations"]) {
		migration := Migration{
			Tag:              m.get("tag").str(),
			NewClasses:       m.get("new_classes").strings(),
			NewSQLiteClasses: m.get("new_sqlite_classes").strings(),
			DeletedClasses:   m.get("deleted_classes").strings(),
		}
		for _, r := range items(m.get("renamed_classes")) {
			migration.RenamedClasses = append(migration.RenamedClasses, Rename{r.get("from").str(), r.get("to").str()})
		}
		for _, t := range items(m.get("transferred_classes")) {
			migration.TransferredClasses = append(migration.TransferredClasses,
				Transfer{t.get("from").str(), t.get("from_script").str(), t.get("to").str()})
		}
		p.Migrations = append(p.Migrations, migration)
	}
	if exports := env["exports"]; exports.is(objectKind) {
		for _, f := range exports.fields {
			p.Exports = append(p.Exports, Export{
				Name:          f.name,
				Type:          f.value.get("type").str(),
				State:         firstOf(f.value.get("state").str(), "created"),
				Storage:       f.value.get("storage").str(),
				RenamedTo:     f.value.get("renamed_to").str(),
				TransferredTo: f.value.get("transferred_to").str(),
				TransferFrom:  f.value.get("transfer_from").str(),
				Container:     f.value.get("container").str(),
			})
		}
	}
}

func resolveServices(p *Project, env environment) {
	for _, s := range items(env["services"]) {
		service := Service{
			Name:        s.get("binding").str(),
			Service:     s.get("service").str(),
			Environment: s.get("environment").str(),
			Entrypoint:  s.get("entrypoint").str(),
			Remote:      s.get("remote").truth(false),
		}
		if props := s.get("props"); props != nil {
			service.Props = json.RawMessage(props.json())
		}
		p.Services = append(p.Services, service)
	}
	for _, consumer := range items(env["tail_consumers"]) {
		p.TailConsumers = append(p.TailConsumers, consumer.get("service").str())
	}
}

// resolveSettings fills in what concerns the server rather than the code.
func resolveSettings(p *Project, env environment, raw *value) {
	p.Crons = env["triggers"].get("crons").strings()
	routes := items(env["routes"])
	if len(routes) == 0 && env["route"] != nil {
		routes = []*value{env["route"]}
	}
	for _, r := range routes {
		route := Route{Pattern: r.str()}
		if r.is(objectKind) {
			route = Route{r.get("pattern").str(), r.get("zone_name").str(), r.get("zone_id").str(), r.get("custom_domain").truth(false)}
		}
		if route.Pattern != "" {
			p.Routes = append(p.Routes, route)
		}
	}
	number := func(v *value) float64 {
		if v.is(numberKind) {
			return v.number
		}
		return 0
	}
	p.Limits = Limits{number(env["limits"].get("cpu_ms")), number(env["limits"].get("subrequests"))}
	dev := raw.get("dev")
	p.Dev = Dev{
		IP:            firstOf(dev.get("ip").str(), "localhost"),
		Port:          int(number(dev.get("port"))),
		InspectorIP:   firstOf(dev.get("inspector_ip").str(), "127.0.0.1"),
		InspectorPort: int(number(dev.get("inspector_port"))),
		LocalProtocol: firstOf(dev.get("local_protocol").str(), "http"),
		Host:          dev.get("host").str(),
	}
	p.Dev.UpstreamProtocol = firstOf(dev.get("upstream_protocol").str(), p.Dev.LocalProtocol)
}

// unsupported returns the bindings of all kinds that have no field of their own
// in Project.
func unsupported(env environment) []Binding {
	var list []Binding
	for _, kind := range bindingKinds() {
		from := env[kind.field]
		switch kind.field {
		case "durable_objects", "services", "vars", "assets", "version_metadata", "text_blobs", "data_blobs", "wasm_modules":
			continue
		case "queues":
			from = from.get("producers")
		}
		for _, item := range bindingValues(from) {
			name := firstOf(item.get("binding").str(), item.get("name").str())
			list = append(list, Binding{kind.field, kind.noun, name, item.pos})
		}
	}
	return list
}

// unserved returns the settings that doemu reads and does not act on, and that
// change what a Worker does.
func unserved(env environment, raw *value) []Binding {
	var list []Binding
	for _, kind := range []struct {
		field, noun, name string
		from              *value
	}{
		{"queues.consumers", "Queue Consumer", "queue", env["queues"].get("consumers")},
		{"streaming_tail_consumers", "Streaming Tail Consumer", "service", env["streaming_tail_consumers"]},
		{"containers", "Container", "class_name", env["containers"]},
		{"connect", "Connect Handler", "protocol", env["connect"]},
		{"triggers.events", "Event Trigger", "type", env["triggers"].get("events")},
	} {
		for _, item := range items(kind.from) {
			list = append(list, Binding{kind.field, kind.noun, item.get(kind.name).str(), item.pos})
		}
	}
	for _, single := range []struct {
		field, noun string
		v           *value
	}{
		{"site", "Workers Site", raw.get("site")}, {"access", "Access", env["access"]},
	} {
		if single.v != nil {
			list = append(list, Binding{Kind: single.field, Noun: single.noun, Pos: single.v.pos})
		}
	}
	return list
}

// bindingValues returns the bindings in a collection of any form.
func bindingValues(v *value) []*value {
	switch {
	case v.is(arrayKind):
		return v.items
	case v.get("bindings").is(arrayKind):
		return v.get("bindings").items
	case v.has("binding"):
		return []*value{v}
	}
	return nil
}
