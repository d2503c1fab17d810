package adminapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"
)

// OpenAPI is the OpenAPI document of the API.
func OpenAPI(version string) []byte { return document(routes(), version) }

// document is the OpenAPI document of some routes.
// https://spec.openapis.org/oas/v3.1.1.html
func document(routes []route, version string) []byte {
	r := openapi31.NewReflector()
	r.Spec.Info.WithTitle("doemu").WithVersion(version).
		WithDescription("See and steer a running doemu: Cloudflare Workers with Durable Objects on this machine.")
	r.Spec.SetHTTPBearerTokenSecurity(tokenScheme, "", "What doemu was started with (--admin-token); without that, no request needs one.")
	r.Spec.WithSecurity(map[string][]string{}, map[string][]string{tokenScheme: {}})
	schemas := r.JSONSchemaReflector()
	schemas.DefaultOptions = append(schemas.DefaultOptions,
		jsonschema.InterceptDefName(func(_ reflect.Type, name string) string { return definitionName(name) }),
		jsonschema.InterceptProp(requireMembers),
		jsonschema.InterceptSchema(refuseOthers),
		jsonschema.InterceptNullability(neverNull),
	)
	for _, route := range routes {
		if err := addRoute(r, route); err != nil {
			// The types are those of this package: its tests see to it that this does not happen.
			panic(fmt.Sprintf("describe %s %s: %v", route.method, route.path, err))
		}
	}
	text, err := json.MarshalIndent(r.Spec, "", " ")
	if err != nil {
		panic(err)
	}
	return text
}

// tokenScheme is the name of the security scheme.
const tokenScheme = "token"

func addRoute(r *openapi31.Reflector, route route) error {
	oc, err := r.NewOperationContext(route.method, route.path)
	if err != nil {
		return err
	}
	oc.SetSummary(route.summary)
	oc.SetTags(tag(route.path))
	oc.SetID(operationID(route))
	if route.open {
		oc.(openapi31.OperationExposer).Operation().WithSecurity(map[string][]string{})
	}
	if route.in != nil && reflect.TypeOf(route.in).NumField() > 0 {
		oc.AddReqStructure(route.in)
	}
	if route.body {
		oc.AddReqStructure(new(json.RawMessage), openapi.WithContentType("application/json"))
	}
	if route.bodyType != "" {
		oc.AddReqStructure(new(binary), openapi.WithContentType(route.bodyType))
	}
	if route.serialized && route.method != http.MethodGet {
		oc.AddReqStructure(new(binary), openapi.WithContentType(v8Type))
	}
	if route.serialized && route.contentType != v8Type {
		oc.AddRespStructure(new(binary), openapi.WithHTTPStatus(http.StatusOK), openapi.WithContentType(v8Type))
	}
	for _, status := range append([]int{http.StatusOK}, route.also...) {
		oc.AddRespStructure(route.out, openapi.WithHTTPStatus(status), openapi.WithContentType(route.contentType))
	}
	oc.AddRespStructure(failed{}, func(cu *openapi.ContentUnit) {
		cu.IsDefault, cu.Description = true, "An error: errors[0].message says what is wrong and what to do."
	})
	return r.AddOperation(oc)
}

var (
	pathParameter = regexp.MustCompile(`/\{[^}]*\}`)
	notInName     = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// binary is a body that is no text.
type binary string

// JSONSchema implements jsonschema.Exposer.
func (binary) JSONSchema() (s jsonschema.Schema, err error) {
	s.AddType(jsonschema.String)
	return *s.WithFormat("binary"), nil
}

// tag is the group of a route: the last part of its path that is a noun.
func tag(path string) string {
	path = strings.TrimPrefix(pathParameter.ReplaceAllString(path, ""), prefix)
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if first == "namespaces" && rest != "" {
		return strings.Split(rest, "/")[min(1, strings.Count(rest, "/"))]
	}
	return first
}

// operationID is a name for a route that clients can be generated with: getObjectsStorageKv.
func operationID(route route) string {
	id := strings.ToLower(route.method)
	for _, part := range strings.FieldsFunc(strings.TrimPrefix(route.path, prefix), func(c rune) bool { return c == '/' || c == '.' }) {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			part = "By" + strings.ToUpper(name[:1]) + strings.TrimSuffix(name[1:], "}")
		}
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

// definitionName makes a name of what Go calls a type.
func definitionName(name string) string {
	for _, pack := range []string{"GithubComDoemuDoemu", "Adminapi"} {
		name = strings.ReplaceAll(name, pack, "")
	}
	return strings.Trim(notInName.ReplaceAllString(name, "_"), "_")
}

// requireMembers says that members are always there that are not left out when they are empty, and that
// those that are pointers may be null.
func requireMembers(p jsonschema.InterceptPropParams) error {
	if !p.Processed || p.Field.Tag.Get("json") == "" {
		return nil
	}
	if _, options, _ := strings.Cut(p.Field.Tag.Get("json"), ","); strings.Contains(options, "omitempty") {
		return nil
	}
	p.ParentSchema.Required = append(p.ParentSchema.Required, p.Name)
	if p.Field.Type.Kind() == reflect.Pointer {
		null := (&jsonschema.Schema{}).WithType(jsonschema.Null.Type())
		value := *p.PropertySchema
		*p.PropertySchema = *(&jsonschema.Schema{}).WithAnyOf(value.ToSchemaOrBool(), null.ToSchemaOrBool())
	}
	return nil
}

// neverNull says that lists and maps are there even if nothing is in them: what may be null is a pointer.
func neverNull(p jsonschema.InterceptNullabilityParams) {
	if kind := p.Type.Kind(); p.NullAdded && (kind == reflect.Slice || kind == reflect.Map) {
		p.Schema.RemoveType(jsonschema.Null)
	}
}

// refuseOthers says that objects have no other members than those that are described.
func refuseOthers(p jsonschema.InterceptSchemaParams) (stop bool, err error) {
	if p.Processed && len(p.Schema.Properties) > 0 && p.Schema.AdditionalProperties == nil {
		p.Schema.WithAdditionalProperties(*(&jsonschema.SchemaOrBool{}).WithTypeBoolean(false))
	}
	return false, nil
}

func serveOpenAPI(a *api, w http.ResponseWriter, _ *http.Request) error {
	text := a.openAPI()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	// The client that cannot be written to has gone.
	_, _ = w.Write(text)
	return nil
}
