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

# A standard queue: one whose name ends in ".fifo" cannot be a destination.
resource "aws_sqs_queue" "failed" {
  name                      = "orders-failed"
  message_retention_seconds = 1209600 # two weeks, the longest that SQS keeps a message
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

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  destination_config = {
    on_failure = { destination = aws_sqs_queue.failed.arn }
  }

  # Lambda checks the role when it is told of the queue.
  depends_on = [aws_iam_role_policy.failed]
}
