package serialized

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Description is a serialized value as a person reads it.
type Description struct {
	// Type is what typeof says of a primitive value, and the class of an object: number, Array, Map.
	// It is "unknown" for data that is damaged or of a type that only JavaScript reads.
	Type string
	// Preview is the value in JavaScript's notation, cut with an ellipsis where it is long.
	Preview string
	// JSON is the value as JSON, nil where JSON cannot say all of it; see [AppendJSON].
	JSON []byte
}

// Describe describes a serialized value. The preview has about as many bytes as limit says.
func Describe(data []byte, limit int) Description {
	var d Description
	if text, ok := AppendJSON(nil, data); ok {
		d.JSON = text
	}
	p := printer{reader: reader{data: data}, limit: limit, version: 13}
	if len(data) > 0 && data[0] == tagVersion {
		p.at = 1
		p.version, _ = p.varint()
	}
	kind, ok := p.print(deepest)
	switch {
	case p.stopped:
		d.Type, d.Preview = kind, string(cut(p.out, limit))+"…"
	case ok:
		d.Type, d.Preview = kind, string(p.out)
	default:
		d.Type, d.Preview = "unknown", strconv.Itoa(len(data))+" bytes: "+hex.EncodeToString(data[:min(len(data), 32)])
	}
	return d
}

// cut shortens text, in whole characters.
func cut(text []byte, limit int) []byte {
	limit = min(limit, len(text))
	for limit > 0 && limit < len(text) && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// The tags of what JSON has not got.
const (
	tagHole           = '-'
	tagUndefined      = '_'
	tagBigInt         = 'Z'
	tagReference      = '^'
	tagSparseArray    = 'a'
	tagEndSparseArray = '@'
	tagDate           = 'D'
	tagTrueObject     = 'y'
	tagFalseObject    = 'x'
	tagNumberObject   = 'n'
	tagBigIntObject   = 'z'
	tagStringObject   = 's'
	tagRegExp         = 'R'
	tagMap            = ';'
	tagEndMap         = ':'
	tagSet            = '\''
	tagEndSet         = ','
	tagArrayBuffer    = 'B'
	tagResizable      = '~'
	tagView           = 'V'
	tagError          = 'r'
	tagHost           = '\\'
)

// viewNames are the classes of views by their tags.
var viewNames = map[byte]string{
	'b': "Int8Array", 'B': "Uint8Array", 'C': "Uint8ClampedArray", 'w': "Int16Array", 'W': "Uint16Array", 'd': "Int32Array",
	'D': "Uint32Array", 'h': "Float16Array", 'f': "Float32Array", 'F': "Float64Array", 'q': "BigInt64Array", 'Q': "BigUint64Array",
	'?': "DataView",
}

// hostNames are the classes that workerd writes in forms of its own, by their numbers, and hostErrors the
// classes of its errors.
var (
	hostNames = map[uint32]string{
		1: "RpcStub", 2: "WritableStream", 3: "ReadableStream", 4: "Headers", 5: "Request", 6: "Response", 7: "DOMException",
		8: "DOMException", 9: "AbortSignal", 10: "Error", 11: "Fetcher", 15: "Blob",
	}
	hostErrors = []string{
		"", "Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "WasmCompileError", "WasmLinkError",
		"WasmRuntimeError", "WasmSuspendError", "EvalError", "URIError", "AggregateError", "SuppressedError",
	}
)

// printer writes a value as text while it reads it. Stopped is set when the text has become too long, or
// behind what only JavaScript reads: then the rest is not read.
type printer struct {
	reader
	version uint32
	out     []byte
	limit   int
	stopped bool
}

func (p *printer) write(text string) bool {
	p.out = append(p.out, text...)
	p.stopped = len(p.out) > p.limit
	return !p.stopped
}

// peek is the next tag that means anything, without taking it.
func (p *printer) peek() byte {
	at := p.at
	t := p.tag()
	p.at = at
	return t
}

// print writes a value and gives its type. Ok is false if the data is damaged, or the text too long.
func (p *printer) print(depth int) (kind string, ok bool) {
	if depth < 0 {
		return "", false
	}
	switch tag := p.tag(); tag {
	case tagObjectCount:
		_, ok = p.varint()
		if !ok {
			return "", false
		}
		return p.print(depth - 1)
	case tagUndefined:
		return "undefined", p.write("undefined")
	case tagHole:
		return "hole", p.write("<empty>")
	case tagNull:
		return "null", p.write("null")
	case tagTrue:
		return "boolean", p.write("true")
	case tagFalse:
		return "boolean", p.write("false")
	case tagInt32, tagUint32:
		p.out, ok = p.number(p.out, tag)
		return "number", ok && p.write("")
	case tagDouble:
		return "number", p.double()
	case tagBigInt:
		return "bigint", p.bigint() && p.write("n")
	case tagOneByte, tagTwoByte, tagUTF8:
		return "string", p.string(tag)
	case tagReference:
		// To an object that came before, which may be the buffer of a view.
		number, ok := p.varint()
		if ok && p.peek() == tagView {
			return p.view(nil)
		}
		return "reference", ok && p.write("[Reference "+strconv.FormatUint(uint64(number), 10)+"]")
	case tagObject:
		return "Object", p.write("{") && p.members(tagEndObject, "{", depth) && p.write("}")
	case tagArray:
		return "Array", p.dense(depth)
	case tagSparseArray:
		return "Array", p.skip(1) && p.write("[") && p.members(tagEndSparseArray, "[", depth) && p.skip(1) && p.write("]")
	case tagDate:
		return "Date", p.date()
	case tagTrueObject:
		return "Boolean", p.write("Object(true)")
	case tagFalseObject:
		return "Boolean", p.write("Object(false)")
	case tagNumberObject:
		return "Number", p.write("Object(") && p.double() && p.write(")")
	case tagBigIntObject:
		return "BigInt", p.write("Object(") && p.bigint() && p.write("n)")
	case tagStringObject:
		return "String", p.write("Object(") && p.string(p.tag()) && p.write(")")
	case tagRegExp:
		return "RegExp", p.regexp()
	case tagMap:
		return "Map", p.entries(tagEndMap, "Map {", true, depth)
	case tagSet:
		return "Set", p.entries(tagEndSet, "Set {", false, depth)
	case tagArrayBuffer, tagResizable:
		return p.buffer(tag)
	case tagError:
		return p.error(depth)
	case tagHost:
		return p.host(depth)
	}
	return "", false
}

// skip takes numbers that are of no interest.
func (p *printer) skip(n int) bool {
	for range n {
		if _, ok := p.varint(); !ok {
			return false
		}
	}
	return true
}

func (p *printer) double() bool {
	b, ok := p.bytes(8)
	if !ok {
		return false
	}
	switch f := math.Float64frombits(binary.LittleEndian.Uint64(b)); {
	case math.IsInf(f, 1):
		return p.write("Infinity")
	case math.IsInf(f, -1):
		return p.write("-Infinity")
	default:
		return p.write(string(appendNumber(nil, f)))
	}
}

func (p *printer) date() bool {
	b, ok := p.bytes(8)
	if !ok {
		return false
	}
	ms := math.Float64frombits(binary.LittleEndian.Uint64(b))
	if !(math.Abs(ms) <= 8.64e15) {
		return p.write("Invalid Date")
	}
	at := time.UnixMilli(int64(ms)).UTC()
	if at.Year() > 9999 && !p.write("+") {
		return false
	}
	return p.write(at.Format("2006-01-02T15:04:05.000Z"))
}

func (p *printer) bigint() bool {
	field, ok := p.varint()
	if !ok {
		return false
	}
	digits, ok := p.bytes(field >> 1)
	if !ok {
		return false
	}
	big64 := slices.Clone(digits)
	slices.Reverse(big64)
	n := new(big.Int).SetBytes(big64)
	if field&1 == 1 {
		n.Neg(n)
	}
	return p.write(n.String())
}

func (p *printer) string(tag byte) bool {
	switch tag {
	case tagOneByte, tagTwoByte, tagUTF8:
	default:
		return false
	}
	at := p.at
	out, ok := p.text(p.out, tag)
	if !ok {
		// Lone surrogates: the text without them.
		p.at = at
		n, known := p.varint()
		if !known {
			return false
		}
		if _, known = p.bytes(n); !known {
			return false
		}
		return p.write("<text that is not well-formed>")
	}
	p.out = out
	return p.write("")
}

// name writes the name of a property: as it is if it can stand so.
func (p *printer) name() bool {
	switch tag := p.tag(); tag {
	case tagInt32, tagUint32:
		var ok bool
		p.out, ok = p.number(p.out, tag)
		return ok && p.write("")
	case tagDouble:
		return p.double()
	default:
		start := len(p.out)
		if !p.string(tag) {
			return false
		}
		text := p.out[start+1 : len(p.out)-1]
		plain := len(text) > 0 && (text[0] < '0' || text[0] > '9')
		for _, c := range text {
			plain = plain && (c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
		}
		if plain {
			p.out = append(p.out[:start], text...)
		}
		return true
	}
}

// members writes the properties up to an end. Open is what stands before the first.
func (p *printer) members(end byte, open string, depth int) bool {
	for {
		if p.peek() == end {
			p.tag()
			return p.skip(1)
		}
		if !p.separate(open) || !p.name() || !p.write(": ") {
			return false
		}
		if _, ok := p.print(depth - 1); !ok {
			return false
		}
	}
}

// separate writes a comma, but not behind what opens the list.
func (p *printer) separate(open string) bool {
	if len(p.out) >= len(open) && string(p.out[len(p.out)-len(open):]) == open {
		return true
	}
	return p.write(", ")
}

func (p *printer) dense(depth int) bool {
	length, ok := p.varint()
	if !ok || uint64(length) > uint64(len(p.data)-p.at) || !p.write("[") {
		return false
	}
	for n := range length {
		if n > 0 && !p.write(", ") {
			return false
		}
		if _, ok := p.print(depth - 1); !ok {
			return false
		}
	}
	return p.members(tagEndArray, "[", depth) && p.skip(1) && p.write("]")
}

func (p *printer) regexp() bool {
	tag := p.tag()
	if tag != tagOneByte && tag != tagTwoByte {
		return false
	}
	n, ok := p.varint()
	if !ok {
		return false
	}
	source, ok := p.bytes(n)
	if !ok {
		return false
	}
	flags, ok := p.varint()
	if !ok || !p.write("/") {
		return false
	}
	if tag == tagOneByte {
		for _, c := range source {
			p.out = utf8.AppendRune(p.out, rune(c))
		}
	} else {
		for ; len(source) >= 2; source = source[2:] {
			p.out = utf8.AppendRune(p.out, rune(binary.LittleEndian.Uint16(source)))
		}
	}
	if !p.write("/") {
		return false
	}
	for bit, letter := range []string{"g", "i", "m", "y", "u", "s", "", "d", "v"} {
		if flags>>bit&1 == 1 {
			p.write(letter)
		}
	}
	return p.write("")
}

func (p *printer) entries(end byte, open string, pairs bool, depth int) bool {
	if !p.write(open) {
		return false
	}
	for p.peek() != end {
		if !p.separate(open) {
			return false
		}
		if _, ok := p.print(depth - 1); !ok {
			return false
		}
		if !pairs {
			continue
		}
		if !p.write(" => ") {
			return false
		}
		if _, ok := p.print(depth - 1); !ok {
			return false
		}
	}
	p.tag()
	return p.skip(1) && p.write("}")
}

// buffer writes an ArrayBuffer, or the view that stands behind it.
func (p *printer) buffer(tag byte) (kind string, ok bool) {
	length, ok := p.varint()
	if !ok || tag == tagResizable && !p.skip(1) {
		return "", false
	}
	data, ok := p.bytes(length)
	if !ok {
		return "", false
	}
	if p.peek() == tagView {
		return p.view(data)
	}
	return "ArrayBuffer", p.content("ArrayBuffer", data)
}

// view writes a view; data is its buffer, nil if that came before.
func (p *printer) view(data []byte) (kind string, ok bool) {
	p.tag()
	class, ok := p.bytes(1)
	if !ok || viewNames[class[0]] == "" {
		return "", false
	}
	kind = viewNames[class[0]]
	offset, known := p.varint()
	size, sized := p.varint()
	if !known || !sized || p.version >= 14 && !p.skip(1) {
		return "", false
	}
	switch {
	case data == nil:
		return kind, p.write(kind + " of " + strconv.FormatUint(uint64(size), 10) + " bytes of an earlier buffer")
	case uint64(offset)+uint64(size) > uint64(len(data)):
		return "", false
	case size == 0: // perhaps one that follows its buffer's length
		data = data[offset:]
	default:
		data = data[offset : offset+size]
	}
	return kind, p.content(kind, data)
}

func (p *printer) content(kind string, data []byte) bool {
	text := kind + " of " + strconv.Itoa(len(data)) + " bytes"
	if len(data) > 0 {
		text += ": " + hex.EncodeToString(data[:min(len(data), max(p.limit/2, 1))])
	}
	return p.write(text)
}

// error writes an error as its class and message.
func (p *printer) error(depth int) (kind string, ok bool) {
	classes := map[byte]string{'E': "EvalError", 'R': "RangeError", 'F': "ReferenceError", 'S': "SyntaxError", 'T': "TypeError", 'U': "URIError"}
	kind = "Error"
	start := len(p.out)
	for {
		part, ok := p.bytes(1)
		if !ok {
			return kind, false
		}
		switch part[0] {
		case 'm':
			ok = p.write(": ") && p.string(p.tag())
		case 's', 'c':
			at := len(p.out)
			_, ok = p.print(depth - 1)
			p.out = p.out[:at]
		case '.':
			p.out = slices.Insert(p.out, start, []byte(kind)...)
			return kind, p.write("")
		default:
			if kind, ok = classes[part[0]]; !ok {
				return "", false
			}
		}
		if !ok {
			return kind, false
		}
	}
}

// host writes what has a form of workerd's own: of errors the class and the message, of others the class.
func (p *printer) host(depth int) (kind string, ok bool) {
	tag, ok := p.varint()
	if kind = hostNames[tag]; !ok || kind == "" {
		return "", false
	}
	if kind != "Error" {
		p.write(kind)
		p.stopped = true
		return kind, false
	}
	class, ok := p.varint()
	if !ok || int(class) >= len(hostErrors) {
		return "", false
	}
	if class > 0 {
		if kind = hostErrors[class]; !p.write(kind) {
			return kind, false
		}
	} else if _, ok := p.print(depth - 1); !ok {
		return kind, false
	}
	if !p.write(": ") {
		return kind, false
	}
	if _, ok := p.print(depth - 1); !ok {
		return kind, false
	}
	// Its own properties.
	at := len(p.out)
	_, ok = p.print(depth - 1)
	p.out = p.out[:at]
	return kind, ok
}
