# The configuration of an alias that another state manages.
data "awslambda_function_event_invoke_config" "live" {
  function_name = "orders-worker"
  qualifier     = "live"
}

# A number that was never set has Lambda's default.
output "retries" {
  value = data.awslambda_function_event_invoke_config.live.maximum_retry_attempts
}

# A missing destination is null.
output "failures_go_to" {
  value = try(data.awslambda_function_event_invoke_config.live.destination_config.on_failure.destination, "nowhere")
}

# A configuration that may not exist.
data "awslambda_function_event_invoke_config" "latest" {
  function_name = "orders-worker"
  required      = false
}

output "latest_is_configured" {
  value = data.awslambda_function_event_invoke_config.latest.exists
}
