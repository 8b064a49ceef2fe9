package vectors_test

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// object is a JSON object.
type object = map[string]any

// TestSchema validates every JSON file against schema.json, and requires that a
// file with something missing, unknown or of another type is refused.
func TestSchema(t *testing.T) {
	var schema object
	readJSON(t, filepath.Join(dir, "schema.json"), &schema)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "schema.json" {
			continue
		}
		var doc any
		readJSON(t, file, &doc)
		if err := validate(schema, schema, doc, filepath.Base(file)); err != nil {
			t.Error(err)
		}
	}
	for what, spoil := range map[string]func(test object){
		"a missing tensor":      func(test object) { delete(test["tensors"].(object), "bound") },
		"an unknown option":     func(test object) { test["options"].(object)["temperature"] = 1. },
		"a text for an integer": func(test object) { test["id"] = "1" },
		"a fraction":            func(test object) { test["id"] = 1.5 },
		"an unknown type":       func(test object) { test["tensors"].(object)["key"].(object)["type"] = "float16" },
	} {
		var doc object
		readJSON(t, filepath.Join(dir, "core.json"), &doc)
		spoil(doc["tests"].([]any)[0].(object))
		if validate(schema, schema, doc, "") == nil {
			t.Errorf("the schema accepts %s", what)
		}
	}
}

// validate checks doc against the part of JSON Schema that schema.json uses, and
// refuses keywords beyond it.
func validate(root, s object, doc any, path string) error {
	for keyword, x := range s {
		if err := check(root, s, keyword, x, doc, path); err != nil {
			return err
		}
	}
	return nil
}

func check(root, s object, keyword string, x, doc any, path string) error {
	bad := func(format string, args ...any) error { return fmt.Errorf(path+": "+format, args...) }
	o, isObject := doc.(object)
	list, isList := doc.([]any)
	switch keyword {
	case "$schema", "$defs", "title", "description":
	case "$ref":
		name := strings.TrimPrefix(x.(string), "#/$defs/")
		return validate(root, root["$defs"].(object)[name].(object), doc, path)
	case "oneOf":
		fits := 0
		var first error
		for _, sub := range x.([]any) {
			if err := validate(root, sub.(object), doc, path); err == nil {
				fits++
			} else {
				first = err
			}
		}
		if fits != 1 {
			return bad("fits %d alternatives (%v)", fits, first)
		}
	case "type":
		n, isNumber := doc.(float64)
		_, isText := doc.(string)
		_, isBool := doc.(bool)
		if !(map[string]bool{"object": isObject, "array": isList, "string": isText, "boolean": isBool, "number": isNumber,
			"integer": isNumber && n == math.Trunc(n)}[x.(string)]) {
			return bad("%v is no %s", doc, x)
		}
	case "const":
		if doc != x {
			return bad("%v is not %v", doc, x)
		}
	case "enum":
		if !slices.Contains(x.([]any), doc) {
			return bad("%v is none of %v", doc, x)
		}
	case "minimum":
		if n, ok := doc.(float64); ok && n < x.(float64) {
			return bad("%v is below %v", n, x)
		}
	case "required":
		for _, name := range x.([]any) {
			if _, ok := o[name.(string)]; !ok {
				return bad("no %s", name)
			}
		}
	case "items":
		for k, e := range list {
			if err := validate(root, x.(object), e, fmt.Sprintf("%s[%d]", path, k)); err != nil {
				return err
			}
		}
	case "properties":
		for name, sub := range x.(object) {
			if e, ok := o[name]; ok {
				if err := validate(root, sub.(object), e, path+"."+name); err != nil {
					return err
				}
			}
		}
	case "additionalProperties":
		known, _ := s["properties"].(object)
		for _, name := range slices.Sorted(maps.Keys(o)) {
			if _, ok := known[name]; ok {
				continue
			}
			sub, ok := x.(object)
			if !ok {
				return bad("unknown %s", name)
			}
			if err := validate(root, sub, o[name], path+"."+name); err != nil {
				return err
			}
		}
	default:
		return bad("the schema uses %s", keyword)
	}
	return nil
}
