package adminapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/doemu/doemu/emulator/platform/serialized"
)

// value is a stored value, or what a method gave.
type value struct {
	Type    string `json:"type" description:"What typeof says, or the class of an object"`
	Preview string `json:"preview" description:"The value in JavaScript's notation, perhaps cut"`
	// JSON is left out where JSON cannot say all of the value.
	JSON  json.RawMessage `json:"json,omitempty"`
	Bytes int             `json:"bytes" description:"The length of the serialized value"`
}

// previewBytes is how long a preview is.
const previewBytes = 1000

// valueView describes a serialized value.
func valueView(data []byte) value {
	d := serialized.Describe(data, previewBytes)
	return value{d.Type, d.Preview, d.JSON, len(data)}
}

// cell is a SQL value as JSON has it: a blob and numbers that JSON has not are objects.
func cell(v any) any {
	switch v := v.(type) {
	case []byte:
		return blobCell{base64.StdEncoding.EncodeToString(v)}
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return numberCell{strconv.FormatFloat(v, 'g', -1, 64)}
		}
	}
	return v
}

type blobCell struct {
	Base64 string `json:"base64"`
}

type numberCell struct {
	Number string `json:"number"`
}

// parameter reads a parameter of SQL: a number, as JavaScript's are, text, a boolean, null or a blob as
// {"base64": …}.
func parameter(text json.RawMessage) (any, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case map[string]any:
		if coded, ok := v["base64"].(string); ok && len(v) == 1 {
			return base64.StdEncoding.DecodeString(coded)
		}
		return nil, errors.New(`an object must be a blob, {"base64": "…"}`)
	case []any:
		return nil, errors.New("an array is no SQL value")
	}
	return v, nil
}
