# The configuration of an alias that is managed elsewhere.
data "awslambda_function_event_invoke_config" "live" {
  function_name = "orders-worker"
  qualifier     = "live"
}

# The numbers are those in effect, also where they were never set.
output "retries" {
  value = data.awslambda_function_event_invoke_config.live.maximum_retry_attempts
}

# A side without a destination is null.
output "failures_go_to" {
  value = try(data.awslambda_function_event_invoke_config.live.destination_config.on_failure.destination, "nowhere")
}

# A configuration that may be missing.
data "awslambda_function_event_invoke_config" "latest" {
  function_name = "orders-worker"
  required      = false
}

output "latest_is_configured" {
  value = data.awslambda_function_event_invoke_config.latest.exists
}
