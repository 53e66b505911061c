# On the emulator of Lambda, which AWS_ENDPOINT_URL_LAMBDA in the environment
# points to, with a function orders-worker that has an alias live.

provider "awslambda" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"
}

variables {
  function_name = "orders-worker"
}

run "the_provider_knows_the_defaults" {
  assert {
    condition     = output.function_arns == { "$LATEST" = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST" }
    error_message = "Not the ARN of $LATEST: ${jsonencode(output.function_arns)}."
  }

  assert {
    condition     = output.settings["$LATEST"].maximum_retry_attempts == 2 && output.settings["$LATEST"].maximum_event_age_in_seconds == 21600
    error_message = "Not Lambda's defaults: ${jsonencode(output.settings)}."
  }

  assert {
    condition     = output.settings["$LATEST"].on_success == null && output.settings["$LATEST"].on_failure == null
    error_message = "A destination that nobody has given: ${jsonencode(output.settings)}."
  }
}

run "each_qualifier_has_its_own" {
  variables {
    function_name = "arn:aws:lambda:us-east-1:123456789012:function:orders-worker"
    qualifiers = {
      "$LATEST" = { maximum_retry_attempts = 0 }
      live = {
        maximum_event_age_in_seconds = 3600
        on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
        on_failure                   = "arn:aws:s3:::orders-failed"
      }
    }
  }

  assert {
    condition     = output.settings["$LATEST"].maximum_retry_attempts == 0 && output.settings["$LATEST"].maximum_event_age_in_seconds == 21600
    error_message = "Not what $LATEST was given: ${jsonencode(output.settings)}."
  }

  assert {
    condition = output.settings["live"] == {
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 3600
      on_success                   = "arn:aws:events:us-east-1:123456789012:event-bus/results"
      on_failure                   = "arn:aws:s3:::orders-failed"
    }
    error_message = "Not what live was given: ${jsonencode(output.settings)}."
  }
}

run "what_is_taken_away_is_back_at_its_default" {
  variables {
    qualifiers = {
      live = { on_failure = "arn:aws:s3:::orders-failed" }
    }
  }

  assert {
    condition     = keys(output.settings) == ["live"] && output.settings["live"].maximum_event_age_in_seconds == 21600 && output.settings["live"].on_success == null
    error_message = "Something stayed: ${jsonencode(output.settings)}."
  }
}
