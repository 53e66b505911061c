# Requires an emulator of Lambda at AWS_ENDPOINT_URL_LAMBDA. The emulator has the
# function orders-worker with the alias live.

provider "awslambda" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"
}

variables {
  function_name = "orders-worker"
}

run "applies_the_provider_defaults" {
  assert {
    condition     = output.function_arns == { latest = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST" }
    error_message = "Not the ARN of $LATEST: ${jsonencode(output.function_arns)}."
  }

  assert {
    condition = output.settings["latest"] == {
      qualifier                    = "$LATEST"
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 21600
      on_success                   = null
      on_failure                   = null
    }
    error_message = "Not Lambda's defaults: ${jsonencode(output.settings)}."
  }
}

run "configures_each_qualifier" {
  variables {
    function_name = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker"
    configs = {
      latest = { maximum_retry_attempts = 0 }
      alias = {
        qualifier                    = "live"
        maximum_event_age_in_seconds = 3600
        on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
        on_failure                   = "arn:aws:s3:::orders-failed"
      }
    }
  }

  assert {
    condition     = output.settings["latest"].maximum_retry_attempts == 0 && output.settings["latest"].maximum_event_age_in_seconds == 21600
    error_message = "Wrong settings of $LATEST: ${jsonencode(output.settings)}."
  }

  assert {
    condition = output.settings["alias"] == {
      qualifier                    = "live"
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 3600
      on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
      on_failure                   = "arn:aws:s3:::orders-failed"
    }
    error_message = "Wrong settings of the alias: ${jsonencode(output.settings)}."
  }
}

run "restores_the_defaults_of_removed_values" {
  variables {
    configs = {
      alias = { qualifier = "live", on_failure = "arn:aws:s3:::orders-failed" }
    }
  }

  assert {
    condition     = keys(output.settings) == ["alias"] && output.settings["alias"].maximum_event_age_in_seconds == 21600 && output.settings["alias"].on_success == null
    error_message = "A removed value remains: ${jsonencode(output.settings)}."
  }
}
