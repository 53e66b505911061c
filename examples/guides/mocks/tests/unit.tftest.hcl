mock_provider "awslambda" {}

mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:123456789012:mocked"
    }
  }
}

run "failed_events_go_to_the_queue" {
  assert {
    condition     = awslambda_function_event_invoke_config.orders.destination_config.on_failure.destination == aws_sqs_queue.failed.arn
    error_message = "The on-failure destination is not the queue."
  }
}
