resource "awslambda_function_event_invoke_config" "this" {
  for_each = var.qualifiers

  function_name = var.function_name
  qualifier     = each.key
  region        = var.region

  # null is an argument that is left out: the provider knows its default.
  maximum_retry_attempts       = each.value.maximum_retry_attempts
  maximum_event_age_in_seconds = each.value.maximum_event_age_in_seconds

  # A side that is null is no destination.
  destination_config = {
    on_success = each.value.on_success == null ? null : { destination = each.value.on_success }
    on_failure = each.value.on_failure == null ? null : { destination = each.value.on_failure }
  }
}
