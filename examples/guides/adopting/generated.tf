resource "awslambda_function_event_invoke_config" "all_1" {
  provider = awslambda
  destination_config = {
    on_failure = {
      destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
    }
    on_success = null
  }
  function_name                = "orders-worker"
  maximum_event_age_in_seconds = 3600
  maximum_retry_attempts       = 2
  overwrite_existing           = false
  qualifier                    = "live"
  region                       = "us-east-1"
  timeouts                     = null
}

import {
  to       = awslambda_function_event_invoke_config.all_1
  provider = awslambda
  identity = {
    account_id    = "123456789012"
    function_name = "orders-worker"
    qualifier     = "live"
    region        = "us-east-1"
  }
}
