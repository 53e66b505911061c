terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

locals {
  on_failure = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
  needed     = provider::awslambda::destination_permissions(local.on_failure)
}

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
}

data "aws_iam_principal_policy_simulation" "on_failure" {
  policy_source_arn = "arn:aws:iam::123456789012:role/orders-worker"
  action_names      = local.needed.actions
  resource_arns     = local.needed.resources
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = aws_lambda_function.orders.arn

  destination_config = {
    on_failure = { destination = local.on_failure }
  }

  lifecycle {
    precondition {
      condition     = data.aws_iam_principal_policy_simulation.on_failure.all_allowed
      error_message = "The execution role requires ${join(", ", local.needed.actions)} on ${join(", ", local.needed.resources)}."
    }
  }
}
