package config

import (
	"fmt"
	"regexp"
	"slices"
)

func checkDurableObject(d *Diagnostics, path string, v *value) bool {
	if !v.isObject() {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be an object but got %s`, path, v.json()))
		return false
	}
	valid := true
	for _, member := range []string{"name", "class_name"} {
		if !v.get(member).is(stringKind) {
			d.fail(v, fmt.Sprintf(`binding should have a string "%s" field.`, member))
			valid = false
		}
	}
	for _, member := range []string{"script_name", "environment"} {
		if got := v.get(member); got != nil && !got.is(stringKind) {
			d.fail(got, fmt.Sprintf(`the field "%s", when present, should be a string.`, member))
			valid = false
		}
	}
	if v.has("environment") && !v.has("script_name") {
		d.fail(v, `binding should have a "script_name" field if "environment" is present.`)
		valid = false
	}
	valid = checkRemote(d, path, v) && valid
	onlyKnown(d, path, v, "class_name", "environment", "name", "script_name")
	return valid
}

func checkMigrations(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(nullKind) {
		return true
	}
	if !v.is(arrayKind) {
		d.fail(v, fmt.Sprintf(`The optional "%s" field should be an array, but got %s`, name, v.json()))
		return false
	}
	valid := true
	for i, migration := range v.items {
		path := fmt.Sprintf("migrations[%d]", i)
		if !migration.is(objectKind) {
			d.fail(migration, fmt.Sprintf(`"%s" should be an object but got %s.`, path, migration.json()))
			valid = false
			continue
		}
		valid = onlyKnown(d, "migrations", migration, "tag", "new_classes", "new_sqlite_classes",
			"renamed_classes", "deleted_classes", "transferred_classes") && valid
		valid = required(d, migration, path, "tag", "string") && valid
		valid = optionalArray(d, path+".new_classes", migration.get("new_classes"), "string") && valid
		valid = optionalArray(d, path+".new_sqlite_classes", migration.get("new_sqlite_classes"), "string") && valid
		valid = checkMoves(d, path+".renamed_classes", migration.get("renamed_classes"), "from", "to") && valid
		valid = checkMoves(d, path+".transferred_classes", migration.get("transferred_classes"), "from", "from_script", "to") && valid
		valid = optionalArray(d, path+".deleted_classes", migration.get("deleted_classes"), "string") && valid
	}
	return valid
}

// checkMoves checks a list of objects with the given string members.
func checkMoves(d *Diagnostics, path string, v *value, members ...string) bool {
	if v == nil {
		return true
	}
	valid := v.is(arrayKind)
	for _, move := range v.items {
		for _, member := range members {
			valid = valid && move.get(member).is(stringKind)
		}
	}
	if valid {
		return true
	}
	form := ""
	for i, member := range members {
		if i > 0 {
			form += ", "
		}
		form += member + ": string"
	}
	d.fail(v, fmt.Sprintf(`Expected "%s" to be an array of "{%s}" objects but got %s.`, path, form, v.json()))
	return false
}

func checkExports(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(nullKind) {
		return true
	}
	if !v.is(objectKind) {
		d.fail(v, fmt.Sprintf(`The optional "%s" field should be an object keyed by class name, but got %s`, name, v.json()))
		return false
	}
	valid := true
	for _, f := range v.fields {
		path := "exports." + f.name
		switch {
		case !f.value.isObject():
			d.fail(f.value, fmt.Sprintf(`"%s" should be an object but got %s.`, path, f.value.json()))
			valid = false
		case f.value.get("type").str() == "durable-object":
			valid = checkDurableExport(d, f.name, path, f.value) && valid
		case f.value.get("type").str() == "worker":
			valid = checkWorkerExport(d, path, f.value) && valid
		case f.value.get("type").str() == "workflow":
			valid = checkWorkflowExport(d, path, f.value) && valid
		default:
			d.fail(f.value, fmt.Sprintf(`"%s.type" must be "durable-object", "worker", or "workflow", but got %s.`, path, f.value.get("type").json()))
			valid = false
		}
	}
	return valid
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

func checkDurableExport(d *Diagnostics, class, path string, v *value) bool {
	before := len(d.Errors)
	if class == "" {
		d.fail(v, `"export" keys cannot be the empty string.`)
	}
	state := "created"
	if v.has("state") {
		state = v.get("state").str()
	}
	switch state {
	case "created":
		checkExportStorage(d, path, state, v)
		checkExportContainer(d, path, v)
		onlyAllowed(d, path, state, v, "type", "state", "storage", "container")
	case "deleted":
		onlyAllowed(d, path, state, v, "type", "state")
	case "renamed":
		to := v.get("renamed_to")
		switch {
		case to.str() == "":
			d.fail(v, fmt.Sprintf(`"%s.renamed_to" is required for state "renamed" and must be a non-empty string.`, path))
		case !identifier.MatchString(to.text):
			d.fail(to, fmt.Sprintf(`"%s.renamed_to" must be a valid JavaScript identifier (got "%s").`, path, to.text))
		case to.text == class:
			d.fail(to, fmt.Sprintf(`"%s.renamed_to" cannot equal the source class name "%s".`, path, class))
		}
		onlyAllowed(d, path, state, v, "type", "state", "renamed_to")
	case "transferred":
		if v.get("transferred_to").str() == "" {
			d.fail(v, fmt.Sprintf(`"%s.transferred_to" is required for state "transferred" and must be a non-empty string.`, path))
		}
		onlyAllowed(d, path, state, v, "type", "state", "transferred_to")
	case "expecting-transfer":
		checkExportStorage(d, path, state, v)
		if v.get("transfer_from").str() == "" {
			d.fail(v, fmt.Sprintf(`"%s.transfer_from" is required for state "expecting-transfer" and must be a non-empty string.`, path))
		}
		checkExportContainer(d, path, v)
		onlyAllowed(d, path, state, v, "type", "state", "storage", "transfer_from", "container")
	default:
		d.fail(v.get("state"), fmt.Sprintf(`"%s.state" must be one of "created", "deleted", "renamed", "transferred", or "expecting-transfer" but got %s.`, path, v.get("state").json()))
	}
	return len(d.Errors) == before
}

func checkExportStorage(d *Diagnostics, path, state string, v *value) {
	storage := v.get("storage")
	if s := storage.str(); s != "sqlite" && s != "legacy-kv" {
		d.fail(v, fmt.Sprintf(`"%s.storage" is required for state "%s" and must be one of sqlite and legacy-kv, but got %s`, path, state, storage.json()))
	}
}

func checkExportContainer(d *Diagnostics, path string, v *value) {
	container := v.get("container")
	switch {
	case container == nil:
	case container.str() == "":
		d.fail(container, fmt.Sprintf(`"%s.container" must be a non-empty string naming a container in the "containers" array, but got %s.`, path, container.json()))
	case v.get("storage").str() == "legacy-kv":
		d.fail(container, fmt.Sprintf(`"%s.container" requires "storage" to be "sqlite". Containers are not supported on Durable Objects using the "legacy-kv" storage backend.`, path))
	}
}

// onlyAllowed refuses members that the state of an export does not have.
func onlyAllowed(d *Diagnostics, path, state string, v *value, allowed ...string) {
	valid := true
	for _, f := range v.fields {
		if !slices.Contains(allowed, f.name) {
			d.fail(f.value, fmt.Sprintf(`"%s.%s" is forbidden on state "%s".`, path, f.name, state))
			valid = false
		}
	}
	if !valid {
		d.fail(v, fmt.Sprintf(`Allowed properties are: %s.`, englishList(allowed)))
	}
}

func checkWorkflowExport(d *Diagnostics, path string, v *value) bool {
	valid := required(d, v, path, "name", "string")
	if name := v.get("name"); name.is(stringKind) && !workflowName.MatchString(name.text) {
		d.fail(name, fmt.Sprintf(`"%s.name" is invalid. %s`, path, workflowNameText))
		valid = false
	}
	return onlyKnown(d, path, v, "type", "name", "limits", "concurrency", "schedules", "default_retention", "jurisdiction") && valid
}

func checkWorkerExport(d *Diagnostics, path string, v *value) bool {
	valid := onlyKnown(d, path, v, "type", "cache")
	cache := v.get("cache")
	if cache == nil {
		return valid
	}
	if !cache.isRecord() {
		d.fail(cache, fmt.Sprintf(`"%s.cache" should be an object but got %s.`, path, cache.json()))
		return false
	}
	valid = required(d, cache, path+".cache", "enabled", "boolean") && valid
	return onlyKnown(d, path+".cache", cache, "enabled") && valid
}

// checkLifecycle warns about a class that neither migrations nor exports
// declare, and refuses both at once.
func checkLifecycle(d *Diagnostics, env environment, configFile string) {
	migrations, exports := env["migrations"], env["exports"]
	var bare []string
	suggested := &value{kind: objectKind}
	var at *value
	for _, b := range durableBindings(env) {
		if b.get("script_name").str() != "" || liveExport(exports.get(b.get("class_name").str())) {
			continue
		}
		class := b.get("class_name")
		if !class.is(stringKind) {
			bare = nil
			break
		}
		if at == nil {
			at = b
		}
		bare = append(bare, class.text)
		suggested.set(field{name: class.text, value: &value{kind: objectKind, fields: []field{
			{name: "type", value: &value{kind: stringKind, text: "durable-object"}},
			{name: "storage", value: &value{kind: stringKind, text: "sqlite"}},
		}}})
	}
	if len(bare) > 0 && !hasItems(migrations) {
		d.warn(at, fmt.Sprintf("In your %s file, you have configured `durable_objects` exported by this Worker (%s), but no live `exports` entry for them. "+
			"This may not work as expected until you add a live `durable-object` entry to `exports` for each. Add the following configuration:\n\n```\n%s\n```",
			configFileName(configFile), joinComma(bare), snippet(configFile, true, field{name: "exports", value: suggested})))
	}
	if hasItems(migrations) && exports.is(objectKind) {
		for _, f := range exports.fields {
			if f.value.get("type").str() == "durable-object" {
				d.fail(exports, "`migrations` and `exports` are mutually exclusive. Choose one or the other to declare your Durable Object lifecycle, but not both.")
				return
			}
		}
	}
}

func hasItems(v *value) bool { return v.is(arrayKind) && len(v.items) > 0 }

// durableBindings returns the elements of durable_objects.bindings.
func durableBindings(env environment) []*value {
	list := env["durable_objects"].get("bindings")
	if !list.is(arrayKind) {
		return nil
	}
	return list.items
}

// liveExport reports whether an export declares a class that exists now.
func liveExport(v *value) bool {
	if v.get("type").str() != "durable-object" {
		return false
	}
	if !v.has("state") {
		return true
	}
	state := v.get("state").str()
	return state == "created" || state == "expecting-transfer"
}
