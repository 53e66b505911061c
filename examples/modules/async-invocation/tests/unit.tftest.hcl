# Checks how the module uses its variables, without Lambda.

mock_provider "awslambda" {}

variables {
  function_name = "orders-worker"
}

run "configures_latest_by_default" {
  # A mock does not apply the provider's defaults, and returns 0 for a number.
  # These values cannot be in mock_provider, for all runs: OpenTofu rejects mocked
  # values of arguments that a configuration sets.
  override_resource {
    target = awslambda_function_event_invoke_config.this
    values = {
      function_arn                 = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST"
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 21600
    }
  }

  assert {
    condition     = keys(awslambda_function_event_invoke_config.this) == ["latest"]
    error_message = "Not $LATEST alone: ${jsonencode(keys(awslambda_function_event_invoke_config.this))}."
  }

  assert {
    condition     = output.function_arns["latest"] == "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST"
    error_message = "Wrong ARN: ${jsonencode(output.function_arns)}."
  }

  assert {
    condition     = output.settings["latest"].maximum_retry_attempts == 2 && output.settings["latest"].maximum_event_age_in_seconds == 21600
    error_message = "The module sets a number itself: ${jsonencode(output.settings)}."
  }

  assert {
    condition     = output.policy_json == null
    error_message = "A policy without destinations: ${jsonencode(output.policy_json)}."
  }
}

run "passes_every_value_on" {
  variables {
    region = "us-east-1"
    configs = {
      alias = {
        qualifier                    = "live"
        maximum_retry_attempts       = 0
        maximum_event_age_in_seconds = 60
        on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
        on_failure                   = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
        overwrite_existing           = true
      }
    }
    timeouts = { create = "10m" }
  }

  assert {
    condition = output.settings == {
      alias = {
        qualifier                    = "live"
        maximum_retry_attempts       = 0
        maximum_event_age_in_seconds = 60
        on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
        on_failure                   = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
      }
    }
    error_message = "Wrong settings: ${jsonencode(output.settings)}."
  }

  assert {
    condition = (
      awslambda_function_event_invoke_config.this["alias"].function_name == "orders-worker" &&
      awslambda_function_event_invoke_config.this["alias"].qualifier == "live" &&
      awslambda_function_event_invoke_config.this["alias"].region == "us-east-1" &&
      awslambda_function_event_invoke_config.this["alias"].overwrite_existing &&
      awslambda_function_event_invoke_config.this["alias"].timeouts.create == "10m" &&
      awslambda_function_event_invoke_config.this["alias"].timeouts.delete == null
    )
    error_message = "Wrong arguments: ${jsonencode(awslambda_function_event_invoke_config.this["alias"])}."
  }

  assert {
    # Literals, since OpenTofu 1.12 panics on a provider function in an assertion.
    condition = jsonencode(jsondecode(output.policy_json).Statement[*].Resource) == jsonencode([
      ["arn:aws:events:us-east-1:123456789012:event-bus/results"],
      ["arn:aws:sqs:us-east-1:123456789012:orders-failed"],
    ])
    error_message = "Wrong policy: ${output.policy_json}."
  }
}

run "a_null_destination_is_no_destination" {
  variables {
    configs = {
      failure = { qualifier = "1", on_success = null, on_failure = "arn:aws:s3:::orders-failed" }
      success = { qualifier = "2", on_success = "arn:aws:sns:us-east-1:123456789012:orders-done" }
    }
  }

  assert {
    condition = (
      awslambda_function_event_invoke_config.this["failure"].destination_config.on_success == null &&
      awslambda_function_event_invoke_config.this["success"].destination_config.on_failure == null
    )
    error_message = "A side without a destination has one."
  }

  assert {
    condition     = output.settings["failure"].on_failure == "arn:aws:s3:::orders-failed" && output.settings["success"].on_success == "arn:aws:sns:us-east-1:123456789012:orders-done"
    error_message = "A destination is missing: ${jsonencode(output.settings)}."
  }
}

run "grants_a_shared_destination_once" {
  variables {
    configs = {
      latest = { on_failure = "arn:aws:s3:::orders-failed" }
      alias  = { qualifier = "live", on_failure = "arn:aws:s3:::orders-failed" }
    }
  }

  assert {
    condition     = length(jsondecode(output.policy_json).Statement) == 1
    error_message = "Not one statement: ${output.policy_json}."
  }
}

run "rejects_a_qualifier_in_function_name" {
  command = plan

  variables {
    function_name = "orders-worker:live"
  }

  expect_failures = [var.function_name]
}
