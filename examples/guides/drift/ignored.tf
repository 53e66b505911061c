resource "awslambda_function_event_invoke_config" "reports" {
  function_name          = "reports-worker"
  maximum_retry_attempts = 1

  lifecycle {
    # Whoever is on call turns retries off by hand while there is an incident.
    ignore_changes = [maximum_retry_attempts]
  }
}
