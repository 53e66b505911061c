terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

locals {
  on_success = "arn:aws:events:us-east-1:123456789012:event-bus/results"
  on_failure = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
}

resource "aws_iam_role_policy" "destinations" {
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for arn in [local.on_success, local.on_failure] : {
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(arn).actions
      Resource = provider::awslambda::destination_permissions(arn).resources
    }]
  })
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = aws_lambda_function.orders.arn

  destination_config = {
    on_success = { destination = local.on_success }
    on_failure = { destination = local.on_failure }
  }

  # Lambda checks the role's permissions when a destination is configured.
  depends_on = [aws_iam_role_policy.destinations]
}
