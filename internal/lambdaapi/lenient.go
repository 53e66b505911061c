// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// textTime is a LastModified that is a string, as moto answers List and
// Update. Lambda answers a number of seconds, and the SDK reads nothing else.
var textTime = regexp.MustCompile(`("LastModified"\s*:\s*)"([^"]*)"`)

// readTextTimes is a middleware that turns it into that number, or into null
// where it is no time, before the SDK reads the answer.
var readTextTimes = middleware.DeserializeMiddlewareFunc("ReadTextTimes", func(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok {
		return out, metadata, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // it has been read to its end, or has failed
	if err != nil {
		response.Body = http.NoBody // the SDK reads the body of an error again
		return out, metadata, &smithy.DeserializationError{Err: err}
	}
	response.Body = io.NopCloser(bytes.NewReader(textTime.ReplaceAllFunc(body, secondsOf)))
	return out, metadata, nil
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
