package config

import "strings"

// resolveBundle fills in the settings for bundling and for a custom build.
func (l *loader) resolveBundle(p *Project, env environment, raw *value) {
	path := func(v *value) string {
		if v.str() == "" {
			return ""
		}
		return resolvePath(p.Dir, v.text)
	}
	paths := func(name string) map[string]string {
		result := map[string]string{}
		for _, f := range raw.get(name).list() {
			result[f.name] = path(f.value)
		}
		return result
	}
	texts := func(v *value) map[string]string {
		result := map[string]string{}
		for _, f := range v.list() {
			result[f.name] = f.value.str()
		}
		return result
	}
	b := Bundle{
		NoBundle:          env["no_bundle"].truth(false),
		PreserveFileNames: env["preserve_file_names"].truth(false),
		Minify:            env["minify"].truth(false),
		KeepNames:         env["keep_names"].truth(true),
		Alias:             texts(raw.get("alias")),
		Define:            texts(env["define"]),
		TSConfig:          path(env["tsconfig"]),
		JSXFactory:        firstOf(env["jsx_factory"].str(), "React.createElement"),
		JSXFragment:       firstOf(env["jsx_fragment"].str(), "React.Fragment"),
		TextBlobs:         paths("text_blobs"),
		DataBlobs:         paths("data_blobs"),
		WasmModules:       paths("wasm_modules"),
		Platform:          l.process["WRANGLER_BUILD_PLATFORM"],
		NodeEnv:           firstOf(l.process["NODE_ENV"], "development"),
	}
	// Without a bundler, modules are looked for unless the file says no.
	b.FindAdditionalModules = env["find_additional_modules"].truth(b.NoBundle)
	if conditions, ok := l.process["WRANGLER_BUILD_CONDITIONS"]; ok {
		b.Conditions = strings.Split(conditions, ",")
	}
	for _, r := range items(env["rules"]) {
		rule := Rule{Type: ModuleType(r.get("type").str()), Globs: r.get("globs").strings()}
		if through := r.get("fallthrough"); through.is(boolKind) {
			rule.Fallthrough = &through.bool
		}
		b.Rules = append(b.Rules, rule)
	}
	p.Bundle = b

	build := env["build"]
	p.Build = Build{Command: build.get("command").str(), Dir: l.WorkDir}
	if p.Build.Command == "" {
		return
	}
	if p.ConfigPath != "" {
		p.Build.Dir = p.Dir
	}
	if dir := path(build.get("cwd")); dir != "" {
		p.Build.Dir = dir
	}
	p.Build.Environ = append(append([]string(nil), l.Environ...), "WRANGLER_COMMAND=dev")
	switch watch := build.get("watch_dir"); {
	case watch.is(arrayKind):
		for _, dir := range watch.strings() {
			p.Build.WatchDirs = append(p.Build.WatchDirs, resolvePath(p.Dir, dir))
		}
	default:
		p.Build.WatchDirs = []string{resolvePath(p.Dir, firstOf(watch.str(), "./src"))}
	}
}

// list returns the members of an object, none for other values.
func (v *value) list() []field {
	if !v.is(objectKind) {
		return nil
	}
	return v.fields
}
