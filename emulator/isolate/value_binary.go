package isolate

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// MarshalBinary gives a value a form that another process can read: a byte for its kind, then its content.
// A handle has none, since it means something in one isolate only.
func (v Value) MarshalBinary() ([]byte, error) {
	switch v.kind {
	case kindUndefined, kindNull:
		return []byte{byte(v.kind)}, nil
	case kindBool:
		return []byte{byte(v.kind), byte(v.bits)}, nil
	case kindNumber:
		return binary.BigEndian.AppendUint64([]byte{byte(v.kind)}, v.bits), nil
	case kindString:
		return append([]byte{byte(v.kind)}, v.text...), nil
	case kindBytes, kindJSON:
		return append([]byte{byte(v.kind)}, v.bytes...), nil
	}
	return nil, errors.New("a handle on a JavaScript value cannot leave the process")
}

// UnmarshalBinary reads what MarshalBinary made. Whoever made it need not be trusted: what is not a value
// is an error.
func (v *Value) UnmarshalBinary(b []byte) error {
	if len(b) == 0 {
		return errors.New("a value without a kind")
	}
	kind, content := kind(b[0]), b[1:]
	bad := fmt.Errorf("a value of kind %d with %d bytes", kind, len(content))
	switch kind {
	case kindUndefined, kindNull:
		if len(content) != 0 {
			return bad
		}
		*v = Value{kind: kind}
	case kindBool:
		if len(content) != 1 || content[0] > 1 {
			return bad
		}
		*v = Bool(content[0] == 1)
	case kindNumber:
		if len(content) != 8 {
			return bad
		}
		*v = Number(math.Float64frombits(binary.BigEndian.Uint64(content)))
	case kindString:
		*v = String(string(content))
	case kindBytes:
		*v = Bytes(append([]byte{}, content...))
	case kindJSON:
		if !json.Valid(content) {
			return errors.New("a value that says it is JSON and is not")
		}
		*v = JSON(append([]byte{}, content...))
	default:
		return bad
	}
	return nil
}
