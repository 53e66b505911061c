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

# A rule on this bus finds the records by the source "lambda".
resource "aws_cloudwatch_event_bus" "results" {
  name = "results"
}

# The function's execution role. Lambda uses it to send invocation records.
resource "aws_iam_role_policy" "results" {
  name = "results"
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(aws_cloudwatch_event_bus.results.arn).actions
      Resource = provider::awslambda::destination_permissions(aws_cloudwatch_event_bus.results.arn).resources
    }]
  })
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  destination_config = {
    on_success = { destination = aws_cloudwatch_event_bus.results.arn }
    on_failure = { destination = aws_cloudwatch_event_bus.results.arn }
  }

  # Lambda checks the role when it is told of the bus.
  depends_on = [aws_iam_role_policy.results]
}
