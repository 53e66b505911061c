terraform {
  required_providers {
    aws       = { source = "hashicorp/aws", version = ">= 6.25" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "awslambda" {
  region = "us-east-1"
}

resource "aws_sqs_queue" "failed" {
  name = "orders-failed"
}

# The function's execution role. A dead-letter queue requires the permissions of a destination.
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

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
  publish       = true

  durable_config {
    execution_timeout = 86400 # seconds
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.failed.arn
  }

  depends_on = [aws_iam_role_policy.failed]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.orders.arn
  function_version = aws_lambda_function.orders.version
}

resource "awslambda_function_event_invoke_config" "live" {
  function_name                = aws_lambda_alias.live.arn
  maximum_event_age_in_seconds = 3600
}
