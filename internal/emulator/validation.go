// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression of Lambda's API model, which must match a whole value.
// Errors show its text unchanged.
type pattern struct {
	text string
	re   *regexp.Regexp
}

func newPattern(text string) pattern {
	return pattern{text, regexp.MustCompile("^(?:" + text + ")$")}
}

const regionText = `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`

var (
	regionPattern = newPattern(regionText)
	// functionNamePattern is from the model of 2026-07-13. In older models, and in
	// the recordings, region and account are optional.
	functionNamePattern = newPattern(`(arn:(aws[a-zA-Z-]*)?:lambda:` + regionText + `:\d{12}:|((` + regionText +
		`:)?(\d{12}:)?))(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`)
	// newFunctionNamePattern is CreateFunction's.
	newFunctionNamePattern = newPattern(`(arn:(aws[a-zA-Z-]*)?:lambda:)?(` + regionText +
		`:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`)
	bareNamePattern    = newPattern(`[a-zA-Z0-9-_]+`)
	qualifierPattern   = newPattern(`\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`)
	destinationPattern = newPattern(`$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:(` +
		regionText + `)?:(\d{12})?:(.*)`)
	versionPattern = newPattern(`(\$LATEST(\.PUBLISHED)?|[0-9]+)`)
	// Go's regexp does not support the model's (?!…).
	aliasPattern = pattern{`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, regexp.MustCompile(`^[0-9]*[a-zA-Z_-][a-zA-Z0-9_-]*$`)}
)

// violations are the constraints of the API model that a request violates. The service
// reports all of them before any other error.
type violations []string

func (v *violations) add(path, value, constraint string) {
	*v = append(*v, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", value, path, constraint))
}

// checkString checks the length of value, in characters, and its pattern.
func (v *violations) checkString(path, value string, least, most int, p pattern) {
	switch n := utf8.RuneCountInString(value); {
	case n < least:
		v.add(path, value, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	case n > most:
		v.add(path, value, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
	if !p.re.MatchString(value) {
		v.add(path, value, "Member must satisfy regular expression pattern: "+p.text)
	}
}

// checkNumber checks the range of value, which may be nil.
func (v *violations) checkNumber(path string, value *int, least, most int) {
	switch {
	case value == nil:
	case *value < least:
		v.add(path, strconv.Itoa(*value), fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case *value > most:
		v.add(path, strconv.Itoa(*value), fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

func (v *violations) checkQualifier(value string) {
	v.checkString("qualifier", value, 1, 128, qualifierPattern)
}

// err returns v as a ValidationException, or nil if v is empty.
func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	return &apiError{http.StatusBadRequest, "ValidationException", v.message()}
}

func (v violations) message() string {
	plural := ""
	if len(v) > 1 {
		plural = "s"
	}
	return fmt.Sprintf("%d validation error%s detected: %s", len(v), plural, strings.Join(v, "; "))
}
