terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

resource "aws_sqs_queue" "failed" {
  name = "orders-failed"
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  destination_config = {
    on_failure = { destination = aws_sqs_queue.failed.arn }
  }
}
