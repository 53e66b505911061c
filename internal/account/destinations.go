// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package account

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// destination returns the destination of this run that a test means by its
// ARN, and makes it where it is not there yet: like the emulator, the account
// has every destination of a documented kind. What is no such destination, or
// one of another account, is returned as it is.
func (a *Account) destination(ctx context.Context, text string) (string, error) {
	d, err := arn.Parse(text)
	if err != nil || d.AccountID != a.played && d.Service != "s3" {
		return text, nil //nolint:nilerr // for Lambda to refuse
	}
	d.AccountID = strings.ReplaceAll(d.AccountID, a.played, a.id)
	kind, name := "", d.Resource
	if d.Service == "events" {
		kind, name = "event-bus/", strings.TrimPrefix(d.Resource, "event-bus/")
	}
	name = a.prefix + name
	d.Resource = kind + name
	return d.String(), a.ensure(ctx, d, name)
}

// ensure makes a destination, once in a run.
func (a *Account) ensure(ctx context.Context, d arn.ARN, name string) error {
	a.destinations.Lock()
	defer a.destinations.Unlock()
	if err, known := a.destinations.made[d.String()]; known {
		return err
	}
	err := a.make(ctx, nil, d.String(), func(ctx context.Context) (remover, error) {
		switch d.Service {
		case "sqs":
			return a.makeQueue(ctx, d.Region, name)
		case "sns":
			return a.makeTopic(ctx, d.Region, name)
		case "events":
			return a.makeBus(ctx, d.Region, name)
		case "s3":
			return a.makeBucket(ctx, name)
		}
		return nil, nil
	})
	a.destinations.made[d.String()] = err
	return err
}

func (a *Account) makeQueue(ctx context.Context, region, name string) (remover, error) {
	client := sqs.NewFromConfig(a.config, func(o *sqs.Options) { o.Region = region })
	queue, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return nil, err
	}
	// The API reference of CreateQueue: it can be used after a second. Lambda
	// would refuse it before, and the test would count a call too many.
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	return func(ctx context.Context) error {
		_, err := client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: queue.QueueUrl})
		return err
	}, nil
}

func (a *Account) makeTopic(ctx context.Context, region, name string) (remover, error) {
	client := sns.NewFromConfig(a.config, func(o *sns.Options) { o.Region = region })
	topic, err := client.CreateTopic(ctx, &sns.CreateTopicInput{Name: &name})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := client.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: topic.TopicArn})
		return err
	}, nil
}

func (a *Account) makeBus(ctx context.Context, region, name string) (remover, error) {
	client := eventbridge.NewFromConfig(a.config, func(o *eventbridge.Options) { o.Region = region })
	if _, err := client.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: &name}); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := client.DeleteEventBus(ctx, &eventbridge.DeleteEventBusInput{Name: &name})
		return err
	}, nil
}

// makeBucket makes the bucket in us-east-1, where the tests' functions are, and
// which needs no location constraint.
func (a *Account) makeBucket(ctx context.Context, name string) (remover, error) {
	client := s3.NewFromConfig(a.config, func(o *s3.Options) { o.Region = "us-east-1" })
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		return err
	}, nil
}
