terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "awslambda" {
  region = "us-east-1"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
  publish       = true
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.orders.arn
  function_version = aws_lambda_function.orders.version
}

resource "aws_sqs_queue" "failed" {
  name = "orders-failed"
}

# The function's execution role. Lambda uses it to send invocation records.
resource "aws_iam_role_policy" "failed" {
  name = "orders-failed"
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(aws_sqs_queue.failed.arn).actions
      Resource = provider::awslambda::destination_permissions(aws_sqs_queue.failed.arn).resources
    }]
  })
}

resource "awslambda_function_event_invoke_config" "live" {
  function_name                = aws_lambda_alias.live.arn
  maximum_event_age_in_seconds = 3600

  destination_config = {
    on_failure = { destination = aws_sqs_queue.failed.arn }
  }

  # Lambda checks the role's permission when the destination is configured.
  depends_on = [aws_iam_role_policy.failed]
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

locals {
  # Without Resource, an alarm covers all versions and aliases of the function.
  live = {
    FunctionName = aws_lambda_function.orders.function_name
    Resource     = "${aws_lambda_function.orders.function_name}:${aws_lambda_alias.live.name}"
  }
}

# Lambda could not send a record to the queue.
resource "aws_cloudwatch_metric_alarm" "delivery_failures" {
  alarm_name          = "orders-worker-delivery-failures"
  namespace           = "AWS/Lambda"
  metric_name         = "DestinationDeliveryFailures"
  dimensions          = local.live
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# Lambda dropped an event. Its record goes to the queue first.
resource "aws_cloudwatch_metric_alarm" "events_dropped" {
  alarm_name          = "orders-worker-events-dropped"
  namespace           = "AWS/Lambda"
  metric_name         = "AsyncEventsDropped"
  dimensions          = local.live
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# Events wait too long for an invocation.
resource "aws_cloudwatch_metric_alarm" "event_age" {
  alarm_name          = "orders-worker-event-age"
  namespace           = "AWS/Lambda"
  metric_name         = "AsyncEventAge"
  dimensions          = local.live
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1800000 # milliseconds: half of maximum_event_age_in_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
