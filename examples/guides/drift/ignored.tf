resource "awslambda_function_event_invoke_config" "reports" {
  function_name          = "reports-worker"
  maximum_retry_attempts = 1

  lifecycle {
    # The on-call engineer turns retries off during an incident.
    ignore_changes = [maximum_retry_attempts]
  }
}
