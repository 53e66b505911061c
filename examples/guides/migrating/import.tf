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

# Removes the resource from state without a call to Lambda.
removed {
  from = aws_lambda_function_event_invoke_config.orders

  lifecycle {
    destroy = false
  }
}

import {
  to = awslambda_function_event_invoke_config.orders
  id = "orders-worker"
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name          = "orders-worker"
  maximum_retry_attempts = 1

  destination_config = {
    on_failure = {
      destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
  }
}

removed {
  from = aws_lambda_function_event_invoke_config.live

  lifecycle {
    destroy = false
  }
}

import {
  to = awslambda_function_event_invoke_config.live
  id = "orders-worker:live"
}

resource "awslambda_function_event_invoke_config" "live" {
  function_name                = "orders-worker"
  qualifier                    = "live"
  maximum_event_age_in_seconds = 3600

  destination_config = {
    on_success = {
      destination = "arn:aws:events:us-east-1:123456789012:event-bus/results"
    }
    on_failure = {
      destination = "arn:aws:s3:::orders-failed"
    }
  }
}
