// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"bytes"
	"regexp"
	"strconv"
	"time"
)

// textTime is a LastModified that is a string, as moto answers List and
// Update. Lambda answers a number of seconds, and the SDK reads nothing else.
var textTime = regexp.MustCompile(`("LastModified"\s*:\s*)"([^"]*)"`)

// readTextTimes is a middleware that turns it into that number, or into null
// where it is no time, before the SDK reads the answer.
var readTextTimes = rewriteBody("ReadTextTimes", func(body []byte) ([]byte, error) {
	return textTime.ReplaceAllFunc(body, secondsOf), nil
})

func secondsOf(member []byte) []byte {
	parts := textTime.FindSubmatch(member)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if at, err := time.Parse(layout, string(parts[2])); err == nil {
			return strconv.AppendFloat(bytes.Clone(parts[1]), float64(at.UnixMilli())/1000, 'f', 3, 64)
		}
	}
	return append(bytes.Clone(parts[1]), "null"...)
}
