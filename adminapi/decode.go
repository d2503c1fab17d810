package adminapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

// mostBody is how large the body of a request may be.
const mostBody = 32 << 20

func capBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		next.ServeHTTP(w, r)
	})
}

// anyBody is what takes the whole body, which is any JSON value.
type anyBody interface{ setBody(json.RawMessage) }

// decode fills a struct from a request: fields with the tag path or query from there, those with a name for
// JSON from the body, which may be empty. Fields without either are structs with more of them.
func decode(r *http.Request, in any) error {
	v := reflect.ValueOf(in).Elem()
	if any, ok := in.(anyBody); ok {
		text, err := io.ReadAll(r.Body)
		if err == nil && !json.Valid(text) {
			err = errors.New("it is not valid")
		}
		if err != nil {
			return badBody(r, err)
		}
		any.setBody(text)
	} else if hasBody(v.Type()) {
		if err := decodeBody(r, in); err != nil {
			return err
		}
	}
	return decodeParameters(r, r.URL.Query(), v)
}

// decodeParametersOnly is decode for a request whose body is no JSON.
func decodeParametersOnly(r *http.Request, in any) error {
	return decodeParameters(r, r.URL.Query(), reflect.ValueOf(in).Elem())
}

// hasBody tells whether a struct has a field that the body fills.
func hasBody(t reflect.Type) bool {
	for n := range t.NumField() {
		switch field := t.Field(n); {
		case field.Anonymous && hasBody(field.Type):
			return true
		case field.Tag.Get("json") != "" && field.Tag.Get("json") != "-":
			return true
		}
	}
	return false
}

func decodeBody(r *http.Request, in any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(in)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil && decoder.More() {
		err = errors.New("there is more than one value")
	}
	if err != nil {
		return badBody(r, err)
	}
	return nil
}

func badBody(r *http.Request, err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, "The body is larger than %d bytes.", tooLarge.Limit)
	}
	return refuse(http.StatusBadRequest, "The body is not the JSON that %s takes: %v.", r.URL.Path, err)
}

func decodeParameters(r *http.Request, query url.Values, v reflect.Value) error {
	for n := range v.NumField() {
		field, to := v.Type().Field(n), v.Field(n)
		if field.Anonymous {
			if err := decodeParameters(r, query, to); err != nil {
				return err
			}
			continue
		}
		if name := field.Tag.Get("path"); name != "" {
			to.SetString(pathValue(r, name))
		}
		name := field.Tag.Get("query")
		if name == "" || !query.Has(name) {
			continue
		}
		if err := setParameter(to, query[name]); err != nil {
			return refuse(http.StatusBadRequest, "%s is %q, but must be %v.", name, query.Get(name), err)
		}
		if allowed := field.Tag.Get("enum"); allowed != "" && !strings.Contains(","+allowed+",", ","+query.Get(name)+",") {
			return refuse(http.StatusBadRequest, "%s is %q, but must be one of %s.", name, query.Get(name), strings.ReplaceAll(allowed, ",", ", "))
		}
	}
	return nil
}

// setParameter reads a parameter of a query; the error is what it has to be.
func setParameter(to reflect.Value, values []string) error {
	switch to.Interface().(type) {
	case string:
		to.SetString(values[0])
	case []string:
		to.Set(reflect.ValueOf(values))
	case int:
		n, err := strconv.ParseUint(values[0], 10, 31)
		if err != nil {
			return errors.New("a whole number")
		}
		to.SetInt(int64(n))
	case *uint64:
		n, err := strconv.ParseUint(values[0], 10, 63)
		if err != nil {
			return errors.New("a whole number")
		}
		to.Set(reflect.ValueOf(&n))
	default:
		return fmt.Errorf("something that a route cannot ask for: %s", to.Type())
	}
	return nil
}

func pathValue(r *http.Request, name string) string {
	text := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return text // it is decoded already
	}
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}
