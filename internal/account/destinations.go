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
// has every destination of a documented kind. Whatever else it is, in another
// account for one, is returned as it is, for Lambda to refuse.
func (a *Account) destination(ctx context.Context, text string) (string, error) {
	d, err := arn.Parse(text)
	if err != nil || d.AccountID != a.played && d.Service != "s3" {
		return text, nil //nolint:nilerr // it stays as it is
	}
	kind := map[string]string{"sqs": "", "sns": "", "s3": "", "events": "event-bus/"}
	prefix, known := kind[d.Service]
	name, ok := strings.CutPrefix(d.Resource, prefix)
	if !known || !ok {
		return text, nil
	}
	name = a.prefix + name
	d.AccountID = strings.ReplaceAll(d.AccountID, a.played, a.id)
	d.Resource = prefix + name
	return d.String(), a.ensure(ctx, d, name)
}

// ensure makes a destination, once in a run. It is everybody's, and so does not
// end with the call that asks for it.
func (a *Account) ensure(ctx context.Context, d arn.ARN, name string) error {
	a.destinations.Lock()
	defer a.destinations.Unlock()
	if a.destinations.made[d.String()] {
		return nil
	}
	err := a.make(context.WithoutCancel(ctx), nil, d.String(), func(ctx context.Context) (remover, error) {
		switch d.Service {
		case "sqs":
			return a.makeQueue(ctx, d.Region, name)
		case "sns":
			return a.makeTopic(ctx, d.Region, name)
		case "events":
			return a.makeBus(ctx, d.Region, name)
		default:
			return a.makeBucket(ctx, name)
		}
	})
	a.destinations.made[d.String()] = err == nil
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
	time.Sleep(time.Second)
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
	_, err := client.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: &name})
	return func(ctx context.Context) error {
		_, err := client.DeleteEventBus(ctx, &eventbridge.DeleteEventBusInput{Name: &name})
		return unlessGone(err)
	}, err
}

// makeBucket makes the bucket in us-east-1, where the tests' functions are, and
// which needs no location constraint.
func (a *Account) makeBucket(ctx context.Context, name string) (remover, error) {
	client := s3.NewFromConfig(a.config, func(o *s3.Options) { o.Region = "us-east-1" })
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name})
	return func(ctx context.Context) error {
		_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
		return unlessGone(err)
	}, err
}
