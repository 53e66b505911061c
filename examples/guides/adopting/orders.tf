locals {
  orders = {
    "$LATEST" = {
      maximum_retry_attempts = 0
    }
    "live" = {
      maximum_event_age_in_seconds = 3600
      destination_config           = { on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed" } }
    }
  }
}

resource "awslambda_function_event_invoke_config" "orders" {
  for_each = local.orders

  function_name                = "orders-worker"
  qualifier                    = each.key
  maximum_event_age_in_seconds = lookup(each.value, "maximum_event_age_in_seconds", null)
  maximum_retry_attempts       = lookup(each.value, "maximum_retry_attempts", null)
  destination_config           = lookup(each.value, "destination_config", null)
}
