resource "awslambda_function_event_invoke_config" "this" {
  for_each = var.configs

  function_name = var.function_name
  qualifier     = each.value.qualifier
  region        = var.region

  # The provider applies its default to a null argument.
  maximum_retry_attempts       = each.value.maximum_retry_attempts
  maximum_event_age_in_seconds = each.value.maximum_event_age_in_seconds
  overwrite_existing           = each.value.overwrite_existing
  timeouts                     = var.timeouts

  # A null side has no destination.
  destination_config = {
    on_success = each.value.on_success == null ? null : { destination = each.value.on_success }
    on_failure = each.value.on_failure == null ? null : { destination = each.value.on_failure }
  }
}

locals {
  destinations = distinct(compact(flatten([for config in var.configs : [config.on_success, config.on_failure]])))
}
