# Without Lambda: what the module makes of its variables.

mock_provider "awslambda" {}

variables {
  function_name = "orders-worker"
}

run "configures_latest_by_default" {
  # A mock does not know the provider's defaults, and answers 0 for a number.
  # (Not in mock_provider, for every run: OpenTofu refuses values for what a
  # configuration sets.)
  override_resource {
    target = awslambda_function_event_invoke_config.this
    values = {
      function_arn                 = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST"
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 21600
    }
  }

  assert {
    condition     = keys(awslambda_function_event_invoke_config.this) == ["$LATEST"]
    error_message = "Not $LATEST alone: ${jsonencode(keys(awslambda_function_event_invoke_config.this))}."
  }

  assert {
    condition     = output.function_arns["$LATEST"] == "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST"
    error_message = "Not the ARN: ${jsonencode(output.function_arns)}."
  }

  assert {
    condition     = output.settings["$LATEST"].maximum_retry_attempts == 2 && output.settings["$LATEST"].maximum_event_age_in_seconds == 21600
    error_message = "The numbers are not left to the provider: ${jsonencode(output.settings)}."
  }
}

run "passes_everything_on" {
  variables {
    region = "us-east-1"
    qualifiers = {
      live = {
        maximum_retry_attempts       = 0
        maximum_event_age_in_seconds = 60
        on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
        on_failure                   = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
      }
    }
  }

  assert {
    condition = output.settings == {
      live = {
        maximum_retry_attempts       = 0
        maximum_event_age_in_seconds = 60
        on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
        on_failure                   = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
      }
    }
    error_message = "Something got lost: ${jsonencode(output.settings)}."
  }

  assert {
    condition = (
      awslambda_function_event_invoke_config.this["live"].function_name == "orders-worker" &&
      awslambda_function_event_invoke_config.this["live"].qualifier == "live" &&
      awslambda_function_event_invoke_config.this["live"].region == "us-east-1"
    )
    error_message = "Another configuration is meant."
  }
}

run "a_destination_that_is_null_is_none" {
  variables {
    qualifiers = {
      "1" = { on_success = null, on_failure = "arn:aws:s3:::orders-failed" }
      "2" = { on_success = "arn:aws:sns:us-east-1:123456789012:orders-done" }
    }
  }

  assert {
    condition = (
      awslambda_function_event_invoke_config.this["1"].destination_config.on_success == null &&
      awslambda_function_event_invoke_config.this["2"].destination_config.on_failure == null
    )
    error_message = "There is a destination that nobody has given."
  }

  assert {
    condition     = output.settings["1"].on_failure == "arn:aws:s3:::orders-failed" && output.settings["2"].on_success == "arn:aws:sns:us-east-1:123456789012:orders-done"
    error_message = "A destination got lost: ${jsonencode(output.settings)}."
  }
}

run "refuses_a_qualifier_inside_the_name" {
  command = plan

  variables {
    function_name = "orders-worker:live"
  }

  expect_failures = [var.function_name]
}
