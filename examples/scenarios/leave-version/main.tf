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

# Removes the version's configuration from state. It stays in Lambda.
removed {
  from = awslambda_function_event_invoke_config.current

  lifecycle {
    destroy = false
  }
}

resource "awslambda_function_event_invoke_config" "live" {
  function_name          = aws_lambda_alias.live.arn
  maximum_retry_attempts = 1
}
